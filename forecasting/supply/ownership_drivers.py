"""How far each assumption of owning may plausibly lie from its value, and what owning costs and
where it breaks even at both ends, everything else as it is.

    ownership_drivers(OwnershipScenario())[0].break_even
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from forecasting.context import DataOrContext, context_of
from forecasting.stats.distribution import Distribution
from forecasting.supply.ownership_costs import OwnershipCosts, rent_on
from forecasting.supply.ownership_inputs import OwnershipInputs

#: The ends that are compared, by field. Where they come from: docs/supply.md.
PLAUSIBLE: Mapping[str, tuple[float, float]] = {
    "server_overhead": (1.35, 1.64),
    "interconnect_share": (0.0, 0.19),
    "hosting_usd_per_kw_month": (138.0, 217.0),
    "usd_per_kwh": (0.05, 0.13),
    "pue": (1.1, 1.25),
    "idle_power": (0.15, 0.5),
    "upkeep_share": (0.02, 0.10),
    "resale_share": (0.3, 0.8),
    "cost_of_capital": (0.04, 0.14),
}
#: Of those, the ones whose ends are published figures; the others are assumptions.
PUBLISHED = ("server_overhead", "interconnect_share", "hosting_usd_per_kw_month", "pue")


@dataclass(frozen=True)
class OwnershipDriver:
    """One assumption: its field, its plausible ends, and at them the cost of owning over the years
    of use (USD, present value) and the utilisation above which owning costs less (infinite: never;
    None where nobody rents the chip out on demand), medians of the draws.
    """

    field: str
    ends: tuple[float, float]
    owned_usd: tuple[float, float]
    break_even: tuple[float, float] | None

    @property
    def is_published(self) -> bool:
        """Whether the ends are published figures."""
        return self.field in PUBLISHED

    @property
    def swing_usd(self) -> float:
        """How far the cost moves between the ends."""
        return abs(self.owned_usd[1] - self.owned_usd[0])


def ownership_drivers(
    scenario: OwnershipInputs, *, data: DataOrContext | None = None
) -> tuple[OwnershipDriver, ...]:
    """What moves the cost of owning, the widest swing first. An assumption that a quote of one's
    own replaces is left out.
    """
    context = context_of(data)
    replaced = set()
    if scenario.system_usd_per_chip is not None:
        replaced = {"server_overhead", "interconnect_share"}
    rent = None
    if scenario.contract in ("on_demand", "spot", "marketplace"):
        rent = rent_on(scenario.contract, scenario, context)
    years = np.array([scenario.owned_years])
    found = []
    for field, ends in PLAUSIBLE.items():
        if field in replaced:
            continue
        owned, even = [], []
        for end in ends:
            value = Distribution.fixed(end) if field == "resale_share" else end
            costs = OwnershipCosts(scenario.replaced(**{field: value}), context)
            owned.append(float(np.median(costs.owned(years, scenario.utilisation))))
            if rent is not None:
                even.append(float(np.median(costs.break_even(rent, scenario.owned_years))))
        found.append(
            OwnershipDriver(field, ends, (owned[0], owned[1]), (even[0], even[1]) if even else None)
        )
    return tuple(sorted(found, key=lambda each: -each.swing_usd))
