"""A cluster: how long a run takes on it, what power it draws, what it costs to own or to rent.

    days   = FLOP/(chips · peak · MFU · 86400)
    power  = chips · TDP · server factor · PUE
    owned  = chips · price · server overhead/(1 − network's share), written off, plus energy
    rented = chips · hours · price of a chip-hour

Beside it stand the largest runs so far and, by their trend, to come (`supplies`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.compute_cost import price_fields
from forecasting.compute_cost.chip_hours import (
    MEAN_LOAD,
    SERVER_POWER_FACTOR,
    ownable_chips,
    rented_chip_hour,
    with_servers_and_network,
)
from forecasting.compute_cost.rental_offers import rented_chips
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.errors import InputError, UnknownNameError
from forecasting.formatting import in_month
from forecasting.planning.input_groups import FirstBudgetInputs, RunConditionInputs
from forecasting.planning.plan_inputs import training_mfu
from forecasting.planning.supplies import LargestRuns, largest_runs
from forecasting.scenario import SeededInputs, quantity
from forecasting.stats.bands import Range
from forecasting.units import HOURS_PER_YEAR, SECONDS_PER_DAY

#: The source article: a cluster of 100,000 H100 was built in so many days.
ARTICLE_BUILD_DAYS = 122


def run_days(training_flop: float, chips: float, peak_flop_per_s: float, mfu: float) -> float:
    """Days that a run takes: FLOP/(chips · peak · MFU · 86400).

    Parameters
    ----------
    training_flop : float
        FLOP of the run.
    chips : float
        How many chips.
    peak_flop_per_s : float
        Peak of a chip, FLOP/s.
    mfu : float
        Model FLOP utilisation, a share above 0 and up to 1.
    """
    return training_flop / (chips * peak_flop_per_s * mfu * SECONDS_PER_DAY)


def cluster_watts(
    chips: float, tdp_watts: float, pue: float, server_factor: float = SERVER_POWER_FACTOR
) -> float:
    """Power of a cluster at full load, in W: chips · TDP · server factor · PUE.

    Parameters
    ----------
    chips : float
        How many chips.
    tdp_watts : float
        Thermal design power of a chip, W.
    pue : float
        Power of the data centre over that of its servers, 1 or more.
    server_factor : float
        Power of a server over that of its chips.
    """
    return chips * tdp_watts * server_factor * pue


class ClusterInputs(FirstBudgetInputs, RunConditionInputs, SeededInputs):
    """Inputs of one large cluster and the run on it."""

    TABLES: ClassVar[tuple[str, ...]] = (
        "ai_models",
        "chip_rental_prices",
        "chip_rental_prices_2026",
        "ml_chips",
        "us_consumer_prices",
    )

    cluster_chips: float = quantity(
        100_000.0,
        unit="chips",
        label="Chips of the cluster",
        why="The source article: 100,000 H100, built in 122 days.",
        ge=1.0,
        le=1e9,
    )
    cluster_chip: str = quantity("NVIDIA H100 SXM5 80GB", unit="name", label="Chip of the cluster")
    cluster_flop: float = quantity(
        5e26,
        unit="FLOP",
        label="Training compute of the run",
        why="Grok 4, 2025-07-09 (Epoch AI's list of models, confidence “speculative”).",
        ge=1e15,
        le=1e36,
    )
    network_share: float = price_fields.interconnect_share("Network's share of hardware cost")
    server_overhead: float = price_fields.server_overhead()
    usd_per_kwh: float = price_fields.usd_per_kwh()
    write_off_years: float = quantity(
        4.0,
        unit="years",
        label="Depreciation period of an owned cluster",
        why="Usual accounting lives of servers: 4 to 6 years.",
        ge=0.5,
        le=20.0,
    )

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """The chips that can be owned."""
        if field == "cluster_chip":
            return ownable_chips(data)
        return super().choices(field, data)


@dataclass(frozen=True)
class ClusterResult(Answered):
    """One cluster and one run on it. Money in USD; `rent_usd_per_chip_hour` is NaN for chips that
    no vendor rents out.

    `year_by_trend` is when the largest clusters reach this many chips by the trend of ai_models
    (80% range); `largest_runs` are the runs so far and to come, by "chips" and by "power".
    """

    scenario: ClusterInputs
    chips: float
    chip: str
    peak_flop_per_s: float
    days: float
    watts: float
    upfront_usd: float
    energy_usd_per_year: float
    owned_usd_per_chip_hour: float
    rent_usd_per_chip_hour: float
    largest_so_far: tuple[float, float, str]
    year_by_trend: Range
    largest_runs: Mapping[str, LargestRuns] = field(repr=False)

    @property
    def owned_run_usd(self) -> float:
        """The run on an owned cluster: its share of the write-off, and energy."""
        return self.owned_usd_per_chip_hour * self.chips * self.days * 24.0

    @property
    def rented_run_usd(self) -> float:
        """The run on rented chips; NaN where no vendor rents them out."""
        return self.rent_usd_per_chip_hour * self.chips * self.days * 24.0

    @property
    def break_even_months(self) -> float:
        """Months of full use after which buying is cheaper than renting; infinite where energy
        alone costs more than the rent.
        """
        saved = self.rent_usd_per_chip_hour * self.chips * HOURS_PER_YEAR - self.energy_usd_per_year
        return 12.0 * self.upfront_usd / saved if saved > 0.0 else math.inf

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a figure, with its unit; below the cluster's own figures the largest run by the
        trend, a row a date, its median as the value and its 80% range.
        """
        rows = [*((*row, *[math.nan] * 3) for row in self._figures()), *self._trend_rows()]
        names = ["figure", "value", "unit", "year", "value_q10", "value_q90"]
        return pd.DataFrame(rows, columns=names)

    @property
    def own_figures(self) -> pd.DataFrame:
        """The rows of the table that are of the cluster itself."""
        return self.table[self.table["year"].isna()]

    def _trend_rows(self) -> list[tuple[str, float, str, float, float, float]]:
        return [
            (
                f"largest run by trend in {runs.unit}, {in_month(year)}",
                median,
                runs.unit,
                year,
                *ends,
            )
            for runs in self.largest_runs.values()
            for year, median, *ends in zip(
                runs.bands.x, runs.bands.median, *runs.bands.interval(0.8), strict=True
            )
        ]

    def _figures(self) -> list[tuple[str, float, str]]:
        return [
            ("chips", self.chips, "chips"),
            ("training compute", self.scenario.cluster_flop, "FLOP"),
            ("days of the run", self.days, "days"),
            ("power at full load", self.watts / 1e6, "MW"),
            ("energy of the run", self.watts * self.days * 24.0 / 1e9 * MEAN_LOAD, "GWh"),
            ("cost of the cluster", self.upfront_usd, "USD"),
            ("… of which network", self.upfront_usd * self.scenario.network_share, "USD"),
            ("energy per year", self.energy_usd_per_year, "USD/year"),
            ("owned: cost per chip-hour", self.owned_usd_per_chip_hour, "USD"),
            ("rented: cost per chip-hour", self.rent_usd_per_chip_hour, "USD"),
            ("owned: cost of the run", self.owned_run_usd, "USD"),
            ("rented: cost of the run", self.rented_run_usd, "USD"),
            ("buying beats renting after", self.break_even_months, "months"),
        ]


def cluster(scenario: ClusterInputs, *, data: DataOrContext | None = None) -> ClusterResult:
    """The scenario's cluster; raises UnknownNameError for a chip whose price, rate or power is not
    known.
    """
    context = context_of(data)
    known = ownable_chips(context.data)
    if scenario.cluster_chip not in known:
        raise UnknownNameError("cluster_chip", scenario.cluster_chip, known)
    table = context.data["ml_chips"]
    row = table[table["chip"] == scenario.cluster_chip].iloc[0]
    peak, tdp, price = (
        float(row[name]) for name in ("tensor_fp16_flop_per_s", "tdp_watts", "price_usd")
    )
    chips = scenario.cluster_chips
    watts = cluster_watts(chips, tdp, scenario.pue)
    upfront = chips * with_servers_and_network(
        price, scenario.server_overhead, scenario.network_share
    )
    energy_a_year = watts * MEAN_LOAD / 1000.0 * HOURS_PER_YEAR * scenario.usd_per_kwh
    rent = math.nan
    if scenario.cluster_chip in rented_chips(context.data):
        try:
            rent = rented_chip_hour(
                scenario.cluster_chip,
                scenario.price_year,
                1,
                context,
                np.random.default_rng(scenario.seed),
            ).usd_per_hour
        except InputError:  # rented once, but not on demand
            rent = math.nan
    largest = {
        key: largest_runs(key, context.data, seed=scenario.seed) for key in ("chips", "power")
    }
    trend = largest["chips"].trend
    date, amount, _ = trend.largest
    slopes = np.maximum(trend.edge.slope_draws, 1e-9)
    reached = date + np.log10(max(chips / amount, 1.0)) / slopes
    return ClusterResult(
        scenario=scenario,
        chips=chips,
        chip=scenario.cluster_chip,
        peak_flop_per_s=peak,
        days=run_days(scenario.cluster_flop, chips, peak, training_mfu(scenario, context)),
        watts=watts,
        upfront_usd=upfront,
        energy_usd_per_year=energy_a_year,
        owned_usd_per_chip_hour=(upfront / scenario.write_off_years + energy_a_year)
        / (chips * HOURS_PER_YEAR),
        rent_usd_per_chip_hour=rent,
        largest_so_far=trend.largest,
        year_by_trend=Range.of_draws(reached, "year"),
        largest_runs=largest,
    )
