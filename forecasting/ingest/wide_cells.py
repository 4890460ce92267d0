"""The losses of a wide export, one column a run or a model size, as long arrays.

Of curves only the row that stands for each run stays in memory, so that this grows with the number
of runs and not with the number of cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from forecasting.arrays import FloatArray, IntArray
from forecasting.errors import InputError
from forecasting.ingest.column_mapping import Take
from forecasting.ingest.csv_bytes import Limits
from forecasting.ingest.csv_reading import Batch, Sheet
from forecasting.ingest.run_logs import reduced
from forecasting.ingest.tracker_exports import WideColumn

#: Of the losses whose last tenth is to be averaged all must be in memory: at most so many.
MAX_LOSSES = 2_000_000
#: Cells that are no number which are named, a column and batch.
_NAMED_CELLS = 20


@dataclass(frozen=True, eq=False)
class WideCells:
    """Cells that hold a loss, arrays of one length: the column that each stands in (`run`), its
    place on the axis (`order`), `loss`, and its `row` in the file.
    """

    run: NDArray[np.int32]
    order: FloatArray
    loss: FloatArray
    row: IntArray

    def __len__(self) -> int:
        return int(self.loss.size)

    def at(self, places: IntArray) -> WideCells:
        """Some of the cells."""
        return WideCells(self.run[places], self.order[places], self.loss[places], self.row[places])

    def and_these(self, other: WideCells) -> WideCells:
        """These cells, then those of the other."""
        return WideCells(
            np.concatenate([self.run, other.run]),
            np.concatenate([self.order, other.order]),
            np.concatenate([self.loss, other.loss]),
            np.concatenate([self.row, other.row]),
        )

    def a_run_each(self, take: Take) -> WideCells:
        """One cell a run, in the order of the columns."""
        kept = reduced(self.run, self.order, self.loss, take)
        chosen = self.at(kept.at)
        return WideCells(kept.run.astype(np.int32), chosen.order, kept.loss, chosen.row)


def wide_cells(
    sheet: Sheet,
    axis: str,
    wide: Sequence[WideColumn],
    take: Take | None,
    remedy: str,
    limits: Limits,
) -> tuple[WideCells, int]:
    """The cells with a loss, and how many rows were read.

    Parameters
    ----------
    sheet : Sheet
        The file; cells that hold no number are noted in its problems.
    axis : str
        Its column of steps, tokens or FLOP.
    wide : sequence of WideColumn
        Its columns of losses.
    take : str or None
        Which loss of a column stands for it; None: each cell is a run.
    remedy : str
        What is said of a cell that holds no number.
    limits : Limits
        How many runs there may be.

    Raises
    ------
    InputError
        Beyond a limit.
    """
    found = WideCells(
        np.array([], dtype=np.int32), np.array([]), np.array([]), np.array([], dtype=np.int64)
    )
    later: list[WideCells] = []
    count = rows_read = 0
    for batch in sheet.batches([axis, *(column.column for column in wide)]):
        rows_read += len(batch.rows)
        cells = _cells_of(sheet, batch, axis, wide, remedy)
        count += len(cells)
        if take in ("last", "lowest"):
            found = found.and_these(cells).a_run_each(take)
        elif take == "smoothed" and count > MAX_LOSSES:
            raise InputError(
                "take",
                f"smoothed, of more than {MAX_LOSSES:,} losses",
                "Take the last or the lowest loss of each run, or log less often.",
            )
        elif take is None and count > 10 * limits.runs:
            raise InputError(
                "runs",
                f"more than {10 * limits.runs:,} cells",
                f"At most {limits.runs:,} runs can be fitted: give fewer rows or columns.",
            )
        else:
            later.append(cells)
    if later:
        found = WideCells(
            np.concatenate([cells.run for cells in later]),
            np.concatenate([cells.order for cells in later]),
            np.concatenate([cells.loss for cells in later]),
            np.concatenate([cells.row for cells in later]),
        )
    return (found.a_run_each(take) if take == "smoothed" else found), rows_read


def _cells_of(
    sheet: Sheet, batch: Batch, axis: str, wide: Sequence[WideColumn], remedy: str
) -> WideCells:
    """The cells of some rows, column by column."""
    order, _ = sheet.numbers(batch.columns[axis])
    columns = [batch.columns[column.column] for column in wide]
    values, bad = sheet.numbers(pa.concat_arrays(columns))
    if bad.any():
        values[bad] = np.nan
        for code, wrong in enumerate(bad.reshape(len(wide), -1)):
            for at in np.flatnonzero(wrong)[:_NAMED_CELLS]:
                sheet.problems.add(
                    int(batch.rows[at]), wide[code].column, columns[code][int(at)].as_py(), remedy
                )
    losses = values.reshape(len(wide), -1)
    run, at = np.nonzero(np.isfinite(losses))
    return WideCells(run.astype(np.int32), order[at], losses[run, at], batch.rows[at])
