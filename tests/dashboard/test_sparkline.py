"""The small charts of the Overview."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from dashboard.charts.sparkline import HEIGHT, WIDTH, sparkline
from forecasting.reporting.law_summaries import Axis, LawSummary
from forecasting.scaling.scaling_scenario import ScalingScenario
from forecasting.stats.bands import Bands

SVG = "{http://www.w3.org/2000/svg}"
YEARS = np.arange(2020.0, 2031.0)
SUMMARY = LawSummary(
    name="A law",
    about="Every year",
    words="2×",
    range_words="likely 1×–3× (80%)",
    curve=Bands(YEARS, np.outer(np.linspace(0.5, 2.0, 7), 2.0 ** (YEARS - 2020))),
    x=Axis("Year", "{:.0f}".format),
    y=Axis("FLOP <per> $", "{:.3g}".format, is_log=True),
    scenario=ScalingScenario(),
    points=(np.array([2019.0, 2021.0, 2024.5]), np.array([1.0, 2.0, 22.0])),
    observed_until=2024.5,
)


def drawn(summary: LawSummary) -> ElementTree.Element:
    return ElementTree.fromstring(
        sparkline(summary, 'A "law" & more').replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ', 1)
    )


def test_it_names_axes_with_their_units_and_ends() -> None:
    words = [text.text for text in drawn(SUMMARY).iter(f"{SVG}text")]
    assert words == ["FLOP <per> $", "1.79e+03", "0.75", "2020", "2030", "Year"]


def test_it_says_in_words_what_it_shows() -> None:
    picture = drawn(SUMMARY)
    assert picture.get("role") == "img"
    assert picture.get("aria-label") == 'A "law" & more'


def test_points_on_the_axis_are_drawn_and_all_stays_inside() -> None:
    picture = drawn(SUMMARY)
    assert len(list(picture.iter(f"{SVG}circle"))) == 2
    for path in picture.iter(f"{SVG}path"):
        pairs = re.findall(r"(-?[\d.]+),(-?[\d.]+)", path.get("d", ""))
        assert all(0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT for x, y in pairs)


@pytest.mark.parametrize(
    ("until", "dashed", "solid"), [(2024.5, 1, 1), (2030.0, 0, 1), (-np.inf, 1, 0)]
)
def test_what_is_measured_is_solid_and_what_is_not_dashed(
    until: float, dashed: int, solid: int
) -> None:
    lines = [
        path
        for path in drawn(replace(SUMMARY, observed_until=until)).iter(f"{SVG}path")
        if path.get("stroke-width") == "2"
    ]
    assert sum("stroke-dasharray" in path.attrib for path in lines) == dashed
    assert sum("stroke-dasharray" not in path.attrib for path in lines) == solid
