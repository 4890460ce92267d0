"""How many chips meet a demand, what they cost a month and a million tokens, and from which volume
on that is cheaper than buying the tokens.

served_demand(ServedDemandScenario(requests_per_day=1e6)).chips
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.context import Context, DataOrContext, context_of
from forecasting.scenario import Scenario, SeededInputs
from forecasting.serving.bought_tokens import BoughtInputs, BoughtModel, bought_model
from forecasting.serving.buy_or_serve import break_even
from forecasting.serving.fleet import Fleet, fleet_of, replicas_for
from forecasting.serving.rented_chips import RentedChip, RentedChipInputs, rented_chip_of
from forecasting.serving.replica import Replica
from forecasting.serving.service_inputs import ServedDemandInputs, Service
from forecasting.stats.bands import QUANTILES, Range, quantile_columns
from forecasting.stats.quantiles import quantile_of
from forecasting.units import DAYS_PER_YEAR, HOURS_PER_YEAR

MONTHS_PER_YEAR = 12.0
HOURS_PER_MONTH, DAYS_PER_MONTH = HOURS_PER_YEAR / MONTHS_PER_YEAR, DAYS_PER_YEAR / MONTHS_PER_YEAR
USD_PER_MTOK = "USD/10⁶ tokens"
#: Requests a day over which chips are shown.
REQUESTS = np.geomspace(1e3, 1e10, 211)


class BuyOrServeInputs(ServedDemandInputs, RentedChipInputs, BoughtInputs, SeededInputs):
    """A demand, the service that meets it, what its chips cost and what is bought instead."""


class ServedDemandScenario(BuyOrServeInputs, Scenario):
    """The same with a name, for use without a page."""

    NAME: ClassVar[str] = "served-demand"


@dataclass(frozen=True, eq=False)
class ServedDemand(Answered):
    """A demand met by chips of one's own: chips, cost and break-even with 80% ranges over how far
    measured throughput lies from the model of serving, and over utilisation.

    Dollars a million tokens are the month's bill over the month's tokens, idle hours and spares
    included, divided by the time that reading and writing take; of input None without any;
    `blended` are the whole bill over the tokens written.
    `break_even_requests_per_day` is where serving becomes cheaper for good, infinite where it never
    does; `never_share` the share of draws in which it never does. Without a list price all of that
    and `bought` are None.
    """

    scenario: BuyOrServeInputs
    service: Service
    fleet: Fleet = field(repr=False)
    rent: RentedChip
    chips: Range
    usd_per_month: Range
    usd_per_million_tokens_out: Range
    usd_per_million_tokens_in: Range | None
    usd_per_million_tokens_blended: Range
    bought: BoughtModel | None
    bought_usd_per_month: float | None
    break_even_requests_per_day: Range | None
    never_share: float | None

    @property
    def replica(self) -> Replica:
        """The best replica at the middle efficiency."""
        return self.fleet.replica

    @property
    def usd_per_month_of_chip(self) -> float:
        """What a chip costs in a month."""
        return self.rent.usd_per_chip_hour * HOURS_PER_MONTH

    @cached_property
    def chips_by_requests(self) -> FloatArray:
        """Chips at REQUESTS a day, quantiles of shape (7, len(REQUESTS)) at QUANTILES."""
        slowest = quantile_of(self.fleet.per_daily_request, QUANTILES, "nearest")
        needed = replicas_for(REQUESTS, slowest[:, None])
        result: FloatArray = self.replica.chips * (needed + self.scenario.spare_replicas)
        return result

    @property
    def bought_by_requests(self) -> FloatArray | None:
        """The bill for bought tokens at REQUESTS a day, in USD a month."""
        if self.bought is None:
            return None
        bill: FloatArray = REQUESTS * DAYS_PER_MONTH * self.bought.usd_per_request
        return bill

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a number of requests a day: chips, their cost, and the bill for bought tokens."""
        columns: dict[str, FloatArray] = {"requests_per_day": REQUESTS}
        columns |= quantile_columns("chips", self.chips_by_requests)
        columns |= quantile_columns(
            "usd_per_month", self.chips_by_requests * self.usd_per_month_of_chip
        )
        if self.bought_by_requests is not None:
            columns["bought_usd_per_month"] = self.bought_by_requests
        return pd.DataFrame(columns)

    def break_even_with(self, bought: BoughtModel) -> tuple[Range, float]:
        """From how many requests a day on serving is cheaper for good than buying these tokens, and
        the share of draws in which it never is.
        """
        with np.errstate(divide="ignore"):
            met = break_even(
                usd_per_month_of_daily_request=DAYS_PER_MONTH * bought.usd_per_request,
                usd_per_month_of_replica=self.replica.chips * self.usd_per_month_of_chip,
                requests_per_day_of_replica=1.0 / self.fleet.per_daily_request,
                spare_replicas=self.scenario.spare_replicas,
            ).lasting
        return Range.of_draws(met, "requests/day"), float(np.isinf(met).mean())


def served_demand(scenario: BuyOrServeInputs, *, data: DataOrContext | None = None) -> ServedDemand:
    """The scenario's demand on the best replica within its limits, beside a list price.

    Raises InputError where the model does not fit on a replica, no batch meets the limits, or the
    chip is not offered on the terms.
    """
    context = context_of(data)
    service = scenario.service(context.data)
    bought = bought_model(scenario, scenario, context.data)
    return demand_on(service, scenario, context, bought)


def demand_on(
    service: Service, scenario: BuyOrServeInputs, context: Context, bought: BoughtModel | None
) -> ServedDemand:
    """The demand on a service.

    Parameters
    ----------
    service : Service
        The model on its chip, which may be another than the scenario's.
    scenario : BuyOrServeInputs
        The demand and the limits.
    context : Context
        The tables, and prices of the user's own.
    bought : BoughtModel or None
        What is bought instead.
    """
    fleet = fleet_of(service, scenario, scenario.seed)
    rent = rented_chip_of(scenario, service.served.chip.name, context)
    requests = scenario.requests_per_day
    chips = fleet.chips(requests, scenario.spare_replicas)
    usd = chips * rent.usd_per_chip_hour * HOURS_PER_MONTH
    mtok = requests * DAYS_PER_MONTH * np.array([scenario.tokens_in, scenario.tokens_out]) / 1e6
    with np.errstate(divide="ignore", invalid="ignore"):
        blended = usd / mtok[1]
        usd_in, usd_out = (
            np.where(np.isinf(usd), math.inf, usd * share / each)
            for share, each in zip(
                (fleet.reading_share, 1.0 - fleet.reading_share), mtok, strict=True
            )
        )
    result = ServedDemand(
        scenario=scenario,
        service=service,
        fleet=fleet,
        rent=rent,
        chips=Range.of_draws(chips, "chips"),
        usd_per_month=Range.of_draws(usd, "USD/month"),
        usd_per_million_tokens_out=Range.of_draws(usd_out, USD_PER_MTOK),
        usd_per_million_tokens_in=(
            Range.of_draws(usd_in, USD_PER_MTOK) if scenario.tokens_in else None
        ),
        usd_per_million_tokens_blended=Range.of_draws(blended, USD_PER_MTOK),
        bought=bought,
        bought_usd_per_month=None,
        break_even_requests_per_day=None,
        never_share=None,
    )
    if bought is None:
        return result
    met, never = result.break_even_with(bought)
    return replace(
        result,
        bought_usd_per_month=requests * DAYS_PER_MONTH * bought.usd_per_request,
        break_even_requests_per_day=met,
        never_share=never,
    )
