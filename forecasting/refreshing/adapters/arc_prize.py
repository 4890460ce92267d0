"""Scores and costs of ARC Prize's leaderboard, semi-private sets: evaluations.json joined with
models.json and providers.json. Published figures; no licence is stated, so the files are not kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from forecasting.refreshing.adapters.shapes import (
    Adapted,
    Body,
    Known,
    UnexpectedShapeError,
    json_of,
    number,
    table_of,
    without,
)

SETS = {
    "v1_Semi_Private": "ARC-AGI-1",
    "v2_Semi_Private": "ARC-AGI-2",
    "v3_Semi_Private": "ARC-AGI-3",
}


def adapt(bodies: Sequence[Body], known: Known) -> Adapted:
    """A row a benchmark and model that the leaderboard shows."""
    if len(bodies) != 3:
        expected = "evaluations.json, models.json and providers.json"
        raise UnexpectedShapeError(known.info.name, expected, f"{len(bodies)} of them")
    evaluations = json_of(bodies[0], list)
    models = {str(each.get("id")): each for each in json_of(bodies[1], list)}
    makers = {str(each.get("id")): each.get("displayName") for each in json_of(bodies[2], list)}
    found = [
        each
        for each in evaluations
        if isinstance(each, dict)
        and each.get("datasetId") in SETS
        and each.get("display") is not False
    ]
    scores = [number(each.get("score")) for each in found]
    if not found or any(score is None or not 0 <= score <= 1 for score in scores):
        bad = sum(score is None or not 0 <= score <= 1 for score in scores)
        expected = "records with datasetId, modelId and a score from 0 to 1"
        raise UnexpectedShapeError(
            bodies[0].name, expected, f"{len(found)} of the semi-private sets, {bad} without"
        )
    unnamed = [each for each in found if _name(each, models) is None]
    if len(unnamed) > len(found) // 20:
        raise UnexpectedShapeError(
            bodies[1].name, "an entry with id and displayName a model", f"{len(unnamed)} without"
        )
    records = [_record(each, models, makers) for each in found if _name(each, models) is not None]
    _tell_apart(records)
    notes = without(len(unnamed), "of models without a name")
    return Adapted(table_of(known, records), known.today.isoformat(), notes)


def _record(
    each: dict[str, Any], models: dict[str, dict[str, Any]], makers: dict[str, Any]
) -> dict[str, Any]:
    model_id = str(each["modelId"])
    maker = str(models[model_id].get("providerId") or "")
    return {
        "benchmark": SETS[each["datasetId"]],
        "model": _name(each, models),
        "score_pct": round(100 * float(each["score"]), 2),
        "usd_per_task": number(each.get("costPerTask")),
        "provider": makers.get(maker) or maker or None,
        "model_id": model_id,
    }


def _name(each: dict[str, Any], models: dict[str, dict[str, Any]]) -> str | None:
    name = models.get(str(each.get("modelId")), {}).get("displayName")
    return " ".join(name.split()) if isinstance(name, str) and name.strip() else None


def _tell_apart(records: list[dict[str, Any]]) -> None:
    """Put the identifier after a name that stands twice on a benchmark."""
    counts = Counter((record["benchmark"], record["model"]) for record in records)
    for record in records:
        if counts[record["benchmark"], record["model"]] > 1:
            record["model"] = f"{record['model']} ({record['model_id']})"
