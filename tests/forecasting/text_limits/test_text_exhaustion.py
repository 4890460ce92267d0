from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecasting as fc
from forecasting.text_limits.exhaustion_dates import ExhaustionDates
from forecasting.text_limits.text_dataset_growth import dataset_growth
from forecasting.text_limits.text_demand import log_compute_at
from forecasting.text_limits.text_scenario import PRESETS, TextScenario, preset
from forecasting.text_limits.text_sensitivity import ranks_of, uncertain_factors

D = fc.Distribution
SEEDS = (0, 1, 2, 3, 4)
FIVE_TIMES = {"demand": "history", "overtraining": D.fixed(5.0)}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("inputs", "median", "low", "high", "far"),
    [
        ({"demand": "history"}, 2029.05, 2027.35, 2031.2, 0.3),
        ({"demand": "compute"}, 2031.3, 2028.4, 2039.1, 1.0),
        ({"demand": "mixture"}, 2029.8, 2027.7, 2035.7, 0.3),
        (
            {"demand": "history", "anchor_tokens": D.fixed(36e12), "anchor_year": 2025.3},
            2028.2,
            2026.85,
            2029.9,
            0.3,
        ),
    ],
)
def test_the_proven_dates_hold_for_every_seed(
    inputs: dict, median: float, low: float, high: float, far: float, seed: int
) -> None:
    forecast = fc.text_exhaustion(preset("epoch_2024").replaced(seed=seed, **inputs))
    assert forecast.median_year == pytest.approx(median, abs=0.1)
    ends = forecast.interval(0.8)
    assert ends[0] == pytest.approx(low, abs=0.3)
    assert ends[1] == pytest.approx(high, abs=far)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("means", "median"), [("fixed_compute", 2028.0), ("times_demand", 2027.0)])
def test_over_training_five_times_means_two_things_with_two_dates(
    means: str, median: float, seed: int
) -> None:
    inputs = {"seed": seed, "overtraining_means": means, **FIVE_TIMES}
    forecast = fc.text_exhaustion(preset("epoch_2024").replaced(**inputs))
    assert forecast.median_year == pytest.approx(median, abs=0.1)


def test_the_medians_of_history_cross_where_the_closed_form_says() -> None:
    middle = {
        name: D.fixed(value.median)
        for name, value in preset("epoch_2024")
        if isinstance(value, D) and name not in ("growth_oom_per_year", "people_stock")
    }
    forecast = fc.text_exhaustion(
        preset("epoch_2024").replaced(
            demand="history", growth_from="own", **middle | {"growth_oom_per_year": D.fixed(0.371)}
        )
    )
    assert forecast.median_year == pytest.approx(
        2024 + (14.507 - 12.795) / (0.371 - 0.033), abs=0.1
    )
    assert forecast.interval(0.8) == (forecast.median_year, forecast.median_year)


def test_the_growth_of_datasets_is_that_of_the_paper(tables) -> None:
    growth = dataset_growth(TextScenario(), tables).oom_per_year
    assert growth.value == pytest.approx(0.371, abs=0.001)
    assert growth.interval(0.95) == pytest.approx((0.27, 0.48), abs=0.01)


def test_growth_can_be_refitted_to_other_rows_tables_and_windows(tables) -> None:
    records = dataset_growth(TextScenario(growth_rows="record"), tables)
    assert 5 <= records.fitted.dates.size < 20
    assert np.all(np.diff(records.fitted.tokens) > 0)
    newer = dataset_growth(
        TextScenario(growth_from="ai_models", growth_first_year=2018, growth_last_year=2025), tables
    )
    assert newer.fitted.dates.size > 200
    assert newer.fitted.dates.min() >= 2018
    assert newer.sizes.tokens.max() == 36e12
    wider = dataset_growth(TextScenario(growth_errors="years"), tables).oom_per_year.interval(0.95)
    assert wider[0] < 0.27
    assert wider[1] > 0.48


def test_the_compute_forecast_has_its_published_median_and_range() -> None:
    z = np.array([-1.6448536269514722, 0.0, 1.6448536269514722])
    np.testing.assert_allclose(
        log_compute_at(np.array([2025.0, 2030.0, 2035.0, 2050.0]), z),
        [
            [25.33, 25.90, 26.14],
            [26.71, 28.67, 29.47],
            [27.99, 30.545, 32.09],
            [31.78, 35.26, 38.86],
        ],
        atol=1e-9,
    )


def test_a_stock_that_demand_never_meets_is_not_before_the_horizon() -> None:
    scenario = TextScenario(
        demand="history", growth_from="own", growth_oom_per_year=D.fixed(0.01), horizon_year=2060
    )
    forecast = fc.text_exhaustion(scenario)
    assert math.isinf(forecast.median_year)
    assert forecast.later_share > 0.9
    assert "not before 2060" in forecast.answer
    assert np.isfinite(forecast.table.to_numpy()).all()


def test_draws_that_never_cross_rank_as_ties_at_the_end() -> None:
    ranks = ranks_of(np.array([2030.0, np.inf, 2028.0, np.inf, np.inf]))
    np.testing.assert_array_equal(ranks, [1, 3, 0, 3, 3])
    dates = ExhaustionDates.of(
        [(np.array([2030.0, np.inf]), 0.5), (np.array([2028.0, 2029.0]), 0.5)]
    )
    assert dates.later_share == 0.25
    assert dates.median == 2029.0
    assert math.isinf(dates.quantile(0.9))


def test_the_chance_by_year_rises_and_agrees_with_the_dates() -> None:
    forecast = fc.text_exhaustion(TextScenario())
    assert np.all(np.diff(forecast.chance) >= 0)
    assert float(forecast.dates.share_by(np.array([forecast.median_year]))[0]) == pytest.approx(
        0.5, abs=0.001
    )
    assert forecast.chance[-1] == pytest.approx(1 - forecast.later_share, abs=0.001)


def test_the_table_holds_what_the_chart_shows() -> None:
    forecast = fc.text_exhaustion(TextScenario())
    table = forecast.table
    np.testing.assert_array_equal(table["stock_tokens_q50"], forecast.stock.median)
    assert list(table["year"]) == list(range(2015, 2051))
    assert {
        "demand_tokens_q10",
        "demand_tokens_q90",
        "probability_exhausted_by_start_of_year",
    } <= set(table.columns)


def test_every_definition_of_text_has_its_amount_and_date() -> None:
    once, repeated, raw, people = fc.text_exhaustion(TextScenario()).definitions
    assert once.tokens.value < repeated.tokens.value < raw.tokens.value < people.tokens.value
    assert once.dates.value < repeated.dates.value < raw.dates.value < people.dates.value


def test_the_article_preset_takes_its_fifth_as_input_and_its_date_is_an_output() -> None:
    forecast = fc.text_exhaustion(preset("article"))
    assert forecast.definitions[0].tokens.value == pytest.approx(
        forecast.definitions[2].tokens.value * 0.2, rel=0.02
    )
    assert forecast.median_year > 2027


def test_presets_are_ordered_as_their_names_say() -> None:
    medians = {name: fc.text_exhaustion(preset(name)).median_year for name in PRESETS}
    assert medians["pessimist"] < medians["article"] < medians["known_2026"] < medians["optimist"]
    assert medians["known_2026"] < medians["epoch_2024"]
    assert preset("known_2026") == TextScenario()
    with pytest.raises(fc.UnknownNameError, match="optimist"):
        preset("optimst")


def test_the_swing_of_each_factor_moves_the_date_as_it_should() -> None:
    result = fc.text_sensitivity(TextScenario())
    by_name = {swing.factor: swing for swing in result.swings}
    assert set(by_name) == {*uncertain_factors(TextScenario()), "which_demand"}
    for name in ("pages", "quality", "repetition", "bytes_below_six"):
        assert by_name[name].at_low < result.median_year < by_name[name].at_high
        assert by_name[name].rank_correlation > 0.05
    for name in ("growth", "compute_shift_oom", "compute"):
        assert by_name[name].at_low > result.median_year > by_name[name].at_high
        assert by_name[name].rank_correlation < -0.05
    assert [s.years for s in result.swings] == sorted(
        (s.years for s in result.swings), reverse=True
    )
    assert len(result.table) == len(result.swings)


def test_a_fixed_factor_has_no_bar() -> None:
    names = {
        swing.factor
        for swing in fc.text_sensitivity(
            TextScenario(demand="history", quality=D.fixed(0.2))
        ).swings
    }
    assert "quality" not in names
    assert "compute" not in names


RANGES = st.tuples(st.floats(0.2, 5.0), st.floats(1.0, 10.0))


@given(
    size=RANGES,
    more=st.floats(1.0, 100.0),
    demand=st.sampled_from(["history", "compute", "mixture"]),
)
def test_more_stock_never_brings_the_date_forward(
    size: tuple[float, float], more: float, demand: str
) -> None:
    low = 5e10 * size[0]
    less, larger = (
        fc.text_exhaustion(
            TextScenario(demand=demand, pages=D(low * times, low * times * size[1], 0.9))
        ).dates.dates
        for times in (1.0, more)
    )
    assert np.all(larger >= less - 1e-9)


@given(
    anchor=st.floats(1e10, 1e14),
    more=st.floats(1.0, 100.0),
    demand=st.sampled_from(["history", "mixture"]),
    k=st.floats(1.0, 20.0),
)
def test_more_demand_never_postpones_the_date(
    anchor: float, more: float, demand: str, k: float
) -> None:
    first = fc.text_exhaustion(TextScenario(demand=demand, anchor_tokens=D.fixed(anchor)))
    second = fc.text_exhaustion(
        TextScenario(demand=demand, anchor_tokens=D.fixed(anchor * more), overtraining=D.fixed(k))
    )
    assert np.all(second.dates.dates <= first.dates.dates + 1e-9)


@given(
    weight=st.floats(0.0, 1.0),
    anchor=st.floats(1e11, 1e14),
    level=st.sampled_from([0.5, 0.8, 0.95]),
)
def test_the_mixture_lies_between_its_parts(weight: float, anchor: float, level: float) -> None:
    forecast = fc.text_exhaustion(TextScenario(history_share=weight, anchor_tokens=D.fixed(anchor)))
    for q in (0.5, (1 - level) / 2, (1 + level) / 2):
        parts = sorted([forecast.history.quantile(q), forecast.compute.quantile(q)])
        assert parts[0] - 1e-9 <= forecast.dates.quantile(q) <= parts[1] + 1e-9


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"pages": D(-1e9, 1e10, 0.9, "normal")}, "from 1 to 10¹⁸"),
        ({"anchor_tokens": D.fixed(-3e12)}, "anchor_tokens"),
        ({"quality": D(0.1, 1.4, 0.9)}, "A share is at most 100%"),
        ({"bytes_below_six": D(1.0, 7.0, 0.9)}, "below 6"),
        ({"multimodal": D(-0.5, 2.0, 0.9, "normal")}, "0 leaves it out"),
        ({"epochs": D.fixed(0.5)}, "1 epoch"),
        ({"history_share": 1.2}, "history_share"),
        ({"horizon_year": 2200}, "horizon_year"),
        ({"corpus_tokens": -5.0}, "corpus_tokens"),
        ({"growth_first_year": 2020, "growth_last_year": 2015}, "growth_last_year"),
        ({"law": "chinchila"}, "chinchilla"),
        ({"pages": {"low": 5e11, "high": 1e11}}, "no higher than"),
        ({"pages": {"low": 1e10, "high": 1e11, "share": 1.2}}, "share"),
    ],
)
def test_a_wrong_input_is_named_with_what_would_be_right(inputs: dict, said: str) -> None:
    with pytest.raises(fc.ForecastingError, match=said):
        TextScenario(**inputs)


def test_too_few_datasets_in_the_window_are_said() -> None:
    with pytest.raises(fc.NotEnoughDataError, match="Widen the years of growth"):
        fc.text_exhaustion(TextScenario(growth_first_year=2024))


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (
            {"overtraining": D.fixed(5.0)},
            "5 times the compute-optimal tokens per parameter, on 2.2 times the text",
        ),
        (
            {"overtraining": D.fixed(0.99)},
            "over-training hardly changes the text that a run needs",
        ),
        (
            {"overtraining": D.fixed(5.0), "overtraining_means": "times_demand"},
            "times 5 for over-training",
        ),
        (
            {"private": D.fixed(1.0), "synthetic": D(0.1, 1.0, 0.8)},
            "with private text and synthetic text added",
        ),
    ],
)
def test_the_answer_says_what_was_added_and_which_over_training_is_meant(
    inputs: dict, said: str
) -> None:
    assert said in fc.text_exhaustion(TextScenario(**inputs)).full_answer


def test_a_seed_gives_the_same_dates_and_another_seed_nearly_the_same() -> None:
    first, again, other = (
        fc.text_exhaustion(TextScenario(seed=seed)).dates.dates for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert abs(first[1000] - other[1000]) < 0.1
