r"""Rent or own: what so many chips cost over the years either way, in present value.

.. math:: \mathrm{own}(T) = U + (h + m U + e)\,A(T) - \rho\,U\,10^{-rT} (1 + k)^{-T},\qquad
    A(T) = \int_0^T (1 + k)^{-t}\,dt

.. math:: \mathrm{rent}(T) = u\,p\cdot 8766\int_0^T 10^{-rt}(1 + k)^{-t}\,dt

U is the purchase with servers and network, h hosting, m upkeep, e energy at the hours in use u and
idle, ρ the resale value over that of new chips, r the price trend in OOM a year and k the cost of
capital. With a commitment the rent is paid at all hours, and its price is fixed for its term. The
break-even utilisation is the u at which both cost the same at T; buying has paid back when rent
saved has made up for U, whatever the chips are then worth.

    result = rent_or_own(OwnershipScenario(owned_chips=512))
    result.break_even_utilisation, result.payback_years
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.compute_cost.chip_hours import COMMITTED_FOR, CONTRACTS
from forecasting.context import Context, DataOrContext, context_of
from forecasting.errors import InputError
from forecasting.stats.bands import Bands, Range
from forecasting.supply.ownership_costs import OwnershipCosts, OwnershipPart, Rent, rent_on
from forecasting.supply.ownership_inputs import OwnershipInputs
from forecasting.units import HOURS_PER_YEAR

#: Years over which costs are shown at least.
SHOWN_YEARS = 6.0


@dataclass(frozen=True)
class ContractComparison:
    """Renting on one contract against owning: the rent of a useful chip-hour today, rent over the
    years of use, the utilisation above which owning costs less (infinite: never; NaN where the rent
    does not depend on it), when it pays back, and the share of draws in which owning costs less.
    """

    contract: str
    usd_per_chip_hour: Range
    rent_usd: Range
    break_even_utilisation: Range | None
    payback_years: Range
    owning_wins: float
    basis: str


@dataclass(frozen=True, eq=False)
class RentOrOwn(Answered):
    """Renting or owning `chips` of a chip. Money is in present value, USD of `price_year`.

    `break_even_utilisation` is the share of hours in use above which owning costs less over the
    years of use, 0 where it always does and infinite where it never does; on a commitment, which is
    paid at all hours, the share is that of on-demand rent. `payback_years` is when the rent saved
    has made up for the purchase without resale, infinite where that takes longer than 15 years.
    `owned_bands` and `rented_bands` are cumulative costs by year, `sold_bands` those of owning when
    the chips are sold in that year.
    """

    scenario: OwnershipInputs
    chip: str
    price_year: int
    bought_on: float
    purchase_usd: Range
    running_usd_per_year: Range
    owned_usd: Range
    rented_usd: Range
    owned_usd_per_chip_hour: Range
    rented_usd_per_chip_hour: Range
    break_even_utilisation: Range
    payback_years: Range
    owning_wins: float
    never_share: float
    lost_share: float
    parts: tuple[OwnershipPart, ...]
    contracts: tuple[ContractComparison, ...]
    missing: Mapping[str, str] = field(repr=False)
    owned_bands: Bands = field(repr=False)
    sold_bands: Bands = field(repr=False)
    rented_bands: Mapping[str, Bands] = field(repr=False)

    @property
    def chips(self) -> int:
        """How many chips."""
        return self.scenario.owned_chips

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a year: cumulative cost of owning, of owning and selling then, and of renting on
        each contract, medians and 80% ranges in USD of present value.
        """
        columns: dict[str, FloatArray] = {"years": self.owned_bands.x}
        series = {
            "owned_usd": self.owned_bands,
            "owned_and_sold_usd": self.sold_bands,
            **{f"rented_{name}_usd": bands for name, bands in self.rented_bands.items()},
        }
        for name, bands in series.items():
            low, high = bands.interval(0.8)
            columns |= {f"{name}_q10": low, f"{name}_q50": bands.median, f"{name}_q90": high}
        return pd.DataFrame(columns)


def rent_or_own(scenario: OwnershipInputs, *, data: DataOrContext | None = None) -> RentOrOwn:
    """What the chips of the scenario cost to own and to rent, and where the two meet.

    Raises
    ------
    UnknownNameError
        For a chip whose price, power or rent is not known.
    InputError
        For a contract on which nobody offers the chip, a commitment for a chip that nobody rents on
        demand, and spot chips that are stopped so often that a run hardly gets on.
    """
    context = context_of(data)
    costs = OwnershipCosts(scenario, context)
    rents, missing = _rents(scenario, context)
    chosen = rents[scenario.contract]
    years, grid = scenario.owned_years, _shown_years(scenario.owned_years)
    owned = costs.owned(np.array([years]), scenario.utilisation)[:, 0]
    comparisons = tuple(_comparison(costs, rent, owned) for rent in rents.values())
    mine = next(each for each in comparisons if each.contract == scenario.contract)
    rented = costs.rented(chosen, np.array([years]), scenario.utilisation)[:, 0]
    even = costs.break_even(_by_the_hour(chosen, rents), years)
    hours = scenario.owned_chips * HOURS_PER_YEAR * costs.annuity(np.array([years]))[:, 0]
    used = hours * max(scenario.utilisation, 1e-12)
    return RentOrOwn(
        scenario=scenario,
        chip=costs.chip,
        price_year=costs.price_year,
        bought_on=chosen.date if math.isfinite(chosen.date) else costs.market_date,
        purchase_usd=Range.of_draws(costs.purchase, "USD"),
        running_usd_per_year=Range.of_draws(costs.running(scenario.utilisation), "USD/year"),
        owned_usd=Range.of_draws(owned, "USD"),
        rented_usd=Range.of_draws(rented, "USD"),
        owned_usd_per_chip_hour=Range.of_draws(owned / used, "USD/chip-hour"),
        rented_usd_per_chip_hour=mine.usd_per_chip_hour,
        break_even_utilisation=Range.of_draws(even, "1"),
        payback_years=mine.payback_years,
        owning_wins=mine.owning_wins,
        never_share=float(np.mean(even > 1.0)),
        lost_share=scenario.lost_share if scenario.contract == "spot" else 0.0,
        parts=costs.parts(years, scenario.utilisation),
        contracts=comparisons,
        missing=missing,
        owned_bands=Bands.of_draws(grid, costs.owned(grid, scenario.utilisation, is_sold=False)),
        sold_bands=Bands.of_draws(grid, costs.owned(grid, scenario.utilisation)),
        rented_bands={
            name: Bands.of_draws(grid, costs.rented(rent, grid, scenario.utilisation))
            for name, rent in rents.items()
        },
    )


def _by_the_hour(chosen: Rent, rents: Mapping[str, Rent]) -> Rent:
    """The rent that hours in use are compared with: on demand where all hours are paid for."""
    if not chosen.at_all_hours:
        return chosen
    if "on_demand" not in rents:
        raise InputError(
            "contract",
            f"renting for {COMMITTED_FOR[chosen.contract]}",
            "A commitment is paid for all hours, and nobody rents this chip on demand, so there is"
            " no hourly rent to compare with: choose “On demand” and give your quote there.",
        )
    return rents["on_demand"]


def _shown_years(owned_years: float) -> FloatArray:
    """The years at which cumulative costs are shown, half a year apart."""
    last = max(SHOWN_YEARS, math.ceil(owned_years))
    return np.arange(0.0, last + 0.25, 0.5)


def _rents(scenario: OwnershipInputs, context: Context) -> tuple[dict[str, Rent], dict[str, str]]:
    """The rent on each contract on which the chip is offered, and why it is not on the others; the
    scenario's own contract must be offered.
    """
    rents: dict[str, Rent] = {}
    missing: dict[str, str] = {}
    for contract in CONTRACTS:
        try:
            rents[contract] = rent_on(contract, scenario, context)
        except InputError as error:
            if contract == scenario.contract:
                raise
            missing[contract] = error.remedy
    return rents, missing


def _comparison(costs: OwnershipCosts, rent: Rent, owned: FloatArray) -> ContractComparison:
    scenario = costs.scenario
    years = scenario.owned_years
    rented = costs.rented(rent, np.array([years]), scenario.utilisation)[:, 0]
    even = None if rent.at_all_hours else Range.of_draws(costs.break_even(rent, years), "1")
    return ContractComparison(
        contract=rent.contract,
        usd_per_chip_hour=Range.of_draws(rent.usd_per_chip_hour, "USD/chip-hour"),
        rent_usd=Range.of_draws(rented, "USD"),
        break_even_utilisation=even,
        payback_years=Range.of_draws(costs.payback(rent, scenario.utilisation), "years"),
        owning_wins=float(np.mean(owned < rented)),
        basis=rent.basis,
    )
