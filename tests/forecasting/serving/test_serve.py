from __future__ import annotations

import math
import re

import pytest

import forecasting as fc
from forecasting.serving.phases import ServedOn
from forecasting.serving.rented_chips import rented_chip
from forecasting.serving.serving_tables import name_in, served_models, serving_chips
from forecasting.stats.distribution import Distribution
from tests.forecasting.serving.test_serving_replica import H100, LLAMA_70B
from tests.vintage import shipped

PROOF = fc.ServeScenario(
    model="Llama-3-70B",
    chip="H100 SXM",
    precision="fp8",
    requests_per_second=20,
    tokens_in=1000,
    tokens_out=300,
    tpot_limit_s=0.05,
    utilisation=0.6,
    usd_per_chip_hour=2.0,
)


def test_the_proof_of_the_method_comes_from_the_bundled_model_and_chip() -> None:
    result = fc.serve(PROOF)
    assert result.chips_per_replica == 4
    assert result.batch == pytest.approx(175.46, rel=2e-3)
    assert result.replica.tokens_per_s_per_chip == pytest.approx(877.3, rel=2e-3)
    assert result.chips.value == 16
    assert result.tpot_s == pytest.approx(0.05, rel=1e-6)
    full = fc.serve(PROOF.replaced(utilisation=1.0)).usd_per_million_tokens_blended
    assert full.value == pytest.approx(0.6333, rel=4e-3)
    assert result.answer.startswith(
        "20 requests per second of Llama-3-70B take 16 NVIDIA H100 SXM at FP8, likely 12–24 (80%)"
    )


def test_ranges_hold_the_figure_and_widen_where_the_utilisation_is_not_known() -> None:
    known = fc.serve(PROOF)
    vague = fc.serve(PROOF.replaced(utilisation=Distribution(0.3, 0.9, 0.8, "normal")))
    for name in ("chips", "usd_per_million_tokens_out", "usd_per_million_tokens_in"):
        narrow, wide = getattr(known, name), getattr(vague, name)
        assert narrow.low <= narrow.value <= narrow.high
        assert wide.high / wide.low > narrow.high / narrow.low
    # The speed of a chip of a known generation is known to a factor of 1.8, less where the
    # latency binds.
    speed = known.tokens_per_s_per_chip
    assert 1.5 < speed.high / speed.value < 3.0


def test_tokens_a_dollar_and_a_megawatt_follow_from_speed_price_and_power() -> None:
    result = fc.serve(PROOF)
    speed = result.tokens_per_s_per_chip
    for name in ("low", "value", "high"):
        rate = getattr(speed, name)
        by_power = getattr(result.tokens_per_s_per_megawatt, name)
        assert by_power == pytest.approx(1e6 * rate / (700 * 1.82 * 1.15))
        assert getattr(result.tokens_per_usd, name) == pytest.approx(rate * 3600 * 0.6 / 2.0)
    assert result.tokens_per_usd.value == pytest.approx(
        1e6 / result.usd_per_million_tokens_blended.value, rel=5e-3
    )
    free = fc.serve(PROOF.replaced(usd_per_chip_hour=0))
    assert free.tokens_per_usd.value == math.inf


def test_the_table_has_a_row_for_each_size_of_replica_and_the_best_is_the_answer() -> None:
    result = fc.serve(PROOF)
    assert result.table["chips_per_replica"].tolist() == [1, 2, 4, 8]
    best = result.table.loc[result.table["tokens_per_s_per_chip"].idxmax()]
    assert best["chips_per_replica"] == result.chips_per_replica
    assert best["chips"] == result.chips.value


def test_a_limit_on_the_99th_percentile_is_tighter_than_the_same_on_the_mean() -> None:
    mean = PROOF.replaced(tpot_limit_s=0.05, tpot_p99_limit_s=0)
    p99 = PROOF.replaced(tpot_limit_s=0, tpot_p99_limit_s=0.05)
    assert p99.limit_s == pytest.approx(0.85 * 0.05)
    assert fc.serve(p99).batch < fc.serve(mean).batch
    assert PROOF.replaced(tpot_limit_s=0).limit_s == math.inf


def test_a_cached_prompt_is_cheaper_and_its_context_stays() -> None:
    whole = fc.serve(PROOF.replaced(tpot_limit_s=0))
    cached = fc.serve(PROOF.replaced(tpot_limit_s=0, cached_share=0.5))
    assert cached.usd_per_million_tokens_in.value < 0.6 * whole.usd_per_million_tokens_in.value
    assert cached.batch == pytest.approx(whole.batch)


def test_without_a_prompt_its_tokens_have_no_price() -> None:
    result = fc.serve(PROOF.replaced(tokens_in=0))
    assert math.isnan(result.usd_per_million_tokens_in.value)
    assert math.isnan(result.mfu_input.value)
    assert "first one" not in result.answer
    assert "nan" not in result.answer.lower()


def test_demand_of_nothing_takes_the_spare_replica_alone() -> None:
    assert fc.serve(PROOF.replaced(requests_per_second=0)).chips.value == 4


@pytest.mark.parametrize("model", served_models(shipped()))
@pytest.mark.parametrize("chip", ["NVIDIA B200", "AMD MI300X", "NVIDIA H100 SXM"])
def test_every_model_is_served_or_said_not_to_fit(model: str, chip: str) -> None:
    scenario = PROOF.replaced(model=model, chip=chip, tpot_limit_s=0.1)
    try:
        result = fc.serve(scenario)
    except fc.InputError as error:
        reason = str(error)
    else:
        reason = "" if result.chips.high < math.inf else result.answer
        assert result.tpot_s <= 0.1 * (1 + 1e-6)
        assert 0 < result.chips.low <= result.chips.high
        assert len(result.table) > 0
    assert not reason or re.search("does not fit|to no number.*no batch keeps", reason)


def test_names_are_found_without_the_maker_and_in_any_case() -> None:
    chips = serving_chips(shipped())
    assert name_in("chip", "h100 sxm", chips) == "NVIDIA H100 SXM"
    with pytest.raises(fc.UnknownNameError, match="H100"):
        fc.serve(PROOF.replaced(chip="H1000"))


def test_the_tables_hold_what_the_proofs_are_computed_with() -> None:
    assert served_models(shipped())["Llama-3-70B"] == LLAMA_70B
    assert serving_chips(shipped())["NVIDIA H100 SXM"] == H100


def test_a_chip_of_the_table_has_the_peaks_of_the_table_of_chips() -> None:
    named = {
        "NVIDIA H100 SXM": "NVIDIA H100 SXM5 80GB",
        "NVIDIA A100 80GB": "NVIDIA A100 SXM4 80 GB",
        "NVIDIA H200 SXM": "NVIDIA H200 SXM",
        "NVIDIA B200": "NVIDIA B200",
        "NVIDIA GB200": "NVIDIA GB200",
        "NVIDIA B300": "NVIDIA B300 (Blackwell Ultra)",
        "NVIDIA GB300": "NVIDIA GB300 (Blackwell Ultra)",
        "AMD MI300X": "AMD Instinct MI300X",
        "AMD MI325X": "AMD Instinct MI325X",
        "AMD MI350X": "AMD Instinct MI350X",
    }
    table = shipped()["ml_chips"].set_index("chip")
    chips = serving_chips(shipped())
    for name, in_table in named.items():
        row, chip = table.loc[in_table], chips[name]
        assert chip.flop_per_s["fp16"] == pytest.approx(row["tensor_fp16_flop_per_s"], rel=0.002)
        assert chip.memory_bytes == row["memory_bytes"]
        assert chip.memory_bytes_per_s == row["memory_bandwidth_bytes_per_s"]
        assert chip.tdp_watts == row["tdp_watts"]
        for precision in ("fp8", "fp4"):
            if row[f"{precision}_flop_per_s"] > 0:
                peak = row[f"{precision}_flop_per_s"]
                assert chip.flop_per_s[precision] == pytest.approx(peak, rel=0.01)


def test_a_measured_cell_names_a_model_and_most_name_a_chip_that_can_be_served_on() -> None:
    measured = shipped()["serving_throughput"]
    models, chips = served_models(shipped()), serving_chips(shipped())
    assert set(measured["model"]) <= set(models)
    known = measured[measured["chip"].isin(list(chips))]
    assert len(known) > 0.95 * len(measured)
    for model, chip in set(zip(known["model"], known["chip"], strict=True)):
        ServedOn(model=models[model], chip=chips[chip], precision="fp8")


def test_a_chip_hour_costs_what_vendors_ask_on_demand_unless_a_price_is_given() -> None:
    market = rented_chip("NVIDIA H100 SXM", "on_demand", shipped()).usd_per_chip_hour
    asked, given = (
        fc.serve(PROOF.replaced(usd_per_chip_hour=usd), data=shipped()) for usd in (None, 2.0)
    )
    assert asked.rent.usd_per_chip_hour == market
    assert asked.usd_per_month.value == pytest.approx(given.usd_per_month.value * market / 2.0)
    assert fc.ServeScenario.defaults(1)["usd_per_chip_hour"] == 2.0


def test_a_chip_that_nobody_rents_out_needs_a_price() -> None:
    with pytest.raises(fc.InputError, match=r"H800 SXM”\. Nobody .* on demand: give"):
        fc.serve(fc.ServeScenario(chip="NVIDIA H800 SXM"), data=shipped())
    assert fc.serve(PROOF.replaced(chip="NVIDIA H800 SXM"), data=shipped()).chips.value > 0
