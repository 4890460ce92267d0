"""Runs that are no CSV as a CSV: lines and lists of JSON, a trainer_state.json, and what nanoGPT,
nanochat, llm.c and modded-nanogpt print.

form = as_csv(text, "my run", limits, deadline)      # None: it is none of these
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from forecasting.errors import InputError
from forecasting.ingest.csv_bytes import MIB, Deadline, Limits
from forecasting.ingest.csv_dialect import DELIMITERS

#: A JSON document is in memory as a whole, at up to some thirty times its size.
MAX_DOCUMENT_BYTES = 6 * MIB
#: And a line of JSON, while it is read.
MAX_LINE_BYTES = MIB
_RECORDS = 200_000
_BYTES_A_RECORD = 200
_NUMBER = r"([+-]?(?:\d[\d,]*(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?|nan|inf)"
_STEP = re.compile(
    r"(?<![a-z_])(?:step|iter|iteration|s)\s*[:=]?\s*(\d[\d,]{0,18})(?![\d,])(?!\.?\d{0,9}\s?ms)",
    re.I,
)
_VALUES = {
    "val_loss": re.compile(
        rf"(?<![a-z])(?:(?:val|valid|validation|eval|test)[ _/]?loss|tel)\s*[:=]?\s*{_NUMBER}", re.I
    ),
    "val_bpb": re.compile(rf"(?<![a-z])(?:val|validation)[ _/]?bpb\s*[:=]?\s*{_NUMBER}", re.I),
    "train_loss": re.compile(
        r"(?<![a-z])(?:(?:train|training)[ _/]?loss|trl"
        rf"|(?<!val[ _/])(?<!eval[ _/])(?<!valid[ _/])(?<!test[ _/])(?<!validation[ _/])loss)"
        rf"\s*[:=]?\s*{_NUMBER}",
        re.I,
    ),
}
_FACTS = {
    "params": re.compile(
        r"(?:number of parameters|num_?parameters|num_?params|total parameters)\W{1,12}"
        r"(\d[\d,]*(?:\.\d+)?\s*[KMBT]?)\b",
        re.I,
    ),
    "tokens_per_step": re.compile(
        r"(?:tokens per iteration will be|total[ _]batch[ _]size\b(?: in tokens)?|tokens per step"
        r"|batch size in tokens)\W{1,30}(\d[\d,]*)\b",
        re.I,
    ),
}
_DICTIONARY = re.compile(r"\{'[^{}]{1,1500}\}")
_PAIR = re.compile(rf"'(\w{{1,60}})': '?{_NUMBER}'?", re.I)
#: Of a line of a log.
_LINE = 2_000
_SEEN_LINES = 4_000


@dataclass(frozen=True)
class OtherForm:
    """`content` is a CSV of UTF-8, `note` says what the file was."""

    content: bytes = field(repr=False)
    note: str


def as_csv(
    content: bytes, name: str, limits: Limits, deadline: Deadline, is_known: Callable[[str], bool]
) -> OtherForm | None:
    """The file as a CSV; None where it is one, or unknown.

    Parameters
    ----------
    content : bytes
        The file as UTF-8 text.
    name : str
        Name of the run of a log, which gives none.
    limits : Limits
        Its largest sizes.
    deadline : Deadline
        When reading must have ended.
    is_known : function of a name
        Whether a column of this name is known.

    Raises
    ------
    InputError
        For JSON that holds no table, and beyond the limits.
    """
    start = content[:256].lstrip()
    if start[:1] in (b"{", b"["):
        form = _of_json(content, name, limits, deadline, is_known)
        if form is not None:
            return form
    return _of_dictionaries(content, limits, deadline) or _of_log(content, name, deadline, is_known)


def _of_json(
    content: bytes,
    name: str,
    limits: Limits,
    deadline: Deadline,
    is_known: Callable[[str], bool],
) -> OtherForm | None:
    first = content[: limits.cell_bytes].lstrip().split(b"\n", 1)[0]
    one = _parsed(first)
    if isinstance(one, dict) and first.strip() != content.strip():
        return OtherForm(
            _table(lambda: _lines(content, deadline), len(content), limits),
            "The file holds lines of JSON: each counts as a row, the first as row 2.",
        )
    if len(content) > MAX_DOCUMENT_BYTES:
        raise InputError(
            "file",
            f"a JSON document of more than {MAX_DOCUMENT_BYTES // MIB} MiB",
            "Give lines of JSON, one record each, or save it as CSV.",
        )
    whole = _parsed(content)
    if whole is None:
        if start_of_json(content):
            raise InputError(
                "file",
                "JSON that is damaged or incomplete",
                "Give the complete file, or save it as CSV.",
            )
        return None
    if isinstance(whole, dict) and isinstance(whole.get("log_history"), list):
        rows = list(_trainer_rows(whole, name))
        return OtherForm(
            _table(lambda: iter(rows), len(content), limits),
            "The file is a trainer_state.json: its log counts as one run, and training and"
            " evaluation losses are kept apart.",
        )
    records = _records(whole, is_known)
    if records is None:
        kind = "JSON without a table of runs"
        if isinstance(whole, dict) and "results" in whole and "configs" in whole:
            kind = "a results file of lm-eval, scores of one model"
        raise InputError(
            "file", kind, "Give a list of records or lines of JSON, one record per run, or a CSV."
        )
    return OtherForm(
        _table(lambda: iter(records), len(content), limits),
        "The file holds a list of JSON records: each counts as a row, the first as row 2.",
    )


def start_of_json(content: bytes) -> bool:
    """Whether the text can be nothing but JSON."""
    return re.match(rb'\s*(\{\s*"|\[\s*[\[{])', content[:256]) is not None


def _records(whole: object, is_known: Callable[[str], bool]) -> list[Mapping[str, Any]] | None:
    """The records of a list, of the only list in an object, of columns as lists or by row, of rows
    as lists below their names, or of runs by name.
    """
    if isinstance(whole, list):
        if whole and all(isinstance(each, list) for each in whole):
            return _of_rows(whole[0], whole[1:])
        return whole if whole and all(isinstance(each, dict) for each in whole) else None
    if not isinstance(whole, dict):
        return None
    if isinstance(whole.get("columns"), list) and isinstance(whole.get("data"), list):
        return _of_rows(whole["columns"], whole["data"])
    if len(whole) >= 2 and all(isinstance(each, dict) and each for each in whole.values()):
        if sum(map(is_known, whole)) >= 2:
            rows = dict.fromkeys(row for column in whole.values() for row in column)
            return [{name: column.get(row) for name, column in whole.items()} for row in rows]
        return [{"run": name, **record} for name, record in whole.items()]
    lists = [each for each in whole.values() if isinstance(each, list) and each]
    of_records = [each for each in lists if all(isinstance(one, dict) for one in each)]
    if len(of_records) == 1:
        return of_records[0]
    if len(lists) >= 2 and len(lists) == len(whole) and len({len(each) for each in lists}) == 1:
        return [dict(zip(whole, row, strict=True)) for row in zip(*lists, strict=True)]
    return None


def _of_rows(names: object, rows: list[Any]) -> list[Mapping[str, Any]] | None:
    """Records of rows as lists; None where the names are no text or rows differ in length."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return None
    if not all(isinstance(row, list) and len(row) == len(names) for row in rows):
        return None
    return [dict(zip(names, row, strict=True)) for row in rows]


def _trainer_rows(state: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    """The log of a Hugging Face trainer; `train_loss` in its last record is a mean over the run."""
    for each in state["log_history"]:
        if not isinstance(each, dict):
            continue
        row: dict[str, Any] = {"run": name or "run", "step": each.get("step")}
        row["eval_loss"] = each.get("eval_loss")
        row["train_loss"] = each.get("loss")
        row["tokens"] = each.get("num_input_tokens_seen")
        row["training_flop"] = each.get("total_flos")
        if row["step"] == state.get("global_step"):
            row["training_flop"] = row["training_flop"] or state.get("total_flos")
        if row["eval_loss"] is not None or row["train_loss"] is not None or row["training_flop"]:
            yield row


def _lines(content: bytes, deadline: Deadline) -> Iterator[Mapping[str, Any]]:
    for at, line in enumerate(io.BytesIO(content)):
        if not at % 500:
            deadline.check()
        if len(line) > MAX_LINE_BYTES:
            raise InputError(
                "file",
                f"a line of JSON of more than {MAX_LINE_BYTES // MIB} MiB",
                "Give one record per line, without curves or texts.",
            )
        if not line.strip():
            continue
        found = _parsed(line)
        yield found if isinstance(found, dict) else {}


def _table(records: Callable[[], Iterable[Mapping[str, Any]]], size: int, limits: Limits) -> bytes:
    """Records as a CSV: keys of nested ones joined by “/”, lists left out. They are gone through
    twice, so that they need not stay in memory.
    """
    most = max(_RECORDS, size // _BYTES_A_RECORD)
    keys: dict[str, None] = {}
    for count, record in enumerate(records(), start=1):
        keys.update(dict.fromkeys(_flat(record)))
        if count > most:
            raise InputError(
                "file", f"more than {most:,} records of JSON", "Give fewer, or save them as CSV."
            )
        if len(keys) > limits.columns or len(keys) * count > 2 * size + 1_000_000:
            raise InputError(
                "file",
                f"{len(keys):,} different keys in {count:,} records of JSON",
                "Leave out what the fit does not use.",
            )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = list(keys)
    writer.writerow(names)
    for record in records():
        flat = _flat(record)
        writer.writerow([flat.get(name, "") for name in names] if flat else ["#"])
    return text.getvalue().encode("utf-8", "replace")


def _flat(record: Mapping[str, Any], prefix: str = "", depth: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            if depth < 4:
                found.update(_flat(value, f"{prefix}{key}/", depth + 1))
        elif value is not None and not isinstance(value, list):
            found[f"{prefix}{key}"] = value
    return found


def _parsed(text: bytes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _of_dictionaries(content: bytes, limits: Limits, deadline: Deadline) -> OtherForm | None:
    """What a trainer of Hugging Face prints: a dictionary of Python a line, among other lines."""
    seen = content[: 256 * 1024].decode("utf-8", "replace").splitlines()[:_SEEN_LINES]
    hits = sum("loss'" in line and _DICTIONARY.search(line) is not None for line in seen)
    if hits < 3 or hits < 0.02 * len(seen):
        return None

    def rows() -> Iterator[Mapping[str, Any]]:
        for at, raw in enumerate(io.BytesIO(content)):
            if not at % 10_000:
                deadline.check()
            found = _DICTIONARY.search(raw[:2_000].decode("utf-8", "replace"))
            pairs = _PAIR.findall(found[0]) if found else []
            # The mean over the run, printed last, is no loss of a step.
            mean = any(name == "train_runtime" for name, _ in pairs)
            yield {} if mean else {"train_loss" if n == "loss" else n: v for n, v in pairs}

    return OtherForm(
        _table(rows, len(content), limits),
        "The file is the printed log of a trainer: training and evaluation losses are kept apart.",
    )


def _of_log(
    content: bytes, name: str, deadline: Deadline, is_known: Callable[[str], bool]
) -> OtherForm | None:
    """What a training script prints: lines with a step and losses."""
    seen = content[: 256 * 1024].decode("utf-8", "replace").splitlines()[:_SEEN_LINES]
    header = next((line for line in seen if line.strip() and not line.startswith("#")), "")
    if any(
        sum(is_known(cell.strip().strip('"')) for cell in header.split(mark)) >= 2
        for mark in DELIMITERS
        if mark in header
    ):
        return None
    lines = map(_one_line, seen)
    hits = sum(_STEP.search(line) is not None and _losses(line) != {} for line in lines)
    if hits < 3 or hits < 0.02 * len(seen):
        return None
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    facts: dict[str, str] = {}
    rows: list[tuple[int, dict[str, str]]] = []
    step = 0
    for at, raw in enumerate(io.BytesIO(content)):
        if not at % 500:
            deadline.check()
        line = _one_line(raw[:_LINE].decode("utf-8", "replace"))
        for fact, pattern in _FACTS.items():
            if fact not in facts and (found := pattern.search(line)):
                facts[fact] = found[1].replace(",", "")
        losses = _losses(line)
        if not losses:
            continue
        number = _STEP.search(line)
        step = int(number[1].replace(",", "")[:15]) if number else step
        rows.append((step, losses))
        if len(rows) > max(_RECORDS, len(content) // 60):
            raise InputError(
                "file", f"a log of more than {len(rows) - 1:,} steps", "Log less often."
            )
    measures = [measure for measure in _VALUES if any(measure in each for _, each in rows)]
    writer.writerow(["run", "step", *measures, *facts])
    for step, losses in rows:
        writer.writerow(
            [name or "log", step, *(losses.get(each, "") for each in measures), *facts.values()]
        )
    told = " and ".join(
        f"{value} {'parameters' if fact == 'params' else 'tokens per step'}"
        for fact, value in facts.items()
    )
    return OtherForm(
        text.getvalue().encode("utf-8", "replace"),
        "The file is the printed log of a training script: it counts as one run"
        + (f" of {told}." if told else ", which gives neither its size nor its tokens per step.")
        + ("" if "val_loss" in measures else " It holds no validation loss in nats."),
    )


def _one_line(line: str) -> str:
    """A line with one space between its words, cut: patterns would try each of many."""
    return " ".join(line[:_LINE].split())


def _losses(line: str) -> dict[str, str]:
    if "loss" not in line and "tel:" not in line and "trl:" not in line and "bpb" not in line:
        return {}
    found = {}
    for measure, pattern in _VALUES.items():
        if hit := pattern.search(line):
            found[measure] = hit[1].replace(",", "")
    return found
