"""How fast training sets of text grow: a log-linear fit to the sizes of one table, refitted inside
the scenario's window.

    log10 size(t) = a + g·t + e, g in orders of magnitude a year

“models” resamples single models (Villalobos et al. 2024 do so: 0.371, 95% 0.27 to 0.48 on all 80
sizes); “years” resamples whole years.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from forecasting.arrays import BoolArray, FloatArray
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.errors import NotEnoughDataError
from forecasting.stats.dated_series import MIN_POINTS, require_points
from forecasting.stats.estimate import Estimate
from forecasting.stats.least_squares import least_squares_lines
from forecasting.stats.record_setters import running_best, running_top
from forecasting.text_limits.text_inputs import TextDemandInputs
from forecasting.trends.trend import fit_trend
from forecasting.units import decimal_years

REPLICATES = 4000
#: How the paper turned words into tokens, for the points of the chart; the growth is the same in
#: either.
WORDS_A_TOKEN = 0.75
TOP = 10
SOURCES = {"paper": "the sizes behind the paper", "ai_models": "Epoch AI's language models"}


@dataclass(frozen=True, eq=False)
class DatasetSizes:
    """Training sets of language models: names, dates (decimal years), sizes in tokens, by date."""

    names: tuple[str, ...]
    dates: FloatArray
    tokens: FloatArray

    def only(self, keep: BoolArray) -> DatasetSizes:
        """The rows of a mask."""
        return DatasetSizes(
            tuple(n for n, k in zip(self.names, keep, strict=True) if k),
            self.dates[keep],
            self.tokens[keep],
        )


@dataclass(frozen=True, eq=False)
class DatasetGrowth:
    """The growth in OOM a year with its draws, the sizes it was fitted to, and all sizes of the
    table.
    """

    oom_per_year: Estimate
    fitted: DatasetSizes
    sizes: DatasetSizes


def dataset_growth(scenario: TextDemandInputs, data: DataSet) -> DatasetGrowth:
    """The growth of datasets in the scenario's table, rows and window (for an own range: its table
    is the paper's).

    Raises NotEnoughDataError with what is left where fewer than 5 models are in the window.
    """
    source: Literal["paper", "ai_models"] = (
        "ai_models" if scenario.growth_from == "ai_models" else "paper"
    )
    last = math.inf if scenario.growth_last_year is None else float(scenario.growth_last_year)
    return _fitted(
        source,
        scenario.growth_rows,
        float(scenario.growth_first_year),
        last,
        scenario.growth_errors,
        scenario.seed,
        data,
    )


@cached_with
def _fitted(
    source: Literal["paper", "ai_models"],
    rows: Literal["all", "top10", "record"],
    first_year: float,
    last_year: float,
    errors: Literal["models", "years"],
    seed: int,
    data: DataSet,
) -> DatasetGrowth:
    sizes = dataset_sizes(source, data)
    member = _members(sizes, rows)
    fitted = sizes.only(member & (sizes.dates >= first_year) & (sizes.dates < last_year + 1.0))
    if fitted.dates.size < MIN_POINTS:
        raise NotEnoughDataError(
            int(fitted.dates.size), MIN_POINTS, _what_to_widen(sizes.only(member), source)
        )
    require_points(fitted.dates)
    if errors == "years":
        trend = fit_trend(
            fitted.dates, fitted.tokens, method="ols", seed=seed, replicates=REPLICATES
        )
        return DatasetGrowth(trend.slope_oom_per_year, fitted, sizes)
    t, y = fitted.dates - fitted.dates.mean(), np.log10(fitted.tokens)
    weights = (
        np.random.default_rng(seed)
        .multinomial(t.size, np.full(t.size, 1.0 / t.size), size=REPLICATES)
        .astype(np.float64)
    )
    # A resample of one date alone has no slope: with few models that can happen.
    weights = weights[(weights > 0.0) @ np.ones(t.size) > 1.0]
    with np.errstate(divide="ignore", invalid="ignore"):
        _, slopes = least_squares_lines(t, y, weights)
    _, slope = least_squares_lines(t, y, np.ones((1, t.size)))
    return DatasetGrowth(Estimate(float(slope[0]), slopes[np.isfinite(slopes)]), fitted, sizes)


@cached_with
def dataset_sizes(source: Literal["paper", "ai_models"], data: DataSet) -> DatasetSizes:
    """All sizes of a table: “paper”, the 80 of Villalobos et al. 2024, or “ai_models”, Epoch AI's
    language models.
    """
    if source == "paper":
        table = data["text_dataset_sizes"]
        column, scale = table["words"], 1.0 / WORDS_A_TOKEN
    else:
        table = data["ai_models"]
        table = table[
            table["domain"].fillna("").str.contains("Language")
            & table["dataset_size"].notna()
            & table["date"].notna()
        ]
        column, scale = table["dataset_size"], 1.0
    dates = decimal_years(table["date"].to_numpy())
    order = np.argsort(dates, kind="stable")
    return DatasetSizes(
        tuple(table["model"].iloc[order]),
        dates[order],
        column.to_numpy(dtype=np.float64)[order] * scale,
    )


@cached_with
def disclosed_sizes(data: DataSet) -> DatasetSizes:
    """The training sets of language models disclosed from 2023 on; open corpora are none."""
    table = data["text_sizes_2023_2026"]
    table = table[table["kind"] == "training set of a model"].sort_values("date", kind="stable")
    return DatasetSizes(
        tuple(table["name"]),
        decimal_years(table["date"].to_numpy()),
        table["tokens"].to_numpy(dtype=np.float64),
    )


def _members(sizes: DatasetSizes, rows: Literal["all", "top10", "record"]) -> BoolArray:
    if rows == "record":
        return running_best(sizes.dates, sizes.tokens)
    if rows == "top10":
        return running_top(sizes.dates, sizes.tokens, TOP)
    return np.ones(sizes.dates.size, dtype=np.bool_)


def _what_to_widen(members: DatasetSizes, source: str) -> str:
    first, last = int(members.dates[0]), int(members.dates[-1])
    return (
        f"Widen the years of growth: {SOURCES[source]} hold {members.dates.size} such datasets from"
        f" {first} to {last}."
    )
