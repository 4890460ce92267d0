"""The inputs of the page Train or infer, shared by its forecasts: each reads the fields of its own section and the tables named here."""

from __future__ import annotations

from typing import ClassVar, Literal

from forecasting.scenario import Scenario, quantity
from forecasting.tables import Tables

OWN_COUNTS = "own"
BENCHMARKS = ("ARC-AGI-1", "ARC-AGI-2", "AIME 2024")


class InferenceScenario(Scenario):
    """Inputs of the page Train or infer, section by section."""

    PAGE: ClassVar[str] = "inference"
    VERSION: ClassVar[int] = 1
    TABLES: ClassVar[tuple[str, ...]] = (
        "arc_agi_scores",
        "article_claims",
        "levels_of_agi",
        "o1mini_accuracy_vs_tokens",
        "o3_arc_agi_2024",
        "repeated_sampling_counts",
        "repeated_sampling_published",
        "verifier_selection_published",
    )

    # 2 Many tries: coverage against samples
    sampled_model: str = quantity(
        "Pythia 12B", unit="name", label="Model", why="Seven sizes on 128 MATH problems, 10,000 tries each: Brown et al. 2024."
    )
    tries_seen: int = quantity(
        10_000,
        unit="tries",
        label="Tries a problem that the laws may see",
        why="Fewer than were made, and the rest is a test of the laws: what they foretell against what happened.",
        ge=10,
        le=100_000_000,
    )
    target_coverage: float = quantity(
        0.95, unit="share", label="Share of problems to be solved", why="By at least one of the tries.", gt=0.0, lt=1.0
    )
    usd_per_try: float = quantity(
        0.0072,
        unit="USD",
        label="Cost of a try",
        why="DeepSeek-Coder-V2 on an issue of SWE-bench Lite, $0.0072 a try: Brown et al. 2024.",
        gt=0.0,
        le=1e6,
    )
    # 2 Many tries: choosing one of them
    solve_rates: Literal["model", "one"] = quantity(
        "model",
        unit="name",
        label="Problems",
        why="An average over problems of all difficulties, or one problem with a solve rate of its own.",
    )
    solve_rate: float = quantity(0.3, unit="share", label="Chance that one try is right", ge=0.0, le=1.0)
    true_positive: float = quantity(
        0.8,
        unit="share",
        label="Verifier accepts a right answer",
        why="An example: unit tests come near 1, reading comes lower.",
        ge=0.0,
        le=1.0,
    )
    false_positive: float = quantity(
        0.05,
        unit="share",
        label="Verifier accepts a wrong answer",
        why="An example. The ceiling of many tries hangs on it.",
        ge=0.0,
        le=1.0,
    )
    separation: float = quantity(
        1.5,
        unit="standard deviations",
        label="Score verifier: separation of right from wrong",
        why="How far apart the mean scores of right and wrong answers lie (d′). 0 is blind; below 0 is worse than chance.",
        ge=-5.0,
        le=10.0,
    )
    # 2 Many tries: step by step against whole answers
    steps: int = quantity(30, unit="steps", label="Steps of a solution", why="An example.", ge=1, le=200)
    step_right: float = quantity(
        0.9, unit="share", label="Chance that a step is right", why="0.9 over 30 steps leaves 4% of whole answers right.", gt=0.0, le=1.0
    )
    step_true_positive: float = quantity(0.9, unit="share", label="Step verifier accepts a right step", why="An example.", ge=0.0, le=1.0)
    step_false_positive: float = quantity(0.1, unit="share", label="Step verifier accepts a wrong step", why="An example.", ge=0.0, le=1.0)
    beam_width: int = quantity(4, unit="1", label="Width of the beam", why="Partial solutions kept after each step.", ge=1, le=16)
    verification_cost: float = quantity(
        0.0,
        unit="steps",
        label="Cost of judging a step",
        why="In units of writing one. Reading is cheaper than writing: a judge of the writer's size costs about 0.1 to 0.3.",
        ge=0.0,
        le=10.0,
    )
    target_accuracy: float = quantity(0.5, unit="share", label="Accuracy to be reached", gt=0.0, lt=1.0)
    # 2 Many tries: a small model often against a large one once
    small_model: str = quantity(
        "Pythia 1B", unit="name", label="Small model", why="The table's sizes; a try costs in proportion to parameters."
    )
    big_model: str = quantity("Pythia 12B", unit="name", label="Large model")
    budget_usd_per_task: float = quantity(
        0.5, unit="USD", label="Budget a task", why="SWE-bench Lite: all three published cases cost under $0.20 an issue.", gt=0.0, le=1e6
    )

    # 4 A machine or a person: scores
    benchmark: Literal["ARC-AGI-1", "ARC-AGI-2", "AIME 2024"] = quantity("ARC-AGI-1", unit="name", label="Benchmark")
    usd_per_task: float = quantity(
        5.0, unit="USD", label="Cost a task", why="What the December 2024 post paid people for an ARC-AGI-1 task.", gt=0.0, le=1e6
    )
    tokens_per_task: float = quantity(
        100_000.0, unit="tokens", label="Tokens a task", why="About the most that o1-mini was measured at.", ge=1.0, le=1e12
    )

    @classmethod
    def choices(cls, field: str, tables: Tables) -> tuple[str, ...] | None:
        """Names that come from tables."""
        if field in ("sampled_model", "small_model", "big_model"):
            models = tuple(str(name) for name in tables["repeated_sampling_counts"]["model"].unique())
            return (*models, OWN_COUNTS) if field == "sampled_model" else models
        return None
