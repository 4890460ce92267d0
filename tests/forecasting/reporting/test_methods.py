"""Formulas in LaTeX stand in the docstrings of what computes them, and once."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from forecasting.reporting.methods import MATH, Method, documented, formula, formulas

ROOT = Path(__file__).parents[3]
#: What sets equations apart, and what only spaces them.
BETWEEN = re.compile(r",?\\q?quad|\\text\{[^}]*\}")
SPACING = re.compile(r"\\[,;!: ]|\\[bB]ig+(?![a-z])|\\left|\\right|[\s{}]")


def docstrings(tree: ast.AST) -> Iterator[str]:
    """The docstrings of a module and of all that it defines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            yield inspect.cleandoc(ast.get_docstring(node) or "")


def strings(tree: ast.AST) -> Iterator[str]:
    """The strings of a module that are no docstrings and have nothing to fill in."""
    left_out: set[int] = set()
    for node in ast.walk(tree):  # outer nodes come first
        if isinstance(node, ast.JoinedStr):
            left_out |= {id(inner) for inner in ast.walk(node)}
        elif isinstance(node, ast.Expr):
            left_out.add(id(node.value))
        elif isinstance(node, ast.Constant) and id(node) not in left_out:
            yield str(node.value)


def equations(latex: str) -> list[tuple[str, str]]:
    """Left and right side of each equation, without what only spaces them."""
    parts = [SPACING.sub("", part).strip(",").partition("=") for part in BETWEEN.split(latex)]
    return [(left, right) for left, sign, right in parts if sign]


@cache
def trees(folder: str) -> list[ast.AST]:
    """The modules of a folder, parsed."""
    return [ast.parse(path.read_text()) for path in sorted((ROOT / folder).rglob("*.py"))]


@cache
def of_docstrings() -> list[str]:
    """The formulas of the engine's docstrings."""
    return [
        " ".join(found.split())
        for tree in trees("forecasting")
        for text in docstrings(tree)
        for found in MATH.findall(text)
    ]


@cache
def elsewhere() -> list[str]:
    """Strings in LaTeX, on pages and in the engine."""
    return [
        text
        for folder in ("dashboard", "forecasting")
        for tree in trees(folder)
        for text in strings(tree)
        if re.search(r"\\(frac|alpha|beta|quad|mathrm|ln|log)\b|\^\{", text)
    ]


def test_a_formula_is_read_from_the_docstring_of_what_computes_it() -> None:
    law = "forecasting.laws.chinchilla_law:ChinchillaLaw"
    assert formula(law) == r"L(N, D) = E + \frac{A}{N^\alpha} + \frac{B}{D^\beta}, \qquad C = 6ND"
    assert formula(f"{law}.optimal").startswith(r"N^* = G\Big(\frac{C}{6}\Big)^")
    lines, joint = formulas("forecasting.laws.kaplan_law:KaplanLaw")
    assert lines.startswith("L(N) =")
    assert joint.endswith("]^{0.095}")


def test_a_method_is_prose_code_and_formulas_in_the_order_of_its_docstring() -> None:
    text = "Before.\n\n.. math:: a = b +\n    c\n\nAfter:\n\n    f(x)\n\nEnd."
    assert list(Method("", "", text, "").parts) == [
        ("prose", "Before."),
        ("formula", "a = b + c"),
        ("prose", "After:"),
        ("code", "f(x)"),
        ("prose", "End."),
    ]


def test_a_method_ends_where_its_parameters_begin() -> None:
    method = documented("Fits", "forecasting.fitting.scaling_fit:fit_scaling_law")
    assert method.text.startswith("Starts come from variable projection")
    assert method.text.endswith("or clusters of runs.")
    assert documented("Fits", "forecasting.reporting.methods:documented").text == ""


def test_what_has_no_formula_is_named() -> None:
    with pytest.raises(ValueError, match="published_laws has no formula"):
        formulas("forecasting.laws.published_laws")


def test_no_equation_stands_twice() -> None:
    assert len(of_docstrings()) > 12
    assert len(elsewhere()) > 30
    seen: dict[str, str] = {}
    twice = []
    for latex in (*of_docstrings(), *elsewhere()):
        for left, right in equations(latex):
            if len(right) > 5 and right in seen:
                twice.append((f"{left}={right}", seen[right], latex))
            seen[right] = latex
    assert twice == []


def test_no_page_spells_what_a_docstring_defines() -> None:
    defined = {equations(latex)[0][0] for latex in of_docstrings() if equations(latex)}
    assert {"L(N,D)", "N^*", "D'", r"\lnL", r"\varepsilon(x)"} <= defined
    again = [latex for latex in elsewhere() for left, _ in equations(latex) if left in defined]
    assert again == []


def test_copies_are_found_however_they_are_spaced() -> None:
    one, other = r"N^* = G\Big(C/6\Big), \quad D = 2", r"N^{*} = G\,(C/6),\qquad D=2"
    assert equations(one) == equations(other) == [("N^*", "G(C/6)"), ("D", "2")]
