"""What does a benchmark score cost at answer time, and which people does it match?

The frontier holds each model whose score no cheaper one reaches. A line is fitted to it in logits,

    logit(score) = a + b·log10(cost)

since scores end at 0 and 100%. Its range comes from resampling the models: each resample has a frontier of its own. ARC-AGI: score against
USD per task (ARC Prize leaderboard, late 2025). AIME 2024: o1-mini's accuracy against tokens it may use, 30 problems. That is the axis of
answer time alone: what training adds for o1, the other axis of the post that announced it, has no public figures.

A benchmark is not AGI. People's rows are set beside the levels of Morris et al. 2023 (arXiv:2311.02462) only as far as rows allow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecasting.core.bands import QUANTILES, Bands, Range
from forecasting.core.least_squares import least_squares_lines
from forecasting.core.tables import Tables, bundled
from forecasting.core.units import in_dollars, in_percent, in_words
from forecasting.inference.inference_scenario import InferenceScenario

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

REPLICATES = 1000
#: Tasks behind a score, so that none of them, or all, is a logit too: half a task is added on either side.
TASKS = {"ARC-AGI-1": 100, "ARC-AGI-2": 120, "AIME 2024": 30}
PEOPLE = ("Human Panel", "Stem Grad", "Avg. Mturker")
PEOPLE_WORDS = {"Human Panel": "panel of people", "Stem Grad": "STEM graduates", "Avg. Mturker": "average crowd worker"}
#: The runs of December 2024 with "low" efficiency used this many times the compute of those with "high" (ARC Prize post).
LOW_EFFICIENCY_COMPUTE = 172.0


@dataclass(frozen=True)
class ScorePoint:
    """A score (share) at a cost, NaN where none is published. Only points of the kind "model" are fitted.

    "model" and "person" are rows of the leaderboard or of o1-mini's runs, "post" the o3 runs as ARC Prize priced them in December 2024,
    "article" what only the source article states.
    """

    name: str
    cost: float
    score: float
    kind: str
    note: str = ""


@dataclass(frozen=True, eq=False)
class BenchmarkScores:
    """Scores over cost (USD or tokens a task), the fitted frontier with its bands, and people's rows."""

    scenario: InferenceScenario
    points: tuple[ScorePoint, ...]
    frontier: BoolArray
    bands: Bands
    at_cost: Range
    slope_per_decade: Range
    cost_of_people: dict[str, Range]
    levels: tuple[tuple[str, str], ...]
    observed: tuple[float, float]

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
        """The rows of people, lowest score first."""
        return tuple(sorted((point for point in self.points if point.kind == "person"), key=lambda point: point.score))

    @property
    def best(self) -> ScorePoint:
        """The best score that a model reached, as measured."""
        return max((point for point in self.points if point.kind in ("model", "post")), key=lambda point: point.score)

    @property
    def stated_only(self) -> tuple[ScorePoint, ...]:
        """What only the source article states."""
        return tuple(point for point in self.points if point.kind == "article")

    @property
    def answer(self) -> str:
        """The frontier at the cost asked for, beside people, in one sentence with its range."""
        at, name = self.at_cost, self.scenario.benchmark
        beyond = "" if self.observed[0] <= self.cost <= self.observed[1] else ", outside what was measured"
        who = "o1-mini" if self.in_tokens else "the frontier of models"
        start = (
            f"At {self.cost_words(self.cost)} a task {who} stands at about {in_percent(at.value, 2)} on {name} "
            f"(80% range {in_percent(at.low, 2)} to {in_percent(at.high, 2)}){beyond}; ten times the cost multiplies the odds of solving "
            f"a task by {np.exp(self.slope_per_decade.value):.1f}."
        )
        if not self.people:
            return start
        person, best = self.people[0], self.best
        needed = self.cost_of_people[person.name]
        far = ", far beyond what was measured" if needed.value > 10 * self.observed[1] else ""
        derived = " by its compute (the cost was not published)" if best.note.startswith("its cost") else ""
        return (
            f"{start} The {PEOPLE_WORDS[person.name]} solves {in_percent(person.score)} for {in_dollars(person.cost)}; the frontier gets "
            f"there at about {in_dollars(needed.value, 2)} (80% range {in_dollars(needed.low, 2)} to {in_dollars(needed.high, 2)}){far}. "
            f"The best score measured is {in_percent(best.score)}: {best.name.rstrip('*')}, {self.cost_words(best.cost)} a task{derived}."
        )

    @property
    def level_reading(self) -> str:
        """What the best score says of the levels, and what it cannot say."""
        best, people = self.best, self.people
        if not people:
            return "No people's rows are published with these figures, so nothing can be read about levels."
        passed = [PEOPLE_WORDS[person.name] for person in people if best.score >= person.score]
        above = [PEOPLE_WORDS[person.name] for person in people if best.score < person.score]
        where = f"above the {', '.join(passed)}" if passed else f"below the {above[0]}"
        rest = f" and below the {', '.join(above)}" if passed and above else ""
        reading = "“Competent” on this task" if not above else "“Emerging” on this task"
        return (
            f"The best score, {in_percent(best.score)}, lies {where}{rest}: at most {reading}. Levels above “Competent” are percentiles of "
            "skilled adults, and no percentiles of people are published for this benchmark. They are meant for wide ranges of tasks: a "
            "single benchmark is not AGI, whatever its score."
        )

    @property
    def table(self) -> pd.DataFrame:
        """A row a point: cost in its unit, score, kind, whether on the frontier, what the fitted frontier says there."""
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
                columns[f"frontier_share_q{quantile * 100:g}"] = np.interp(np.log(cost), np.log(self.bands.years), row)
        return pd.DataFrame(columns).assign(note=[point.note for point in self.points])


def benchmark_scores(scenario: InferenceScenario, *, data: Tables | None = None) -> BenchmarkScores:
    """Scores of one benchmark over cost with the fitted frontier."""
    tables = bundled() if data is None else data
    points = _aime_points(tables) if scenario.benchmark == "AIME 2024" else _arc_points(scenario.benchmark, tables)
    used = np.array([point.kind == "model" and np.isfinite(point.cost) for point in points])
    cost = np.array([point.cost for point in points])
    tasks = TASKS[scenario.benchmark]
    logits = _logit(np.array([point.score for point in points]), tasks)

    rng = np.random.default_rng(scenario.seed)
    rows = np.flatnonzero(used)
    rows = rows[np.lexsort((-logits[rows], cost[rows]))]
    x, y = np.log10(cost[rows]), logits[rows]
    weights = np.vstack([np.ones(rows.size), rng.multinomial(rows.size, np.full(rows.size, 1.0 / rows.size), REPLICATES)])
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
    bands = Bands(grid, _share(np.quantile(lines, QUANTILES, axis=0)))
    with np.errstate(divide="ignore", over="ignore"):
        needed = {
            person.name: Range.of_draws(
                np.where(slope > 0.0, 10.0 ** np.minimum((_logit(person.score, tasks) - intercept) / slope + centre, 300.0), np.inf),
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
    )


def _frontier_members(y: FloatArray, weights: FloatArray) -> BoolArray:
    """Which rows, cheapest first, have a score above all cheaper ones, for each weighting (rows of weight 0 are not there)."""
    there = np.where(weights > 0.0, y, -np.inf)
    before = np.concatenate([np.full((len(weights), 1), -np.inf), np.maximum.accumulate(there, axis=1)[:, :-1]], axis=1)
    member: BoolArray = there > before
    return member


def _arc_points(benchmark: str, tables: Tables) -> tuple[ScorePoint, ...]:
    table = tables["arc_agi_scores"]
    rows = table[table["benchmark"] == benchmark]
    points = [
        ScorePoint(str(name), float(usd), float(percent) / 100.0, "person" if name in PEOPLE else "model", "leaderboard, late 2025")
        for name, percent, usd in zip(rows["model"], rows["score_pct"], rows["usd_per_task"], strict=True)
    ]
    return (*points, *_december_points(tables)) if benchmark == "ARC-AGI-1" else tuple(points)


def _december_points(tables: Tables) -> list[ScorePoint]:
    """The o3 runs at the prices of December 2024, and what only the article states. None of them is fitted."""
    table = tables["o3_arc_agi_2024"]
    rows = table[table["set"] == "semi-private"].set_index("efficiency")
    high_usd = float(rows["usd_per_task"]["high"])
    points = [
        ScorePoint(
            "o3, high efficiency",
            high_usd,
            float(rows["score_pct"]["high"]) / 100.0,
            "post",
            "price of December 2024; listed at $200 since",
        ),
        ScorePoint(
            "o3, low efficiency",
            LOW_EFFICIENCY_COMPUTE * high_usd,
            float(rows["score_pct"]["low"]) / 100.0,
            "post",
            f"its cost was not published: {LOW_EFFICIENCY_COMPUTE:g} × that of the other run, as its compute was",
        ),
    ]
    claims = tables["article_claims"].set_index("claim")["stated_value"]
    for claim, name, cost_claim in (
        ("GPT-3 solved 0 percent of ARC-AGI", "GPT-3", None),
        ("o1 solved 31 percent of ARC-AGI", "o1", None),
        ("o3 solved 88 percent of ARC-AGI", "o3", "An o3 answer on ARC-AGI cost 1000 dollars"),
        ("The average person solves 75 percent of ARC-AGI", "average person", "People solve an ARC-AGI task for 5 dollars"),
    ):
        cost = float(claims[cost_claim]) if cost_claim else float("nan")
        note = "only the article states it" if cost_claim is None else "only the article states this pair of score and cost"
        points.append(ScorePoint(name, cost, float(claims[claim]) / 100.0, "article", note))
    return points


def _aime_points(tables: Tables) -> tuple[ScorePoint, ...]:
    """o1-mini by tokens; the rows of the vote that repeat those of single answers count once."""
    rows = tables["o1mini_accuracy_vs_tokens"].drop_duplicates(["accuracy", "avg_tokens_used"])
    return tuple(
        ScorePoint(
            f"{'vote of o1-mini' if method == 'majority' else 'o1-mini'}, limit {int(limit):,}",
            float(tokens),
            float(accuracy),
            "model",
            "30 problems: one is 3.3 points",
        )
        for method, limit, accuracy, tokens in zip(
            rows["method"], rows["token_limit"], rows["accuracy"], rows["avg_tokens_used"], strict=True
        )
    )


def _logit(share: FloatArray | float, tasks: int) -> FloatArray:
    """ln odds, half a task added to the solved and to the unsolved."""
    solved = np.asarray(share) * tasks
    odds: FloatArray = np.log((solved + 0.5) / (tasks - solved + 0.5))
    return odds


def _share(logit: FloatArray) -> FloatArray:
    result: FloatArray = 1.0 / (1.0 + np.exp(-logit))
    return result
