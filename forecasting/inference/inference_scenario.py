"""The inputs of the page Train or infer, shared by its forecasts: each reads the fields of its own
section and the tables named here.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from forecasting.compute_cost import price_fields
from forecasting.data.dataset import DataSet
from forecasting.fitting.law_choice import LawName, law_field
from forecasting.formatting import in_dollars
from forecasting.inference import serving_fields
from forecasting.inference.serving import H100_PEAK_FLOP_PER_S, ComputePrices, Demand
from forecasting.laws.size_fields import CHINCHILLA_PARAMS
from forecasting.scenario import Scenario, quantity
from forecasting.stats.distribution import Distribution, RangeBounds

OWN_COUNTS = "own"
BENCHMARKS = ("ARC-AGI-1", "ARC-AGI-2", "AIME 2024")


class InferenceScenario(Scenario):
    """Inputs of the page Train or infer, section by section."""

    PAGE: ClassVar[str] = "inference"
    VERSION: ClassVar[int] = 1
    TABLES: ClassVar[tuple[str, ...]] = (
        "ai_models",
        "alphago_elo",
        "arc_agi_scores",
        "article_claims",
        "hex_elo_frontier",
        "levels_of_agi",
        "o1mini_accuracy_vs_tokens",
        "o3_arc_agi_2024",
        "repeated_sampling_counts",
        "repeated_sampling_published",
        "runs_chinchilla",
        "token_price_declines",
        "token_prices_2024_2025",
        "token_prices_2025_2026",
        "train_inference_tradeoffs",
        "verifier_selection_published",
    )

    # 1 Two axes
    trade: Literal["language", "decomposable", "verified", "go", "hex", "own"] = quantity(
        "language",
        unit="name",
        label="Task",
        why=(
            "Sets the exchange rate and its span: Villalobos & Atkinson 2023 for language, Brown's"
            " rule for Go, Jones 2021 for Hex."
        ),
    )
    own_rate: Annotated[Distribution, RangeBounds(0.0, 5.0)] = quantity(
        Distribution(0.5, 1.0, 0.8),
        unit="OOM of training per OOM of inference",
        label="Exchange rate",
        why=(
            "How many factors of ten of training one factor of ten more compute an answer replaces;"
            " one for 1–2 in most language tasks."
        ),
    )
    own_span: Annotated[Distribution, RangeBounds(0.0, 12.0)] = quantity(
        Distribution(1.0, 3.0, 0.8),
        unit="OOM",
        label="Span of the rate (factors of ten)",
        why=(
            "How far compute an answer can grow while the rate holds, in factors of ten; beyond it"
            " more buys nothing."
        ),
    )
    budget_usd: float = quantity(
        1e9, unit="USD", label="Budget for training and answers", why="An example.", ge=1.0, le=1e15
    )
    board_size: int = quantity(
        9,
        unit="rows",
        label="Rows of the board",
        why="Jones 2021 measured boards of 3 to 9 rows.",
        ge=3,
        le=15,
    )
    go_budget_flop: float = quantity(
        1e23, unit="FLOP", label="Budget for training and moves", why="An example.", ge=1.0, le=1e40
    )
    go_moves: float = quantity(
        1e9,
        unit="moves",
        label="Moves to be played",
        why="An example: some five million games.",
        ge=0.0,
        le=1e18,
    )
    hex_budget_flop: float = quantity(
        1e16, unit="FLOP", label="Budget for training and moves", why="An example.", ge=1.0, le=1e40
    )
    hex_moves: float = quantity(
        1e7, unit="moves", label="Moves to be played", why="An example.", ge=0.0, le=1e18
    )
    hex_flop_per_position: float = quantity(
        2e6,
        unit="FLOP",
        label="Compute of judging a position",
        why="Assumed: a network of about a million weights. Jones's were of many sizes.",
        gt=0.0,
        le=1e15,
    )
    # 1 Two axes, 3 Serve at scale: the law, the demand and the prices
    law: LawName = law_field()
    requests_per_day: float = serving_fields.requests_per_day(1e6, "Requests a day")
    days: float = quantity(
        365.0,
        unit="days",
        label="Days of service",
        why="A year until the next model takes over.",
        ge=0.01,
        le=36525.0,
    )
    tokens_in: float = serving_fields.tokens_in()
    tokens_out: float = serving_fields.tokens_out("Tokens written a request", least=1.0)
    usd_per_chip_hour: float = quantity(
        2.0,
        unit="USD",
        label="Price of a chip-hour",
        why="An H100 rented on demand at the lower end of 2024–2025.",
        ge=1e-6,
        le=1e6,
    )
    peak_flop_per_s: float = quantity(
        H100_PEAK_FLOP_PER_S,
        unit="FLOP/s",
        label="Peak of the chip",
        why="H100, dense FP16 or BF16: NVIDIA's data sheet.",
        ge=1e3,
        le=1e20,
    )
    mfu_train: float = price_fields.training_mfu(
        price_fields.MFU_OF_NEW_RUNS, "Utilisation in training (MFU)"
    )
    mfu_input: float = serving_fields.reading_mfu()
    mfu_output: float = serving_fields.writing_mfu()

    # 2 Many tries: coverage against samples
    sampled_model: str = quantity(
        "Pythia 12B",
        unit="name",
        label="Model",
        why="Seven sizes on 128 MATH problems, 10,000 tries each: Brown et al. 2024.",
    )
    tries_seen: int = quantity(
        10_000,
        unit="tries",
        label="Tries a problem that the laws may see",
        why=(
            "Fewer than were made, and the rest is a test of the laws: what they foretell against"
            " what happened."
        ),
        ge=10,
        le=100_000_000,
    )
    target_coverage: float = quantity(
        0.95,
        unit="share",
        label="Share of problems to be solved",
        why="By at least one of the tries.",
        gt=0.0,
        lt=1.0,
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
        why=(
            "An average over problems of all difficulties, or one problem with a solve rate of its"
            " own."
        ),
    )
    solve_rate: float = quantity(
        0.3, unit="share", label="Chance that one try is right", ge=0.0, le=1.0
    )
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
        why=(
            "How far apart the mean scores of right and wrong answers lie (d′). 0 is blind; below 0"
            " is worse than chance."
        ),
        ge=-5.0,
        le=10.0,
    )
    # 2 Many tries: step by step against whole answers
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
        label="Cost of judging a step",
        why=(
            "In units of writing one. Reading is cheaper than writing: a judge of the writer's size"
            " costs about 0.1 to 0.3."
        ),
        ge=0.0,
        le=10.0,
    )
    target_accuracy: float = quantity(
        0.5, unit="share", label="Accuracy to be reached", gt=0.0, lt=1.0
    )
    # 2 Many tries: a small model often against a large one once
    small_model: str = quantity(
        "Pythia 1B",
        unit="name",
        label="Small model",
        why="The table's sizes; a try costs in proportion to parameters.",
    )
    big_model: str = quantity("Pythia 12B", unit="name", label="Large model")
    budget_usd_per_task: float = quantity(
        0.5,
        unit="USD",
        label="Budget a task",
        why="SWE-bench Lite: all three published cases cost under $0.20 an issue.",
        ge=1e-6,
        le=1e6,
    )

    # 3 Serve at scale
    quality_params: float = quantity(
        CHINCHILLA_PARAMS,
        unit="parameters",
        label="As good as",
        why="A model of this size trained like Chinchilla; 70 billion is Chinchilla itself.",
        ge=1e6,
        le=1e15,
    )
    samples_per_answer: float = quantity(
        1.0,
        unit="samples",
        label="Samples an answer",
        why="Each is written in full; the prompt is read once.",
        ge=1.0,
        le=1e6,
    )

    # 4 A machine or a person: parity
    parity_case: Literal["article", "post", "leaderboard", "gpt5", "own"] = quantity(
        "article",
        unit="name",
        label="Task",
        why="ARC-AGI was priced several ways: they differ fifty-fold. Or costs of your own.",
    )
    machine_usd: Annotated[Distribution, RangeBounds(0.0, 1e12)] = quantity(
        Distribution(20.0, 1000.0, 0.9),
        unit="USD a task",
        label="Machine, USD a task",
        why="ARC-AGI-1, o3 in December 2024.",
    )
    human_usd: Annotated[Distribution, RangeBounds(0.0, 1e12)] = quantity(
        Distribution(3.0, 17.0, 0.9),
        unit="USD a task",
        label="Person, USD a task",
        why="ARC-AGI-1: $3 to $17 on the leaderboard.",
    )
    priced_in: float = quantity(
        2025.0,
        unit="year",
        label="Costs as of",
        why="2025.5 is the middle of 2025.",
        ge=2000,
        le=2040,
    )
    price_decline: Literal["fits", "values", "list", "own"] = quantity(
        "fits",
        unit="name",
        label="Fall of prices",
        why=(
            "At fixed quality: 21 fits by Epoch AI (2025), from 9 to 851 times a year. List prices"
            " as they are fall hardly at all."
        ),
    )
    decline_benchmark: str = quantity(
        "all", unit="name", label="Fits on", why="The test that fixes the quality."
    )
    own_decline: Annotated[Distribution, RangeBounds(0.0, 1e5)] = quantity(
        Distribution(5.0, 100.0, 0.8),
        unit="×/year",
        label="Price falls by a factor of",
        why="An example; the 21 fits have a median of 46.",
    )
    token_growth: Annotated[Distribution, RangeBounds(0.0, 1e5)] = quantity(
        Distribution(1.0, 2.2, 0.9),
        unit="×/year",
        label="Tokens a task grow by a factor of",
        why=(
            "From unchanged to the growth of answers of models without long reasoning, about 2.2× a"
            " year; reasoning models, as o3 is, were at about 5× (Epoch AI, April 2025). With 5 as"
            " the upper end the article's task has October 2026 instead of August 2026."
        ),
    )
    wage_growth: Annotated[Distribution, RangeBounds(0.0, 100.0)] = quantity(
        Distribution(1.03, 1.05, 0.9),
        unit="×/year",
        label="Wages grow by a factor of",
        why="US wages of 2021–2024 rose by about 3 to 5% a year (Employment Cost Index).",
    )

    # 4 A machine or a person: scores
    benchmark: Literal["ARC-AGI-1", "ARC-AGI-2", "AIME 2024"] = quantity(
        "ARC-AGI-1", unit="name", label="Benchmark"
    )
    usd_per_task: float = quantity(
        5.0,
        unit="USD",
        label="Cost a task",
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

    @property
    def demand(self) -> Demand:
        """What is to be served, one sample an answer."""
        return Demand(
            requests_per_day=self.requests_per_day,
            days=self.days,
            tokens_in=self.tokens_in,
            tokens_out=self.tokens_out,
        )

    @property
    def prices(self) -> ComputePrices:
        """Dollars per FLOP of each phase."""
        return ComputePrices(
            usd_per_chip_hour=self.usd_per_chip_hour,
            peak_flop_per_s=self.peak_flop_per_s,
            mfu_train=self.mfu_train,
            mfu_input=self.mfu_input,
            mfu_output=self.mfu_output,
        )

    @property
    def price_words(self) -> str:
        """Where the price of a chip-hour comes from and what it is not, in a sentence."""
        hour = f"Dollars are for a chip at {in_dollars(self.usd_per_chip_hour)} an hour"
        if self.usd_per_chip_hour != self.defaults()["usd_per_chip_hour"]:
            return f"{hour}, as set under Assumptions."
        return (
            f"{hour}: an H100 rented on demand at the lower end of 2024–2025, held through the"
            " years; the page Plan rents a cluster at the median offer of the last quarter"
            " instead, and the runs that reproduced GPT-2 paid what their authors state."
        )

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """Names that come from tables."""
        if field == "decline_benchmark":
            return (
                "all",
                *(str(name) for name in data["token_price_declines"]["benchmark"].unique()),
            )
        if field in ("sampled_model", "small_model", "big_model"):
            models = tuple(str(name) for name in data["repeated_sampling_counts"]["model"].unique())
            return (*models, OWN_COUNTS) if field == "sampled_model" else models
        return None
