"""Measured scores with what they cost: ARC-AGI by the leaderboard and by the post of December 2024,
AIME 2024 by o1-mini's runs.
"""

from __future__ import annotations

from dataclasses import dataclass

from forecasting.data.dataset import DataSet
from forecasting.formatting import in_dollars

GPT_3_CLAIM = "GPT-3 solved 0 percent of ARC-AGI"
PEOPLE = ("Human Panel", "Stem Grad", "Avg. Mturker")
PEOPLE_WORDS = {
    "Human Panel": "panel of people",
    "Stem Grad": "STEM graduates",
    "Avg. Mturker": "average crowd worker",
}
#: The runs of December 2024 with "low" efficiency used this many times the compute of those with
#: "high" (ARC Prize post).
LOW_EFFICIENCY_COMPUTE = 172.0
#: The price of the "high" run has been listed at ten times as much since.
POST_PRICES = "the prices of December 2024"
RELISTED_USD = 200.0


@dataclass(frozen=True)
class ScorePoint:
    """A score (share) at a cost, NaN where none is published. Only points of the kind "model" are
    fitted.

    "model" and "person" are rows of the leaderboard or of o1-mini's runs, "post" the o3 runs as ARC
    Prize priced them in December 2024, "article" what the source article states and no table of
    ours holds.
    """

    name: str
    cost: float
    score: float
    kind: str
    note: str = ""


def arc_points(benchmark: str, data: DataSet) -> tuple[ScorePoint, ...]:
    """The leaderboard's rows of an ARC-AGI benchmark; with ARC-AGI-1 also those of the post and of
    the article.
    """
    table = data["arc_agi_scores"]
    rows = table[table["benchmark"] == benchmark]
    points = [
        ScorePoint(
            str(name),
            float(usd),
            float(percent) / 100.0,
            "person" if name in PEOPLE else "model",
            "leaderboard, late 2025",
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
            f"at {POST_PRICES}; listed at {in_dollars(RELISTED_USD)} since",
        ),
        ScorePoint(
            "o3, low efficiency",
            LOW_EFFICIENCY_COMPUTE * high_usd,
            float(rows["score_pct"]["low"]) / 100.0,
            "post",
            f"its cost was not published: {LOW_EFFICIENCY_COMPUTE:g} × the other run's"
            f" {in_dollars(high_usd)}, as its compute was, at {POST_PRICES};"
            f" {in_dollars(LOW_EFFICIENCY_COMPUTE * RELISTED_USD)} at the"
            f" {in_dollars(RELISTED_USD)} listed since",
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
        note = (
            "stated in the article; no row in our tables"
            if cost_claim is None
            else "a pair of score and cost as the article has it"
        )
        note += "; the ARC Prize post of December 2024 has it too" if claim == GPT_3_CLAIM else ""
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
