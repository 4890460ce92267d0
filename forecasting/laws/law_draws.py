"""Equally likely Chinchilla laws, as a bootstrap gives them: coefficients as columns, predictions
with a row a law.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray
from forecasting.errors import UnknownNameError
from forecasting.laws.chinchilla_law import ChinchillaLaw
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN, finite_positive, positive

NAMES = ("E", "A", "B", "alpha", "beta")
#: Quantities that follow from the coefficients.
DERIVED = ("G", "K", "gamma", "params_exponent")


@dataclass(frozen=True, eq=False)
class LawDraws:
    """R laws: `E`, `A`, `B`, `alpha`, `beta` of length R (see ChinchillaLaw). Row i of every result
    belongs to law i.
    """

    E: FloatArray
    A: FloatArray
    B: FloatArray
    alpha: FloatArray
    beta: FloatArray

    def __len__(self) -> int:
        return int(self.E.size)

    @classmethod
    def of_law(cls, law: ChinchillaLaw) -> LawDraws:
        """One law as a set of draws."""
        return cls(*(np.array([getattr(law, name)]) for name in NAMES))

    def thinned(self, most: int) -> LawDraws:
        """At most `most` of the laws, evenly spread over the rows."""
        rows = np.linspace(0, len(self) - 1, min(most, len(self))).round().astype(np.intp)
        return LawDraws(*(getattr(self, name)[rows] for name in NAMES))

    def law(self, index: int) -> ChinchillaLaw:
        """Law number `index`."""
        return ChinchillaLaw(*(float(getattr(self, name)[index]) for name in NAMES))

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a law with the columns E, A, B, alpha, beta."""
        return pd.DataFrame({name: getattr(self, name) for name in NAMES})

    def column(self, name: str) -> FloatArray:
        """A coefficient, or G, K, gamma or params_exponent, of every law; raises
        UnknownNameError.
        """
        if name not in NAMES + DERIVED:
            raise UnknownNameError("name", name, NAMES + DERIVED)
        values: FloatArray = getattr(self, name)
        return values

    @property
    def params_exponent(self) -> FloatArray:
        """β/(α+β)."""
        return self.beta / (self.alpha + self.beta)

    @property
    def gamma(self) -> FloatArray:
        """αβ/(α+β)."""
        return self.alpha * self.beta / (self.alpha + self.beta)

    @property
    def log_G(self) -> FloatArray:
        """ln G; G itself may overflow in a draw."""
        result: FloatArray = np.log(self.alpha * self.A / (self.beta * self.B)) / (
            self.alpha + self.beta
        )
        return result

    @property
    def G(self) -> FloatArray:
        """(αA/βB)^(1/(α+β))."""
        with np.errstate(over="ignore"):
            result: FloatArray = np.exp(self.log_G)
        return result

    @property
    def K(self) -> FloatArray:
        """What compute leaves to gain: along the optimum L = E + K·C^−γ."""
        with np.errstate(over="ignore"):
            scale = np.exp(np.log(self.A) - self.alpha * self.log_G) + np.exp(
                np.log(self.B) + self.beta * self.log_G
            )
            result: FloatArray = scale * FLOP_PER_PARAM_AND_TOKEN**self.gamma
        return result

    def loss(self, params: ArrayLike, tokens: ArrayLike) -> FloatArray:
        """Losses of runs under every law: shape (R,) + the broadcast shape of params and tokens."""
        N, D = np.broadcast_arrays(
            positive("params", params, "parameters", "7e9"),
            positive("tokens", tokens, "tokens", "2e12"),
        )
        E, A, B, alpha, beta = (
            getattr(self, name).reshape((-1,) + (1,) * N.ndim) for name in NAMES
        )
        result: FloatArray = (
            E + np.exp(np.log(A) - alpha * np.log(N)) + np.exp(np.log(B) - beta * np.log(D))
        )
        return result

    def optimal(self, training_flop: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """(N*, D*) under every law, each of shape (R,) + the shape of training_flop."""
        C = np.asarray(finite_positive("training_flop", training_flop, "FLOP", "5.76e23"))
        log_product = np.log(C / FLOP_PER_PARAM_AND_TOKEN)
        axes = (-1,) + (1,) * C.ndim
        log_params = self.log_G.reshape(axes) + self.params_exponent.reshape(axes) * log_product
        with np.errstate(over="ignore"):
            return np.exp(log_params), np.exp(log_product - log_params)

    def params_of_optimal_tokens(self, tokens: ArrayLike) -> FloatArray:
        """The N whose compute-optimal D is `tokens` (one amount, or one a law): G·(G·D)^(β/α), of
        shape (R,).
        """
        D = np.asarray(finite_positive("tokens", tokens, "tokens", "2e12"))
        with np.errstate(over="ignore"):
            result: FloatArray = np.exp(
                self.log_G + self.beta / self.alpha * (self.log_G + np.log(D))
            )
        return result

    def loss_at_compute(self, training_flop: ArrayLike) -> FloatArray:
        """The least loss at a compute under every law, E + K·C^−γ: shape (R,) + the shape of
        training_flop.
        """
        C = np.asarray(positive("training_flop", training_flop, "FLOP", "5.76e23"))
        axes = (-1,) + (1,) * C.ndim
        result: FloatArray = self.E.reshape(axes) + self.K.reshape(axes) * C ** -self.gamma.reshape(
            axes
        )
        return result

    def compute_for_loss(self, loss: float) -> FloatArray:
        """The compute in FLOP that reaches `loss` under every law; infinite for laws whose floor is
        at or above it.
        """
        wanted = float(finite_positive("loss", loss, "nats per token", "2.5"))
        left = np.maximum(wanted - self.E, 0.0)
        with np.errstate(divide="ignore", over="ignore"):
            result: FloatArray = np.exp(-np.log(left / self.K) / self.gamma)
        return result
