"""The serving model against the numbers that prove it, and what holds of every replica."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.errors import InputError, UnknownNameError
from forecasting.serving.hardware import EFFICIENCIES, Efficiency, ServingChip
from forecasting.serving.phases import ServedOn, ridge_batch
from forecasting.serving.replica import (
    MEAN_OF_P99_TPOT,
    Replica,
    Traffic,
    best_replica,
    largest_batches,
)
from forecasting.serving.served_model import ServedModel

H100 = ServingChip(
    name="NVIDIA H100 SXM",
    flop_per_s={"fp16": 989.4e12, "fp8": 1979e12},
    memory_bytes=80e9,
    memory_bytes_per_s=3.35e12,
    link_bytes_per_s=450e9,
    tdp_watts=700,
    generation="Hopper",
)
LLAMA_70B = ServedModel(
    name="Llama-3-70B", params=70.6e9, layers=80, width=8192, attention_width=8192, kv_width=1024
)
LLAMA_8B = ServedModel(
    name="Llama-3-8B", params=8.03e9, layers=32, width=4096, attention_width=4096, kv_width=1024
)
MIXTRAL = ServedModel(
    name="Mixtral 8x7B",
    params=46.7e9,
    active_params=12.9e9,
    layers=32,
    width=4096,
    attention_width=4096,
    kv_width=1024,
    experts=8,
    experts_used=2,
)
DEEPSEEK = ServedModel(
    name="DeepSeek-R1",
    params=671e9,
    active_params=37e9,
    layers=61,
    width=7168,
    attention_width=16384,
    kv_latent=576,
    experts=256,
    experts_used=8,
)
PEAKS = Efficiency(1.0, 1.0)
CHAT = Traffic(tokens_in=1000, tokens_out=300)


def proof_replica() -> Replica:
    served = ServedOn(model=LLAMA_70B, chip=H100, precision="fp8")
    return best_replica(served, CHAT, tpot_limit_s=0.050, max_chips=8)


def test_a_token_adds_its_keys_and_values_to_the_cache() -> None:
    assert LLAMA_70B.kv_bytes_per_token(2.0) == 327_680
    assert LLAMA_8B.kv_bytes_per_token(2.0) == 131_072
    assert DEEPSEEK.kv_bytes_per_token(2.0) == 70_272


def test_alone_a_small_model_is_read_once_a_token() -> None:
    served = ServedOn(
        model=LLAMA_8B,
        chip=H100,
        precision="fp16",
        efficiency=PEAKS,
        layer_overhead_s=0.0,
        request_overhead_s=0.0,
    )
    assert 1e3 * served.decode_step_s(1, 0, 1) == pytest.approx(4.79403, rel=1e-5)


def test_the_ridge_batch_is_where_compute_binds() -> None:
    assert ridge_batch(H100, "fp8") == pytest.approx(295.373, rel=1e-4)


def test_reading_a_long_prompt_takes_as_long_as_its_flop() -> None:
    served = ServedOn(model=LLAMA_70B, chip=H100, precision="fp8")
    assert served.prefill_s(2048, 1) == pytest.approx(0.379199, rel=1e-4)


def test_caches_fill_the_memory_that_the_weights_leave() -> None:
    served = ServedOn(model=LLAMA_70B, chip=H100, precision="fp8")
    assert served.memory_batch(1200, 2) == pytest.approx(373.332, rel=1e-4)


def test_of_experts_a_batch_reads_those_that_some_request_uses() -> None:
    assert MIXTRAL.params_read(8) == pytest.approx(4.21882e10, rel=1e-5)
    assert MIXTRAL.params_read(1) == MIXTRAL.active_params
    assert LLAMA_8B.params_read(8) == LLAMA_8B.params


def test_seventy_billion_parameters_within_fifty_milliseconds_a_token() -> None:
    replica = proof_replica()
    assert replica.chips == 4
    assert replica.batch == pytest.approx(175.46, rel=2e-3)
    assert replica.tokens_per_s_per_chip == pytest.approx(877.3, rel=2e-3)
    assert replica.tpot_s == pytest.approx(0.050, rel=1e-6)
    assert replica.requests_per_s == pytest.approx(11.697, rel=1e-3)
    assert replica.step_s == pytest.approx(0.018324, rel=1e-3)
    assert replica.prefill_s == pytest.approx(0.05416, rel=1e-3)


def test_chips_for_twenty_requests_a_second_with_one_replica_to_spare() -> None:
    assert proof_replica().chips_for(20.0, 0.6, spare_replicas=1) == 16


def test_a_million_tokens_at_full_load_and_two_dollars_an_hour() -> None:
    cost = proof_replica().usd_per_million_tokens(2.0, 1.0)
    assert cost.blended == pytest.approx(0.6333, rel=2e-3)
    # An answer costs what its prompt and its tokens cost apart.
    apart = CHAT.tokens_in * cost.input + CHAT.tokens_out * cost.output
    assert apart == pytest.approx(CHAT.tokens_out * cost.blended, rel=1e-9)


def test_the_implied_utilisation_gives_the_same_cost() -> None:
    replica = proof_replica()
    cost = replica.usd_per_million_tokens(2.0, 0.5)
    for mfu, usd in ((replica.mfu_output, cost.output), (replica.mfu_input, cost.input)):
        usd_per_flop = 2.0 / 3600 / (H100.flop_per_s["fp16"] * mfu * 0.5)
        assert 1e6 * 2 * LLAMA_70B.params * usd_per_flop == pytest.approx(usd, rel=1e-12)
    assert replica.mfu_input > 0.5


@pytest.mark.parametrize(
    ("tokens_in", "tokens_out", "limit_s", "measured", "modelled"),
    [(200, 300, 0.2, 3888, 2929)],
    ids=["MLPerf v5.0, Llama-2-70B Server, 8 H100"],
)
def test_measured_throughput_is_within_half_as_much_again(
    tokens_in: float, tokens_out: float, limit_s: float, measured: float, modelled: float
) -> None:
    model = ServedModel(
        name="Llama-2-70B", params=69e9, layers=80, width=8192, attention_width=8192, kv_width=1024
    )
    replica = best_replica(
        ServedOn(model=model, chip=H100, precision="fp8"),
        Traffic(tokens_in=tokens_in, tokens_out=tokens_out),
        tpot_limit_s=MEAN_OF_P99_TPOT * limit_s,
        max_chips=8,
    )
    assert replica.tokens_per_s_per_chip == pytest.approx(modelled, rel=0.02)
    assert abs(math.log(replica.tokens_per_s_per_chip / measured)) < math.log(1.5)


def test_a_chip_without_a_precision_computes_in_the_next_wider_one() -> None:
    assert H100.peak_flop_per_s("fp4") == H100.flop_per_s["fp8"]
    with pytest.raises(UnknownNameError, match="precision"):
        H100.peak_flop_per_s("int2")


def test_a_model_too_large_for_any_replica_is_said_with_its_size() -> None:
    served = ServedOn(model=DEEPSEEK, chip=H100, precision="fp16")
    with pytest.raises(InputError, match="1,342 GB at fp16 and does not fit on 8"):
        best_replica(served, CHAT, max_chips=8)


def test_a_request_too_long_for_any_replica_is_said_with_the_size_of_its_cache() -> None:
    served = ServedOn(model=LLAMA_70B, chip=H100, precision="fp8")
    long = Traffic(tokens_in=0.0, tokens_out=1e9, variation=1.0)
    with pytest.raises(InputError, match=r"in flight 163,840 GB of cache, and does not fit"):
        best_replica(served, long, max_chips=8)


def test_a_latency_that_no_batch_meets_names_the_nearest_that_can() -> None:
    served = ServedOn(model=LLAMA_70B, chip=H100, precision="fp8")
    with pytest.raises(InputError, match=r"with one request at a time on 8 chips") as raised:
        best_replica(served, CHAT, tpot_limit_s=0.001, max_chips=8)
    nearest_ms = float(str(raised.value).split("a token takes ")[1].split(" ms")[0])
    assert best_replica(served, CHAT, tpot_limit_s=nearest_ms / 1e3, max_chips=8).batch >= 1.0


def test_a_first_token_that_no_batch_gives_so_soon_names_the_nearest_that_can() -> None:
    served = ServedOn(model=LLAMA_70B, chip=H100, precision="fp8")
    with pytest.raises(InputError, match=r"`ttft_limit_s` is 0\.001") as raised:
        best_replica(served, CHAT, ttft_limit_s=0.001, max_chips=8)
    nearest_ms = float(str(raised.value).split("first token takes ")[1].split(" ms")[0])
    assert best_replica(served, CHAT, ttft_limit_s=nearest_ms / 1e3, max_chips=8).batch >= 1.0


def test_the_largest_batch_keeps_to_the_time_of_the_first_token() -> None:
    served = ServedOn(model=LLAMA_70B, chip=H100, precision="fp8")
    free = best_replica(served, CHAT, max_chips=8)
    limit_s = 0.9 * float(free.ttft_s)
    bound = best_replica(served, CHAT, ttft_limit_s=limit_s, max_chips=8)
    assert float(bound.ttft_s) <= limit_s * (1 + 1e-9)
    assert bound.tokens_per_s_per_chip < free.tokens_per_s_per_chip


@pytest.mark.parametrize(
    "wrong",
    [{"tokens_out": 0.0}, {"tokens_out": 0.5}, {"tokens_in": -1.0}, {"variation": math.nan}],
)
def test_traffic_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        Traffic(**({"tokens_in": 1000.0, "tokens_out": 300.0} | wrong))


def test_windowed_layers_stop_adding_to_the_cache() -> None:
    windowed = ServedModel(
        name="windowed",
        params=1e9,
        layers=36,
        width=2880,
        attention_width=4096,
        kv_width=512,
        windowed_layers=18,
        window_tokens=128,
    )
    assert windowed.kv_bytes_per_request(128, 1.0) == 36 * 2 * 512 * 128
    more = windowed.kv_bytes_per_request(1128, 1.0) - windowed.kv_bytes_per_request(128, 1.0)
    assert more == 1000 * windowed.kv_bytes_per_token(1.0)


SHAPES = st.sampled_from([LLAMA_8B, LLAMA_70B, MIXTRAL, DEEPSEEK])


@given(
    model=SHAPES,
    precision=st.sampled_from(["fp16", "fp8", "fp4"]),
    tokens_in=st.floats(0, 20_000),
    tokens_out=st.floats(1, 20_000),
    limit_s=st.floats(0.005, 1.0),
    generation=st.sampled_from([*EFFICIENCIES, "unseen"]),
)
def test_a_replica_keeps_its_limits_and_a_looser_one_is_no_slower(
    model: ServedModel,
    precision: str,
    tokens_in: float,
    tokens_out: float,
    limit_s: float,
    generation: str,
) -> None:
    efficiency = EFFICIENCIES.get(generation)
    served = ServedOn(model=model, chip=H100, precision=precision, efficiency=efficiency)
    traffic = Traffic(tokens_in=tokens_in, tokens_out=tokens_out)
    sizes = (1, 8, 64)
    batches = largest_batches(served, traffic, chips=sizes, tpot_limit_s=limit_s)
    looser = largest_batches(served, traffic, chips=sizes, tpot_limit_s=2 * limit_s)
    for chips, batch, more in zip(sizes, batches, looser, strict=True):
        if math.isnan(batch):
            continue
        replica = Replica(served=served, traffic=traffic, chips=chips, batch=batch)
        assert 1.0 <= batch <= served.memory_batch(traffic.context, chips) * (1 + 1e-9)
        assert replica.tpot_s <= limit_s * (1 + 1e-6)
        assert replica.ttft_s >= replica.prefill_s
        assert more >= batch * (1 - 1e-6)
