"""How fast the price of an answer falls: at fixed quality (21 published fits with their intervals),
and list prices as they are.

The fits (Epoch AI, LLM inference price trends, 2025-03) give the factor by which the price of
reaching a score falls in a year, each with a 90% interval; some intervals reach below 1, where the
data allow a rise. Between fits the factor differs more than within most. List prices are those of
models newly listed, whatever their quality: better models come at the price of those before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from forecasting.arrays import FloatArray
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.errors import UnknownNameError
from forecasting.trends.trend import Trend, fit_trend

ALL_BENCHMARKS = "all"
#: A request of three tokens read for one written, the usual blend.
READ_PER_WRITTEN = 3.0
#: Rows that the catalogue calls doubtful: prices per character listed as per token, a swapped or a
#: hundredfold price.
_DOUBTFUL_BEFORE = {"gemini": np.datetime64("2024-11-08"), "command": np.datetime64("2024-03-01")}
_DOUBTFUL_MODELS = (
    "claude-instant-1.2",
    "gemini-1.5-flash-preview-0514",
    "command-r7b-12-2024",
    "deepseek-chat",
    "kimi-k2p5",
)


@dataclass(frozen=True, eq=False)
class PriceDeclines:
    """The published fits: `factor` a year with its 90% interval `low` to `high`, all of length n,
    as in the table.
    """

    table: pd.DataFrame
    factor: FloatArray
    low: FloatArray
    high: FloatArray

    @property
    def median(self) -> float:
        """The middle of the fits."""
        return float(np.median(self.factor))

    @property
    def straddling(self) -> int:
        """Fits whose interval reaches below 1: their data allow a rise in price."""
        return int((self.low < 1.0).sum())

    def draw(self, count: int, rng: np.random.Generator, own_intervals: bool = True) -> FloatArray:
        """Draws of the factor a year, shape (count,): each fit comes up equally often.

        Parameters
        ----------
        count : int
            How many draws.
        rng : np.random.Generator
            What they come from.
        own_intervals : bool
            Whether to draw within the interval of the fit too, normal in the logarithm.
        """
        which = rng.permutation(np.arange(count) % self.factor.size)
        log_factor = np.log(self.factor[which])
        if own_intervals:
            width = (np.log(self.high) - np.log(self.low)) / (2.0 * ndtri(0.95))
            log_factor = log_factor + width[which] * rng.standard_normal(count)
        result: FloatArray = np.exp(log_factor)
        return result


def declines_benchmarks(data: DataSet) -> tuple[str, ...]:
    """“all”, and the benchmarks that the fits were made on."""
    return (
        ALL_BENCHMARKS,
        *(str(name) for name in data["token_price_declines"]["benchmark"].unique()),
    )


def price_declines(data: DataSet, benchmark: str = ALL_BENCHMARKS) -> PriceDeclines:
    """The fits on one benchmark or on all; raises UnknownNameError."""
    table = data["token_price_declines"]
    if benchmark != ALL_BENCHMARKS:
        if benchmark not in set(table["benchmark"]):
            raise UnknownNameError("decline_benchmark", benchmark, declines_benchmarks(data))
        table = table[table["benchmark"] == benchmark]
    columns = (
        table[name].to_numpy(dtype=np.float64)
        for name in ("price_reduction_per_year", "ci90_low", "ci90_high")
    )
    return PriceDeclines(table, *columns)


@dataclass(frozen=True, eq=False)
class ListPrices:
    """List prices by the day on which they were first seen: `table` has date, model, provider and
    usd_per_mtok (three read, one written).

    `trend` is a line through their logarithms: how the price of what is newly listed moves, not the
    price of a quality.
    """

    table: pd.DataFrame
    trend: Trend
    left_out: int

    @property
    def factor(self) -> float:
        """Factor by which list prices fall in a year; below 1 they rise."""
        return 1.0 / self.trend.growth_per_year.value

    def draw(self, count: int, rng: np.random.Generator) -> FloatArray:
        """`count` draws of that factor."""
        _, slopes = self.trend.draw_lines(count, rng)
        result: FloatArray = 10.0**-slopes
        return result


@cached_with
def list_prices(data: DataSet) -> ListPrices:
    """Both histories as one, without the rows that their catalogue calls doubtful and without
    versions that repeat a price.
    """
    earlier = data["token_prices_2024_2025"].rename(columns={"first_seen": "date"})
    later = data["token_prices_2025_2026"].rename(columns={"price_date": "date"})
    both = pd.concat([earlier, later], ignore_index=True)
    read, written = (
        both[f"usd_per_mtok_{way}"].to_numpy(dtype=np.float64) for way in ("in", "out")
    )
    both["usd_per_mtok"] = (READ_PER_WRITTEN * read + written) / (READ_PER_WRITTEN + 1.0)
    doubtful = both["model"].isin(_DOUBTFUL_MODELS) | (
        (both["model"] == "gpt-4o-mini") & (both["usd_per_mtok_in"] > 1.0)
    )
    for start, until in _DOUBTFUL_BEFORE.items():
        doubtful |= both["model"].str.startswith(start) & (both["date"] < until)
    kept = both[~doubtful & (both["usd_per_mtok"] > 0.0)].sort_values("date", kind="stable")
    kept = kept.drop_duplicates(["date", "provider", "usd_per_mtok"])
    trend = fit_trend(
        kept["date"].to_numpy(), kept["usd_per_mtok"].to_numpy(), method="ols", seed=0
    )
    return ListPrices(
        kept[["date", "model", "provider", "usd_per_mtok"]], trend, int(doubtful.sum())
    )
