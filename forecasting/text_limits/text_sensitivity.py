"""What moves the date on which text runs out: each factor swung between its 10th and 90th
percentile, and its rank correlation.

A bar of the tornado is the median date with one factor held at an end and all others drawn as
before. The rank correlation (Spearman) is between the factor and the date over all draws; dates
beyond the horizon are ties at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.special import ndtri

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.context import Context, DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.formatting import in_words, significant
from forecasting.text_limits.exhaustion_dates import ExhaustionDates
from forecasting.text_limits.text_demand import growth_draws, log_compute_at
from forecasting.text_limits.text_exhaustion import (
    crossing_dates,
    follows_history,
    history_weight,
    mixture_of,
)
from forecasting.text_limits.text_factors import DRAWS, deviates_of
from forecasting.text_limits.text_inputs import SUPPLIES, CrossingInputs
from forecasting.text_limits.text_stock import BYTES_A_TOKEN_AT_MOST

LOW, HIGH = 0.1, 0.9
#: The year whose training compute stands for the path of compute in words.
COMPUTE_YEAR = 2030.0


@dataclass(frozen=True)
class Swing:
    """One factor: its ends in words, the median date at either, and its rank correlation with the
    date (−1 to 1).

    `at_low` and `at_high` are decimal years, infinite beyond the horizon.
    """

    factor: str
    label: str
    low_words: str
    high_words: str
    at_low: float
    at_high: float
    rank_correlation: float

    @property
    def years(self) -> float:
        """How far the swing moves the median date; infinite where one end lies beyond the
        horizon.
        """
        return 0.0 if self.at_low == self.at_high else abs(self.at_high - self.at_low)


@dataclass(frozen=True)
class TextSensitivity(Answered):
    """Every uncertain factor of the scenario, the one that moves the date most first."""

    scenario: CrossingInputs
    median_year: float
    swings: tuple[Swing, ...]

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a factor; dates as decimal years, infinite beyond the horizon."""
        return pd.DataFrame(
            {
                "factor": [swing.label for swing in self.swings],
                "factor_q10": [swing.low_words for swing in self.swings],
                "factor_q90": [swing.high_words for swing in self.swings],
                "median_year_at_q10": [swing.at_low for swing in self.swings],
                "median_year_at_q90": [swing.at_high for swing in self.swings],
                "rank_correlation_with_date": [swing.rank_correlation for swing in self.swings],
            }
        )


def text_sensitivity(
    scenario: CrossingInputs, *, data: DataOrContext | None = None
) -> TextSensitivity:
    """Swing every uncertain factor that the scenario's demand uses."""
    context = context_of(data)
    history, compute = crossing_dates(scenario, data=context)
    drawn_dates = np.where(follows_history(scenario), history, compute)
    ranks = ranks_of(drawn_dates)
    swings = []
    for factor in uncertain_factors(scenario):
        at_low, at_high = (_median_with(factor, share, scenario, context) for share in (LOW, HIGH))
        correlation = _correlation(deviates_of(factor, scenario.seed), ranks)
        swings.append(
            Swing(
                factor,
                _label(factor),
                *_end_words(factor, scenario, context.data),
                at_low,
                at_high,
                correlation,
            )
        )
    if 0.0 < history_weight(scenario) < 1.0:
        alone = [ExhaustionDates.of([(dates, 1.0)]).median for dates in (history, compute)]
        correlation = _correlation(-follows_history(scenario).astype(np.float64), ranks)
        swings.append(
            Swing(
                "which_demand",
                "Which demand",
                "past growth",
                "compute forecast",
                alone[0],
                alone[1],
                correlation,
            )
        )
    swings.sort(key=lambda swing: -swing.years)
    return TextSensitivity(scenario, mixture_of(scenario, history, compute).median, tuple(swings))


def uncertain_factors(scenario: CrossingInputs) -> tuple[str, ...]:
    """The factors with a range that the scenario's demand and stock use, by stream."""
    weight = history_weight(scenario)
    names = [
        "pages",
        "bytes_per_page",
        "bytes_below_six",
        "quality",
        "page_growth",
        "page_count_growth",
        *SUPPLIES,
        "overtraining",
    ]
    names.append("repetition" if scenario.repetition_by == "paper" else "epochs")
    names += ["anchor_tokens"] if weight > 0.0 else []
    names += ["compute_shift_oom"] if weight < 1.0 else []
    uncertain = [
        name for name in names if getattr(scenario, name).low < getattr(scenario, name).high
    ]
    if weight > 0.0 and (
        scenario.growth_from != "own"
        or scenario.growth_oom_per_year.low < scenario.growth_oom_per_year.high
    ):
        uncertain.append("growth")
    if weight < 1.0:
        uncertain.append("compute")
    return tuple(uncertain)


def _median_with(factor: str, share: float, scenario: CrossingInputs, context: Context) -> float:
    """The median date with one factor held at the quantile `share`."""
    held = {factor: np.full(DRAWS, ndtri(share))}
    return mixture_of(scenario, *crossing_dates(scenario, held, data=context)).median


def ranks_of(values: FloatArray) -> FloatArray:
    """Ranks from 0, equal values (draws beyond the horizon, above all) sharing their mean rank."""
    _, group, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    mean: FloatArray = last - (count + 1) / 2.0
    return mean[group]


def _correlation(factor: FloatArray, ranks_of_dates: FloatArray) -> float:
    ranks = ranks_of(factor)
    if np.ptp(ranks) == 0.0 or np.ptp(ranks_of_dates) == 0.0:
        return 0.0
    return float(np.corrcoef(ranks, ranks_of_dates)[0, 1])


def _label(factor: str) -> str:
    if factor == "growth":
        return "Growth of datasets"
    if factor == "compute":
        return f"Training compute (in {COMPUTE_YEAR:.0f})"
    if factor == "bytes_below_six":
        return "Bytes per token"
    return str(CrossingInputs.model_fields[factor].description)


def _end_words(factor: str, scenario: CrossingInputs, data: DataSet) -> tuple[str, str]:
    z = ndtri(np.array([LOW, HIGH]))
    if factor == "growth":
        low, high = 10.0 ** growth_draws(scenario, z, data=data)
        return f"×{significant(low, 3)} a year", f"×{significant(high, 3)} a year"
    if factor == "compute":
        low, high = 10.0 ** log_compute_at(np.array([COMPUTE_YEAR]), z)[0]
        return f"{in_words(low, 2)} FLOP", f"{in_words(high, 2)} FLOP"
    low, high = getattr(scenario, factor).of_normal(z)
    if factor == "bytes_below_six":
        low, high = BYTES_A_TOKEN_AT_MOST - low, BYTES_A_TOKEN_AT_MOST - high
    unit = CrossingInputs.model_fields[factor].json_schema_extra["unit"]  # type: ignore[index]
    return _amount(float(low), str(unit)), _amount(float(high), str(unit))


def _amount(value: float, unit: str) -> str:
    if unit == "1":
        return f"{value:.0%}"
    if unit.startswith("×"):
        return f"×{significant(value, 3)}{' a year' if unit.endswith('/year') else ''}"
    return f"{in_words(value, 2)} {unit}"
