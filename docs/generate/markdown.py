"""Text of the code as Markdown that shows it letter by letter."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\*_{}\[\]<>#|])")


def prose(text: str) -> str:
    """Sentences with code in backticks."""
    parts = re.split(r"(`[^`\n]+`)", text)
    return "".join(part if part.startswith("`") else _SPECIAL.sub(r"\\\1", part) for part in parts)


def cell(text: str) -> str:
    """Text in a cell of a table."""
    return prose(text).replace("\n", " ")
