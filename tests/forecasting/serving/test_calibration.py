from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import forecasting as fc
from forecasting.errors import InputError, UnknownNameError
from forecasting.ingest.benchmark_exports import Measurement
from forecasting.serving.calibration import calibration, known_model
from forecasting.serving.phases import ServedOn
from forecasting.serving.replica import Replica, Traffic
from forecasting.serving.serving_tables import served_models, serving_chips
from tests.vintage import shipped

SERVED = ServedOn(
    model=served_models(shipped())["Llama-3.3-70B"],
    chip=serving_chips(shipped())["NVIDIA H100 SXM"],
    precision="fp8",
)
NAMED: dict[str, Any] = {
    "model": "Llama-3.3-70B",
    "chip": "H100 SXM",
    "precision": "fp8",
    "chips": 4,
}


def run(
    factor: float, *, tokens_out: float = 300.0, batch: float = 64.0, **more: Any
) -> Measurement:
    """What a service would be measured at that reaches this factor."""
    traffic = Traffic(tokens_in=1000.0, tokens_out=tokens_out)
    replica = Replica(served=SERVED.times(factor), traffic=traffic, chips=4, batch=batch)
    return Measurement(
        tool="vLLM bench serve",
        tokens_per_s=4 * float(replica.tokens_per_s_per_chip),
        tokens_in=1000.0,
        tokens_out=tokens_out,
        concurrency=batch,
        **more,
    )


def test_a_service_is_calibrated_by_one_measurement() -> None:
    found = calibration([run(0.6)], **NAMED)
    assert found.factor == pytest.approx(0.6)
    assert found.served.reached.compute == pytest.approx(0.6 * 0.40)
    assert found.range_factor == 1.5


def test_two_replicas_of_one_service_share_its_requests() -> None:
    one = run(0.6)
    two = replace(one, tokens_per_s=2 * one.tokens_per_s, concurrency=128.0, chips=8)
    assert calibration([two], **NAMED, chips_per_replica=4).factor == pytest.approx(0.6)


def test_the_spread_of_settings_that_differ_is_the_range() -> None:
    runs = [run(0.6 * f, batch=b) for f, b in ((0.9, 8), (1.0, 32), (1.1, 128), (1.0, 256))]
    found = calibration(runs, **NAMED)
    assert found.factor == pytest.approx(0.6)
    logs = np.log(found.factors)
    by_hand = np.exp(1.63774 * logs.std(ddof=1) * np.sqrt(1.25))
    assert found.range_factor == pytest.approx(by_hand, rel=1e-4)
    # What differs more than services do that nobody measured says nothing more of it.
    wild = [run(f, batch=b) for f, b in ((0.2, 8), (1.0, 32), (3.0, 128))]
    assert calibration(wild, **NAMED).range_factor == SERVED.chip.range_factor


def test_the_same_setting_again_does_not_narrow_the_range() -> None:
    assert calibration([run(0.6)] * 5, **NAMED).range_factor == 1.5


def test_what_the_file_does_not_say_is_asked_for_all_at_once() -> None:
    with pytest.raises(InputError) as raised:
        calibration([replace(run(0.6), concurrency=None)], model="Llama-3.3-70B")
    said = str(raised.value)
    for name in ("`chip`", "`precision`", "`chips`", "`concurrency`"):
        assert name in said
    assert "`tokens_in`" not in said


def test_what_the_file_says_goes_before_what_was_given() -> None:
    named = run(0.6, model="meta-llama/Llama-3.3-70B-Instruct-FP8", chip="H100 SXM", chips=4)
    assert calibration([named]).factor == pytest.approx(0.6)
    other = run(0.6, model="meta-llama/Llama-3.1-8B-Instruct", chip="H100 SXM", chips=4)
    found = calibration([named, other], model="Llama-3.3-70B", precision="fp8")
    assert (found.factors.size, found.left_out) == (1, 1)
    with pytest.raises(InputError, match=r"several services: Llama-3\.1-8B.*; Llama-3\.3-70B"):
        calibration([named, other], precision="fp8")
    with pytest.raises(InputError, match="No measurement in the file is of this model"):
        calibration([other], model="Llama-3.3-70B")


def test_a_model_of_another_name_is_taken_for_the_given_one_only_where_it_is_alone() -> None:
    mine = run(0.6, model="/models/ours")
    assert calibration([mine], **NAMED).factor == pytest.approx(0.6)
    other = run(0.3, model="Falcon-40B")
    known = run(0.6, model="Llama-3.3-70B")
    assert calibration([known, other], **NAMED).left_out == 1


def test_names_of_repositories_are_known_models() -> None:
    names = served_models(shipped())
    for name, meant in (
        ("meta-llama/Meta-Llama-3.1-8B-Instruct", "Llama-3.1-8B"),
        ("meta-llama/Llama-2-70b-chat-hf", "Llama-2-70B"),
        ("mistralai/Mixtral-8x7B-Instruct-v0.1", "Mixtral-8x7B"),
        ("nvidia/Llama-3.1-405B-Instruct-FP4", "Llama-3.1-405B"),
        ("deepseek-ai/DeepSeek-R1-0528", "DeepSeek-R1"),
        ("openai/gpt-oss-120b", "GPT-OSS-120B"),
        ("tiiuae/falcon-40b", None),
        ("Llama-3.1-8B-my-own-tune", None),
    ):
        assert known_model(name, names) == meant


def test_a_chip_that_is_not_known_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="H100"):
        calibration([run(0.6, chip="H1000")], model="Llama-3.3-70B")


def test_a_file_gives_the_same_as_its_figures_by_hand() -> None:
    text = f"model,chip,chips,precision,tokens_in,tokens_out,concurrency,tokens_per_s\n\
Llama-3.3-70B,H100 SXM,4,fp8,1000,300,64,{run(0.6).tokens_per_s}\n"
    found = fc.calibration(fc.read_benchmark_export(text.encode()))
    assert found.factor == pytest.approx(0.6)
