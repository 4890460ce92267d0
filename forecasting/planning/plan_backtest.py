"""What the plan would have said in 2020, 2022 and 2024 with what was known then, against what was
trained.

For each cut-off: the scaling law of the time (Kaplan et al. 2020, Hoffmann et al. 2022 as printed,
Besiroglu et al. 2024) and the trend of the largest training runs published until then. The trend
gives the compute of a run on the day a model appeared, the law its best size and tokens. Beside it
stands the law alone, on the compute that was really spent: that is the law's share in the miss.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.compute_cost.trained_models import model_row
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.formatting import significant
from forecasting.laws.chinchilla_law import ChinchillaLaw
from forecasting.laws.kaplan_law import KaplanLaw
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN, PF_DAY_FLOP
from forecasting.laws.published_laws import published_law
from forecasting.scenario import SeededInputs
from forecasting.stats.bands import Range
from forecasting.stats.record_setters import running_top
from forecasting.trends.trend import Trend, fit_trend
from forecasting.units import decimal_years

#: What was known when: date (decimal year), the law of the day, and its reference.
CUTOFFS: tuple[tuple[float, str, str], ...] = (
    (
        2020.1,
        "kaplan",
        (
            "Kaplan et al., January 2020 (1.3 billion parameters at 1 PF-day, growing with compute"
            " to the power 0.73)"
        ),
    ),
    (2022.25, "chinchilla_printed", "Hoffmann et al., March 2022 (Chinchilla, as printed)"),
    (2024.29, "besiroglu", "Besiroglu et al., April 2024 (Chinchilla refitted)"),
)
#: The models that are compared, by their names in ai_models.
TRAINED = (
    "GPT-3 175B (davinci)",
    "Gopher (280B)",
    "Chinchilla",
    "PaLM (540B)",
    "LLaMA-65B",
    "Llama 2-70B",
    "Llama 3-70B",
    "Llama 3.1-405B",
)
#: Kaplan et al. 2020, table 6: the size that they advised, with training stopped early.
KAPLAN_PARAMS, KAPLAN_EXPONENT = 1.3e9, 0.73
FIRST_RUN_YEAR = 2012
#: A plan that is off by more than this factor counts as wrong.
WRONG_BY = 3.0


class PlanBacktestInputs(SeededInputs):
    """Inputs of the plans as they would have been made in the past."""

    TABLES: ClassVar[tuple[str, ...]] = ("ai_models",)


DEFAULT_INPUTS = PlanBacktestInputs()


@dataclass(frozen=True)
class PlannedRun:
    """One model as it was trained, and as the plan of a cut-off would have had it.

    `forecast_flop` is what the trend of the largest runs gave for its date (80% range for a single
    run of the top ten); `params` and `tokens` are the law's optimum at the compute that was really
    spent, `forecast_params` and `forecast_tokens` at the compute of the trend. `served_tokens` is
    the number of answered tokens over the model's life from which its size and data were the
    cheapest choice by today's default law (0: none, it is not over-trained).
    """

    cutoff: float
    model: str
    date: float
    trained_params: float
    trained_tokens: float
    trained_flop: float
    forecast_flop: Range
    params: float
    tokens: float
    forecast_params: Range
    forecast_tokens: Range
    served_tokens: float

    @property
    def params_ratio(self) -> float:
        """Planned over trained parameters, at the compute really spent."""
        return self.params / self.trained_params

    @property
    def tokens_ratio(self) -> float:
        """Planned over trained tokens, at the compute really spent."""
        return self.tokens / self.trained_tokens

    @property
    def flop_ratio(self) -> float:
        """Forecast over spent compute."""
        return self.forecast_flop.value / self.trained_flop

    @property
    def where_wrong(self) -> str:
        """Where the plan would have been off by more than a factor of 3, in words."""
        found = []
        for what, ratio in (
            ("size", self.params_ratio),
            ("tokens", self.tokens_ratio),
            ("compute", self.flop_ratio),
        ):
            if ratio > WRONG_BY or ratio < 1.0 / WRONG_BY:
                found.append(
                    f"{what} {significant(max(ratio, 1.0 / ratio), 2)}× too"
                    f" {'high' if ratio > 1.0 else 'low'}"
                )
        return ", ".join(found) or "nowhere"


@dataclass(frozen=True)
class PlanBacktest(Answered):
    """Every cut-off against every model that came after it."""

    runs: tuple[PlannedRun, ...]

    def of_cutoff(self, cutoff: float) -> tuple[PlannedRun, ...]:
        """The models after one cut-off."""
        return tuple(run for run in self.runs if run.cutoff == cutoff)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a cut-off and model."""
        return pd.DataFrame(
            {
                "known_until": [f"{math.floor(run.cutoff)}" for run in self.runs],
                "model": [run.model for run in self.runs],
                "year": [run.date for run in self.runs],
                "trained_params": [run.trained_params for run in self.runs],
                "planned_params": [run.params for run in self.runs],
                "trained_tokens": [run.trained_tokens for run in self.runs],
                "planned_tokens": [run.tokens for run in self.runs],
                "trained_tokens_per_parameter": [
                    run.trained_tokens / run.trained_params for run in self.runs
                ],
                "planned_tokens_per_parameter": [run.tokens / run.params for run in self.runs],
                "trained_flop": [run.trained_flop for run in self.runs],
                "forecast_flop_q10": [run.forecast_flop.low for run in self.runs],
                "forecast_flop_q50": [run.forecast_flop.value for run in self.runs],
                "forecast_flop_q90": [run.forecast_flop.high for run in self.runs],
                "served_tokens_that_explain_it": [run.served_tokens for run in self.runs],
                "off_by_more_than_3": [run.where_wrong for run in self.runs],
            }
        )


def plan_backtest(
    scenario: PlanBacktestInputs = DEFAULT_INPUTS, *, data: DataOrContext | None = None
) -> PlanBacktest:
    """Every model of TRAINED against the plans of the cut-offs before it."""
    return _backtest(scenario.seed, context_of(data).data)


def advised(law_name: str, training_flop: float) -> tuple[float, float]:
    """(N, D) that the law of the day advised for this compute; for Kaplan the paper's own rule,
    with training stopped early.
    """
    law = published_law(law_name).law
    if isinstance(law, KaplanLaw):
        params = KAPLAN_PARAMS * (training_flop / PF_DAY_FLOP) ** KAPLAN_EXPONENT
        return params, training_flop / (FLOP_PER_PARAM_AND_TOKEN * params)
    params, tokens = law.optimal(training_flop)
    return float(params), float(tokens)


def served_tokens_that_explain(law: ChinchillaLaw, params: float, tokens: float) -> float:
    """The served tokens for which this size and data are the cheapest for their loss:
    3·D·(αA·N^−α/(βB·D^−β) − 1), at least 0.

    Parameters
    ----------
    law : ChinchillaLaw
        The law.
    params : float
        N of the model.
    tokens : float
        Its D.
    """
    ratio = law.alpha * law.A * params**-law.alpha / (law.beta * law.B * tokens**-law.beta)
    return float(max(3.0 * tokens * (ratio - 1.0), 0.0))


@cached_with
def _backtest(seed: int, data: DataSet) -> PlanBacktest:
    today = published_law().law
    assert isinstance(today, ChinchillaLaw)
    runs = []
    for cutoff, law_name, _ in CUTOFFS:
        trend = _largest_runs(cutoff, seed, data)
        for model in TRAINED:
            row = model_row(model, data)
            date = float(decimal_years([row["date"].to_datetime64()])[0])
            if date <= cutoff:
                continue
            params, tokens, flop = (
                float(row[name]) for name in ("params", "dataset_size", "training_flop")
            )
            low, middle, high = (
                float(x[0])
                for x in trend.forecast([date], kind="observation", seed=seed).quantile(
                    [0.1, 0.5, 0.9]
                )
            )
            planned = advised(law_name, flop)
            sizes, texts = zip(
                *(advised(law_name, amount) for amount in (middle, low, high)), strict=True
            )
            runs.append(
                PlannedRun(
                    cutoff=cutoff,
                    model=model,
                    date=date,
                    trained_params=params,
                    trained_tokens=tokens,
                    trained_flop=flop,
                    forecast_flop=Range(middle, low, high, "FLOP"),
                    params=planned[0],
                    tokens=planned[1],
                    forecast_params=Range(sizes[0], sizes[1], sizes[2], "parameters"),
                    forecast_tokens=Range(texts[0], texts[1], texts[2], "tokens"),
                    served_tokens=served_tokens_that_explain(today, params, tokens),
                )
            )
    return PlanBacktest(tuple(runs))


def _largest_runs(cutoff: float, seed: int, data: DataSet) -> Trend:
    """The trend of training compute of language models that were among the ten largest when they
    appeared, as known at the cut-off.
    """
    table = data["ai_models"]
    dates = decimal_years(table["date"].to_numpy())
    flop = table["training_flop"].to_numpy(dtype=np.float64)
    language = table["domain"].fillna("").str.contains("Language").to_numpy()
    known = language & (flop > 0.0) & (dates >= FIRST_RUN_YEAR) & (dates <= cutoff)
    top = running_top(dates[known], flop[known])
    return fit_trend(dates[known][top], flop[known][top], method="ols", seed=seed)
