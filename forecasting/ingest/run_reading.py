"""One reading of one file of runs: what is known of it so far, and what is to be said."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.ingest.cell_numbers import number_of
from forecasting.ingest.column_mapping import ROLES, ColumnMapping
from forecasting.ingest.csv_bytes import Limits
from forecasting.ingest.csv_reading import ProblemList, Sheet
from forecasting.ingest.reading_report import Choice, RowStep
from forecasting.ingest.tracker_exports import Shape
from forecasting.ingest.units import in_plain


@dataclass(eq=False)
class RunReading:
    """One reading of one file: `mapping` is completed as it goes on, `notes` say what was assumed,
    `steps` which rows were taken away, `choices` what the file leaves open.

    `row_of_units` is the row of units below the header, 0 for none; `used` are the columns with a
    role; `is_part` says that the file is read part by part.
    """

    sheet: Sheet
    shape: Shape
    file_name: str
    limits: Limits
    mapping: ColumnMapping
    notes: list[str] = field(default_factory=list)
    rows_read: int = 0
    row_of_units: int = 0
    diverged: int = 0
    steps: list[RowStep] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    is_part: bool = False

    @property
    def problems(self) -> ProblemList:
        """What is wrong in the file."""
        return self.sheet.problems

    @property
    def taken(self) -> set[str]:
        """The columns that have a role."""
        return {self.mapping.column(role) for role in ROLES}

    def sample_numbers(self, name: str, unit: str) -> FloatArray:
        """The first cells of a column as plain counts or FLOP, NaN where they hold no number.

        Parameters
        ----------
        name : str
            The column.
        unit : str
            The unit of its numbers, "" for plain ones.
        """
        at = self.sheet.header.index(name)
        read = (number_of(row[at], self.sheet.dialect.decimal) for row in self.sheet.sample)
        return in_plain(np.array([np.nan if each is None else each for each in read]), unit)


def is_number(cell: str, decimal: str) -> bool:
    """Whether a cell holds a number."""
    value = number_of(cell, decimal)
    return value is not None and not np.isnan(value)
