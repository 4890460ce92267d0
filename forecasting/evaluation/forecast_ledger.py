"""The ledger of forecasts: what was forecast on which day and from which tables, what the tables
in use have measured since, and how good the forecasts were.

A forecast is on record as its quantiles q_1 … q_7 at QUANTILES. Its score is the continuous ranked
probability score (`crps_of_draws`), in orders of magnitude, of the distribution whose quantile
function joins them by straight lines on the logarithm and is level beyond the first and the last.

    ledger = forecast_ledger()
    ledger.table[["statement", "status", "measured", "crps_oom"]]

The table forecast_ledger is append-only; ledger_entries writes it.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.evaluation.forecast_scores import crps_of_draws
from forecasting.evaluation.ledger_questions import QUESTIONS, LedgerQuestion
from forecasting.formatting import in_words
from forecasting.scenario import Inputs
from forecasting.stats.bands import QUANTILES, Range

TABLE = "forecast_ledger"
QUANTILE_COLUMNS = tuple(f"q{100 * quantile:g}" for quantile in QUANTILES)
#: Points at which the quantile function on record is taken for its score.
LEVELS_SCORED = 2000
Status = Literal["open", "inside", "outside"]


class LedgerInputs(Inputs):
    """The ledger has no inputs but its tables."""

    TABLES: ClassVar[tuple[str, ...]] = (
        TABLE,
        "ai_models",
        "arc_agi_scores",
        "chip_rental_prices_2026",
        "ml_chips",
        "text_sizes_2023_2026",
        "token_prices_first_party",
        "us_consumer_prices",
    )


@dataclass(frozen=True)
class LedgerEntry:
    """One forecast on record, and what the tables in use say of it.

    `tables_date` and `tables_fingerprint` are those of the tables it was made from, `quantiles` are
    at QUANTILES in `unit`; `measured` is in the same unit, None while the tables do not reach
    `resolves_on`. `in_retrospect`: written down later than `made_on`, from the tables of that day.
    """

    made_on: dt.date
    in_retrospect: bool
    tables_date: str
    tables_fingerprint: str
    key: str
    statement: str
    unit: str
    resolves_on: dt.date
    quantiles: tuple[float, ...] = field(repr=False)
    measured: float | None

    @property
    def question(self) -> LedgerQuestion | None:
        """The question it answers; None where that is asked no more."""
        return QUESTIONS.get(self.key)

    @property
    def label(self) -> str:
        """The quantity in a few words."""
        return self.key if self.question is None else self.question.label

    def words(self, value: float) -> str:
        """A value of the quantity with its unit.

        Parameters
        ----------
        value : float
            The value in `unit`.
        """
        return in_words(value) if self.question is None else self.question.words(value)

    @property
    def day(self) -> str:
        """The day it is about, in words."""
        return f"{self.resolves_on.day} {self.resolves_on:%B %Y}"

    @property
    def range(self) -> Range:
        """Its median with the 80% range."""
        low, middle, high = (self.quantiles[QUANTILES.index(q)] for q in (0.1, 0.5, 0.9))
        return Range(middle, low, high, self.unit)

    @property
    def status(self) -> Status:
        """Whether what was measured lies in the 80% range, its ends included; “open” where nothing
        is.
        """
        if self.measured is None:
            return "open"
        return "inside" if self.range.low <= self.measured <= self.range.high else "outside"

    @property
    def crps_oom(self) -> float:
        """Its score in orders of magnitude; NaN while it is open."""
        if self.measured is None:
            return math.nan
        return crps_of_quantiles(np.array(self.quantiles), self.measured)


@dataclass(frozen=True, eq=False)
class ForecastLedger(Answered):
    """All forecasts on record in the order in which they were written down."""

    entries: tuple[LedgerEntry, ...]

    @property
    def resolved(self) -> tuple[LedgerEntry, ...]:
        """Those that have been measured."""
        return tuple(entry for entry in self.entries if entry.measured is not None)

    @property
    def open(self) -> tuple[LedgerEntry, ...]:
        """Those that have not, the next to resolve first."""
        waiting = [entry for entry in self.entries if entry.measured is None]
        return tuple(sorted(waiting, key=lambda entry: entry.resolves_on))

    @property
    def inside(self) -> int:
        """How many of the measured lie in their 80% range."""
        return sum(entry.status == "inside" for entry in self.resolved)

    @property
    def worst(self) -> LedgerEntry | None:
        """The measured one of the highest score; None without any."""
        return max(self.resolved, key=lambda entry: entry.crps_oom, default=None)

    @property
    def mean_crps(self) -> float:
        """The mean score of the measured in orders of magnitude; NaN without any."""
        scores = [entry.crps_oom for entry in self.resolved]
        return float(np.mean(scores)) if scores else math.nan

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a forecast: statement, when and from what it was made, quantiles in its unit,
        status, what was measured, score.
        """
        rows = []
        for entry in self.entries:
            row: dict[str, Any] = {
                "statement": entry.statement,
                "question": entry.key,
                "made_on": entry.made_on.isoformat(),
                "made_in_retrospect": entry.in_retrospect,
                "tables_date": entry.tables_date,
                "tables_fingerprint": entry.tables_fingerprint,
                "resolves_on": entry.resolves_on.isoformat(),
                "unit": entry.unit,
            }
            row |= dict(zip(QUANTILE_COLUMNS, entry.quantiles, strict=True))
            row |= {
                "status": entry.status,
                "measured": math.nan if entry.measured is None else entry.measured,
                "crps_oom": entry.crps_oom,
            }
            rows.append(row)
        return pd.DataFrame(rows)


NO_INPUTS = LedgerInputs()


def forecast_ledger(
    scenario: LedgerInputs = NO_INPUTS, *, data: DataOrContext | None = None
) -> ForecastLedger:
    """The forecasts on record with what the tables have measured.

    Parameters
    ----------
    scenario : LedgerInputs
        Holds no inputs.
    data : DataSet, Context or None
        The tables, ledger included; None: the bundled tables.
    """
    del scenario
    return _ledger(context_of(data).data)


@cached_with
def _ledger(data: DataSet) -> ForecastLedger:
    return ForecastLedger(
        tuple(_entry(row, data) for row in data[TABLE].to_dict("records")),
    )


def _entry(row: dict[Any, Any], data: DataSet) -> LedgerEntry:
    key, resolves_on = str(row["question"]), row["resolves_on"].date()
    question = QUESTIONS.get(key)
    return LedgerEntry(
        made_on=row["made_on"].date(),
        in_retrospect=bool(row["made_in_retrospect"]),
        tables_date=str(row["tables_date"]),
        tables_fingerprint=str(row["tables_fingerprint"]),
        key=key,
        statement=str(row["statement"]),
        unit=str(row["unit"]),
        resolves_on=resolves_on,
        quantiles=tuple(float(row[name]) for name in QUANTILE_COLUMNS),
        measured=None if question is None else question.measured(resolves_on, data),
    )


def crps_of_quantiles(quantiles: FloatArray, measured: float) -> float:
    """The CRPS of a forecast on record, in orders of magnitude; the formula stands at the head of
    this file.

    Parameters
    ----------
    quantiles : array of floats, shape (7,)
        At QUANTILES, above 0.
    measured : float
        What came, above 0.
    """
    levels = (np.arange(LEVELS_SCORED) + 0.5) / LEVELS_SCORED
    draws = np.interp(levels, QUANTILES, np.log10(quantiles))
    return float(crps_of_draws(draws[:, None], np.array([math.log10(measured)]))[0])
