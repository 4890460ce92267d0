"""The rows of a table of scenarios, one after the other. It is a CSV, a Parquet file or a data
frame, whose columns are named as inputs.
"""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from forecasting.errors import ForecastingError, shown

Source = str | Path | pd.DataFrame
#: Rows of a Parquet file that are held at once.
ROWS_AT_ONCE = 4_096
BYTES_AT_ONCE = 2**20
MAX_CELL = 8_000


@dataclass(frozen=True)
class ScenarioRow:
    """A scenario: its number, 1 for the first one, and its values by column without those left
    empty; `problem` is why it can't be used, None where it can.
    """

    number: int
    values: Mapping[str, Any]
    problem: ForecastingError | None = None


class ScenarioRows:
    """The rows of `source`; raises ForecastingError for what is no such table."""

    def __init__(self, source: Source) -> None:
        self._source = source
        if isinstance(source, pd.DataFrame):
            self.columns = [str(name) for name in source.columns]
        elif _is_parquet(source):
            self.columns = _parquet(source).schema_arrow.names
        else:
            self.columns = next(_lines(Path(source)), [])
        if not self.columns:
            raise ForecastingError(
                "The table of scenarios is empty. Give a header line with names of inputs, then a"
                " row a scenario."
            )
        twice = next((name for name in self.columns if self.columns.count(name) > 1), None)
        if twice is not None:
            raise ForecastingError(f"The column {shown(twice)} stands twice in the header.")

    def __iter__(self) -> Iterator[ScenarioRow]:
        if isinstance(self._source, pd.DataFrame):
            yield from self._of_records(self._source.to_dict("records"), 1)
        elif _is_parquet(self._source):
            number = 1
            for batch in _parquet(self._source).iter_batches(ROWS_AT_ONCE):
                yield from self._of_records(batch.to_pylist(), number)
                number += batch.num_rows
        else:
            lines = _lines(Path(self._source))
            next(lines)
            for number, cells in enumerate(lines, 1):
                yield self._of_cells(number, cells)

    @property
    def fingerprint(self) -> str:
        """A checksum of the whole table."""
        digest = hashlib.sha256()
        if isinstance(self._source, pd.DataFrame):
            digest.update(repr(self.columns).encode())
            digest.update(
                pd.util.hash_pandas_object(self._source, index=False).to_numpy().tobytes()
            )
        else:
            with Path(self._source).open("rb") as file:
                while block := file.read(BYTES_AT_ONCE):
                    digest.update(block)
        return digest.hexdigest()

    def _of_records(self, records: list[Any], first: int) -> Iterator[ScenarioRow]:
        for number, record in enumerate(records, first):
            values = {str(name): _plain(value) for name, value in record.items()}
            given = {name: value for name, value in values.items() if not _is_empty(value)}
            yield ScenarioRow(number, given)

    def _of_cells(self, number: int, cells: list[str]) -> ScenarioRow:
        if len(cells) != len(self.columns):
            columns = len(self.columns)
            problem = ForecastingError(f"It has {len(cells)} cells, the header has {columns}.")
            return ScenarioRow(number, {}, problem)
        values = {
            name: cell.strip()
            for name, cell in zip(self.columns, cells, strict=True)
            if cell.strip()
        }
        long = next((name for name, text in values.items() if len(text) > MAX_CELL), None)
        if long is not None:
            problem = ForecastingError(
                f"The cell of {shown(long)} has more than {MAX_CELL:,} characters."
            )
            return ScenarioRow(number, {}, problem)
        return ScenarioRow(number, values)


def _is_parquet(path: str | Path) -> bool:
    return Path(path).suffix.lower() in (".parquet", ".pq")


def _parquet(path: str | Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise ForecastingError(f"{path} can't be read as Parquet: {error}.") from None


def _lines(path: Path) -> Iterator[list[str]]:
    """The lines of a CSV that are not empty; the header without spaces."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            is_header = True
            for cells in csv.reader(file, strict=True):
                if any(cell.strip() for cell in cells):
                    yield [cell.strip() for cell in cells] if is_header else cells
                    is_header = False
    except OSError as error:
        raise ForecastingError(f"{path} can't be read ({error.strerror}).") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ForecastingError(f"{path} is no CSV in UTF-8 ({error}).") from None


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _is_empty(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))
