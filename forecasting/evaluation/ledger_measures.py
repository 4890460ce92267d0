"""How the forecasts on record are measured: a value that tables give for a day, or None where they
do not reach it.

Each measure is a pure function of the tables and a day, so that a forecast resolves without
anyone's judgement. Tables reach a day when their date in the catalogue, a month or year taken from
its first day, is that day or later. A later table may revise what it says of a day; then the score
changes with it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

from forecasting.arrays import FloatArray
from forecasting.compute_cost.chip_hours import WIDELY_RENTED_VENDORS, best_rented_chip
from forecasting.compute_cost.rental_offers import STALE_VENDORS
from forecasting.data.dataset import DataSet
from forecasting.data.inflation import to_price_year
from forecasting.inference.leaderboard import machines
from forecasting.inference.token_prices import READ_PER_WRITTEN
from forecasting.units import SECONDS_PER_HOUR, decimal_years

#: The dollars of the forecasts on record, so that those made in different years can be compared.
PRICE_YEAR = 2024
#: Prices and launches are taken over this many days up to the day in question.
LISTED_WITHIN_DAYS, LAUNCHED_WITHIN_DAYS = 183, 365


def reaches(tables: Iterable[str], data: DataSet) -> dt.date:
    """The last day of which these tables can say something: the latest of their dates."""
    return max(_first_day(data.catalogue[name].date) for name in tables)


def offers_on(day: dt.date, data: DataSet) -> pd.DataFrame:
    """On-demand rental offers that stood on a day, one a vendor and chip: chip, vendor,
    usd_per_chip_hour (dollars of PRICE_YEAR), peak_flop_per_s (dense tensor FP16), quarter.

    Parameters
    ----------
    day : datetime.date
        The day.
    data : DataSet
        The tables.
    """
    offers = data["chip_rental_prices_2026"]
    chips = data["ml_chips"].drop_duplicates("chip").set_index("chip")
    at = pd.Timestamp(day)
    stood = (offers["first_seen"] <= at) & (offers["last_seen"] >= at)
    offers = offers[stood & (offers["tier"] == "on demand") & ~offers["vendor"].isin(STALE_VENDORS)]
    # Of several sizes the cheapest, so that each vendor counts once.
    offers = offers.sort_values("usd_per_chip_hour", kind="stable")
    offers = offers.drop_duplicates(["chip", "vendor"]).copy()
    offers["peak_flop_per_s"] = (
        offers["chip"].map(chips["tensor_fp16_flop_per_s"]).astype(np.float64)
    )
    year = decimal_year(day)
    offers["usd_per_chip_hour"] = to_price_year(offers["usd_per_chip_hour"], year, PRICE_YEAR, data)
    offers["quarter"] = np.floor(4.0 * year) / 4.0
    return offers[offers["peak_flop_per_s"].notna()]


def chip_hour_usd(chip: str, day: dt.date, data: DataSet) -> float | None:
    """The median on-demand offer of a chip on a day, in dollars of PRICE_YEAR an hour.

    Parameters
    ----------
    chip : str
        The chip by name.
    day : datetime.date
        The day.
    data : DataSet
        The tables.
    """
    offers = offers_on(day, data)
    return _median(offers[offers["chip"] == chip]["usd_per_chip_hour"].to_numpy(dtype=np.float64))


def best_flop_per_usd(day: dt.date, data: DataSet) -> float | None:
    """FLOP a dollar of PRICE_YEAR of the chip that costs least per FLOP among those of five vendors
    or more, at its median offer on a day and its peak rate.

    Parameters
    ----------
    day : datetime.date
        The day.
    data : DataSet
        The tables.
    """
    offers = offers_on(day, data)
    vendors = offers.groupby("chip")["vendor"].nunique()
    if not (vendors >= WIDELY_RENTED_VENDORS).any():
        return None
    chosen = offers[offers["chip"] == best_rented_chip(offers)]
    return float(
        SECONDS_PER_HOUR * chosen["peak_flop_per_s"].iloc[0] / chosen["usd_per_chip_hour"].median()
    )


def offered_flop_per_usd(day: dt.date, data: DataSet) -> float | None:
    """FLOP a dollar of PRICE_YEAR at peak, the median over all on-demand offers on a day.

    Parameters
    ----------
    day : datetime.date
        The day.
    data : DataSet
        The tables.
    """
    offers = offers_on(day, data)
    rate = SECONDS_PER_HOUR * offers["peak_flop_per_s"] / offers["usd_per_chip_hour"]
    return _median(rate.to_numpy(dtype=np.float64))


def launched_flop_per_s_per_usd(day: dt.date, data: DataSet) -> float | None:
    """Dense tensor FP16 FLOP/s a dollar of launch price, the median of the ML chips of the year up
    to a day whose price is known.

    Parameters
    ----------
    day : datetime.date
        The day.
    data : DataSet
        The tables.
    """
    chips = data["ml_chips"]
    recent = chips[_within(chips["release_date"], day, LAUNCHED_WITHIN_DAYS)]
    return _median(
        (recent["tensor_fp16_flop_per_s"] / recent["price_usd"]).to_numpy(dtype=np.float64)
    )


def largest_run(column: str, size: float, day: dt.date, data: DataSet) -> float | None:
    """The largest value of a column of ai_models among the models dated up to a day.

    Parameters
    ----------
    column : str
        The column, such as training_flop.
    size : float
        How much of the column's unit one of the wanted unit is.
    day : datetime.date
        The day.
    data : DataSet
        The tables.
    """
    models = data["ai_models"]
    return _largest(models[models["date"] <= pd.Timestamp(day)][column] / size)


def largest_text(day: dt.date, data: DataSet) -> float | None:
    """The largest training text of a model that was disclosed, of models dated up to a day, in
    tokens.

    Parameters
    ----------
    day : datetime.date
        The day.
    data : DataSet
        The tables.
    """
    texts = data["text_sizes_2023_2026"]
    of_models = texts["kind"] == "training set of a model"
    return _largest(texts[of_models & (texts["date"] <= pd.Timestamp(day))]["tokens"])


def list_price(day: dt.date, data: DataSet) -> float | None:
    """The median list price of the models that their makers newly listed in the half-year up to a
    day, in USD per million tokens, three read for one written.

    Parameters
    ----------
    day : datetime.date
        The day.
    data : DataSet
        The tables.
    """
    prices = data["token_prices_first_party"].sort_values("first_seen", kind="stable")
    first = prices.drop_duplicates(["provider", "model"])
    new = first[_within(first["first_seen"], day, LISTED_WITHIN_DAYS)]
    blend = (READ_PER_WRITTEN * new["usd_per_mtok_in"] + new["usd_per_mtok_out"]) / (
        READ_PER_WRITTEN + 1.0
    )
    return _median(blend[blend > 0.0].to_numpy(dtype=np.float64))


def arc_usd_per_task(score: float, day: dt.date, data: DataSet) -> float | None:
    """The cheapest machine of ARC-AGI-1 at a score or above, in USD a task, as the leaderboard has
    it; models known to have come out later are left out.

    Parameters
    ----------
    score : float
        The score in per cent.
    day : datetime.date
        The day.
    data : DataSet
        The tables.
    """
    costs = [
        each.usd
        for each in machines("ARC-AGI-1", data)
        if each.score >= score
        and not math.isnan(each.usd)
        and (each.released is None or each.released <= day)
    ]
    return min(costs, default=None)


def decimal_year(day: dt.date) -> float:
    """A day as a decimal year."""
    return float(decimal_years(np.array([day], dtype="datetime64[D]"))[0])


def _within(dates: pd.Series, day: dt.date, days: int) -> pd.Series:
    at = pd.Timestamp(day)
    return (dates <= at) & (dates > at - pd.Timedelta(days=days))


def _median(values: FloatArray) -> float | None:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if finite.size else None


def _largest(values: pd.Series) -> float | None:
    return float(values.max()) if values.notna().any() else None


def _first_day(date: str) -> dt.date:
    year, month, day = (*(int(part) for part in date.split("-")), 1, 1)[:3]
    return dt.date(year, month, day)
