"""The chart of a first paint: the picture's own drawing, in the colours of both themes."""

from __future__ import annotations

import re

import pytest

from dashboard.export.static.chart import drawn
from dashboard.export.static.svg import svg_of
from dashboard.first_paint.chart_svg import WIDTHS, inline_chart
from dashboard.pages.declaration import Page, Section
from tests.dashboard.section_figures import CHARTED, figure_of

#: One section of each kind of mark; the others are drawn by the same code.
TRIED = [each for each in CHARTED if each.id in ("cost-model", "scaling-surface", "plan-plan")]


@pytest.mark.parametrize(("page", "section"), TRIED)
@pytest.mark.parametrize(("at", "theme"), [(0, "light"), (1, "dark")])
def test_with_its_colours_put_in_it_is_the_picture_of_each_theme(
    page: Page, section: Section, at: int, theme: str
) -> None:
    figure = figure_of(page, section)
    chart = inline_chart(figure, about="What it says.")
    assert chart.height == figure.layout["height"]
    assert chart.colours
    for name, width in WIDTHS.items():
        put_in = re.sub(
            r"var\((--chart-\d+)\)",
            lambda found: chart.colours[found.group(1)][at],
            chart.svg[name],
        )
        assert put_in == svg_of(drawn(figure, width, theme), about="What it says.")  # type: ignore[arg-type]
