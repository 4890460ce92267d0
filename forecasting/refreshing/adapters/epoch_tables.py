"""Epoch AI's notable models and ML hardware (CC BY 4.0), read as an upload of them is read.

For models a second body, the frontier models, adds those that the first lacks. Models without
parameters, data set size and FLOP are left out: no forecast can use them.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from forecasting.errors import ForecastingError
from forecasting.refreshing.adapters.shapes import (
    Adapted,
    Body,
    Known,
    UnexpectedShapeError,
    without,
)
from forecasting.user_runs.epoch_tables import read_epoch_table

#: A model is of use with one of these.
SIZES = ("params", "dataset_size", "training_flop")


def adapt(bodies: Sequence[Body], known: Known) -> Adapted:
    """The table from the first body, rows that only the others have after it."""
    frame, notes = _read(bodies[0], known)
    key = list(known.info.primary_key)
    for body in bodies[1:]:
        more, more_notes = _read(body, known)
        taken = more.merge(frame[key], on=key, how="left", indicator=True)["_merge"] == "left_only"
        frame = pd.concat([frame, more[taken.to_numpy()]], ignore_index=True)
        notes += more_notes
    return Adapted(frame, notes=notes)


def _read(body: Body, known: Known) -> tuple[pd.DataFrame, tuple[str, ...]]:
    expected = f"Epoch AI's columns of {known.info.title}"
    try:
        newer = read_epoch_table(body.content)
    except ForecastingError as error:
        raise UnexpectedShapeError(body.name, expected, str(error).rstrip(".")) from None
    if newer.table != known.info.name:
        raise UnexpectedShapeError(body.name, expected, f"the table {newer.table}")
    missing = [name for name in newer.missing if known.frame[name].notna().any()]
    if missing:
        found = f"{newer.columns_seen} columns, none of them {', '.join(missing)} by a known name"
        raise UnexpectedShapeError(body.name, expected, found)
    repeated = newer.left_out["that repeat a name"]
    if repeated > max(1, len(newer.frame) // 100):
        raise UnexpectedShapeError(body.name, "each name once", f"{repeated} repeated names")
    frame = newer.frame
    notes = tuple(
        sentence for why, rows in newer.left_out.items() for sentence in without(rows, why)
    )
    if known.info.name == "ai_models":
        sized = frame[list(SIZES)].notna().any(axis=1)
        notes += without(int((~sized).sum()), "without parameters, data set size and FLOP")
        frame = frame[sized].reset_index(drop=True)
    return frame, notes
