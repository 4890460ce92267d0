"""Methods of this engine with formula, meaning and source, read from the docstrings of the code
that computes them, so that no second copy can drift. Pages take the formulas of laws from there.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Literal

#: A formula in LaTeX, as docstrings hold it: “.. math::” and what follows, to an empty line.
MATH = re.compile(r"^ *\.\. math::\s+(\S.*(?:\n *\S.*)*)\n?", re.MULTILINE)
#: The heading of a section on parameters or errors, which a call needs and a method does not.
SECTION = re.compile(r"^\w+\n-+$", re.MULTILINE)


@dataclass(frozen=True)
class Method:
    """One method: `subject` it belongs to, `title` (the first paragraph of its docstring), the rest
    to its Parameters as `text`, and `where` it is computed.
    """

    subject: str
    title: str
    text: str
    where: str

    @property
    def parts(self) -> Iterator[tuple[Literal["prose", "code", "formula"], str]]:
        """The text in pieces: prose, lines that are indented to stand as they are, and formulas in
        LaTeX.
        """
        for number, piece in enumerate(MATH.split(self.text)):
            if number % 2:
                yield "formula", " ".join(piece.split())
                continue
            lines = piece.split("\n")
            for is_code, group in groupby(lines, key=lambda line: line.startswith("    ")):
                text = "\n".join(line[4:] if is_code else line for line in group).strip("\n")
                if text:
                    yield "code" if is_code else "prose", text


@cache
def documented(subject: str, reference: str) -> Method:
    """The method that a documented object of the engine describes.

    Parameters
    ----------
    subject : str
        What it belongs to, in words.
    reference : str
        “module” for the module's own docstring, or “module:name” for that of one of its public
        names; `name` may be dotted.
    """
    title, _, text = _docstring(reference).partition("\n\n")
    module_name, _, name = reference.partition(":")
    text = SECTION.split(text, maxsplit=1)[0]
    where = module_name.replace(".", "/") + ".py" + (f", {name}" if name else "")
    return Method(subject, " ".join(title.split()), text.strip("\n"), where)


@cache
def formulas(reference: str) -> tuple[str, ...]:
    """The formulas in LaTeX of a documented object; `reference` as in `documented`. Raises
    ValueError where it has none.
    """
    found = tuple(" ".join(text.split()) for text in MATH.findall(_docstring(reference)))
    if not found:
        raise ValueError(f"{reference} has no formula: write one after “.. math::”.")
    return found


def formula(reference: str) -> str:
    """The first formula of a documented object; see `formulas`."""
    return formulas(reference)[0]


def _docstring(reference: str) -> str:
    module_name, _, name = reference.partition(":")
    described: object = importlib.import_module(module_name)
    for part in filter(None, name.split(".")):
        described = getattr(described, part)
    return inspect.getdoc(described) or ""
