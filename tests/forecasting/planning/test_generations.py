from __future__ import annotations

import pytest

import forecasting as fc
from forecasting.planning.generations import (
    NEEDS,
    compute_optimal_step,
    generation_years,
    generations,
)

LAW = fc.ChinchillaLaw(E=1.69, A=406.4, B=410.7, alpha=0.336, beta=0.283)


@pytest.mark.parametrize(("growth", "years"), [(4.1, 3.26), (5.0, 2.86)])
def test_how_long_a_generation_lasts(growth: float, years: float) -> None:
    assert generation_years(growth) == pytest.approx(years, abs=0.005)


def test_100_times_the_compute_is_8_times_the_parameters_on_12_times_the_tokens() -> None:
    params, tokens = compute_optimal_step(LAW)
    assert params == pytest.approx(8.2, abs=0.05)
    assert tokens == pytest.approx(12.2, abs=0.05)
    assert params * tokens == pytest.approx(100.0)


def test_only_with_equal_exponents_is_it_ten_and_ten() -> None:
    equal = fc.ChinchillaLaw(E=1.69, A=406.4, B=410.7, alpha=0.3, beta=0.3)
    assert compute_optimal_step(equal) == pytest.approx((10.0, 10.0))


def test_the_ladder_has_both_modes_and_everything_needs_at_least_as_much() -> None:
    result = generations(fc.PlanScenario(draws=200))
    compute, everything = result.ladder("compute"), result.ladder("everything")
    assert [step.name for step in compute] == ["GPT-5 class", "GPT-6 class", "GPT-7 class"]
    for one, other in zip(compute, everything, strict=True):
        assert one.date == other.date
        assert other.needs["text"].value > 3 * one.needs["text"].value
        assert other.needs["money"].value > one.needs["money"].value
        for need in NEEDS:
            assert 0.0 <= other.enough[need] <= 1.0
    assert result.lasts_years.value == pytest.approx(generation_years(4.72), rel=0.01)


def test_what_runs_short_is_said_with_the_step() -> None:
    result = generations(fc.PlanScenario(draws=200, chips_from="trend", power_from="trend"))
    assert (
        "Text falls short of the GPT-6 class, about 2029, likely 2028–2029 (80%)."
        in result.full_answer
    )
    ample = generations(fc.PlanScenario(draws=100, text="unlimited"))
    assert ample.runs_out("text", "compute") is None


def test_growth_that_brings_no_generation_is_refused() -> None:
    with pytest.raises(fc.InputError, match="only where compute grows"):
        generation_years(1.0)
    with pytest.raises(fc.InputError, match="only where compute grows"):
        fc.PlanScenario(frontier_growth=fc.Distribution.fixed(0.9))
