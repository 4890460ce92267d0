"""The log of refreshes in words."""

from __future__ import annotations

from pathlib import Path

from forecasting.data.change_log import CHANGES_FILE, LoggedChange, log_with, read_changes
from forecasting.reporting.refresh_log import RefreshLog, refresh_log
from tests.vintage import shipped

TABLE = LoggedChange("2026-11-29", "2026-02", "table", "ai_models", "21", "5", "0")
FIGURE = LoggedChange(
    "2026-11-29",
    "2026-02",
    "figure",
    "What binds first",
    before="text binds from 2028 (80% range 2026 to never)",
    after="text binds from 2029 (80% range 2026 to never)",
    by="ai_models; ml_chips",
)
RANGE_ALONE = LoggedChange(
    "2026-11-29",
    "2026-02",
    "figure",
    "Public text",
    before="2028 (2026–2032)",
    after="2028 (2026–2033)",
)


def test_two_lines_name_the_figures_that_moved_and_the_tables_that_moved_them() -> None:
    assert RefreshLog((TABLE, FIGURE, RANGE_ALONE)).lines == (
        "Since 2026-02: what binds first: text binds from 2028 → text binds from 2029"
        " (new AI models, ML chips).",
        "1 table was renewed on 2026-11-29.",
    )


def test_only_the_last_refresh_is_in_the_lines_and_all_are_in_the_table() -> None:
    later = LoggedChange("2026-12-06", "2026-11", "table", "ml_chips", "2", "0", "0")
    log = RefreshLog((TABLE, FIGURE, later))
    assert log.lines == ("1 table was renewed on 2026-12-06; no headline figure moved.",)
    assert log.table["day"].tolist() == ["2026-12-06", "2026-11-29", "2026-11-29"]
    assert log.table["change"].tolist()[:2] == ["rows: 2 added", "rows: 21 added, 5 changed"]
    assert RefreshLog(()).lines == ()


def test_the_log_only_grows_and_an_unreadable_one_is_none(tmp_path: Path) -> None:
    assert read_changes(tmp_path) == ()
    (tmp_path / CHANGES_FILE).write_bytes(log_with(tmp_path, [TABLE]))
    first = (tmp_path / CHANGES_FILE).read_bytes()
    (tmp_path / CHANGES_FILE).write_bytes(log_with(tmp_path, [FIGURE, RANGE_ALONE]))
    assert (tmp_path / CHANGES_FILE).read_bytes().startswith(first)
    assert read_changes(tmp_path) == (TABLE, FIGURE, RANGE_ALONE)
    (tmp_path / CHANGES_FILE).write_bytes(b"\xff\xfe,\n")
    assert read_changes(tmp_path) == ()


def test_the_product_says_what_moved_since_the_tables_of_february() -> None:
    log = refresh_log(shipped())
    assert log.lines[0].startswith("Since 2026-")
    assert {"ai_models", "ml_chips", "arc_agi_scores", "us_consumer_prices"} <= {
        each.name for each in log.changes if each.kind == "table"
    }
