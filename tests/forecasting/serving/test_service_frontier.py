from __future__ import annotations

import numpy as np
import pytest

from forecasting.reporting.serving_notes import measured_note, service_limits
from forecasting.serving.service_frontier import (
    ServiceFrontierInputs,
    measured_points,
    service_frontier,
)
from tests.vintage import shipped


def test_the_frontier_runs_from_one_request_to_a_full_replica_and_past_the_best() -> None:
    result = service_frontier(ServiceFrontierInputs())
    table = result.table
    assert table["batch"].iloc[0] == 1.0
    assert (np.diff(table["tpot_s"]) > 0).all()
    assert (np.diff(table["tokens_per_s_per_chip"]) > 0).all()
    for name in ("tpot_s", "tokens_per_s_per_chip"):
        assert (table[f"{name}_q10"] < table[name]).all()
        assert (table[name] < table[f"{name}_q90"]).all()
    best = result.best
    at_best = np.interp(float(best.tpot_s), table["tpot_s"], table["tokens_per_s_per_chip"])
    assert at_best == pytest.approx(float(best.tokens_per_s_per_chip), rel=1e-3)
    assert result.tokens_per_s_per_chip.value == pytest.approx(at_best, rel=1e-3)


def test_measurements_are_those_of_the_chip_and_of_models_of_the_same_shape() -> None:
    result = service_frontier(ServiceFrontierInputs(), data=shipped())
    assert {each.model for each in result.measured} <= {
        "Llama-2-70B",
        "Llama-3-70B",
        "Llama-3.3-70B",
        "Qwen2-72B",
    }
    assert any(each.is_mlperf for each in result.measured)
    assert result.without_latency > 0
    ratio = result.modelled_of_measured
    assert ratio is not None
    assert 0.7 < ratio.value < 1.3
    note = measured_note(result)
    assert "not MLPerf results" in note
    assert "trademark of MLCommons" in note


def test_a_row_faster_than_the_weights_can_be_read_is_left_out() -> None:
    service = ServiceFrontierInputs().service(shipped())
    points, _ = measured_points(service, shipped())
    for each in points:
        if each.precision == "fp16":
            assert each.tpot_s > 2 * 69e9 / (each.chips * 3.35e12)


def test_where_nothing_was_measured_the_note_says_so() -> None:
    result = service_frontier(
        ServiceFrontierInputs(served_model="Qwen2-72B", serving_chip="NVIDIA B300"), data=shipped()
    )
    assert not result.measured
    assert measured_note(result).startswith("No latency has been measured")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"served_model": "GPT-OSS-120B", "serving_precision": "fp4"}, "uses 4% of its parameters"),
        ({"served_model": "Mixtral-8x7B"}, "Mixtures of experts"),
        ({"serving_precision": "fp4"}, "no FP4 units: its FP8 peak is used"),
        ({"serving_chip": "NVIDIA A100 80GB"}, "no FP8 units: its FP16 peak is used"),
        ({"serving_chip": "NVIDIA B200"}, "Software for this chip is young"),
        ({"serving_chip": "AMD MI300X"}, "59% lie within a factor of 1.5"),
        ({"measured_tokens_per_s": 400.0}, "Calibrated with your measurement"),
        ({}, "Speculative decoding is left out"),
    ],
)
def test_where_the_model_of_serving_fails_is_said(changes: dict[str, object], words: str) -> None:
    service = ServiceFrontierInputs(**changes).service(shipped())
    assert words in " ".join(service_limits(service))
