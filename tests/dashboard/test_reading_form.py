"""What is shown of a file in doubt before anything is computed from it, how it is corrected, and
how each change is taken back.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

import forecasting as fc
from dashboard.pages.runs import intake as run_intake
from dashboard.pages.runs.column_choices import with_role, with_unit
from dashboard.pages.runs.getting_runs import progress_words
from dashboard.pages.runs.intake import header_change
from dashboard.store import shared_runs
from forecasting.ingest.column_mapping import ROLES, ColumnMapping
from forecasting.ingest.runs import open_runs, read_runs
from tests.dashboard.harness import tables_of, text_of
from tests.dashboard.runs_page import FIXTURES, drop, selected, typed, uploaded

CASES = FIXTURES / "cases"
SWEEP = "cases/sweep_of_learning_rates.csv"


def in_use(test: AppTest) -> fc.ParsedRuns | None:
    runs: fc.ParsedRuns | None = test.session_state["own:data"].runs
    return runs


def test_nothing_is_computed_from_a_file_in_doubt_before_it_is_confirmed() -> None:
    test = uploaded(SWEEP)
    assert not test.exception
    assert "nothing is computed from it" in text_of(test)
    assert "follow L" not in text_of(test)
    assert in_use(test) is None
    test.button(key="runs.confirm").click().run()
    assert not test.exception
    assert "Your 72 runs" in text_of(test)


def test_a_file_without_doubt_goes_straight_through_with_the_screen_folded() -> None:
    test = uploaded("wandb_runs.csv")
    assert "Your 18 runs" in text_of(test)
    assert [each.label for each in test.expander].count("How the file was read") == 1
    assert not any(box.label.startswith("Role of") for box in test.selectbox)


def test_the_screen_shows_each_column_with_cells_and_the_first_rows_as_read() -> None:
    test = uploaded("cases/checkpoints_by_steps.csv")
    assert "54 rows: Checkpoints of runs" in text_of(test)
    first = next(table for table in tables_of(test) if "Parameters" in table)
    assert first["Row"].tolist()[:2] == ["row 11", "row 21"]
    header = open_runs(CASES / "checkpoints_by_steps.csv").sheet.header
    assert {f"Role of {name}" for name in header} <= {box.label for box in test.selectbox}


def test_what_was_found_stays_in_sight_after_an_error() -> None:
    test = uploaded("cases/no_units.csv")
    assert test.error
    assert selected(test, "Role of loss").value == "loss"
    assert selected(test, "Unit of loss").value == "loss"
    selected(test, "Unit of params").set_value("millions").run()
    assert selected(test, "Role of loss").value == "loss"


def test_the_runs_before_stay_while_a_file_waits_and_are_kept_on_a_click() -> None:
    test = uploaded("wandb_runs.csv")
    before = in_use(test)
    drop(test, SWEEP)
    assert in_use(test) is before
    test.button(key="runs.keep").click().run()
    assert not test.exception
    assert "Your 18 runs" in text_of(test)
    assert "72 runs" not in text_of(test)


def test_a_role_is_changed_in_place_and_taken_back() -> None:
    test = uploaded(SWEEP)
    test.button(key="runs.choice.0.0").click().run()
    assert "Your 18 runs" in text_of(test)
    test.button(key="runs.undo").click().run()
    assert "Your 18 runs" not in text_of(test)
    selected(test, "Role of lr").set_value("group").run()
    # Runs of another group are no repeats, so nothing is open any more.
    assert in_use(test).mapping.group == "lr"  # type: ignore[union-attr]
    test.button(key="runs.undo").click().run()
    assert selected(test, "Role of lr").value == ""
    assert not any(button.key == "runs.undo" for button in test.button)


def test_a_column_that_is_put_to_no_use_can_be_undone_after_the_error_that_follows() -> None:
    test = uploaded(SWEEP)
    selected(test, "Role of loss").set_value("").run()
    assert test.error
    assert selected(test, "Role of params").value == "params"
    test.button(key="runs.undo").click().run()
    assert not test.error
    assert selected(test, "Role of loss").value == "loss"


def test_the_next_file_with_the_same_header_is_read_in_the_same_way() -> None:
    test = uploaded("cases/no_units.csv")
    test.button(key="runs.answer.0").click().run()
    assert "Your 18 runs" in text_of(test)
    rows = (CASES / "no_units.csv").read_text().splitlines()
    drop(test, ("next.csv", "\n".join(rows[:-2]).encode()))
    assert not test.exception
    assert "Your 16 runs" in text_of(test)
    assert "as you chose for the previous file with this header" in text_of(test)
    test.button(key="runs.undo").click().run()
    assert test.error


def test_a_header_that_has_changed_is_said() -> None:
    test = uploaded("cases/no_units.csv")
    test.button(key="runs.answer.0").click().run()
    rows = (CASES / "no_units.csv").read_text().splitlines()
    changed = [rows[0] + ",seed", *(row + ",1" for row in rows[1:])]
    drop(test, ("next.csv", "\n".join(changed).encode()))
    assert "“seed” is new" in text_of(test)


def test_a_shared_link_carries_how_columns_are_read() -> None:
    runs = read_runs(
        CASES / "no_units.csv", {"units": {"params": "millions", "tokens": "billions"}}
    )
    parts = shared_runs.packed_table(runs) | shared_runs.packed_reading(runs)
    opened = shared_runs.unpacked_table(parts)
    assert opened is not None
    assert (opened.header, opened.given) == (runs.header, runs.given)
    assert opened.table.equals(runs.table)
    assert shared_runs.packed_reading(replace(runs, given=ColumnMapping())) == {}


def test_a_number_that_is_none_stays_in_its_field_and_says_what_would_be_right() -> None:
    test = uploaded("wandb_chart.csv")
    typed(test, "Tokens per step").set_value("half a million").run()
    assert not test.exception
    assert typed(test, "Tokens per step").value == "half a million"
    assert "Write a number, such as" in text_of(test)


@given(st.sampled_from(["", *ROLES]), st.sampled_from(["params", "tokens", "loss", "lr"]))
def test_a_column_has_the_role_that_was_chosen_and_no_other(role: str, name: str) -> None:
    found, _ = open_runs(CASES / "sweep_of_learning_rates.csv").columns_found()
    mapping = with_role({"measure": "bits"}, found, name, role)
    again, _ = open_runs(CASES / "sweep_of_learning_rates.csv").columns_found(mapping)
    assert [each for each in ROLES if again.column(each) == name] == ([role] if role else [])


def test_a_unit_is_set_beside_those_of_other_columns() -> None:
    mapping: dict[str, Any] = with_unit({"units": {"params": "millions"}}, "tokens", "billions")
    assert mapping == {"units": {"params": "millions", "tokens": "billions"}}
    assert with_unit(mapping, "loss", "bits")["measure"] == "bits"


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        ("ab", "abc", "“c” is new"),
        ("abc", "ab", "“c” is gone"),
        ("ab", "ba", "the columns are in another order"),
        ("a", "abcdef", "“b”, “c”, “d” and 2 more are new"),
    ],
)
def test_what_has_changed_of_a_header_is_named(before: str, now: str, words: str) -> None:
    assert header_change(tuple(before), tuple(now)) == words


def test_progress_names_rows_and_time_left() -> None:
    assert progress_words(1_200_000, 0.25, 6.2) == (
        "1,200,000 rows read, 25% of the file; about 6 s left"
    )
    assert "less than a second left" in progress_words(10, 0.99, 0.2)
    assert progress_words(10, 0.01, None) == "10 rows read, 1% of the file"
    assert progress_words(3, 1.0, 0.0) == "3 rows read; putting runs together …"


class StoppedError(Exception):
    """As Streamlit ends a run at its next element, once the page has changed."""


def test_a_reading_that_is_stopped_leaves_the_runs_before_in_place() -> None:
    test = uploaded("wandb_runs.csv")
    before = in_use(test)
    log = "run,step,params,tokens,loss\n" + "".join(
        f"r{at // 5000},{at % 5000},{at // 5000 + 1}0000000,1{at % 5000:08d},3.{at % 97:02d}\n"
        for at in range(60_000)
    )

    def stop(rows: int, share: float) -> None:
        raise StoppedError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_intake.st, "session_state", test.session_state)
        with pytest.raises(StoppedError):
            run_intake.take([("log.csv", log.encode())], stop)
    assert in_use(test) is before
    assert "Your 18 runs" in text_of(test.run())


def test_a_link_that_keeps_the_runs_is_offered_and_forgotten_with_other_runs() -> None:
    test = uploaded("wandb_runs.csv")
    assert "reloading this page loses them" in text_of(test)
    test.session_state["own:data"] = replace(test.session_state["own:data"], shared_as="abc")
    assert "the link that you saved keeps them" in text_of(test.run())
    drop(test, "cases/loss_in_bits.csv")
    assert test.session_state["own:data"].shared_as == ""
    assert "reloading this page loses them" in text_of(test)


def test_a_large_file_that_was_released_is_not_read_again_by_undo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run_intake, "KEPT_BYTES", 100)
    test = uploaded(SWEEP)
    test.button(key="runs.choice.0.0").click().run()
    assert "Your 18 runs" in text_of(test)
    assert test.session_state["runs:intake"].files == ()
    assert not any(button.key == "runs.undo" for button in test.button)
