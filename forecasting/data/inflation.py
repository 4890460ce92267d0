"""One price year: US dollars of one year in those of another, by consumer prices."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray
from forecasting.data.dataset import DataSet
from forecasting.errors import InputError

MONTHS = 12
#: Bounds of the input; which years the table has says `price_year_in_use`.
FIRST_PRICE_YEAR, LAST_PRICE_YEAR = 2000, 2100


def last_complete_year(data: DataSet) -> int:
    """The last year of us_consumer_prices that is over: a year of fewer than 12 months counts where
    a later one exists (of October 2025 no figure was ever published).
    """
    table = data["us_consumer_prices"].sort_values("year")
    last = int(table["year"].iloc[-1])
    return last - 1 if table["months_averaged"].iloc[-1] < MONTHS else last


def price_year_in_use(price_year: float | None, data: DataSet) -> int:
    """The year of the dollars that money is shown in; None: the last complete year.

    Raises InputError for a year that is not complete in the table.
    """
    last = last_complete_year(data)
    if price_year is None:
        return last
    if price_year > last:
        raise InputError(
            "price_year", price_year, f"Use {last} or less: the last year of complete prices."
        )
    return int(price_year)


def price_level(years: ArrayLike, data: DataSet) -> FloatArray:
    """US consumer price index (CPI-U, annual average, 1982–84 = 100) in the calendar year of each
    decimal year.

    Years after the table's last take its last value (prices since then are unknown to it); years
    before its first raise InputError. Source: US Bureau of Labor Statistics, table
    us_consumer_prices.
    """
    table = data["us_consumer_prices"]
    known = table["year"].to_numpy(dtype=np.float64)
    level = table["cpi_u_annual_average_1982_84_100"].to_numpy(dtype=np.float64)
    whole = np.floor(np.asarray(years, dtype=np.float64))
    if whole.size and float(whole.min()) < known[0]:
        raise InputError(
            "price year", float(whole.min()), f"Consumer prices are known from {known[0]:.0f} on."
        )
    return level[np.minimum(np.searchsorted(known, whole), len(known) - 1)]


def to_price_year(
    usd: ArrayLike, from_year: ArrayLike, price_year: float | None, data: DataSet
) -> FloatArray:
    """Dollars of `from_year` in dollars of `price_year`: usd · CPI(price_year) / CPI(from_year).

    Parameters
    ----------
    usd : number or array-like
        Amounts in USD.
    from_year : number or array-like, broadcast with `usd`
        The year of each, decimal.
    price_year : float or None
        The year to convert to; None: the last complete year.
    data : DataSet
        The tables.
    """
    result: FloatArray = (
        np.asarray(usd, dtype=np.float64)
        * price_level(price_year_in_use(price_year, data), data)
        / price_level(from_year, data)
    )
    return result
