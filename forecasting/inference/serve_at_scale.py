"""Serve at scale: how large a model to train for a demand, what training and answers cost, and how
that moves with requests a day.

serve_at_scale(InferenceScenario(requests_per_day=1e7)).answer
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.context import DataOrContext, context_of, law_in_use
from forecasting.fitting.law_choice import LawInputs, LawInUse
from forecasting.inference.allocation import (
    InferenceAwareOptimum,
    equal_loss_optimum,
    inference_aware_optimum,
)
from forecasting.inference.answer_mfu import AnswerMfuInputs, AnswerModel
from forecasting.inference.serving import (
    FLOP_PER_PARAM_AND_SERVED_TOKEN,
    Demand,
    served_as_training_tokens,
)
from forecasting.inference.serving_inputs import ChipPriceInputs, ServedInputs
from forecasting.laws.law_draws import LawDraws
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN
from forecasting.laws.size_fields import CHINCHILLA_PARAMS
from forecasting.scenario import SeededInputs, quantity
from forecasting.serving.rented_chips import RentedChip
from forecasting.stats.bands import QUANTILES, Range, quantile_columns
from forecasting.stats.quantiles import quantile_of

#: Requests a day over which the answer is drawn: from none that matter to a hundred times what the
#: largest services report.
REQUESTS = np.geomspace(1e3, 1e11, 81)
#: How often size and utilisation are made to agree.
ROUNDS = 5
#: Tokens per parameter beyond which no training run has been published with its losses (Gadre et
#: al. 2024 go to 640).
MAX_TRIED_TOKENS_PER_PARAM = 640.0


@dataclass(frozen=True, eq=False)
class DemandCurve:
    """A quantity over REQUESTS a day, in `unit`: at the law itself, and over its draws, quantiles
    of shape (7, len(REQUESTS)) at QUANTILES.

    The median of the draws lies a little apart from the law itself; answers and lines take the law,
    bands the quantiles.
    """

    of_law: FloatArray
    values: FloatArray
    unit: str

    @property
    def median(self) -> FloatArray:
        """The median, one value a number of requests."""
        median: FloatArray = self.values[QUANTILES.index(0.5)]
        return median

    def interval(self, level: float) -> tuple[FloatArray, FloatArray]:
        """Lower and upper end of the central band of `level`."""
        low = round((1 - level) / 2, 4)
        return self.values[QUANTILES.index(low)], self.values[QUANTILES.index(round(1 - low, 4))]


class ServeInputs(LawInputs, AnswerMfuInputs, ServedInputs, ChipPriceInputs, SeededInputs):
    """Inputs of serving a quality to a demand at least cost."""

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
        label="Samples per answer",
        why="Each is written in full; the prompt is read once.",
        ge=1.0,
        le=1e6,
    )


@dataclass(frozen=True, eq=False)
class ServeAtScale(Answered):
    """The cheapest model of a quality for a demand, and for a thousand to a hundred billion
    `requests` a day.

    `best` is by the law itself; `params`, `tokens`, `train_share` and `saving` (shares) and
    `total_usd` have their 80% range over draws of the law. `half_at` is the requests a day at which
    training is half of the cost, `over_tried_from` those from which the model has more tokens a
    parameter than was tried; infinite where neither comes.
    """

    scenario: ServeInputs
    law: LawInUse
    demand: Demand
    served: AnswerModel
    mfu: tuple[float, float]
    rent: RentedChip
    best: InferenceAwareOptimum
    params: Range
    tokens: Range
    train_share: Range
    saving: Range
    total_usd: Range
    requests: FloatArray = field(repr=False)
    params_by_requests: DemandCurve = field(repr=False)
    tokens_by_requests: DemandCurve = field(repr=False)
    train_share_by_requests: DemandCurve = field(repr=False)
    saving_by_requests: DemandCurve = field(repr=False)
    half_at: float
    over_tried_from: float

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a number of requests a day: every quantity at the optimum of the law itself, as in
        the answer, and quantiles over draws.
        """
        columns: dict[str, FloatArray] = {"requests_per_day": self.requests}
        for name, curve in (
            ("params", self.params_by_requests),
            ("tokens", self.tokens_by_requests),
            ("train_share", self.train_share_by_requests),
            ("saving_share", self.saving_by_requests),
        ):
            columns[f"{name}_of_law"] = curve.of_law
            columns |= quantile_columns(name, curve.values)
        return pd.DataFrame(columns)


def serve_at_scale(scenario: ServeInputs, *, data: DataOrContext | None = None) -> ServeAtScale:
    """The scenario's demand served at its quality, and the same for a thousand to a hundred billion
    requests a day.
    """
    context = context_of(data)
    law = law_in_use(scenario.law, context)
    model = scenario.answer_model(scenario.tokens_in, scenario.tokens_out, context.data)
    demand = Demand(
        requests_per_day=scenario.requests_per_day,
        days=scenario.days,
        tokens_in=scenario.tokens_in,
        tokens_out=scenario.tokens_out,
        samples=scenario.samples_per_answer,
    )
    size = scenario.quality_params
    for _ in range(ROUNDS):
        reading, writing = scenario.mfu_at(model, size)
        prices = scenario.prices(float(reading), float(writing), context)
        best = inference_aware_optimum(
            law.law, quality_of_params=scenario.quality_params, demand=demand, prices=prices
        )
        size = best.params
    weight = served_as_training_tokens(demand, prices)
    doubt = scenario.full_load(model, len(law.draws), scenario.seed)[:, None]
    at = _allocated(law.draws, scenario.quality_params, weight / doubt)
    sizes = np.full(REQUESTS.shape, best.params)
    for _ in range(ROUNDS):
        weights = _training_tokens(scenario, demand, scenario.mfu_at(model, sizes))
        itself = _allocated(LawDraws.of_law(law.law), scenario.quality_params, weights[None, :])
        sizes = itself.params[0]
    curves = _allocated(law.draws, scenario.quality_params, weights / doubt)
    usd_per_flop = prices.usd_per_training_flop
    ratio = itself.tokens[0] / itself.params[0]
    return ServeAtScale(
        scenario=scenario,
        law=law,
        demand=demand,
        served=model,
        mfu=(prices.mfu_input, prices.mfu_output),
        rent=scenario.rent(context),
        best=best,
        params=_around(best.params, at.params, "parameters"),
        tokens=_around(best.tokens, at.tokens, "tokens"),
        train_share=_around(best.train_share, at.train_share, "share"),
        saving=_around(best.saving, at.saving, "share"),
        total_usd=_around(best.total, at.flop * usd_per_flop, "USD"),
        requests=REQUESTS,
        params_by_requests=_curve(itself.params, curves.params, "parameters"),
        tokens_by_requests=_curve(itself.tokens, curves.tokens, "tokens"),
        train_share_by_requests=_curve(itself.train_share, curves.train_share, "share"),
        saving_by_requests=_curve(itself.saving, curves.saving, "share"),
        half_at=_crossing(itself.train_share[0], 0.5),
        over_tried_from=_crossing(-ratio, -MAX_TRIED_TOKENS_PER_PARAM),
    )


@dataclass(frozen=True, eq=False)
class _Allocated:
    """Optima of R laws at M weights, arrays of shape (R, M); `flop` counts answers at the price of
    training.
    """

    params: FloatArray
    tokens: FloatArray
    train_share: FloatArray
    saving: FloatArray
    flop: FloatArray


def _training_tokens(
    scenario: ServeInputs, demand: Demand, mfu: tuple[FloatArray, FloatArray]
) -> FloatArray:
    """The training tokens that cost what REQUESTS a day do, at utilisations of that shape."""
    tokens = demand.tokens_in / mfu[0] + demand.samples * demand.tokens_out / mfu[1]
    ratio = FLOP_PER_PARAM_AND_SERVED_TOKEN / FLOP_PER_PARAM_AND_TOKEN
    weights: FloatArray = ratio * REQUESTS * demand.days * scenario.mfu_train * tokens
    return weights


def _allocated(draws: LawDraws, quality_params: float, weights: FloatArray) -> _Allocated:
    """Each law at the loss of its own Chinchilla model of `quality_params` parameters; weights have
    a row a law, or one for all.
    """
    log_tokens = (np.log(quality_params) - draws.log_G) * draws.alpha / draws.beta - draws.log_G
    left = draws.A * quality_params**-draws.alpha + draws.B * np.exp(-draws.beta * log_tokens)
    params, tokens = equal_loss_optimum(draws, left[:, None], weights)
    flop = FLOP_PER_PARAM_AND_TOKEN * params * (tokens + weights)
    plain = FLOP_PER_PARAM_AND_TOKEN * quality_params * (np.exp(log_tokens)[:, None] + weights)
    return _Allocated(
        params, tokens, tokens / (tokens + weights), np.maximum(0.0, 1.0 - flop / plain), flop
    )


def _curve(itself: FloatArray, draws: FloatArray, unit: str) -> DemandCurve:
    return DemandCurve(itself[0], quantile_of(draws, QUANTILES, "linear"), unit)


def _around(value: float, draws: FloatArray, unit: str) -> Range:
    """The value at the law itself with the 80% range of its draws."""
    return Range.of_draws(draws[:, 0], unit).around(value)


def _crossing(falling: FloatArray, level: float) -> float:
    """Requests a day at which a falling curve passes `level`; infinite where it does not."""
    if not falling[0] > level > falling[-1]:
        return math.inf
    return float(np.exp(np.interp(-level, -falling, np.log(REQUESTS))))
