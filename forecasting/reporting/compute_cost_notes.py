"""Ranges of a cost that are too wide to plan on, in words: what they come from, and what would
narrow them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pandas as pd

from forecasting.compute_cost.compute_cost import ModelCost
from forecasting.compute_cost.range_drivers import Driver
from forecasting.formatting import in_dollars, range_in_words, significant
from forecasting.stats.bands import Range
from forecasting.stats.range_level import range_heading

#: An 80% range over more than this factor is explained.
WIDE_FACTOR = 10.0
#: Shares of the variance below this are left out of words.
MIN_SHARE = 0.005
#: Where to look for what would settle an input.
WHAT_TELLS = {
    "price trend": "a contract for that year, or a reason to trust one price trend",
    "price of a chip-hour": "a quote for the chips",
    "utilisation (MFU)": "the MFU of runs on the same chips",
    "pace of algorithms": "compute of recent runs that reach the same quality",
    "training FLOP of the model": "the model's parameters and training tokens",
    "trend of energy per FLOP": "FLOP/s per watt of the chips of that year",
}


@dataclass(frozen=True)
class ExplainedRange:
    """A range of the answer and what it comes from; `subject` names its figure."""

    subject: str
    figure: Range
    drivers: tuple[Driver, ...]


def explained_ranges(result: ModelCost) -> tuple[ExplainedRange, ExplainedRange]:
    """The ranges of the answer: of the same run, and of the same quality with better algorithms."""
    year = result.scenario.year
    return (
        ExplainedRange(f"the same run in {year}", result.hardware_at_year, result.hardware_drivers),
        ExplainedRange(
            f"the same quality in {year}",
            result.with_algorithms_at_year,
            result.drivers,
        ),
    )


def range_width_words(explained: ExplainedRange) -> str:
    """The largest source of a range, and the range were it known; empty where the 80% range spans a
    factor of WIDE_FACTOR or less.
    """
    figure, largest = explained.figure, explained.drivers[0]
    if figure.high <= WIDE_FACTOR * figure.low or largest.share < MIN_SHARE:
        return ""
    part = "Most" if largest.share > 0.5 else "The largest part"
    *_, level = largest.if_known.ends
    return (
        f"The 80% range for {explained.subject} spans a factor of"
        f" {significant(figure.high / figure.low, 2)}. {part} of it, {largest.share:.0%}, comes"
        f" from the {largest.name}: if that were known, the cost would likely be"
        f" {_ends(largest.if_known)} ({100.0 * level:.3g}%)."
    )


def range_sources(explained: ExplainedRange) -> pd.DataFrame:
    """A row for each source of a range: its share, the range were it known, and
    the range were those above it known too.
    """
    return pd.DataFrame(
        [
            {
                "Source": _heading(driver),
                "Share": f"{driver.share:.0%}",
                f"{range_heading()} if known": _ends(driver.if_known),
                "If known with those above": _ends(driver.if_known_with_larger),
            }
            for driver in _counted(explained)
        ]
    )


def what_tells(explained: ExplainedRange) -> list[str]:
    """What would settle each source, in the order of the table, with the source in bold."""
    return [f"**{_heading(driver)}:** {WHAT_TELLS[driver.name]}." for driver in _counted(explained)]


def _counted(explained: ExplainedRange) -> list[Driver]:
    return [driver for driver in explained.drivers if driver.share >= MIN_SHARE]


def _heading(driver: Driver) -> str:
    return f"{driver.name[0].upper()}{driver.name[1:]}"


def _ends(figure: Range) -> str:
    low, high, _ = figure.ends
    return range_in_words(low, high, partial(in_dollars, digits=2))
