"""One price year: US dollars of one year in those of another, by consumer prices."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray
from forecasting.data.dataset import DataSet
from forecasting.errors import InputError

FIRST_PRICE_YEAR = 2000
LAST_PRICE_YEAR = 2024


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
    usd: ArrayLike, from_year: ArrayLike, price_year: float, data: DataSet
) -> FloatArray:
    """Dollars of `from_year` in dollars of `price_year`: usd · CPI(price_year) / CPI(from_year).

    Parameters
    ----------
    usd : number or array-like
        Amounts in USD.
    from_year : number or array-like, broadcast with `usd`
        The year of each, decimal.
    price_year : float
        The year to convert to.
    data : DataSet
        The tables.
    """
    result: FloatArray = (
        np.asarray(usd, dtype=np.float64)
        * price_level(price_year, data)
        / price_level(from_year, data)
    )
    return result
