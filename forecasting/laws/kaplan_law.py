"""Kaplan et al. 2020: straight lines on log-log axes, L(N), L(D), L(C), and the form that joins N
and D.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import ArrayLike

from forecasting.laws.law_inputs import (
    FLOP_PER_PARAM_AND_TOKEN,
    PF_DAY_FLOP,
    above_floor,
    as_given,
    checked_coefficient,
    finite_positive,
    positive,
)


@dataclass(frozen=True)
class PowerLine:
    """L(x) = (scale/x)^exponent: a straight line of slope −exponent on log-log axes, in nats per
    token. No floor.
    """

    scale: float
    exponent: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", checked_coefficient("scale", self.scale))
        object.__setattr__(self, "exponent", checked_coefficient("exponent", self.exponent))

    def loss(self, x: ArrayLike) -> Any:
        """The loss at `x`, in the unit of the scale."""
        return as_given((self.scale / positive("x", x, "a quantity", "1e9")) ** self.exponent)

    def reaches(self, loss: ArrayLike) -> Any:
        """The x at which the line is at `loss`: scale·L^(−1/exponent)."""
        return as_given(self.scale * above_floor(loss, 0.0) ** (-1.0 / self.exponent))


@dataclass(frozen=True)
class KaplanLaw:
    r"""Kaplan's lines, each for the other two quantities unlimited, and the joint form.

    .. math::
        L(N) = \Big(\frac{8.8\times10^{13}}{N}\Big)^{0.076}, \quad
        L(D) = \Big(\frac{5.4\times10^{13}}{D}\Big)^{0.095}, \quad
        L(C) = \Big(\frac{3.1\times10^{8}}{C}\Big)^{0.050}

    .. math::
        L(N, D) = \Big[\Big(\frac{8.8\times10^{13}}{N}\Big)^{0.076/0.095} +
        \frac{5.4\times10^{13}}{D}\Big]^{0.095}

    N are parameters without embeddings, D tokens, C PF-days (8.64e19 FLOP); loss in nats per token.
    """

    by_params: PowerLine = field(default=PowerLine(8.8e13, 0.076))
    by_tokens: PowerLine = field(default=PowerLine(5.4e13, 0.095))
    by_pf_days: PowerLine = field(default=PowerLine(3.1e8, 0.050))

    def loss(self, params: ArrayLike, tokens: ArrayLike) -> Any:
        """The joint form; either may be infinite, which leaves the other's line."""
        N = positive("params", params, "parameters", "7e9")
        D = positive("tokens", tokens, "tokens", "2e12")
        ratio = self.by_params.exponent / self.by_tokens.exponent
        return as_given(
            ((self.by_params.scale / N) ** ratio + self.by_tokens.scale / D)
            ** self.by_tokens.exponent
        )

    def loss_at_compute(self, training_flop: ArrayLike) -> Any:
        """Kaplan's line L(C), for the best model size at each C; not the joint form's optimum (see
        `optimal`).
        """
        return self.by_pf_days.loss(
            positive("training_flop", training_flop, "FLOP", "5.76e23") / PF_DAY_FLOP
        )

    def compute_for_loss(self, loss: ArrayLike) -> Any:
        """The training compute in FLOP at which the line L(C) is at `loss`."""
        return as_given(self.by_pf_days.reaches(loss) * PF_DAY_FLOP)

    def tokens_for_loss(self, loss: float, params: float) -> float:
        """The tokens at which a model of `params` parameters reaches `loss`; raises
        LossBelowFloorError where it never does.
        """
        floor = self.by_params.loss(params)
        reached = above_floor(loss, floor, "the loss of a model of this size with unlimited data")
        power = 1.0 / self.by_tokens.exponent
        return float(self.by_tokens.scale / (reached**power - floor**power))

    def params_for_loss(self, loss: float, tokens: float) -> float:
        """The parameters at which a run on `tokens` tokens reaches `loss`; raises
        LossBelowFloorError where none does.
        """
        floor = self.by_tokens.loss(tokens)
        reached = above_floor(loss, floor, "the loss of a model of unlimited size on these tokens")
        power = 1.0 / self.by_tokens.exponent
        ratio = self.by_params.exponent * power
        return float(self.by_params.scale * (reached**power - floor**power) ** (-1.0 / ratio))

    def optimal(self, training_flop: ArrayLike) -> tuple[Any, Any]:
        """(N*, D*) of least loss in the joint form at C = 6·N·D, both trained to the end.

        With a = α_N/α_D, N* = (a·N_c^a·C/(6·D_c))^(1/(1+a)): exponent 0.556. Kaplan's own 0.73
        allows for stopping early.
        """
        C = finite_positive("training_flop", training_flop, "FLOP", "5.76e23")
        ratio = self.by_params.exponent / self.by_tokens.exponent
        product = C / FLOP_PER_PARAM_AND_TOKEN
        params = (ratio * self.by_params.scale**ratio * product / self.by_tokens.scale) ** (
            1.0 / (1.0 + ratio)
        )
        return as_given(params), as_given(product / params)

    @property
    def params_exponent(self) -> float:
        """1/(1 + α_N/α_D): optimal parameters of the joint form grow as training compute to this
        power.
        """
        return 1.0 / (1.0 + self.by_params.exponent / self.by_tokens.exponent)
