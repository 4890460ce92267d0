"""What does a training compute buy? The least loss, and the parameters and tokens that reach it, by
the law in use; with ranges.

The formulas are those of `laws.chinchilla_law`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.context import DataOrContext, context_of, law_in_use
from forecasting.fitting.law_choice import LawInputs, LawInUse, chinchilla_runs
from forecasting.fitting.training_runs import TrainingRuns
from forecasting.formatting import in_words
from forecasting.laws.chinchilla_law import ChinchillaLaw
from forecasting.laws.kaplan_law import KaplanLaw
from forecasting.laws.overtraining_law import OverTrainingLaw
from forecasting.laws.published_laws import published_laws
from forecasting.laws.repeated_data_law import RepeatedDataLaw
from forecasting.scaling.scaling_inputs import TrainingComputeInputs
from forecasting.stats.bands import Bands
from forecasting.stats.estimate import Estimate
from forecasting.stats.quantiles import quantile_of

LEVEL = 0.8
#: Compute of the lines and the table: from the smallest runs to well beyond anything trained so
#: far.
FIRST_OOM, LAST_OOM = 18, 29
GRID = 80


class ComputeBuysInputs(TrainingComputeInputs, LawInputs):
    """Inputs of what a training compute buys: the compute, and by which law."""


@dataclass(frozen=True)
class BoughtByLaw:
    """What one law says of the same compute."""

    name: str
    title: str
    params: float
    tokens: float
    loss: float
    params_exponent: float
    source: str
    published: str


@dataclass(frozen=True, eq=False)
class ComputeBuys(Answered):
    """The optimum at the scenario's compute, with the draws of the law in use (one draw alone where
    it has no range).

    `bands` and `line` are the least loss over compute in FLOP (`bands.x`); `others` what the
    published laws say; `runs` the measured runs behind the law: one's own, or those of the
    Chinchilla figure.
    """

    scenario: ComputeBuysInputs
    law: LawInUse
    params: Estimate
    tokens: Estimate
    loss: Estimate
    bands: Bands
    line: FloatArray
    others: tuple[BoughtByLaw, ...]
    runs: TrainingRuns

    @property
    def tokens_per_param(self) -> Estimate:
        """Tokens for each parameter at the optimum."""
        return Estimate(
            self.tokens.value / self.params.value, self.tokens.draws / self.params.draws
        )

    @property
    def beyond_oom(self) -> float:
        """How many orders of magnitude of compute the budget lies beyond the largest measured run
        (below 0: within).
        """
        return math.log10(self.scenario.training_flop / float(self.runs.training_flop.max()))

    def words(self, figure: Estimate, unit: str, digits: int = 2) -> str:
        """A figure with its range, if it has one.

        Parameters
        ----------
        figure : Estimate
            The figure.
        unit : str
            What follows it.
        digits : int
            Significant digits.
        """
        words = partial(in_words, digits=digits)
        if not self.law.has_range:
            return f"{words(figure.value)} {unit}".rstrip()
        return figure.with_range(words, unit)

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row an order of magnitude of compute and one for the scenario's: optimal run and least
        loss, with 80% ranges.
        """
        columns: dict[str, FloatArray] = {"training_flop": self._flops}
        for name, (value, low, high) in self.optimum(LEVEL).items():
            columns |= {name: value, f"{name}_q10": low, f"{name}_q90": high}
        return pd.DataFrame(columns)

    def optimum(self, level: float) -> dict[str, tuple[FloatArray, FloatArray, FloatArray]]:
        """Parameters, tokens and loss of the optimal run in each row of the table: by the law
        itself, and the ends of the range of its draws.

        Parameters
        ----------
        level : float
            The share of the draws inside the range, between 0 and 1.
        """
        flops, ends = self._flops, [(1 - level) / 2, (1 + level) / 2]
        values = (*self.law.law.optimal(flops), self.law.law.loss_at_compute(flops))
        draws = (*self.law.draws.optimal(flops), self.law.draws.loss_at_compute(flops))
        return {
            name: (value, *quantile_of(drawn, ends, "linear"))
            for name, value, drawn in zip(
                ("params", "tokens", "loss_nats_per_token"), values, draws, strict=True
            )
        }

    @property
    def _flops(self) -> FloatArray:
        return np.unique(
            np.append(10.0 ** np.arange(FIRST_OOM, LAST_OOM + 1), self.scenario.training_flop)
        )


def compute_buys(scenario: ComputeBuysInputs, *, data: DataOrContext | None = None) -> ComputeBuys:
    """The compute-optimal run at `scenario.training_flop` under `scenario.law`.

    Raises UnknownNameError for a law that is not known, ForecastingError for one of own runs that
    are not here.
    """
    context = context_of(data)
    law, flop = law_in_use(scenario.law, context), scenario.training_flop
    params, tokens = (
        Estimate(float(v), d)
        for v, d in zip(law.law.optimal(flop), law.draws.optimal(flop), strict=True)
    )
    runs = law.runs if law.is_yours and law.runs is not None else chinchilla_runs(context.data)
    grid = np.geomspace(
        min(10.0**FIRST_OOM, float(runs.training_flop.min())), max(10.0**LAST_OOM, flop * 2.0), GRID
    )
    return ComputeBuys(
        scenario=scenario,
        law=law,
        params=params,
        tokens=tokens,
        loss=Estimate(float(law.law.loss_at_compute(flop)), law.draws.loss_at_compute(flop)),
        bands=Bands.of_draws(grid, law.draws.loss_at_compute(grid)),
        line=np.asarray(law.law.loss_at_compute(grid)),
        others=tuple(_bought(name, flop) for name in published_laws()),
        runs=runs,
    )


def base_law(
    law: ChinchillaLaw | RepeatedDataLaw | OverTrainingLaw | KaplanLaw,
) -> ChinchillaLaw | OverTrainingLaw | KaplanLaw:
    """The law for data without end."""
    return law.base if isinstance(law, RepeatedDataLaw) else law


def _bought(name: str, flop: float) -> BoughtByLaw:
    entry = published_laws()[name]
    law = base_law(entry.law)
    params, tokens = law.optimal(flop)
    # Kaplan's line L(C) is for the best size at each compute; its joint form gives parameters and
    # tokens.
    loss = law.loss_at_compute(flop)
    return BoughtByLaw(
        name, entry.title, params, tokens, loss, law.params_exponent, entry.source, entry.published
    )
