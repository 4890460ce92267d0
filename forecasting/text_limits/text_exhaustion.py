"""When is public text used up? P(exhausted by t) = P(demand(t) ≥ stock(t)), over draws of every
factor of stock and demand.

    forecast = text_exhaustion(TextScenario(demand="history"))
    forecast.median_year, forecast.interval(0.8), forecast.later_share

Stock and demand are straight lines on a logarithm between the years where they bend, so crossings
are exact. Draws that do not cross by the horizon count as later than it. Model: Villalobos et al.
2024, arXiv 2211.04325; see text_stock and text_demand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy.special import ndtri

from forecasting.answers import Answered
from forecasting.arrays import BoolArray, FloatArray, IntArray
from forecasting.context import Context, DataOrContext, context_of
from forecasting.stats.bands import QUANTILES, Bands, Range, quantile_columns
from forecasting.stats.crossing import first_crossing
from forecasting.stats.quantiles import quantile_of
from forecasting.stats.year_ranges import when_in_words
from forecasting.text_limits.exhaustion_dates import ExhaustionDates
from forecasting.text_limits.text_dataset_growth import (
    DatasetGrowth,
    DatasetSizes,
    dataset_growth,
    disclosed_sizes,
)
from forecasting.text_limits.text_demand import (
    COMPUTE_YEARS,
    log_compute_demand_at,
    log_history_demand_at,
)
from forecasting.text_limits.text_factors import deviates_of
from forecasting.text_limits.text_inputs import (
    BASE_YEAR,
    CrossingInputs,
    PeopleStockInputs,
    TextDemandInputs,
)
from forecasting.text_limits.text_stock import TextStock, log_people_stock_at, text_stock

FIRST_YEAR = 2015
CHANCE_STEPS_A_YEAR = 4


class TextExhaustionInputs(CrossingInputs, PeopleStockInputs):
    """Inputs of the date on which demand meets the stock."""

    TABLES: ClassVar[tuple[str, ...]] = ("text_sizes_2023_2026",)


@dataclass(frozen=True)
class Definition:
    """One meaning of “text”: how much of it there was in 2024, in tokens, and when the largest run
    wants it all.
    """

    meaning: str
    tokens: Range
    dates: Range


@dataclass(frozen=True, eq=False)
class TextExhaustion(Answered):
    """Bands of stock and demand in tokens over whole years FIRST_YEAR…horizon, and the dates at
    which they cross.

    `dates` belongs to the scenario's demand; `history` and `compute` to each demand alone. `chance`
    is P(exhausted by `chance_years`). Key figures with 80% ranges: `used_up` (also by each demand
    alone, and of the text read once), `stock_2024`, `unique_2024`. `growth` holds the sizes that
    growth is fitted to, `disclosed` the training sets disclosed from 2023 on.
    """

    scenario: TextExhaustionInputs
    stock: Bands
    people_stock: Bands
    demand: Bands
    history_demand: FloatArray
    compute_demand: FloatArray
    dates: ExhaustionDates
    history: ExhaustionDates
    compute: ExhaustionDates
    chance_years: FloatArray
    chance: FloatArray
    used_up: Range
    used_up_by_history: Range
    used_up_by_compute: Range
    used_up_read_once: Range
    stock_2024: Range
    unique_2024: Range
    definitions: tuple[Definition, ...]
    growth: DatasetGrowth
    disclosed: DatasetSizes
    tokens_at_crossing: float

    @property
    def median_year(self) -> float:
        """The date at which P(exhausted) is 1/2, as a decimal year; infinite where that is beyond
        the horizon.
        """
        return self.dates.median

    def interval(self, level: float = 0.8) -> tuple[float, float]:
        """The central interval of dates; infinite ends lie beyond the horizon."""
        figure = self.dates.range(level)
        return figure.low, figure.high

    @property
    def later_share(self) -> float:
        """The share of draws that do not cross by the horizon."""
        return self.dates.later_share

    @property
    def when(self) -> str:
        """The date with its 80% range in words."""
        return when_in_words(self.used_up, FIRST_YEAR, self.scenario.horizon_year)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a year: quantiles of stock and demand in tokens, and the probability that demand
        has met the stock.
        """
        columns: dict[str, FloatArray | IntArray] = {"year": self.stock.x.astype(np.int64)}
        for name, bands in (
            ("stock", self.stock),
            ("demand", self.demand),
            ("all_text_online", self.people_stock),
        ):
            columns |= quantile_columns(f"{name}_tokens", bands.values)
        columns["demand_by_history_tokens_q50"] = self.history_demand
        columns["demand_by_compute_tokens_q50"] = self.compute_demand
        columns["probability_exhausted_by_start_of_year"] = self.dates.share_by(self.stock.x)
        return pd.DataFrame(columns)


def text_exhaustion(
    scenario: TextExhaustionInputs, *, data: DataOrContext | None = None
) -> TextExhaustion:
    """When demand meets the stock, with ranges, by every definition of text and demand.

    Raises InputError for ranges whose draws are mostly impossible, NotEnoughDataError where the
    window of growth holds too few datasets.
    """
    context = context_of(data)
    years = np.arange(FIRST_YEAR, scenario.horizon_year + 1, dtype=np.float64)
    stock = text_stock(scenario, data=context)
    log_stock, log_people = (
        stock.log_tokens_at(years),
        log_people_stock_at(scenario, years, data=context.data),
    )
    log_history, log_compute = (
        log_history_demand_at(scenario, years, data=context.data),
        log_compute_demand_at(scenario, years),
    )
    bends = np.isin(years, _bends(scenario))
    history, compute = (
        _crossed(years, log_stock, demand, bends) for demand in (log_history, log_compute)
    )
    log_demand = _mixed(scenario, log_history, log_compute)
    dates = mixture_of(scenario, history, compute)
    chance_years = np.linspace(
        FIRST_YEAR,
        scenario.horizon_year,
        CHANCE_STEPS_A_YEAR * (scenario.horizon_year - FIRST_YEAR) + 1,
    )
    stock_bands = _bands(years, log_stock)
    by_history, by_compute = (ExhaustionDates.of([(each, 1.0)]) for each in (history, compute))
    definitions = _definitions(scenario, stock, dates, years, log_people, log_history, log_compute)
    once, repeated, *_ = definitions
    return TextExhaustion(
        scenario=scenario,
        stock=stock_bands,
        people_stock=_shifted_bands(years, log_people),
        demand=_bands(years, log_demand),
        history_demand=_median(log_history),
        compute_demand=_median(log_compute),
        dates=dates,
        history=by_history,
        compute=by_compute,
        chance_years=chance_years,
        chance=dates.share_by(chance_years),
        used_up=dates.range(),
        used_up_by_history=by_history.range(),
        used_up_by_compute=by_compute.range(),
        used_up_read_once=once.dates,
        stock_2024=repeated.tokens,
        unique_2024=once.tokens,
        definitions=definitions,
        growth=dataset_growth(scenario, context.data),
        disclosed=disclosed_sizes(context.data),
        tokens_at_crossing=float(
            np.exp(np.interp(min(dates.median, years[-1]), years, np.log(stock_bands.median)))
        ),
    )


def crossing_dates(
    scenario: CrossingInputs, deviates: Mapping[str, FloatArray] | None = None, *, data: Context
) -> tuple[FloatArray, FloatArray]:
    """The date of each draw by history and by compute: decimal years, two arrays of shape (draws,).

    Parameters
    ----------
    scenario : CrossingInputs
        Stock, demand and how far ahead is looked.
    deviates : mapping of arrays of floats, shape (draws,), or None
        Normal deviates of factors by name, in place of the scenario's own.
    data : Context
        The tables.
    """
    years = _bends(scenario)
    log_stock = text_stock(scenario, deviates, data=data).log_tokens_at(years)
    log_history = log_history_demand_at(scenario, years, deviates, data=data.data)
    log_compute = log_compute_demand_at(scenario, years, deviates)
    return first_crossing(years, (log_stock - log_history).T), first_crossing(
        years, (log_stock - log_compute).T
    )


def _bends(scenario: CrossingInputs) -> FloatArray:
    """The years between which stock and demand are straight lines on a logarithm."""
    return np.array(
        [
            FIRST_YEAR,
            *(year for year in COMPUTE_YEARS if year < scenario.horizon_year),
            scenario.horizon_year,
        ],
        dtype=np.float64,
    )


def _crossed(
    years: FloatArray, log_stock: FloatArray, log_demand: FloatArray, rows: BoolArray
) -> FloatArray:
    """The date of each draw at which demand meets the stock, from the chosen rows (years) of
    both.
    """
    return first_crossing(years[rows], (log_stock[rows] - log_demand[rows]).T)


def mixture_of(
    scenario: TextDemandInputs, history: FloatArray, compute: FloatArray
) -> ExhaustionDates:
    """The dates of the scenario's demand, from those of each demand alone.

    Parameters
    ----------
    scenario : TextDemandInputs
        The inputs of the demand.
    history, compute : arrays of floats, shape (draws,)
        Dates by the growth of datasets alone and by the compute forecast alone, decimal years.
    """
    weight = history_weight(scenario)
    return ExhaustionDates.of([(history, weight), (compute, 1.0 - weight)])


def history_weight(scenario: TextDemandInputs) -> float:
    """How much history counts in the scenario's demand: 1 for history alone, 0 for compute
    alone.
    """
    return {"history": 1.0, "compute": 0.0, "mixture": scenario.history_share}[scenario.demand]


def follows_history(scenario: TextDemandInputs) -> BoolArray:
    """Which draws of a mixture follow history: a mask over the draws."""
    weight = history_weight(scenario)
    threshold = ndtri(weight) if 0.0 < weight < 1.0 else np.inf if weight else -np.inf
    mask: BoolArray = deviates_of("which_demand", scenario.seed) < threshold
    return mask


def _mixed(
    scenario: TextDemandInputs, log_history: FloatArray, log_compute: FloatArray
) -> FloatArray:
    if scenario.demand == "mixture":
        return np.where(follows_history(scenario), log_history, log_compute)
    return log_history if scenario.demand == "history" else log_compute


def _definitions(
    scenario: CrossingInputs,
    stock: TextStock,
    dates: ExhaustionDates,
    years: FloatArray,
    log_people: FloatArray,
    log_history: FloatArray,
    log_compute: FloatArray,
) -> tuple[Definition, ...]:
    straight, every = np.isin(years, _bends(scenario)), np.ones(years.size, dtype=np.bool_)

    def crossed(log_stock: FloatArray, rows: BoolArray = straight) -> Range:
        history, compute = (
            _crossed(years, log_stock, demand, rows) for demand in (log_history, log_compute)
        )
        return mixture_of(scenario, history, compute).range()

    def amount(logs: FloatArray) -> Range:
        known = tuple(float(10**q) for q in quantile_of(logs, QUANTILES))
        return Range.of_quantiles(known, "tokens")

    grown = np.multiply.outer(years - BASE_YEAR, stock.log_growth)
    at_base = int(BASE_YEAR) - FIRST_YEAR
    return (
        Definition(
            "Public text worth training on, read once",
            amount(stock.log_unique),
            crossed(stock.log_unique + grown),
        ),
        Definition("The same, repeated: the answer above", amount(stock.log_tokens), dates.range()),
        Definition(
            "The indexed web as it is, read once",
            amount(stock.log_raw),
            crossed(stock.log_raw + grown),
        ),
        Definition(
            "All text people write online, public and private",
            amount(log_people[at_base]),
            crossed(log_people, every),
        ),
    )


def _bands(years: FloatArray, logs: FloatArray) -> Bands:
    """Bands in tokens from log10 draws of shape (t, n)."""
    return Bands(years, 10.0 ** quantile_of(logs.T, QUANTILES))


def _shifted_bands(years: FloatArray, logs: FloatArray) -> Bands:
    """The same for draws that all grow alike, so that the first row tells the quantiles of every
    other.
    """
    return Bands(
        years, 10.0 ** (quantile_of(logs[0], QUANTILES)[:, None] + (logs[:, 0] - logs[0, 0]))
    )


def _median(logs: FloatArray) -> FloatArray:
    median: FloatArray = 10.0 ** np.median(logs, axis=1)
    return median
