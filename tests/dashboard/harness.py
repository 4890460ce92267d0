"""What the tests of all pages share: opening a page in Streamlit's own test harness, and reading
what it says.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.pages.registry import PAGES
from dashboard.state import own_data
from forecasting.context import Context
from forecasting.data.dataset import DataSet

ROOT = Path(__file__).parents[2]
#: Every page with each of its sections; those whose forecast takes seconds are left to soak.
SECTIONS = [
    pytest.param(
        page,
        section,
        id=f"{page.name}-{section.name}",
        marks=[pytest.mark.soak] if section.is_slow else [],
    )
    for page in PAGES.values()
    for section in page.sections
]
#: The same, of which `make test` takes the first section of each page, and soak all.
SECTION_OF_EACH_PAGE = [
    pytest.param(
        page,
        section,
        id=f"{page.name}-{section.name}",
        marks=[pytest.mark.soak] if section.is_slow or section is not page.sections[0] else [],
    )
    for page in PAGES.values()
    for section in page.sections
]
APP = str(ROOT / "app.py")


def words_on(chart: go.Figure) -> str:
    """What is written on a chart beside its axes."""
    return " ".join(str(annotation.text) for annotation in chart.layout.annotations)


def opened(query: dict[str, str] | None = None) -> AppTest:
    """The dashboard with a query, which opens at its first page."""
    return _run(AppTest.from_file(APP, default_timeout=300), query)


def page_alone(
    page: str,
    query: dict[str, str] | None = None,
    tables: DataSet | None = None,
    own: own_data.OwnData | None = None,
) -> AppTest:
    """The page of that name on its own, with a query, on other tables than those in use or in a
    session that holds data of a user's own.
    """
    test = AppTest.from_function(_show, default_timeout=300, args=(page,))
    if tables is not None:
        own = own_data.OwnData(context=Context(tables))
    if own is not None:
        test.session_state[own_data.KEY] = own
    return _run(test, query)


def script_alone(path: str, query: dict[str, str] | None = None) -> AppTest:
    """A script of the tests as if it were a page, with a query."""
    return _run(AppTest.from_file(str(ROOT / path), default_timeout=300), query)


def _show(name: str) -> None:
    # AppTest runs the source of this function alone.
    from dashboard.pages.registry import PAGES
    from dashboard.pages.run import run

    run(PAGES[name])


def _run(test: AppTest, query: dict[str, str] | None) -> AppTest:
    for name, value in (query or {}).items():
        test.query_params[name] = value
    return test.run()


def presets_of(test: AppTest) -> Any:
    """The choice of presets: a widget of its own each time that its mark changes."""
    return next(group for group in test.button_group if group.label == "Start from")


def tables_of(test: AppTest) -> list[pd.DataFrame]:
    """The plain tables of the page, as they are read."""
    return [each.value.rename(columns=_unescaped).map(_unescaped) for each in test.table]


def _unescaped(words: object) -> str:
    return str(words).replace("\\", "")


def text_of(test: AppTest) -> str:
    """All that the page says in words."""
    kinds = (test.info, test.warning, test.error, test.markdown, test.caption, test.title)
    return " ".join(element.value for kind in kinds for element in kind).replace("\\", "")
