r"""AI chips in the world in H100 equivalents, and the share of them that one run can have.

.. math:: H(t) = \varepsilon\,\Big(H_0 + F\,\frac{g^{t - t_0} - 1}{1 - 1/g}\Big)

H_0 chips had been shipped by t_0, the last quarter that is complete for all designers, F of them in
the year before; shipments grow by g a year. ε is how far the estimates may be off (the table's 90%
ranges, designers apart). Nothing is taken off for chips that have been retired. One buyer has a
share of it, and a run can have that at most.

    chip_stock([2026.0], draws=1000).mean(axis=0)      # H100 equivalents
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with, results_of
from forecasting.errors import NotEnoughDataError
from forecasting.scenario import Inputs, SeededInputs, quantity
from forecasting.stats.distribution import Distribution, RangeBounds
from forecasting.stats.sampling import above_zero, stratified_normals
from forecasting.supply.site_table import site_states
from forecasting.supply.years_asked import draws_asked, years_asked
from forecasting.units import decimal_years

DRAWS = 1000
STREAM_KEY = 2045
#: Standard normal deviate of the 95% quantile: half of the table's 90% ranges.
HALF_OF_90 = 1.6448536269514722


class StockFields(Inputs):
    """How shipments of chips grow, and what one buyer can have of all chips."""

    shipments_growth: Annotated[Distribution, RangeBounds(0.1, 20.0)] = quantity(
        Distribution(1.2, 2.7, 0.8),
        unit="×/year",
        label="Shipments grow by",
        why=(
            "In H100 equivalents 13.2 million were shipped in 2025, 2.7 times as many as in 2024"
            " (Epoch AI). The lower end, a fifth more per year, is an assumption."
        ),
    )
    buyer_share: Annotated[
        Distribution, RangeBounds(0.0, 1.0, above=True, because="A share is at most 100%.")
    ] = quantity(
        Distribution(0.08, 0.25, 0.8),
        unit="1",
        label="One buyer's share of chips",
        why=(
            "At the end of 2025 the owner with the most chips in the known sites, Google, had 9.5%"
            " of"
            " all AI chips; those sites hold only a quarter of all chips, so this is a lower bound."
            " The upper end is an assumption."
        ),
    )


class ChipStockInputs(StockFields, SeededInputs):
    """Inputs of the chips in the world."""

    TABLES: ClassVar[tuple[str, ...]] = ("ai_chip_stock",)


@dataclass(frozen=True, eq=False)
class ChipStock:
    """The stock by designer at the end of each complete quarter: `quarters` in decimal years,
    `h100` of shape (designers, quarters), `low` and `high` its 90% range (NaN where none is known).
    `shipped` is what was added in the year before the last quarter, `growth` that over the year
    before it.
    """

    designers: tuple[str, ...]
    quarters: FloatArray
    h100: FloatArray
    low: FloatArray
    high: FloatArray
    shipped: float
    growth: float

    @property
    def total(self) -> FloatArray:
        """All designers together, by quarter."""
        result: FloatArray = self.h100.sum(axis=0)
        return result

    @property
    def as_of(self) -> float:
        """The last quarter."""
        return float(self.quarters[-1])

    @property
    def log_errors(self) -> FloatArray:
        """Standard deviation of ln of each designer's stock in the last quarter; where no range is
        known the widest of the others stands in.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            widths = np.log(self.high[:, -1] / self.low[:, -1]) / (2.0 * HALF_OF_90)
        known = widths[np.isfinite(widths)]
        result: FloatArray = np.where(
            np.isfinite(widths), widths, known.max() if known.size else 0.0
        )
        return result


@cached_with
def stock_table(data: DataSet) -> ChipStock:
    """The stock of the table; raises NotEnoughDataError where fewer than five quarters are
    complete for all designers.
    """
    table = data["ai_chip_stock"]
    table = table[table["incomplete"] == 0]
    by = {
        name: table.pivot(index="designer", columns="quarter_end", values=column)
        for name, column in (
            ("h100", "h100_equivalents_cumulative"),
            ("low", "h100_equivalents_p05"),
            ("high", "h100_equivalents_p95"),
        )
    }
    complete = by["h100"].notna().all(axis=0)
    if complete.sum() < 5:
        raise NotEnoughDataError(
            int(complete.sum()), 5, "Give ai_chip_stock quarters in which every designer has a row."
        )
    arrays = {name: frame.loc[:, complete].to_numpy(dtype=np.float64) for name, frame in by.items()}
    quarters = decimal_years(pd.Series(by["h100"].columns[complete]).to_numpy())
    # A year has four quarters; before a designer's first row it is taken to have shipped none.
    total = by["h100"].fillna(0.0).sum(axis=0).to_numpy(dtype=np.float64)
    last = int(np.flatnonzero(complete)[-1])
    shipped = float(total[last] - total[last - 4])
    before = float(total[last - 4] - total[last - 8]) if last >= 8 else float("nan")
    return ChipStock(
        designers=tuple(str(name) for name in by["h100"].index),
        quarters=quarters,
        shipped=shipped,
        growth=shipped / before,
        **arrays,
    )


def chip_stock(
    years: ArrayLike,
    scenario: ChipStockInputs | None = None,
    *,
    draws: int = DRAWS,
    data: DataOrContext | None = None,
) -> FloatArray:
    """Draws of the chips in the world in H100 equivalents, of shape (draws, years).

    Parameters
    ----------
    years : array-like of floats, shape (years,)
        Decimal years, from the first complete quarter to 2100.
    scenario : ChipStockInputs or None
        The inputs; None: their defaults.
    draws : int
        How many draws.
    data : DataSet, Context or None
        The tables; None: the bundled ones.

    Raises
    ------
    InputError
        For what is no year, a year before the first complete quarter or after 2100, and a number
        of draws below 1 or above 100,000.
    """
    return _drawn(scenario or ChipStockInputs(), years, draws_asked(draws), context_of(data).data)[
        0
    ]


def run_h100(
    fields: StockFields, years: FloatArray, draws: int, seed: int, data: DataSet
) -> FloatArray:
    """What one run can have of them, H100 equivalents, of shape (draws, years), computed once for
    the inputs.

    Parameters
    ----------
    fields : StockFields
        Growth of shipments and share of one buyer.
    years : array of floats, shape (years,)
        Decimal years.
    draws : int
        How many draws.
    seed : int
        Seed of the draws.
    data : DataSet
        The tables.
    """
    given = {name: getattr(fields, name) for name in StockFields.model_fields}
    inputs = ChipStockInputs(seed=seed, **given)

    def computed() -> FloatArray:
        stock, share = _drawn(inputs, years, draws, data)
        return stock * share[:, None]

    key = ("chips of one run", inputs, draws, tuple(years.tolist()))
    return results_of(data).get(key, computed)


@cached_with
def largest_owner_share(data: DataSet) -> tuple[float, str]:
    """The share of all chips, at the last complete quarter, that the owner with the most chips in
    the known sites has there, and that owner: a lower bound, since the table knows only some sites.
    """
    stock = stock_table(data)
    sites = data["data_center_timelines"]
    states = site_states(data)
    dates = decimal_years(sites["date"].to_numpy())
    built = sites[(sites["projected"] == 0) & (dates <= min(stock.as_of, states.as_of))]
    built = built[built["h100_equivalents"].notna() & built["owner"].notna()]
    latest = built.sort_values("date").drop_duplicates("data_center", keep="last")
    by_owner = latest.groupby("owner")["h100_equivalents"].sum()
    if by_owner.empty:
        return float("nan"), ""
    return float(by_owner.max() / stock.total[-1]), str(by_owner.idxmax())


def _drawn(
    inputs: ChipStockInputs, asked: ArrayLike, draws: int, data: DataSet
) -> tuple[FloatArray, FloatArray]:
    """Draws of the stock, (draws, years), and of a buyer's share, (draws,)."""
    stock = stock_table(data)
    years = years_asked(asked, float(stock.quarters[0]), "the table of chips begins")
    normals = stratified_normals(2 + len(stock.designers), draws, [inputs.seed, STREAM_KEY])
    growth = above_zero(inputs.shipments_growth, normals[0])[:, None]
    share = np.minimum(above_zero(inputs.buyer_share, normals[1]), 1.0)
    by_designer = np.exp(normals[2:] * stock.log_errors[:, None])
    weights = stock.h100[:, -1] / stock.total[-1]
    error = weights @ by_designer
    since = np.maximum(years - stock.as_of, 0.0)
    past = np.exp(np.interp(years, stock.quarters, np.log(stock.total)))
    # Where g is 1 the same number is shipped every year.
    ln = np.log(growth)
    flat = np.abs(ln) < 1e-9
    with np.errstate(divide="ignore", invalid="ignore"):
        years_of_last = np.where(flat, since, np.expm1(ln * since) / -np.expm1(-ln))
    paths: FloatArray = error[:, None] * (past + stock.shipped * years_of_last)
    return paths, share
