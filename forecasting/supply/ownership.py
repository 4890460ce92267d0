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
from forecasting.compute_cost.chip_hours import (
    COMMITTED_FOR,
    CONTRACTS,
    MEAN_LOAD,
    SERVER_POWER_FACTOR,
    rented_chip_hour,
)
from forecasting.compute_cost.compute_price import (
    DRAWS,
    ComputePriceInputs,
    compute_price_draws,
)
from forecasting.context import Context, DataOrContext, context_of
from forecasting.data.inflation import price_year_in_use
from forecasting.errors import InputError, UnknownNameError
from forecasting.stats.bands import Bands, Range
from forecasting.stats.sampling import above_zero, lognormal_about, stratified_normals
from forecasting.supply.chip_costs import chip_cost
from forecasting.supply.ownership_inputs import OwnershipInputs, chips_to_own
from forecasting.units import HOURS_PER_YEAR

MONTHS_PER_YEAR = 12.0
STREAM_KEY = 2046
#: How far ahead buying may pay back, and the steps in which that is looked for (years).
LONGEST_PAYBACK, STEPS_PER_YEAR = 15.0, 8
#: Years over which costs are shown at least.
SHOWN_YEARS = 6.0
#: For how many years each commitment fixes its price.
TERM_YEARS: Mapping[str, float] = {"one_year": 1.0, "three_year": 3.0}
#: Chip-hours of which less than this share is useful are not worth a price.
MIN_USEFUL = 0.01


@dataclass(frozen=True, eq=False)
class Rent:
    """The rent of all chips on one contract: `usd_per_chip_hour` at the start (drawn, of useful
    hours), whether it is paid at all hours, for how long its price is fixed (0: it moves with the
    market), and the date of the offers (decimal year; NaN for a quote of one's own).
    """

    contract: str
    usd_per_chip_hour: FloatArray
    at_all_hours: bool
    fixed_years: float
    basis: str
    date: float


@dataclass(frozen=True)
class OwnershipPart:
    """One part of what owning costs: its name, present value in USD over the years of use (medians;
    resale is negative), and what it rests on.
    """

    name: str
    usd: float


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
    costs = _Costs(scenario, context)
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
            "A commitment is paid at all hours, and nobody rents this chip on demand, so there is"
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
            rents[contract] = _rent(scenario, contract, context)
        except InputError as error:
            if contract == scenario.contract:
                raise
            missing[contract] = error.remedy
    return rents, missing


def _rent(scenario: OwnershipInputs, contract: str, context: Context) -> Rent:
    useful = 1.0 - scenario.lost_share if contract == "spot" else 1.0
    if useful < MIN_USEFUL:
        raise InputError(
            "preemptions_per_day",
            scenario.preemptions_per_day,
            "With so many interruptions a run makes almost no progress: use fewer stops, a shorter"
            " interval between checkpoints or a faster restart.",
        )
    if contract == scenario.contract and scenario.rent_usd_per_chip_hour is not None:
        usd, basis = np.full(DRAWS, scenario.rent_usd_per_chip_hour), "your own quote"
        date = math.nan
    else:
        hour = rented_chip_hour(
            scenario.owned_chip,
            scenario.price_year,
            DRAWS,
            context,
            np.random.default_rng(scenario.seed),
            contract,
        )
        usd, basis, date = hour.hardware_usd, hour.basis, hour.date
    if useful < 1.0:
        basis += f", over the {useful:.1%} of hours that preemption leaves"
    return Rent(
        contract,
        usd / useful,
        at_all_hours=contract in COMMITTED_FOR,
        fixed_years=TERM_YEARS.get(contract, 0.0),
        basis=basis,
        date=date,
    )


class _Costs:
    """Draws of what owning takes, and present values of both ways. Arrays are of shape (draws,) and
    (draws, years).
    """

    def __init__(self, scenario: OwnershipInputs, context: Context) -> None:
        self.scenario = scenario
        self.chip, data = scenario.owned_chip, context.data
        if self.chip not in chips_to_own(data):
            raise UnknownNameError("owned_chip", self.chip, chips_to_own(data))
        self.price_year = price_year_in_use(scenario.price_year, data)
        price, self.tdp_watts = chip_cost(self.chip, self.price_year, data)
        prices = compute_price_draws(
            ComputePriceInputs(
                seed=scenario.seed,
                price_trend=scenario.price_trend,
                price_method=scenario.price_method,
                price_year=scenario.price_year,
            ),
            np.array([]),
            data=data,
        )
        #: Where nobody quotes the chip itself, what is bought today is bought when others were.
        self.market_date = prices.chip_hour.date
        normals = stratified_normals(2, DRAWS, [scenario.seed, STREAM_KEY])
        self.slopes = (
            np.log10(above_zero(scenario.own_decline, normals[1]))
            if scenario.decline_from == "own"
            else prices.slopes
        )
        rng = np.random.default_rng([scenario.seed, STREAM_KEY, 1])
        chip_usd = (
            np.full(DRAWS, scenario.chip_usd)
            if scenario.chip_usd is not None
            else lognormal_about(price, scenario.chip_usd_factor, 0.8, DRAWS, rng)
        )
        chips = float(scenario.owned_chips)
        self.chips_usd = chips * chip_usd
        if scenario.system_usd_per_chip is not None:
            self.servers_usd = np.full(DRAWS, chips * scenario.system_usd_per_chip)
            self.network_usd = np.zeros(DRAWS)
        else:
            self.servers_usd = self.chips_usd * (scenario.server_overhead - 1.0)
            share = scenario.interconnect_share / (1.0 - scenario.interconnect_share)
            self.network_usd = (self.chips_usd + self.servers_usd) * share
        self.resale = np.clip(above_zero(scenario.resale_share, normals[0]), 0.0, 1.0)
        self.ln_capital = math.log1p(scenario.cost_of_capital)
        self._paid_before: dict[tuple[float, bytes], FloatArray] = {}

    @property
    def purchase(self) -> FloatArray:
        """Chips, servers and network."""
        result: FloatArray = self.chips_usd + self.servers_usd + self.network_usd
        return result

    @property
    def server_kw(self) -> float:
        """Power of the servers at full load, in kW."""
        return self.scenario.owned_chips * self.tdp_watts * SERVER_POWER_FACTOR / 1000.0

    def energy_usd(self, utilisation: float) -> float:
        """Energy in a year."""
        s = self.scenario
        load = MEAN_LOAD * (s.idle_power + (1.0 - s.idle_power) * utilisation)
        return self.server_kw * load * s.pue * HOURS_PER_YEAR * s.usd_per_kwh

    @property
    def hosting_usd(self) -> float:
        """Hosting in a year."""
        return self.server_kw * self.scenario.hosting_usd_per_kw_month * MONTHS_PER_YEAR

    @property
    def upkeep_usd(self) -> FloatArray:
        """Staff, spares and repairs in a year."""
        result: FloatArray = self.purchase * self.scenario.upkeep_share
        return result

    def running(self, utilisation: float) -> FloatArray:
        """What a year of owning costs beside the purchase."""
        result: FloatArray = self.upkeep_usd + self.hosting_usd + self.energy_usd(utilisation)
        return result

    def annuity(self, years: FloatArray) -> FloatArray:
        """The present value of a dollar a year up to each of `years`, of shape (1, years)."""
        k = self.ln_capital
        value: FloatArray = years if k == 0.0 else -np.expm1(-k * years) / k
        return value[None, :]

    def resale_usd(self, years: FloatArray) -> FloatArray:
        """The present value of what the hardware sells for in each of `years`."""
        falls = self.slopes[:, None] * math.log(10.0) + self.ln_capital
        result: FloatArray = (self.purchase * self.resale)[:, None] * np.exp(-falls * years)
        return result

    def owned(self, years: FloatArray, utilisation: float, *, is_sold: bool = True) -> FloatArray:
        """The present value of owning up to each of `years`."""
        cost = self.purchase[:, None] + self.running(utilisation)[:, None] * self.annuity(years)
        result: FloatArray = cost - self.resale_usd(years) if is_sold else cost
        return result

    def rented(self, rent: Rent, years: FloatArray, utilisation: float) -> FloatArray:
        """The present value of renting up to each of `years`."""
        hours = self.scenario.owned_chips * HOURS_PER_YEAR
        share = 1.0 if rent.at_all_hours else utilisation
        yearly = (hours * share * rent.usd_per_chip_hour)[:, None]
        # Contracts whose price moves with the market share its path.
        key = rent.fixed_years, years.tobytes()
        if key not in self._paid_before:
            self._paid_before[key] = self._paid(rent.fixed_years, years)
        result: FloatArray = yearly * self._paid_before[key]
        return result

    def _paid(self, fixed_years: float, years: FloatArray) -> FloatArray:
        """The present value of a rent of a dollar a year that falls by the price trend, at once or
        whenever it is fixed again.
        """
        falls = self.slopes[:, None] * math.log(10.0)
        if not fixed_years:
            rate = falls + self.ln_capital
            with np.errstate(divide="ignore", invalid="ignore"):
                paid = -np.expm1(-rate * years) / rate
            moving: FloatArray = np.where(np.abs(rate) < 1e-12, years, paid)
            return moving
        total = np.zeros((self.slopes.size, years.size))
        for term in range(math.ceil(float(years.max()) / fixed_years)):
            start = np.minimum(years, term * fixed_years)
            end = np.minimum(years, (term + 1) * fixed_years)
            total += np.exp(-falls * term * fixed_years) * (self.annuity(end) - self.annuity(start))
        return total

    def break_even(self, rent: Rent, years: float) -> FloatArray:
        """The utilisation at which owning and a rent for hours in use cost the same; 0 where owning
        always costs less, infinite where it never does.
        """
        at = np.array([years])
        idle = self.owned(at, 0.0)[:, 0]
        per_use = (self.energy_usd(1.0) - self.energy_usd(0.0)) * self.annuity(at)[0, 0]
        saved = self.rented(rent, at, 1.0)[:, 0] - per_use
        with np.errstate(divide="ignore", invalid="ignore"):
            even: FloatArray = np.where(saved > 0.0, np.maximum(idle, 0.0) / saved, np.inf)
        return even

    def payback(self, rent: Rent, utilisation: float) -> FloatArray:
        """When the rent saved has made up for the purchase, without resale; infinite beyond
        LONGEST_PAYBACK.
        """
        years = np.linspace(0.0, LONGEST_PAYBACK, int(LONGEST_PAYBACK * STEPS_PER_YEAR) + 1)
        ahead = self.rented(rent, years, utilisation) - self.owned(
            years, utilisation, is_sold=False
        )
        met = ahead >= 0.0
        at = np.argmax(met, axis=1)
        rows = np.arange(at.size)
        before, after = ahead[rows, np.maximum(at - 1, 0)], ahead[rows, at]
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.where(at > 0, -before / (after - before), 0.0)
        step = years[1]
        result: FloatArray = np.where(
            met.any(axis=1), np.maximum(years[at] - step + part * step, 0.0), np.inf
        )
        return result

    def parts(self, years: float, utilisation: float) -> tuple[OwnershipPart, ...]:
        """What owning over so many years is made of, medians of present values."""
        at = np.array([years])
        annuity = float(self.annuity(at)[0, 0])
        drawn = {
            "chips": self.chips_usd,
            "servers": self.servers_usd,
            "network": self.network_usd,
            "energy": np.full(1, self.energy_usd(utilisation) * annuity),
            "hosting": np.full(1, self.hosting_usd * annuity),
            "upkeep": self.upkeep_usd * annuity,
            "resale": -self.resale_usd(at)[:, 0],
        }
        return tuple(OwnershipPart(name, float(np.median(usd))) for name, usd in drawn.items())


def _comparison(costs: _Costs, rent: Rent, owned: FloatArray) -> ContractComparison:
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
