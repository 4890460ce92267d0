"""What the last refresh moved stands on the Overview and, whole, on Data and methods."""

from __future__ import annotations

import pytest

from forecasting.reporting.refresh_log import RefreshLog, refresh_log
from tests.dashboard.harness import page_alone, tables_of, text_of
from tests.vintage import shipped


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> RefreshLog:
    """The log of the tables that the product ships, beside those of the vintage."""
    shown = refresh_log(shipped())
    for module in ("overview.figures", "data.catalogue"):
        monkeypatch.setattr(f"dashboard.pages.{module}.refresh_log", lambda _data: shown)
    return shown


def test_the_overview_says_in_two_lines_what_moved(log: RefreshLog) -> None:
    test = page_alone("overview")
    assert not test.exception
    shown = text_of(test)
    assert all(line in shown for line in log.lines)
    assert "[All changes](./data?" in shown


def test_data_and_methods_lists_every_change(log: RefreshLog) -> None:
    test = page_alone("data")
    assert not test.exception
    (shown,) = (table for table in tables_of(test) if "Moved by" in table.columns)
    assert len(shown) == len(log.changes) > 4


@pytest.mark.parametrize("page", ["overview", "data"])
def test_tables_that_were_never_refreshed_say_nothing(page: str) -> None:
    assert "All changes" not in text_of(page_alone(page))
