"""The inputs that pages share: equal where they mean the same, and reasons that the tables bear
out.
"""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.compute_cost.price_fields import MFU_OF_ALL_RUNS, MFU_OF_NEW_RUNS
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.planning.plan_scenario import PlanScenario
from tests.vintage import shipped


def test_the_utilisation_of_training_lies_where_the_runs_of_the_table_do() -> None:
    models = shipped()["ai_models"]
    known = models[models["mfu"].notna()]
    recent, newest = (known[known["date"].dt.year >= year]["mfu"] for year in (2021, 2024))
    assert (len(recent), len(newest)) == (29, 9)
    assert recent.median() == pytest.approx(0.35, abs=0.005)
    assert newest.median() == pytest.approx(0.41, abs=0.005)
    assert recent.median() < MFU_OF_ALL_RUNS < MFU_OF_NEW_RUNS < newest.median()
    assert np.exp(1.2816 * np.log(recent).std()) == pytest.approx(
        CostScenario().mfu_factor, abs=0.01
    )


def test_the_plan_prices_compute_by_the_inputs_of_the_cost_page() -> None:
    cost, plan = CostScenario.model_fields, PlanScenario.model_fields
    for name in (
        "chip",
        "price_trend",
        "price_method",
        "price_year",
        "usd_per_kwh",
        "pue",
        "server_overhead",
    ):
        assert repr(plan[name]) == repr(cost[name])
    assert plan["mfu_factor"].default == cost["mfu_factor"].default
    assert plan["network_share"].default == cost["interconnect_share"].default


@pytest.mark.parametrize("name", ["mfu_train", "mfu_input", "mfu_output", "tokens_in"])
def test_the_plan_serves_answers_by_the_inputs_of_train_or_infer(name: str) -> None:
    plan, inference = PlanScenario.model_fields[name], InferenceScenario.model_fields[name]
    assert (plan.default, plan.metadata) == (inference.default, inference.metadata)
