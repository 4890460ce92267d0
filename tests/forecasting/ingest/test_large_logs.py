"""Training logs larger than memory: what is read piece by piece, from many files, by many workers
is what the reader of files gives for all of it at once.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import forecasting as fc
from tests.forecasting.dask_cluster import cluster

ROOT = Path(__file__).parents[3]
PIECE = 20_000


def log(runs: int = 12, steps: int = 300, *, sparse: int = 1) -> pd.DataFrame:
    """Steps of runs of several sizes, their losses known at every `sparse` steps."""
    rng = np.random.default_rng(3)
    sizes = np.geomspace(5e7, 5e9, runs)
    frames = []
    for number, size in enumerate(sizes):
        step = np.arange(1, steps + 1) * 10
        tokens = step * 5e5 * (1 + number % 3)
        loss = 1.7 + 400 / size**0.34 + 400 / tokens**0.28 + rng.normal(0, 0.02, steps)
        loss[(np.arange(steps) + 1) % sparse != 0] = np.nan
        frames.append(
            pd.DataFrame(
                {
                    "run": f"run {number}",
                    "step": step,
                    "params": size,
                    "tokens": tokens,
                    "loss": loss.round(5),
                    "group": "ab"[number % 2],
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def as_text(table: pd.DataFrame) -> str:
    return table.to_csv(index=False)


def same_runs(read: fc.ParsedRuns, whole: fc.ParsedRuns) -> None:
    """The same table, whatever the order of the runs."""
    one, other = (
        runs.table.sort_values("run", kind="stable").reset_index(drop=True)
        for runs in (read, whole)
    )
    pd.testing.assert_frame_equal(one, other, rtol=1e-9, check_dtype=False)
    assert read.rows_read == whole.rows_read
    assert read.loss_unit == whole.loss_unit
    assert read.mapping == whole.mapping


@pytest.mark.parametrize("take", ["last", "lowest", "smoothed"])
@pytest.mark.parametrize("order", ["by run", "by step", "shuffled"])
# Losses at each step, the plainer case, are read in pieces by the tests below.
@pytest.mark.parametrize("sparse", [pytest.param(1, marks=pytest.mark.soak), 7])
def test_a_file_read_in_pieces_gives_what_it_gives_at_once(
    tmp_path: Path, take: str, order: str, sparse: int
) -> None:
    table = log(sparse=sparse)
    if order == "by step":
        table = table.sort_values(["step", "run"], kind="stable")
    if order == "shuffled":
        table = table.sample(frac=1.0, random_state=1)
    (tmp_path / "log.csv").write_text(as_text(table))
    read = fc.read_logs(tmp_path / "log.csv", {"take": take}, piece_bytes=PIECE)
    same_runs(read, fc.read_runs(tmp_path / "log.csv", {"take": take}))
    assert len(read) == 12


def written(folder: Path, table: pd.DataFrame, ending: str, name: str = "log") -> Path:
    file = folder / f"{name}.{ending}"
    if ending == "csv":
        file.write_text(as_text(table))
    elif ending == "csv.gz":
        # Two members, as programs that append write them.
        lines = as_text(table).splitlines(keepends=True)
        half = len(lines) // 2
        members = ("".join(lines[:half]), "".join(lines[half:]))
        file.write_bytes(b"".join(gzip.compress(each.encode()) for each in members))
    else:
        table.to_parquet(file, row_group_size=500)
    return file


@pytest.mark.parametrize("ending", ["csv.gz", "parquet"])
@pytest.mark.parametrize("piece_bytes", [8_000, 100_000_000])
def test_gzip_and_parquet_give_the_same_as_a_csv(
    tmp_path: Path, ending: str, piece_bytes: int
) -> None:
    whole = fc.read_runs(written(tmp_path, log(), "csv"))
    read = fc.read_logs(written(tmp_path, log(), ending), piece_bytes=piece_bytes)
    same_runs(read, whole)


def test_a_run_whose_steps_lie_in_several_files_is_one_run(tmp_path: Path) -> None:
    table = log()
    for part in range(12):
        here = table[(table["step"] - 1) // 250 == part]
        (tmp_path / "logs" / f"day {part}").mkdir(parents=True)
        (tmp_path / "logs" / f"day {part}" / "steps.csv").write_text(as_text(here))
    (tmp_path / "whole.csv").write_text(as_text(table))
    whole = fc.read_runs(tmp_path / "whole.csv")
    for source in (tmp_path / "logs", str(tmp_path / "logs" / "*" / "steps.csv")):
        read = fc.read_logs(source)
        same_runs(read, whole)
    assert read.places[0].endswith(" of day 11/steps")
    assert not any("overlap" in note for note in read.notes)


def test_a_file_without_names_of_runs_is_a_run(tmp_path: Path) -> None:
    for name, rows in log(6).groupby("run"):
        rows[["step", "params", "tokens", "loss"]].to_csv(tmp_path / f"{name}.csv", index=False)
    read = fc.read_logs(tmp_path, piece_bytes=4_000)
    assert sorted(read.table["run"].str.partition(",")[0]) == [f"run {n}" for n in range(6)]
    expected = log(6).groupby("run")["loss"].last()
    np.testing.assert_allclose(np.sort(read.table["loss"]), np.sort(expected))


def test_a_chart_with_a_column_a_run_is_read_in_pieces(tmp_path: Path) -> None:
    table = log(5).assign(run=lambda t: t["params"].map(lambda n: f"{n / 1e6:.0f}M - val/loss"))
    wide = table.pivot_table(index="step", columns="run", values="loss")
    wide = wide.rename_axis("Step").reset_index()
    wide.to_csv(tmp_path / "chart.csv", index=False)
    said = {"all_tokens_per_step": 5e5}
    read = fc.read_logs(tmp_path / "chart.csv", said, piece_bytes=4_000)
    same_runs(read, fc.read_runs(tmp_path / "chart.csv", said))


def test_a_run_that_diverged_is_told_wherever_the_log_is_divided(tmp_path: Path) -> None:
    table = log(6, 400)
    diverged = (table["run"] == "run 3") & (table["step"] > 1500)
    texts = table["loss"].astype(str).where(~diverged, "NaN")
    file = tmp_path / "log.csv"
    file.write_text(as_text(table.assign(loss=texts)))
    whole = fc.read_runs(file)
    assert any("diverge" in problem.remedy for problem in whole.problems)
    read = fc.read_logs(file, piece_bytes=4_000)
    same_runs(read, whole)
    assert len(read) == 5
    told = {(problem.row, problem.value, problem.remedy) for problem in whole.problems}
    assert {(problem.row, problem.value, problem.remedy) for problem in read.problems} == told


def test_units_of_a_second_row_count_for_every_piece(tmp_path: Path) -> None:
    table = log()
    table["params"] /= 1e6
    table["tokens"] /= 1e9
    lines = as_text(table).splitlines(keepends=True)
    file = tmp_path / "log.csv"
    file.write_text("".join([lines[0], ",,millions,billions,,\n", *lines[1:]]))
    same_runs(fc.read_logs(file, piece_bytes=PIECE), fc.read_runs(file))


def test_bad_files_are_named_and_kept_apart(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    written(folder, log(), "csv", "good")
    (folder / "broken.parquet").write_bytes(b"PAR1" + bytes(100_000) + b"PAR1")
    (folder / "cut.csv.gz").write_bytes(gzip.compress(as_text(log()).encode())[:-2_000])
    (folder / "finished.csv").write_text("params,tokens,loss\n1e9,2e10,2.9\n2e9,4e10,2.7\n")
    (folder / "config.json").write_text('{"lr": 0.1}')
    (folder / "weights.bin").write_bytes(bytes(10))
    read = fc.read_logs(folder, piece_bytes=PIECE)
    assert len(read) == 12
    named = {problem.value: problem.remedy for problem in read.problems if problem.row is None}
    assert set(named) == {"broken", "cut", "finished", "config"}
    assert "ends early" in named["cut"]
    assert "a row a run" in named["finished"]
    assert read.left_out == 4


def test_a_cell_that_is_no_number_is_named_with_its_row_and_file(tmp_path: Path) -> None:
    lines = as_text(log()).splitlines(keepends=True)
    lines[2_000] = lines[2_000].replace(lines[2_000].split(",")[4], "oops")
    (tmp_path / "a.csv").write_text(as_text(log(3)))
    (tmp_path / "b.csv").write_text("".join(lines))
    read = fc.read_logs(tmp_path, piece_bytes=PIECE)
    (problem,) = read.problems
    assert (problem.row, problem.file, problem.value) == (2_001, "b", "oops")
    assert str(problem).startswith("Row 2001 of b, column loss")
    assert any("overlap" in note for note in read.notes)


def test_no_file_and_no_usable_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(fc.InputError, match="There is no file"):
        fc.read_logs(tmp_path)
    with pytest.raises(fc.InputError, match="can't be read"):
        fc.read_logs(tmp_path / "missing.csv")
    (tmp_path / "log.csv").write_text("step,loss\n" + "1,2.5\n" * 50)
    with pytest.raises(fc.MissingColumnError):
        fc.read_logs(tmp_path)


def test_several_at_once_give_the_same_and_errors_come_back(tmp_path: Path) -> None:
    file = written(tmp_path, log(), "csv")
    same_runs(fc.read_logs(file, piece_bytes=PIECE, jobs=2), fc.read_runs(file))
    (tmp_path / "none.csv").write_text("step,loss\n" + "1,2.5\n" * 50)
    with pytest.raises(fc.MissingColumnError) as raised:
        fc.read_logs(tmp_path / "none.csv", jobs=2)
    assert raised.value.roles[-3:] == ("params", "tokens", "training_flop")


PEAK = """
import resource, sys
import forecasting as fc
read = fc.read_logs(sys.argv[1], piece_bytes=int(sys.argv[2]))
print(len(read), read.rows_read, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def peak_bytes(file: Path, piece_bytes: int) -> int:
    """The most memory of a process that reads a log of its own."""
    command = [sys.executable, "-c", PEAK, file, piece_bytes]
    done = subprocess.run(
        [str(word) for word in command], cwd=ROOT, check=True, capture_output=True, text=True
    )
    runs, rows, peak = map(int, done.stdout.split())
    with file.open("rb") as lines:
        assert (runs, rows) == (12, sum(1 for _ in lines) - 1)
    return peak


@pytest.mark.parametrize(
    ("mebibytes", "piece_mebibytes"), [(24, 2), pytest.param(400, 16, marks=pytest.mark.soak)]
)
def test_memory_does_not_grow_with_the_log(
    tmp_path: Path, mebibytes: int, piece_mebibytes: int
) -> None:
    table = log(12, 2_000)
    small, large = written(tmp_path, table, "csv", "small"), tmp_path / "large.csv"
    header, _, rows = as_text(table).partition("\n")
    piece = piece_mebibytes * 2**20
    for file, size in ((small, 2 * piece), (large, mebibytes * 2**20)):
        with file.open("w") as out:
            out.write(header + "\n")
            while out.tell() < size:
                out.write(rows)
    growth = peak_bytes(large, piece) - peak_bytes(small, piece)
    assert growth < min(100 * 2**20, large.stat().st_size / 2)


@pytest.mark.soak
def test_a_dask_cluster_reduces_logs_as_one_machine(tmp_path: Path) -> None:
    for number, ending in enumerate(("csv", "csv.gz", "parquet")):
        table = log(4, 1_000)
        written(tmp_path, table.assign(run=table["run"] + f" of {number}"), ending, str(number))
    here = fc.read_logs(tmp_path, piece_bytes=PIECE)
    with cluster(workers=2) as running:
        there = fc.read_logs(tmp_path, piece_bytes=PIECE, dask=running.address)
    same_runs(there, here)
    assert len(here) == 12


@pytest.mark.soak
def test_a_worker_killed_in_the_middle_changes_nothing_of_reduced_logs(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    for number, ending in enumerate(("csv", "csv.gz", "parquet")):
        table = log(6, 8_000)
        written(folder, table.assign(run=table["run"] + f" of {number}"), ending, str(number))
    here = fc.read_logs(folder, piece_bytes=100_000)
    with cluster(workers=2) as running, running.losing_a_worker():
        there = fc.read_logs(folder, piece_bytes=100_000, dask=running.address)
    same_runs(there, here)
    assert len(here) == 18
