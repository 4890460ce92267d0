"""The rows of a run file as numbers by role, a row a run; the steps of a training log are reduced
to the row that stands for each run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc
from numpy.typing import NDArray

from forecasting.arrays import BoolArray, IntArray
from forecasting.errors import InputError, NotEnoughDataError
from forecasting.ingest.column_mapping import NUMERIC_ROLES, ROLES, TEXT_ROLES
from forecasting.ingest.csv_reading import Batch, ProblemList
from forecasting.ingest.gathered_columns import GatheredColumns
from forecasting.ingest.log_rows import COUNTED, GIVEN, WORDS, LogRows
from forecasting.ingest.measure_guesses import right_values
from forecasting.ingest.needed_columns import require_columns
from forecasting.ingest.one_run import (
    MAX_SUMMARY_SHARE,
    picked,
    summaries,
    unnamed_summaries,
)
from forecasting.ingest.reading_report import RowStep
from forecasting.ingest.run_endings import RunEndings, endings_of
from forecasting.ingest.run_reading import RunReading, is_number
from forecasting.ingest.runs_or_steps import run_codes, say_log, say_runs
from forecasting.ingest.wide_rows import wide_frame, wide_log, words_of_columns

#: Columns without a role that are searched for rows called Mean or Total.
MAX_LABELS = 8
#: Rows called “best” and the like that are compared with all others.
MAX_PICKED = 20


def run_frame(reading: RunReading) -> pd.DataFrame:
    """A row a run, unchecked; raises MissingColumnError and InputError."""
    if is_wide(reading):
        return wide_frame(reading)
    find_columns(reading)
    columns = _gathered(reading)
    run = run_codes(reading, columns)
    if run is None:
        if columns.count > 10 * reading.limits.runs:
            raise InputError(
                "runs",
                f"{columns.count:,} runs",
                f"At most {reading.limits.runs:,} can be fitted. When each row is a step of a run,"
                " say which column names the run (run); else give fewer runs.",
            )
        return _row_frame(reading, columns)
    return frame_of_log(reading, _log_rows(reading, columns, run))


def find_columns(reading: RunReading) -> None:
    """Completes the mapping by the columns that runs need; raises MissingColumnError where some are
    wanting, and InputError.
    """
    if not is_wide(reading):
        require_columns(reading)


def is_wide(reading: RunReading) -> bool:
    """Whether each run is a column, or each cell a run."""
    return reading.shape in ("wandb_chart", "matrix") and not reading.mapping.loss


def part_of_log(reading: RunReading) -> LogRows | None:
    """The rows of a part of a log, thinned, as the mapping says that was found at its head; None
    where each row is a run.
    """
    if is_wide(reading):
        return wide_log(reading, wide_frame(reading))
    columns = _gathered(reading)
    run = run_codes(reading, columns)
    if run is None:
        return None
    return _log_rows(reading, columns, run).thinned(reading.mapping.take)


def _gathered(reading: RunReading) -> GatheredColumns:
    """The columns by role, without rows that sum up others."""
    mapping = reading.mapping
    columns = GatheredColumns()
    roles = {
        role: mapping.column(role) for role in (*NUMERIC_ROLES, *TEXT_ROLES) if mapping.column(role)
    }
    reading.used = set(roles.values())
    roles |= _labels(reading, roles)
    for batch in _batches(reading, list(dict.fromkeys(roles.values()))):
        columns.capacity = columns.capacity or reading.sheet.rows_like(len(batch.rows))
        for role, name in roles.items():
            if role in NUMERIC_ROLES:
                read = reading.sheet.numbers(batch.columns[name])
                if role == "loss":
                    columns.add_nan(batch.columns[name], read[0])
                columns.add_numbers(
                    role,
                    batch.columns[name],
                    read,
                    mapping.scales.get(role, 1.0),
                    mapping.units.get(role, ""),
                )
            else:
                columns.add_words(role, batch.columns[name], reading.limits.name_length)
        columns.add_rows(batch.rows)
        reading.rows_read += len(batch.rows)
        most = 10 * reading.limits.runs
        if "run" not in roles and "step" not in roles and reading.rows_read > most:
            raise InputError(
                "runs",
                f"more than {most:,} rows",
                f"At most {reading.limits.runs:,} runs can be fitted. When each row is a step of a"
                " run, say which column names the run (run); else give fewer runs.",
            )
        if "run" in columns.words and len(columns.words["run"]) > most:
            raise InputError(
                "run",
                f"more than {most:,} names",
                "Name the column that identifies runs.",
            )
    if not reading.rows_read:
        first = next((problem for problem in reading.problems.found if not problem.kept), None)
        remedy = (
            f"No row can be used. {first}"
            if first
            else "The file has a header and no rows: add a row for each run."
        )
        raise NotEnoughDataError(0, 1, remedy)
    _leave_out_summaries(reading, columns, roles)
    return columns


def _batches(reading: RunReading, names: list[str]) -> Iterator[Batch]:
    """The rows of runs: without a row of units below the header."""
    at = reading.row_of_units
    for batch in reading.sheet.batches(names):
        if at and batch.rows.size and batch.rows[0] == at:
            batch = Batch(
                {name: cells.slice(1) for name, cells in batch.columns.items()}, batch.rows[1:]
            )
        batch = _without_headings(batch, names, reading.used)
        if batch.rows.size:
            yield batch


def _without_headings(batch: Batch, names: Sequence[str], used: set[str]) -> Batch:
    """Without rows that fill none of the columns that are used, such as headings between blocks."""
    others = [name for name in names if name in used]
    if len(others) == len(names) or not batch.rows.size:
        return batch
    filled = None
    for name in others:
        here = pc.not_equal(batch.columns[name], "")
        filled = here if filled is None else pc.or_(filled, here)
    if filled is None or pc.all(filled).as_py():
        return batch
    columns = {name: cells.filter(filled) for name, cells in batch.columns.items()}
    return Batch(columns, batch.rows[filled.to_numpy(zero_copy_only=False)])


def _labels(reading: RunReading, roles: Mapping[str, str]) -> dict[str, str]:
    """Columns of text without a role, in which a row may be called a mean or a total."""
    sheet = reading.sheet
    used = set(roles.values())
    names = [name for name in sheet.header if name and name not in used and sheet.sample]
    if sheet.is_large:
        names = [name for name in names if name == sheet.header[0]]
    texts = [
        name
        for name in names
        if not any(is_number(cell, sheet.dialect.decimal) for cell in sheet.sample_of(name))
    ]
    return {f"label {at}": name for at, name in enumerate(texts[:MAX_LABELS])}


def _leave_out_summaries(
    reading: RunReading, columns: GatheredColumns, roles: dict[str, str]
) -> None:
    """Takes away rows that sum up others, by their names or as the last ones by their numbers,
    and lists them.
    """
    labels = {role: name for role, name in roles.items() if role.startswith("label ")}
    for role in labels:
        roles.pop(role)
    found: dict[int, tuple[str, str]] = {}
    for role, name in [*labels.items(), ("run", reading.mapping.run or "")]:
        codes = columns.code(role)
        if codes is None:
            continue
        words = list(columns.words[role])
        rows = np.flatnonzero(summaries(words)[codes])
        if rows.size <= MAX_SUMMARY_SHARE * columns.count:
            found |= {int(row): (name, words[codes[row]]) for row in rows}
        repeats = _repeating(columns, np.flatnonzero(picked(words)[codes]))
        found |= {row: (name, words[codes[row]]) for row in repeats}
    loss = columns.number("loss")
    sizes = [columns.number(role) for role in ("params", "tokens", "training_flop")]
    known = [each for each in (*sizes, loss) if each is not None]
    if not found and columns.number("step") is None and len(known) > 2 and loss is not None:
        found = {
            columns.count - at: (reading.mapping.loss or "", f"{loss[-at]:g}")
            for at in range(1, unnamed_summaries(known) + 1)
        }
    if not found:
        return
    reading.steps.append(RowStep(len(found), "Rows that summarise others, such as Mean and Total."))
    for at, (name, value) in sorted(found.items()):
        reading.problems.add(
            int(columns.row_numbers()[at]),
            name,
            value,
            "The row summarises other rows and is not a run: it is left out.",
        )
    columns.leave_out(np.array(sorted(found)))


def _repeating(columns: GatheredColumns, rows: IntArray) -> list[int]:
    """Those of some rows whose numbers are those of another row."""
    if not rows.size or rows.size > MAX_PICKED:
        return []
    names = ("params", "tokens", "training_flop", "loss")
    known = [values for role in names if (values := columns.number(role)) is not None]
    numbers = np.stack(known)
    return [
        int(row)
        for row in rows
        if np.sum(np.all((numbers == numbers[:, [row]]) | np.isnan(numbers[:, [row]]), axis=0)) > 1
        and np.isfinite(numbers[:, row]).sum() > 1
    ]


def _row_frame(reading: RunReading, columns: GatheredColumns) -> pd.DataFrame:
    reading.mapping = replace(reading.mapping, one_row_is="run")
    frame: dict[str, Any] = {"row": columns.row_numbers()}
    roles = {role: reading.mapping.column(role) for role in ROLES if reading.mapping.column(role)}
    for role, name in roles.items():
        if role in NUMERIC_ROLES:
            frame[role] = columns.number(role)
            if role in columns.bad:
                bad = columns.unreadable(role)
                _list_unreadable(reading, role, name, bad, frame["row"])
                frame[f"{role}:bad"] = bad
        else:
            frame[role] = columns.text(role)
    return pd.DataFrame(frame)


def _log_rows(reading: RunReading, columns: GatheredColumns, run: NDArray[np.int32]) -> LogRows:
    """The rows of a log, unreadable cells listed."""
    rows = columns.row_numbers()
    loss = columns.number("loss")
    assert loss is not None
    for role in ("loss", "params", "tokens", "training_flop", "step"):
        if role in columns.bad:
            _list_unreadable(
                reading, role, reading.mapping.column(role), columns.unreadable(role), rows
            )
    loss = np.where(np.isfinite(loss), loss, np.nan)
    order = next(
        (
            values
            for role in ("step", "tokens", "training_flop")
            if (values := columns.number(role)) is not None
        ),
        None,
    )
    order = np.full(loss.size, np.nan) if order is None else order
    names = tuple(columns.words["run"])
    numbers = {role: columns.number(role) for role in (*COUNTED, *GIVEN)}
    words = {role: columns.text(role) for role in WORDS}
    return LogRows(
        names=names,
        run=run,
        order=order,
        loss=loss,
        row=rows,
        numbers={role: values for role, values in numbers.items() if values is not None},
        words={role: values for role, values in words.items() if values is not None},
        endings=endings_of(run, len(names), order, loss, columns.nan),
    )


def frame_of_log(reading: RunReading, rows: LogRows) -> pd.DataFrame:
    """A row a run from the rows of a log, all of them or those of its parts; says what it takes.

    Parameters
    ----------
    reading : RunReading
        The reading of the log.
    rows : LogRows
        Its rows.
    """
    endings, take = rows.endings, reading.mapping.take
    names = np.array(rows.names, dtype=object)
    if endings is None:
        say_log(reading, words_of_columns(len(names)))
        kept, found = rows.reduced(take)
        return pd.DataFrame(
            {"row": rows.row[kept.at], "run": names[kept.run], "loss": kept.loss, **found}
        )
    say_runs(reading, len(names))
    rows = _without_diverged(reading, rows, endings)
    kept, found = rows.reduced(take)
    without = len(names) - len(kept.run) - reading.diverged
    if without > 0:
        reading.notes.append(
            f"{without} run{'s have' if without > 1 else ' has'} no loss in any row and"
            f" {'are' if without > 1 else 'is'} left out."
        )
    return pd.DataFrame(
        {
            "row": rows.row[kept.at],
            "run": names[kept.run],
            "loss": kept.loss,
            "log_rows": endings.losses[kept.run],
            **found,
        }
    )


def _without_diverged(reading: RunReading, rows: LogRows, endings: RunEndings) -> LogRows:
    """Runs that end without a loss have no final one: those whose cells say NaN are left out,
    all are named.
    """
    gone = []
    for code in np.flatnonzero(endings.diverged):
        is_out = bool(endings.has_nan[code]) and reading.mapping.checkpoints != "all"
        at = int(rows.row[np.flatnonzero(rows.run == code)[-1]])
        remedy = (
            f"The run has no loss in its last {endings.tail[code]:,} rows: did it diverge? "
            + (
                "It is left out; checkpoints all keeps it."
                if is_out
                else "It is kept with its last loss."
            )
        )
        reading.problems.add(
            at, reading.mapping.column("run"), rows.names[code], remedy, kept=not is_out
        )
        if is_out:
            gone.append(int(code))
    reading.diverged = len(gone)
    if not gone:
        return rows
    reading.steps.append(RowStep(int(endings.rows[gone].sum()), "Runs that end without a loss."))
    return rows.without_losses_of(gone)


def _list_unreadable(
    reading: RunReading, role: str, name: str, bad: BoolArray, rows: IntArray
) -> None:
    """Names the cells that hold no number; they are read a second time, since only numbers were
    kept.
    """
    at = np.flatnonzero(bad)
    wanted = {int(row) for row in rows[at[: reading.problems.most]]}
    optional = role in (
        "unique_tokens",
        "cost_usd",
        "step",
        "tokens_per_step",
        "tokens_per_param",
        "total_steps",
        "progress",
        "epochs",
    )
    remedy = (
        right_values(reading.mapping.measure or "loss")
        if role == "loss"
        else "Write a number, such as 7e9, 7B or 1.4T."
    )
    listed = 0
    quiet = ProblemList(most=0)
    for batch in replace(reading.sheet, problems=quiet).batches(
        [name, reading.sheet.header[0]] if name != reading.sheet.header[0] else [name]
    ):
        for index in np.flatnonzero(np.isin(batch.rows, list(wanted))):
            row = int(batch.rows[index])
            reading.problems.add(
                row, name, batch.columns[name][int(index)].as_py(), remedy, kept=optional
            )
            listed += 1
        if listed >= len(wanted):
            break
    reading.problems.count += int(bad.sum()) - listed
