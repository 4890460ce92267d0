"""Inputs of renting or owning: what is bought, what it takes to run it, what it is worth
afterwards, and what renting costs instead.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from forecasting.compute_cost import price_fields
from forecasting.compute_cost.chip_hours import Contract, ownable_chips
from forecasting.compute_cost.lost_work import LostWorkFields
from forecasting.compute_cost.price_fields import PriceMethod, TrendName
from forecasting.compute_cost.rental_offers import rented_chips
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.scenario import Scenario, SeededInputs, quantity
from forecasting.stats.distribution import Distribution, RangeBounds


@cached_with
def chips_to_own(data: DataSet) -> tuple[str, ...]:
    """Chips of known price and design power that are also rented out."""
    costs = data["chip_unit_costs"]
    known = set(costs[costs["tdp_watts"].notna()]["chip"]) | set(ownable_chips(data))
    return tuple(sorted(known & set(rented_chips(data))))


class OwnedHardwareInputs(SeededInputs):
    """What chips of one's own cost to buy and to run, and what they are worth afterwards."""

    TABLES: ClassVar[tuple[str, ...]] = (
        "chip_rental_prices",
        "chip_rental_prices_2026",
        "chip_unit_costs",
        "gpu_prices",
        "ml_chips",
        "us_consumer_prices",
    )

    chip_usd: float | None = quantity(
        None,
        unit="USD",
        label="Own quote: price of a chip",
        why=(
            "If none is given: Epoch AI's approximate unit cost (September 2026), else the launch"
            " price."
        ),
        gt=0.0,
        le=1e9,
    )
    chip_usd_factor: float = quantity(
        1.2,
        unit="×/÷",
        label="Price of a chip: 80% within this factor",
        why=(
            "Unit costs and launch prices of the chips in both tables agree within about 20%. A"
            " quote of your own is taken as it is."
        ),
        ge=1.0,
        le=5.0,
    )
    system_usd_per_chip: float | None = quantity(
        None,
        unit="USD",
        label="Own quote: server and network, per chip",
        why="If none is given: by the factors of Cottier et al. 2024 on the price of the chip.",
        ge=0.0,
        le=1e9,
    )
    server_overhead: float = price_fields.server_overhead()
    interconnect_share: float = price_fields.interconnect_share("Network's share of hardware cost")
    usd_per_kwh: float = price_fields.usd_per_kwh()
    pue: float = price_fields.pue()
    idle_power: float = quantity(
        0.3,
        unit="1",
        label="Power of idle chips",
        why=(
            "Share of the mean power in use; fans and memory keep running. An assumption: 15 to 50%"
            " are plausible."
        ),
        ge=0.0,
        le=1.0,
    )
    hosting_usd_per_kw_month: float = quantity(
        184.0,
        unit="USD",
        label="Hosting, per kW of server power and month",
        why=(
            "Asking rent for 250–500 kW in North America's main markets at the end of 2024 (CBRE):"
            " $184.06, taken to be without energy. It was $138 in 2022; over the world's markets it"
            " was $217 in early 2025. As printed, in dollars of the day."
        ),
        ge=0.0,
        le=1e5,
    )
    upkeep_share: float = quantity(
        0.04,
        unit="1/year",
        label="Staff, spares and repairs, share of the purchase per year",
        why=(
            "An assumption: 2 to 10% are plausible. NVIDIA's support for a DGX H100 is listed at a"
            " fifth of its price per year; of 16,384 H100, faults of chips and their memory stopped"
            " Llama 3's training 220 times in 54 days, 9% of the chips per year."
        ),
        ge=0.0,
        le=1.0,
    )
    resale_share: Annotated[
        Distribution,
        RangeBounds(
            0.0,
            1.0,
            because="A used chip can't sell for more than a new one of the same performance.",
        ),
    ] = quantity(
        Distribution(0.3, 0.8, 0.8, "uniform"),
        unit="1",
        label="Resale value, share of the new price at that time",
        why=(
            "Share of what the same performance costs new at that time, which falls with the price"
            " trend. A cautious assumption: used H100s were reported at $15,000–28,000 in 2026,"
            " where new ones cost about $25,000."
        ),
    )
    cost_of_capital: float = quantity(
        0.08,
        unit="1/year",
        label="Cost of capital",
        why=(
            "The return that the money would earn elsewhere, above inflation. An assumption: 4 to"
            " 14% are plausible."
        ),
        ge=0.0,
        le=1.0,
    )
    decline_from: Literal["trend", "own"] = quantity(
        "trend", unit="name", label="Prices fall", why="By a measured trend, or by your own rate."
    )
    price_trend: TrendName = price_fields.price_trend()
    price_method: PriceMethod = price_fields.price_method()
    own_decline: Annotated[Distribution, RangeBounds(0.1, 100.0)] = quantity(
        Distribution(1.1, 1.5, 0.8),
        unit="×/year",
        label="Compute per dollar grows by",
        why="The measured trends of compute per dollar lie between 1.2 and 1.4 per year.",
    )
    price_year: int | None = price_fields.price_year()


class OwnershipInputs(OwnedHardwareInputs, LostWorkFields):
    """Inputs of renting or owning chips."""

    owned_chip: str = quantity(
        "NVIDIA H100 SXM5 80GB",
        unit="name",
        label="Chip",
        why="Chips whose price and power are known and which vendors rent out.",
    )
    owned_chips: int = quantity(
        8, unit="chips", label="Number of chips", why="One server.", ge=1, le=10_000_000
    )
    owned_years: float = quantity(
        4.0,
        unit="years",
        label="Used for (years)",
        why="Usual accounting lives of servers: 4 to 6 years. After it they are sold.",
        ge=0.01,
        le=15.0,
    )
    utilisation: float = quantity(
        0.7,
        unit="1",
        label="Hours in use",
        why=(
            "Share of all hours. Rented on demand or spot, only these are paid for; a commitment"
            " and owning cost money at all hours. An assumption; Meta's two research clusters were"
            " in use for more than 80% (Kokolis et al. 2025)."
        ),
        ge=0.0,
        le=1.0,
    )
    contract: Contract = price_fields.contract()
    rent_usd_per_chip_hour: float | None = quantity(
        None,
        unit="USD",
        label="Own quote: rent per chip-hour",
        why="If none is given: the market's offers on the contract's terms, or your own prices.",
        gt=0.0,
        le=1e6,
    )

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """The chips to own."""
        if field == "owned_chip":
            return chips_to_own(data)
        return super().choices(field, data)


class OwnershipScenario(OwnershipInputs, Scenario):
    """The same with a name, for use without a page."""

    NAME: ClassVar[str] = "ownership"
