"""How a plan's models are served: size, thinking and utilisation that agree, and limits on time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize

import forecasting as fc
from forecasting.data.dataset import bundled
from forecasting.planning.plan import plan_quantities
from forecasting.planning.plan_inputs import (
    PlanInputs,
    log_ceiling,
    log_passes,
    plan_inputs,
    split_problem,
)
from forecasting.planning.plan_scenario import PlanScenario, preset
from forecasting.planning.planned_answers import SERVED_AS, PlannedAnswers, answer_model
from forecasting.planning.split_solver import LN10, best_splits
from forecasting.reporting.answer_mfu_notes import plan_mfu_words, time_words
from forecasting.reporting.plan_report import SERVED_ON, assumption_rows
from forecasting.serving.hardware import UNSEEN_FACTOR
from forecasting.serving.serving_tables import serving_chips


def answers_of(scenario: PlanScenario) -> tuple[PlanInputs, PlannedAnswers]:
    inputs = plan_inputs(scenario)
    assert inputs.answers is not None
    return inputs, inputs.answers


def test_the_old_constants_are_the_plan_of_version_3() -> None:
    old = fc.PlanScenario.defaults(3)
    own = fc.PlanScenario(answer_mfu="own", chips_from="trend", power_from="sites")
    own = own.replaced(first_year=2026, exchange_rate=old["exchange_rate"])
    own = own.replaced(price_method="calibrated")
    assert dict(own) == dict(fc.PlanScenario(**old))
    inputs = plan_inputs(own)
    assert inputs.answers is None
    assert np.unique(inputs.mfu_input) == 0.40
    assert np.unique(inputs.mfu_output) == 0.05
    assert np.unique(inputs.full_load_share) == 1.0


def test_dollars_of_answers_are_those_of_the_chip_hour_peak_utilisation_and_load() -> None:
    scenario = fc.PlanScenario(draws=50)
    inputs, _ = answers_of(scenario)
    problem = split_problem(scenario, inputs)
    best = best_splits(problem, log_ceiling(inputs))
    shape = inputs.budget_usd.shape
    values = plan_quantities(scenario, inputs, problem, best)
    chip_second_per_peak = inputs.usd_per_training_flop * inputs.training_mfu
    k = np.exp(log_passes(inputs, best)).reshape(shape)
    tokens = (
        scenario.tokens_in / values["mfu_input"] + scenario.tokens_out * k / values["mfu_output"]
    )
    usd = 2.0 * values["params"] * inputs.requests * tokens * chip_second_per_peak
    assert values["inference_usd"] == pytest.approx(usd)


def test_the_solver_counts_with_the_utilisation_of_the_size_and_length_that_it_finds() -> None:
    scenario = fc.PlanScenario(last_year=2027)
    inputs, answers = answers_of(scenario)
    problem = split_problem(scenario, inputs)
    best = best_splits(problem, log_ceiling(inputs))
    counted = plan_quantities(scenario, inputs, problem, best)
    share = inputs.full_load_share[:, None]
    speed = answers.model.speed(counted["params"], counted["answer_compute"])
    off = np.abs(np.log(counted["mfu_output"] / (share * speed.mfu_output)))
    assert np.quantile(off, 0.5) < 0.05
    assert np.quantile(off, 0.9) < 0.25


@pytest.mark.parametrize("name", ["frontier", "startup", "university"])
def test_size_and_thinking_agree_with_the_utilisation_that_they_are_served_at(name: str) -> None:
    scenario = preset(name)
    inputs, served = answers_of(scenario)
    speed = served.model.speed(served.params, served.passes)
    assert served.mfu_output == pytest.approx(speed.mfu_output)
    best = best_splits(split_problem(scenario, inputs), log_ceiling(inputs))
    shape = inputs.budget_usd.shape
    n, log_k = (np.median(x.reshape(shape), axis=0) for x in (best.n, log_passes(inputs, best)))
    assert n == pytest.approx(np.log(served.params), abs=0.25)
    assert log_k == pytest.approx(np.log(served.passes), abs=0.7)


def gain_of_exact_split(scenario: PlanScenario, inputs: PlanInputs, row: int) -> float:
    """What the split of one draw would gain if the utilisation were that of its very size and
    length, in OOM.
    """
    one = inputs.rows([row])
    assert one.answers is not None
    model, problem, ceiling = one.answers.model, split_problem(scenario, one), log_ceiling(one)
    best = best_splits(problem, ceiling)
    budget, price = one.budget_usd[0, 0], one.usd_per_training_flop[0, 0]
    full_load_usd = 2.0 * one.requests[0, 0] * price * one.training_mfu / one.full_load_share[0]

    def missing(x: np.ndarray) -> float:
        n, log_k = x[0], max(x[1], 0.0)
        speed = model.speed(math.exp(n), math.exp(log_k))
        tokens = scenario.tokens_in / float(speed.mfu_input) + (
            scenario.tokens_out * math.exp(log_k) / float(speed.mfu_output)
        )
        left = budget / math.exp(n) - full_load_usd * tokens
        if left <= 0.0:
            return 1e3 - left / budget
        d = min(math.log(left / (6.0 * price)), ceiling[0] - math.log(6.0) - n)
        value = problem.quality.slopes(np.array([n]), np.array([d])).value[0]
        worth = one.exchange_rate[0] * min(log_k, one.span_oom[0] * LN10)
        return -float(value + worth) / LN10

    start = np.array([best.n[0], log_passes(one, best)[0]])
    corners = start + np.array([[0.0, 0.0], [0.4, 0.0], [0.0, 0.4]])
    options = {"initial_simplex": corners}
    found = minimize(missing, start, method="Nelder-Mead", options=options)
    return missing(start) - float(found.fun)


@pytest.mark.parametrize("name", ["frontier", "startup"])
def test_the_first_years_split_is_near_the_exact_one_of_its_draw(name: str) -> None:
    scenario = preset(name).replaced(last_year=2027, draws=200)
    inputs = plan_inputs(scenario)
    gains = [gain_of_exact_split(scenario, inputs, row) for row in range(0, 200, 40)]
    assert 0.0 <= np.median(gains) < 0.03


def test_the_chip_of_the_price_answers_and_an_unmeasured_one_is_known_less_well() -> None:
    chips = serving_chips(bundled())
    assert set(SERVED_AS.values()) <= set(chips)
    model, stands_in = answer_model(PlanScenario(), "NVIDIA H200 SXM", bundled())
    assert (model.chip.name, stands_in) == ("NVIDIA H200 SXM", False)
    model, stands_in = answer_model(PlanScenario(), "Google TPU v5e", bundled())
    assert (model.range_factor, stands_in) == (UNSEEN_FACTOR, True)
    named = PlanScenario(serving_chip="AMD MI300X")
    assert answer_model(named, "Google TPU v5e", bundled())[0].chip.name == "AMD MI300X"


def test_the_time_of_an_answer_caps_thinking_and_the_plan_says_where() -> None:
    scenario = fc.PlanScenario(draws=100, answer_time_limit_s=60.0)
    result, free = fc.plan(scenario), fc.plan(scenario.replaced(answer_time_limit_s=0.0))
    assert result.served is not None
    served = result.served
    allowed = np.exp(served.log_passes_limit)
    assert served.ttft_s + allowed * 500.0 * served.tpot_s == pytest.approx(
        np.full(allowed.shape, 60.0)
    )
    inputs = plan_inputs(scenario)
    problem = split_problem(scenario, inputs)
    passes = np.exp(log_passes(inputs, best_splits(problem, log_ceiling(inputs))))
    assert (passes <= np.exp(inputs.log_passes_limit).ravel() * (1 + 1e-9)).all()
    assert result.late[0] > 0.9
    assert result.table["probability_time_of_answer_binds"].to_numpy() == pytest.approx(result.late)
    assert "probability_time_of_answer_binds" not in free.table
    assert (free.late == 0.0).all()
    assert "the limit of 60 s per answer most likely cuts thinking short in" in result.full_answer
    assert "cuts thinking short in" in time_words(result)
    assert not time_words(free)


def test_a_time_limit_counts_under_a_utilisation_of_ones_own_too() -> None:
    own = fc.PlanScenario(draws=50, answer_mfu="own", mfu_output=1.5)
    capped = fc.plan(own.replaced(answer_time_limit_s=100.0))
    assert capped.bands["mfu_output"].median == pytest.approx(np.full(6, 1.5))
    assert capped.bands["answer_compute"].median[0] < fc.plan(own).bands["answer_compute"].median[0]
    assert "150% in writing" in plan_mfu_words(capped)


def test_what_answers_are_served_on_is_an_assumption_only_where_it_counts() -> None:
    def named(**changes: object) -> list[str]:
        return [label for label, _, _ in assumption_rows(fc.PlanScenario(**changes))]

    served_on = [str(fc.PlanScenario.model_fields[name].description) for name in SERVED_ON]
    assert set(served_on) <= set(named())
    assert set(served_on) <= set(named(answer_mfu="own", answer_time_limit_s=60.0))
    assert not set(served_on) & set(named(answer_mfu="own"))


def test_limits_that_nothing_keeps_are_refused_with_what_can_be_had() -> None:
    with pytest.raises(fc.InputError, match=r"tpot_limit_ms.*0\.1.*at least [\d.]+ ms"):
        fc.plan(fc.PlanScenario(tpot_limit_ms=0.1, draws=20))
    with pytest.raises(fc.InputError, match=r"answer_time_limit_s.*one pass takes [\d.]+ s on"):
        fc.plan(fc.PlanScenario(answer_time_limit_s=2.0, draws=20))


def test_a_size_that_is_too_slow_for_the_time_of_a_token_is_said() -> None:
    result = fc.plan(fc.PlanScenario(tpot_limit_ms=10.0, draws=50))
    assert "can't keep within the time per token: it takes at least" in plan_mfu_words(result)
    assert "can't keep" not in plan_mfu_words(fc.plan(fc.PlanScenario(draws=50, last_year=2027)))


def test_without_requests_no_time_is_asked_for() -> None:
    nothing = fc.PlanScenario(requests_per_day=0.0, answer_time_limit_s=2.0, draws=20)
    assert fc.plan(nothing).bands["inference_share"].median[0] == 0.0
