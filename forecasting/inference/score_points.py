"""Measured scores with what they cost: ARC-AGI by the leaderboard and by the post of December 2024,
AIME 2024 by o1-mini's runs.
"""

from __future__ import annotations

from dataclasses import dataclass

from forecasting.answers import Noted
from forecasting.data.dataset import DataSet
from forecasting.inference.leaderboard import PEOPLE, board_words

GPT_3_CLAIM = "GPT-3 solved 0 percent of ARC-AGI"
PEOPLE_WORDS = {
    "Human Panel": "panel of people",
    "Stem Grad": "STEM graduates",
    "Avg. Mturker": "average crowd worker",
}
#: The runs of December 2024 with "low" efficiency used this many times the compute of those with
#: "high" (ARC Prize post).
LOW_EFFICIENCY_COMPUTE = 172.0
#: The price of the "high" run has been listed at ten times as much since.
RELISTED_USD = 200.0


@dataclass(frozen=True)
class RepricedNote(Noted):
    """A cost at the prices of the post, listed at `relisted_usd` since."""

    relisted_usd: float


@dataclass(frozen=True)
class UnpublishedCostNote(Noted):
    """A cost that is `compute_ratio` times that of another run, `other_usd` in the post and
    `relisted_usd` since, as the compute was.
    """

    compute_ratio: float
    other_usd: float
    relisted_usd: float


@dataclass(frozen=True)
class StatedNote(Noted):
    """A score as the article states it, with a cost or without; `in_post` where the post has it."""

    has_cost: bool
    in_post: bool


@dataclass(frozen=True)
class ScorePoint:
    """A score (share) at a cost, NaN where none is published. Only points of the kind "model" are
    fitted.

    "model" and "person" are rows of the leaderboard or of o1-mini's runs, "post" the o3 runs as ARC
    Prize priced them in December 2024, "article" what the source article states and no table of
    ours holds. `about` says where the point comes from.
    """

    name: str
    cost: float
    score: float
    kind: str
    about: str | Noted = ""

    @property
    def note(self) -> str:
        """Where the point comes from, in words."""
        return self.about if isinstance(self.about, str) else self.about.sentence


def arc_points(benchmark: str, data: DataSet) -> tuple[ScorePoint, ...]:
    """The leaderboard's rows of an ARC-AGI benchmark; with ARC-AGI-1 also those of the post and of
    the article.
    """
    table, board = data["arc_agi_scores"], board_words(data)
    rows = table[table["benchmark"] == benchmark]
    points = [
        ScorePoint(
            str(name),
            float(usd),
            float(percent) / 100.0,
            "person" if name in PEOPLE else "model",
            board,
        )
        for name, percent, usd in zip(
            rows["model"], rows["score_pct"], rows["usd_per_task"], strict=True
        )
    ]
    return (*points, *_december_points(data)) if benchmark == "ARC-AGI-1" else tuple(points)


def _december_points(data: DataSet) -> list[ScorePoint]:
    """The o3 runs at the prices of December 2024, and what the article states. None of them is
    fitted.
    """
    table = data["o3_arc_agi_2024"]
    rows = table[table["set"] == "semi-private"].set_index("efficiency")
    high_usd = float(rows["usd_per_task"]["high"])
    points = [
        ScorePoint(
            "o3, high efficiency",
            high_usd,
            float(rows["score_pct"]["high"]) / 100.0,
            "post",
            RepricedNote(RELISTED_USD),
        ),
        ScorePoint(
            "o3, low efficiency",
            LOW_EFFICIENCY_COMPUTE * high_usd,
            float(rows["score_pct"]["low"]) / 100.0,
            "post",
            UnpublishedCostNote(LOW_EFFICIENCY_COMPUTE, high_usd, RELISTED_USD),
        ),
    ]
    claims = data["article_claims"].set_index("claim")["stated_value"]
    for claim, name, cost_claim in (
        (GPT_3_CLAIM, "GPT-3", None),
        ("o1 solved 31 percent of ARC-AGI", "o1", None),
        ("o3 solved 88 percent of ARC-AGI", "o3", "An o3 answer on ARC-AGI cost 1000 dollars"),
        (
            "The average person solves 75 percent of ARC-AGI",
            "average person",
            "People solve an ARC-AGI task for 5 dollars",
        ),
    ):
        cost = float(claims[cost_claim]) if cost_claim else float("nan")
        note = StatedNote(cost_claim is not None, claim == GPT_3_CLAIM)
        points.append(ScorePoint(name, cost, float(claims[claim]) / 100.0, "article", note))
    return points


def aime_points(data: DataSet) -> tuple[ScorePoint, ...]:
    """o1-mini by tokens; the rows of the vote that repeat those of single answers count once."""
    rows = data["o1mini_accuracy_vs_tokens"].drop_duplicates(["accuracy", "avg_tokens_used"])
    return tuple(
        ScorePoint(
            f"{'vote of o1-mini' if method == 'majority' else 'o1-mini'}, limit {int(limit):,}",
            float(tokens),
            float(accuracy),
            "model",
            "30 problems: one is 3.3 points",
        )
        for method, limit, accuracy, tokens in zip(
            rows["method"],
            rows["token_limit"],
            rows["accuracy"],
            rows["avg_tokens_used"],
            strict=True,
        )
    )
