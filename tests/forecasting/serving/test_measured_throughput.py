from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from forecasting.arrays import FloatArray
from forecasting.serving.hardware import KNOWN_FACTOR, Efficiency
from forecasting.serving.measured_throughput import MeasuredCase, measured_cases
from tests.vintage import shipped


@pytest.fixture(scope="module")
def cases() -> list[MeasuredCase]:
    """A measurement of each cell, the one in the middle."""
    cells: dict[object, list[MeasuredCase]] = {}
    for case in measured_cases(shipped()):
        cells.setdefault(case.cell, []).append(case)
    return [
        sorted(alike, key=lambda case: case.tokens_per_s_per_chip)[len(alike) // 2]
        for alike in cells.values()
    ]


def errors(cases: list[MeasuredCase]) -> FloatArray:
    modelled = [float(case.modelled_tokens_per_s_per_chip()) for case in cases]
    return np.log(modelled) - np.log([case.tokens_per_s_per_chip for case in cases])


def test_most_measurements_are_cases_and_all_of_them_can_be_served(
    cases: list[MeasuredCase],
) -> None:
    assert len(measured_cases(shipped())) > 1300
    assert len(cases) > 150
    assert np.isfinite(errors(cases)).all()


def test_the_model_is_within_a_quarter_of_what_was_measured_and_its_range_holds_four_in_five(
    cases: list[MeasuredCase],
) -> None:
    missed = errors(cases)
    assert np.median(np.abs(missed)) < 0.25
    assert abs(np.median(missed)) < 0.10
    assert (np.abs(missed) < math.log(1.5)).mean() > 0.70
    assert (np.abs(missed) < math.log(2.0)).mean() > 0.85
    assert 0.75 < (np.abs(missed) < math.log(KNOWN_FACTOR)).mean() < 0.90


@pytest.mark.parametrize(
    ("model", "chip", "scenario", "round_", "measured", "modelled"),
    [
        ("Llama-2-70B", "NVIDIA H100 SXM", "Server", "v5.0", 3888, 2923),
        ("Llama-2-70B", "NVIDIA B200", "Interactive", "v5.0", 7426, 7284),
        ("Llama-3.1-405B", "NVIDIA B200", "Offline", "v5.0", 191, 171),
        ("DeepSeek-R1", "NVIDIA B300", "Offline", "v6.1", 8767, 7430),
    ],
)
def test_the_measurements_of_the_proof_are_in_the_table_and_within_half_as_much_again(
    model: str, chip: str, scenario: str, round_: str, measured: float, modelled: float
) -> None:
    rounds = shipped()["serving_throughput"].set_index("row_id")["round"]
    found = [
        case
        for case in measured_cases(shipped())
        if (case.served.model.name, case.served.chip.name, case.scenario) == (model, chip, scenario)
        and rounds[case.row_id] == round_
        and case.tokens_per_s_per_chip == pytest.approx(measured, rel=0.01)
    ]
    assert found
    speed = float(found[0].modelled_tokens_per_s_per_chip())
    assert speed == pytest.approx(modelled, rel=0.06)
    assert abs(math.log(speed / measured)) < math.log(1.5)


def test_a_batch_larger_than_the_memory_holds_is_served_in_parts() -> None:
    case = next(
        case
        for case in measured_cases(shipped())
        if case.batch > case.served.memory_batch(case.traffic.context, case.chips_per_replica[0])
    )
    larger = replace(case, batch=2 * case.batch)
    assert larger.modelled_tokens_per_s_per_chip() == case.modelled_tokens_per_s_per_chip()


def test_efficiencies_can_be_tried_many_at_once(cases: list[MeasuredCase]) -> None:
    pairs = Efficiency(np.array([0.2, 0.4, 0.8]), np.array([0.3, 0.3, 0.6]))
    at_once = cases[0].modelled_tokens_per_s_per_chip(pairs)
    one_by_one = [
        float(cases[0].modelled_tokens_per_s_per_chip(Efficiency(compute, memory)))
        for compute, memory in ((0.2, 0.3), (0.4, 0.3), (0.8, 0.6))
    ]
    assert at_once == pytest.approx(one_by_one, rel=1e-9)
    assert at_once[0] < at_once[1] < at_once[2]
