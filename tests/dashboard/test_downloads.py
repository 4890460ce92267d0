from __future__ import annotations

import io

import pandas as pd
import pytest

from dashboard.export.downloads import csv_of, file_stem, guard_cell, short_amount
from dashboard.export.exports import stem_of
from dashboard.pages.registry import PAGES
from forecasting.compute_cost.compute_cost import model_cost
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.planning.plan_scenario import PlanScenario
from forecasting.reporting.overview import OverviewScenario


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_that_a_spreadsheet_would_run_becomes_text(cell: str) -> None:
    assert guard_cell(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["GPT-3", "a=b", 3.5, -3.5, None])
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
