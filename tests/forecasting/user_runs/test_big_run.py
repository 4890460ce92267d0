"""One big run in full: best tokens for its size, compute, hours, cost and days, and its loss."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecasting as fc
from forecasting.compute_cost.compute_price import ComputePriceInputs, compute_price_draws
from forecasting.laws.law_draws import LawDraws
from forecasting.laws.published_laws import published_law
from forecasting.reporting.user_runs_answers import big_run_table, law_latex
from forecasting.user_runs.big_run import compute_optimal_tokens
from forecasting.user_runs.own_runs import RunsForecast, RunsScenario, own_runs


def forecast(**inputs: object) -> RunsForecast:
    return own_runs(RunsScenario(resamples=100, **inputs))


@given(st.floats(1e7, 1e13))
def test_the_best_tokens_of_a_size_are_those_whose_compute_has_that_size_as_its_best(
    params: float,
) -> None:
    law = published_law().law
    tokens = float(compute_optimal_tokens(LawDraws.of_law(law), params)[0])
    assert law.optimal(6.0 * params * tokens) == pytest.approx((params, tokens), rel=1e-9)


def test_a_run_of_70_billion_parameters_and_its_best_tokens_by_the_published_law() -> None:
    # Besiroglu et al. 2024: E 1.8172, A 482.01, B 2085.43, α 0.3478, β 0.3658.
    law = fc.ChinchillaLaw(1.8172, 482.01, 2085.43, 0.3478, 0.3658)
    G = (0.3478 * 482.01 / (0.3658 * 2085.43)) ** (1 / (0.3478 + 0.3658))
    product = (70e9 / G) ** ((0.3478 + 0.3658) / 0.3658)
    tokens = float(compute_optimal_tokens(LawDraws.of_law(law), 70e9)[0])
    assert tokens == pytest.approx(product / 70e9)


def test_tokens_are_given_as_a_number_as_a_ratio_or_by_the_law() -> None:
    number = forecast(target_params=30e9, target_tokens=600e9)
    ratio = forecast(target_params=30e9, target_by="ratio", target_tokens_per_param=20.0)
    best = forecast(target_params=30e9, target_by="optimum")
    assert number.target_tokens == ratio.target_tokens == 600e9
    assert number.target_loss == ratio.target_loss
    assert best.target_tokens == best.optimal_tokens.value == number.optimal_tokens.value
    assert best.optimal_tokens.low < best.target_tokens < best.optimal_tokens.high


def test_hours_cost_and_days_follow_from_compute_chip_and_price() -> None:
    result = forecast(target_params=30e9, target_tokens=600e9, year=2027, cluster_chips=512)
    assert result.target_flop == pytest.approx(1.08e23)
    price = compute_price_draws(ComputePriceInputs(), np.array([2027.5]))
    hours = 1.08e23 / (price.chip_hour.peak_flop_per_s * 3600.0 * float(np.median(price.mfu)))
    assert result.target_chip_hours.value == pytest.approx(hours, rel=1e-3)
    assert result.target_days.value == pytest.approx(hours / 512 / 24, rel=1e-3)
    usd = 1.08e23 * float(np.median(price.usd_per_flop[:, 0]))
    assert result.target_usd.value == pytest.approx(usd, rel=1e-3)
    assert f"512 chips ({price.chip_hour.chip})" in result.lines[1]


def test_twice_the_chips_take_half_the_days_at_the_same_cost() -> None:
    one, two = forecast(cluster_chips=1000), forecast(cluster_chips=2000)
    assert two.target_days.value == pytest.approx(one.target_days.value / 2)
    assert two.target_usd == one.target_usd


def test_best_tokens_that_no_run_could_have_are_refused_with_what_to_give() -> None:
    law = fc.ChinchillaLaw(1.7, 3e6, 20.0, 0.9, 0.15)
    rows = "".join(
        f"{N},{D},{law.loss(N, D):.6f}\n" for N in (1e7, 1e8, 1e9, 1e10) for D in (1e9, 1e10, 1e11)
    )
    runs = fc.read_runs("params,tokens,loss\n" + rows)
    scenario = RunsScenario(resamples=100, target_by="optimum", target_params=1e15)
    with pytest.raises(fc.InputError, match="give tokens or a ratio"):
        own_runs(scenario, data=fc.Context(fc.bundled(), runs=runs))


def test_the_big_run_is_told_in_full_with_ranges() -> None:
    table = big_run_table(forecast(cluster_chips=1)).set_index("The big run")
    assert table.loc["Tokens per parameter", "Value"] == "20"
    assert "–" in table.loc["Days on 1 chip", "80% range"]
    assert len(table) == 9


def test_a_law_reads_as_one_formula() -> None:
    law = fc.ChinchillaLaw(1.8172, 482.01, 2085.43, 0.3478, 0.3658)
    assert law_latex(law) == (
        r"L(N, D) = 1.817 + \frac{482}{N^{0.3478}} + \frac{2\,085}{D^{0.3658}}"
    )
