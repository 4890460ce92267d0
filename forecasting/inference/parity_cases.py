"""What an answer has cost a machine and a person: ARC-AGI as it was priced several ways, fifty-fold
apart, or a task of one's own.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np

from forecasting.data.dataset import DataSet
from forecasting.errors import InputError
from forecasting.inference.leaderboard import board_words, listed
from forecasting.scenario import Inputs, quantity
from forecasting.stats.distribution import Distribution, RangeBounds
from forecasting.units import date_of_year

#: ARC Prize's post on o3.
O3_POST = dt.date(2024, 12, 20)


class ParityCaseInputs(Inputs):
    """What an answer cost a machine and a person, and when."""

    TABLES: ClassVar[tuple[str, ...]] = ("arc_agi_scores", "article_claims", "o3_arc_agi_2024")

    parity_case: Literal["article", "post", "leaderboard", "gpt5", "own"] = quantity(
        "article",
        unit="name",
        label="Task",
        why="ARC-AGI was priced in several ways, which differ fifty-fold. Or your own costs.",
    )
    machine_usd: Annotated[Distribution, RangeBounds(0.0, 1e12)] = quantity(
        Distribution(20.0, 1000.0, 0.9),
        unit="USD per task",
        label="Machine, USD per task",
        why="ARC-AGI-1, o3 in December 2024.",
    )
    human_usd: Annotated[Distribution, RangeBounds(0.0, 1e12)] = quantity(
        Distribution(3.0, 17.0, 0.9),
        unit="USD per task",
        label="Person, USD per task",
        why="ARC-AGI-1: $3 to $17 on the leaderboard of 2025.",
    )
    priced_in: float = quantity(
        2025.0,
        unit="year",
        label="Costs as of",
        why="2025.5 is the middle of 2025.",
        ge=2000,
        le=2040,
    )


@dataclass(frozen=True)
class ParityCase:
    """What an answer cost whom and when. `machine_score` and `human_score` in per cent where known:
    they are seldom the same.
    """

    name: str
    title: str
    machine_usd: Distribution
    human_usd: Distribution
    priced_on: dt.date
    machine_score: float
    human_score: float
    source: str


def parity_cases(data: DataSet) -> dict[str, ParityCase]:
    """The cases about ARC-AGI by name."""
    claims = data["article_claims"].set_index("claim")["stated_value"]
    runs = data["o3_arc_agi_2024"]
    lean: dict[Any, Any] = (
        runs[(runs["set"] == "semi-private") & (runs["efficiency"] == "high")].iloc[0].to_dict()
    )

    article_machine = float(claims["An o3 answer on ARC-AGI cost 1000 dollars"])
    article_human = float(claims["People solve an ARC-AGI task for 5 dollars"])
    average, panel, repriced, gpt5 = (
        listed(name, data)
        for name in ("Avg. Mturker", "Human Panel", "o3-preview (Low)*", "GPT-5 (High)")
    )
    people = Distribution(average.usd, panel.usd, 0.9)
    cases = (
        ParityCase(
            "article",
            "The article: o3 at its best",
            Distribution.fixed(article_machine),
            Distribution.fixed(article_human),
            O3_POST,
            float(claims["o3 solved 88 percent of ARC-AGI"]),
            float(claims["The average person solves 75 percent of ARC-AGI"]),
            "the source article of 2025-01-17, the only source of $1,000 per task",
        ),
        ParityCase(
            "post",
            "o3, low-compute setting, at the price of December 2024",
            Distribution.fixed(float(lean["usd_per_task"])),
            Distribution.fixed(article_human),
            O3_POST,
            float(lean["score_pct"]),
            float(claims["The average person solves 75 percent of ARC-AGI"]),
            "ARC Prize, post of 2024-12-20: people at $5 per task",
        ),
        ParityCase(
            "leaderboard",
            "o3, low-compute setting, as repriced in 2025",
            Distribution.fixed(repriced.usd),
            people,
            O3_POST,
            repriced.score,
            average.score,
            "ARC Prize leaderboard of 2025: o3-preview repriced from $20 to $200; people from $3"
            " (77%) to $17 (98%)",
        ),
        ParityCase(
            "gpt5",
            "GPT-5 (High) at its price of 2025, below people's score",
            Distribution.fixed(gpt5.usd),
            people,
            dt.date(2025, 8, 7),
            gpt5.score,
            panel.score,
            board_words(data),
        ),
    )
    return {case.name: case for case in cases}


def parity_case(scenario: ParityCaseInputs, data: DataSet) -> ParityCase:
    """The case of the scenario: one of the named, or its own costs."""
    if scenario.parity_case != "own":
        return parity_cases(data)[scenario.parity_case]
    for name in ("machine_usd", "human_usd"):
        require_above_zero(name, getattr(scenario, name))
    start = date_of_year(scenario.priced_in)
    return ParityCase(
        "own",
        "Your own task",
        scenario.machine_usd,
        scenario.human_usd,
        start,
        math.nan,
        math.nan,
        "typed in",
    )


def require_above_zero(name: str, given: Distribution) -> None:
    """Raise InputError for a range that may be 0 or less: costs and yearly factors may not."""
    lowest = (
        float(given.quantile(np.array([0.0]))[0])
        if given.shape in ("uniform", "fixed")
        else given.low
    )
    if given.shape == "normal" and given.of_normal(np.array([-5.0]))[0] <= 0.0:
        raise InputError(
            name, str(given), "This normal range reaches 0 and below: use a lognormal one."
        )
    if lowest <= 0.0:
        raise InputError(name, given.low, "Give a range above 0.")
