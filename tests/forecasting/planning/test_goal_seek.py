from __future__ import annotations

import math

import numpy as np
import pytest

import forecasting as fc
from forecasting.planning.goal_seek import goal_score, goal_seek, needed_usd
from forecasting.planning.plan_inputs import log_ceiling, plan_inputs, split_problem
from forecasting.planning.split_solver import best_splits

FIXED = fc.Distribution.fixed


@pytest.mark.parametrize("goal", ["quality", "loss"])
def test_the_plan_on_the_budget_found_reaches_the_goal(goal: str) -> None:
    scenario = fc.PlanScenario(goal=goal, draws=50, last_year=2031)
    inputs = plan_inputs(scenario, checked=False)
    needed = needed_usd(scenario, inputs)
    problem = split_problem(scenario, inputs).replaced(log_budget=np.log(np.where(np.isfinite(needed), needed, 1.0)).ravel())
    if goal == "loss":
        problem = problem.replaced(log_span=np.zeros(len(problem)))
    reached = best_splits(problem, log_ceiling(inputs)).score
    found = np.isfinite(needed).ravel()
    assert found.mean() > 0.5
    assert reached[found] == pytest.approx(goal_score(scenario, inputs)[found], abs=1e-4)


def test_a_higher_goal_never_takes_less() -> None:
    low, high = (goal_seek(fc.PlanScenario(goal_flop=flop, draws=100)).needed.values for flop in (1e28, 1e29))
    assert (high >= low * (1 - 1e-6)).all()


def test_a_loss_below_the_irreducible_one_is_out_of_reach_and_said_so() -> None:
    result = goal_seek(fc.PlanScenario(goal="loss", goal_loss=1.5, draws=50))
    assert result.reachable == 0.0
    assert "out of reach" in result.answer


def test_waiting_is_cheapest_when_a_delay_costs_nothing_and_starting_now_when_it_costs_much() -> None:
    patient = goal_seek(fc.PlanScenario(delay_cost=0.0, demand_growth=FIXED(1.0), draws=100))
    hurried = goal_seek(fc.PlanScenario(delay_cost=9.0, goal_flop=1e26, demand_growth=FIXED(1.0), draws=100))
    assert patient.cheapest.value == 2030
    assert hurried.cheapest.value == 2026


def test_a_run_longer_than_the_progress_it_misses_waits_and_a_short_one_does_not() -> None:
    point = fc.PlanScenario(price="own", price_decline=FIXED(1.3), halving_months=FIXED(8.0), mfu_factor=1.0, draws=20)
    rate = math.log(1.3) + math.log(2) * 12 / 8
    short, long = (goal_seek(point.replaced(goal_flop=flop)) for flop in (1e24, 1e30))
    assert short.longest_run_days.value == pytest.approx(365.25 / rate, rel=1e-6)
    assert short.wait_years.value == 0.0
    assert short.wait_answer.startswith("Do not wait")
    assert long.wait_years.value > 1.0
    assert long.done_waiting.value == pytest.approx(2026 + long.wait_years.value + 1 / rate, rel=1e-6)
    assert long.done_waiting.value < long.done_now.value
    assert "it pays to wait" in long.wait_answer


def test_the_year_of_a_goal_lies_in_the_plan() -> None:
    with pytest.raises(fc.InputError, match="2026 to 2032"):
        goal_seek(fc.PlanScenario(goal_year=2040))
