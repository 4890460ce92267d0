"""A price series with the trend fitted to it, kept for the next caller: the one place where
forecasts of cost fit.
"""

from __future__ import annotations

from dataclasses import dataclass

from forecasting.compute_cost.price_series import PriceSeries, SeriesChoice, price_series
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.errors import NotEnoughDataError
from forecasting.trends.structural_break import Break, find_break
from forecasting.trends.trend import Trend, fit_trend

MIN_POINTS = 5


@dataclass(frozen=True)
class FittedSeries:
    """The points inside the window and the trend through them; `all_points` are those of the whole
    series.
    """

    points: PriceSeries
    all_points: PriceSeries
    trend: Trend


@cached_with
def fitted_series(
    choice: SeriesChoice,
    method: str,
    first_year: float | None,
    last_year: float | None,
    seed: int,
    data: DataSet,
) -> FittedSeries:
    """Fit a series inside a window of years. The result depends on the arguments alone; the cache
    only saves time.

    Parameters
    ----------
    choice : SeriesChoice
        The series.
    method : str
        A method of fit_trend.
    first_year, last_year : float or None
        The window, in years; None: no limit on that side.
    seed : int
        Seed of the resamples.
    data : DataSet
        The tables.

    Raises
    ------
    NotEnoughDataError
        With the number of points left, when fewer than 5 are inside the window.
    """
    whole = price_series(choice, data)
    inside = whole.between(first_year, last_year)
    if len(inside.dates) < MIN_POINTS:
        raise NotEnoughDataError(len(inside.dates), MIN_POINTS, _what_to_widen(whole, inside))
    trend = fit_trend(
        inside.dates,
        inside.values,
        method=method,
        seed=seed,
        best="highest" if inside.rises else "lowest",
    )
    return FittedSeries(inside, whole, trend)


@cached_with
def break_of_series(
    choice: SeriesChoice,
    first_year: float | None,
    last_year: float | None,
    seed: int,
    data: DataSet,
) -> Break:
    """Whether the growth of a series changed inside the window; see structural_break.

    Parameters
    ----------
    choice : SeriesChoice
        The series.
    first_year, last_year : float or None
        The window, in years; None: no limit on that side.
    seed : int
        Seed of the resamples.
    data : DataSet
        The tables.
    """
    inside = price_series(choice, data).between(first_year, last_year)
    return find_break(inside.dates, inside.values, seed=seed)


def _what_to_widen(whole: PriceSeries, inside: PriceSeries) -> str:
    if len(whole.dates) >= MIN_POINTS:
        first, last = int(whole.dates[0]), int(whole.dates[-1])
        return (
            f"Widen the years: the series “{whole.label}” has {len(whole.dates)} points from"
            f" {first} to {last}."
        )
    missing = f" It leaves out {inside.left_out}." if inside.left_out else ""
    return (
        f"Choose another number format, chip or series: “{whole.label}” has too few points in any"
        f" window.{missing}"
    )
