"""Is it worth checking every step? Accuracy against compute for searches that check steps, beside
checking whole answers only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.context import DataOrContext
from forecasting.inference.selection import BinaryVerifier, VerifierInputs
from forecasting.inference.step_search import Searched, StepProblem
from forecasting.scenario import quantity

RETRIES = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 40)
CONTINUATIONS = (1, 2, 3, 4, 6, 8)
WIDTHS = (2, 4, 8)
#: Tries at whole answers, and whole solutions to choose from.
MANY = tuple(int(n) for n in np.unique(np.rint(np.geomspace(1, 1e6, 61))))
WAYS = ("retried steps", "beam", "best of N chains", "whole answers")


class StepInputs(VerifierInputs):
    """Inputs of a search step by step against whole answers; no table is read."""

    steps: int = quantity(
        30, unit="steps", label="Steps of a solution", why="An example.", ge=1, le=200
    )
    step_right: float = quantity(
        0.9,
        unit="share",
        label="Chance that a step is right",
        why="0.9 over 30 steps leaves 4% of whole answers right.",
        gt=0.0,
        le=1.0,
    )
    step_true_positive: float = quantity(
        0.9,
        unit="share",
        label="Step verifier accepts a right step",
        why="An example.",
        ge=0.0,
        le=1.0,
    )
    step_false_positive: float = quantity(
        0.1,
        unit="share",
        label="Step verifier accepts a wrong step",
        why="An example.",
        ge=0.0,
        le=1.0,
    )
    beam_width: int = quantity(
        4,
        unit="1",
        label="Width of the beam",
        why="Partial solutions kept after each step.",
        ge=1,
        le=16,
    )
    verification_cost: float = quantity(
        0.0,
        unit="steps",
        label="Cost of verifying a step",
        why=(
            "In units of the cost of writing one. Reading is cheaper than writing: a verifier of"
            " the writer's size costs about 0.1 to 0.3."
        ),
        ge=0.0,
        le=10.0,
    )
    target_accuracy: float = quantity(0.5, unit="share", label="Target accuracy", gt=0.0, lt=1.0)


@dataclass(frozen=True, eq=False)
class StepComparison(Answered):
    """Ways to search for a solution step by step, compared on one `problem`: accuracy (a share)
    over cost (steps written).

    `chain` is one attempt without a verifier. By way to search: `curves` at growing effort,
    `ceilings` that no effort passes, and the `cheapest` setting that reaches the target (None: none
    does).
    """

    scenario: StepInputs
    problem: StepProblem
    chain: Searched
    curves: dict[str, tuple[Searched, ...]]
    ceilings: dict[str, float]
    cheapest: dict[str, Searched | None]

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a way and setting: accuracy (share) and expected cost (steps written)."""
        rows = [self.chain, *(searched for way in WAYS for searched in self.curves[way])]
        return pd.DataFrame(
            {
                "way": [row.way for row in rows],
                "setting": [row.setting for row in rows],
                "accuracy_share": [row.accuracy for row in rows],
                "cost_steps": [row.cost for row in rows],
            }
        )


def step_comparison(scenario: StepInputs, *, data: DataOrContext | None = None) -> StepComparison:
    """Every way to search, from little to much effort. The verifier of whole answers has the rates
    of the part on choosing.
    """
    del data  # no table is read
    problem = StepProblem(
        steps=scenario.steps,
        step_right=scenario.step_right,
        verifier=BinaryVerifier(
            true_positive=scenario.step_true_positive, false_positive=scenario.step_false_positive
        ),
        verification_cost=scenario.verification_cost,
    )
    whole = BinaryVerifier(
        true_positive=scenario.true_positive, false_positive=scenario.false_positive
    )
    widths = sorted(
        {*(width for width in WIDTHS if width < scenario.beam_width), scenario.beam_width}
    )
    beams = [problem.beam(width, each) for width in widths for each in CONTINUATIONS]
    curves = {
        "retried steps": tuple(problem.retried_steps(most) for most in RETRIES),
        "beam": _worth_their_cost(beams),
        "best of N chains": tuple(problem.best_of_chains(chains) for chains in MANY),
        "whole answers": tuple(problem.whole_answers(whole, most) for most in MANY),
    }
    ceilings = {
        "retried steps": problem.retried_steps_ceiling(),
        "beam": max(each.accuracy for each in beams),
        "best of N chains": problem.best_of_chains_ceiling(),
        "whole answers": float(whole.ceiling([problem.whole_right])[0]),
    }
    cheapest = {way: _cheapest(curves[way], scenario.target_accuracy) for way in WAYS}
    return StepComparison(
        scenario=scenario,
        problem=problem,
        chain=problem.chain(),
        curves=curves,
        ceilings=ceilings,
        cheapest=cheapest,
    )


def _worth_their_cost(settings: list[Searched]) -> tuple[Searched, ...]:
    """Those that no cheaper one equals, cheapest first."""
    kept: list[Searched] = []
    for each in sorted(settings, key=lambda each: (each.cost, -each.accuracy)):
        if not kept or each.accuracy > kept[-1].accuracy:
            kept.append(each)
    return tuple(kept)


def _cheapest(settings: tuple[Searched, ...], target: float) -> Searched | None:
    return min(
        (each for each in settings if each.accuracy >= target),
        key=lambda each: each.cost,
        default=None,
    )
