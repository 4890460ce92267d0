"""Exports of experiment trackers, told by their columns: what they are called and what is peculiar
to them.

Weights & Biases   the runs table (Name, State, Created, Runtime, …), and a chart: Step, then “run -
                   metric”, with __MIN and __MAX
MLflow             the runs of an experiment, from its site (Start Time, Duration, Run ID, …) or the
                   command line (metrics.loss)
TensorBoard        one scalar of one run: Wall time, Step, Value
matrix             one column a model size, “70M”, “1.4B”: a loss for each size and amount of tokens
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from forecasting.errors import UnknownNameError
from forecasting.ingest.cell_numbers import number_of
from forecasting.ingest.column_names import (
    is_loss_name,
    measure_of,
    metric_rank,
    normalised,
    role_of,
)
from forecasting.ingest.reading_report import Answer, ReadingQuestionError

Shape = Literal["table", "wandb_runs", "wandb_chart", "mlflow", "tensorboard", "matrix"]
SHAPE_WORDS: dict[Shape, str] = {
    "table": "a table of runs",
    "wandb_runs": "a runs table of Weights & Biases",
    "wandb_chart": "a chart export of Weights & Biases, one column per run",
    "mlflow": "the runs of an MLflow experiment",
    "tensorboard": "a scalar of TensorBoard, one run",
    "matrix": "one column per model size",
}
#: States in which a tracker says that a run did not end as planned.
UNFINISHED = frozenset(
    {"crashed", "failed", "killed", "running", "scheduled", "preempted", "preempting", "pending"}
)

_LIMITS = ("__MIN", "__MAX")
_NAMED_SIZE = re.compile(
    r"(?:^|[^a-z0-9])(?:n_params|num_params|params|n)\s*[=:_]?\s*(\d+(?:[.,]\d+)?(?:e[+-]?\d+)?)\s*([kmbt])?(?![a-z0-9.])",
    re.I,
)
_TOKENS_IN_NAME = re.compile(r"\d+(?:\.\d+)?\s*[kmbt]?[-_ ]?(?:tokens?|toks?)(?![a-z])", re.I)
_BARE_SIZE = re.compile(r"(?:^|[^a-z0-9.])(\d+(?:\.\d+)?)\s*([kmbt])(?![a-z0-9])", re.I)


@dataclass(frozen=True)
class WideColumn:
    """One column of a wide export: the run that it belongs to and what was measured ("" in a
    matrix).
    """

    column: str
    run: str
    metric: str


def shape_of(header: Sequence[str]) -> Shape:
    """What kind of export a file is, by its header."""
    names = {normalised(name) for name in header}
    if {"wall_time", "step", "value"} <= names and len(names) <= 5:
        return "tensorboard"
    if {"name", "state", "created", "runtime"} <= names:
        return "wandb_runs"
    if {"start_time", "duration", "run_id"} <= names or (
        {"run_id", "status"} <= names and any(n.startswith("metrics.") for n in header)
    ):
        return "mlflow"
    if wide_columns(header):
        return "wandb_chart"
    return "matrix" if len(matrix_columns(header)) >= 2 else "table"


def wide_columns(header: Sequence[str]) -> list[WideColumn]:
    """The columns “run - metric” that hold a loss, those of its least and greatest values
    left out.
    """
    found = []
    for name in header:
        run, dash, metric = name.rpartition(" - ")
        if dash and run and not name.endswith(_LIMITS) and is_loss_name(metric):
            found.append(WideColumn(name, run, metric))
    return found


def matrix_columns(header: Sequence[str]) -> list[WideColumn]:
    """The columns named by a model size alone, when the first column is none of them."""
    sizes = [
        WideColumn(name, name, "")
        for name in header
        if size_in(name) is not None and len(normalised(name).split("_")) <= 3
    ]
    words = [
        column
        for column in sizes
        if role_of(column.column, ("params", "tokens", "training_flop", "step", "run")) is None
    ]
    return words if header and header[0] not in {column.column for column in words} else []


def of_metric(wide: Sequence[WideColumn], metric: str | None) -> list[WideColumn]:
    """The columns of one metric where runs have several: the one asked for, else the better known,
    losses of validation before those of training.

    Raises ReadingQuestionError where two metrics are alike, or the one asked for is not there.
    """
    runs = {column.run for column in wide}
    metrics = list(dict.fromkeys(column.metric for column in wide))
    if len(runs) == len(wide) and len({measure_of(name) for name in metrics if name}) <= 1:
        return list(wide)
    if metric is None:
        rank = {name: metric_rank(name) for name in metrics}
        best = [name for name in metrics if rank[name] == min(rank.values())]
        if len(best) > 1 or len(runs) == len(wide):
            raise ReadingQuestionError(
                ["loss"],
                " and ".join(metrics[:4]),
                "The export holds several losses of the runs: say which one counts (metric).",
                [Answer(name, {"metric": name}) for name in sorted(metrics, key=rank.__getitem__)],
            )
        metric = best[0]
    found = [column for column in wide if column.metric == metric]
    if not found:
        raise UnknownNameError("metric", metric, metrics)
    return found


def first_axis(header: Sequence[str]) -> str:
    """What a wide export's first column counts: step, tokens or training_flop ("" when it can't be
    told).
    """
    return role_of(header[0], ("tokens", "training_flop", "step")) or ""


def sizes_in(name: str) -> list[float]:
    """All sizes that a run's name could tell, each once; amounts of tokens (5B-tokens) left out."""
    found = _NAMED_SIZE.search(name)
    if found is not None:
        named = size_in(name)
        return [] if named is None else [named]
    rest = _TOKENS_IN_NAME.sub(" ", name)
    values = (number_of(match[1] + match[2]) for match in _BARE_SIZE.finditer(rest))
    return list(dict.fromkeys(value for value in values if value))


def size_in(name: str) -> float | None:
    """The parameters that a run's name tells, such as 7e9 for “llama-7B-lr3e-4” or “N=7e9”; the
    first when there are several.
    """
    found = _NAMED_SIZE.search(name) or _BARE_SIZE.search(_TOKENS_IN_NAME.sub(" ", name))
    if found is None:
        return None
    value = number_of(found[1].replace(",", ".") + (found[2] or ""))
    return value if value is not None and value > 0 else None
