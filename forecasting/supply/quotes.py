"""Quotes for so many chips over so many days, beside their median and range and beside owning.

quotes(QuotesInputs(quoted_chips=512, quoted_days=90.0)).table
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.compute_cost.chip_hours import CONTRACTS
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.errors import InputError
from forecasting.scenario import quantity
from forecasting.stats.bands import Range
from forecasting.supply.ownership import rent_or_own
from forecasting.supply.ownership_inputs import (
    OwnedHardwareInputs,
    OwnershipInputs,
    chips_to_own,
)
from forecasting.supply.rental_quotes import forms_of, quoted_chips, rental_quotes
from forecasting.units import DAYS_PER_YEAR

#: The shortest time for which owning is worked out, in days.
SHORTEST_DAYS = 4.0
#: Quotes that are named first.
CHEAPEST = 5


class QuotesInputs(OwnedHardwareInputs):
    """What is asked for, and what owning would cost instead."""

    TABLES: ClassVar[tuple[str, ...]] = ("chip_rental_prices", "chip_rental_prices_2026")

    quoted_chip: str = quantity(
        "NVIDIA H100",
        unit="name",
        label="Chip",
        why="A name without a form factor stands for all of them, such as SXM and PCIe.",
    )
    quoted_chips: int = quantity(
        512, unit="chips", label="Number of chips", why="An example.", ge=1, le=10_000_000
    )
    quoted_days: float = quantity(
        90.0, unit="days", label="Days needed", why="An example.", ge=0.1, le=3660.0
    )
    quoted_tier: Literal[
        "any", "on_demand", "spot", "marketplace", "serverless", "one_year", "three_year"
    ] = quantity(
        "on_demand",
        unit="name",
        label="Terms",
        why=(
            "Spot chips can be taken away at any time; a commitment is billed for its whole term"
            " and was last quoted in March 2025."
        ),
    )

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """The chips that vendors quote."""
        if field == "quoted_chip":
            return quoted_chips(data)
        return super().choices(field, data)


@dataclass(frozen=True, eq=False)
class Quotes(Answered):
    """What vendors ask, the cheapest first: `table` as of rental_quotes, in nominal USD.

    `usd_per_chip_hour` and `usd_total` are the median of the vendors' cheapest offers, with the
    range that 80% of them lie in; `owned_usd` what owning so many chips over the same days costs
    when they are then sold (None where the price of the chip is not known), `owned_chip` of which
    form. Owning is in dollars of `price_year`.
    """

    scenario: QuotesInputs
    table: pd.DataFrame
    vendors: int
    usd_per_chip_hour: Range
    usd_total: Range
    owned_chip: str | None
    owned_usd: Range | None
    price_year: int | None = field(default=None)

    @property
    def cheapest(self) -> pd.DataFrame:
        """The cheapest offer of each vendor, the cheapest vendors first."""
        return self.table.drop_duplicates("vendor").head(CHEAPEST)


def quotes(scenario: QuotesInputs, *, data: DataOrContext | None = None) -> Quotes:
    """The quotes of the scenario; raises UnknownNameError for a chip that nobody quotes, and
    InputError for terms on which nobody does, or not for so few chips.
    """
    context = context_of(data)
    table = rental_quotes(
        scenario.quoted_chip,
        scenario.quoted_chips,
        scenario.quoted_days,
        tier=scenario.quoted_tier,
        data=context,
    )
    if table.empty:
        raise InputError(
            "quoted_chips",
            scenario.quoted_chips,
            "Every offer on these terms is for more chips than that: ask for more.",
        )
    each = table.drop_duplicates("vendor")
    chip = _owned_form(scenario.quoted_chip, context.data)
    owned, price_year = None, None
    if chip is not None:
        hardware = {name: getattr(scenario, name) for name in OwnedHardwareInputs.model_fields}
        result = rent_or_own(
            OwnershipInputs(
                **hardware,
                owned_chip=chip,
                owned_chips=scenario.quoted_chips,
                owned_years=max(scenario.quoted_days, SHORTEST_DAYS) / DAYS_PER_YEAR,
                utilisation=1.0,
                contract=CONTRACTS[0],
            ),
            data=context,
        )
        owned, price_year = result.owned_usd, result.price_year
    return Quotes(
        scenario=scenario,
        table=table,
        vendors=len(each),
        usd_per_chip_hour=_of_vendors(each["usd_per_chip_hour"], "USD/chip-hour"),
        usd_total=_of_vendors(each["usd_total"], "USD"),
        owned_chip=chip,
        owned_usd=owned,
        price_year=price_year,
    )


def _of_vendors(usd: pd.Series[float], unit: str) -> Range:
    """The median, and where 80% lie; a handful of vendors is interpolated between."""
    low, middle, high = np.quantile(usd.to_numpy(dtype=np.float64), [0.1, 0.5, 0.9])
    return Range(float(middle), float(low), float(high), unit)


def _owned_form(chip: str, data: DataSet) -> str | None:
    """The form of a chip that can be owned; None where the price of none is known."""
    forms = forms_of(chip, data)
    return next((name for name in chips_to_own(data) if name in forms), None)
