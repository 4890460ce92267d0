"""What the map of training against answers is drawn for: a language model, Go or Hex, with its
surface, its budget and its known points.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.compute_cost.trained_models import model_row
from forecasting.context import Context, law_in_use
from forecasting.data.dataset import DataSet
from forecasting.fitting.law_choice import LawInputs, LawInUse
from forecasting.formatting import in_dollars, in_flop, in_words
from forecasting.inference.answer_mfu import AnswerMfuInputs
from forecasting.inference.answer_surface import (
    AnswerSurface,
    GoSurface,
    HexSurface,
    LanguageSurface,
)
from forecasting.inference.exchange_rate import OWN_RATE, elo_claim, exchange_rates, own_rate
from forecasting.inference.hex_frontier import hex_frontier
from forecasting.inference.serving import FLOP_PER_PARAM_AND_SERVED_TOKEN
from forecasting.inference.serving_inputs import ChipPriceInputs, ServedInputs
from forecasting.laws.law_draws import LawDraws
from forecasting.scenario import SeededInputs, quantity
from forecasting.stats.distribution import Distribution, RangeBounds

#: Draws of rate, span and law.
DRAWS = 400
GO_POINTS = 361.0
#: Perfect play in Hex is 0 Elo; the curve where it begins lies a hair below.
PERFECT_PLAY = -1e-6


class ComputeMapInputs(LawInputs, AnswerMfuInputs, ServedInputs, ChipPriceInputs, SeededInputs):
    """Inputs of the map: the task with its exchange rate, and the budget in dollars or FLOP."""

    TABLES: ClassVar[tuple[str, ...]] = (
        "ai_models",
        "alphago_elo",
        "article_claims",
        "hex_elo_frontier",
        "train_inference_tradeoffs",
    )

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
            "How many factors of ten of training compute one factor of ten more compute per answer"
            " replaces; 1/2 to 1 in most language tasks."
        ),
    )
    own_span: Annotated[Distribution, RangeBounds(0.0, 12.0)] = quantity(
        Distribution(1.0, 3.0, 0.8),
        unit="OOM",
        label="Span of the rate (factors of ten)",
        why=(
            "How far compute per answer can grow while the rate holds, in factors of ten; beyond"
            " it, more does not help."
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
        label="Compute to evaluate a position",
        why="Assumed: a network of about a million weights. Jones's were of many sizes.",
        gt=0.0,
        le=1e15,
    )


@dataclass(frozen=True, eq=False)
class KnownPoint:
    """A system that was built, where its place on the map is known."""

    name: str
    training_flop: float
    inference: float
    score: float


@dataclass(frozen=True, eq=False)
class MapSetting:
    """What differs between language and games: the surface, the window, the budget, what was built.

    `flop_of_inference` is the FLOP, at the price of training, of one unit of inference for all
    `answers`.
    """

    is_game: bool
    log_training: tuple[float, float]
    log_inference: tuple[float, float]
    budget_flop: float
    answers: float
    flop_of_inference: float | FloatArray
    budget_words: str
    levels: FloatArray
    points: tuple[KnownPoint, ...]
    law: LawInUse | None
    make: Any

    def surface(self, rate_and_span: tuple[FloatArray, ...], drawn: bool) -> AnswerSurface:
        """The surface at these rates and spans; `drawn` with draws of the law too."""
        surface: AnswerSurface = self.make(*rate_and_span, drawn)
        return surface


def map_setting(
    scenario: ComputeMapInputs,
    rng: np.random.Generator,
    context: Context,
    mfu: tuple[float, float],
) -> MapSetting:
    """The setting of the scenario's `trade`.

    Parameters
    ----------
    scenario : ComputeMapInputs
        The inputs of the map.
    rng : np.random.Generator
        What draws of the law come from.
    context : Context
        The tables, and one's own prices.
    mfu : tuple of float
        Utilisation in reading and in writing, of language models.
    """
    if scenario.trade == "go":
        return _go(scenario, context.data)
    if scenario.trade == "hex":
        return _hex(scenario, context.data)
    return _language(scenario, rng, context, mfu)


def _language(
    scenario: ComputeMapInputs,
    rng: np.random.Generator,
    context: Context,
    mfu: tuple[float, float],
) -> MapSetting:
    law = law_in_use(scenario.law, context)
    prices, demand = scenario.prices(*mfu, context), scenario.demand
    budget_flop = scenario.budget_usd / prices.usd_per_training_flop
    written = demand.tokens_out
    prompt = demand.tokens_in * prices.usd_per_input_flop / (written * prices.usd_per_output_flop)
    rows = rng.integers(0, len(law.draws), DRAWS)
    draws = LawDraws(*(getattr(law.draws, name)[rows] for name in ("E", "A", "B", "alpha", "beta")))
    one = LawDraws.of_law(law.law)

    def make(rate: FloatArray, span: FloatArray, drawn: bool) -> LanguageSurface:
        return LanguageSurface(draws if drawn else one, rate, span, prompt, written)

    top = math.log10(budget_flop)
    log_training = (top - 5.5, top + 0.7)
    params, _ = law.law.optimal(10.0 ** np.array([top - 4.0, top]))
    one_pass = np.log10(
        FLOP_PER_PARAM_AND_SERVED_TOKEN * written * (1.0 + prompt) * np.asarray(params)
    )
    rate = (
        own_rate(scenario.own_rate, scenario.own_span)
        if scenario.trade == OWN_RATE
        else exchange_rates(context.data)[scenario.trade]
    )
    span = rate.middle[1]
    return MapSetting(
        is_game=False,
        log_training=log_training,
        log_inference=(float(one_pass[0]) - 0.8, float(one_pass[1]) + span + 0.8),
        budget_flop=budget_flop,
        answers=demand.requests,
        flop_of_inference=demand.requests
        * prices.usd_per_output_flop
        / prices.usd_per_training_flop,
        budget_words=(
            f"{in_dollars(scenario.budget_usd)} for training and {in_words(demand.requests)}"
            " answers"
        ),
        levels=np.arange(math.floor(top) - 5.0, math.ceil(top) + span + 2.0),
        points=(),
        law=law,
        make=make,
    )


def _go(scenario: ComputeMapInputs, data: DataSet) -> MapSetting:
    claim = elo_claim(data)
    zero = model_row("AlphaGo Zero", data)
    trained = float(zero["training_flop"])
    flop_per_position = FLOP_PER_PARAM_AND_SERVED_TOKEN * float(zero["params"]) * GO_POINTS
    return MapSetting(
        is_game=True,
        log_training=(math.log10(trained) - 2.0, math.log10(trained) + 6.5),
        log_inference=(-0.3, 6.5),
        budget_flop=scenario.go_budget_flop,
        answers=scenario.go_moves,
        flop_of_inference=scenario.go_moves * flop_per_position,
        budget_words=(
            f"{in_flop(scenario.go_budget_flop)} FLOP for training and"
            f" {in_words(scenario.go_moves)} moves"
        ),
        levels=np.arange(2000.0, 8001.0, 500.0),
        points=(
            KnownPoint("AlphaGo Zero, raw network", trained, 1.0, claim.raw_elo),
            KnownPoint(
                "by training alone, as with search",
                trained * claim.alphago_factor,
                1.0,
                claim.search_elo,
            ),
        ),
        law=None,
        make=lambda rate, span, _: GoSurface(claim.raw_elo, trained, rate, span),
    )


def _hex(scenario: ComputeMapInputs, data: DataSet) -> MapSetting:
    frontier = hex_frontier(data)
    start, end = frontier.ends(scenario.board_size)
    return MapSetting(
        is_game=True,
        log_training=(math.log10(start) - 0.5, math.log10(end) + 2.0),
        log_inference=(-0.2, 2.6),
        budget_flop=scenario.hex_budget_flop,
        answers=scenario.hex_moves,
        flop_of_inference=scenario.hex_moves * scenario.hex_flop_per_position,
        budget_words=(
            f"{in_flop(scenario.hex_budget_flop)} FLOP for training and"
            f" {in_words(scenario.hex_moves)} moves"
        ),
        levels=np.array([*np.arange(-3000.0, 0.0, 250.0), PERFECT_PLAY]),
        points=(),
        law=None,
        make=lambda rate, span, _: HexSurface(frontier, scenario.board_size, rate, span),
    )
