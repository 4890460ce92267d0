from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecasting as fc
from forecasting.reporting.scaling_answers import joint_answer
from forecasting.scaling.kaplan_panels import PANELS, lower_envelope
from forecasting.scaling.scaling_scenario import ScalingScenario


def test_loss_falls_with_compute_about_as_kaplan_found_on_both_sets_by_themselves() -> None:
    result = fc.kaplan_panels(ScalingScenario())
    chinchilla, overtraining = result.shown
    assert chinchilla.slope is not None
    assert overtraining.slope is not None
    assert chinchilla.slope.value == pytest.approx(-0.0536, abs=5e-4)
    assert overtraining.slope.value == pytest.approx(-0.0657, abs=5e-4)
    low, high = chinchilla.slope.interval(0.9)
    assert low < chinchilla.slope.value < high < -0.045
    assert "Kaplan's line has −0.050" in result.answer
    assert "not levels" in result.full_answer


def test_each_panel_says_kaplans_slope_and_how_many_runs_were_left() -> None:
    table = fc.kaplan_panels(ScalingScenario()).table
    assert dict(zip(table["loss_against"], table["kaplan_slope"], strict=True)) == {
        "training compute": -0.05,
        "parameters": -0.076,
        "tokens": -0.095,
    }
    assert (table["runs_used"] <= table["runs_of_set"]).all()
    assert len(table) == 2 * len(PANELS)


def test_runs_that_the_other_quantity_limits_are_left_out_and_too_few_left_are_said() -> None:
    result = fc.kaplan_panels(ScalingScenario(panel="tokens", limit_share=0.2))
    assert all(one.slope is None for one in result.shown)
    assert "not limited by model size" in result.full_answer
    assert "No slope" in result.answer
    wide = fc.kaplan_panels(ScalingScenario(panel="params", limit_share=0.4)).shown[0]
    narrow = fc.kaplan_panels(ScalingScenario(panel="params", limit_share=0.35)).shown[0]
    assert wide.used.sum() > narrow.used.sum()


def test_a_trillion_parameters_on_one_example_do_not_work() -> None:
    result = fc.kaplan_panels(ScalingScenario())
    assert result.line_loss == pytest.approx((8.8e13 / 1e12) ** 0.076)
    assert result.joint_loss == pytest.approx(
        ((8.8e13 / 1e12) ** (0.076 / 0.095) + 5.4e13 / 1e3) ** 0.095
    )
    assert result.joint_loss > 0.95 * math.log(50_257)
    assert "more parameters do not help" in joint_answer(result)


@given(st.lists(st.tuples(st.floats(1, 1e9), st.floats(0.5, 9)), min_size=1, max_size=40))
def test_no_cheaper_run_has_a_lower_loss_than_one_on_the_envelope(
    points: list[tuple[float, float]],
) -> None:
    flop, loss = (np.array(column) for column in zip(*points, strict=True))
    on = lower_envelope(flop, loss)
    assert on.any()
    for at in np.flatnonzero(on):
        assert not (loss[(flop < flop[at])] <= loss[at]).any()
    among = np.random.default_rng(0).random((3, flop.size)) < 0.5
    for rows, mask in zip(among, lower_envelope(flop, loss, among), strict=True):
        assert not mask[~rows].any()
        assert (mask[rows] == lower_envelope(flop[rows], loss[rows])).all()


def test_a_lines_residuals_are_those_of_the_runs_fitted() -> None:
    one = fc.kaplan_panels(ScalingScenario()).shown[0]
    assert one.residuals.size == one.used.sum()
    assert abs(float(one.residuals.mean())) < 1e-9
    bands = one.bands(np.geomspace(1e19, 1e22, 5))
    assert (bands.interval(0.8)[0] < one.line(bands.x)).all()
    assert (one.unlimited(np.array([1e60])) > 0.9 * one.law.E).all()
