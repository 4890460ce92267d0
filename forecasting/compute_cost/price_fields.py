"""The inputs behind the price of compute that several forecasts share: default, bounds, source and
date of each, said once.

Each function makes the field anew for one scenario. Where its default differs it passes its own,
and the reason stands here.
"""

from __future__ import annotations

from typing import Any, Literal

from forecasting.compute_cost.chip_hours import BEST_CHIP
from forecasting.data.inflation import FIRST_PRICE_YEAR, LAST_PRICE_YEAR
from forecasting.scenario import quantity
from forecasting.stats.distribution import Distribution
from forecasting.trends.state_space import StateSpaceMethod

#: Which measured price trend projections follow.
TrendName = Literal["mixed", "gpu", "chips", "rental"]
#: How price trends are projected.
PriceMethod = Literal["pooled", "calibrated", "ols", StateSpaceMethod]

#: Training MFU where runs of all years are priced: between the 29 of ai_models since 2021 (median
#: 0.35) and those since 2024.
MFU_OF_ALL_RUNS = 0.375
#: Training MFU of runs yet to be made: the 9 of ai_models since 2024 have a median of 0.41.
MFU_OF_NEW_RUNS = 0.40
HALVING_SOURCE = "Ho et al. 2024, language models 2012–2023: about 8 months, 95% interval 5–14."
_MFU_REASONS = {
    MFU_OF_ALL_RUNS: (
        "Share of the chip's peak that training reaches. For models of all years: the runs of"
        " Epoch AI's models since 2021 have a median of 0.35, those since 2024 of 0.41."
    ),
    MFU_OF_NEW_RUNS: (
        "Share of the chip's peak that training reaches. For future runs: Epoch AI's models since"
        " 2024 have a median of 0.41. Where models of all years are priced, it is 0.375."
    ),
}


def chip() -> Any:
    """The chip that is rented or owned."""
    return quantity(
        BEST_CHIP,
        unit="name",
        label="Chip",
        why="“best” is the cheapest per FLOP of the chips that at least five vendors rent out.",
    )


def contract() -> Any:
    """A Contract: the terms on which chips are rented."""
    return quantity(
        "on_demand",
        unit="name",
        label="Rented",
        why=(
            "On demand, spot and marketplace: the median of today's offers. For one or three years:"
            " the on-demand offer times what a commitment was worth when vendors last quoted one,"
            " in March 2025. A commitment is paid at all hours; spot chips can be taken away."
        ),
    )


def price_trend() -> Any:
    """A TrendName."""
    return quantity(
        "mixed",
        unit="name",
        label="Price trend",
        why=(
            "Mixed draws from three measured trends in equal parts, so the range holds their"
            " disagreement."
        ),
    )


def price_method() -> Any:
    """A PriceMethod."""
    return quantity(
        "pooled",
        unit="name",
        label="Prices are projected by",
        why=(
            "“Pooled” has the best track record where the outcome is known; least squares extends"
            " the past trend line; the others are statsmodels' trends of yearly medians."
        ),
    )


def price_year() -> Any:
    """The year of the dollars that money is shown in: int or None."""
    return quantity(
        None,
        unit="year",
        label="Dollars of the year",
        why=(
            "US CPI-U, annual averages. If none is given: the last complete year in the table of US"
            " consumer prices."
        ),
        ge=FIRST_PRICE_YEAR,
        le=LAST_PRICE_YEAR,
    )


def training_mfu(default: float, label: str = "Model FLOP utilisation (MFU)") -> Any:
    """The model FLOP utilisation of training: MFU_OF_ALL_RUNS or MFU_OF_NEW_RUNS."""
    return quantity(default, unit="1", label=label, why=_MFU_REASONS[default], ge=1e-4, le=1.0)


def mfu_factor(label: str = "MFU: 80% of runs lie within this factor") -> Any:
    """How far the MFU of one run may lie from the middle."""
    why = "Spread of the 29 runs of Epoch AI's list since 2021 whose MFU is known."
    return quantity(1.57, unit="×/÷", label=label, why=why, ge=1.0, le=5.0)


def halving_months(
    months: float = 8.0, label: str = "Halving time of the compute needed, by better algorithms"
) -> Any:
    """The halving time of the compute needed for the same quality, or (5 and 14) an end of its 95%
    interval.
    """
    return quantity(months, unit="months", label=label, why=HALVING_SOURCE, ge=1.0, le=240.0)


def halving_months_range() -> Any:
    """The same as one range to draw from."""
    return quantity(
        Distribution(5.0, 14.0, 0.95),
        unit="months",
        label="Halving time of the compute needed, by better algorithms",
        why=(
            f"{HALVING_SOURCE} As a single range, its median is 8.4; for the cost of one model,"
            " each side of 8 has its own width."
        ),
    )


def usd_per_kwh() -> Any:
    """The price of electricity for owned chips."""
    return quantity(
        0.08,
        unit="USD/kWh",
        label="Electricity",
        why="About the US industrial average of 2023–2024 (EIA).",
        ge=0.0,
        le=5.0,
    )


def pue() -> Any:
    """Power drawn by the data centre per power drawn by its servers."""
    return quantity(
        1.15,
        unit="1",
        label="Power usage effectiveness",
        why="Cottier et al. 2024 use 1.1 to 1.25.",
        ge=1.0,
        le=3.0,
    )


def server_overhead() -> Any:
    """What a chip costs with its share of the server, per price of the chip."""
    return quantity(
        1.64,
        unit="1",
        label="Server cost per chip cost",
        why=(
            "Cottier et al. 2024, about 1.64. A DGX H100 at the $270,000 that SemiAnalysis gave in"
            " 2023 costs 1.35 times its chips at $25,000."
        ),
        ge=1.0,
        le=5.0,
    )


def interconnect_share(label: str = "Interconnect share of hardware cost") -> Any:
    """The network's share of what owned hardware costs."""
    why = (
        "Cottier et al. 2024: 19%, of large clusters. List prices of August 2024 come to 5% for 512"
        " H100 and 10% for 16,384; a server alone needs none."
    )
    return quantity(0.19, unit="1", label=label, why=why, ge=0.0, le=0.8)
