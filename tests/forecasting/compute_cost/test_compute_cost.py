from __future__ import annotations

import math
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecasting as fc
from forecasting.compute_cost import fitted_series
from forecasting.compute_cost.chip_hours import owned_chip_hour, rented_chip_hour
from forecasting.compute_cost.compute_cost import year_under
from forecasting.compute_cost.compute_price import (
    ComputePriceInputs,
    compute_price_draws,
    price_trends_of_all_methods,
)
from forecasting.compute_cost.price_fields import PriceMethod
from forecasting.data.dataset import DataSet
from forecasting.data.inflation import to_price_year
from tests.examples import examples

QUICK = {"price_trend": "gpu"}


def test_a_rented_flop_costs_what_the_formula_says(tables, rng) -> None:
    hour = rented_chip_hour("NVIDIA H100 SXM5 80GB", 2024, 10, fc.Context(tables), rng)
    quotes = tables["chip_rental_prices"]
    last = quotes[
        (quotes["chip"] == hour.chip)
        & quotes["on_demand_usd_per_chip_hour"].notna()
        & (quotes["price_date"] >= "2025-01-01")
    ]
    assert hour.usd_per_hour == pytest.approx(
        float(last["on_demand_usd_per_chip_hour"].median()), rel=1e-9
    )
    result = fc.model_cost(
        fc.CostScenario(
            model="own", params=1e9, tokens=2e10, year=2025, mfu=0.375, mfu_factor=1.0, **QUICK
        )
    )
    by_hand = 6 * 1e9 * 2e10 * hour.usd_per_hour / (3600 * hour.peak_flop_per_s * 0.375)
    assert result.hardware_at_year.value == pytest.approx(by_hand, rel=0.06)


def test_an_owned_chip_hour_costs_what_cottiers_formula_says(tables) -> None:
    hour = owned_chip_hour(
        "NVIDIA H100 SXM5 80GB",
        1,
        tables,
        depreciation_oom_per_year=0.14,
        server_overhead=1.64,
        interconnect_share=0.19,
        usd_per_kwh=0.08,
        pue=1.1,
    )
    hardware = 33600 * 0.14 * math.log(10) / 8766 * 1.64 / 0.81
    energy = 0.7 * 1.82 * 0.75 * 1.1 * 0.08
    assert hour.usd_per_hour == pytest.approx(hardware + energy, rel=1e-9)


def test_the_hardware_cost_of_gpt_3_at_its_date_is_near_the_published_ones() -> None:
    rented = fc.model_cost(fc.CostScenario(model="GPT-3", year=2020))
    owned = fc.model_cost(fc.CostScenario(model="GPT-3", year=2020, convention="owned"))
    assert 0.5 < rented.hardware_at_year.value / 4.6e6 < 2  # Epoch AI, cloud price, in 2024 USD
    assert 0.5 < owned.hardware_at_year.value / 2.2e6 < 2  # Epoch AI, amortised, in 2024 USD


def test_gain_of_algorithms_is_the_ratio_of_the_two_costs() -> None:
    result = fc.model_cost(
        fc.CostScenario(
            model="own",
            own_year=2025,
            year=2029,
            halving_months=8,
            halving_months_low=8,
            halving_months_high=8,
            **QUICK,
        )
    )
    ratio = result.hardware_at_year.value / result.with_algorithms_at_year.value
    assert ratio == pytest.approx(2 ** (4 * 12 / 8), rel=1e-9)


def test_both_costs_are_the_same_in_the_year_of_the_models_algorithms() -> None:
    result = fc.model_cost(fc.CostScenario(model="own", own_year=2030, year=2030))
    assert result.hardware_at_year.value == result.with_algorithms_at_year.value


def test_consumer_prices_convert_money(tables) -> None:
    assert float(to_price_year(100, 2020, 2024, tables)) == pytest.approx(100 * 313.689 / 258.811)
    assert float(to_price_year(100, 2025.5, 2024, tables)) == 100


def test_the_price_year_scales_a_rented_cost_by_consumer_prices() -> None:
    then, now = (
        fc.model_cost(fc.CostScenario(price_year=year)).hardware_at_year.value
        for year in (2014, 2024)
    )
    assert now / then == pytest.approx(313.689 / 236.736, rel=1e-9)


def test_doubt_about_the_training_flop_widens_the_range_and_leaves_the_median() -> None:
    sure, unsure = (
        fc.model_cost(fc.CostScenario(model="GPT-4", flop_doubt=doubt)).hardware_at_year
        for doubt in (False, True)
    )
    assert unsure.high / unsure.low > 3 * sure.high / sure.low
    assert unsure.value == pytest.approx(sure.value, rel=0.15)


@pytest.mark.parametrize("convention", ["rented", "owned"])
def test_shares_of_the_range_add_up_to_one_and_each_known_source_narrows_it(
    convention: str,
) -> None:
    result = fc.model_cost(fc.CostScenario(year=2031, convention=convention))
    drivers, full = result.drivers, oom_of(result.with_algorithms_at_year)
    assert sum(driver.share for driver in drivers) == pytest.approx(1)
    assert [driver.share for driver in drivers] == sorted(
        (driver.share for driver in drivers), reverse=True
    )
    assert all(oom_of(driver.if_known) < full for driver in drivers if driver.share > 0.1)
    assert oom_of(drivers[-1].if_known_with_larger) == pytest.approx(0, abs=1e-9)


def test_a_source_that_is_not_in_doubt_has_no_share_and_leaves_the_range() -> None:
    result = fc.model_cost(fc.CostScenario(mfu_factor=1.0, flop_doubt=False))
    drivers = {driver.name: driver for driver in result.drivers}
    for name in ("utilisation (MFU)", "training FLOP of the model"):
        assert drivers[name].share == 0.0
        known, full = drivers[name].if_known, result.with_algorithms_at_year
        assert (known.low, known.high) == pytest.approx((full.low, full.high), rel=1e-9)


def test_the_shares_of_algorithms_and_flop_are_those_of_their_stated_ranges() -> None:
    """Algorithms gain log10(2) · t / h with h of 8 months, 95% within 5–14; the training FLOP is
    within its factor for 90%, so that its logarithm's standard deviation is log10(factor) / 1.645.
    """
    result = fc.model_cost(fc.CostScenario(model="GPT-4", year=2031))
    shares = {driver.name: driver.share for driver in result.drivers}
    z, tail = 1.6448536, 1.9599640
    normal = np.random.default_rng(1).standard_normal(200_000)
    side = np.where(normal < 0, math.log(8 / 5) / tail, math.log(14 / 8) / tail)
    gains = (2031 - result.model.date) * math.log10(2) * 12 / (8 * np.exp(side * normal))
    by_flop = (math.log10(result.model.flop_factor_90) / z) ** 2
    ratio = shares["pace of algorithms"] / shares["training FLOP of the model"]
    assert ratio == pytest.approx(float(np.var(gains)) / by_flop, rel=0.12)


def oom_of(figure: fc.Range) -> float:
    return math.log10(figure.high / figure.low)


@examples(quick=8)
@given(params=st.floats(1e6, 1e14), tokens=st.floats(1e6, 1e15), factor=st.floats(1.1, 100))
def test_a_larger_run_never_costs_less(params: float, tokens: float, factor: float) -> None:
    small = fc.model_cost(fc.CostScenario(model="own", params=params, tokens=tokens, **QUICK))
    large = fc.model_cost(
        fc.CostScenario(model="own", params=params, tokens=min(tokens * factor, 1e18), **QUICK)
    )
    assert large.hardware_at_year.value > small.hardware_at_year.value


@examples(quick=8)
@given(budget=st.floats(1, 1e10), factor=st.floats(1.01, 1e4))
def test_a_larger_budget_is_never_met_later(budget: float, factor: float) -> None:
    first, second = (
        fc.model_cost(fc.CostScenario(budget_usd=usd, **QUICK)) for usd in (budget, budget * factor)
    )
    assert second.with_algorithms_under_budget.value <= first.with_algorithms_under_budget.value


def test_the_year_under_a_budget_is_interpolated_on_the_logarithm() -> None:
    years = np.array([2020.0, 2021.0, 2022.0])
    cost = np.array([[100.0, 10.0, 1.0], [0.5, 0.4, 0.3], [100.0, 90.0, 80.0]])
    np.testing.assert_allclose(year_under(years, cost, 10.0**0.5), [2021.5, -np.inf, np.inf])


def test_a_seed_gives_the_same_result_and_another_seed_nearly_the_same() -> None:
    first, again, other = (
        fc.model_cost(fc.CostScenario(seed=seed)).hardware_at_year for seed in (0, 0, 1)
    )
    assert first == again
    assert other.value == pytest.approx(first.value, rel=0.1)
    assert other != first


def test_the_answer_holds_both_costs_with_their_ranges() -> None:
    result = fc.model_cost(fc.CostScenario(model="GPT-3", year=2028))
    assert result.full_answer.count("(80%)") >= 3
    assert "e+" not in result.full_answer


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"model": "GPT-9000"}, "GPT-9000"),
        ({"chip": "Abacus"}, "Abacus"),
        ({"chip": "Google TPU v4", "convention": "owned"}, "launch price is not known"),
        ({"series": "rental", "rental_chip": "Abacus"}, "Abacus"),
    ],
)
def test_an_unknown_name_is_said_with_what_would_be_right(inputs: dict, said: str) -> None:
    forecast = fc.price_trend if "series" in inputs else fc.model_cost
    with pytest.raises(fc.ForecastingError, match=said):
        forecast(fc.CostScenario(**inputs))


def test_every_model_of_the_list_has_a_cost(tables) -> None:
    for name in fc.CostScenario.choices("model", tables)[::40]:
        assert fc.model_cost(fc.CostScenario(model=name)).hardware_at_year.value > 0


@pytest.mark.parametrize("convention", ["rented", "owned"])
def test_every_chip_has_a_price_or_a_sentence_that_names_it(tables, convention: str) -> None:
    for chip in fc.CostScenario.choices("chip", tables):
        try:
            usd = fc.model_cost(
                fc.CostScenario(chip=chip, convention=convention)
            ).chip_hour.usd_per_hour
        except fc.InputError as error:
            usd = None
            said = str(error)
        assert (usd is not None and usd > 0) or chip in said


@pytest.mark.parametrize("halving", [{"halving_months_low": 1.0}, {"halving_months_high": 240.0}])
def test_the_fastest_and_slowest_algorithms_give_numbers(halving: dict) -> None:
    result = fc.model_cost(fc.CostScenario(**halving))
    assert np.isfinite(result.with_algorithms.values).all()
    assert (result.with_algorithms.values > 0).all()


def test_who_chooses_another_method_of_prices_waits_for_no_fit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = DataSet()
    price_trends_of_all_methods(data)

    def fitted(*_: Any, **__: Any) -> None:
        raise AssertionError("fitted again")

    monkeypatch.setattr(fitted_series, "fit_trend", fitted)
    for method in get_args(PriceMethod):
        scenario = ComputePriceInputs(price_method=method)
        draws = compute_price_draws(scenario, np.array([2027.0]), data=data)
        assert np.all(draws.usd_per_flop > 0)
