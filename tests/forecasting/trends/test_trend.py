from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import forecasting as fc
from forecasting.stats.record_setters import running_top
from forecasting.units import decimal_years

METHODS = ("ols", "robust", "frontier", "record")


def near(value: float, expected: float, share: float = 0.01) -> bool:
    return abs(value / expected - 1) <= share


def gpus(tables):
    table = tables["gpu_prices"]
    return (
        decimal_years(table["release_date"].to_numpy()),
        (table["fp32_flop_per_s"] / table["price_2020_usd"]).to_numpy(),
    )


def frontier_rows(tables, column: str, first: float, last: float = 3000.0):
    """Members of the running top 10 by training FLOP that have a value in `column`, dated in the
    window.
    """
    table = tables["ai_models"]
    table = table[table["training_flop"].notna() & table["date"].notna()]
    dates = decimal_years(table["date"].to_numpy())
    values = table[column].to_numpy()
    keep = (
        running_top(dates, table["training_flop"].to_numpy())
        & (dates >= first)
        & (dates <= last)
        & np.isfinite(values)
    )
    return dates[keep], values[keep]


def test_gpu_price_performance_doubles_as_published(tables) -> None:
    trend = fc.fit_trend(*gpus(tables), method="ols", errors="independent")
    low, high = trend.doubling_time_years.interval(0.95)
    assert trend.n == 413
    assert near(trend.doubling_time_years.value, 2.49)
    assert near(low, 2.24)
    assert near(high, 2.80)


def test_ml_chip_price_performance_grows_by_22_percent(tables) -> None:
    table = tables["ml_chips"]
    table = table[table["price_usd"].notna() & table["fp32_flop_per_s"].notna()]
    trend = fc.fit_trend(
        table["release_date"].to_numpy(),
        table["fp32_flop_per_s"] / table["price_usd"],
        errors="independent",
    )
    low, high = trend.growth_per_year.interval(0.90)
    assert trend.n == 51
    assert near(trend.growth_per_year.value, 1.221)
    assert near(low, 1.145)
    assert near(high, 1.302)


@pytest.mark.parametrize(
    ("since", "points", "halving"),
    [(1857, 107, 2.70), (1900, 102, 2.02), (1945, 85, 1.68), (1985, 30, 1.07)],
)
def test_the_cost_of_an_operation_halves_the_faster_the_later_one_starts(
    tables, since: int, points: int, halving: float
) -> None:
    table = tables["computing_cost_1857_2001"]
    table = table[table["year"] >= since]
    trend = fc.fit_trend(table["year"], table["usd_per_million_ops"])
    assert trend.n == points
    assert near(trend.halving_time_years.value, halving)


def test_training_compute_of_notable_models_grows_about_fourfold(tables) -> None:
    table = tables["ai_models"]
    dates = decimal_years(table["date"].to_numpy())
    keep = (dates >= 2010) & table["training_flop"].notna().to_numpy()
    trend = fc.fit_trend(dates[keep], table["training_flop"].to_numpy()[keep])
    assert trend.growth_per_year.value == pytest.approx(4.3, abs=0.1)


@pytest.mark.parametrize(
    ("column", "first", "last", "points", "growth", "low", "high"),
    [
        ("training_flop", 2018, 3000, 77, 4.76, 4.32, 5.25),
        ("training_flop", 2010, 3000, 123, 4.86, 4.64, 5.08),
        ("cost_amortized_2023_usd", 2010, 3000, 77, 3.11, 2.83, 3.42),
        ("cost_amortized_2023_usd", 2015.75, 2024.3, 58, 2.59, 2.18, 3.07),
    ],
)
def test_the_frontier_grows_as_the_running_top_ten_shows(
    tables, column, first, last, points, growth, low, high
) -> None:
    trend = fc.fit_trend(*frontier_rows(tables, column, first, last), errors="independent")
    found_low, found_high = trend.growth_per_year.interval(0.90)
    assert trend.n == points
    assert near(trend.growth_per_year.value, growth)
    assert near(found_low, low)
    assert near(found_high, high)


def test_resampled_years_give_wider_intervals_than_independent_errors(tables) -> None:
    blocks = fc.fit_trend(*gpus(tables)).doubling_time_years.interval(0.95)
    textbook = fc.fit_trend(*gpus(tables), errors="independent").doubling_time_years.interval(0.95)
    assert blocks[0] < textbook[0]
    assert blocks[1] > textbook[1]


def test_the_robust_line_is_that_of_statsmodels(tables) -> None:
    import statsmodels.api as sm

    dates, values = gpus(tables)
    trend = fc.fit_trend(dates, values, method="robust")
    design = np.column_stack([np.ones(dates.size), dates - trend.reference_year])
    reference = sm.RLM(np.log10(values), design, M=sm.robust.norms.HuberT()).fit(
        tol=1e-12, maxiter=500
    )
    assert trend.level == pytest.approx(reference.params[0], abs=1e-6)
    assert trend.slope == pytest.approx(reference.params[1], abs=1e-6)


@pytest.mark.parametrize("quantile", [0.5, 0.9, 0.97])
def test_the_frontier_is_never_worse_than_that_of_statsmodels(tables, quantile: float) -> None:
    import statsmodels.api as sm

    from forecasting.trends.quantile_line import check_loss

    dates, values = gpus(tables)
    y = np.log10(values)
    trend = fc.fit_trend(dates, values, method="frontier", quantile=quantile)
    design = np.column_stack([np.ones(dates.size), dates - trend.reference_year])
    reference = sm.QuantReg(y, design).fit(q=quantile, max_iter=5000, p_tol=1e-10)
    ours = check_loss(y - design @ [trend.level, trend.slope], quantile)
    assert ours <= check_loss(y - design @ reference.params, quantile) * (1 + 1e-9)


def test_the_plain_line_is_that_of_statsmodels(tables) -> None:
    import statsmodels.api as sm

    dates, values = gpus(tables)
    trend = fc.fit_trend(dates, values, errors="independent")
    fitted = sm.OLS(
        np.log10(values), np.column_stack([np.ones(dates.size), dates - trend.reference_year])
    ).fit()
    assert trend.slope == pytest.approx(fitted.params[1], rel=1e-10)
    new = np.column_stack([np.ones(3), np.array([2022.0, 2030.0, 2040.0]) - trend.reference_year])
    frame = fitted.get_prediction(new).summary_frame(alpha=0.2)
    ahead = trend.forecast([2022.0, 2030.0, 2040.0])
    np.testing.assert_allclose(np.log10(ahead.quantile(0.1)), frame["obs_ci_lower"], rtol=1e-9)
    np.testing.assert_allclose(
        np.log10(trend.forecast([2022.0, 2030.0, 2040.0], kind="trend").quantile(0.9)),
        frame["mean_ci_upper"],
        rtol=1e-9,
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_series_without_noise_is_recovered_exactly(method: str) -> None:
    dates = np.arange(2000.0, 2020.0, 0.5)
    trend = fc.fit_trend(dates, 3.0 * 2.0 ** (dates - 2000.0), method=method)
    assert trend.doubling_time_years.value == pytest.approx(1.0, rel=1e-6)
    assert trend.forecast([2030.0], kind="trend").median[0] == pytest.approx(
        3.0 * 2.0**30, rel=1e-5
    )


#: Quarterly dates away from the turn of the year, where rounding could move a point into another
#: year.
quarters = st.lists(
    st.integers(0, 119).map(lambda quarter: 1990.1 + quarter / 4),
    min_size=8,
    max_size=60,
    unique=True,
)
series = quarters.flatmap(
    lambda dates: st.tuples(
        st.just(dates), st.lists(st.floats(-3, 3), min_size=len(dates), max_size=len(dates))
    )
)


def usable(dates: np.ndarray) -> bool:
    return np.unique(np.floor(dates)).size >= 6 and np.ptp(dates) > 3


@pytest.mark.parametrize("method", ["ols", "robust"])
@given(points=series, factor=st.floats(1e-6, 1e6), shift=st.integers(-50, 50))
def test_rescaling_units_and_shifting_dates_move_the_forecast_accordingly(
    method, points, factor, shift
) -> None:
    dates, logs = np.array(points[0]), np.array(points[1])
    assume(usable(dates))
    values = 10.0**logs
    plain = fc.fit_trend(dates, values, method=method, replicates=50)
    moved = fc.fit_trend(dates + shift, values * factor, method=method, replicates=50)
    ahead, ahead_moved = (
        np.log10(each.forecast([2025.1 + by], kind="trend").quantile([0.1, 0.5, 0.9]))
        for each, by in ((plain, 0), (moved, shift))
    )
    np.testing.assert_allclose(ahead_moved, ahead + math.log10(factor), atol=1e-4)


@given(points=series, kind=st.sampled_from(["trend", "observation"]))
def test_quantiles_never_cross_and_wider_levels_hold_narrower_ones(points, kind) -> None:
    dates, logs = np.array(points[0]), np.array(points[1])
    assume(usable(dates))
    trend = fc.fit_trend(dates, 10.0**logs, replicates=60)
    quantiles = trend.forecast([1995.0, 2025.0, 2050.0], kind=kind).quantile(
        [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975]
    )
    assert (np.diff(np.log(quantiles), axis=0) >= -1e-9).all()
    narrow, wide = trend.slope_oom_per_year.interval(0.5), trend.slope_oom_per_year.interval(0.95)
    assert wide[0] <= narrow[0] <= narrow[1] <= wide[1]


def test_the_same_seed_gives_the_same_draws_and_another_seed_others(tables) -> None:
    first, again, other = (fc.fit_trend(*gpus(tables), seed=seed).slope_draws for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_series_that_does_not_rise_never_doubles() -> None:
    dates = np.arange(2000.0, 2020.0)
    trend = fc.fit_trend(dates, 2.0 ** -(dates - 2000))
    assert math.isinf(trend.doubling_time_years.value)
    assert trend.halving_time_years.value == pytest.approx(1.0)


def test_default_is_one_concrete_name() -> None:
    dates = np.arange(2000.0, 2020.0)
    assert fc.fit_trend(dates, 2.0 ** (dates - 2000)).method == "pooled"
    assert fc.fit_trend(dates, 2.0 ** (dates - 2000), errors="independent").method == "ols"


@pytest.mark.parametrize(
    ("dates", "values", "options", "said"),
    [
        (
            [2001, 2002, 2003, 2004],
            [1, 2, 3, 4],
            {},
            "Only 4 points are left and at least 5 are needed",
        ),
        ([2001, 2002, 2003, 2004, 2005], [1, 2, 0, 4, 5], {}, "0.0 (row 3)"),
        ([2001, 2002, 2003, 2004, 2005], [1, 2, float("nan"), 4, 5], {}, "row 3"),
        ([2001, 2002, 2003, 2004, 2005], [1, 2, 3, 4], {}, "one value per date"),
        ([2001] * 6, [1, 2, 3, 4, 5, 6], {}, "different dates"),
        (
            ["2001-01-01", "soon", "2003-01-01", "2004-01-01", "2005-01-01"],
            [1, 2, 3, 4, 5],
            {},
            "soon",
        ),
        (range(2001, 2011), range(1, 11), {"method": "magic"}, "magic"),
        (range(2001, 2011), range(1, 11), {"method": "robust", "errors": "independent"}, "ols"),
        (range(2001, 2011), range(1, 11), {"quantile": 1.5}, "1.5"),
    ],
)
def test_bad_input_is_said_with_the_value_seen(dates, values, options, said: str) -> None:
    with pytest.raises(fc.ForecastingError) as error:
        fc.fit_trend(np.array(list(dates)), np.array(list(values), dtype=float), **options)
    assert said in str(error.value)


def alike_years(rng: np.random.Generator, correlation: float) -> tuple[np.ndarray, np.ndarray]:
    """Irregular points over 25 years whose yearly effects follow an autoregression; true slope 0.1
    OOM a year.
    """
    dates = np.sort(rng.uniform(2000, 2025, 80))
    effects = np.empty(26)
    effects[0] = rng.standard_normal()
    for year in range(1, 26):
        effects[year] = (
            correlation * effects[year - 1] + math.sqrt(1 - correlation**2) * rng.standard_normal()
        )
    noise = 0.2 * effects[np.floor(dates - 2000).astype(int)] + 0.3 * rng.standard_normal(80)
    return dates, 10.0 ** (0.1 * (dates - 2000) + noise)


@pytest.mark.soak
@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("method", ["ols", "robust"])
def test_intervals_hold_the_truth_as_often_as_they_say(
    rng, method: str, correlation: float
) -> None:
    held = 0
    for seed in range(400):
        low, high = fc.fit_trend(
            *alike_years(rng, correlation), method=method, seed=seed
        ).slope_oom_per_year.interval(0.9)
        held += low <= 0.1 <= high
    assert 0.84 <= held / 400 <= 0.96
