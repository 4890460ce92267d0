"""How good an answer is by the compute of training and the compute of answering: one surface for
language models, one a game.

Language: a model of x times Chinchilla's size for its training compute T, written to k passes an
answer, is as good as a compute-optimal model of

    C_eq = T · h(x)^(−1/γ) · k^s,     h(x) = (β·x^−α + α·x^β)/(α + β),     1 ≤ k ≤ 10^S

answering once (the law's loss at 6·N·D = T, in units of its best; s the exchange rate, S its span).
An answer takes I = 2·N·(τ + k) FLOP per written token, τ being the prompt's share by price; the
best x for (T, I) depends on I/(2·N*(T)) alone. Where k is free and prompts cost nothing, log C_eq =
(1 − s·a)·log T + s·log I + const with a = β/(α+β), so that curves of equal quality are I = K·T^−m,
m = 1/s − a, and the cheapest split is T/(n·I) = m.

Games: Elo rises with log T and log k at the exchange rate, between one position a move and the
span.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.inference.exchange_rate import ELO_PER_DOUBLING
from forecasting.inference.hex_frontier import FRONTIER_SEARCH, HexFrontier
from forecasting.inference.serving import FLOP_PER_PARAM_AND_SERVED_TOKEN
from forecasting.laws.law_draws import LawDraws
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN
from forecasting.stats.rootfind import find_roots

_LN10 = np.log(10.0)
#: Points of the table of the best size by inference compute, from which a map is read.
_TABLE = 4000


class AnswerSurface(Protocol):
    """What a map needs to know. Logarithms are base 10; arrays broadcast, draws along the first
    axis.
    """

    def score(self, log_training: FloatArray, log_inference: FloatArray) -> FloatArray:
        """How good an answer is: OOM of equivalent training FLOP, or Elo."""

    def least(self, log_training: FloatArray) -> FloatArray:
        """The least compute of an answer that the surface knows, log10."""

    def most(self, log_training: FloatArray) -> FloatArray:
        """The compute of an answer beyond which more buys nothing, log10."""


@dataclass(frozen=True)
class LanguageSurface:
    """Draws of a law with a rate and a span each, all of shape (R, 1): the surface of language
    models.

    `prompt` is τ: the price of reading the prompt over that of writing one answer once;
    `tokens_out` are written per pass.
    """

    draws: LawDraws
    rate: FloatArray
    span_oom: FloatArray
    prompt: float
    tokens_out: float

    def score(self, log_training: FloatArray, log_inference: FloatArray) -> FloatArray:
        """log10 of the training FLOP of the compute-optimal model that is as good in one pass."""
        relative = log_inference - self._log_one_pass(log_training)
        if self.rate.size == 1 and relative.size > _TABLE:
            table = np.linspace(relative.min(), relative.max(), _TABLE)
            gain = np.interp(relative, table, self._gain(table[None, :])[0])
        else:
            gain = self._gain(relative)
        result: FloatArray = log_training + gain
        return result

    def size_and_passes(
        self, log_training: FloatArray, log_inference: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """(parameters, passes an answer) of the best model."""
        relative = log_inference - self._log_one_pass(log_training)
        log_x = self._best_log_size(relative * _LN10)
        log_params = log_x + self._log_optimal_params(log_training)
        passes = np.exp(relative * _LN10 - log_x) - self.prompt
        return np.exp(log_params), passes

    def least(self, log_training: FloatArray) -> FloatArray:
        """One pass of a model of a thirtieth of Chinchilla's size: beyond any over-training that
        was tried.
        """
        result: FloatArray = self._log_one_pass(log_training) + np.log10((1.0 + self.prompt) / 30.0)
        return result

    def most(self, log_training: FloatArray) -> FloatArray:
        """The whole span of passes by a model of Chinchilla's size."""
        result: FloatArray = self._log_one_pass(log_training) + np.log10(
            10.0**self.span_oom + self.prompt
        )
        return result

    def _log_optimal_params(self, log_training: FloatArray) -> FloatArray:
        """ln N*(T)."""
        a = self.draws.params_exponent[:, None]
        result: FloatArray = self.draws.log_G[:, None] + a * (
            log_training * _LN10 - np.log(FLOP_PER_PARAM_AND_TOKEN)
        )
        return result

    def _log_one_pass(self, log_training: FloatArray) -> FloatArray:
        """log10 of the FLOP of writing one answer once by Chinchilla's model."""
        result: FloatArray = (
            np.log(FLOP_PER_PARAM_AND_SERVED_TOKEN * self.tokens_out)
            + self._log_optimal_params(log_training)
        ) / _LN10
        return result

    def _gain(self, relative: FloatArray) -> FloatArray:
        """OOM of training that the best size and number of passes are worth, at `relative` OOM of I
        over Chinchilla's one pass.
        """
        alpha, beta = self.draws.alpha[:, None], self.draws.beta[:, None]
        log_r = relative * _LN10
        log_x = self._best_log_size(log_r)
        penalty = (
            np.log((beta * np.exp(-alpha * log_x) + alpha * np.exp(beta * log_x)) / (alpha + beta))
            / self.draws.gamma[:, None]
        )
        passes = np.exp(log_r - log_x) - self.prompt
        # Where the span ends before compute does, the rest is left unused.
        result: FloatArray = (
            self.rate * np.log(np.clip(passes, 1.0, 10.0**self.span_oom)) - penalty
        ) / _LN10
        return result

    def _best_log_size(self, log_r: FloatArray) -> FloatArray:
        """ln x of the best size."""
        alpha, beta = self.draws.alpha[:, None], self.draws.beta[:, None]
        both = alpha + beta
        low = np.minimum(log_r - np.log(10.0**self.span_oom + self.prompt), 0.0)
        high = np.minimum(log_r - np.log(1.0 + self.prompt), 0.0)

        def condition(log_x: FloatArray) -> tuple[FloatArray, FloatArray]:
            grown = np.exp(both * log_x)
            spent = np.exp(log_r - log_x)
            passes = np.maximum(spent - self.prompt, 1e-300)
            value = both * (grown - 1.0) / (beta + alpha * grown) + self.rate * spent / passes
            slope = (
                both**3 * grown / (beta + alpha * grown) ** 2
                + self.rate * self.prompt * spent / passes**2
            )
            return value, slope

        return find_roots(condition, *np.broadcast_arrays(low, high))


@dataclass(frozen=True)
class GoSurface:
    """Brown's rule about AlphaGo Zero: `raw_elo` at `training_flop` and one position a move; rate
    and span of shape (R, 1).
    """

    raw_elo: float
    training_flop: float
    rate: FloatArray
    span_oom: FloatArray

    def score(self, log_training: FloatArray, log_inference: FloatArray) -> FloatArray:
        """Elo."""
        oom = (
            log_training
            - np.log10(self.training_flop)
            + self.rate * np.clip(log_inference, 0.0, self.span_oom)
        )
        elo: FloatArray = self.raw_elo + ELO_PER_DOUBLING / np.log10(2.0) * oom
        return elo

    def least(self, log_training: FloatArray) -> FloatArray:
        """One position a move: no search."""
        return np.zeros(np.broadcast_shapes(log_training.shape, self.span_oom.shape))

    def most(self, log_training: FloatArray) -> FloatArray:
        """The end of the span."""
        return self.span_oom + 0.0 * log_training


@dataclass(frozen=True)
class HexSurface:
    """Jones's frontier on a board of `board_size` rows, moved by search at the exchange rate; rate
    and span of shape (R, 1).
    """

    frontier: HexFrontier
    board_size: int
    rate: FloatArray
    span_oom: FloatArray

    def score(self, log_training: FloatArray, log_inference: FloatArray) -> FloatArray:
        """Elo against perfect play."""
        searched = np.clip(log_inference, 0.0, self.span_oom) - np.log10(FRONTIER_SEARCH)
        elo: FloatArray = np.asarray(
            self.frontier.elo(10.0 ** (log_training + self.rate * searched), self.board_size)
        )
        return elo

    def least(self, log_training: FloatArray) -> FloatArray:
        """One position a move: no search."""
        return np.zeros(np.broadcast_shapes(log_training.shape, self.span_oom.shape))

    def most(self, log_training: FloatArray) -> FloatArray:
        """The end of the span."""
        return self.span_oom + 0.0 * log_training
