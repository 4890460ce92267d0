from __future__ import annotations

import forecasting as fc
from forecasting.scaling.scaling_scenario import ScalingScenario


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
