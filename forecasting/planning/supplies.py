"""What a run can have at most, by year: chips from the trend of the largest clusters, power from
that of the largest sites, or of the largest draws of runs.

    supply(t) = largest so far · 10^(b·(t − its date)),  b drawn from the trend through the upper
                                                         edge (90% line) of all runs since 2015, or
                                                         of all states of sites

Chips, and power on request, come from the runs of ai_models whose hardware quantity or power draw
is known: a cluster that has trained nothing published does not count. Sites are those of
data_center_timelines as far as they were seen, by the power of the whole facility; what is planned
does not count.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from forecasting.answers import Noted
from forecasting.arrays import FloatArray
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.stats.bands import Bands
from forecasting.stats.distribution import Distribution
from forecasting.stats.estimate import Estimate
from forecasting.stats.sampling import above_zero
from forecasting.trends.trend import Trend, fit_trend
from forecasting.units import decimal_years

FIRST_RUN_YEAR = 2015
COLUMNS = {"chips": "hardware_quantity", "power": "power_watts"}
UNITS = {"chips": "chips", "power": "W", "sites": "W"}
#: What one of a user's own units is in the supply's: own power is given in MW.
OWN_UNITS = {"chips": 1.0, "power": 1e6}
#: The units in which runs are shown, and how much of the supply's own unit one of them is.
SHOWN_UNITS = {"chips": ("chips", 1.0), "power": ("MW", 1e6)}
#: The year to which the trend of the largest runs is carried on, and the dates and draws it takes.
FORECAST_UNTIL, FORECAST_DATES, FORECAST_DRAWS = 2032.0, 15, 400
TITLES = {
    "chips": "Chips of the largest training runs",
    "power": "Power of the largest training runs",
    "sites": "Power of the largest AI sites",
}


@dataclass(frozen=True, eq=False)
class SupplyTrend(Noted):
    """The largest runs so far and how they grow: points (`dates` in decimal years, `values` in
    `unit`, `names`) and the fitted edge.
    """

    key: str
    unit: str
    title: str
    dates: FloatArray
    values: FloatArray
    names: tuple[str, ...]
    edge: Trend = field(repr=False)

    @property
    def largest(self) -> tuple[float, float, str]:
        """Date, amount and name of the largest so far."""
        at = int(np.argmax(self.values))
        return float(self.dates[at]), float(self.values[at]), self.names[at]

    @property
    def growth_per_year(self) -> Estimate:
        """The factor a year."""
        return self.edge.growth_per_year

    @property
    def source(self) -> str:
        """Where the supply comes from, in one sentence."""
        return self.sentence

    def draws(self, years: FloatArray, count: int, rng: np.random.Generator) -> FloatArray:
        """Paths of the supply in its unit, shape (count, years); before the largest so far it is
        held.

        Parameters
        ----------
        years : array of floats, shape (years,)
            Decimal years.
        count : int
            How many paths.
        rng : np.random.Generator
            What the slopes are drawn from.
        """
        date, amount, _ = self.largest
        _, slopes = self.edge.draw_lines(count, rng)
        paths: FloatArray = amount * 10.0 ** np.multiply.outer(
            slopes, np.maximum(years - date, 0.0)
        )
        return paths


@dataclass(frozen=True, eq=False)
class LargestRuns:
    """The runs so far and the largest run to come, by chips or by power.

    Parameters
    ----------
    trend : SupplyTrend
        The runs and their fitted edge, in the supply's own unit.
    unit : str
        "chips" or "MW": the unit of `values`, `largest` and `bands`.
    values : array of floats, shape (runs,)
        The runs so far, at the dates of the trend.
    largest : float
        The largest of them.
    bands : Bands
        The largest run by the trend, from the date of the largest so far to 2032 (decimal years).
    """

    trend: SupplyTrend
    unit: str
    values: FloatArray
    largest: float
    bands: Bands


def largest_runs(key: str, data: DataSet, *, seed: int = 0) -> LargestRuns:
    """The largest run until 2032 by the trend: largest so far · 10^(b·(t − its date)), b drawn.

    Parameters
    ----------
    key : str
        "chips" or "power".
    data : DataSet
        The tables.
    seed : int
        Seed of the draws.
    """
    trend = supply_trend(key, data)
    unit, size = SHOWN_UNITS[key]
    date, amount, _ = trend.largest
    years = np.linspace(date, FORECAST_UNTIL, FORECAST_DATES)
    paths = trend.draws(years, FORECAST_DRAWS, np.random.default_rng(seed)) / size
    return LargestRuns(
        trend, unit, trend.values / size, amount / size, Bands.of_draws(years, paths)
    )


@cached_with
def supply_trend(key: str, data: DataSet) -> SupplyTrend:
    """The trend of "chips" or "power", of runs, or of "sites"."""
    if key == "sites":
        table = data["data_center_timelines"]
        table, name = table[table["projected"] == 0], "data_center"
        values = table["facility_power_mw"].to_numpy(dtype=np.float64) * OWN_UNITS["power"]
    else:
        table, name = data["ai_models"], "model"
        values = table[COLUMNS[key]].to_numpy(dtype=np.float64)
    dates = decimal_years(table["date"].to_numpy())
    used = (values > 0.0) & (dates >= FIRST_RUN_YEAR)
    order = np.argsort(dates[used], kind="stable")
    dates, values = dates[used][order], values[used][order]
    names = tuple(str(name) for name in table[name].to_numpy()[used][order])
    return SupplyTrend(
        key,
        UNITS[key],
        TITLES[key],
        dates,
        values,
        names,
        fit_trend(dates, values, method="frontier"),
    )


def drawn_supply(
    key: str,
    source: str,
    own: Distribution,
    years: FloatArray,
    normals: FloatArray,
    rng: np.random.Generator,
    data: DataSet,
) -> FloatArray:
    """Paths of a supply in its own unit (chips or W), shape (draws, years).

    Parameters
    ----------
    key : str
        "chips" or "power".
    source : str
        "trend" (of runs), "sites", "own" (level over the years) or "unlimited" (infinite).
    own : Distribution
        One's own amount, in chips or MW.
    years : array of floats, shape (years,)
        Decimal years.
    normals : array of floats, shape (draws,)
        Normal deviates of one's own amount.
    rng : np.random.Generator
        What the trend is drawn from.
    data : DataSet
        The tables.
    """
    shape = (normals.size, years.size)
    trend = supply_trend("sites" if source == "sites" else key, data)
    paths = trend.draws(years, normals.size, rng)
    if source in ("trend", "sites"):
        return paths
    if source == "own":
        return np.broadcast_to(OWN_UNITS[key] * above_zero(own, normals)[:, None], shape)
    return np.full(shape, np.inf)
