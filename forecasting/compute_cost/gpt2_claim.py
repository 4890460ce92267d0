"""The claim “GPT-2, a breakthrough five years ago, can be reproduced by any student for $30”,
against what was measured.

The claim's own arithmetic: start · (hardware_gain · algorithm_gain)^-years. The measured line joins
the original run of 2019 and the latest reproduction of the same grade; two points make a line, not
an interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.compute_cost.compute_cost import ModelCostInputs, TrainingCostInputs, model_cost
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.scenario import quantity
from forecasting.stats.bands import QUANTILES, Bands
from forecasting.units import date_of_year, decimal_years

#: Date of the source article that makes the claim.
CLAIM_DATE = 2025 + 16 / 365
START_USD = {"rented_43k": 43_000.0, "rounded_50k": 50_000.0, "amortised_4348": 4_348.0}
START_LABELS = {
    "rented_43k": "$43,000, rented (A. Karpathy)",
    "rounded_50k": "$50,000, rounded",
    "amortised_4348": "$4,348, amortised (Epoch AI, 2023 USD)",
}
#: Reproductions by what they reproduce; runs of different targets are never joined by one line.
TARGETS = {
    "original": "original run, 1.5B",
    "1.5B": "GPT-2 1.5B",
    "124M": "GPT-2 124M",
    "grade": "GPT-2 grade by CORE score",
}


@dataclass(frozen=True)
class Reproduction:
    """One measured run: what it reproduces (a key of TARGETS), its date (decimal year) and cost in
    nominal USD.
    """

    run: str
    target: str
    date: float
    cost_usd: float
    hardware: str
    source: str


class Gpt2ClaimInputs(TrainingCostInputs):
    """Inputs of the claim about GPT-2, and of the forecast beside it."""

    TABLES: ClassVar[tuple[str, ...]] = ("gpt2_reproductions",)

    claim_usd: float = quantity(
        30.0,
        unit="USD",
        label="Claimed cost of GPT-2",
        why="The source article, 2025-01-17: any student, 30 dollars.",
        gt=0,
        le=1e9,
    )
    claim_start: Literal["rented_43k", "rounded_50k", "amortised_4348"] = quantity(
        "rented_43k",
        unit="name",
        label="Cost of GPT-2 in 2019",
        why=(
            "$43,000 rented (A. Karpathy's estimate), $50,000 rounded, or Epoch AI's amortised"
            " $4,348: they differ by a factor of ten."
        ),
    )
    claim_years: float = quantity(
        5.0, unit="years", label="Years of progress claimed", ge=0.5, le=20.0
    )
    claim_hardware_gain: float = quantity(
        1.45,
        unit="×/year",
        label="Hardware gain",
        why="The source article's Moore's law: 45% a year.",
        ge=1.0,
        le=10.0,
    )
    claim_algorithm_gain: float = quantity(
        3.0,
        unit="×/year",
        label="Algorithmic gain",
        why="Ho et al. 2024: about 3× a year.",
        ge=1.0,
        le=20.0,
    )


@dataclass(frozen=True)
class Gpt2Claim(Answered):
    """The claim “GPT-2 for $30”, held against the `runs` that reproduced it. Costs in nominal USD,
    times in decimal years.

    `claim_line_usd` over `claim_years` is the claim's own arithmetic, which ends at
    `claimed_by_arithmetic_usd`. Cost fell by `measured_gain_per_year` (a factor) from the original
    to the `latest` run of its grade, and that line meets the claim in `measured_line_passes_claim`.
    `nearest_before` is the last such run before the claim; `own_line` our forecast for GPT-2.
    """

    scenario: Gpt2ClaimInputs
    runs: tuple[Reproduction, ...]
    claim_years: FloatArray
    claim_line_usd: FloatArray
    claimed_by_arithmetic_usd: float
    measured_gain_per_year: float
    measured_line_passes_claim: float
    own_line: Bands
    nearest_before: Reproduction
    latest: Reproduction

    @property
    def times_too_cheap(self) -> float:
        """Cost of the nearest measured run before the claim's date over the claimed cost."""
        return self.nearest_before.cost_usd / self.scenario.claim_usd

    @property
    def ratio_to_forecast(self) -> float:
        """Cost of the latest measured run over the median of our forecast for GPT-2 at its date."""
        return self.latest.cost_usd / self.own_line.at(self.latest.date)[QUANTILES.index(0.5)]

    @property
    def verdict(self) -> str:
        """“holds” within a factor of two at the claim's date, “too early” when the measured line
        gets there later, else “too high”.
        """
        if self.times_too_cheap > 2:
            return "too early"
        return "holds" if self.times_too_cheap >= 0.5 else "too high: it was cheaper already"

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a measured run, with its date, cost in nominal USD, and the claim's line on that
        date.
        """
        return pd.DataFrame(
            {
                "run": [run.run for run in self.runs],
                "reproduces": [TARGETS[run.target] for run in self.runs],
                "date": [date_of_year(run.date).isoformat() for run in self.runs],
                "cost_usd": [run.cost_usd for run in self.runs],
                "claim_line_usd": [
                    _claim_line(self.scenario, self.runs[0].date, run.date) for run in self.runs
                ],
                "hardware": [run.hardware for run in self.runs],
                "source": [run.source for run in self.runs],
            }
        )


def gpt2_claim(scenario: Gpt2ClaimInputs, *, data: DataOrContext | None = None) -> Gpt2Claim:
    """Hold the claim against the measured reproductions. Costs are nominal USD, as their sources
    give them.
    """
    context = context_of(data)
    runs = reproductions(context.data)
    original = runs[0]
    same_grade = [run for run in runs if run.target == "grade"]
    latest = same_grade[-1]
    before = [run for run in runs if run.target in ("1.5B", "grade") and run.date <= CLAIM_DATE]
    gain = (original.cost_usd / latest.cost_usd) ** (1 / (latest.date - original.date))
    years = np.arange(math.floor(original.date), 2031.0, 0.5)
    priced = ModelCostInputs(model="GPT-2", **dict(TrainingCostInputs.of(scenario)))
    own = model_cost(priced, data=context).with_algorithms
    return Gpt2Claim(
        scenario=scenario,
        runs=runs,
        claim_years=years[years >= original.date - 0.5],
        claim_line_usd=np.array(
            [
                _claim_line(scenario, original.date, year)
                for year in years[years >= original.date - 0.5]
            ]
        ),
        claimed_by_arithmetic_usd=_claim_line(
            scenario, original.date, original.date + scenario.claim_years
        ),
        measured_gain_per_year=gain,
        measured_line_passes_claim=original.date
        + math.log(original.cost_usd / scenario.claim_usd) / math.log(gain),
        own_line=own,
        nearest_before=before[-1],
        latest=latest,
    )


def reproductions(data: DataSet) -> tuple[Reproduction, ...]:
    """The measured runs in order of date, the original first."""
    table = data["gpt2_reproductions"].sort_values("date", kind="stable")
    dates = decimal_years(table["date"].to_numpy())
    rows = table.to_dict("records")
    return tuple(
        Reproduction(
            str(row["run"]),
            _target(str(row["run"])),
            float(date),
            float(row["cost_usd"]),
            str(row["hardware"]),
            str(row["source"]),
        )
        for row, date in zip(rows, dates, strict=True)
    )


def _target(run: str) -> str:
    if "original" in run:
        return "original"
    if "124M" in run:
        return "124M"
    return "grade" if "CORE" in run else "1.5B"


def _claim_line(scenario: Gpt2ClaimInputs, start: float, year: float) -> float:
    gain = scenario.claim_hardware_gain * scenario.claim_algorithm_gain
    return float(START_USD[scenario.claim_start] * gain ** -(year - start))
