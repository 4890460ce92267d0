r"""What a FLOP costs over the years, as equally likely paths.

.. math:: \mathrm{usd\_per\_flop} =
    \frac{\mathrm{usd\ per\ chip\ hour}}{3600\cdot\mathrm{peak}\cdot\mathrm{MFU}}

    rented   the median offer of the last observed quarter on the contract's terms; on spot chips
             over the share of time that is not lost to preemption
    owned    amortised hardware with servers and interconnect, plus energy (Cottier et al. 2024,
             arXiv:2405.21015)

Both move along the price trends of `price_series`; energy along the trend of FLOP/s per watt.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal, get_args

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.compute_cost import price_fields
from forecasting.compute_cost.chip_hours import (
    BEST_CHIP,
    ChipHour,
    Contract,
    ownable_chips,
    owned_chip_hour,
    rented_chip_hour,
)
from forecasting.compute_cost.fitted_series import fitted_series
from forecasting.compute_cost.lost_work import LostWorkFields
from forecasting.compute_cost.price_fields import PriceMethod, TrendName
from forecasting.compute_cost.price_series import SeriesChoice
from forecasting.compute_cost.rental_offers import rented_chips
from forecasting.context import Context, DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.errors import InputError
from forecasting.scenario import SeededInputs, quantity
from forecasting.stats.sampling import lognormal_about
from forecasting.units import SECONDS_PER_HOUR

DRAWS = 2000
#: A run that loses more than all but this share of its hours is refused.
MIN_USEFUL = 0.01
#: The price trends that projections may follow; "mixed" draws from all three in equal parts, so
#: that the range holds their disagreement.
PRICE_TRENDS: dict[TrendName, tuple[SeriesChoice, ...]] = {
    "gpu": (SeriesChoice("gpu"),),
    "chips": (SeriesChoice("chips"),),
    "rental": (SeriesChoice("rental"),),
}
PRICE_TRENDS["mixed"] = tuple(choice for choices in PRICE_TRENDS.values() for choice in choices)
#: What energy per FLOP follows.
EFFICIENCY = SeriesChoice("efficiency", number_format="tensor_fp16")


class ComputePriceInputs(LostWorkFields, SeededInputs):
    """Inputs of the price of compute: convention, chip, trend and utilisation."""

    TABLES: ClassVar[tuple[str, ...]] = (
        "chip_rental_prices",
        "chip_rental_prices_2026",
        "gpu_prices",
        "ml_chips",
        "us_consumer_prices",
    )

    convention: Literal["rented", "owned"] = quantity(
        "rented",
        unit="name",
        label="Price of compute",
        why=(
            "Rented: on-demand price per chip-hour. Owned: amortised hardware and energy. The two"
            " differ and are never mixed."
        ),
    )
    contract: Contract = price_fields.contract()
    chip: str = price_fields.chip()
    price_trend: TrendName = price_fields.price_trend()
    price_method: PriceMethod = price_fields.price_method()
    mfu: float = price_fields.training_mfu(price_fields.MFU_OF_ALL_RUNS)
    mfu_factor: float = price_fields.mfu_factor()
    usd_per_kwh: float = price_fields.usd_per_kwh()
    pue: float = price_fields.pue()
    server_overhead: float = price_fields.server_overhead()
    interconnect_share: float = price_fields.interconnect_share()
    depreciation_oom_per_year: float = quantity(
        0.14,
        unit="OOM/year",
        label="Loss of value of owned chips",
        why="Cottier et al. 2024: 0.14.",
        ge=0.01,
        le=1.0,
    )
    price_year: int | None = price_fields.price_year()

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """The chips to rent or own."""
        if field == "chip":
            return (BEST_CHIP, *sorted({*rented_chips(data), *ownable_chips(data)}))
        return super().choices(field, data)


@dataclass(frozen=True, eq=False)
class ComputePriceDraws:
    """Draws of the price of compute: `usd_per_flop` of shape (draws, years) at the drawn MFU;
    `slopes` (OOM a year by which compute per dollar grows), `energy_slopes` (the same per watt)
    and `mfu` of shape (draws,).
    """

    chip_hour: ChipHour
    years: FloatArray
    slopes: FloatArray
    energy_slopes: FloatArray
    mfu: FloatArray
    usd_per_flop: FloatArray


def compute_price_draws(
    scenario: ComputePriceInputs, years: FloatArray, *, data: DataOrContext | None = None
) -> ComputePriceDraws:
    """DRAWS equally likely paths of the price of compute, by the scenario's convention, chip, trend
    and MFU.

    Parameters
    ----------
    scenario : ComputePriceInputs
        The inputs; its seed fixes the draws.
    years : array of floats, shape (years,)
        Decimal years.
    data : DataSet, Context or None
        The tables and one's own prices; None: the bundled tables.
    """
    context = context_of(data)
    return drawn_price(
        scenario, np.asarray(years, dtype=np.float64), context, np.random.default_rng(scenario.seed)
    )


def price_trends_of_all_methods(data: DataOrContext | None = None) -> None:
    """Fit the trends behind the price of compute by every method, so that whoever chooses another
    one does not wait for its fits, which are remembered.

    Parameters
    ----------
    data : DataSet, Context or None
        The tables; None: the bundled tables.
    """
    tables = context_of(data).data
    for method in get_args(PriceMethod):
        scenario = ComputePriceInputs(price_method=method)
        for choice in (*PRICE_TRENDS[scenario.price_trend], EFFICIENCY):
            _slopes(choice, DRAWS, scenario, tables)


def drawn_price(
    scenario: ComputePriceInputs, years: FloatArray, context: Context, rng: np.random.Generator
) -> ComputePriceDraws:
    """The same paths, drawn from a generator that may draw on from there.

    Parameters
    ----------
    scenario : ComputePriceInputs
        The inputs.
    years : array of floats, shape (years,)
        Decimal years.
    context : Context
        The tables, and one's own prices.
    rng : np.random.Generator
        What they are drawn from.
    """
    chip_hour = _chip_hour(scenario, context, rng)
    slopes = rng.permutation(_price_slopes(scenario, context.data))
    energy_slopes = rng.permutation(_slopes(EFFICIENCY, DRAWS, scenario, context.data))
    middle = middle_mfu(scenario.mfu, ComputePriceInputs.defaults()["mfu"], context)
    mfu = np.minimum(1.0, lognormal_about(middle, scenario.mfu_factor, 0.8, DRAWS, rng))
    usd_per_flop = price_of_flop(
        chip_hour,
        years,
        hardware_usd=chip_hour.hardware_usd[:, None],
        slopes=slopes[:, None],
        energy_slopes=energy_slopes[:, None],
        mfu=mfu[:, None],
    )
    return ComputePriceDraws(chip_hour, years, slopes, energy_slopes, mfu, usd_per_flop)


def price_of_flop(
    chip_hour: ChipHour,
    years: FloatArray | float,
    *,
    hardware_usd: FloatArray,
    slopes: FloatArray,
    energy_slopes: FloatArray,
    mfu: FloatArray,
) -> FloatArray:
    """USD per FLOP on these chips; the shape is what the arrays broadcast to.

    Parameters
    ----------
    chip_hour : ChipHour
        The chip-hour at its date: peak, and USD of energy.
    years : array of floats, or float
        Decimal years.
    hardware_usd : array of floats
        USD of a chip-hour at that date, without the energy.
    slopes, energy_slopes : array of floats
        OOM a year by which compute per dollar and per watt grow.
    mfu : array of floats
        Model FLOP utilisation, a share.
    """
    since = years - chip_hour.date
    per_flop_hour = 1 / (SECONDS_PER_HOUR * chip_hour.peak_flop_per_s * mfu)
    usd_per_flop: FloatArray = per_flop_hour * (
        hardware_usd * 10 ** (-slopes * since)
        + chip_hour.energy_usd * 10 ** (-energy_slopes * since)
    )
    return usd_per_flop


def middle_mfu(mfu: float, default: float, context: Context) -> float:
    """The MFU to draw about: one's own takes the place of the default; who has set another one for
    a scenario means that.

    Parameters
    ----------
    mfu : float
        The scenario's model FLOP utilisation, a share.
    default : float
        The scenario's default of it.
    context : Context
        One's own prices, which may hold an MFU.
    """
    own = context.prices.mfu if context.prices is not None else None
    return own if own is not None and mfu == default else mfu


def _chip_hour(
    scenario: ComputePriceInputs, context: Context, rng: np.random.Generator
) -> ChipHour:
    if scenario.convention == "rented":
        useful = _useful_share(scenario) if scenario.contract == "spot" else 1.0
        rented = rented_chip_hour(
            scenario.chip, scenario.price_year, DRAWS, context, rng, scenario.contract
        )
        return rented if scenario.contract != "spot" else _of_useful_hours(rented, useful)
    return owned_chip_hour(
        scenario.chip,
        DRAWS,
        context.data,
        depreciation_oom_per_year=scenario.depreciation_oom_per_year,
        server_overhead=scenario.server_overhead,
        interconnect_share=scenario.interconnect_share,
        usd_per_kwh=scenario.usd_per_kwh,
        pue=scenario.pue,
    )


def _useful_share(fields: LostWorkFields) -> float:
    """The share of hours whose work is not lost; raises InputError where next to none is."""
    useful = 1.0 - fields.lost_share
    if useful < MIN_USEFUL:
        raise InputError(
            "preemptions_per_day",
            fields.preemptions_per_day,
            "With so many interruptions a run makes almost no progress: use fewer stops, a shorter"
            " interval between checkpoints or a faster restart.",
        )
    return useful


def _of_useful_hours(chip_hour: ChipHour, useful: float) -> ChipHour:
    """The price of an hour whose work is not lost."""
    return replace(
        chip_hour,
        hardware_usd=chip_hour.hardware_usd / useful,
        usd_per_hour=chip_hour.usd_per_hour / useful,
        basis=f"{chip_hour.basis}, over the {useful:.1%} of hours that preemption leaves",
    )


def _price_slopes(scenario: ComputePriceInputs, data: DataSet) -> FloatArray:
    choices = PRICE_TRENDS[scenario.price_trend]
    counts = [DRAWS // len(choices) + (i < DRAWS % len(choices)) for i in range(len(choices))]
    return np.concatenate(
        [
            _slopes(choice, count, scenario, data)
            for choice, count in zip(choices, counts, strict=True)
        ]
    )


def _slopes(
    choice: SeriesChoice, count: int, scenario: ComputePriceInputs, data: DataSet
) -> FloatArray:
    trend = fitted_series(choice, scenario.price_method, None, None, scenario.seed, data).trend
    _, slopes = trend.draw_lines(count, np.random.default_rng(scenario.seed))
    return slopes
