from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

import forecasting as fc
from forecasting.scaling import set_overview as module
from forecasting.scaling.scaling_scenario import ScalingScenario
from forecasting.scaling.set_overview import SetOverviewInputs, set_rows
from tests.vintage import shipped


def test_all_six_sets_stand_side_by_side_each_with_its_own_law() -> None:
    result = fc.set_overview(ScalingScenario())
    assert list(result.table["table"]) == [
        "runs_chinchilla",
        "runs_overtraining",
        "runs_repeated_data",
        "runs_routed_vs_dense",
        "vision_learning_curves",
        "translation_learning_curves",
    ]
    points = dict(zip(result.table["table"], result.table["points"], strict=True))
    assert points["runs_chinchilla"] == 240
    assert points["runs_routed_vs_dense"] == 206
    assert points["vision_learning_curves"] == 443
    assert points["translation_learning_curves"] == 53
    assert result.table["miss"].max() < 0.1
    assert result.table["best_params"].notna().sum() == 3
    assert "6 published sets" in result.full_answer


def test_another_compute_changes_the_best_sizes_and_computes_no_other_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scenario = SetOverviewInputs(training_flop=3e24)
    computed = [asdict(row) for row in set_rows(scenario, shipped())]

    def never(*_: Any) -> None:
        raise AssertionError("computed")

    for name in ("run_row", "_routing_row", "_curve_row"):
        monkeypatch.setattr(module, name, never)
    for row, expected in zip(fc.set_overview(scenario, data=shipped()).rows, computed, strict=True):
        near = {
            name: pytest.approx(value, rel=1e-6, nan_ok=True)
            for name, value in expected.items()
            if isinstance(value, float)
        }
        assert asdict(row) == {**expected, **near}


def test_another_set_of_runs_is_fitted_anew_and_the_others_are_as_shipped() -> None:
    usual = fc.set_overview(SetOverviewInputs(), data=shipped()).rows
    moved = fc.set_overview(SetOverviewInputs(training_set="c4_original"), data=shipped()).rows
    assert [now == then for now, then in zip(moved, usual, strict=True)][1] is False
    assert moved[0] == usual[0]
    assert moved[2] == usual[2]
