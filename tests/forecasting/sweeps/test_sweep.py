"""A forecast over many scenarios: the same numbers wherever they are computed, bad rows kept apart,
and a sweep that was killed goes on where it was.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecasting as fc
from forecasting.sweeps.parts import Parts
from forecasting.sweeps.sweep import Sweep
from tests.forecasting.dask_cluster import cluster
from tests.forecasting.sweeps.small_forecast import SmallInputs, slow, small

ROOT = Path(__file__).parents[3]


def scenarios(count: int) -> pd.DataFrame:
    budgets = np.geomspace(1, 1e4, count)
    return pd.DataFrame({"budget_usd": budgets, "seed": np.arange(count)})


def expected(table: pd.DataFrame) -> pd.DataFrame:
    """The same without a sweep."""
    results = [
        small(SmallInputs(**row)).table.assign(row=number)
        for number, row in enumerate(table.to_dict("records"), 1)
    ]
    return pd.concat(results, ignore_index=True)[["row", "year", "usd", "names"]]


def same(done: Sweep, table: pd.DataFrame) -> None:
    got = done.table if done.output is None else pd.read_parquet(done.output)
    pd.testing.assert_frame_equal(got, expected(table), rtol=1e-9, check_dtype=False)


def test_each_row_gives_the_table_of_its_scenario_in_order() -> None:
    done = fc.sweep(scenarios(7), small, rows_a_part=3)
    assert (done.rows, len(done.problems)) == (7, 0)
    same(done, scenarios(7))


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_files_give_the_same_as_a_data_frame(tmp_path: Path, ending: str) -> None:
    file, output = tmp_path / f"in.{ending}", tmp_path / "new" / "out.parquet"
    table = scenarios(7)
    table.to_csv(file, index=False) if ending == "csv" else table.to_parquet(file)
    same(fc.sweep(file, small, output=output, rows_a_part=3), table)
    assert [path.name for path in output.parent.iterdir()] == ["out.parquet"]


def test_several_at_once_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORECASTING_BACKEND", "threading")
    table = scenarios(23)
    same(fc.sweep(table, small, output=tmp_path / "out.parquet", rows_a_part=2, jobs=4), table)


def test_bad_rows_are_kept_apart_with_their_number_and_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text('budget_usd,seed,names\n5,1,\n-5,1,\n,,"a,b"\n5,x,\n5,1\n2e6,,\n2e5,,\n7,2,\n')
    done = fc.sweep(file, small, output=tmp_path / "out.parquet", rows_a_part=2)
    assert done.rows == 8
    table = pd.read_parquet(tmp_path / "out.parquet")
    assert list(table["row"].unique()) == [1, 3, 8]
    assert list(table.loc[table["row"] == 3, "names"]) == [2, 2]
    problems = pd.read_csv(tmp_path / "out.problems.csv")
    pd.testing.assert_frame_equal(problems, done.problems)
    assert list(problems["row"]) == [2, 4, 5, 6, 7]
    for said, words in zip(
        problems["problem"],
        ("`budget_usd` is", "`seed` is", "It has 2 cells", "too large for this", "undetermined"),
        strict=True,
    ):
        assert words in said


def test_answers_come_with_key_figures() -> None:
    table = fc.sweep(scenarios(2), small, what="answer").table
    assert table is not None
    assert list(table.columns) == ["row", "answer", "total_value", "total_low", "total_high"]
    assert table["answer"][0] == "It costs $1."


def test_answers_of_a_law_have_its_estimates_too() -> None:
    table = fc.sweep(pd.DataFrame({"training_flop": [1e24]}), fc.compute_buys, what="answer").table
    assert table is not None
    (row,) = table.to_dict("records")
    assert row["params_low"] <= row["params_value"] <= row["params_high"]
    assert {"tokens_value", "loss_value"} <= set(row)


def test_a_sweep_of_which_no_row_can_be_used_writes_an_empty_table(tmp_path: Path) -> None:
    done = fc.sweep(pd.DataFrame({"budget_usd": [-1.0]}), small, output=tmp_path / "out.parquet")
    assert len(done.problems) == 1
    assert pd.read_parquet(tmp_path / "out.parquet").empty


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("budget\n1\n", "Columns are named as inputs: seed, budget_usd, names"),
        ("seed,seed\n1,2\n", "stands twice"),
        ('seed\n"1\n', "is no CSV"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_as_a_whole(
    tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "in.csv").write_text(text)
    with pytest.raises(fc.ForecastingError, match=words):
        fc.sweep(tmp_path / "in.csv", small, output=tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()


def test_parts_of_another_sweep_are_not_gone_on_with(tmp_path: Path) -> None:
    output = tmp_path / "out.parquet"

    def stop(_parts: Parts, _count: int) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Parts, "join", stop)
        with pytest.raises(KeyboardInterrupt):
            fc.sweep(scenarios(4), small, output=output)
    with pytest.raises(fc.ForecastingError, match="another sweep, with other scenarios"):
        fc.sweep(scenarios(5), small, output=output)
    same(fc.sweep(scenarios(4), small, output=output), scenarios(4))


def killed_after(parts: int, file: Path, output: Path) -> None:
    """A sweep that is killed once so many parts are done."""
    command = [sys.executable, "-m", "tests.forecasting.sweeps.small_forecast", file, output]
    process = subprocess.Popen([str(word) for word in command], cwd=ROOT)
    folder = output.with_name(f"{output.name}.parts")
    for _ in range(6000):
        if len(list(folder.glob("*.parquet"))) >= parts:
            break
        time.sleep(0.01)
    process.kill()
    process.wait()


def times(folder: Path) -> dict[str, int]:
    """When each part was written."""
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("*.parquet")}


def test_a_sweep_that_was_killed_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, output = tmp_path / "in.csv", tmp_path / "out.parquet"
    scenarios(100).to_csv(file, index=False)
    killed_after(3, file, output)
    done = times(tmp_path / "out.parquet.parts")
    assert 3 <= len(done) < 20
    assert not output.exists()
    at_the_end: dict[str, int] = {}

    def look(parts: Parts, count: int) -> object:
        at_the_end.update(times(parts.folder))
        return join(parts, count)

    join = Parts.join
    monkeypatch.setattr(Parts, "join", look)
    same(fc.sweep(file, slow, output=output, rows_a_part=5), scenarios(100))
    assert len(at_the_end) == 20
    assert {name: at_the_end[name] for name in done} == done


@pytest.mark.soak
def test_a_dask_cluster_of_which_a_worker_dies_gives_the_same_plans(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {"budget_usd": np.geomspace(1e7, 1e10, 24), "seed": np.arange(24), "draws": 100}
    )
    here = fc.sweep(table, fc.plan).table
    assert here is not None
    output = tmp_path / "out.parquet"
    with cluster(workers=2) as running:

        def kill() -> None:
            while not list(tmp_path.glob("out.parquet.parts/*.parquet")):
                time.sleep(0.05)
            running.workers[0].kill()

        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        done = fc.sweep(table, fc.plan, output=output, rows_a_part=1, dask=running.address)
        killer.join(10)
        assert running.workers[0].poll() is not None
    assert len(done.problems) == 0
    pd.testing.assert_frame_equal(pd.read_parquet(output), here, rtol=1e-9)
