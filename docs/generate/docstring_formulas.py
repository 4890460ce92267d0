"""What mkdocstrings calls for each docstring that it reads: formulas in LaTeX become MathML."""

from __future__ import annotations

from typing import Any

from griffe import Extension, Object
from latex2mathml.converter import convert

from forecasting.reporting.methods import MATH


class DocstringFormulas(Extension):
    """Sets the formulas of docstrings, as hooks.py does with those of pages."""

    def on_object(self, *, obj: Object, **_others: Any) -> None:
        """Replace each “.. math::” by its formula."""
        if obj.docstring is not None:
            obj.docstring.value = MATH.sub(
                lambda found: convert(found[1], display="block") + "\n", obj.docstring.value
            )
