"""Methods of this engine with formula, meaning and source, read from the docstrings of the code
that computes them, so that no second copy can drift.
"""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Method:
    """One method: `subject` it belongs to, `title` (the first paragraph of its docstring), the rest
    as `text`, and `where` it is computed.
    """

    subject: str
    title: str
    text: str
    where: str


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
    module_name, _, name = reference.partition(":")
    described: object = importlib.import_module(module_name)
    for part in filter(None, name.split(".")):
        described = getattr(described, part)
    title, _, text = (inspect.getdoc(described) or "").partition("\n\n")
    where = module_name.replace(".", "/") + ".py" + (f", {name}" if name else "")
    return Method(subject, " ".join(title.split()), text.strip("\n"), where)
