from __future__ import annotations

import math

import numpy as np
import pytest

import forecasting as fc
from forecasting.context import context_of
from forecasting.planning.goal_seek import goal_score, goal_seek, needed_usd
from forecasting.planning.plan_inputs import (
    drawn_inputs,
    log_ceiling,
    split_problem,
    with_answers,
)
from forecasting.planning.split_solver import best_splits

FIXED = fc.Distribution.fixed


@pytest.mark.parametrize("goal", ["quality", "loss"])
def test_the_plan_on_the_budget_found_reaches_the_goal(goal: str) -> None:
    scenario = fc.PlanScenario(goal=goal, draws=50, last_year=2031)
    inputs = with_answers(scenario, drawn_inputs(scenario), context_of(None))
    needed = needed_usd(scenario, inputs)
    problem = split_problem(scenario, inputs).replaced(
        log_budget=np.log(np.where(np.isfinite(needed), needed, 1.0)).ravel()
    )
    if goal == "loss":
        problem = problem.replaced(log_span=np.zeros(len(problem)))
    reached = best_splits(problem, log_ceiling(inputs)).score
    found = np.isfinite(needed).ravel()
    assert found.mean() > 0.5
    assert reached[found] == pytest.approx(goal_score(scenario, inputs)[found], abs=1e-4)


def test_a_higher_goal_never_takes_less() -> None:
    low, high = (
        goal_seek(fc.PlanScenario(goal_flop=flop, draws=100)).needed.values for flop in (1e28, 1e29)
    )
    assert (high >= low * (1 - 1e-6)).all()


def test_a_loss_below_the_irreducible_one_is_out_of_reach_and_said_so() -> None:
    result = goal_seek(fc.PlanScenario(goal="loss", goal_loss=1.5, draws=50))
    assert result.reachable == 0.0
    assert "out of reach" in result.answer


def test_waiting_is_cheapest_when_a_delay_costs_nothing_and_starting_now_when_it_costs_much() -> (
    None
):
    patient = goal_seek(
        fc.PlanScenario(delay_cost=0.0, demand_growth=FIXED(1.0), goal_year=2029, draws=100)
    )
    hurried = goal_seek(
        fc.PlanScenario(delay_cost=9.0, goal_flop=1e26, demand_growth=FIXED(1.0), draws=100)
    )
    # The goal's year is no end of the search: the plan's last year is, and the answer says so.
    assert patient.cheapest.value == 2032
    assert "The cheapest year is the last of the plan, 2032" in patient.full_answer
    assert hurried.cheapest.value == 2027
    assert "The cheapest year is 2027" in hurried.full_answer


@pytest.mark.parametrize("budget_usd", [1e7, 1e8, 1e9, 1e10])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"goal_flop": 1e27},
        {"goal_flop": 1e36},
        {"goal_flop": 1e25},
        {"goal": "loss"},
        {"law": "besiroglu"},
        {"last_year": 2027, "goal_year": 2027},
    ],
)
def test_the_year_to_wait_for_is_the_first_whose_budget_needed_is_within_the_budget(
    changes: dict[str, object], budget_usd: float
) -> None:
    result = goal_seek(fc.PlanScenario(**{"budget_usd": budget_usd, "draws": 100} | changes))
    low, high = result.needed.interval(0.8)
    for year, needed in (
        (result.reached.low, low),
        (result.reached.value, result.needed.median),
        (result.reached.high, high),
    ):
        assert (needed[result.years < year] > budget_usd).all()
        assert math.isinf(year) or needed[result.years == year] <= budget_usd
    if math.isinf(result.reached.value):
        assert "is not enough by" in result.lines[0] or "of simulated futures" in result.lines[0]
    elif result.reached.value > result.years[0]:
        assert f"is enough from {result.reached.value:.0f}" in result.lines[0]
    else:
        assert result.lines[0].startswith("Do not wait")


def test_a_law_of_ones_own_moves_the_year_to_wait_for_with_the_budget_needed() -> None:
    plain, better = (
        goal_seek(fc.PlanScenario(budget_usd=1e8, goal="loss", law=law, draws=100))
        for law in ("refit", "custom:1.5,400,400,0.34,0.28")
    )
    assert plain.by_year.value > better.by_year.value
    assert plain.reached.value > better.reached.value
    assert plain.lines[0] != better.lines[0]


def test_a_goal_out_of_reach_at_any_budget_is_not_reached_by_waiting() -> None:
    result = goal_seek(fc.PlanScenario(goal_flop=1e36, draws=100))
    assert "out of reach" in result.answer
    assert "of simulated futures" in result.lines[0]


def test_a_budget_that_grows_as_the_plan_says_is_said_beside_one_that_does_not() -> None:
    result = goal_seek(fc.PlanScenario(draws=100))
    assert result.reached_growing.value < result.reached.value
    assert "the plan's budget, which grows, is enough in 2029" in result.lines[0]
    flat = goal_seek(fc.PlanScenario(budget_growth=FIXED(1.0), draws=100))
    assert flat.reached_growing == flat.reached
    assert "the plan's budget" not in flat.full_answer


def test_no_run_takes_longer_than_the_progress_it_misses() -> None:
    point = fc.PlanScenario(
        price="own", price_decline=FIXED(1.3), halving_months=FIXED(8.0), mfu_factor=1.0, draws=20
    )
    rate = math.log(1.3) + math.log(2) * 12 / 8
    assert goal_seek(point).longest_run_days.value == pytest.approx(365.25 / rate, rel=1e-6)
    one_year = goal_seek(point.replaced(last_year=2027, goal_year=2027))
    assert "No run should take longer" not in one_year.full_answer


def test_the_year_of_a_goal_lies_in_the_plan() -> None:
    with pytest.raises(fc.InputError, match="2027 to 2032"):
        goal_seek(fc.PlanScenario(goal_year=2040))
