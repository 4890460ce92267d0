"""What does a benchmark score cost at answer time, and which people does it match?

The frontier holds each model whose score no cheaper one reaches: its steps are what was measured. A
smoothed trend is fitted in logits,

    logit(score) = a + b·log10(cost)

since scores end at 0 and 100%. Its range comes from resampling the models: each resample has a
frontier of its own. That is the doubt about the line: scores may lie outside it, and the answer
says by how much. ARC-AGI: score against USD per task (ARC Prize leaderboard, as of its table's
date). AIME 2024: o1-mini's accuracy against tokens it may use, 30 problems. That is the axis of
answer time alone: what training adds for o1, the other axis of the post that announced it, has no
public figures.

A benchmark is not AGI. People's rows are set beside the levels of Morris et al. 2023
(arXiv:2311.02462) only as far as rows allow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import BoolArray, FloatArray
from forecasting.context import DataOrContext, context_of
from forecasting.formatting import in_dollars, in_words
from forecasting.inference.leaderboard import board_words
from forecasting.inference.score_points import (
    ScorePoint,
    aime_points,
    arc_points,
)
from forecasting.scenario import SeededInputs, quantity
from forecasting.stats.bands import QUANTILES, Bands, Range
from forecasting.stats.least_squares import least_squares_lines
from forecasting.stats.quantiles import quantile_of

REPLICATES = 1000
#: Tasks behind a score, so that none of them, or all, is a logit too: half a task is added on
#: either side.
TASKS = {"ARC-AGI-1": 100, "ARC-AGI-2": 120, "AIME 2024": 30}


BENCHMARKS = ("ARC-AGI-1", "ARC-AGI-2", "AIME 2024")


class BenchmarkScoresInputs(SeededInputs):
    """Inputs of scores against what a task costs."""

    TABLES: ClassVar[tuple[str, ...]] = (
        "arc_agi_scores",
        "article_claims",
        "levels_of_agi",
        "o1mini_accuracy_vs_tokens",
        "o3_arc_agi_2024",
    )

    benchmark: Literal["ARC-AGI-1", "ARC-AGI-2", "AIME 2024"] = quantity(
        "ARC-AGI-1", unit="name", label="Benchmark"
    )
    usd_per_task: float = quantity(
        5.0,
        unit="USD",
        label="Cost per task",
        why="What the December 2024 post paid people for an ARC-AGI-1 task.",
        ge=1e-6,
        le=1e6,
    )
    tokens_per_task: float = quantity(
        50_000.0,
        unit="tokens",
        label="Length of an answer",
        why="o1-mini was measured from 360 to 88,000.",
        ge=1.0,
        le=1e12,
    )


@dataclass(frozen=True, eq=False)
class BenchmarkScores(Answered):
    """Scores of one benchmark over cost, USD or tokens a task, with the frontier fitted to the best
    of them, and people's rows.

    `frontier` marks the `points` that it is fitted to, over the costs `observed`; `bands` are
    shares solved, over cost in place of years. `at_cost` is the share at the scenario's cost,
    `slope_per_decade` the logits gained by ten times the cost, `cost_of_people` the cost at which
    the frontier reaches each row of people; `board` names the leaderboard with its date, empty
    where scores come from elsewhere. Ranges hold 80%.
    """

    scenario: BenchmarkScoresInputs
    points: tuple[ScorePoint, ...]
    frontier: BoolArray
    bands: Bands
    at_cost: Range
    slope_per_decade: Range
    cost_of_people: dict[str, Range]
    levels: tuple[tuple[str, str], ...]
    observed: tuple[float, float]
    board: str

    @property
    def in_tokens(self) -> bool:
        """Whether cost is in tokens a task rather than USD."""
        return self.scenario.benchmark == "AIME 2024"

    @property
    def cost(self) -> float:
        """The cost a task that was asked for."""
        return self.scenario.tokens_per_task if self.in_tokens else self.scenario.usd_per_task

    def cost_words(self, cost: float) -> str:
        """A cost in its unit."""
        return f"{in_words(cost, 2)} tokens" if self.in_tokens else in_dollars(cost)

    @property
    def people(self) -> tuple[ScorePoint, ...]:
        """The rows of people, lowest score first, the cheapest of one score first."""
        return tuple(
            sorted(
                (point for point in self.points if point.kind == "person"),
                key=lambda point: (point.score, point.cost),
            )
        )

    @property
    def best(self) -> ScorePoint:
        """The best score that a model reached, as measured, and the cheapest that reached it."""
        return max(
            (point for point in self.points if point.kind in ("model", "post")),
            key=lambda point: (point.score, -point.cost),
        )

    @property
    def steps(self) -> tuple[ScorePoint, ...]:
        """Those of the models whose score no cheaper one reaches, cheapest first: the best that was
        measured at each cost.
        """
        steps: list[ScorePoint] = []
        models = (
            point for point in self.points if point.kind == "model" and np.isfinite(point.cost)
        )
        for point in sorted(models, key=lambda point: (point.cost, -point.score)):
            if not steps or point.score > steps[-1].score:
                steps.append(point)
        return tuple(steps)

    @property
    def best_within_cost(self) -> ScorePoint | None:
        """The best model measured at the cost asked for or less."""
        return next((point for point in reversed(self.steps) if point.cost <= self.cost), None)

    def measured_at(self, score: float) -> ScorePoint | None:
        """The cheapest model measured at a score or above."""
        return next((point for point in self.steps if point.score >= score), None)

    @property
    def trend_at_last(self) -> Range:
        """What the smoothed trend says at the dearest of the steps, to be held against its
        score.
        """
        at = np.log(self.steps[-1].cost)
        low, value, high = (
            float(np.interp(at, np.log(self.bands.x), self.bands.values[QUANTILES.index(quantile)]))
            for quantile in (0.1, 0.5, 0.9)
        )
        return Range(value, low, high, "share")

    @property
    def stated_only(self) -> tuple[ScorePoint, ...]:
        """What the source article states and no table of ours holds."""
        return tuple(point for point in self.points if point.kind == "article")

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a point: cost in its unit, score, kind, whether on the frontier, what the fitted
        frontier says there.
        """
        cost = np.array([point.cost for point in self.points])
        unit = "tokens_per_task" if self.in_tokens else "usd_per_task"
        columns: dict[str, object] = {
            "name": [point.name for point in self.points],
            "kind": [point.kind for point in self.points],
            unit: cost,
            "score_share": [point.score for point in self.points],
            "on_frontier": self.frontier,
        }
        for quantile, row in zip(QUANTILES, self.bands.values, strict=True):
            if quantile in (0.1, 0.5, 0.9):
                columns[f"frontier_share_q{quantile * 100:g}"] = np.interp(
                    np.log(cost), np.log(self.bands.x), row
                )
        return pd.DataFrame(columns).assign(note=[point.note for point in self.points])


def benchmark_scores(
    scenario: BenchmarkScoresInputs, *, data: DataOrContext | None = None
) -> BenchmarkScores:
    """Scores of one benchmark over cost with the fitted frontier."""
    tables = context_of(data).data
    points = (
        aime_points(tables)
        if scenario.benchmark == "AIME 2024"
        else arc_points(scenario.benchmark, tables)
    )
    used = np.array([point.kind == "model" and np.isfinite(point.cost) for point in points])
    cost = np.array([point.cost for point in points])
    tasks = TASKS[scenario.benchmark]
    logits = _logit(np.array([point.score for point in points]), tasks)

    rng = np.random.default_rng(scenario.seed)
    rows = np.flatnonzero(used)
    rows = rows[np.lexsort((-logits[rows], cost[rows]))]
    x, y = np.log10(cost[rows]), logits[rows]
    weights = np.vstack(
        [
            np.ones(rows.size),
            rng.multinomial(rows.size, np.full(rows.size, 1.0 / rows.size), REPLICATES),
        ]
    )
    # o1-mini is one model: every setting counts. Of many models only the frontier does.
    member = weights > 0.0 if scenario.benchmark == "AIME 2024" else _frontier_members(y, weights)
    frontier = np.zeros(len(points), dtype=np.bool_)
    frontier[rows] = member[0]
    centre = float(x.mean())
    spread = np.where(member, x, -np.inf).max(axis=1) - np.where(member, x, np.inf).min(axis=1)
    usable = (member.sum(axis=1) >= 3) & (spread > 0.5)
    intercept, slope = least_squares_lines(x - centre, y, weights[usable] * member[usable])
    asked = scenario.tokens_per_task if scenario.benchmark == "AIME 2024" else scenario.usd_per_task
    people = [point for point in points if point.kind == "person"]
    ends = np.concatenate([cost[rows], [asked], [point.cost for point in people]])
    grid = np.geomspace(ends.min() / 1.5, ends.max() * 1.5, 61)
    lines = intercept[:, None] + slope[:, None] * (np.log10(grid) - centre)
    at = intercept + slope * (np.log10(asked) - centre)
    bands = Bands(grid, _share(quantile_of(lines, QUANTILES, "linear")))
    with np.errstate(divide="ignore", over="ignore"):
        needed = {
            person.name: Range.of_draws(
                np.where(
                    slope > 0.0,
                    10.0
                    ** np.minimum(
                        (_logit(person.score, tasks) - intercept) / slope + centre, 300.0
                    ),
                    np.inf,
                ),
                "tokens" if scenario.benchmark == "AIME 2024" else "USD",
            )
            for person in people
        }
    levels = tables["levels_of_agi"]
    return BenchmarkScores(
        scenario=scenario,
        points=points,
        frontier=frontier,
        bands=bands,
        at_cost=Range.of_draws(_share(at), "share"),
        slope_per_decade=Range.of_draws(slope, "logits per factor of ten"),
        cost_of_people=needed,
        levels=tuple(
            (str(name), "–" if pd.isna(text) else str(text).replace(">=", "at or above the "))
            for name, text in zip(levels["name"], levels["performance"], strict=True)
        ),
        observed=(float(cost[rows].min()), float(cost[rows].max())),
        board="" if scenario.benchmark == "AIME 2024" else board_words(tables),
    )


def _frontier_members(y: FloatArray, weights: FloatArray) -> BoolArray:
    """Which rows, cheapest first, have a score above all cheaper ones, for each weighting (rows of
    weight 0 are not there).
    """
    there = np.where(weights > 0.0, y, -np.inf)
    before = np.concatenate(
        [np.full((len(weights), 1), -np.inf), np.maximum.accumulate(there, axis=1)[:, :-1]], axis=1
    )
    member: BoolArray = there > before
    return member


def _logit(share: FloatArray | float, tasks: int) -> FloatArray:
    """ln odds, half a task added to the solved and to the unsolved."""
    solved = np.asarray(share) * tasks
    odds: FloatArray = np.log((solved + 0.5) / (tasks - solved + 0.5))
    return odds


def _share(logit: FloatArray) -> FloatArray:
    result: FloatArray = 1.0 / (1.0 + np.exp(-logit))
    return result
