"""Repeated data (Muennighoff et al. 2023): tokens seen again are worth less, and so are parameters
that too little data feeds.

law = RepeatedDataLaw(published_laws()["refit"].law)
law.loss(params=7e9, tokens=2e12, unique_tokens=5e11)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray
from forecasting.laws.chinchilla_law import ChinchillaLaw
from forecasting.laws.law_inputs import (
    FLOP_PER_PARAM_AND_TOKEN,
    above_floor,
    as_given,
    checked_coefficient,
    finite_positive,
    positive,
)

#: Muennighoff et al. 2023 (arXiv 2305.16264, 2023-05-25), fitted values of their code repository.
R_D_STAR = 15.387756
R_N_STAR = 5.309743

_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0


@dataclass(frozen=True)
class RepeatedDataLaw:
    r"""A Chinchilla law in which repeated tokens and excess parameters lose value.

    .. math:: L(N, D; U) = E + A/N'^{\alpha} + B/D'^{\beta}

    .. math:: D' = U + U R_D^*\,(1 - e^{-R_D/R_D^*}),\quad R_D = D/U - 1

    U are the unique tokens, at most D, and D′ what D tokens are worth. N′ is made likewise of the
    part of N that U feeds, at most N_opt(U), and R_N*; N_opt(U) is the N whose compute-optimal D is
    U. `base` gives the coefficients (any Chinchilla law), `r_d_star` and `r_n_star` (above 0, may
    be infinite) how slowly value is lost.
    """

    base: ChinchillaLaw
    r_d_star: float = R_D_STAR
    r_n_star: float = R_N_STAR

    def __post_init__(self) -> None:
        for name in ("r_d_star", "r_n_star"):
            value = getattr(self, name)
            object.__setattr__(
                self, name, math.inf if value == math.inf else checked_coefficient(name, value)
            )

    def effective_tokens(self, tokens: ArrayLike, unique_tokens: ArrayLike = math.inf) -> Any:
        """D′, the tokens of fresh text that would teach as much."""
        D, U = self._data(tokens, unique_tokens)
        return as_given(worth_of(D, np.minimum(U, D), self.r_d_star))

    def effective_params(
        self, params: ArrayLike, tokens: ArrayLike, unique_tokens: ArrayLike = math.inf
    ) -> Any:
        """N′, the parameters that would do as much if there were data enough for them.

        Parameters
        ----------
        params : number or array-like
            N, above 0.
        tokens : number or array-like
            D, above 0; broadcast with the others.
        unique_tokens : number or array-like
            U, above 0; infinite: all tokens are distinct.
        """
        N = positive("params", params, "parameters", "7e9")
        D, U = self._data(tokens, unique_tokens)
        fed = self.base.params_of_optimal_tokens(np.minimum(U, D))
        return as_given(worth_of(N, np.minimum(fed, N), self.r_n_star))

    def loss(
        self, params: ArrayLike, tokens: ArrayLike, unique_tokens: ArrayLike = math.inf
    ) -> Any:
        """The loss of a run, in nats per token.

        Parameters
        ----------
        params : number or array-like
            N, above 0.
        tokens : number or array-like
            D, above 0; broadcast with the others.
        unique_tokens : number or array-like
            How many of them are distinct, above 0; infinite: all of them.
        """
        return self.base.loss(
            self.effective_params(params, tokens, unique_tokens),
            self.effective_tokens(tokens, unique_tokens),
        )

    def floor(self, unique_tokens: float = math.inf) -> float:
        """The loss that no run on `unique_tokens` distinct tokens goes below, however long or
        large.
        """
        U = float(positive("unique_tokens", unique_tokens, "tokens", "5e11"))
        if math.isinf(U):
            return self.base.E
        return float(
            self.base.loss(
                self.base.params_of_optimal_tokens(U) * (1.0 + self.r_n_star),
                U * (1.0 + self.r_d_star),
            )
        )

    def optimal(self, training_flop: ArrayLike, unique_tokens: float = math.inf) -> tuple[Any, Any]:
        """(N*, D*) of least loss at C = 6·N·D with `unique_tokens` distinct tokens, to 9 digits of
        ln N.

        Where data are enough this is the base law's optimum; beyond, more epochs of a model larger
        than the data feed.
        """
        C = np.asarray(
            finite_positive("training_flop", training_flop, "FLOP", "5.76e23"), dtype=np.float64
        )
        U = float(positive("unique_tokens", unique_tokens, "tokens", "5e11"))
        params, tokens = (np.atleast_1d(size) for size in self.base.optimal(C))
        short = tokens > U
        if short.any():
            params = params.copy()
            params[short] = self._optimal_params(np.atleast_1d(C)[short], U)
        params = params.reshape(C.shape)
        return as_given(params[()]), as_given((C / (FLOP_PER_PARAM_AND_TOKEN * params))[()])

    def params_exponent_at(self, training_flop: float, unique_tokens: float = math.inf) -> float:
        """d ln N*/d ln C at `training_flop`: the base law's exponent while data are enough."""
        params, _ = self.optimal(
            np.array([training_flop / 1.05, training_flop * 1.05]), unique_tokens
        )
        return float(np.log(params[1] / params[0]) / (2.0 * math.log(1.05)))

    def loss_at_compute(self, training_flop: ArrayLike, unique_tokens: float = math.inf) -> Any:
        """The least loss that `training_flop` buys with `unique_tokens` distinct tokens."""
        params, tokens = self.optimal(training_flop, unique_tokens)
        return self.loss(params, tokens, unique_tokens)

    def compute_for_loss(self, loss: float, unique_tokens: float = math.inf) -> float:
        """The least training compute in FLOP that reaches `loss`; raises LossBelowFloorError where
        these data never do.

        Just above the floor no finite compute may be enough in double precision: then infinite.
        """
        U = float(positive("unique_tokens", unique_tokens, "tokens", "5e11"))
        why = (
            "this law's irreducible loss"
            if math.isinf(U)
            else "the lowest loss that this much distinct text allows"
        )
        reached = float(above_floor(loss, self.floor(U), why))
        unlimited = float(self.base.compute_for_loss(reached))
        if math.isinf(U) or self.loss_at_compute(unlimited, U) <= reached * (1.0 + 1e-13):
            return unlimited
        low, high = math.log(unlimited), math.log(unlimited) + 1.0
        while self.loss_at_compute(math.exp(high), U) > reached:
            low, high = high, high + 2.0 * (high - low)
            if high > 600.0:
                return math.inf
        for _ in range(60):
            middle = 0.5 * (low + high)
            low, high = (
                (middle, high)
                if self.loss_at_compute(math.exp(middle), U) > reached
                else (low, middle)
            )
        return math.exp(high)

    def _data(self, tokens: ArrayLike, unique_tokens: ArrayLike) -> tuple[Any, Any]:
        return positive("tokens", tokens, "tokens", "2e12"), positive(
            "unique_tokens", unique_tokens, "tokens", "5e11"
        )

    def _optimal_params(self, flop: FloatArray, unique: float) -> FloatArray:
        """The best N of each run that wants more than `unique` tokens."""
        # Beyond the data the loss along C = 6·N·D has one bend at N = N_opt(U) and is smooth
        # elsewhere: a grid, then golden section.
        params, tokens = self.base.optimal(flop)
        start, steps = np.log(params) - 2.0, np.linspace(0.0, 1.0, 161)
        grid = start[:, None] + (np.log(tokens / unique) + 4.0)[:, None] * steps
        best = np.argmin(self._losses_along(grid, flop, unique), axis=1)
        rows = np.arange(flop.size)
        low, high = (
            grid[rows, np.maximum(best - 1, 0)],
            grid[rows, np.minimum(best + 1, steps.size - 1)],
        )
        for _ in range(45):
            left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
            at_left, at_right = self._losses_along(np.column_stack([left, right]), flop, unique).T
            down = at_left <= at_right
            low, high = np.where(down, low, left), np.where(down, right, high)
        best_params: FloatArray = np.exp(0.5 * (low + high))
        return best_params

    def _losses_along(self, log_params: FloatArray, flop: FloatArray, unique: float) -> FloatArray:
        """Losses at these ln N (a row a run)."""
        params = np.exp(log_params)
        losses: FloatArray = self.loss(
            params, flop[:, None] / (FLOP_PER_PARAM_AND_TOKEN * params), unique
        )
        return losses


def worth_of(amount: Any, fresh: Any, scale: float) -> Any:
    """fresh + fresh·scale·(1 − e^(−R/scale)) with R = amount/fresh − 1; `fresh` where nothing
    repeats (also where it is infinite).

    Parameters
    ----------
    amount : number or array
        Tokens or parameters, the repeats included.
    fresh : number or array, broadcast with `amount`
        The part that is not repeated, above 0; may be infinite.
    scale : float
        R*, how slowly repeats lose value, above 0; may be infinite.
    """
    finite = np.where(np.isfinite(fresh), fresh, 1.0)
    excess = np.where(np.isfinite(fresh), amount / finite - 1.0, 0.0)
    worth = excess if scale == math.inf else -scale * np.expm1(-np.maximum(excess, 0.0) / scale)
    return np.where(np.isfinite(fresh), finite * (1.0 + worth), fresh)
