from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecasting as fc
from forecasting.evaluation.backtest import CutOffs, Task, backtest_many, cut_offs_of
from forecasting.evaluation.forecasters import METHODS, forecaster
from forecasting.evaluation.tracked_series import one_series, tracked_series
from tests.forecasting.dask_cluster import cluster

ROOT = Path(__file__).parents[3]
CHOSEN_ON = (
    "gpu_price",
    "chip_price",
    "chip_speed",
    "chip_efficiency",
    "training_flop",
    "dataset_size",
    "training_cost",
    "operation_cost",
)
#: Coverage of nominal 80% intervals of plain least squares: all horizons, up to two years, beyond;
#: ±0.02.
TEXTBOOK = {
    "gpu_price": (0.78, 0.79, 0.77),
    "chip_price": (0.72, 0.73, 0.71),
    "chip_speed": (0.75, 0.77, 0.75),
    "chip_efficiency": (0.46, 0.52, 0.42),
    "training_flop": (0.75, 0.80, 0.69),
    "dataset_size": (0.58, 0.73, 0.40),
    "training_cost": (0.66, 0.68, 0.62),
    "operation_cost": (0.61, 0.67, 0.56),
}
QUICK_SERIES = (np.linspace(2000.0, 2015.0, 61), 10 ** np.linspace(0.0, 5.0, 61))


@pytest.fixture(scope="module")
def judged(tables):
    """The eight series by the textbook line, the default method and the one chosen on them."""
    return {
        (key, method): fc.backtest(
            one_series(key, tables).dates, one_series(key, tables).values, method=method
        )
        for key in CHOSEN_ON
        for method in ("textbook", "default", "calibrated")
    }


@pytest.mark.parametrize("key", CHOSEN_ON)
def test_textbook_intervals_are_as_narrow_as_published(judged, key: str) -> None:
    record = judged[key, "textbook"]
    measured = [
        record.coverage(0.8).value,
        record.coverage(0.8, 0, 2).value,
        record.coverage(0.8, 2).value,
    ]
    assert measured == pytest.approx(TEXTBOOK[key], abs=0.02)


def test_the_method_chosen_on_the_eight_series_holds_what_its_bands_promise(judged) -> None:
    shares = np.array([judged[key, "calibrated"].coverage(0.8).value for key in CHOSEN_ON])
    beyond = np.array([judged[key, "calibrated"].coverage(0.8, 2).value for key in CHOSEN_ON])
    assert ((shares >= 0.75) & (shares <= 0.85)).sum() >= 6
    assert ((shares >= 0.70) & (shares <= 0.90)).all()
    assert ((beyond >= 0.68) & (beyond <= 0.90)).all()


def test_the_default_method_which_was_not_chosen_on_them_holds_little_less(judged) -> None:
    shares = np.array([judged[key, "default"].coverage(0.8).value for key in CHOSEN_ON])
    beyond = np.array([judged[key, "default"].coverage(0.8, 2).value for key in CHOSEN_ON])
    assert ((shares >= 0.75) & (shares <= 0.85)).sum() >= 4
    assert ((shares >= 0.67) & (shares <= 0.90)).all()
    assert ((beyond >= 0.66) & (beyond <= 0.90)).all()
    assert abs(shares.mean() - 0.80) < 0.02


def test_the_default_method_scores_a_tenth_better_than_the_textbook_line_and_never_much_worse(
    judged,
) -> None:
    ratios, chosen = (
        np.array(
            [judged[key, method].mean_crps / judged[key, "textbook"].mean_crps for key in CHOSEN_ON]
        )
        for method in ("default", "calibrated")
    )
    assert ratios.mean() <= chosen.mean() <= 0.90
    assert (ratios <= 1.05).all()
    assert (chosen <= 1.02).all()


def test_its_bands_are_hardly_wider_than_the_best_constant_band_in_hindsight(judged) -> None:
    for key in CHOSEN_ON:
        record = judged[key, "default"]
        assert record.median_width() <= 1.3 * record.hindsight_width(), key


def test_the_default_does_better_than_the_textbook_line_on_series_that_it_was_not_chosen_on(
    tables,
) -> None:
    misses = {"textbook": [], "default": []}
    for series in tracked_series(tables).values():
        if not series.chosen_on and series.key != "token_price":
            for method in misses:
                misses[method].append(
                    abs(
                        fc.backtest(series.dates, series.values, method=method).coverage(0.8).value
                        - 0.8
                    )
                )
    assert len(misses["default"]) == 8
    assert np.mean(misses["default"]) <= 0.65 * np.mean(misses["textbook"])


@pytest.mark.parametrize(
    "method", [name for name in METHODS if name not in ("ets", "local_linear_trend")]
)
def test_no_method_looks_at_what_came_later(tables, method: str, rng: np.random.Generator) -> None:
    series = one_series("training_cost", tables)
    plan = CutOffs(first_share=0.6, step_years=100.0)
    first = fc.backtest(series.dates, series.values, method=method, plan=plan)
    (cut_off,) = first.cut_offs
    later = series.dates > cut_off
    shuffled = series.values.copy()
    shuffled[later] = rng.permutation(shuffled[later]) * 10.0 ** rng.normal(0, 3)
    again = fc.backtest(series.dates, shuffled, method=method, plan=plan)
    at_first, at_again = (
        np.unique(record.quantiles[:, record.cut_off == cut_off], axis=1)
        for record in (first, again)
    )
    np.testing.assert_array_equal(at_first, at_again)


def test_the_calibration_at_every_cut_off_uses_only_what_was_known_then(
    tables, rng: np.random.Generator
) -> None:
    series = one_series("chip_efficiency", tables)
    record = fc.backtest(series.dates, series.values)
    for cut_off in record.cut_offs[::3]:
        later = series.dates > cut_off
        values = series.values.copy()
        values[later] = 10.0 ** rng.normal(5, 3, later.sum())
        again = fc.backtest(series.dates, values)
        same = record.cut_off == cut_off
        # The same dates, whatever order equal dates come in: compare the forecast date by date.
        np.testing.assert_array_equal(
            record.quantiles[:, same], again.quantiles[:, again.cut_off == cut_off]
        )


def test_the_default_is_one_rule_that_never_sees_a_name(tables) -> None:
    series = one_series("chip_price", tables)
    named, unnamed = (
        fc.backtest_many([Task(name, series.dates, series.values)])[0].quantiles
        for name in ("chip_price", "anything else")
    )
    np.testing.assert_array_equal(named, unnamed)
    drawn = forecaster("default")(series.dates, np.log10(series.values), np.array([2026.0]))
    trend = fc.fit_trend(series.dates, series.values).forecast([2026.0]).quantile(0.9)
    assert np.log10(trend) == pytest.approx(np.quantile(drawn, 0.9), abs=0.01)


def test_the_band_of_the_trend_line_is_judged_on_yearly_medians(tables) -> None:
    series = one_series("training_flop", tables)
    record = fc.backtest(series.dates, series.values, kind="trend")
    points = fc.backtest(series.dates, series.values)
    assert 0.5 <= record.coverage(0.8).value <= 1.0
    assert record.date.size < points.date.size / 5
    assert record.median_width() < points.median_width()


def test_the_same_numbers_come_from_every_back_end(tables) -> None:
    tasks = [
        Task(key, one_series(key, tables).dates, one_series(key, tables).values)
        for key in ("chip_price", "training_cost")
    ]
    here, threads = fc.backtest_many(tasks), fc.backtest_many(tasks, jobs=2, backend="threading")
    for one, other in zip(here, threads, strict=True):
        np.testing.assert_array_equal(one.quantiles, other.quantiles)


@pytest.mark.soak
@pytest.mark.parametrize(
    "settings",
    [
        {"FORECASTING_JOBS": "2"},
        {"FORECASTING_JOBS": "2", "FORECASTING_BACKEND": "multiprocessing"},
        {"FORECASTING_JOBS": "-1", "FORECASTING_BACKEND": "threading"},
        {"FORECASTING_DASK": "the scheduler"},
    ],
)
def test_processes_and_a_dask_cluster_give_the_same_numbers(
    tables, settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = [
        Task(key, one_series(key, tables).dates, one_series(key, tables).values)
        for key in CHOSEN_ON
    ]
    here = fc.backtest_many(tasks, jobs=1, dask="")
    with cluster() if "FORECASTING_DASK" in settings else nullcontext(None) as running:
        for name, value in settings.items():
            monkeypatch.setenv(name, value if running is None else running.address)
        there = fc.backtest_many(tasks)
    for one, other in zip(here, there, strict=True):
        # Workers may add up in another order than this process: the same up to rounding.
        np.testing.assert_allclose(other.quantiles, one.quantiles, rtol=1e-9)
        np.testing.assert_allclose(other.crps, one.crps, rtol=1e-9)


@pytest.mark.soak
def test_a_dask_cluster_of_which_a_worker_dies_gives_the_same_back_tests(tables) -> None:
    tasks = [
        Task(key, one_series(key, tables).dates, one_series(key, tables).values)
        for key in CHOSEN_ON
    ]
    tasks.append(Task("short", np.array([2020.0, 2021.0]), np.array([1.0, 2.0])))
    here = fc.backtest_many(tasks, jobs=1, dask="")
    with cluster() as running, running.losing_a_worker():
        there = fc.backtest_many(tasks, dask=running.address)
    assert isinstance(here[-1], fc.ForecastingError)
    assert (type(there[-1]), str(there[-1])) == (type(here[-1]), str(here[-1]))
    for one, other in zip(here[:-1], there[:-1], strict=True):
        np.testing.assert_allclose(other.quantiles, one.quantiles, rtol=1e-9)
        np.testing.assert_allclose(other.crps, one.crps, rtol=1e-9)


def test_peers_from_statsmodels_can_be_judged_in_the_same_way(tables) -> None:
    series = one_series("chip_efficiency", tables)
    for method in ("ets", "damped_ets", "local_linear_trend"):
        record = fc.backtest(
            series.dates, series.values, method=method, plan=CutOffs(first_share=0.7)
        )
        assert 0.2 < record.coverage(0.8).value <= 1.0


def test_a_perfect_line_is_forecast_exactly() -> None:
    record = fc.backtest(*QUICK_SERIES)
    np.testing.assert_allclose(record.quantiles[3], record.logs, atol=1e-4)
    assert record.mean_crps < 1e-3


def test_points_in_any_order_give_the_same_record(rng: np.random.Generator) -> None:
    dates, values = QUICK_SERIES
    values = values * 10 ** rng.normal(0, 0.2, values.size)
    order = rng.permutation(dates.size)
    np.testing.assert_array_equal(
        fc.backtest(dates, values).quantiles, fc.backtest(dates[order], values[order]).quantiles
    )


def test_the_protocol_refuses_a_series_with_fewer_than_ten_points_before_the_first_cut_off() -> (
    None
):
    with pytest.raises(
        fc.NotEnoughDataError,
        match=(
            r"Only 7 points are left and at least 10 are needed\. Points before the first cut-off"
        ),
    ):
        fc.backtest(np.linspace(2000, 2020, 21), np.ones(21), plan=CutOffs())


def test_a_gap_of_years_is_said_and_not_bridged() -> None:
    dates = np.concatenate([np.linspace(2000, 2010, 41), np.linspace(2017, 2020, 13)])
    record = fc.backtest(dates, 2.0 ** (dates - 2000), plan=CutOffs(first_share=0.5))
    assert any("gap in the series" in each.reason for each in record.left_out)
    with pytest.raises(fc.NotEnoughDataError, match="No cut-off of this series can be evaluated"):
        fc.backtest(
            np.concatenate([np.linspace(2000, 2004, 30), [2030.0]]),
            np.arange(1.0, 32.0),
            plan=CutOffs(first_share=0.9),
        )


@pytest.mark.parametrize(
    ("dates", "values", "said"),
    [
        (["2020-01-01", None] * 20, np.ones(40), r"`dates` is .*row 2"),
        (np.linspace(2000, 2020, 40), np.r_[np.ones(39), np.nan], r"`values` is .*row 40"),
        (np.linspace(2000, 2020, 40), np.r_[np.ones(39), -1.0], "above 0"),
        (np.linspace(2000, 2020, 40), np.ones(39), "one value per date"),
    ],
)
def test_dates_without_values_and_values_without_dates_are_named(dates, values, said: str) -> None:
    with pytest.raises(fc.InputError, match=said):
        fc.backtest(dates, values)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "oracle"}, "Use a known name"),
        ({"kind": "both"}, "Use a known name"),
        ({"method": "textbook", "kind": "trend"}, "exists for pooled, calibrated"),
    ],
)
def test_unknown_methods_and_kinds_are_named(options, said: str) -> None:
    with pytest.raises(fc.InputError, match=said):
        fc.backtest(*QUICK_SERIES, **options)


@pytest.mark.parametrize(
    "bad",
    [
        {"first_share": 1.5},
        {"step_years": 0.0},
        {"years_ahead": -1.0},
        {"fewest_known": 3},
        {"fewest_later": 0},
    ],
)
def test_plans_that_make_no_sense_are_refused(bad) -> None:
    with pytest.raises(fc.InputError, match=next(iter(bad))):
        CutOffs(**bad)


def test_a_short_yearly_series_is_judged_from_its_eighth_point_on() -> None:
    years = np.arange(2005.0, 2017.0)
    record = fc.backtest(years, 2.0 ** (years - 2005.0 + 0.2 * np.sin(years)))
    assert record.plan == CutOffs.of_few_points(12)
    assert np.floor(record.cut_offs).tolist() == [2012.0, 2013.0, 2014.0]
    assert (record.cut_offs < record.date.max()).all()
    long = fc.backtest(*QUICK_SERIES)
    assert long.plan == CutOffs()


def test_nine_points_are_too_few_to_judge() -> None:
    years = np.arange(2005.0, 2014.0)
    with pytest.raises(fc.NotEnoughDataError, match="at least 10"):
        fc.backtest(years, 2.0 ** (years - 2005.0))
    with pytest.raises(fc.NotEnoughDataError, match="shortest series that can be judged"):
        CutOffs.of_few_points(9)


def test_one_series_that_cannot_be_judged_does_not_stop_the_others() -> None:
    good, short = backtest_many(
        [Task("good", *QUICK_SERIES), Task("short", np.arange(2000.0, 2009.0), np.ones(9))]
    )
    assert good.method == "pooled"
    assert isinstance(short, fc.NotEnoughDataError)
    assert "short" in str(short)


@given(share=st.floats(0.2, 0.8), shift=st.floats(0.0, 2.0))
def test_cut_offs_leave_enough_on_either_side(share: float, shift: float) -> None:
    years = QUICK_SERIES[0]
    cut_offs, left_out = cut_offs_of(years, CutOffs(first_share=share, shift_years=shift))
    for cut_off in cut_offs:
        assert (years <= cut_off + 1e-9).sum() >= 15
        assert ((years > cut_off + 1e-9) & (years <= cut_off + 5 + 1e-9)).sum() >= 3
    assert len(cut_offs) + len(left_out) >= 1
