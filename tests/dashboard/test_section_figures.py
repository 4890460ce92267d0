"""What holds of the chart of every section."""

from __future__ import annotations

import pytest

from dashboard.pages.declaration import Page, Section
from tests.dashboard.figures import checked, nulls
from tests.dashboard.section_figures import CHARTED, figure_of


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
