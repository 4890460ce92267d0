"""The rows of training logs by run: all of a file, or of parts of a log only those on which its
reduction to a row a run depends, so that logs of any size are read part by part.

rows.thinned("last")                 # a few rows a run
joined([one, other]).thinned("last") # as if both had been read at once
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forecasting.arrays import FloatArray, IntArray
from forecasting.errors import InputError
from forecasting.ingest.column_mapping import Take
from forecasting.ingest.run_endings import RunEndings, joined_endings
from forecasting.ingest.run_logs import FinalLosses, known_at, last_known, reduced, rows_known_at

#: What a log counts as it goes on: taken where the loss is.
COUNTED = ("tokens", "training_flop", "step")
#: What a log repeats on each row, or gives once.
GIVEN = ("params", "unique_tokens", "cost_usd", "tokens_per_step", "tokens_per_param", "epochs")
WORDS = ("group", "date", "state")
#: Of losses whose last tenth is to be averaged all must be in memory: at most so many.
MAX_SMOOTHED = 2_000_000


@dataclass(frozen=True, eq=False)
class LogRows:
    """Rows in the order of the log: `names` of its runs, the `run` of each row as a place in them,
    its place in the run (`order`), its `loss` and the `row` of the file; `numbers` and `words` are
    columns by role. `endings` are of all rows, those thinned out included, None where columns are
    runs.
    """

    names: tuple[str, ...]
    run: NDArray[np.int32]
    order: FloatArray
    loss: FloatArray
    row: IntArray
    numbers: Mapping[str, FloatArray]
    words: Mapping[str, NDArray[Any]]
    endings: RunEndings | None

    def __len__(self) -> int:
        return int(self.run.size)

    def reduced(self, take: Take) -> tuple[FinalLosses, dict[str, Any]]:
        """The row that stands for each run, and a row a run of everything else by role."""
        kept = reduced(self.run, self.order, self.loss, take)
        found: dict[str, Any] = {}
        for role in COUNTED:
            if role in self.numbers:
                found[role] = known_at(self.run, self.order, self.numbers[role], kept)
        for role in GIVEN:
            if role in self.numbers:
                found[role] = last_known(self.run, self.numbers[role], kept.run)
        for role in WORDS:
            if role in self.words:
                found[role] = self.words[role][kept.at]
        return kept, found

    def without_losses_of(self, runs: Sequence[int]) -> LogRows:
        """The same without the losses of some runs."""
        return replace(self, loss=np.where(np.isin(self.run, runs), np.nan, self.loss))

    def emptied(self) -> LogRows:
        """The same without any rows and runs."""
        nothing = np.array([], dtype=np.int64)
        endings = None if self.endings is None else self.endings.at(nothing)
        return replace(self._at(nothing), names=(), endings=endings)

    def shifted(self, rows: int) -> LogRows:
        """The same, so many rows further down."""
        return replace(self, row=self.row + rows)

    def thinned(self, take: Take) -> LogRows:
        """Only the rows on which `reduced` depends, also once rows of other parts are joined.

        Parameters
        ----------
        take : str
            Which loss of a run: "last", "lowest", or "smoothed", for which every loss is kept.

        Raises
        ------
        InputError
            For more losses than can be kept for their mean.
        """
        kept = reduced(self.run, self.order, self.loss, take)
        places = [kept.at]
        if take == "smoothed":
            losses = np.flatnonzero(np.isfinite(self.loss))
            if losses.size > MAX_SMOOTHED:
                raise InputError(
                    "take",
                    f"smoothed, of more than {MAX_SMOOTHED:,} losses",
                    "Take the last or the lowest loss of each run, or log less often.",
                )
            places.append(losses)
        everywhere = np.full(len(self), 0.0)
        places.append(_last_of_each(self.run, everywhere, everywhere))
        for role in COUNTED:
            if role in self.numbers:
                at = rows_known_at(self.run, self.order, self.numbers[role], kept)
                places += [at[at >= 0], _last_of_each(self.run, self.order, self.numbers[role])]
        for role in GIVEN:
            if role in self.numbers:
                places.append(_last_of_each(self.run, everywhere, self.numbers[role]))
        return self._at(np.unique(np.concatenate(places)))

    def _at(self, places: IntArray) -> LogRows:
        return replace(
            self,
            run=self.run[places],
            order=self.order[places],
            loss=self.loss[places],
            row=self.row[places],
            numbers={role: values[places] for role, values in self.numbers.items()},
            words={role: values[places] for role, values in self.words.items()},
        )


def _last_of_each(run: NDArray[np.int32], order: FloatArray, values: FloatArray) -> IntArray:
    """The last row of each run with a finite value."""
    rows = np.flatnonzero(np.isfinite(values))
    rows = rows[np.lexsort((np.nan_to_num(order[rows], nan=-np.inf), run[rows]))]
    is_last = np.append(run[rows][1:] != run[rows][:-1], True)[: rows.size]
    last: IntArray = rows[is_last]
    return last


def joined(parts: Sequence[LogRows]) -> LogRows:
    """The rows of several parts of a log, one after the other; runs of one name are one run.

    Parameters
    ----------
    parts : sequence of LogRows
        At least one; all with endings, or none.
    """
    if len(parts) == 1:
        return parts[0]
    names: dict[str, int] = {}
    codes = [
        np.array([names.setdefault(name, len(names)) for name in part.names], dtype=np.int32)
        for part in parts
    ]
    endings = None
    if all(part.endings is not None for part in parts):
        pairs = zip((part.endings for part in parts), codes, strict=True)
        endings = joined_endings([(each, c) for each, c in pairs if each is not None], len(names))
    return LogRows(
        names=tuple(names),
        run=np.concatenate([c[part.run] for part, c in zip(parts, codes, strict=True)]),
        order=np.concatenate([part.order for part in parts]),
        loss=np.concatenate([part.loss for part in parts]),
        row=np.concatenate([part.row for part in parts]),
        numbers=_columns([part.numbers for part in parts], parts, np.nan),
        words=_columns([part.words for part in parts], parts, ""),
        endings=endings,
    )


def _columns(
    columns: Sequence[Mapping[str, NDArray[Any]]], parts: Sequence[LogRows], nothing: object
) -> dict[str, NDArray[Any]]:
    roles = dict.fromkeys(role for each in columns for role in each)
    return {
        role: np.concatenate(
            [
                each[role] if role in each else np.full(len(part), nothing)
                for each, part in zip(columns, parts, strict=True)
            ]
        )
        for role in roles
    }
