from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecasting as fc
from forecasting.data.dataset import DataSet
from forecasting.errors import InputError
from forecasting.evaluation import all_records as all_records_module
from forecasting.evaluation import reliability as reliability_module
from forecasting.evaluation.all_records import (
    PEER_METHODS,
    SHIPPED_METHODS,
    all_records,
    fresh_row,
    method_coverage,
)
from forecasting.evaluation.backtest import Task
from forecasting.evaluation.forecasters import forecaster
from forecasting.evaluation.law_track_record import LAW_FORMS, cached_law_track_record
from forecasting.evaluation.reliability import ReliabilityInputs, reliability
from forecasting.evaluation.shipped_records import fingerprint, shipped_row
from forecasting.evaluation.track_record import METHOD_TITLES, possible_cut_offs, track_record
from forecasting.evaluation.track_record_scenario import TrackRecordScenario
from forecasting.evaluation.tracked_series import one_series, tracked_series
from forecasting.reporting.evaluation_answers import (
    calibration_failures,
    coverage_words,
    horizon_answers,
    record_lines,
    track_record_note,
)
from tests.examples import examples
from tests.vintage import shipped


def test_the_eight_series_of_the_protocol_have_their_points(tables) -> None:
    sizes = {
        key: series.dates.size for key, series in tracked_series(tables).items() if series.chosen_on
    }
    assert list(sizes.values()) == [413, 51, 126, 120, 459, 301, 179, 102]


def test_the_default_shows_what_would_have_been_said_and_what_came() -> None:
    result = track_record(TrackRecordScenario())
    assert result.answer.startswith(
        "Notable models: training compute: on 1 January 2020, the 80% range for the next 5 years"
    )
    assert "contained 86% of 1,105 later points" in record_lines(result)[0]
    assert "Those of the textbook line contained 75%." in record_lines(result)
    assert result.held is not None
    assert result.held.points == int(result.later.sum()) == 268
    assert (result.series.dates[result.known] < 2020).all()
    assert len(result.table) == 1105
    assert result.table["unit"].iloc[0] == "FLOP"


def test_the_forecast_shown_uses_only_what_was_known(tables) -> None:
    result = track_record(TrackRecordScenario(cut_off_year=2021))
    models = tables["ai_models"].copy()
    later = models["date"].dt.year >= 2021
    models.loc[later, "training_flop"] = models.loc[later, "training_flop"].to_numpy()[::-1]
    shuffled = track_record(
        TrackRecordScenario(cut_off_year=2021), data=tables.replaced(ai_models=models)
    )
    np.testing.assert_array_equal(result.bands.values, shuffled.bands.values)
    assert result.record.mean_crps != shuffled.record.mean_crps


@pytest.mark.parametrize("method", ["textbook", "ols", "robust", "no_change", "drift"])
def test_every_method_can_be_shown(method: str) -> None:
    result = track_record(TrackRecordScenario(series="chip_price", method=method))
    assert np.isfinite(result.bands.values).all()
    assert "later points" in record_lines(result)[0]


@given(data=st.data())
@examples(quick=8, soak=500)
def test_any_series_and_cut_off_gives_a_result(data) -> None:
    tables = fc.bundled()
    scenario = TrackRecordScenario(
        series=data.draw(st.sampled_from(list(tracked_series(tables)))),
        cut_off_year=data.draw(st.integers(1905, 2045)),
        years_ahead=data.draw(st.integers(1, 15)),
    )
    result = track_record(scenario)
    first, last = possible_cut_offs(result.series)
    assert first <= result.cut_off_year <= last
    assert bool(track_record_note(result)) == (result.cut_off_year != scenario.cut_off_year)
    assert (np.diff(result.bands.values, axis=0) >= 0).all()


def test_an_unknown_series_is_named() -> None:
    with pytest.raises(fc.UnknownNameError, match="gpu_price"):
        track_record(TrackRecordScenario(series="gpu_prise"))


def test_forecast_pages_can_say_how_often_a_methods_bands_held(tables) -> None:
    said = coverage_words("calibrated", "observation", tables)
    assert "80% ranges contained 80% of 4,364 later points (target 80%" in said
    share = method_coverage("calibrated", "observation", tables)
    assert 0.70 <= share.low <= share.value <= share.high <= 0.90
    assert "medians of later years" in coverage_words("calibrated", "trend", tables)
    assert "not evaluated" in coverage_words("record", "observation", tables)


def test_the_table_of_all_series_says_what_fails(tables) -> None:
    records = all_records(False, tables)
    table = records.table
    assert len(table) == 6 * len(tracked_series(tables))
    assert records.failed == ()
    failures = " ".join(calibration_failures(records))
    assert "ML chips: tensor FP16, too narrow" in failures
    assert "Text datasets: words, too wide" in failures
    assert (table["coverage_50"] <= table["coverage_80"]).all()
    assert (table["coverage_80"] <= table["coverage_95"]).all()


@pytest.mark.parametrize("method", ["ets", "damped_ets", "local_linear_trend"])
def test_a_series_too_short_for_a_peer_is_said_with_the_years_that_there_are(
    tables, method: str
) -> None:
    series = one_series("token_price", tables)
    (refused,) = fc.backtest_many([Task("prices", series.dates, series.values, method)])
    assert isinstance(refused, fc.NotEnoughDataError)
    assert "2 years with points are known, 5 are needed" in refused.remedy


@pytest.mark.soak
def test_every_series_is_judged_by_the_peers_but_one_that_is_too_short(tables) -> None:
    records = all_records(True, tables)
    assert len(records.failed) == 3
    for said in records.failed:
        assert "List prices of output tokens: " in said
        assert "2 years with points are known, 5 are needed" in said
        assert "No point is left" not in said
    judged = {(row["series"], row["method"]) for _, row in records.table.iterrows()}
    for method in ("ets", "damped_ets", "local_linear_trend"):
        assert ("GPUs: FP32 per dollar", METHOD_TITLES[method]) in judged


def test_shipped_records_of_peers_are_those_that_are_computed_now(tables) -> None:
    for data in (tables, shipped()):
        series = one_series("chip_price", data)
        row = shipped_row(series, "damped_ets")
        assert row is not None
        fresh = fresh_row(series, "damped_ets")
        assert row.keys() == fresh.keys()
        for name, value in row.items():
            assert fresh[name] == pytest.approx(value, rel=1e-6, nan_ok=True), name


@pytest.mark.soak
def test_every_shipped_record_of_a_peer_is_what_is_computed_now(tables) -> None:
    count = 0
    for data in (tables, shipped()):
        for series in tracked_series(data).values():
            for method in PEER_METHODS:
                row = shipped_row(series, method)
                if row is None:
                    assert series.key == "token_price"
                    continue
                fresh = fresh_row(series, method)
                for name, value in row.items():
                    # A flat likelihood has its maximum elsewhere on other processors.
                    near = pytest.approx(value, rel=0.02, abs=0.005, nan_ok=True)
                    assert fresh[name] == near, (series.key, method, name)
                count += 1
    assert count == 2 * 3 * 16


@pytest.mark.parametrize("method", SHIPPED_METHODS)
def test_shipped_records_of_own_methods_are_those_that_are_computed_now(
    tables, method: str
) -> None:
    for data in (tables, shipped()):
        series = one_series("chip_efficiency", data)
        row = shipped_row(series, method)
        assert row is not None, "run make precompute"
        fresh = fresh_row(series, method)
        assert list(row) == list(fresh)
        assert row == pytest.approx(fresh, rel=1e-9, nan_ok=True), "run make precompute"


@pytest.mark.soak
def test_every_shipped_record_of_own_methods_is_what_is_computed_now(tables) -> None:
    for data in (tables, shipped()):
        for series in tracked_series(data).values():
            for method in SHIPPED_METHODS:
                row = shipped_row(series, method)
                near = pytest.approx(fresh_row(series, method), rel=1e-6, nan_ok=True)
                assert row == near, (series.key, method)


def test_all_series_and_the_reliability_of_every_own_method_are_read_and_not_computed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("computed")

    for module in (all_records_module, reliability_module):
        for name in ("series_record", "_judged", "backtest"):
            monkeypatch.setattr(module, name, never, raising=False)
    monkeypatch.setattr(all_records_module, "backtest_many", lambda tasks: [never] * len(tasks))
    data = DataSet(shipped().folder)
    assert len(all_records(False, data).rows) == 6 * len(tracked_series(data))
    assert {*SHIPPED_METHODS, *PEER_METHODS} == set(METHOD_TITLES)
    for method in SHIPPED_METHODS:
        table = reliability(ReliabilityInputs(method=method), data=data).table
        assert (table["series"] == len(tracked_series(data))).all()


def test_series_of_other_points_are_computed_with_the_textbook_line(tables) -> None:
    series = one_series("chip_efficiency", tables)
    fewer = tables.replaced(ml_chips=tables["ml_chips"].iloc[:-3])
    changed = one_series("chip_efficiency", fewer)
    assert fingerprint(changed) != fingerprint(series)
    found = all_records(False, fewer).rows
    for method in ("textbook", "no_change"):
        fresh = fresh_row(changed, method)
        assert found["chip_efficiency", method] == pytest.approx(fresh, rel=1e-9, nan_ok=True)


def test_a_record_of_other_points_is_not_taken_for_theirs(tables) -> None:
    series = one_series("chip_price", tables)
    changed = replace(series, values=series.values * 1.001)
    assert fingerprint(changed) != fingerprint(series)
    assert shipped_row(changed, "ets") is None


def test_reliability_gives_the_mean_of_series_at_every_level(tables) -> None:
    result = reliability(ReliabilityInputs(), data=tables)
    table = result.table
    assert list(table["level"]) == [0.5, 0.8, 0.95] * 2
    assert (table["held_q10_of_series"] <= table["held_mean"]).all()
    assert (table["held_mean"] <= table["held_q90_of_series"]).all()
    pooled, plain = (table["held_mean"].to_numpy()[at : at + 3] for at in (0, 3))
    promised = np.array([0.5, 0.8, 0.95])
    assert np.abs(pooled - promised).max() < 0.05
    assert (plain < promised - 0.05).all()
    assert "of later points on average over 17 series" in result.answer
    assert "Those of a textbook line contained" in result.lines[-1]


def test_a_missing_package_is_said_as_such(monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match="pip install statsmodels"):
        forecaster("ets")


def test_laws_fitted_to_smaller_runs_are_tried_on_larger_ones(tables) -> None:
    record = cached_law_track_record(0, tables)
    assert record.left_out == ()
    by_form = {form: record.median_error_of(form, "training runs") for form in LAW_FORMS}
    assert by_form["chinchilla"] < 0.03 < by_form["power of compute"] < by_form["no change"]
    curves = {form: record.median_error_of(form, "learning curves") for form in ("M1", "M2", "M4")}
    assert curves["M4"] <= curves["M2"] < curves["M1"]
    assert "the Chinchilla law misses" in record.answer
    assert set(record.table["kind"]) == {"training runs", "routed models", "learning curves"}
    assert (record.table["reach_oom"] > 0).all()


def test_by_horizon_says_how_far_off_the_forecasts_were_and_which_simpler_method_is_better(
    tables,
) -> None:
    result = track_record(TrackRecordScenario(method="calibrated"))
    said = " ".join(horizon_answers(result))
    last = result.record.by_horizon.iloc[-1]
    factor = f"{10 ** -last['bias_oom']:.2g}"
    assert f"At 4 to 5 years ahead the forecasts were {factor} times too low" in said
    assert "“Random walk with drift”, which needs no fit, scores 3% better on this series." in said
    quiet = TrackRecordScenario(series="chip_efficiency", method="calibrated")
    near = " ".join(horizon_answers(track_record(quiet)))
    assert "too low" not in near
    assert "too high" not in near
    assert "which needs no fit" not in near
    own = " ".join(horizon_answers(track_record(TrackRecordScenario(method="drift"))))
    assert "which needs no fit" not in own
