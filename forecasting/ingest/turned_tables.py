"""Tables whose rows are no runs, turned into such: a column a run, sizes down and tokens across,
and a row a metric.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.ingest.cell_numbers import number_of
from forecasting.ingest.column_names import is_loss_name, normalised, role_of
from forecasting.ingest.units import ratio_is_usual

Records = list[tuple[int, list[str]]]

#: Rows of a table with a column a run: its quantities.
MAX_QUANTITIES = 60
_LOSS_AT = r"(?:(?:val|valid|validation|eval|test|final)[ _/]?)?loss[ _]?(?:@|at|after)?[ _]*"
_AMOUNT = re.compile(
    rf"(?:{_LOSS_AT}|d ?= ?|@ ?)?(\d+(?:\.\d+)? ?[kmbt])n?(?:[ _]?(?:tokens?|toks?))?",
    re.IGNORECASE,
)
_RATIO = re.compile(
    rf"(?:{_LOSS_AT}|d/n ?= ?)?(\d+(?:\.\d+)?) ?"
    r"(?:x|×|tpp|:1|tok(?:en)?s?[ /_](?:per[ _])?param(?:eter)?s?)",
    re.IGNORECASE,
)
_KEYS = frozenset({"metric", "key", "tag", "metric_name", "metric_key", "variable", "measure"})
_VALUES = frozenset({"value", "val", "metric_value", "values"})
_TIMES = frozenset({"wall_time", "timestamp", "time", "datetime", "date", "created_at"})


@dataclass(eq=False)
class TurnedTable:
    """The table with a header and a row a run or a step; `note` says how it was turned."""

    records: Records
    note: str


def turned(records: Records, is_known: Callable[[str], bool]) -> TurnedTable | None:
    """The table turned; None where its rows are runs as they stand, or may be.

    Parameters
    ----------
    records : list of (row, cells)
        The records of the file, the first of them its header.
    is_known : function of a name
        Whether a column of this name is known.
    """
    if len(records) < 2 or len(records[0][1]) < 2:
        return None
    return _column_a_run(records, is_known) or _tokens_across(records) or _row_a_metric(records)


def is_row_a_metric(header: Sequence[str]) -> bool:
    """Whether each row of a file with this header holds one of several metrics."""
    names = {normalised(name) for name in header}
    return bool(names & _KEYS and names & _VALUES) and not any(map(is_loss_name, header))


def _column_a_run(records: Records, is_known: Callable[[str], bool]) -> TurnedTable | None:
    header = records[0][1]
    if len(records) > MAX_QUANTITIES or len(header) < 4 or sum(map(is_known, header)) > 1:
        return None
    width = max(len(row) for _, row in records)
    names = [row[0] for _, row in records]
    numeric = [_is_numeric(row[1:]) for _, row in records]
    known = [name for name, is_numbers in zip(names, numeric, strict=True) if is_numbers]
    sizes = [role_of(name, ("params", "tokens", "training_flop")) for name in known]
    if not any(map(is_loss_name, known)) or len(set(sizes) - {None}) < 1:
        return None
    if not numeric[0] and not is_known(names[0]):
        names[0] = "run"
    filled = [row + [""] * (width - len(row)) for _, row in records]
    rows: Records = [(records[0][0], names)]
    rows += [(at + 1, [row[at] for row in filled]) for at in range(1, width)]
    return TurnedTable(rows, "Each column counts as a run; “row” in messages means a column.")


def _tokens_across(records: Records) -> TurnedTable | None:
    (first, header), body = records[0], [record for record in records[1:] if any(record[1])]
    corner, across = header[0], [name for name in header[1:] if name]
    if len(across) < 2 or len(across) != len(header) - 1 or not body:
        return None
    role, amounts = "tokens", _all_of(_AMOUNT, across)
    if not amounts:
        role, amounts = "tokens_per_param", _all_of(_RATIO, across)
    if not amounts:
        return None
    sizes = [row[0] for _, row in body]
    is_corner = not normalised(corner) or re.fullmatch(r".*[\\/|].*", corner) is not None
    is_size = role_of(corner, ("params",)) == "params" and not is_corner
    if not is_size and not (is_corner and _may_be_sizes(sizes, amounts, role)):
        return None
    rows: Records = [(first, [corner if is_size else "params", role, "loss"])]
    for at, row in body:
        for amount, cell in zip(amounts, row[1:], strict=False):
            if cell:
                rows.append((at, [row[0], amount, cell]))
    what = "amounts of tokens" if role == "tokens" else "tokens per parameter"
    return TurnedTable(
        rows, f"Rows are model sizes and columns {what}: each cell counts as the loss of a run."
    )


def _all_of(pattern: re.Pattern[str], names: Sequence[str]) -> list[str]:
    """What the pattern finds in each name, nothing where one does not fit."""
    found = [pattern.fullmatch(name.strip()) for name in names]
    return [match[1] for match in found if match] if all(found) else []


def _may_be_sizes(down: Sequence[str], across: Sequence[str], role: str) -> bool:
    """Whether what stands down the side are sizes and not amounts of tokens."""
    if role == "tokens_per_param":
        return True
    N, D = (
        np.array([np.nan if (value := number_of(cell)) is None else value for cell in cells])
        for cells in (down, across)
    )
    sizes, tokens = (grid.ravel() for grid in np.meshgrid(N, D))
    return ratio_is_usual(sizes, tokens) and not ratio_is_usual(tokens, sizes)


def _row_a_metric(records: Records) -> TurnedTable | None:
    (first, header), body = records[0], records[1:]
    plain = [normalised(name) for name in header]
    if not is_row_a_metric(header):
        return None
    key = next(at for at, name in enumerate(plain) if name in _KEYS)
    value = next(at for at, name in enumerate(plain) if name in _VALUES)
    others = [at for at in range(len(header)) if at not in (key, value) and plain[at] not in _TIMES]
    metrics: dict[str, int] = {}
    rows: dict[tuple[str, ...], tuple[int, dict[str, str]]] = {}
    for at, row in body:
        if len(row) != len(header) or not row[key]:
            continue
        metrics.setdefault(row[key], len(metrics))
        where = tuple(row[other] for other in others)
        cells = rows.setdefault(where, (at, {}))[1]
        if row[key] in cells and cells[row[key]] != row[value]:
            return None  # one metric twice at one step: what tells them apart is not known
        cells[row[key]] = row[value]
    if not any(map(is_loss_name, metrics)):
        return None
    turned_rows: Records = [(first, [*(header[at] for at in others), *metrics])]
    turned_rows += [
        (at, [*where, *(cells.get(metric, "") for metric in metrics)])
        for where, (at, cells) in rows.items()
    ]
    names = ", ".join(list(metrics)[:6])
    return TurnedTable(
        turned_rows, f"Each row holds one of the metrics {names}: they are kept apart."
    )


def _is_numeric(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    values = [number_of(cell) for cell in filled]
    known = sum(value is not None and not np.isnan(value) for value in values)
    return len(filled) >= 2 and known >= 0.8 * len(filled)
