"""How large a model to train, and on how many tokens, when it will also be served (Sardana et al.
2024, arXiv:2401.00448).

    minimise 6·N·D + 2·N·D_inf at fixed loss      optimum   α·A·N^−α = β·B·D^−β·(1 + w/D)

with w = D_inf/3 in FLOP, and (D_in·c_in + D_out·c_out)/(3·c_train) in dollars. Without demand it is
Chinchilla's optimum. With s the share of tokens in what the loss has above its floor, s = B·D^−β/(L
− E), the optimum is the root of

    f(z) = z + ln(α/β) − ln(1 + w/D),   z = ln((1 − s)/s),   f′ between 1 and 1 + 1/β

which bracketed Newton steps from Chinchilla's z = ln(β/α) reach in a handful, for any number of
laws and demands at once.

    inference_aware_optimum(law, quality_of_params=13e9, inference_tokens=2e12).saving
    inference_aware_optimum(law, quality_of_params=70e9, demand=Demand(requests_per_day=1e7),
    prices=ComputePrices())
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from forecasting.arrays import FloatArray
from forecasting.errors import BeyondNumbersError, InputError
from forecasting.inference.serving import ComputePrices, Demand, served_as_training_tokens
from forecasting.laws.chinchilla_law import ChinchillaLaw
from forecasting.laws.law_draws import LawDraws
from forecasting.laws.law_inputs import (
    FLOP_PER_PARAM_AND_TOKEN,
    above_floor,
    checked_coefficient,
    finite_positive,
)
from forecasting.stats.rootfind import find_roots


@dataclass(frozen=True)
class InferenceAwareOptimum:
    """The cheapest model of a given loss for a demand. Totals and savings are of training and
    serving together.

    `unit` is "FLOP", or "USD" where prices were given; `training` and `serving` are in it. `saving`
    is the share saved against Chinchilla's model of the same loss (`chinchilla_params`,
    `chinchilla_tokens`, `chinchilla_total`) serving the same demand.
    """

    params: float
    tokens: float
    loss: float
    training: float
    serving: float
    chinchilla_params: float
    chinchilla_tokens: float
    chinchilla_total: float
    served_tokens: float
    unit: str

    @property
    def training_flop(self) -> float:
        """FLOP of the training run, 6·N·D."""
        return FLOP_PER_PARAM_AND_TOKEN * self.params * self.tokens

    @property
    def total(self) -> float:
        """Training and serving."""
        return self.training + self.serving

    @property
    def train_share(self) -> float:
        """Share of training in the total."""
        return self.training / self.total

    @property
    def saved(self) -> float:
        """What is saved against Chinchilla's model, in `unit`."""
        return self.chinchilla_total - self.total

    @property
    def saving(self) -> float:
        """The same as a share of what Chinchilla's model would take."""
        return self.saved / self.chinchilla_total

    @property
    def tokens_per_param(self) -> float:
        """Training tokens per parameter."""
        return self.tokens / self.params

    @property
    def is_chinchilla(self) -> bool:
        """Whether nothing is served, so that this is Chinchilla's optimum."""
        return self.served_tokens == 0.0


def inference_aware_optimum(
    law: ChinchillaLaw,
    *,
    quality_of_params: float | None = None,
    loss: float | None = None,
    inference_tokens: float | None = None,
    demand: Demand | None = None,
    prices: ComputePrices | None = None,
) -> InferenceAwareOptimum:
    """The model that reaches a quality at the least cost of training and serving.

    Parameters
    ----------
    law : ChinchillaLaw
        The law, with A and B above 0.
    quality_of_params : float or None
        The quality: the loss of Chinchilla's model of so many parameters.
    loss : float or None
        The quality in its place, in nats per token.
    inference_tokens : float or None
        The demand: tokens over the model's life, 0 or more.
    demand : Demand or None
        The demand in its place.
    prices : ComputePrices or None
        With these (a `Demand` then) the cost is in dollars, else in FLOP.

    Raises
    ------
    InputError
        For an input that is missing, given beside its alternative, or no such number.
    LossBelowFloorError
        For a loss that the law never reaches.
    BeyondNumbersError
        Where either model is too large to be computed.
    """
    wanted = _wanted_loss(law, quality_of_params, loss)
    served, weight = _served(inference_tokens, demand, prices)
    draws = LawDraws.of_law(law)
    _both_terms(draws)
    left = np.array([wanted - law.E])
    params, tokens = (float(x[0]) for x in equal_loss_optimum(draws, left, np.array([weight])))
    plain_params, plain_tokens = (
        float(x[0]) for x in equal_loss_optimum(draws, left, np.array([0.0]))
    )
    unit, per_flop = ("FLOP", 1.0) if prices is None else ("USD", prices.usd_per_training_flop)
    scale = FLOP_PER_PARAM_AND_TOKEN * per_flop
    chinchilla_total = scale * plain_params * (plain_tokens + weight)
    if not (0.0 < chinchilla_total < np.inf and params > 0.0 and tokens < np.inf):
        raise BeyondNumbersError
    return InferenceAwareOptimum(
        params=params,
        tokens=tokens,
        loss=wanted,
        training=scale * params * tokens,
        serving=scale * params * weight,
        chinchilla_params=plain_params,
        chinchilla_tokens=plain_tokens,
        chinchilla_total=chinchilla_total,
        served_tokens=served,
        unit=unit,
    )


def equal_loss_optimum(
    draws: LawDraws, left: ArrayLike, weight: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """(N, D) of the least N·(D + w) at loss E + `left`, for R laws at once. The relative error is
    below 1e-12.

    Parameters
    ----------
    draws : LawDraws
        The R laws.
    left : array-like of floats, shape (R,) or (R, …)
        The loss above each law's floor, in nats per token, above 0; the laws vary along the first
        axis.
    weight : array-like of floats, shape (R,) or (R, …)
        w in tokens, 0 or more; broadcasts with `left`.
    """
    over, w = np.broadcast_arrays(
        np.asarray(left, dtype=np.float64), np.asarray(weight, dtype=np.float64)
    )
    axes = (-1,) + (1,) * (over.ndim - 1)
    A, B, alpha, beta = (getattr(draws, name).reshape(axes) for name in ("A", "B", "alpha", "beta"))
    with np.errstate(divide="ignore", over="ignore"):
        log_data = np.log(B) - np.log(over)  # β·ln D where the size term is nil
        log_w = np.log(w)
        plain = np.broadcast_to(np.log(beta / alpha), np.broadcast_shapes(over.shape, beta.shape))

        def condition(z: FloatArray) -> tuple[FloatArray, FloatArray]:
            served = log_w - (log_data + np.logaddexp(0.0, z)) / beta
            return z - plain - np.logaddexp(0.0, served), 1.0 + expit(served) * expit(z) / beta

        z = find_roots(condition, plain, plain - condition(plain)[0])
        log_tokens = (log_data + np.logaddexp(0.0, z)) / beta
        log_params = (np.log(A) - np.log(over) + np.logaddexp(0.0, -z)) / alpha
        return np.exp(log_params), np.exp(log_tokens)


def overtraining_overhead(
    law: ChinchillaLaw, size_ratio: ArrayLike, *, quality_of_params: float
) -> Any:
    """Extra training compute, as a share, of a model of another size than Chinchilla's that is
    trained to Chinchilla's loss.

    0 at a ratio of 1, infinite at sizes that never reach the loss.

    Parameters
    ----------
    law : ChinchillaLaw
        The law, with A and B above 0.
    size_ratio : number or array of any shape
        Size as a multiple of Chinchilla's, above 0.
    quality_of_params : float
        Parameters of Chinchilla's model.
    """
    ratio = finite_positive("size_ratio", size_ratio, "times Chinchilla's size", "0.5")
    _both_terms(LawDraws.of_law(law))
    wanted = _wanted_loss(law, quality_of_params, None)
    full = float(quality_of_params)
    plain_tokens = law.tokens_of_optimal_params(full)
    left = np.asarray(wanted - law.E - law.A * (ratio * full) ** -law.alpha)
    with np.errstate(divide="ignore"):
        tokens = np.where(left > 0.0, (np.maximum(left, 0.0) / law.B) ** (-1.0 / law.beta), np.inf)
    overhead: FloatArray = ratio * tokens / plain_tokens - 1.0
    return float(overhead) if overhead.ndim == 0 else overhead


def train_share_of_exchange(exchange_rate: float) -> float:
    r"""Share of training in the cheapest budget on a curve of equal quality: m/(1 + m).

    .. math:: I = K\,T^{-m},\qquad \frac{T}{n I} = m

    T is the compute of training, I that of an answer, of which there are n.
    `exchange_rate` is m, the OOM of inference that one OOM of training replaces (above 0): 1 gives
    a half, 1.2 gives 54.5%.
    """
    m = checked_coefficient("exchange_rate", exchange_rate)
    return m / (1.0 + m)


def _wanted_loss(law: ChinchillaLaw, quality_of_params: float | None, loss: float | None) -> float:
    if quality_of_params is None:
        if loss is None:
            raise InputError(
                "quality_of_params",
                "not given",
                "Give either quality_of_params, such as 13e9, or loss, such as 2.1.",
            )
        return float(above_floor(loss, law.E))
    if loss is not None:
        raise InputError("quality_of_params", "given beside a loss", "Give one of the two.")
    _both_terms(LawDraws.of_law(law))
    params = float(finite_positive("quality_of_params", quality_of_params, "parameters", "13e9"))
    return float(law.loss(params, law.tokens_of_optimal_params(params)))


def _served(
    inference_tokens: float | None, demand: Demand | None, prices: ComputePrices | None
) -> tuple[float, float]:
    """Tokens served, and their weight w."""
    if demand is not None:
        if inference_tokens is not None:
            raise InputError("inference_tokens", "given beside a demand", "Give one of the two.")
        return demand.served_tokens, served_as_training_tokens(demand, prices)
    if inference_tokens is None:
        raise InputError(
            "inference_tokens",
            "not given",
            "Give either inference_tokens, such as 2e12, or demand=Demand(…).",
        )
    served = checked_coefficient("inference_tokens", inference_tokens, zero_allowed=True)
    if prices is not None:
        raise InputError(
            "prices",
            "given with inference_tokens",
            "Prices differ for tokens read and written: give demand=Demand(…).",
        )
    return served, served / 3.0


def _both_terms(draws: LawDraws) -> None:
    for name, of in (("A", "size"), ("B", "data")):
        if not (getattr(draws, name) > 0.0).all():
            raise InputError(
                name,
                0.0,
                f"Without a term for {of} the law has no cheapest model: use a law with A and B"
                " above 0.",
            )
