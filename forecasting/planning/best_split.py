"""With one budget, one demand and so much text: how large a model, on how many tokens, and how much
compute an answer?

    maximise    log10 C_eq(N, D; U) + s·log10 k
    subject to  6·N·D·c_train + requests·2·N·(T_in·c_in + k·T_out·c_out) ≤ budget,  1 ≤ k ≤ 10^S

C_eq is the training compute that would reach the same loss with text unlimited; an answer may take
k times the compute of one pass, and s OOM of training are worth one OOM of it, over a span of S
OOM. With s = 0 and unlimited text this is Sardana et al. 2024 in dollars, without demand Hoffmann
et al. 2022.

    best_split(law, budget_usd=1e9, unique_tokens=3e12, demand=Demand(requests_per_day=1e6),
    prices=ComputePrices()).train_share
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.errors import InputError
from forecasting.formatting import in_dollars, in_words
from forecasting.inference.serving import ComputePrices, Demand, serving_usd
from forecasting.laws.chinchilla_law import ChinchillaLaw
from forecasting.laws.data_limited_quality import DataLimitedQuality, fresh_epochs
from forecasting.laws.law_draws import LawDraws
from forecasting.laws.law_inputs import (
    FLOP_PER_PARAM_AND_TOKEN,
    checked_coefficient,
    finite_positive,
    positive,
)
from forecasting.laws.repeated_data_law import RepeatedDataLaw
from forecasting.planning.split_solver import LN10, SplitProblem, best_splits

#: The smallest model that counts as an answer to the demand: about GPT-2's size (1.5 billion
#: parameters, 2019), rounded down.
MIN_PARAMS = 1e9


@dataclass(frozen=True)
class BestSplit(Answered):
    """The best use of one budget: a model of `params` trained on `tokens` (of `unique_tokens`),
    answers of `answer_compute` passes.

    Money in USD, compute in FLOP, `loss` in nats per token. `score` = log10 C_eq + s·log10 k, in
    orders of magnitude, with k the `answer_compute` and C_eq the `equivalent_training_flop`: ((loss
    − E)/K)^(−1/γ), the compute-optimal run on unlimited text that has this loss.
    """

    params: float
    tokens: float
    unique_tokens: float
    answer_compute: float
    score: float
    loss: float
    equivalent_training_flop: float
    training_usd: float
    input_usd: float
    output_usd: float
    budget_usd: float

    @property
    def epochs(self) -> float:
        """How often the text is read; 1 where there is more text than is read."""
        return float(fresh_epochs(np.array(self.tokens), np.array(self.unique_tokens)))

    @property
    def training_flop(self) -> float:
        """FLOP of the training run, 6·N·D."""
        return FLOP_PER_PARAM_AND_TOKEN * self.params * self.tokens

    @property
    def spent_usd(self) -> float:
        """Training and answers together; less than the budget only where the span and the text
        leave nothing worth buying.
        """
        return self.training_usd + self.input_usd + self.output_usd

    @property
    def train_share(self) -> float:
        """Share of training in what is spent."""
        return self.training_usd / self.spent_usd


def best_split(
    law: ChinchillaLaw | RepeatedDataLaw,
    *,
    budget_usd: float,
    unique_tokens: float = math.inf,
    demand: Demand | None = None,
    prices: ComputePrices | None = None,
    exchange_rate: float = 1.0,
    span_oom: float = 3.0,
    least_params: float = MIN_PARAMS,
) -> BestSplit:
    """The best split of a budget between training and answers, to 1e-6 in the score.

    Parameters
    ----------
    law : ChinchillaLaw or RepeatedDataLaw
        The law; a RepeatedDataLaw counts by its base, with the published R*.
    budget_usd : float
        The budget in USD, above 0.
    unique_tokens : float
        The text there is, in tokens, above 0; may be infinite.
    demand : Demand or None
        The answers; None: none.
    prices : ComputePrices or None
        Dollars per FLOP; None: the defaults.
    exchange_rate : float
        s, OOM of training that an OOM of inference is worth, 0 or more.
    span_oom : float
        S, OOM of inference beyond which more is worth nothing, 0 or more.
    least_params : float
        Parameters of the smallest model that must be servable.

    Raises
    ------
    InputError
        For other values and for a budget that could not serve the smallest model to that demand,
        even untrained.
    """
    base = law.base if isinstance(law, RepeatedDataLaw) else law
    budget = float(finite_positive("budget_usd", budget_usd, "USD", "1e9"))
    text = float(positive("unique_tokens", unique_tokens, "tokens", "3e12"))
    rate = checked_coefficient("exchange_rate", exchange_rate, zero_allowed=True)
    span = checked_coefficient("span_oom", span_oom, zero_allowed=True)
    served, price = demand or Demand(requests_per_day=0.0), prices or ComputePrices()
    _require_served(budget, served, price, least_params)
    problem = SplitProblem(
        quality=DataLimitedQuality.of_draws(LawDraws.of_law(base), np.array([text])),
        log_budget=np.log([budget]),
        log_train=np.log([FLOP_PER_PARAM_AND_TOKEN * price.usd_per_training_flop]),
        log_input=_log([2.0 * served.read_tokens * price.usd_per_input_flop]),
        log_output=_log([2.0 * served.written_tokens * price.usd_per_output_flop]),
        size_elasticity=np.zeros(1),
        exchange_rate=np.array([rate]),
        log_span=np.array([span * LN10 if served.written_tokens > 0.0 else 0.0]),
    )
    found = best_splits(problem)
    params, tokens, k = (float(np.exp(x[0])) for x in (found.n, found.d, found.log_k))
    return BestSplit(
        params=params,
        tokens=tokens,
        unique_tokens=text,
        answer_compute=k,
        score=float(found.score[0]),
        loss=float(RepeatedDataLaw(base).loss(params, tokens, text)),
        equivalent_training_flop=10.0 ** (float(found.score[0]) - rate * math.log10(k)),
        training_usd=FLOP_PER_PARAM_AND_TOKEN * params * tokens * price.usd_per_training_flop,
        input_usd=2.0 * params * served.read_tokens * price.usd_per_input_flop,
        output_usd=2.0 * params * served.written_tokens * price.usd_per_output_flop * k,
        budget_usd=budget,
    )


def _require_served(
    budget_usd: float, demand: Demand, prices: ComputePrices, least_params: float = MIN_PARAMS
) -> None:
    """Raise InputError for a budget that can't answer the demand once with a model of
    `least_params` parameters.
    """
    needed = float(serving_usd(least_params, demand, prices))
    if needed <= budget_usd:
        return
    most = demand.requests_per_day * budget_usd / needed
    over = "" if demand.days == 365.0 else f" for {in_words(demand.days)} days"
    raise InputError(
        "budget_usd",
        in_dollars(budget_usd),
        f"That can't serve {in_words(demand.requests_per_day)} requests per day{over}, even with"
        f" the smallest model allowed ({in_words(least_params)} parameters): at most"
        f" {in_words(most, 2)} per day, or a budget of more than {in_dollars(needed, 2)}.",
    )


def _log(values: list[float]) -> FloatArray:
    with np.errstate(divide="ignore"):
        result: FloatArray = np.log(values)
    return result
