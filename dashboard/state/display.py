"""How a page is shown, apart from what it computes: bands, log axes, image format. Travels in the
link beside the scenario.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

BAND_LEVELS = {"50": 0.5, "80": 0.8, "95": 0.95}
BandChoice = Literal["50", "80", "95"]


class Display(BaseModel):
    """What the display bar of every page sets. A page adds its own fields in a subclass."""

    #: As in a scenario: what defaults were up to a version of the page's scenario.
    PREVIOUS_DEFAULTS: ClassVar[Mapping[int, Mapping[str, Any]]] = {}

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, str_max_length=200)

    bands: tuple[BandChoice, ...] = Field(("80",), max_length=3, description="Bands")
    log: bool = Field(True, description="Log axis")
    image: Literal["svg", "png"] = Field("svg", description="Chart as image")

    @classmethod
    def defaults(cls, version: int, current: int) -> dict[str, Any]:
        """The defaults by field name, as they were in `version` of a page that has reached version
        `current`.
        """
        values = {name: info.get_default() for name, info in cls.model_fields.items()}
        for older in range(current - 1, version - 1, -1):
            values.update(cls.PREVIOUS_DEFAULTS.get(older, {}))
        return values

    @property
    def levels(self) -> tuple[float, ...]:
        """Band levels as shares, widest first, so that narrower bands are drawn on top."""
        return tuple(sorted({BAND_LEVELS[band] for band in self.bands}, reverse=True))
