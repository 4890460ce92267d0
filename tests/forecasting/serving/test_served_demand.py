from __future__ import annotations

import math
import re

import numpy as np
import pytest

import forecasting as fc
from forecasting.ingest.benchmark_exports import Measurement
from forecasting.serving.chip_comparison import chip_comparison
from forecasting.serving.own_measurement import ONE_SETTING_FACTOR
from forecasting.serving.served_demand import (
    DAYS_PER_MONTH,
    HOURS_PER_MONTH,
    REQUESTS,
    ServedDemandScenario,
    served_demand,
)
from forecasting.stats.distribution import Distribution
from tests.vintage import shipped

#: The proof case of serving as a demand: 20 requests a second at the peak.
PROOF = ServedDemandScenario(
    served_model="Llama-3-70B",
    requests_per_day=20 * 86400,
    tokens_in=1000,
    tokens_out=300,
    peak_factor=1.0,
    peak_utilisation=Distribution.fixed(0.6),
    rent_terms="own_price",
    usd_per_chip_hour=2.0,
)


def test_a_demand_takes_the_chips_of_the_proof_and_their_rent() -> None:
    result = served_demand(PROOF)
    assert result.usd_per_month.value == pytest.approx(result.chips.value * 2.0 * HOURS_PER_MONTH)
    peak = fc.serve(
        fc.ServeScenario(
            model="Llama-3-70B", requests_per_second=20, tokens_out=300, utilisation=0.6
        )
    )
    # In replicas of 4: those of 2 take as many at the middle efficiency, and far more below it.
    assert peak.table["chips"].tolist() == [58, 16, 16, 24]
    assert (result.replica.chips, result.chips.value) == (4, 16)
    assert (result.chips.low, result.chips.high) == (peak.chips.low, peak.chips.high)


def test_a_small_demand_is_served_by_small_replicas_and_a_large_one_by_the_fastest() -> None:
    asked = PROOF.replaced(served_model="Llama-3-8B", requests_per_day=1000.0)
    small = served_demand(asked)
    assert (small.replica.chips, small.chips.value) == (1, 2)
    large = served_demand(PROOF.replaced(requests_per_day=1e9))
    assert large.replica.chips == 4


def test_the_bill_is_that_of_its_tokens_in_and_out() -> None:
    result = served_demand(PROOF.replaced(requests_per_day=1e9))
    month = 1e9 * DAYS_PER_MONTH / 1e6
    assert result.usd_per_million_tokens_in is not None
    parts = month * (
        1000 * result.usd_per_million_tokens_in.value
        + 300 * result.usd_per_million_tokens_out.value
    )
    assert parts == pytest.approx(result.usd_per_month.value, rel=0.05)
    assert result.usd_per_million_tokens_blended.value == pytest.approx(
        result.usd_per_month.value / (month * 300), rel=1e-9
    )


def test_the_staircase_at_the_demand_is_the_answer_and_only_rises() -> None:
    result = served_demand(PROOF.replaced(requests_per_day=float(REQUESTS[120])))
    median = result.table["chips_q50"].to_numpy()
    assert median[120] == result.chips.value
    assert (np.diff(median) >= 0).all()
    assert (np.diff(result.chips_by_requests, axis=0) >= 0).all()


def test_a_peak_takes_more_chips_and_what_may_wait_fills_what_it_leaves() -> None:
    large = PROOF.replaced(requests_per_day=1e9, peak_factor=2.0)
    peak = served_demand(large).chips.value
    assert peak == pytest.approx(
        2.0 * served_demand(large.replaced(peak_factor=1.0)).chips.value, rel=0.02
    )
    # A third that waits takes no chips of its own: the other two thirds leave room after the peak.
    waiting = served_demand(large.replaced(batch_share=1 / 3)).chips.value
    assert waiting == pytest.approx(2 / 3 * peak, rel=0.02)
    # All in batches: no peak and no latency.
    assert served_demand(large.replaced(batch_share=1.0)).chips.value < 0.5 * peak


def test_no_demand_takes_the_spares_and_costs_nothing_when_bought() -> None:
    result = served_demand(PROOF.replaced(requests_per_day=0.0, spare_replicas=2))
    assert result.chips.value == 2 * result.replica.chips
    assert result.bought_usd_per_month == 0.0
    assert math.isinf(result.usd_per_million_tokens_out.value)


def test_without_a_prompt_its_tokens_have_no_price() -> None:
    result = served_demand(PROOF.replaced(tokens_in=0.0))
    assert result.usd_per_million_tokens_in is None
    assert " in and " not in result.lines[1]


def test_the_bill_at_the_break_even_is_that_of_the_tokens() -> None:
    scenario = PROOF.replaced(bought_model="claude-opus-5")
    result = served_demand(scenario)
    met = result.break_even_requests_per_day
    assert met is not None
    assert met.low <= met.value <= met.high
    assert result.bought is not None

    def saved(requests: float) -> float:
        """What serving saves in half of the draws."""
        chips = np.median(result.fleet.chips(requests, scenario.spare_replicas))
        bill = requests * DAYS_PER_MONTH * result.bought.usd_per_request
        return float(bill - chips * result.usd_per_month_of_chip)

    assert saved(met.value * 1.0001) > 0.0 > saved(met.value * 0.9999)


def test_a_measurement_of_ones_own_moves_and_narrows_the_answer() -> None:
    large = PROOF.replaced(requests_per_day=1e9)
    before = served_demand(large)
    speed = float(before.replica.tokens_per_s_per_chip)
    batch = float(before.replica.batch)
    measured = large.replaced(
        measured_tokens_per_s=0.8 * speed, measured_concurrency=batch, measured_chips=4
    )
    after = served_demand(measured)
    assert after.service.calibration == pytest.approx(0.8, abs=0.07)
    assert after.service.range_factor == ONE_SETTING_FACTOR
    assert after.chips.value > before.chips.value
    assert after.chips.high / after.chips.low < before.chips.high / before.chips.low
    assert "by your measurement" in after.answer


def test_a_measurement_of_a_file_fills_the_fields_and_what_it_does_not_say_stays() -> None:
    found = PROOF.with_measurement(
        Measurement(
            tool="vLLM bench serve",
            tokens_per_s=12_000.0,
            tokens_in=2000.0,
            tokens_out=200.0,
            concurrency=256.0,
            model="meta-llama/Llama-3.1-8B-Instruct",
            chip="b200",
            chips=16,
        ),
        shipped(),
    )
    assert found.served_model == "Llama-3.1-8B"
    assert found.serving_chip == "NVIDIA B200"
    assert found.serving_precision == PROOF.serving_precision
    assert found.measured_tokens_per_s == 750.0
    assert (found.measured_chips, found.measured_concurrency) == (8, 128.0)
    assert (found.measured_tokens_in, found.measured_tokens_out) == (2000.0, 200.0)
    bare = PROOF.with_measurement(Measurement(tool="CSV", tokens_per_s=4000.0, chip="?"), shipped())
    assert bare == PROOF.replaced(measured_tokens_per_s=500.0)


def test_lengths_of_a_measurement_are_its_own() -> None:
    measured = PROOF.replaced(
        measured_tokens_per_s=500.0, measured_tokens_in=2000.0, measured_tokens_out=300.0
    )
    factor = measured.service(shipped()).calibration
    shorter = measured.replaced(tokens_in=10.0, tokens_out=50.0)
    assert shorter.service(shipped()).calibration == factor
    assert PROOF.replaced(measured_tokens_per_s=500.0).service(shipped()).calibration != factor


def test_what_cannot_be_served_is_said_under_the_name_that_was_given() -> None:
    cases = {
        r"`serving_chip` .* takes 671 GB at fp8 and does not fit on 8": {
            "served_model": "DeepSeek-R1"
        },
        r"`tpot_limit_ms` is 1\.0.* a token takes [\d.]+ ms": {"tpot_limit_ms": 1.0},
        r"`tpot_p99_limit_ms` is 1\.0.*99th percentile": {"tpot_p99_limit_ms": 1.0},
        r"`ttft_limit_ms` is 1\.0.*first token takes [\d.]+ ms": {"ttft_limit_ms": 1.0},
        r"`measured_tokens_per_s` is 1 million.*allow at most": {"measured_tokens_per_s": 1e6},
    }
    for words, change in cases.items():
        with pytest.raises(fc.InputError, match=words):
            served_demand(PROOF.replaced(**change))
    with pytest.raises(fc.InputError, match=r"tokens_out.*0"):
        PROOF.replaced(tokens_out=0.0)
    with pytest.raises(fc.InputError, match="serving_precision"):
        PROOF.replaced(serving_precision="int2")


def test_the_answer_is_short_with_three_facts() -> None:
    for model in ("claude-opus-5", "gpt-6-luna"):
        result = served_demand(PROOF.replaced(bought_model=model))
        assert len(result.lines) == 3
        assert len(result.answer.split()) <= 30
        assert "likely" in result.answer
        assert not re.search(r"\bnan\b|\binf\b", result.full_answer)


def test_every_chip_is_compared_and_what_is_left_out_says_why() -> None:
    result = chip_comparison(ServedDemandScenario(), data=shipped())
    assert len(result.demands) + len(result.left_out) == 20
    assert len(result.demands) >= 16
    usd = [each.usd_per_month.value for each in result.demands]
    assert usd == sorted(usd)
    assert "H800" in result.left_out["NVIDIA H800 SXM"]
    chosen = result.chosen
    assert chosen is not None
    own = served_demand(ServedDemandScenario(), data=shipped())
    assert chosen.usd_per_month == own.usd_per_month
    assert len(result.table) == len(result.demands)
    assert result.cheapest.service.served.chip.name in result.answer


def test_a_model_that_fits_on_no_chip_is_said_for_the_chosen_one() -> None:
    scenario = ServedDemandScenario(
        served_model="DeepSeek-R1", serving_precision="fp16", max_chips_per_replica=1
    )
    with pytest.raises(fc.InputError, match=r"H100 SXM.*does not fit on 1"):
        chip_comparison(scenario)
