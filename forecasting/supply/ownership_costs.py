"""What owning chips and renting them costs up to each year, in draws of present values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.compute_cost.chip_hours import (
    COMMITTED_FOR,
    MEAN_LOAD,
    SERVER_POWER_FACTOR,
    rented_chip_hour,
)
from forecasting.compute_cost.compute_price import (
    DRAWS,
    ComputePriceInputs,
    compute_price_draws,
)
from forecasting.context import Context
from forecasting.data.inflation import price_year_in_use
from forecasting.data.result_cache import results_of
from forecasting.errors import InputError, UnknownNameError
from forecasting.stats.sampling import above_zero, lognormal_about, stratified_normals
from forecasting.supply.chip_costs import chip_cost
from forecasting.supply.ownership_inputs import OwnershipInputs, chips_to_own
from forecasting.units import HOURS_PER_YEAR

MONTHS_PER_YEAR = 12.0
STREAM_KEY = 2046
#: How far ahead buying may pay back, and the steps in which that is looked for (years).
LONGEST_PAYBACK, STEPS_PER_YEAR = 15.0, 8
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


def rent_on(contract: str, scenario: OwnershipInputs, context: Context) -> Rent:
    """The rent of the scenario's chip on a contract.

    Parameters
    ----------
    contract : str
        One of CONTRACTS.
    scenario : OwnershipInputs
        The inputs.
    context : Context
        The tables, and one's own prices.

    Raises
    ------
    InputError
        For a contract on which nobody offers the chip, and spot chips that are stopped so often
        that a run hardly gets on.
    """
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
        hour = context.results.get(
            ("rent", scenario.owned_chip, scenario.price_year, contract, scenario.seed),
            lambda: rented_chip_hour(
                scenario.owned_chip,
                scenario.price_year,
                DRAWS,
                context,
                np.random.default_rng(scenario.seed),
                contract,
            ),
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


class OwnershipCosts:
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
        inputs = ComputePriceInputs(
            seed=scenario.seed,
            price_trend=scenario.price_trend,
            price_method=scenario.price_method,
            price_year=scenario.price_year,
        )
        prices = results_of(data).get(
            ("prices of owning", inputs),
            lambda: compute_price_draws(inputs, np.array([]), data=data),
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
        """The present value of owning up to each of `years`, of shape (draws, years).

        Parameters
        ----------
        years : array of floats, shape (years,)
            How long the chips are owned.
        utilisation : float
            Share of hours in use.
        is_sold : bool
            Whether they are sold then.
        """
        cost = self.purchase[:, None] + self.running(utilisation)[:, None] * self.annuity(years)
        result: FloatArray = cost - self.resale_usd(years) if is_sold else cost
        return result

    def rented(self, rent: Rent, years: FloatArray, utilisation: float) -> FloatArray:
        """The present value of renting up to each of `years`, of shape (draws, years).

        Parameters
        ----------
        rent : Rent
            The contract.
        years : array of floats, shape (years,)
            For how long.
        utilisation : float
            Share of hours in use.
        """
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
