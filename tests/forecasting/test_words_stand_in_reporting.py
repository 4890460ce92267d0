"""The engine computes, `reporting` writes: no sentences for readers elsewhere, and no pages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from dashboard.pages.registry import PAGES

ROOT = Path(__file__).parents[2] / "forecasting"
MODULES = sorted(
    path.relative_to(ROOT) for path in ROOT.rglob("*.py") if "reporting" not in path.parts
)
#: What reads files and checks inputs says what is wrong with them; the rest of the engine computes.
READING = ("data", "ingest", "refreshing", "errors", "validation", "parsing")
#: Calls, functions and classes that describe an input or what was published, or refuse an input.
DESCRIPTIONS = re.compile(
    r"quantity|RangeBounds|Preset|Published\w+|Doubtful\w+|require_\w+|\w*Error"
)
MIN_WORDS = 6
SENTENCE = re.compile(r"[.?!]$|[.?!] [A-Z]")
TITLES = "|".join(page.title for page in PAGES.values() if page.title.count(" ") > 1)
PAGE = re.compile(
    rf"\b(?-i:{TITLES})\b|\b(this|that|the|each|every|other|several|forecast|cost) pages?\b"
    r"|\b(dashboard|sidebar|button|widget)s?\b",
    re.IGNORECASE,
)


def described(tree: ast.AST) -> Iterator[ast.AST]:
    """What describes or refuses an input: such calls, and what the module defines under a name
    that they use.
    """
    names = set()
    for node in ast.walk(tree):
        name = str(getattr(node, "name", ""))
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
        if isinstance(node, ast.Raise) or DESCRIPTIONS.fullmatch(name):
            names |= {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
            yield node
    for node in ast.walk(tree):
        defined = {node.name} if isinstance(node, ast.FunctionDef) else set()
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            defined = {target.id for target in targets if isinstance(target, ast.Name)}
        if defined & names:
            yield node


def written(source: str) -> Iterator[str]:
    """The strings of a module, docstrings and descriptions left out, “…” for what is filled in."""
    tree = ast.parse(source)
    left_out = {id(inner) for node in described(tree) for inner in ast.walk(node)}
    for node in ast.walk(tree):  # outer nodes come first
        if id(node) in left_out:
            continue
        if isinstance(node, ast.Expr):
            left_out.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            left_out |= {id(inner) for inner in ast.walk(node)}
            parts = [part.value if isinstance(part, ast.Constant) else "…" for part in node.values]
            yield "".join(map(str, parts))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def sentences(source: str) -> list[str]:
    """The sentences that a module writes for readers."""
    return [
        text
        for text in written(source)
        if len(re.findall(r"\w+|…", text)) >= MIN_WORDS and SENTENCE.search(text.strip())
    ]


def pages(source: str) -> list[str]:
    """Where a module names a page or a part of one, in code, comments or docstrings."""
    text = re.sub(r"\s*\n\s*(#:? )?", " ", source)
    return [text[max(found.start() - 40, 0) : found.end() + 20] for found in PAGE.finditer(text)]


def test_modules_that_compute_write_no_sentences() -> None:
    computing = [path for path in MODULES if path.parts[0].removesuffix(".py") not in READING]
    found = {str(path): sentences((ROOT / path).read_text()) for path in computing}
    assert {path: texts for path, texts in found.items() if texts} == {}


def test_the_engine_names_no_page() -> None:
    found = {str(path): pages((ROOT / path).read_text()) for path in MODULES}
    assert {path: texts for path, texts in found.items() if texts} == {}


def test_sentences_are_found_and_remedies_and_docstrings_are_not_taken_for_them() -> None:
    code = '''
REMEDY = "Write five numbers, such as 1 and 2 and 3."
def f(n):
    """A docstring of some words, which is no result."""
    if n < 0:
        raise InputError("n", n, REMEDY)
    return f"Only {n} of these runs end at the best fit."
'''
    assert sentences(code) == ["Only … of these runs end at the best fit."]


def test_pages_are_found_and_pages_of_the_web_are_not_taken_for_them() -> None:
    assert pages("# of the fit, as this\n# page shows") == ["# of the fit, as this page shows"]
    assert pages("see Cost of compute")
    assert not pages("the number of pages")
