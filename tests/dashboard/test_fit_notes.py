"""What can be done on a click about a warning of a fit: single runs left out and taken back, one
group fitted alone.
"""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import forecasting as fc
from dashboard.pages.runs.fit_notes import as_read
from forecasting.laws.published_laws import published_law
from tests.dashboard.harness import text_of
from tests.dashboard.runs_page import FIXTURES, drop, uploaded

SIZES = (7e7, 1.6e8, 4.1e8, 1e9, 2.8e9)
RATIOS = (5, 11, 27, 61, 140)


def table(bad: dict[int, float]) -> bytes:
    """25 runs of the published law; those in the rows `bad` lie off it by a factor."""
    law, rng = published_law().law, np.random.default_rng(0)
    rows = ["params,tokens,loss"]
    for size in SIZES:
        for ratio in RATIOS:
            loss = law.loss(size, ratio * size) * np.exp(rng.normal(0, 0.002))
            rows.append(f"{size:.0f},{ratio * size:.0f},{loss * bad.get(len(rows) + 1, 1):.5f}")
    return "\n".join(rows).encode()


def test_a_run_far_off_the_law_is_named_by_its_row_left_out_and_taken_back() -> None:
    test = uploaded(("runs.csv", table({9: 0.8})))
    assert not test.exception
    assert "1 run lies more than 6% off the law (20% below" in text_of(test)
    assert "Far off the law: row 9" in text_of(test)
    test.button(key="runs.leave-out.outliers").click().run()
    assert not test.exception
    assert "Your 24 runs" in text_of(test)
    assert "Left out by you: row 9" in text_of(test)
    assert "off the law" not in text_of(test)
    test.button(key="runs.take-back").click().run()
    assert "Your 25 runs" in text_of(test)
    test.button(key="runs.undo").click().run()
    assert "Your 24 runs" in text_of(test)


def test_runs_left_out_one_after_the_other_keep_their_rows_of_the_file() -> None:
    # Rows 12 and 17 are short and high, as runs are that were stopped early; row 16 lies low.
    test = uploaded(("runs.csv", table({12: 1.25, 16: 0.85, 17: 1.25})))
    assert "Stopped early? row 12, row 17" in text_of(test)
    test.button(key="runs.leave-out.cut_before_decay").click().run()
    assert "Far off the law: row 16" in text_of(test)
    test.button(key="runs.leave-out.outliers").click().run()
    assert not test.exception
    assert "Left out by you: row 12, row 16, row 17" in text_of(test)
    runs = test.session_state["own:data"].runs
    assert len(runs) == 22
    assert not {"row 12", "row 16", "row 17"} & set(runs.places)


def test_what_is_left_out_is_shared_and_counted_as_left_out() -> None:
    test = uploaded(("runs.csv", table({9: 0.8})))
    test.button(key="runs.leave-out.outliers").click().run()
    assert test.session_state["own:data"].runs.steps[-1].why == "Left out by you: row 9."
    drop(test, ("runs.csv", table({})))
    assert "Your 25 runs" in text_of(test)
    assert "Left out by you" not in text_of(test)


def test_each_of_two_groups_can_be_fitted_alone_on_a_click() -> None:
    test = uploaded("cases/two_groups.csv")
    groups = fc.read_runs(FIXTURES / "cases" / "two_groups.csv").table["group"].unique()
    labels = {button.label.replace("\\", "") for button in test.button}
    assert {f"Fit {group} alone" for group in groups} <= labels
    test.button(key="runs.fit-group.2").click().run()
    assert not test.exception
    assert "Fit one group at a time" not in text_of(test)
    assert next(box for box in test.selectbox if box.label == "Group").value == 2


@given(st.sets(st.integers(0, 40), max_size=20), st.data())
def test_runs_counted_without_those_left_out_are_found_among_all(
    gone: set[int], data: st.DataObject
) -> None:
    kept = [run for run in range(60) if run not in gone]
    chosen = data.draw(st.lists(st.integers(0, len(kept) - 1), unique=True))
    assert as_read(chosen, frozenset(gone)) == {kept[run] for run in chosen}
