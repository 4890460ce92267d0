from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pandas as pd
import pytest

from dashboard.export.downloads import (
    csv_of,
    file_stem,
    guard_cell,
    guarded,
    guarded_frame,
    short_amount,
)
from dashboard.export.exports import stem_of
from dashboard.pages.registry import PAGES
from forecasting.compute_cost.compute_cost import model_cost
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.planning.plan_scenario import PlanScenario
from forecasting.reporting.overview import OverviewScenario

FORMULA = "=cmd|'/c calc'!A0"


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\n=1", "＝1"])
def test_a_cell_that_a_spreadsheet_would_run_becomes_text(cell: str) -> None:
    assert guard_cell(cell) == "'" + cell


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_a_carriage_return_begins_no_cell_of_its_own(end: str) -> None:
    assert guard_cell(f"{end}=1") == "'\n=1"
    frame = pd.DataFrame({f"g{end}{FORMULA}": [f"g{end}{FORMULA}"], FORMULA: [1.5]})
    written = guarded(frame)
    assert b"\r" not in written
    rows = list(csv.reader(io.StringIO(written.decode())))
    assert rows == [[f"g\n{FORMULA}", f"'{FORMULA}"], [f"g\n{FORMULA}", "1.5"]]


def test_a_name_in_the_lines_above_a_table_begins_no_formula() -> None:
    title = f"It costs a,{FORMULA};{FORMULA}\t{FORMULA}\r{FORMULA}"
    raw = csv_of(pd.DataFrame({"a": [1]}), title=title, link="http://x", sources="s").decode()
    first = raw.split("\n")[0]
    assert first.startswith("# It costs")
    assert not re.search(r"[,;\t|]\s*[=+@]", first.replace("'=", ""))
    assert "\r" not in raw


def test_the_frame_of_a_grid_is_guarded_and_keeps_its_types() -> None:
    frame = pd.DataFrame(
        {
            "@name": [FORMULA, None, "plain"],
            "usd": [-1.5, 2.0, float("nan")],
            "date": pd.to_datetime(["2026-01-01", "2026-01-05", "2026-02-01"]),
            "kind": pd.Categorical([FORMULA, "b", "b"]),
        }
    )
    safe = guarded_frame(frame)
    assert list(safe.columns) == ["'@name", "usd", "date", "kind"]
    assert safe["'@name"][0] == f"'{FORMULA}"
    assert safe["kind"][0] == f"'{FORMULA}"
    pd.testing.assert_series_equal(safe["usd"], frame["usd"])
    pd.testing.assert_series_equal(safe["date"], frame["date"])


def test_one_function_writes_every_csv_and_one_shows_every_grid() -> None:
    places: dict[str, list[str]] = {"to_csv(": [], "st.dataframe(": []}
    root = Path(__file__).parents[2]
    for folder in ("dashboard", "compute_forecast"):
        for path in (root / folder).rglob("*.py"):
            source = path.read_text(encoding="utf-8")
            for call, found in places.items():
                found += [path.name] * source.count(call)
    assert places == {"to_csv(": ["downloads.py"], "st.dataframe(": ["layout.py"]}


@pytest.mark.parametrize("cell", ["GPT-3", "a=b", "-5", "+1.5e-3", 3.5, -3.5, None])
def test_other_cells_stay_as_they_are(cell: object) -> None:
    assert guard_cell(cell) is cell


def test_a_csv_gives_the_result_to_the_last_digit() -> None:
    table = model_cost(CostScenario(model="GPT-3")).table
    raw = csv_of(table, title="t", link="http://x/cost?v=1", sources="s")
    pd.testing.assert_frame_equal(
        pd.read_csv(io.BytesIO(raw), comment="#"), table, check_exact=True
    )


def test_a_csv_says_what_it_is_and_how_to_get_it_again() -> None:
    raw = csv_of(
        pd.DataFrame({"a": [1]}),
        title="two\nlines",
        link="http://x/cost?v=1",
        sources="Epoch AI (CC BY 4.0)",
    ).decode()
    assert raw.splitlines()[0] == "# two lines"
    assert "http://x/cost?v=1" in raw
    assert "CC BY 4.0" in raw


def test_a_file_name_holds_only_letters_digits_and_hyphens() -> None:
    assert file_stem("Cost", "GPT-4 (Mar 2023)/../é", "2030") == "cost-gpt-4-mar-2023-2030"


@pytest.mark.parametrize(
    ("value", "words"),
    [(4e7, "40M"), (1.33e7, "13.3M"), (6e11, "600B"), (6e12, "6T"), (1e26, "1e26"), (0.4, "0.4")],
)
def test_amounts_in_file_names_are_short(value: float, words: str) -> None:
    assert short_amount(value) == words


def test_files_are_named_for_page_years_and_what_was_changed() -> None:
    plan = PAGES["plan"]
    scenario = PlanScenario(first_year=2027, last_year=2029, budget_usd=4e7)
    assert stem_of(plan, plan.sections[0], scenario) == "plan-2027-2029-40M"
    cost = PAGES["cost"]
    assert stem_of(cost, cost.sections[0], CostScenario(model="GPT-3")) == "cost-model-2030-gpt-3"
    assert stem_of(PAGES["overview"], PAGES["overview"].sections[0], OverviewScenario()) != ""
