from __future__ import annotations

import math

import pytest

import forecasting as fc
from forecasting.planning.value_of_information import what_matters

FIXED = fc.Distribution.fixed


def test_an_input_that_is_known_moves_nothing_and_is_worth_nothing_to_know() -> None:
    result = what_matters(fc.PlanScenario(draws=200, exchange_rate=FIXED(0.8)))
    known = next(each for each in result.inputs if each.name == "exchange rate")
    assert known.swing("inference_share") == pytest.approx(0.0, abs=1e-9)
    assert known.worth_oom == 0.0
    assert "exchange rate" not in [each.name for each in result.ranked("inference_share")]


def test_the_ends_of_the_price_move_quality_the_right_way() -> None:
    result = what_matters(fc.PlanScenario(draws=200))
    price = next(each for each in result.inputs if each.name == "price of compute")
    assert price.low["score_oom"] > result.middle["score_oom"] > price.high["score_oom"]


def test_knowing_everything_is_worth_at_least_as_much_as_knowing_one_input() -> None:
    result = what_matters(fc.PlanScenario(draws=200))
    assert all(0.0 <= each.worth_oom <= result.everything_oom + 1e-9 for each in result.inputs)
    assert result.everything_usd > 0.0


def test_the_pace_of_algorithms_moves_quality_but_no_decision() -> None:
    result = what_matters(fc.PlanScenario(draws=200))
    pace = next(each for each in result.inputs if each.name == "pace of algorithms")
    assert pace.swing("score_oom") < -0.5 or pace.swing("score_oom") > 0.5
    assert pace.worth_oom == 0.0


def test_the_input_that_decides_is_named() -> None:
    result = what_matters(fc.PlanScenario(draws=200))
    assert result.ranked("inference_share")[0].name in result.answer
    assert list(result.table["input"])[-1] == "everything"


def test_where_money_adds_nothing_no_budget_is_worth_knowing_more() -> None:
    result = what_matters(
        fc.PlanScenario(draws=40, first_year=2026, chips_from="own", own_chips=FIXED(100.0))
    )
    assert result.everything_usd == math.inf
    assert "$inf" not in result.full_answer
    assert "more than any budget adds" in result.full_answer


def test_a_plan_without_ranges_says_so() -> None:
    point = fc.PlanScenario(
        price="own",
        price_decline=FIXED(1.3),
        mfu_factor=1.0,
        answer_mfu="own",
        law="besiroglu",
        demand_growth=FIXED(2.0),
        halving_months=FIXED(8.0),
        exchange_rate=FIXED(1.0),
        span_oom=FIXED(2.0),
        text="own",
        chips_from="unlimited",
        power_from="unlimited",
        days_per_run=FIXED(90.0),
        draws=40,
    )
    assert "No input" in what_matters(point).answer


def test_the_median_beside_the_middle_is_the_plans_own() -> None:
    scenario = fc.PlanScenario(draws=200, power_from="trend")
    result, bands = what_matters(scenario), fc.plan(scenario).bands
    for outcome in ("inference_share", "score_oom", "params", "tokens"):
        assert result.plan_median[outcome] == pytest.approx(
            float(bands[outcome].median[-1]), rel=1e-7
        )
    median = result.plan_median["inference_share"]
    assert f"the plan's {median:.0%} is the median over all inputs" in result.full_answer
    assert result.leans("inference_share") == 1
    assert result.plan_median["inference_share"] > result.middle["inference_share"]
