"""Price-performance over time: one measured series, its trend, its doubling time, and its
projection with bands.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal, Self

import numpy as np
import pandas as pd
from pydantic import model_validator

from forecasting.answers import Answered
from forecasting.compute_cost import price_fields
from forecasting.compute_cost.fitted_series import break_of_series, fitted_series
from forecasting.compute_cost.price_series import (
    ANY_CHIP,
    NumberFormat,
    PriceSeries,
    SeriesChoice,
)
from forecasting.compute_cost.rental_offers import (
    Commitment,
    RecentMoves,
    recent_moves,
    rented_chips,
)
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.errors import InputError
from forecasting.scenario import SeededInputs, quantity
from forecasting.stats.bands import QUANTILES, Bands, quantile_columns
from forecasting.stats.estimate import Estimate
from forecasting.trends.structural_break import Break
from forecasting.trends.trend import Method, Trend

SeriesName = Literal["gpu", "chips", "rental", "long_run", "efficiency"]
STEPS_PER_YEAR = 2


class PriceTrendInputs(SeededInputs):
    """Inputs of a price series: which, its estimator, its window and how far it is projected."""

    TABLES: ClassVar[tuple[str, ...]] = (
        "chip_rental_prices",
        "chip_rental_prices_2026",
        "computing_cost_1857_2001",
        "gpu_prices",
        "ml_chips",
        "us_consumer_prices",
    )

    price_year: int | None = price_fields.price_year()
    series: SeriesName = quantity(
        "rental",
        unit="name",
        label="Series",
        why="Rents are today's prices; the series of GPUs ends in 2021.",
    )
    number_format: NumberFormat = quantity(
        "fp32",
        unit="name",
        label="Number format",
        why="Mixing formats moves the trend anywhere between 22% and 68% per year: choose one.",
    )
    rental_chip: str = quantity(ANY_CHIP, unit="name", label="Rented chip")
    commitment: Commitment = quantity("on_demand", unit="name", label="Commitment")
    method: Method = quantity(
        "pooled",
        unit="name",
        label="Estimator",
        why=(
            "Pooled: bands set by the past errors of many series and of this one; it has the best"
            " track record of the methods tried. The local linear trend and exponential smoothing"
            " are statsmodels'."
        ),
    )
    from_year: int | None = quantity(None, unit="year", label="Points from", ge=1850, le=2045)
    to_year: int | None = quantity(None, unit="year", label="Points to", ge=1850, le=2045)
    until_year: int = quantity(2035, unit="year", label="Project to", ge=2010, le=2045)

    @model_validator(mode="after")
    def _years_are_in_order(self) -> Self:
        if (
            self.from_year is not None
            and self.to_year is not None
            and self.from_year > self.to_year
        ):
            raise InputError(
                "from_year",
                self.from_year,
                f"Use a year no later than to_year, which is {self.to_year}.",
            )
        return self

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """The chips to rent."""
        if field == "rental_chip":
            return (ANY_CHIP, *rented_chips(data))
        return super().choices(field, data)

    @property
    def trend_series(self) -> SeriesChoice:
        """The series in use, with what narrows it and nothing that does not."""
        choice = SeriesChoice(self.series, price_year=self.price_year)
        if self.series in ("chips", "efficiency"):
            choice = SeriesChoice(
                self.series, number_format=self.number_format, price_year=self.price_year
            )
        if self.series == "rental":
            choice = SeriesChoice(
                self.series,
                chip=self.rental_chip,
                commitment=self.commitment,
                price_year=self.price_year,
            )
        return choice


@dataclass(frozen=True)
class PriceTrend(Answered):
    """A fitted price series with its projection, in the unit of `points`.

    `points` are those inside the scenario's window, `all_points` the whole series. `trend_bands`
    are for the line itself, `observation_bands` for a new point, both on one grid of years;
    `growth_break` says whether growth has changed, `recent` how rents have moved of late (None:
    not known, or another series).
    """

    scenario: PriceTrendInputs
    points: PriceSeries
    all_points: PriceSeries
    trend: Trend
    trend_bands: Bands
    observation_bands: Bands
    growth_break: Break
    recent: RecentMoves | None = None

    @property
    def doubling(self) -> tuple[float, float, float]:
        """Doubling time (rising series) or halving time (falling) in years, with its 95% interval;
        infinite where the sign is open.
        """
        return self.doubling_within(0.95)

    def doubling_within(self, level: float) -> tuple[float, float, float]:
        """The same with its central interval that holds `level`."""
        return _signed_time(self.trend.slope_oom_per_year, self.points.rises, level)

    @property
    def years_beyond_data(self) -> float:
        """How many years the projection goes beyond the last point used."""
        return max(0.0, self.scenario.until_year - float(self.points.dates[-1]))

    @property
    def observed_years(self) -> float:
        """The span of the points used, in years."""
        return float(self.points.dates[-1] - self.points.dates[0])

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a grid year: quantiles of the trend and of a new observation, in the unit of the
        series.
        """
        columns = {"year": self.trend_bands.x}
        for name, bands in (
            ("trend", self.trend_bands),
            ("new_observation", self.observation_bands),
        ):
            columns |= quantile_columns(name, bands.values)
        frame = pd.DataFrame(columns)
        frame.insert(1, "unit", self.points.unit)
        return frame


def price_trend(scenario: PriceTrendInputs, *, data: DataOrContext | None = None) -> PriceTrend:
    """Fit the scenario's series inside its window and project it to `until_year`.

    Raises NotEnoughDataError when fewer than 5 points are inside the window, UnknownNameError for
    an unknown chip.
    """
    tables = context_of(data).data
    window = (
        None if scenario.from_year is None else float(scenario.from_year),
        None if scenario.to_year is None else float(scenario.to_year),
    )
    fitted = fitted_series(scenario.trend_series, scenario.method, *window, scenario.seed, tables)
    first = math.floor(fitted.points.dates[0])
    last = max(scenario.until_year, math.ceil(fitted.points.dates[-1]))
    steps_per_year = STEPS_PER_YEAR if last - first <= 60 else 1
    years = np.linspace(first, last, (last - first) * steps_per_year + 1)
    trend_bands, observation_bands = (
        Bands(years, np.asarray(fitted.trend.forecast(years, kind=kind).quantile(QUANTILES)))
        for kind in ("trend", "observation")
    )
    return PriceTrend(
        scenario=scenario,
        points=fitted.points,
        all_points=fitted.all_points,
        trend=fitted.trend,
        trend_bands=trend_bands,
        observation_bands=observation_bands,
        growth_break=break_of_series(scenario.trend_series, *window, scenario.seed, tables),
        recent=recent_moves(tables) if scenario.series == "rental" else None,
    )


def _signed_time(slope: Estimate, rises: bool, level: float) -> tuple[float, float, float]:
    """log10(2)/|b| with the interval of b turned over; an end whose slope has the wrong sign is
    infinite.
    """
    sign = 1 if rises else -1
    low, high = slope.interval(level)
    near, far = (high, low) if rises else (low, high)
    return _time(sign * slope.value), _time(sign * near), _time(sign * far)


def _time(slope: float) -> float:
    return math.log10(2) / slope if slope > 0 else math.inf
