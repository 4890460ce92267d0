"""What load generators write about a service, as measurements: inference-perf, vLLM bench (serve
and throughput), GenAI-Perf and AIPerf, SGLang's bench_serving, and a plain CSV.

read_benchmark_export(Path("profile_export_genai_perf.json").read_bytes())

Requests in flight are the rate of requests times their mean latency (Little's law) wherever both
are in the file: a limit on requests in flight need not have been reached.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from forecasting.errors import InputError
from forecasting.ingest.archives import unpacked
from forecasting.ingest.cell_numbers import number_of
from forecasting.ingest.column_names import normalised
from forecasting.ingest.csv_bytes import MIB, Deadline, Limits, csv_text
from forecasting.ingest.csv_dialect import decimal_of, delimiter_of

LIMITS = Limits(content_bytes=32 * MIB, unpacked_bytes=64 * MIB, rows=10_000, seconds=30.0)
#: Measurements of one file at most.
MAX_MEASUREMENTS = 10_000
TEMPLATE = (
    "model,chip,chips,precision,tokens_in,tokens_out,concurrency,tokens_per_s\n"
    "Llama-3.3-70B,NVIDIA H100 SXM,4,fp8,1000,300,128,2900\n"
)
#: What the columns of a plain CSV may be called, but for case and signs between words.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "model": ("model", "model_id", "model_name"),
    "chip": ("chip", "gpu", "accelerator", "hardware", "device"),
    "chips": ("chips", "gpus", "num_gpus", "gpu_count", "tensor_parallel", "tp", "tp_size"),
    "precision": ("precision", "quantization", "dtype"),
    "tokens_in": ("tokens_in", "input_tokens", "input_len", "isl", "prompt_tokens"),
    "tokens_out": ("tokens_out", "output_tokens", "output_len", "osl", "max_tokens"),
    "concurrency": ("concurrency", "max_concurrency", "batch", "batch_size", "concurrent_requests"),
    "tokens_per_s": (
        "tokens_per_s",
        "tokens_s",
        "tok_s",
        "tokens_per_second",
        "output_tokens_s",
        "output_tok_s",
        "output_tokens_per_s",
        "output_tokens_per_sec",
        "output_tokens_per_second",
        "output_throughput",
        "output_token_throughput",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """A service as it was measured; what the file does not say is None.

    `tokens_per_s` counts output tokens of the whole service; `tokens_in` and `tokens_out` are means
    a request; `concurrency` requests in flight, the mean; `chips` those of the whole service.
    """

    tool: str
    tokens_per_s: float
    tokens_in: float | None = None
    tokens_out: float | None = None
    concurrency: float | None = None
    model: str | None = None
    chip: str | None = None
    chips: int | None = None
    precision: str | None = None

    def __post_init__(self) -> None:
        for name in ("tokens_per_s", "tokens_in", "tokens_out", "concurrency", "chips"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value > 0.0):
                if name == "tokens_in" and value == 0.0:
                    continue
                raise InputError(name, value, f"Give a number above 0 (read as {self.tool}).")


def read_benchmark_export(
    content: bytes, *, tokens_out: float | None = None
) -> tuple[Measurement, ...]:
    """The measurements of a file, at least one.

    Parameters
    ----------
    content : bytes
        The file: JSON, lines of JSON or CSV, packed with gzip or not, at most 32 MiB.
    tokens_out : float or None
        Tokens that an answer has, for files of vLLM bench throughput, which do not say.

    Raises
    ------
    InputError
        For a file of another kind, which it names, one without a finished request, one that is
        damaged or too large.
    """
    deadline = Deadline(LIMITS.seconds)
    text = csv_text(unpacked(content, LIMITS, deadline), deadline).content.decode()
    if text.lstrip()[:1] in ("{", "["):
        found = [_of_record(record, tokens_out) for record in _records(text)]
    elif re.match(r"\s*\"?Metric\"?\s*,", text):
        found = [_of_genai_perf_csv(text)]
    else:
        found = list(_of_csv(text))
    if not found:
        raise InputError("file", "a file without measurements", f"Give rows as in: {TEMPLATE}")
    return tuple(found)


def _records(text: str) -> Iterator[Mapping[str, Any]]:
    """The objects of a document: one, a list of them, or one a line (vLLM's --append-result)."""
    try:
        whole = [json.loads(text)]
    except RecursionError:
        raise InputError("file", "JSON nested too deep", "Give the export as written.") from None
    except ValueError:
        try:
            whole = [json.loads(line) for line in text.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            raise InputError(
                "file", "JSON that is damaged or incomplete", "Give the complete file."
            ) from None
    records = whole[0] if len(whole) == 1 and isinstance(whole[0], list) else whole
    if len(records) > MAX_MEASUREMENTS:
        raise InputError(
            "file", f"{len(records):,} records", f"Give at most {MAX_MEASUREMENTS:,} at once."
        )
    for record in records:
        if not isinstance(record, dict):
            raise InputError("file", "JSON without an object", "Give the export as written.")
        yield record


def _of_record(record: Mapping[str, Any], tokens_out: float | None) -> Measurement:
    """The measurement of a JSON object, by the first kind that it shows the marks of."""
    if all(mark in record for mark in _OF_THROUGHPUT):
        return _of_vllm_throughput(record, tokens_out)
    for marks, read in _READERS:
        if all(mark in record for mark in marks):
            return read(record)
    for marks, kind, remedy in _OTHER_KINDS:
        if all(mark in record for mark in marks):
            raise InputError("file", kind, remedy)
    shown = ", ".join(f"`{name[:40]}`" for name in list(record)[:5])
    raise InputError(
        "file",
        f"JSON with {shown}" if shown else "an empty JSON object",
        "Give an export of inference-perf, vLLM bench, GenAI-Perf, AIPerf or SGLang, or a CSV with"
        " the columns model, chip, concurrency and tokens_per_s.",
    )


def _of_vllm_serve(record: Mapping[str, Any]) -> Measurement:
    """vLLM's bench serve and benchmark_serving.py, and SGLang's bench_serving, which came of it."""
    tool = "SGLang bench_serving" if "mean_e2e_latency_ms" in record else "vLLM bench serve"
    completed = _number(record, "completed", tool)
    if completed == 0.0:
        raise InputError("completed", 0, f"No request of this {tool} finished: measure again.")
    tokens_out = _number(record, "total_output_tokens", tool) / completed
    latency_ms = _optional(record, "mean_e2el_ms", "mean_e2e_latency_ms")
    ttft_ms, tpot_ms = _optional(record, "mean_ttft_ms"), _optional(record, "mean_tpot_ms")
    if latency_ms is None and ttft_ms is not None and tpot_ms is not None:
        latency_ms = ttft_ms + tpot_ms * max(tokens_out - 1.0, 0.0)
    rate = _optional(record, "request_throughput")
    return Measurement(
        tool=tool,
        tokens_per_s=_number(record, "output_throughput", tool),
        tokens_in=_number(record, "total_input_tokens", tool) / completed,
        tokens_out=tokens_out,
        concurrency=_in_flight(rate, latency_ms, "max_concurrency", record),
        **_metadata(record),
    )


def _of_vllm_throughput(record: Mapping[str, Any], tokens_out: float | None) -> Measurement:
    """vLLM's bench throughput, whose tokens a second count prompts too."""
    tool = "vLLM bench throughput"
    a_request = _number(record, "total_num_tokens", tool) / _number(record, "num_requests", tool)
    if tokens_out is None:
        raise InputError(
            "tokens_out",
            None,
            f"A file of vLLM bench throughput counts prompts and answers together, {a_request:,.0f}"
            " tokens per request: give how many of them are in the answer (--output-len).",
        )
    if not 1.0 <= tokens_out <= a_request:
        raise InputError(
            "tokens_out", tokens_out, f"Give 1 to the {a_request:,.0f} tokens of a request."
        )
    return Measurement(
        tool=tool,
        tokens_per_s=_number(record, "requests_per_second", tool) * tokens_out,
        tokens_in=a_request - tokens_out,
        tokens_out=tokens_out,
        **_metadata(record),
    )


def _of_inference_perf(record: Mapping[str, Any]) -> Measurement:
    tool = "inference-perf"
    done = record["successes"]
    if not isinstance(done, Mapping) or not done.get("count"):
        raise InputError("successes", 0, "No request of this inference-perf run finished.")
    throughput = done.get("throughput") or {}
    latency_s = _optional(_inside(done, "latency", "request_latency"), "mean")
    return Measurement(
        tool=tool,
        tokens_per_s=_number(throughput, "output_tokens_per_sec", tool),
        tokens_in=_optional(_inside(done, "prompt_len"), "mean"),
        tokens_out=_optional(_inside(done, "output_len"), "mean"),
        concurrency=_in_flight(
            _optional(throughput, "requests_per_sec"),
            None if latency_s is None else 1e3 * latency_s,
            "concurrency",
            _inside(record, "load_summary"),
        ),
    )


def _of_genai_perf(record: Mapping[str, Any]) -> Measurement:
    tool = "AIPerf" if "aiperf_version" in record or "schema_version" in record else "GenAI-Perf"

    def mean(metric: str) -> float | None:
        return _optional(_inside(record, metric), "avg")

    given = _inside(record, "input_config")
    stimulus = _inside(given, "perf_analyzer", "stimulus") or given
    models = given.get("model") or given.get("model_names") or _inside(given, "models").get("items")
    first = models[0] if isinstance(models, list) and models else models
    named = first.get("name") if isinstance(first, Mapping) else first
    return Measurement(
        tool=tool,
        tokens_per_s=_number(_inside(record, "output_token_throughput"), "avg", tool),
        tokens_in=mean("input_sequence_length"),
        tokens_out=mean("output_sequence_length"),
        concurrency=_in_flight(
            mean("request_throughput"), mean("request_latency"), "concurrency", stimulus
        ),
        model=str(named)[:200] if named else None,
    )


def _of_genai_perf_csv(text: str) -> Measurement:
    """GenAI-Perf's CSV: a table of statistics, and below it single values."""
    means: dict[str, dict[str, float]] = {}
    for row in csv.reader(io.StringIO(text)):
        if len(row) >= 2 and (value := number_of(row[1].replace(",", ""))) is not None:
            name = normalised(row[0].partition("(")[0])
            means.setdefault(name, {"avg": value})
    if "output_token_throughput" not in means:
        raise InputError(
            "file",
            "a table of metrics without Output Token Throughput",
            "Give the export of a language model as GenAI-Perf wrote it.",
        )
    return _of_genai_perf(means)


def _of_csv(text: str) -> Iterator[Measurement]:
    lines = text.splitlines()
    delimiter = delimiter_of(lines[:100], LIMITS)
    rows = [row for row in csv.reader(lines, delimiter=delimiter) if any(map(str.strip, row))]
    names = [normalised(name) for name in rows[0]] if rows else []
    columns = {
        role: next((names.index(name) for name in known if name in names), None)
        for role, known in COLUMNS.items()
    }
    if columns["tokens_per_s"] is None:
        raise InputError(
            "file",
            f"a table with the columns {', '.join(names[:8])}" if names else "an empty file",
            "Give the output tokens per second in a column tokens_per_s, and model, chip and"
            f" concurrency: {TEMPLATE}",
        )
    if len(rows) - 1 > MAX_MEASUREMENTS:
        raise InputError(
            "file", f"{len(rows) - 1:,} rows", f"Give at most {MAX_MEASUREMENTS:,} at once."
        )
    decimal = decimal_of(rows[1:101], delimiter)
    for line, row in enumerate(rows[1:], start=2):
        cells = {
            role: row[at].strip() if at is not None and at < len(row) else ""
            for role, at in columns.items()
        }
        yield _of_cells(cells, line, decimal)


def _of_cells(cells: Mapping[str, str], line: int, decimal: str) -> Measurement:
    """A row of a plain CSV."""
    numbers: dict[str, float | None] = {}
    for role in ("tokens_per_s", "tokens_in", "tokens_out", "concurrency", "chips"):
        numbers[role] = number_of(cells[role], decimal) if cells[role] else None
        if cells[role] and numbers[role] is None:
            raise InputError(
                f"{role} in row {line}", cells[role][:100], "Give a number, such as 2900."
            )
    speed, chips = numbers["tokens_per_s"], numbers["chips"]
    if speed is None:
        raise InputError(f"tokens_per_s in row {line}", "", "Give the output tokens per second.")
    if chips is not None and chips != round(chips):
        raise InputError(f"chips in row {line}", chips, "Give a whole number.")
    return Measurement(
        tool="CSV",
        tokens_per_s=speed,
        tokens_in=numbers["tokens_in"],
        tokens_out=numbers["tokens_out"],
        concurrency=numbers["concurrency"],
        model=cells["model"][:200] or None,
        chip=cells["chip"][:200] or None,
        chips=None if chips is None else int(chips),
        precision=cells["precision"].casefold()[:20] or None,
    )


def _metadata(record: Mapping[str, Any]) -> dict[str, Any]:
    """What vLLM's --metadata KEY=VALUE adds, and the model's name."""
    found: dict[str, Any] = {}
    for role in ("model", "chip", "precision"):
        value = next((record[name] for name in COLUMNS[role] if record.get(name)), None)
        found[role] = str(value)[:200] if value is not None else None
    chips = next((record[name] for name in COLUMNS["chips"] if record.get(name)), None)
    number = None if chips is None else number_of(str(chips)[:20])
    found["chips"] = int(number) if number is not None and number == round(number) else None
    return found


def _in_flight(
    requests_per_s: float | None,
    latency_ms: float | None,
    limit: str,
    record: Mapping[str, Any],
) -> float | None:
    """Mean requests in flight; where latencies are missing the limit that was set, if any."""
    if requests_per_s is not None and latency_ms is not None:
        return requests_per_s * latency_ms / 1e3
    return _optional(record, limit)


def _inside(record: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """The object at a path, empty where there is none."""
    found: Any = record
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _optional(record: Mapping[str, Any], *names: str) -> float | None:
    """The first of these that is a number; None where none is."""
    for name in names:
        value = record.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return float(value) if math.isfinite(value) else None
    return None


def _number(record: Mapping[str, Any], name: str, tool: str) -> float:
    value = _optional(record, name)
    if value is None:
        raise InputError(
            name, record.get(name), f"{tool} writes a number here: give its file as written."
        )
    return value


#: What the kinds of files hold at their top.
_OF_THROUGHPUT = ("elapsed_time", "num_requests", "total_num_tokens", "requests_per_second")
_READERS: tuple[tuple[tuple[str, ...], Callable[[Mapping[str, Any]], Measurement]], ...] = (
    (("completed", "total_output_tokens", "output_throughput"), _of_vllm_serve),
    (("load_summary", "successes"), _of_inference_perf),
    (("output_token_throughput", "request_throughput"), _of_genai_perf),
)
#: Files of the same tools, and of others, that say something else.
_OTHER_KINDS = (
    (
        ("avg_latency", "latencies"),
        "an export of vLLM bench latency, the time of one batch",
        "Give one of vLLM bench serve.",
    ),
    (
        ("experiments", "service_kind"),
        "the raw records of Perf Analyzer",
        "Give profile_export_genai_perf.json from the same folder.",
    ),
    (
        ("completed", "total_input_tokens", "request_throughput"),
        "an export of vLLM bench serve of a model that writes no tokens",
        "Give one of a model that writes text.",
    ),
    (
        ("benchmarks",),
        "a report of GuideLLM or pytest-benchmark",
        "Give its figures as a CSV with the columns model, chip, concurrency and tokens_per_s.",
    ),
    (
        ("request_throughput", "request_latency"),
        "an export without output tokens",
        "Give one of a model that writes text.",
    ),
    (
        ("log_history",),
        "the log of a training run",
        "Load it as training runs; this field is for measurements of a service.",
    ),
)
