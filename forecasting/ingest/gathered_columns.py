"""Columns gathered batch by batch: numbers, codes of text, and which cells hold no number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from forecasting.arrays import BoolArray, FloatArray, IntArray
from forecasting.ingest.units import LOG_BASES, in_plain

_EXPONENT = r"^\s*[+-]?[\d.,]+[eE][+-]?\d+\s*$"


class GrowingArray:
    """An array that grows at its end; with a good guess of its length it is never moved, so that no
    second copy is made.
    """

    def __init__(self, dtype: type[np.generic], capacity: int) -> None:
        self._values: NDArray[Any] = np.empty(max(capacity, 1), dtype=dtype)
        self._length = 0

    def add(self, values: NDArray[Any]) -> None:
        """Values at the end."""
        end = self._length + len(values)
        if end > len(self._values):
            larger = np.empty(max(end, len(self._values) * 3 // 2), dtype=self._values.dtype)
            larger[: self._length] = self._values[: self._length]
            self._values = larger
        self._values[self._length : end] = values
        self._length = end

    def keep(self, rows: BoolArray) -> None:
        """Only the rows that are marked."""
        self.replace(self.values[rows])

    def replace(self, values: NDArray[Any]) -> None:
        """Other values in place of all."""
        self._values, self._length = values, len(values)

    @property
    def values(self) -> NDArray[Any]:
        """All values so far."""
        return self._values[: self._length]


class GatheredColumns:
    """Numbers and codes of text, gathered batch by batch; `capacity` guesses the number of rows."""

    def __init__(self) -> None:
        self.capacity = 0
        self.numbers: dict[str, GrowingArray] = {}
        self.bad: dict[str, list[IntArray]] = {}
        self.codes: dict[str, GrowingArray] = {}
        self.words: dict[str, dict[str, int]] = {}
        self.rows: GrowingArray | None = None
        self.count = 0
        self._nan: list[BoolArray] = []

    def add_nan(self, cells: pa.StringArray, values: FloatArray) -> None:
        """Where the loss is written as NaN or inf, rather than left empty."""
        if np.isfinite(values).all():
            self._nan.append(np.zeros(values.size, dtype=np.bool_))
            return
        named = pc.match_substring_regex(cells, r"^\s*[+-]?(nan|inf(inity)?)\s*$", ignore_case=True)
        self._nan.append(named.to_numpy(zero_copy_only=False))

    @property
    def nan(self) -> BoolArray:
        """Where the loss is written as NaN or inf."""
        return np.concatenate(self._nan) if self._nan else np.zeros(self.count, dtype=np.bool_)

    def leave_out(self, rows: IntArray) -> None:
        """Without some rows, given by their places."""
        keep = np.ones(self.count, dtype=np.bool_)
        keep[rows] = False
        self.bad = {role: [np.flatnonzero(self.unreadable(role)[keep])] for role in self.bad}
        self._nan = [self.nan[keep]]
        for columns in (self.numbers, self.codes):
            for growing in columns.values():
                growing.keep(keep)
        if self.rows is not None:
            self.rows.keep(keep)
        for role, words in self.words.items():
            left, codes = np.unique(self.codes[role].values, return_inverse=True)
            names = list(words)
            self.words[role] = {names[code]: at for at, code in enumerate(left)}
            self.codes[role].replace(codes.astype(np.int32))
        self.count = int(keep.sum())

    def add_numbers(
        self,
        role: str,
        cells: pa.StringArray,
        read: tuple[FloatArray, BoolArray],
        scale: float,
        unit: str,
    ) -> None:
        """Numbers of a batch in plain counts or FLOP.

        Parameters
        ----------
        role : str
            What the column holds.
        cells : Arrow array of text, shape (rows,)
            The cells as they are written.
        read : pair of arrays, shape (rows,)
            Their values, and which of them hold no number.
        scale : float
            What values are multiplied by.
        unit : str
            Their unit, for logarithms.
        """
        values, bad = read
        if scale != 1.0 or unit in LOG_BASES:
            # A cell such as 70M tells its own unit.
            own = pc.match_substring_regex(cells, r"\d\s*[a-zA-Z]").to_numpy(zero_copy_only=False)
            own &= ~pc.match_substring_regex(cells, _EXPONENT).to_numpy(zero_copy_only=False)
            scaled = in_plain(values, unit) if unit in LOG_BASES else values * scale
            values = np.where(own, values, scaled)
        self._column(self.numbers, role, np.float64).add(values)
        if bad.any():
            self.bad.setdefault(role, []).append(np.flatnonzero(bad) + self.count)

    def add_words(self, role: str, cells: pa.StringArray, length: int) -> None:
        """Text of a batch as codes.

        Parameters
        ----------
        role : str
            What the column holds.
        cells : pa.StringArray
            The cells of the batch.
        length : int
            Characters to which each is cut.
        """
        words = self.words.setdefault(role, {})
        encoded = cells.dictionary_encode()
        known = np.array(
            [
                words.setdefault(word.strip()[:length], len(words))
                for word in encoded.dictionary.to_pylist()
            ],
            dtype=np.int32,
        )
        self._column(self.codes, role, np.int32).add(known[encoded.indices.to_numpy()])

    def add_rows(self, rows: IntArray) -> None:
        """The rows of a batch, once its cells have been added."""
        if self.rows is None:
            self.rows = GrowingArray(np.int64, self.capacity)
        self.rows.add(rows)
        self.count += len(rows)

    def number(self, role: str) -> FloatArray | None:
        """The numbers of a role, None where no column has it."""
        return self.numbers[role].values if role in self.numbers else None

    def code(self, role: str) -> NDArray[np.int32] | None:
        """The codes of a role's text, places in `words`; None where no column has it."""
        return self.codes[role].values if role in self.codes else None

    def row_numbers(self) -> IntArray:
        """Where the rows stand in the file."""
        return np.array([], dtype=np.int64) if self.rows is None else self.rows.values

    def _column(
        self, columns: dict[str, GrowingArray], role: str, dtype: type[np.generic]
    ) -> GrowingArray:
        if role not in columns:
            columns[role] = GrowingArray(dtype, self.capacity)
        return columns[role]

    def unreadable(self, role: str) -> BoolArray:
        """Which rows hold something that is no number."""
        found = np.zeros(self.count, dtype=np.bool_)
        for at in self.bad.get(role, ()):
            found[at] = True
        return found

    def text(self, role: str) -> NDArray[Any] | None:
        """The text of a role, None where no column has it."""
        codes = self.code(role)
        return None if codes is None else np.array(list(self.words[role]), dtype=object)[codes]
