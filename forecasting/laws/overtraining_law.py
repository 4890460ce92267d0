"""Over-training (Gadre et al. 2024): the Chinchilla form by compute and tokens per parameter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from forecasting.errors import InputError
from forecasting.laws.chinchilla_law import ChinchillaLaw
from forecasting.laws.law_inputs import (
    FLOP_PER_PARAM_AND_TOKEN,
    above_floor,
    as_given,
    checked_coefficient,
    finite_positive,
    positive,
)


@dataclass(frozen=True)
class OverTrainingLaw:
    r"""Loss L in nats per token by training compute C = 6·N·D and tokens per parameter M = D/N.

    .. math:: L(C, M) = E + (a M^{\eta} + b M^{-\eta})\,C^{-\eta}

    It is the Chinchilla form with equal exponents α = β = 2η: M/C = 1/(6N²) and 1/(M·C) = 1/(6D²).
    E, a, b 0 or more, eta above 0; raises InputError otherwise.
    """

    E: float
    a: float
    b: float
    eta: float

    def __post_init__(self) -> None:
        for name in ("E", "a", "b"):
            object.__setattr__(
                self, name, checked_coefficient(name, getattr(self, name), zero_allowed=True)
            )
        object.__setattr__(self, "eta", checked_coefficient("eta", self.eta))

    @classmethod
    def from_chinchilla(cls, law: ChinchillaLaw) -> OverTrainingLaw:
        """The same law written in C and M; raises InputError where α and β differ."""
        if abs(law.alpha - law.beta) > 1e-12 * law.alpha:
            raise InputError(
                "alpha",
                law.alpha,
                f"The over-training form needs equal exponents; beta is {law.beta}.",
            )
        eta = law.alpha / 2.0
        return cls(
            law.E, law.A * FLOP_PER_PARAM_AND_TOKEN**eta, law.B * FLOP_PER_PARAM_AND_TOKEN**eta, eta
        )

    def as_chinchilla(self) -> ChinchillaLaw:
        """The same law written in N and D: A = a·6^−η, B = b·6^−η, α = β = 2η."""
        scale = FLOP_PER_PARAM_AND_TOKEN**-self.eta
        return ChinchillaLaw(self.E, self.a * scale, self.b * scale, 2.0 * self.eta, 2.0 * self.eta)

    def loss(self, params: ArrayLike, tokens: ArrayLike) -> Any:
        """The loss of a run with `params` parameters on `tokens` tokens."""
        return self.as_chinchilla().loss(params, tokens)

    def loss_at(self, training_flop: ArrayLike, tokens_per_param: ArrayLike) -> Any:
        """The loss of a run of `training_flop` FLOP at `tokens_per_param` tokens per parameter."""
        C = positive("training_flop", training_flop, "FLOP", "5.76e23")
        M = finite_positive("tokens_per_param", tokens_per_param, "tokens per parameter", "20")
        return as_given(self.E + (self.a * M**self.eta + self.b * M**-self.eta) * C**-self.eta)

    def compute_for_loss(self, loss: ArrayLike, tokens_per_param: ArrayLike | None = None) -> Any:
        """The training compute in FLOP that reaches `loss` at `tokens_per_param` (None: at the
        best); LossBelowFloorError at or below E.
        """
        reached = above_floor(loss, self.E)
        M = self.best_tokens_per_param if tokens_per_param is None else tokens_per_param
        M = finite_positive("tokens_per_param", M, "tokens per parameter", "20")
        return as_given(
            ((self.a * M**self.eta + self.b * M**-self.eta) / (reached - self.E))
            ** (1.0 / self.eta)
        )

    @property
    def best_tokens_per_param(self) -> float:
        """(b/a)^(1/2η), the same at every compute."""
        return float((self.b / self.a) ** (0.5 / self.eta))

    @property
    def params_exponent(self) -> float:
        """0.5: with equal exponents optimal parameters and tokens grow alike."""
        return 0.5

    def optimal(self, training_flop: ArrayLike) -> tuple[Any, Any]:
        """(N*, D*) of least loss at C = 6·N·D."""
        return self.as_chinchilla().optimal(training_flop)

    def loss_at_compute(self, training_flop: ArrayLike) -> Any:
        """The least loss that `training_flop` buys."""
        return self.loss_at(training_flop, self.best_tokens_per_param)
