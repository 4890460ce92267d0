"""A public function says of each parameter what it is, in the Parameters section of its docstring.

Two parameters or fewer may do with prose.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAX_WITHOUT = 2
SECTION = re.compile(r"^Parameters\n-+\n((?:.*\n?)*?)(?=\n\w+\n-+\n|\Z)", re.MULTILINE)
ENTRY = re.compile(r"^(\*{0,2}\w+(?:, \w+)*) : \S.*\n(?: {4,}\S.*(?:\n|\Z))+", re.MULTILINE)


def functions(tree: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef]:
    """The public functions of a module, and the public methods of its public classes."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from functions(node)
        elif (
            isinstance(node, ast.FunctionDef)
            and not node.name.startswith("_")
            # An overload is a signature of the function that follows.
            and not any(ast.unparse(each) == "overload" for each in node.decorator_list)
        ):
            yield node


def parameters(function: ast.FunctionDef) -> list[str]:
    """What a function takes, in order, as its docstring writes it."""
    a = function.args
    named = [*a.posonlyargs, *a.args, *a.kwonlyargs]
    names = [arg.arg for arg in named if arg.arg not in ("self", "cls")]
    if a.vararg:
        names.append(f"*{a.vararg.arg}")
    if a.kwarg:
        names.append(f"**{a.kwarg.arg}")
    return names


def documented(function: ast.FunctionDef) -> list[str] | None:
    """The parameters of which the Parameters section says what they are; None: no section.

    Lines that are no entry, such as a name without a type or a word on it, count by their text.
    """
    found = SECTION.search(inspect.cleandoc(ast.get_docstring(function) or ""))
    if found is None:
        return None
    text = found[1].rstrip("\n")
    names = [name for entry in ENTRY.finditer(text) for name in entry[1].split(", ")]
    return names + [line for line in ENTRY.sub("", text).split("\n") if line]


def faults(function: ast.FunctionDef) -> str:
    """What is wrong with the section; “” for a right one, or none where none is needed."""
    takes, says = parameters(function), documented(function)
    if says is None:
        return "no Parameters section" if len(takes) > MAX_WITHOUT else ""
    if says == takes:
        return ""
    return f"takes {', '.join(takes)}; the section has {', '.join(says)}"


def of(docstring: str, signature: str = "first, second, *, third") -> str:
    """The faults of a function with this docstring."""
    [node] = ast.parse(f'def function({signature}):\n    """{docstring}\n    """').body
    assert isinstance(node, ast.FunctionDef)
    return faults(node)


def test_every_parameter_of_a_function_with_several_is_documented() -> None:
    checked, wrong = 0, []
    for path in sorted((ROOT / "forecasting").rglob("*.py")):
        for function in functions(ast.parse(path.read_text(encoding="utf-8"))):
            checked += len(parameters(function)) > MAX_WITHOUT
            if fault := faults(function):
                where = f"{path.relative_to(ROOT)}:{function.lineno} {function.name}"
                wrong.append(f"{where}: {fault}")
    assert checked > 100
    assert wrong == []


def test_a_section_that_lacks_or_outlives_a_parameter_is_found() -> None:
    entry = "    {} : float\n        In USD.\n"
    full = "What.\n\n    Parameters\n    ----------\n" + "".join(
        entry.format(name) for name in ("first, second", "third")
    )
    assert of(full) == ""
    assert of(full + "\n    Raises\n    ------\n    InputError\n        For others.") == ""
    assert of("What.") == "no Parameters section"
    assert of("What.", "first, second") == ""
    assert "the section has first, second, third" in of(full, "first, second, third, fourth")
    assert "takes first, second;" in of(full, "first, second")
    assert of(full.replace("third : float", "third")) != ""
    assert of(full.replace("        In USD.\n", "")) != ""
