"""How a page is shown, apart from what it computes: bands, log axes, image format. Travels in the
link beside the scenario.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

BAND_LEVELS = {"50": 0.5, "80": 0.8, "95": 0.95}
BandChoice = Literal["50", "80", "95"]


class Display(BaseModel):
    """What the display bar of every page sets. A page adds its own fields in a subclass."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, str_max_length=200)

    bands: tuple[BandChoice, ...] = Field(("80",), max_length=3, description="Bands")
    log: bool = Field(True, description="Log axis")
    image: Literal["svg", "png"] = Field("svg", description="Chart as image")

    @property
    def levels(self) -> tuple[float, ...]:
        """Band levels as shares, widest first, so that narrower bands are drawn on top."""
        return tuple(sorted({BAND_LEVELS[band] for band in self.bands}, reverse=True))


class CostDisplay(Display):
    """How the page Cost of compute is shown: which section, and what its bands are for."""

    view: Literal["model", "price", "claim"] = Field("model", description="Section")
    interval: Literal["trend", "observation"] = Field("observation", description="Bands are for")


class InferenceDisplay(Display):
    """How the page Train or infer is shown: which section, and which part of it."""

    view: Literal["axes", "tries", "serve", "person"] = Field("axes", description="Section")
    tries_part: Literal["coverage", "selection", "steps", "sizes", "swe_bench"] = Field(
        "coverage", description="Part"
    )
    person_part: Literal["parity", "scores"] = Field("parity", description="Part")
    serve_shows: Literal["params", "tokens", "train_share", "saving"] = Field(
        "params", description="Over requests a day"
    )
    parity_shows: Literal["costs", "date", "prices"] = Field("costs", description="Show")


class ScalingDisplay(Display):
    """How the page Scaling laws is shown: which section, and what its bands are for."""

    view: Literal["architectures", "compute", "surface", "kaplan", "sets"] = Field(
        "architectures", description="Section"
    )
    band_kind: Literal["curve", "run"] = Field("curve", description="Bands are for")


class RunsDisplay(Display):
    """How the page Your runs is shown: which section."""

    view: Literal["law", "residuals", "published", "next"] = Field("law", description="Section")


class TextDisplay(Display):
    """How the page Running out of text is shown: which section."""

    view: Literal["date", "chance", "drivers", "wall", "corpus"] = Field(
        "date", description="Section"
    )


class PlanDisplay(Display):
    """How the page Plan is shown: which section, and which of its charts."""

    view: Literal["plan", "goal", "matters", "ladder", "cluster", "back"] = Field(
        "plan", description="Section"
    )
    shown: Literal["split", "size", "limits"] = Field("split", description="Chart")
    need: Literal["text", "power", "chips", "money"] = Field("text", description="Need")
    outcome: Literal["inference_share", "score_oom", "params", "tokens"] = Field(
        "inference_share", description="Effect on"
    )
    cluster_in: Literal["chips", "power"] = Field("chips", description="Largest runs by")
    cutoff: Literal["2020", "2022", "2024"] = Field("2020", description="Plan as of")


class DataDisplay(Display):
    """How the page Data and methods is shown: which section."""

    view: Literal["tables", "methods", "cite"] = Field("tables", description="Section")


class TrackRecordDisplay(Display):
    """How the page Track record is shown: which section, and whether the peers from statsmodels are
    judged too.
    """

    view: Literal["then", "horizon", "all", "laws"] = Field("then", description="Section")
    peers: bool = Field(False, description="Also ETS and local linear trend")
