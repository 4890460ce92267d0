"""Colours of pictures: those of the pages' two themes (.streamlit/config.toml)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Theme = Literal["light", "dark"]


@dataclass(frozen=True)
class Colours:
    """Ground, text, text that stands back, grid lines, and links."""

    ground: str
    text: str
    muted: str
    grid: str
    link: str


COLOURS: dict[Theme, Colours] = {
    "light": Colours("#ffffff", "#1c2733", "#5b6673", "#d2d4d6", "#1f6fa8"),
    "dark": Colours("#11161c", "#e6ebf0", "#a3adb8", "#3c4046", "#7cc1ee"),
}
