"""The runs of a wide export, one column a run or a model size, as a row each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from forecasting.errors import NotEnoughDataError, shown
from forecasting.ingest.column_mapping import ColumnMapping, MissingColumnError
from forecasting.ingest.log_rows import COUNTED, LogRows
from forecasting.ingest.measure_guesses import right_values
from forecasting.ingest.reading_report import Answer, Choice
from forecasting.ingest.run_reading import RunReading
from forecasting.ingest.runs_or_steps import say_log
from forecasting.ingest.tracker_exports import (
    Shape,
    WideColumn,
    first_axis,
    matrix_columns,
    of_metric,
    size_in,
    wide_columns,
)
from forecasting.ingest.wide_cells import wide_cells


def wide_frame(reading: RunReading) -> pd.DataFrame:
    """A row a run, unchecked; raises MissingColumnError where its size or tokens are not told."""
    wide = wide_of(reading.sheet.header, reading.shape, reading.mapping.metric)
    _name_metric(reading, wide)
    axis = reading.sheet.header[0]
    role = first_axis(reading.sheet.header)
    if reading.mapping.tokens or reading.mapping.training_flop or reading.mapping.step:
        role = next(r for r in ("tokens", "training_flop", "step") if reading.mapping.column(r))
        axis = reading.mapping.column(role)
    if not role:
        raise MissingColumnError(
            ["tokens", "step"],
            reading.sheet.header[:1],
            "Say what the first column counts: tokens, FLOP or steps.",
        )
    curves = reading.shape == "wandb_chart" and reading.mapping.one_row_is != "run"
    cells, reading.rows_read = wide_cells(
        reading.sheet,
        axis,
        wide,
        reading.mapping.take if curves else None,
        right_values(reading.mapping.measure or "loss"),
        reading.limits,
    )
    if not reading.rows_read:
        raise NotEnoughDataError(0, 1, "The file has a header and no rows.")
    if curves:
        say_log(reading, words_of_columns(len(cells)))
    else:
        reading.notes.append("Each cell counts as a run of the model size above it.")
    codes, values, row = cells.run, cells.loss, cells.row
    order = cells.order * reading.mapping.scales.get(role, 1.0)
    names = np.array([column.run for column in wide], dtype=object)
    params = np.array([params_of_run(column.run, reading.mapping) for column in wide])
    unknown = [column.run for column, size in zip(wide, params, strict=True) if np.isnan(size)]
    if unknown and role != "training_flop":
        remedy = (
            f"Give the parameters of {shown(unknown[0])}: name them in the run (7B, N=7e9), or"
            " in params_of_run."
        )
        raise MissingColumnError(["params_of_run"], unknown, remedy)
    (
        reading.notes.append("Model sizes are read from the names of the runs.")
        if not reading.mapping.params_of_run
        else None
    )
    frame = pd.DataFrame(
        {"row": row, "run": names[codes], "loss": values, "params": params[codes], role: order}
    )
    if role == "step" and not reading.mapping.all_tokens_per_step:
        raise MissingColumnError(
            ["all_tokens_per_step"],
            [axis],
            "The first column counts steps: give the tokens per step.",
        )
    return frame


def words_of_columns(count: int) -> str:
    """Why a chart's export is a log, in words."""
    return f"the export has {count} columns of losses, one per run"


def wide_log(reading: RunReading, frame: pd.DataFrame) -> LogRows | None:
    """The runs of a part of a chart's export as rows of a log; None where each cell is a run.

    Parameters
    ----------
    reading : RunReading
        The reading of the part.
    frame : pd.DataFrame
        A row a run, as `wide_frame` gives it.
    """
    if reading.mapping.one_row_is != "step":
        return None
    role = next(role for role in COUNTED if role in frame)
    return LogRows(
        names=tuple(frame["run"]),
        run=np.arange(len(frame), dtype=np.int32),
        order=frame[role].to_numpy(),
        loss=frame["loss"].to_numpy(),
        row=frame["row"].to_numpy(),
        numbers={name: frame[name].to_numpy() for name in ("params", role)},
        words={},
        endings=None,
    )


def _name_metric(reading: RunReading, wide: Sequence[WideColumn]) -> None:
    """Says which of several losses of a run are taken."""
    if reading.shape != "wandb_chart":
        return
    others = {each.metric for each in wide_columns(reading.sheet.header)} - {wide[0].metric}
    if others and len(wide) < len(wide_columns(reading.sheet.header)):
        reading.choices.append(
            Choice(
                f"From each run, the losses of {shown(wide[0].metric)} are used; the export also"
                f" holds {', '.join(shown(name) for name in sorted(others)[:4])}.",
                tuple(Answer(f"Take {name}", {"metric": name}) for name in sorted(others)[:4]),
            )
        )


def wide_of(header: tuple[str, ...], shape: Shape, metric: str | None) -> list[WideColumn]:
    """The columns of losses of a wide export.

    Parameters
    ----------
    header : tuple of str
        The names of all columns.
    shape : str
        The kind of export.
    metric : str or None
        Which losses of a run count where there are several; None: the best known.
    """
    if shape == "wandb_chart":
        return of_metric(wide_columns(header), metric)
    return matrix_columns(header)


def params_of_run(run: str, mapping: ColumnMapping) -> float:
    """The parameters of a run that no column gives: as said, or as its name tells; NaN where
    neither does.
    """
    if run in mapping.params_of_run:
        return float(mapping.params_of_run[run])
    return size_in(run) or mapping.all_params or np.nan
