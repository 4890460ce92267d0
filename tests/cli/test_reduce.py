"""compute-forecast reduce: training logs of any size to a row a run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import forecasting as fc
from compute_forecast.main import main
from tests.forecasting.ingest.test_large_logs import as_text, log, same_runs


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_table_written_is_read_as_the_runs_of_the_logs(tmp_path: Path, ending: str) -> None:
    (tmp_path / "log.csv").write_text(as_text(log()))
    output = tmp_path / "new" / f"runs.{ending}"
    assert main(["reduce", str(tmp_path / "log.csv"), "--output", str(output), "--quiet"]) == 0
    whole = fc.read_runs(tmp_path / "log.csv")
    columns = ["run", "group", "params", "tokens", "training_flop", "loss"]
    pd.testing.assert_frame_equal(
        fc.read_runs(output).table[columns], whole.table[columns], rtol=1e-9, check_dtype=False
    )


def test_what_was_left_out_is_said_and_the_rest_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs, output = tmp_path / "logs", tmp_path / "runs.csv"
    logs.mkdir()
    (logs / "a.csv").write_text(as_text(log()))
    (logs / "b.csv").write_text("params,tokens,loss\n1e9,2e10,2.9\n2e9,4e10,2.7\n")
    words = ["reduce", str(logs), "--output", str(output), "--column", "take=lowest"]
    assert main(words) == 1
    said = capsys.readouterr().out
    assert "12 runs, losses in nats per token" in said
    assert "“b”. Nothing in this file can be used" in said
    same_runs(
        fc.read_logs(logs / "a.csv", {"take": "lowest"}),
        fc.read_runs(logs / "a.csv", {"take": "lowest"}),
    )
    assert len(pd.read_csv(output)) == 12


@pytest.mark.parametrize(
    ("output", "said", "code"),
    [("runs.xlsx", "ends in .csv or .parquet", 2), ("runs.csv", "There is no file", 1)],
)
def test_what_cannot_be_done_is_said(
    output: str, said: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").mkdir()
    words = ["reduce", str(tmp_path / "logs"), "--output", str(tmp_path / output), "--quiet"]
    assert main(words) == code
    assert said in capsys.readouterr().err
