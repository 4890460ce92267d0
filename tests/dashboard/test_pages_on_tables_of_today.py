"""Every section of every page opens from a link, answers, has numbers and draws, on the tables
that the product ships.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from dashboard.charts.figure import Figure
from dashboard.export.exports import page_export
from dashboard.links import open_link
from dashboard.pages.declaration import Page, Section
from dashboard.ui import layout
from tests.dashboard.figures import checked, nulls
from tests.dashboard.harness import SECTIONS, page_alone, text_of
from tests.dashboard.test_every_page import query_of
from tests.vintage import shipped


def has_points(chart: go.Figure) -> bool:
    """Whether some trace has a value that can be drawn, in any of its axes' names."""
    for trace in chart.data:
        for axis in ("y", "z", "x"):
            values = getattr(trace, axis, None)
            if values is not None and np.isfinite(np.asarray(values, dtype=np.float64)).any():
                return True
    return False


@pytest.mark.parametrize(("page", "section"), SECTIONS)
def test_every_section_answers_and_draws(
    monkeypatch: pytest.MonkeyPatch, page: Page, section: Section
) -> None:
    query = query_of(page, section)
    opened = open_link(list(query.items()), page.scenario, page.display, shipped())
    assert not opened.warnings
    shown = page_export(
        page, opened.scenario, opened.display, shipped(), base="http://here", query=""
    )
    assert shown.answer
    assert "nan" not in shown.answer.lower().split()
    assert len(shown.table) > 0

    drawn: list[Figure] = []
    draw = layout.chart

    def drawing(state: Any, figure: Figure, **words: Any) -> None:
        drawn.append(figure)
        draw(state, figure, **words)

    monkeypatch.setattr(layout, "chart", drawing)
    test = page_alone(page.name, query, shipped())
    assert not test.exception
    assert not test.error
    assert test.title[0].value == page.title
    assert test.info
    assert text_of(test).count("Data to ") == (1 if section.sources else 0)
    assert bool(drawn) == bool(section.figure)
    assert all(has_points(checked(figure)) for figure in drawn)
    assert [path for figure in drawn for path in nulls(figure.layout)] == []
