"""What holds of the chart of every section."""

from __future__ import annotations

import re

import pytest

from dashboard.pages.declaration import Page, Section
from tests.dashboard.figures import checked, nulls
from tests.dashboard.section_figures import CHARTED, figure_of, hovered

#: What says the unit of a number, in the title of an axis or at its ticks.
UNIT = re.compile(
    r"USD|FLOP|\bms\b|tokens|parameters|images|chips|tries|steps|requests|H100|MW|nats|log10|years|times"
    r"|share|probability|date|[$%×]",
    re.IGNORECASE,
)
#: A number on hover that is not followed by what it counts, nor part of a name or a date.
BARE_NUMBER = re.compile(r": [−+-]?[\d.,]+( (million|billion|trillion|quadrillion|× 10\S+))?$")
#: Words run together, a plural after one, a count of whole things with a decimal.
MISPRINT = re.compile(
    r"\d(to|and|tokens|parameters|chips)\b|[a-z],[a-z]|  |\bnan\b|\$no |[a-z]_[a-z]"
    r"|(?<![\d.,])(?<!to )1 (tries|chips|requests|steps|years|chains|answers|continuations)\b"
    r"|\d\.0 (chips|tries|requests)"
)


@pytest.mark.parametrize(("page", "section"), CHARTED)
def test_it_is_one_that_plotly_takes_and_its_axes_have_ranges(page: Page, section: Section) -> None:
    figure = figure_of(page, section)
    checked(figure)
    assert not list(nulls(figure.layout))
    axes = [name for name in figure.layout if name[1:5] == "axis"]
    assert {"xaxis", "yaxis"} <= set(axes)
    for name in axes:
        low, high = figure.layout[name]["range"]
        assert low < high
        assert "automargin" in figure.layout[name]


@pytest.mark.parametrize(("page", "section"), CHARTED)
def test_each_axis_says_its_unit(page: Page, section: Section) -> None:
    layout = figure_of(page, section).layout
    for name in (name for name in layout if name[1:5] == "axis"):
        axis = layout[name]
        title = axis.get("title", {}).get("text", "")
        is_of_years = axis.get("tickformat") == "d"
        are_names = not title and (
            axis.get("showticklabels") is False
            or not any(re.fullmatch(r"[\d.,]+", str(tick)) for tick in axis.get("ticktext", ()))
        )
        said = f"{title} {' '.join(str(text) for text in axis.get('ticktext', ()))}"
        assert is_of_years or are_names or UNIT.search(said), (name, said)


@pytest.mark.parametrize(("page", "section"), CHARTED)
def test_what_it_says_on_hover_has_names_units_and_spaces(page: Page, section: Section) -> None:
    for name, text in hovered(figure_of(page, section)):
        assert not MISPRINT.search(text), text
        for line in text.split("<br>"):
            assert not BARE_NUMBER.search(f"{name}: {line}" if line == text else line), text
