"""The three laws and the plan in brief: of each one figure with its range, a small curve, how
far its data go, and the scenario that shows it in full.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.compute_cost.price_trend import price_trend
from forecasting.data.age import data_as_of
from forecasting.formatting import in_flop, in_words, in_years, significant
from forecasting.inference.exchange_rate import exchange_rates
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.planning.plan import plan
from forecasting.planning.plan_scenario import PlanScenario
from forecasting.reporting.article_claims import Basis
from forecasting.reporting.data_age import month_of
from forecasting.reporting.planning_answers import LIMIT_WORDS
from forecasting.scaling.compute_buys import compute_buys
from forecasting.scaling.scaling_scenario import ScalingScenario
from forecasting.scenario import Scenario
from forecasting.stats.bands import Bands, Range

LEVEL = 0.8
DRAWS = 2000
#: Compute of the training law's small curve, in FLOP.
FIRST_FLOP, LAST_FLOP = 1e19, 1e26
#: Orders of magnitude of inference in that of the inference law.
MAX_OOM = 4.0

Words = Callable[[float], str]


@dataclass(frozen=True)
class Axis:
    """An axis of a small curve: what it shows with its unit, and the words of its values."""

    title: str
    words: Words
    is_log: bool = False


@dataclass(frozen=True, eq=False)
class LawSummary:
    """One law: its `name`, the figure in words with its range, and what it shows.

    `curve` holds quantiles of y over x, `points` measured values as (x, y); `data_to` is empty
    where nothing measured stands behind it. `observed_until` is the last measured x.
    """

    name: str
    about: str
    words: str
    range_words: str
    curve: Bands
    x: Axis
    y: Axis
    scenario: Scenario
    display: Mapping[str, str] = field(default_factory=dict)
    points: tuple[FloatArray, FloatArray] = (np.empty(0), np.empty(0))
    observed_until: float = -np.inf
    data_to: str = ""

    @property
    def full_answer(self) -> str:
        """The law in a sentence, for those who do not see its curve."""
        return f"{self.name}. {self.about} {self.words}, {self.range_words}."


def law_summaries(
    basis: Basis, prices: CostScenario, planned: PlanScenario, answering: InferenceScenario
) -> tuple[LawSummary, ...]:
    """Compute gets cheaper, loss falls with training compute, quality rises with compute per
    answer, and what the three make of a budget.

    Parameters
    ----------
    basis : Basis
        The data, and the forecasts made of them.
    prices, planned, answering : scenarios
        Those of the price trend, of the plan, and of what an answer's compute is worth.
    """
    return (
        _compute_gets_cheaper(basis, prices),
        _loss_falls(basis, ScalingScenario(seed=basis.seed)),
        _answers_improve(basis, answering),
        _plan(basis, planned),
    )


def _compute_gets_cheaper(basis: Basis, scenario: CostScenario) -> LawSummary:
    trend = basis.made(price_trend, scenario)
    doubling = Range(*trend.doubling_within(LEVEL), unit="years")
    last = float(trend.points.dates[-1])
    until = np.searchsorted(trend.trend_bands.x, last + 5.0, side="right")
    return LawSummary(
        name="Compute gets cheaper",
        about=f"{trend.points.label} doubles every",
        words=in_years(doubling.value),
        range_words=likely(doubling, in_years),
        curve=Bands(trend.trend_bands.x[:until], trend.trend_bands.values[:, :until]),
        points=(trend.points.dates, trend.points.values),
        observed_until=last,
        x=Axis("Year", "{:.0f}".format),
        y=Axis(trend.points.unit, partial(in_flop, digits=2), is_log=True),
        scenario=scenario,
        display={"view": "price"},
        data_to=_data_to(basis, ("chip_rental_prices", "chip_rental_prices_2026")),
    )


def _loss_falls(basis: Basis, scenario: ScalingScenario) -> LawSummary:
    result = basis.made(compute_buys, scenario)
    law, draws = result.law.law, result.law.draws
    left = 1.0 - 10.0 ** -np.asarray(draws.column("gamma"))
    tail = (1.0 - LEVEL) / 2.0
    low, high = np.quantile(left, [tail, 1.0 - tail])
    fall = Range(1.0 - 10.0**-law.gamma, float(low), float(high), "share of the loss")
    inside = (result.bands.x >= FIRST_FLOP) & (result.bands.x <= LAST_FLOP)
    runs = result.runs
    return LawSummary(
        name="Training lowers loss",
        about="Of the loss that training can remove, 10× the compute removes",
        words=f"{fall.value:.0%}",
        range_words=likely(fall, "{:.0%}".format),
        curve=Bands(result.bands.x[inside], result.bands.values[:, inside]),
        points=(runs.training_flop, runs.loss),
        observed_until=float(runs.training_flop.max()),
        x=Axis("Training compute (FLOP)", partial(in_flop, digits=2), is_log=True),
        y=Axis("Loss (nats per token)", partial(significant, digits=2), is_log=True),
        scenario=scenario,
        display={"view": "compute"},
        data_to=_data_to(basis, ("runs_chinchilla",)),
    )


def _answers_improve(basis: Basis, scenario: InferenceScenario) -> LawSummary:
    language = exchange_rates(basis.data)["language"]
    rate, span = language.draw(DRAWS, np.random.default_rng(basis.seed))
    worth = Range.of_draws(10.0**rate, "× training compute", LEVEL)
    oom = np.linspace(0.0, MAX_OOM, 41)
    worths = 10.0 ** (rate[:, None] * np.minimum(oom, span[:, None]))
    return LawSummary(
        name="Thinking improves answers",
        about="10× the compute per answer is worth",
        words=f"{significant(10.0 ** language.middle[0], 2)}× the training",
        range_words=likely(worth, lambda times: f"{significant(times, 2)}×"),
        curve=Bands.of_draws(10.0**oom, worths),
        x=Axis("Compute per answer (×)", _times, is_log=True),
        y=Axis("Worth in training (×)", _times, is_log=True),
        scenario=scenario,
        display={"view": "axes"},
        data_to=_data_to(basis, ("train_inference_tradeoffs",)),
    )


def _plan(basis: Basis, scenario: PlanScenario) -> LawSummary:
    result = basis.made(plan, scenario)
    share = result.bands["inference_share"]
    first = result.first_limit
    words, ends = "nothing but money", "in the years planned"
    if first is not None:
        name, year = first
        words = f"{LIMIT_WORDS[name]}, from {year}"
        ends = likely(result.starts[name], lambda at: f"{math.floor(at)}")
    return LawSummary(
        name="A plan joins the three",
        about="What limits a growing lab first",
        words=words,
        range_words=ends,
        curve=share,
        x=Axis("Year", "{:.0f}".format),
        y=Axis("Share spent on inference", "{:.0%}".format),
        scenario=scenario,
        display={"view": "plan"},
        data_to=_data_to(basis, PlanScenario.TABLES),
    )


def likely(figure: Range, words: Words) -> str:
    """The range of a figure in words: likely 2027–2035 (80%); likely 2027 or later (80%)."""
    if np.isinf(figure.high):
        return f"likely {words(figure.low)} or later ({LEVEL:.0%})"
    return figure.range_words(words)


def _times(factor: float) -> str:
    return f"{in_words(factor, 2)}×"


def _data_to(basis: Basis, tables: Sequence[str]) -> str:
    newest = data_as_of(basis.data, tables)
    return "" if newest is None else f"data to {month_of(newest)}"
