"""Whether rows are runs, or steps of runs: by the column that names them, by what counts steps, and
by what repeats.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from forecasting.errors import shown
from forecasting.formatting import in_words
from forecasting.ingest.column_names import normalised
from forecasting.ingest.gathered_columns import GatheredColumns
from forecasting.ingest.one_run import counts_up, named_families
from forecasting.ingest.run_reading import RunReading
from forecasting.ingest.tracker_exports import SHAPE_WORDS

#: A table whose run column repeats, without a column of steps, is a log from this many rows a run
#: on.
ROWS_OF_A_LOG = 30
#: And a table with a column of steps but none of runs, from this many rows a model size on.
STEPS_OF_A_LOG = 20
_STEP_NAMES = frozenset({"step", "global_step", "trainer_global_step", "iteration", "iter"})


def run_codes(reading: RunReading, columns: GatheredColumns) -> NDArray[np.int32] | None:
    """The run of each row where rows are steps of runs, None where each row is a run; says
    which it took them for.
    """
    mapping = reading.mapping
    run = columns.code("run")
    step = columns.number("step")
    if mapping.one_row_is == "run":
        return None
    if reading.shape == "tensorboard":
        columns.words["run"] = {reading.file_name or "run": 0}
        return np.zeros(columns.count, dtype=np.int32)
    if run is not None:
        a_run = columns.count / max(len(columns.words["run"]), 1)
        is_open = a_run > 1.0 and mapping.one_row_is is None
        why_runs = _why_runs(reading, columns, run) if is_open else ""
        if mapping.one_row_is == "step" or (
            not why_runs and ((step is not None and a_run > 1.0) or a_run >= ROWS_OF_A_LOG)
        ):
            reading.mapping = replace(mapping, one_row_is="step")
            return run
        if a_run > 1.0:
            why_runs = why_runs or (
                f"though names in {shown(mapping.column('run'))} repeat and no column counts steps"
            )
            reading.notes.append(f"Each row counts as a run, {why_runs}.")
        return None
    if step is None and mapping.one_row_is is None:
        return None
    params = columns.number("params")
    group = columns.code("group")
    keys = np.nan_to_num(params, nan=-1.0) if params is not None else np.zeros(reading.rows_read)
    pairs = np.stack([keys, group if group is not None else np.zeros(reading.rows_read)])
    found, codes = np.unique(pairs, axis=1, return_inverse=True)
    a_run = columns.count / found.shape[1]
    numbered: NDArray[np.int32] = codes.ravel().astype(np.int32)
    is_log = normalised(mapping.column("step")) in _STEP_NAMES and a_run >= STEPS_OF_A_LOG
    loss = columns.number("loss")
    if is_log and mapping.one_row_is is None and step is not None and loss is not None:
        is_log = counts_up(numbered, step, loss)
        if not is_log:
            reading.notes.append(
                f"Each row counts as a run: {shown(mapping.column('step'))} does not count up"
                " within a model size, so it gives the length of finished runs."
            )
    if mapping.one_row_is != "step" and not is_log:
        return None
    reading.mapping = replace(mapping, one_row_is="step")
    columns.words["run"] = {
        _name(reading, columns, at, *pair): at for at, pair in enumerate(found.T)
    }
    return numbered


def _name(
    reading: RunReading, columns: GatheredColumns, number: int, size: float, group: float
) -> str:
    """What a run is called that no column names: in a part of a log by its file, since its number
    is another one in each part.
    """
    if not reading.is_part:
        return f"{in_words(size, 4)} parameters #{number}"
    words = [reading.file_name]
    if size > 0.0:
        words.append(f"{in_words(size, 4)} parameters")
    if "group" in columns.words:
        words.append(list(columns.words["group"])[int(group)])
    return ", ".join(words)


def say_runs(reading: RunReading, count: int) -> None:
    """Notes which rows are steps of one run, and which loss stands for it.

    Parameters
    ----------
    reading : RunReading
        A reading of steps.
    count : int
        How many runs there are.
    """
    if reading.shape == "tensorboard":
        return
    if reading.mapping.run:
        why = f"the column {shown(reading.mapping.run)} names {count:,} runs"
    elif reading.is_part:
        why = "each file is a run, since no column names the runs"
    else:
        why = "rows of one model size count as one run, since no column names the runs"
    say_log(reading, why)


def _why_runs(reading: RunReading, columns: GatheredColumns, run: NDArray[np.int32]) -> str:
    """Why rows of one name are finished runs and no steps, "" where they may be steps."""
    name = shown(reading.mapping.column("run"))
    if reading.shape in ("wandb_runs", "mlflow"):
        return f"as in every {SHAPE_WORDS[reading.shape].removeprefix('a ')}; names repeat"
    params, tokens, flop = (columns.number(role) for role in ("params", "tokens", "training_flop"))
    if params is None and tokens is not None and flop is not None:
        with np.errstate(all="ignore"):
            params = flop / (6.0 * tokens)
    if params is not None and named_families(run, params):
        if not reading.mapping.group:
            reading.mapping = replace(reading.mapping, group=reading.mapping.run, run="")
            columns.words["group"] = columns.words.pop("run")
            columns.codes["group"] = columns.codes.pop("run")
        return f"since the column {name} names families: rows of one name differ in size"
    loss = columns.number("loss")
    order = next(
        (
            values
            for role in ("step", "tokens", "training_flop")
            if (values := columns.number(role)) is not None
        ),
        None,
    )
    if order is not None and loss is not None and not counts_up(run, order, loss):
        what = "steps" if columns.number("step") is not None else "tokens"
        return f"since rows of one name in {name} repeat the number of {what}"
    return ""


def say_log(reading: RunReading, why: str) -> None:
    """Notes that rows are steps of training, and which loss stands for a run."""
    how = {
        "last": "last loss",
        "lowest": "lowest loss",
        "smoothed": "mean loss of the last tenth",
    }[reading.mapping.take]
    reading.notes.append(f"Rows are steps of training: {why}; from each run, the {how} is used.")
    reading.mapping = replace(reading.mapping, one_row_is="step")
