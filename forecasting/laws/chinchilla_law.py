"""The Chinchilla form of the scaling law (Hoffmann et al. 2022).

law = ChinchillaLaw(E=1.69, A=406.4, B=410.7, alpha=0.336, beta=0.283)
law.loss(params=7e9, tokens=2e12)
params, tokens = law.optimal(training_flop=5.76e23)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from forecasting.errors import InputError
from forecasting.laws.law_inputs import (
    FLOP_PER_PARAM_AND_TOKEN,
    above_floor,
    as_given,
    checked_coefficient,
    finite_positive,
    positive,
)


@dataclass(frozen=True)
class ChinchillaLaw:
    r"""The Chinchilla form of the scaling law (Hoffmann et al. 2022).

    .. math:: L(N, D) = E + \frac{A}{N^\alpha} + \frac{B}{D^\beta}, \qquad C = 6ND

    L is the loss in nats per token of N parameters trained on D tokens, C the training FLOP.
    `E` is the irreducible loss (0 or more), `A` and `B` (0 or more) scale what too few parameters
    and too few tokens cost, `alpha` and `beta` (above 0) say how fast that falls. Raises InputError
    for other values. Methods take numbers or arrays that broadcast, and give a float for numbers.
    """

    E: float
    A: float
    B: float
    alpha: float
    beta: float

    def __post_init__(self) -> None:
        for name in ("E", "A", "B"):
            object.__setattr__(
                self, name, checked_coefficient(name, getattr(self, name), zero_allowed=True)
            )
        for name in ("alpha", "beta"):
            object.__setattr__(self, name, checked_coefficient(name, getattr(self, name)))

    def loss(self, params: ArrayLike, tokens: ArrayLike) -> Any:
        """The loss of a run with `params` parameters on `tokens` tokens; either may be infinite."""
        N = positive("params", params, "parameters", "7e9")
        D = positive("tokens", tokens, "tokens", "2e12")
        return as_given(self.E + self.A * N**-self.alpha + self.B * D**-self.beta)

    def optimal(self, training_flop: ArrayLike) -> tuple[Any, Any]:
        r"""(N*, D*) of least loss at a training compute C.

        .. math::
            N^* = G\Big(\frac{C}{6}\Big)^{\frac{\beta}{\alpha+\beta}}, \quad
            D^* = \frac{C}{6N^*}, \quad
            G = \Big(\frac{\alpha A}{\beta B}\Big)^{\frac{1}{\alpha+\beta}}
        """
        C = finite_positive("training_flop", training_flop, "FLOP", "5.76e23")
        product = C / FLOP_PER_PARAM_AND_TOKEN
        params = self.G * product**self.params_exponent
        return as_given(params), as_given(product / params)

    @property
    def G(self) -> float:
        """(αA/βB)^(1/(α+β)), the balance between the two terms; raises InputError where one of them
        is nothing beside the other.
        """
        try:
            balance = float(
                (self.alpha * self.A / (self.beta * self.B)) ** (1.0 / (self.alpha + self.beta))
            )
        except (OverflowError, ZeroDivisionError):
            balance = 0.0
        if not 0.0 < balance < np.inf:
            idle = "parameters" if self.A < self.B else "tokens"
            raise InputError(
                "law",
                f"with A = {self.A:.3g} and B = {self.B:.3g}",
                f"Its loss hardly depends on {idle}: no split is best.",
            )
        return balance

    @property
    def params_exponent(self) -> float:
        """β/(α+β): optimal parameters grow as training compute to this power, tokens as to one
        minus it.
        """
        return self.beta / (self.alpha + self.beta)

    @property
    def gamma(self) -> float:
        """αβ/(α+β): along the optimum L = E + K·C^−γ."""
        return self.alpha * self.beta / (self.alpha + self.beta)

    @property
    def K(self) -> float:
        """A·G^−α·6^γ + B·G^β·6^γ, in nats per token times FLOP^γ."""
        return float(
            (self.A * self.G**-self.alpha + self.B * self.G**self.beta)
            * FLOP_PER_PARAM_AND_TOKEN**self.gamma
        )

    def loss_at_compute(self, training_flop: ArrayLike) -> Any:
        """The least loss that `training_flop` buys: E + K·C^−γ."""
        C = positive("training_flop", training_flop, "FLOP", "5.76e23")
        return as_given(self.E + self.K * C**-self.gamma)

    def compute_for_loss(self, loss: ArrayLike) -> Any:
        """The least training compute in FLOP that reaches `loss`: ((L − E)/K)^(−1/γ).

        Raises LossBelowFloorError for a loss at or below E.
        """
        reached = above_floor(loss, self.E)
        return as_given(((reached - self.E) / self.K) ** (-1.0 / self.gamma))

    def tokens_for_loss(self, loss: float, params: float) -> float:
        """The tokens at which a model of `params` parameters reaches `loss`; raises
        LossBelowFloorError where it never does.
        """
        left = self._left(
            loss, self.loss(params, np.inf), "the loss of a model of this size with unlimited data"
        )
        return float((left / self.B) ** (-1.0 / self.beta))

    def params_for_loss(self, loss: float, tokens: float) -> float:
        """The parameters at which a run on `tokens` tokens reaches `loss`; raises
        LossBelowFloorError where none does.
        """
        left = self._left(
            loss, self.loss(np.inf, tokens), "the loss of a model of unlimited size on these tokens"
        )
        return float((left / self.A) ** (-1.0 / self.alpha))

    def params_of_optimal_tokens(self, tokens: ArrayLike) -> Any:
        """The N whose compute-optimal D is `tokens`: G·(G·D)^(β/α); infinite beyond the largest
        number.
        """
        D = positive("tokens", tokens, "tokens", "2e12")
        with np.errstate(over="ignore"):
            return as_given(self.G * (self.G * D) ** (self.beta / self.alpha))

    def tokens_of_optimal_params(self, params: ArrayLike) -> Any:
        """The compute-optimal D of a model of `params` parameters: (N/G)^(α/β)/G; infinite beyond
        the largest number.
        """
        N = positive("params", params, "parameters", "7e9")
        with np.errstate(over="ignore"):
            return as_given((N / self.G) ** (self.alpha / self.beta) / self.G)

    def _left(self, loss: float, floor: float, why: str) -> float:
        return float(above_floor(loss, floor, why) - floor)
