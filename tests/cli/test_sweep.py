"""compute-forecast sweep: a page's forecast over a table of scenarios."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from compute_forecast.main import main
from forecasting.compute_cost.compute_cost import model_cost
from forecasting.compute_cost.cost_scenario import CostScenario


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out.parquet"


def sweep(tmp_path: Path, text: str, *options: str) -> int:
    (tmp_path / "in.csv").write_text(text, encoding="utf-8")
    words = ["sweep", str(tmp_path / "in.csv"), "--output", str(tmp_path / "out.parquet")]
    return main([*words, "--quiet", "--page", "cost", *options])


def test_each_row_gives_what_the_page_gives(
    tmp_path: Path, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep(tmp_path, "model,year\nGPT-3,2028\n,2030\n", "--answers") == 0
    assert "2 scenarios read, 2 computed" in capsys.readouterr().out
    table = pd.read_parquet(output)
    assert list(table["row"]) == [1, 2]
    assert table["answer"][0] == model_cost(CostScenario(model="GPT-3", year=2028)).answer
    assert (table["hardware_at_year_low"] < table["hardware_at_year_value"]).all()


def test_rows_name_their_section_and_bad_ones_are_kept_apart(
    tmp_path: Path, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "model,view,year\nGPT-3,price,2028\nGPT-3,none,2028\nno such,,2028\nGPT-3,,soon\n"
    assert sweep(tmp_path, text, "--rows-a-part", "2") == 1
    said = capsys.readouterr().out
    assert "4 scenarios read, 1 computed" in said
    assert "3 could not be used" in said
    problems = pd.read_csv(tmp_path / "out.problems.csv")
    assert list(problems["row"]) == [2, 3, 4]
    for sentence, words in zip(problems["problem"], ("view", "no such", "soon"), strict=True):
        assert words in sentence
    assert set(pd.read_parquet(output)["row"]) == {1}


def test_parquet_gives_the_same_as_csv(tmp_path: Path, output: Path) -> None:
    assert sweep(tmp_path, "model,year,price_year\nGPT-3,2028,\nGPT-2,2030,2020\n") == 0
    of_csv = pd.read_parquet(output)
    table = pd.DataFrame(
        {"model": ["GPT-3", "GPT-2"], "year": [2028, 2030], "price_year": [None, 2020]}
    )
    table.to_parquet(tmp_path / "in.parquet")
    words = ["sweep", str(tmp_path / "in.parquet"), "--output", str(output), "--page", "cost"]
    assert main([*words, "--quiet"]) == 0
    pd.testing.assert_frame_equal(pd.read_parquet(output), of_csv)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["missing.csv", "--output", "o.parquet"], 1, "can't be read"),
        (["missing.csv", "--output", "o.csv"], 2, "ends in .parquet"),
        (["missing.csv"], 2, "--output"),
    ],
)
def test_what_cannot_be_done_is_said(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    sentence: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["sweep", *words]) == code
    assert sentence in capsys.readouterr().err


def test_a_column_that_is_no_input_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep(tmp_path, "modell\nGPT-3\n") == 1
    assert "modell" in capsys.readouterr().err
