"""Files of load generators as measurements. The records are made up in the form that each tool
writes.
"""

from __future__ import annotations

import contextlib
import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.errors import InputError
from forecasting.ingest.benchmark_exports import TEMPLATE, Measurement, read_benchmark_export

VLLM_SERVE: dict[str, Any] = {
    "date": "20260801-101112",
    "backend": "vllm",
    "model_id": "meta-llama/Llama-3.3-70B-Instruct",
    "tokenizer_id": "meta-llama/Llama-3.3-70B-Instruct",
    "num_prompts": 1000,
    "request_rate": "inf",
    "burstiness": 1.0,
    "max_concurrency": 128,
    "duration": 100.0,
    "completed": 1000,
    "failed": 0,
    "total_input_tokens": 1_000_000,
    "total_output_tokens": 300_000,
    "request_throughput": 10.0,
    "request_goodput": None,
    "output_throughput": 3000.0,
    "total_token_throughput": 13_000.0,
    "mean_ttft_ms": 500.0,
    "mean_tpot_ms": 35.0,
    "p99_tpot_ms": 48.0,
}
INFERENCE_PERF: dict[str, Any] = {
    "load_summary": {"count": 600, "send_duration": 60.0, "requested_rate": 10.0},
    "successes": {
        "count": 600,
        "latency": {"request_latency": {"mean": 2.5, "p99": 4.0}},
        "throughput": {
            "input_tokens_per_sec": 5000.0,
            "output_tokens_per_sec": 1200.0,
            "requests_per_sec": 10.0,
        },
        "prompt_len": {"mean": 500.0},
        "output_len": {"mean": 120.0},
    },
    "failures": {"count": 0, "request_latency": None, "prompt_len": None},
}
GENAI_PERF: dict[str, Any] = {
    "request_throughput": {"unit": "requests/sec", "avg": 4.0},
    "request_latency": {"unit": "ms", "avg": 8000.0, "p99": 9000.0},
    "time_to_first_token": {"unit": "ms", "avg": 200.0},
    "output_token_throughput": {"unit": "tokens/sec", "avg": 800.0},
    "output_sequence_length": {"unit": "tokens", "avg": 200.0},
    "input_sequence_length": {"unit": "tokens", "avg": 550.0},
    "input_config": {"model": ["llama-3.1-8b"], "concurrency": 32, "endpoint_type": "chat"},
}
GENAI_PERF_CSV = (
    "Metric,avg,min,max,p99,p50\r\n"
    'Request Latency (ms),"8,000.00",7000.00,9000.00,8980.00,8000.00\r\n'
    "Output Sequence Length (tokens),200.00,100.00,300.00,298.00,200.00\r\n"
    "Input Sequence Length (tokens),550.00,550.00,550.00,550.00,550.00\r\n"
    "\r\n"
    "Metric,Value\r\n"
    "Output Token Throughput (tokens/sec),800.00\r\n"
    "Request Throughput (per sec),4.00\r\n"
    "Request Count (count),300.00\r\n"
)
THROUGHPUT: dict[str, Any] = {
    "elapsed_time": 50.0,
    "num_requests": 1000,
    "total_num_tokens": 1_300_000,
    "requests_per_second": 20.0,
    "tokens_per_second": 26_000.0,
}


def read(whole: Any, **options: Any) -> Measurement:
    (found,) = read_benchmark_export(json.dumps(whole).encode(), **options)
    return found


def test_vllm_bench_serve_says_lengths_speed_and_by_littles_law_how_many_were_in_flight() -> None:
    found = read(VLLM_SERVE)
    assert (found.tool, found.tokens_per_s) == ("vLLM bench serve", 3000)
    assert (found.tokens_in, found.tokens_out) == (1000, 300)
    # 10 requests a second, each in flight for 0.5 s and 299 tokens of 35 ms.
    assert found.concurrency == pytest.approx(10 * (0.5 + 299 * 0.035))
    assert found.model == "meta-llama/Llama-3.3-70B-Instruct"
    assert (found.chip, found.chips) == (None, None)


def test_what_vllm_was_told_to_note_down_is_used() -> None:
    found = read(VLLM_SERVE | {"gpu": "H100 SXM", "tp": "4", "quantization": "fp8"})
    assert (found.chip, found.chips, found.precision) == ("H100 SXM", 4, "fp8")


def test_without_latencies_the_limit_on_requests_in_flight_counts() -> None:
    bare = {name: value for name, value in VLLM_SERVE.items() if not name.startswith("mean")}
    assert read(bare).concurrency == 128
    assert read(bare | {"max_concurrency": None}).concurrency is None


def test_several_results_in_lines_are_several_measurements() -> None:
    lines = "\n".join(json.dumps(VLLM_SERVE | {"output_throughput": 100.0 * n}) for n in (1, 2, 3))
    assert [each.tokens_per_s for each in read_benchmark_export(lines.encode())] == [100, 200, 300]
    packed = gzip.compress(json.dumps([VLLM_SERVE, INFERENCE_PERF]).encode())
    assert len(read_benchmark_export(packed)) == 2


def test_sglang_writes_the_same_with_another_name_of_the_latency() -> None:
    found = read(VLLM_SERVE | {"mean_e2e_latency_ms": 9000.0})
    assert found.tool.startswith("SGLang")
    assert found.concurrency == 90


def test_vllm_bench_throughput_is_asked_how_much_of_it_was_written() -> None:
    with pytest.raises(InputError, match=r"1,300 tokens per request: give how many"):
        read(THROUGHPUT)
    found = read(THROUGHPUT, tokens_out=300)
    assert (found.tokens_per_s, found.tokens_in, found.tokens_out) == (6000, 1000, 300)
    assert found.concurrency is None
    with pytest.raises(InputError, match="Give 1 to the 1,300 tokens"):
        read(THROUGHPUT, tokens_out=2000)


def test_inference_perf_says_what_ended() -> None:
    found = read(INFERENCE_PERF)
    assert (found.tool, found.tokens_per_s) == ("inference-perf", 1200)
    assert (found.tokens_in, found.tokens_out, found.concurrency) == (500, 120, 25)


@pytest.mark.parametrize("content", [json.dumps(GENAI_PERF), GENAI_PERF_CSV], ids=["JSON", "CSV"])
def test_genai_perf_says_the_same_in_both_of_its_files(content: str) -> None:
    (found,) = read_benchmark_export(content.encode())
    assert (found.tool, found.tokens_per_s) == ("GenAI-Perf", 800)
    assert (found.tokens_in, found.tokens_out, found.concurrency) == (550, 200, 32)
    assert found.model in (None, "llama-3.1-8b")


def test_aiperf_is_told_from_genai_perf_and_names_its_model_elsewhere() -> None:
    found = read(
        GENAI_PERF
        | {"schema_version": "1.3", "input_config": {"models": {"items": [{"name": "mine"}]}}}
    )
    assert (found.tool, found.model) == ("AIPerf", "mine")


def test_a_plain_csv_is_read_by_the_names_of_its_columns() -> None:
    (found,) = read_benchmark_export(TEMPLATE.encode())
    assert found == Measurement(
        tool="CSV",
        tokens_per_s=2900,
        tokens_in=1000,
        tokens_out=300,
        concurrency=128,
        model="Llama-3.3-70B",
        chip="NVIDIA H100 SXM",
        chips=4,
        precision="fp8",
    )
    other = "Model;GPU;Concurrency;Output tokens/s\nmine;H100;64;1234,5\n"
    (found,) = read_benchmark_export(other.encode())
    assert (found.tokens_per_s, found.chip, found.chips) == (1234.5, "H100", None)


@pytest.mark.parametrize(
    ("whole", "says"),
    [
        ({"avg_latency": 1.0, "latencies": [1.0], "percentiles": {}}, "vLLM bench latency"),
        ({"experiments": [], "version": "1", "service_kind": "openai"}, "raw records of Perf"),
        ({"benchmarks": [], "metadata": {}}, "report of GuideLLM"),
        ({"log_history": [{"loss": 2.0}]}, "log of a training run"),
        (
            {"request_throughput": {"avg": 1}, "request_latency": {"avg": 1}},
            "an export without output tokens",
        ),
        ({"loss": 1.0, "step": 3}, "JSON with “?`loss`, `step`"),
        ({}, "an empty JSON object"),
        ([1, 2], "JSON without an object"),
        (VLLM_SERVE | {"completed": 0}, "No request of this vLLM bench serve finished"),
        (VLLM_SERVE | {"output_throughput": "fast"}, "vLLM bench serve writes a number here"),
        (VLLM_SERVE | {"output_throughput": 0.0}, "Give a number above 0"),
        (INFERENCE_PERF | {"successes": {"count": 0}}, "No request of this inference-perf run"),
    ],
)
def test_other_files_are_answered_as_what_they_are(whole: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read(whole)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'{"completed": 10, "total_', "damaged or incomplete"),
        (b"[" * 100_000, "nested too deep|damaged or incomplete"),
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"step,loss\n1,2.0\n", "a table with the columns step, loss"),
        (b"model,tokens_per_s\nmine,quick\n", "tokens_per_s in row 2.*Give a number"),
        (b"model,tokens_per_s\nmine,\n", "tokens_per_s in row 2"),
        (b"chips,tokens_per_s\n1.5,100\n", "chips in row 2.*whole number"),
        (b"model,tokens_per_s\n", "without measurements"),
        (b"Metric,avg\nRequest Latency (ms),5\n", "without Output Token Throughput"),
        (b" " * (33 * 2**20), "at most 32"),
    ],
)
def test_files_that_cannot_be_read_say_why(content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_benchmark_export(content)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*VLLM_SERVE, *INFERENCE_PERF, *GENAI_PERF]), inner)
        ),
        max_leaves=12,
    ),
    st.sampled_from([{}, VLLM_SERVE, INFERENCE_PERF, GENAI_PERF, THROUGHPUT]),
)
def test_whatever_stands_in_a_json_file_is_a_measurement_or_a_sentence(
    whole: Any, known: dict[str, Any]
) -> None:
    document = known | whole if isinstance(whole, dict) else whole
    with contextlib.suppress(InputError):
        found = read_benchmark_export(json.dumps(document).encode(), tokens_out=10.0)
        assert all(each.tokens_per_s > 0 for each in found)
