"""What a reading tells beside its runs: where each stands in the file, what should be confirmed,
how far it is; and runs left out by hand.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from forecasting.errors import InputError, NotEnoughDataError
from forecasting.ingest.column_mapping import AmbiguousColumnError
from forecasting.ingest.runs import open_runs, read_runs, read_together

CASES = Path(__file__).parents[2] / "fixtures" / "runs" / "cases"
TWO_LOSSES = "params,tokens,val_loss,eval_loss\n1e8,1e9,3.1,3.2\n2e8,1e9,3.0,3.1\n"


@cache
def long_log() -> str:
    """A log of so many rows that it comes in several pieces."""
    return "run,step,params,tokens,loss\n" + "".join(
        f"r{at // 5000},{at % 5000},{at // 5000 + 1}0000000,1{at % 5000:08d},3.{at % 97:02d}\n"
        for at in range(100_000)
    )


def test_each_run_has_its_row_in_the_file() -> None:
    runs = read_runs(CASES / "checkpoints_by_steps.csv")
    assert runs.places == tuple(f"row {row}" for row in range(11, 62, 10))


def test_the_row_of_runs_put_together_is_that_of_the_one_kept() -> None:
    runs = read_runs(CASES / "sweep_of_learning_rates.csv", {"repeats": "lowest"})
    assert len(runs.places) == len(runs) == 18
    rows = [int(place.removeprefix("row ")) for place in runs.places]
    assert all(4 * at + 2 <= row <= 4 * at + 5 for at, row in enumerate(rows))


def test_runs_of_several_files_are_told_apart() -> None:
    name = CASES / "loss_in_bits.csv"
    runs = read_runs([name, CASES / "names_1.csv"])
    assert runs.places[0] == "row 2 of file 1"
    assert runs.places[-1].endswith(" of file 2")


def test_runs_are_left_out_by_hand_and_named_by_row() -> None:
    runs = read_runs(CASES / "loss_in_bits.csv")
    rest = runs.without({0, 17})
    assert (len(rest), rest.places[0], rest.places[-1]) == (16, "row 3", "row 18")
    assert rest.table["loss"].tolist() == runs.table["loss"].tolist()[1:-1]
    assert rest.steps[-1].why == "Left out by you: row 2, row 19."
    assert runs.without(()) is runs


def test_runs_that_are_not_there_and_all_of_them_can_not_be_left_out() -> None:
    runs = read_runs(CASES / "loss_in_bits.csv")
    with pytest.raises(InputError, match="numbered 0 to 17"):
        runs.without({18})
    with pytest.raises(NotEnoughDataError, match="restore some"):
        runs.without(range(18))


def test_what_is_assumed_and_many_bad_rows_are_doubts() -> None:
    assert read_runs(CASES / "loss_in_bits.csv").doubts == ()
    assert (
        "72 runs have only 18 pairs" in read_runs(CASES / "sweep_of_learning_rates.csv").doubts[0]
    )
    assert "names of the runs" in read_runs(CASES / "size_in_the_name.csv").doubts[0]
    rows = "".join(f"{n}e8,1e9,{'3' if n < 6 else 'none yet'}\n" for n in range(1, 10))
    assert read_runs("params,tokens,loss\n" + rows).doubts == (
        "4 rows can't be used, 5 runs are left: is the file read as intended?",
    )


def test_columns_are_told_where_two_of_them_need_a_decision() -> None:
    file = open_runs(TWO_LOSSES)
    with pytest.raises(AmbiguousColumnError):
        file.read()
    found, columns = file.columns_found()
    assert (found.params, found.tokens, found.loss) == ("params", "tokens", "")
    assert [column.role for column in columns] == ["params", "tokens", "training_flop"]


def test_progress_rises_to_the_whole_of_all_files() -> None:
    seen: list[tuple[int, float]] = []
    files = [open_runs(long_log()), open_runs(long_log().replace("r1", "s1"))]
    runs = read_together(files, watch=lambda rows, share: seen.append((rows, share)))
    assert len(seen) >= 4
    assert seen == sorted(seen)
    assert (seen[-1][0], seen[-1][1]) == (runs.rows_read, pytest.approx(1.0))


def test_a_watch_ends_the_reading_by_what_it_raises() -> None:
    class StoppedError(Exception):
        pass

    def watch(rows: int, share: float) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        open_runs(long_log()).read(watch=watch)
