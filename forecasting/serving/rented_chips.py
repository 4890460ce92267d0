"""What an hour of a chip costs that models are served on: the middle of what vendors ask today, a
contract of one's own, or a price that is given.

price = rented_chip("NVIDIA H100 SXM", "on_demand", bundled())
price.usd_per_chip_hour, price.vendors
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import pandas as pd

from forecasting.compute_cost.rental_offers import COMMITMENT_LABELS, rental_offers
from forecasting.context import Context
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.errors import InputError
from forecasting.scenario import Inputs, quantity

Terms = Literal["on_demand", "spot", "marketplace", "one_year", "three_year", "own_price"]
#: The names in the tables of rents of the chips that models are served on.
RENTED_AS: Mapping[str, str] = {
    "NVIDIA A100 40GB": "NVIDIA A100 SXM4 40 GB",
    "NVIDIA A100 80GB": "NVIDIA A100 SXM4 80 GB",
    "NVIDIA H100 SXM": "NVIDIA H100 SXM5 80GB",
    "NVIDIA GH200 96GB": "NVIDIA GH200",
    "NVIDIA GH200 144GB": "NVIDIA GH200",
    "NVIDIA B300": "NVIDIA B300 (Blackwell Ultra)",
    "NVIDIA GB300": "NVIDIA GB300 (Blackwell Ultra)",
    "NVIDIA RTX PRO 6000 Blackwell Server": "NVIDIA RTX Pro 6000 Blackwell",
    "AMD MI300X": "AMD Instinct MI300X",
    "AMD MI325X": "AMD Instinct MI325X",
    "AMD MI350X": "AMD Instinct MI350X",
    "AMD MI355X": "AMD Instinct MI355X",
}
#: Offers count that were seen within this many years of the newest one.
RECENT_YEARS = 0.25


#: The chip that dollars of a FLOP are for where no price is given.
PRICED_CHIP = "NVIDIA H100 SXM"


class OwnChipPriceInputs(Inputs):
    """A price of a chip-hour, where one is given."""

    TABLES: ClassVar[tuple[str, ...]] = (
        "chip_rental_prices",
        "chip_rental_prices_2026",
        "ml_chips",
    )

    usd_per_chip_hour: float | None = quantity(
        None,
        unit="USD",
        label="Own price of a chip-hour",
        why=("If none is given: the median of what vendors ask on demand, or your own contract."),
        ge=1e-6,
        le=1e6,
    )


class RentedChipInputs(OwnChipPriceInputs):
    """How the chips of a service are paid."""

    rent_terms: Terms = quantity(
        "on_demand",
        unit="name",
        label="Chips rented",
        why=(
            "The median of what vendors ask in the last quarter with offers. Spot chips can be"
            " taken away at any time; commitments of one or three years were last quoted in 2025."
        ),
    )


@dataclass(frozen=True)
class RentedChip:
    """The price of a chip-hour: the median over `vendors`, which ask from `low` to `high`, and the
    date of the newest offer (decimal year; NaN where the price was given).

    `terms` are those of the offers, or "own_price" or "own_contract".
    """

    usd_per_chip_hour: float
    terms: str
    vendors: int = 0
    low: float = float("nan")
    high: float = float("nan")
    date: float = float("nan")


def rented_chip_of(inputs: RentedChipInputs, chip: str, context: Context) -> RentedChip:
    """The price of a chip by its inputs; a contract of the user's own stands in for the market's.
    Own prices of which none is given are the market's on demand.

    Parameters
    ----------
    inputs : RentedChipInputs
        The terms, or the price.
    chip : str
        A chip of the table serving_chips.
    context : Context
        The tables, and prices of the user's own.

    Raises
    ------
    InputError
        Where no vendor offers the chip on these terms.
    """
    if inputs.rent_terms == "own_price":
        return given_or_rented(inputs.usd_per_chip_hour, chip, "on_demand", context)
    return given_or_rented(None, chip, inputs.rent_terms, context)


def given_or_rented(given: float | None, chip: str, terms: str, context: Context) -> RentedChip:
    """The price that is given; without one a contract of the user's own, and without that the
    market's.

    Parameters
    ----------
    given : float or None
        USD of a chip-hour.
    chip : str
        A chip of the table serving_chips.
    terms : str
        The terms of the market's offers.
    context : Context
        The tables, and prices of the user's own.

    Raises
    ------
    InputError
        Where no vendor offers the chip on these terms.
    """
    if given is not None:
        return RentedChip(given, "own_price")
    if context.prices is not None:
        contract = context.prices.contract(RENTED_AS.get(chip, chip), context.data)
        if contract is not None:
            return RentedChip(contract.usd_per_chip_hour, "own_contract")
    return rented_chip(chip, terms, context.data)


def rented_chip(chip: str, terms: str, data: DataSet) -> RentedChip:
    """The middle of what vendors last asked for a chip.

    Parameters
    ----------
    chip : str
        A chip of the table serving_chips.
    terms : str
        A Commitment.
    data : DataSet
        The tables.

    Raises
    ------
    InputError
        Where no vendor offers the chip on these terms; it names those that there are.
    """
    known = _recent_offers(data)
    named = RENTED_AS.get(chip, chip)
    found = known.get((named, terms))
    if found is not None:
        return found
    offered = [COMMITMENT_LABELS[other] for name, other in known if name == named]
    raise InputError(
        "rent_terms",
        COMMITMENT_LABELS.get(terms, terms),
        f"No offers for {chip} on these terms are known. "
        + (f"It is offered {', '.join(offered)}; or give" if offered else "Give")
        + " a price of your own.",
    )


@cached_with
def _recent_offers(data: DataSet) -> Mapping[tuple[str, str], RentedChip]:
    """By chip and terms."""
    found = {}
    for (chip, terms), offers in rental_offers(data).groupby(["chip", "terms"]):
        recent = offers[offers["date"] > offers["date"].max() - RECENT_YEARS]
        newest: pd.Series[float] = recent.drop_duplicates("vendor", keep="last")[
            "usd_per_chip_hour"
        ]
        found[str(chip), str(terms)] = RentedChip(
            usd_per_chip_hour=float(newest.median()),
            terms=str(terms),
            vendors=len(newest),
            low=float(newest.min()),
            high=float(newest.max()),
            date=float(offers["date"].max()),
        )
    return found
