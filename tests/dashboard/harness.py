"""What the tests of all pages share: opening a page in Streamlit's own test harness, and reading
what it says.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]
APP = str(ROOT / "app.py")


def words_on(chart: go.Figure) -> str:
    """What is written on a chart beside its axes."""
    return " ".join(str(annotation.text) for annotation in chart.layout.annotations)


def opened(query: dict[str, str] | None = None) -> AppTest:
    """The dashboard with a query."""
    test = AppTest.from_file(APP, default_timeout=60)
    for name, value in (query or {}).items():
        test.query_params[name] = value
    return test.run()


def page_alone(page: str, query: dict[str, str] | None = None) -> AppTest:
    """One page's file on its own, with a query."""
    test = AppTest.from_file(str(ROOT / page), default_timeout=60)
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
