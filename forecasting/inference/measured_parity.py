"""What the leaderboard says of a parity forecast: whether a machine has reached the case's score
for no more than a person's cost, since when, and what the score costs since.
"""

from __future__ import annotations

from dataclasses import dataclass

from forecasting.data.dataset import DataSet
from forecasting.inference.leaderboard import (
    Entry,
    best_so_far,
    board_words,
    cheapest_so_far,
    first_to_reach,
    machines,
    read_on,
)
from forecasting.inference.parity_cases import ParityCase

BENCHMARK = "ARC-AGI-1"
#: Scores this far below the case's are near it, in points.
NEAR = 15.0


@dataclass(frozen=True)
class MeasuredParity:
    """Scores and costs of ARC-AGI-1 by the leaderboard, `board`, as of `read_on`.

    `reached` is the first system at the machine's score of the case for `usd` a task or less, by
    the release date of its model, `reached_person` the first at the person's score; undated where
    only systems without a date are. `cheapest` is the cheapest at the machine's score or above,
    `near` the cheapest within 15 points below. `steps` are the dated systems at the machine's score
    that cost less than all before, `best` those for `usd` or less that score more than all before.
    """

    board: str
    read_on: str
    score: float
    person_score: float
    usd: float
    reached: Entry | None
    reached_person: Entry | None
    cheapest: Entry | None
    near: Entry | None
    steps: tuple[Entry, ...]
    best: tuple[Entry, ...]


def measured_parity(case: ParityCase, data: DataSet) -> MeasuredParity | None:
    """What was measured of a case; None for a task that is not on the leaderboard.

    Parameters
    ----------
    case : ParityCase
        What an answer cost a machine and a person.
    data : DataSet
        The tables.
    """
    if case.machine_score != case.machine_score:
        return None
    entries = machines(BENCHMARK, data)
    usd = case.human_usd.median

    def first(score: float) -> Entry | None:
        return next(iter(first_to_reach(score, entries, usd)), None)

    def cheapest(score: float) -> Entry | None:
        priced = [each for each in entries if each.score >= score and each.usd == each.usd]
        return min(priced, key=lambda each: each.usd, default=None)

    return MeasuredParity(
        board=board_words(data),
        read_on=read_on(data),
        score=case.machine_score,
        person_score=case.human_score,
        usd=usd,
        reached=first(case.machine_score),
        reached_person=first(case.human_score),
        cheapest=cheapest(case.machine_score),
        near=cheapest(case.machine_score - NEAR),
        steps=cheapest_so_far(case.machine_score, entries),
        best=best_so_far(usd, entries),
    )
