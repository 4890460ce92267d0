"""Training against inference on two axes: quality over training compute and compute per answer, the
budget, and its best split.

compute_map(InferenceScenario(trade="language", budget_usd=1e9)).answer
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.context import Context, DataOrContext, context_of
from forecasting.fitting.law_choice import LawInUse
from forecasting.formatting import in_dollars, in_flop
from forecasting.inference.allocation import train_share_of_exchange
from forecasting.inference.answer_mfu import AnswerModel
from forecasting.inference.answer_surface import AnswerSurface, LanguageSurface
from forecasting.inference.exchange_rate import OWN_RATE, ExchangeRate, exchange_rates, own_rate
from forecasting.inference.map_settings import (
    DRAWS,
    PERFECT_PLAY,
    ComputeMapInputs,
    KnownPoint,
    MapSetting,
    map_setting,
)
from forecasting.serving.rented_chips import RentedChip
from forecasting.stats.bands import Range

CELLS = 200
#: How often size, passes and utilisation are made to agree, and a first guess of the size.
ROUNDS = 4
FIRST_PARAMS = 1e11
#: Shares of training tried along the budget, as logits, then again between the neighbours of the
#: best.
_LOGITS = np.linspace(-9.0, 9.0, 91)
_FINER = np.linspace(-1.0, 1.0, 33)


@dataclass(frozen=True, eq=False)
class EqualCurve:
    """A curve of equal quality: `training_flop` and `inference`, as far as it lies on the map."""

    score: float
    words: str
    training_flop: FloatArray
    inference: FloatArray


@dataclass(frozen=True)
class Split:
    """A place on the budget: what goes where, and what it buys. `inference` is per answer, in the
    unit of the map.
    """

    training_flop: float
    inference: float
    passes: float
    params: float
    train_share: float
    score: float


@dataclass(frozen=True, eq=False)
class ComputeMap(Answered):
    """Quality over training compute (`training_flop`, log-spaced, n) and compute per answer
    (`inference`, m): `score` (m, n), NaN off it.

    `least` and `most` are the ends of what the map knows at each training compute (n); beyond
    `most` more inference buys nothing. `budget_training_flop` and `budget_inference` trace the
    budget. `best` is the best split at the medians, None where nothing is served; ranges are over
    draws of the rate, its span and the law, `share_draws` the best shares of training of every
    draw. `rent` is the price of a chip-hour, None in games.
    """

    scenario: ComputeMapInputs
    rate: ExchangeRate
    law: LawInUse | None
    training_flop: FloatArray
    inference: FloatArray
    score: FloatArray = field(repr=False)
    least: FloatArray = field(repr=False)
    most: FloatArray = field(repr=False)
    curves: tuple[EqualCurve, ...] = field(repr=False)
    budget_training_flop: FloatArray = field(repr=False)
    budget_inference: FloatArray = field(repr=False)
    budget_words: str
    best: Split | None
    train_share: Range
    passes: Range
    best_score: Range
    share_draws: FloatArray = field(repr=False)
    at_span: float
    points: tuple[KnownPoint, ...]
    served: AnswerModel | None = field(repr=False)
    mfu: tuple[float, float]
    rent: RentedChip | None

    @property
    def is_game(self) -> bool:
        """Whether quality is in Elo."""
        return self.scenario.trade in ("go", "hex")

    @property
    def free_share(self) -> float:
        """The share of training if neither the span nor one pass set a limit: m/(1 + m), with I =
        K·T^−m; 0 where all goes to answers.
        """
        rate, _ = self.rate.middle
        slope = 1.0 / rate - (self.law.law.params_exponent if self.law is not None else 0.0)
        return train_share_of_exchange(slope) if slope > 0.0 else 0.0

    @property
    def budget_short(self) -> str:
        """The budget's size alone."""
        s = self.scenario
        if not self.is_game:
            return in_dollars(s.budget_usd)
        return f"{in_flop(s.go_budget_flop if s.trade == 'go' else s.hex_budget_flop)} FLOP"

    @cached_property
    def table(self) -> pd.DataFrame:
        """The curves of equal quality and the budget, a row a point."""
        pieces = [
            (curve.words, curve.score, curve.training_flop, curve.inference)
            for curve in self.curves
        ]
        pieces.append(
            (self.budget_words, math.nan, self.budget_training_flop, self.budget_inference)
        )
        unit = "elo" if self.is_game else "equal_to_log10_training_flop"
        inference = "positions_per_move" if self.is_game else "inference_flop_per_answer"
        frames = [
            pd.DataFrame({"curve": words, unit: score, "training_flop": x, inference: y})
            for words, score, x, y in pieces
        ]
        return pd.concat(frames, ignore_index=True)


def compute_map(scenario: ComputeMapInputs, *, data: DataOrContext | None = None) -> ComputeMap:
    """The map of the scenario's `trade`; raises InputError for a rate or a span of 0."""
    context = context_of(data)
    rng = np.random.default_rng(scenario.seed)
    rate = (
        own_rate(scenario.own_rate, scenario.own_span)
        if scenario.trade == OWN_RATE
        else exchange_rates(context.data)[scenario.trade]
    )
    middle = tuple(np.array([[value]]) for value in rate.middle)
    drawn = tuple(values[:, None] for values in rate.draw(DRAWS, rng))
    served = _answer_model(scenario, context)
    mfu = _agreed_mfu(scenario, served, middle, context)
    setting = map_setting(scenario, rng, context, mfu)
    surface = setting.surface(middle, False)

    x = np.linspace(*setting.log_training, CELLS)
    y = np.linspace(*setting.log_inference, CELLS)
    least, most = surface.least(x[None, :])[0], surface.most(x[None, :])[0]
    grid_x, grid_y = np.broadcast_arrays(x[None, :], y[:, None])
    score = surface.score(grid_x, grid_y)
    score = np.where((grid_y < least) | (grid_y > most), np.nan, score)

    best, ranges, at_span = None, {}, 0.0
    if setting.answers > 0.0:
        best = _split(setting, surface, np.array([_best_logit(setting, surface)[0]]))[0]
        many, doubtful = setting.surface(drawn, True), setting
        if served is not None:
            doubt = scenario.full_load(served, DRAWS, scenario.seed)[:, None]
            doubtful = replace(setting, flop_of_inference=setting.flop_of_inference / doubt)
        splits = _split(doubtful, many, _best_logit(doubtful, many))
        ranges = {
            name: np.array([getattr(split, name) for split in splits])
            for name in ("train_share", "passes", "score")
        }
        at_span = float(np.mean(ranges["passes"] >= 10.0 ** drawn[1][:, 0] * (1 - 1e-6)))
    nothing = np.zeros(1)
    share = 1.0 / (1.0 + np.exp(-np.linspace(-12.0, 12.0, 121)))
    budget_x = np.log10(share * setting.budget_flop)
    budget_y = (
        np.log10((1.0 - share) * setting.budget_flop / setting.flop_of_inference)
        if setting.answers
        else np.full(121, np.inf)
    )
    return ComputeMap(
        scenario=scenario,
        rate=rate,
        law=setting.law,
        training_flop=10.0**x,
        inference=10.0**y,
        score=score,
        least=10.0**least,
        most=10.0**most,
        curves=_curves(setting, surface, x),
        budget_training_flop=10.0**budget_x,
        budget_inference=10.0**budget_y,
        budget_words=setting.budget_words,
        best=best,
        train_share=Range.of_draws(ranges.get("train_share", nothing + 1.0), "share"),
        passes=Range.of_draws(ranges.get("passes", nothing + 1.0), "passes"),
        best_score=Range.of_draws(
            ranges.get("score", nothing), "Elo" if setting.is_game else "OOM of FLOP"
        ),
        share_draws=ranges.get("train_share", nothing + 1.0),
        at_span=at_span,
        points=setting.points,
        served=served,
        mfu=mfu,
        rent=None if served is None else scenario.rent(context),
    )


def _answer_model(scenario: ComputeMapInputs, context: Context) -> AnswerModel | None:
    """What serves a language model; games have none."""
    if scenario.trade in ("go", "hex"):
        return None
    return scenario.answer_model(scenario.tokens_in, scenario.tokens_out, context.data)


def _agreed_mfu(
    scenario: ComputeMapInputs,
    served: AnswerModel | None,
    middle: tuple[FloatArray, ...],
    context: Context,
) -> tuple[float, float]:
    """The utilisation in answers of the best split's model, at the length of its answers."""
    if served is None:
        return scenario.mfu_input, scenario.mfu_output
    params, passes = FIRST_PARAMS, 1.0
    for step in range(ROUNDS):
        reading, writing = scenario.mfu_at(served, params, passes)
        mfu = float(reading), float(writing)
        if scenario.answer_mfu == "own" or not scenario.requests_per_day or step == ROUNDS - 1:
            break
        setting = map_setting(scenario, np.random.default_rng(0), context, mfu)
        surface = setting.surface(middle, False)
        best = _split(setting, surface, np.array([_best_logit(setting, surface)[0]]))[0]
        params, passes = best.params, best.passes
    return mfu


def _on_budget(setting: MapSetting, logits: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(log10 training, log10 inference) at shares of training given as logits."""
    log_train = -np.logaddexp(0.0, -logits) / math.log(10.0) + math.log10(setting.budget_flop)
    log_infer = -np.logaddexp(0.0, logits) / math.log(10.0) + np.log10(
        setting.budget_flop / setting.flop_of_inference
    )
    return log_train, log_infer


def _score_on_budget(setting: MapSetting, surface: AnswerSurface, logits: FloatArray) -> FloatArray:
    log_train, log_infer = _on_budget(setting, logits)
    score = surface.score(log_train, log_infer)
    # Below the least compute of an answer there is none.
    possible: FloatArray = np.where(log_infer < surface.least(log_train), -np.inf, score)
    return possible


def _best_logit(setting: MapSetting, surface: AnswerSurface) -> FloatArray:
    """The logit of the best share of training, a value a draw."""
    score = _score_on_budget(setting, surface, _LOGITS[None, :])
    best: FloatArray = _LOGITS[np.argmax(score, axis=1)]
    step = float(_LOGITS[1] - _LOGITS[0])
    for _ in range(2):
        tried = best[:, None] + step * _FINER
        # A flat top (perfect play, the end of the span) is met where it begins: at the least
        # training.
        score = _score_on_budget(setting, surface, tried)
        best = tried[np.arange(best.size), np.argmax(score, axis=1)]
        step *= float(_FINER[1] - _FINER[0])
    return best


def _split(setting: MapSetting, surface: AnswerSurface, logits: FloatArray) -> list[Split]:
    log_train, log_infer = _on_budget(setting, logits[:, None])
    most = surface.most(log_train)
    score = surface.score(log_train, log_infer)
    if isinstance(surface, LanguageSurface):
        params, passes = surface.size_and_passes(log_train, log_infer)
        passes = np.minimum(passes, 10.0**surface.span_oom)
    else:
        params, passes = np.full(log_train.shape, np.nan), 10.0 ** np.minimum(log_infer, most)
    share = 1.0 / (1.0 + np.exp(-logits))
    columns = (10.0**log_train, 10.0**log_infer, passes, params, share[:, None], score)
    return [
        Split(*(float(value) for value in row))
        for row in np.column_stack([np.broadcast_to(c, log_train.shape) for c in columns])
    ]


def _curves(setting: MapSetting, surface: AnswerSurface, x: FloatArray) -> tuple[EqualCurve, ...]:
    """Curves of equal quality within the window, between the least compute of an answer and the end
    of the span.
    """
    least, most = surface.least(x[None, :])[0], surface.most(x[None, :])[0]
    share = np.linspace(0.0, 1.0, CELLS)[:, None]
    y = least + (most - least) * share
    score = surface.score(np.broadcast_to(x, y.shape), y)
    curves = []
    for level in setting.levels:
        inside = (score[0] <= level) & (score[-1] >= level) & (score[0] < score[-1])
        columns = np.flatnonzero(inside)
        at = np.array([np.interp(level, score[:, column], y[:, column]) for column in columns])
        seen = (at >= setting.log_inference[0]) & (at <= setting.log_inference[1])
        if seen.sum() < 2:
            continue
        columns, at = columns[seen], at[seen]
        curves.append(
            EqualCurve(
                float(level), _level_words(level, setting.is_game), 10.0 ** x[columns], 10.0**at
            )
        )
    return tuple(curves)


def _level_words(level: float, is_game: bool) -> str:
    if is_game and level == PERFECT_PLAY:
        return "perfect play"
    return f"{level:,.0f} Elo".replace("-", "−") if is_game else f"{in_flop(10.0**level)} FLOP"
