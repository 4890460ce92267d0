"""How the models of a plan are served: utilisation and time of an answer, year by year.

Size and thinking decide how well chips are used in answering, and that decides size and thinking.
Both are found together in a few cheap plans one after another, in which the demand for the money is
low, middle or high and every other input at its median. Each draw of a year then takes what its own
demand for its money comes to between them, times how far measured throughput may lie from the model
and how full replicas run.

Thinking longer fills memory with its own tokens, so its price rises with its length. Near the
plan's own length the price of a token is a power of the length, of this elasticity; the solver
counts with that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.data.dataset import DataSet
from forecasting.inference.answer_mfu import AnswerModel
from forecasting.planning.input_groups import PRICED, ServingInputs
from forecasting.serving.hardware import UNSEEN_FACTOR
from forecasting.serving.rented_chips import RENTED_AS
from forecasting.serving.serving_choice import DEFAULT_CHIP
from forecasting.serving.serving_tables import serving_chips

#: The names in the table serving_chips of chips whose prices are known by others.
SERVED_AS: Mapping[str, str] = {
    **{rented: served for served, rented in reversed(tuple(RENTED_AS.items()))},
    "NVIDIA A100": "NVIDIA A100 80GB",
    "NVIDIA H800 SXM5": "NVIDIA H800 SXM",
}
#: How far each cheap plan moves size and thinking: all the way would overshoot. And a first guess
#: of the passes.
STEPS = (1.0, 0.7)
FIRST_PASSES = 10.0
#: The factor on the length over which its elasticity is taken: wide enough to pass over the steps
#: between replicas of 1, 2, 4 … chips.
APART = 2.0
MAX_ELASTICITY = 3.0


@dataclass(frozen=True, eq=False)
class PlannedAnswers:
    """How the plan's models are served, arrays of shape (loads, years), at full load and in the
    middle of what was measured. A load is the demand for the money, the middle row its median.

    `params` and `passes` are the size and the thinking that it is for. `mfu_input` and `mfu_output`
    are of the dense fp16 peak, at full load or (`is_own`) the scenario's own. `chips` are those of
    a replica, whose mean times are `ttft_s` and `tpot_s`; `least_tpot_s` is the least that a token
    takes where that is more than the limit, else NaN. The price of a token written grows with their
    number to the power `length_elasticity`. `log_passes_limit` is ln of the passes that the time
    limit allows, infinite without one. `stands_in` says that serving on the priced chip has not
    been measured, and another chip's utilisation is taken.
    """

    model: AnswerModel
    is_own: bool
    stands_in: bool
    params: FloatArray
    passes: FloatArray
    mfu_input: FloatArray
    mfu_output: FloatArray
    ttft_s: FloatArray
    tpot_s: FloatArray
    chips: FloatArray
    least_tpot_s: FloatArray
    length_elasticity: FloatArray
    log_passes_limit: FloatArray

    def in_year(self, at: int) -> PlannedAnswers:
        """Year number `at` alone."""
        return self._cut(np.s_[:, at : at + 1])

    @property
    def middle(self) -> PlannedAnswers:
        """The middle load alone, arrays of shape (years,)."""
        return self._cut(np.s_[self.params.shape[0] // 2, :])

    def _cut(self, chosen: Any) -> PlannedAnswers:
        arrays = {
            field.name: getattr(self, field.name)[chosen]
            for field in fields(self)
            if isinstance(getattr(self, field.name), np.ndarray)
        }
        return replace(self, **arrays)


#: ln N and ln k of the plan at such answers, arrays of the same shape.
Solve = Callable[[PlannedAnswers], tuple[FloatArray, FloatArray]]


def planned_answers(
    scenario: ServingInputs, priced_chip: str, params: FloatArray, solve: Solve, data: DataSet
) -> PlannedAnswers:
    """Size, thinking and utilisation of each load and year that agree with each other.

    Parameters
    ----------
    scenario : ServingInputs
        What the plan is served on, within which time.
    priced_chip : str
        The chip that the price of compute is of.
    params : array of floats, shape (loads, years)
        A first guess of the sizes.
    solve : Solve
        The plan at given answers.
    data : DataSet
        The tables.
    """
    model, stands_in = answer_model(scenario, priced_chip, data)
    log_params, log_passes = np.log(params), np.full(params.shape, math.log(FIRST_PASSES))
    for step in STEPS:
        found = _answers(scenario, model, stands_in, np.exp(log_params), np.exp(log_passes))
        better_params, better_passes = solve(found)
        log_params = log_params + step * (better_params - log_params)
        log_passes = log_passes + step * (better_passes - log_passes)
    return _answers(scenario, model, stands_in, np.exp(log_params), np.exp(log_passes))


def answer_model(
    scenario: ServingInputs, priced_chip: str, data: DataSet
) -> tuple[AnswerModel, bool]:
    """The model of serving on the chip that answers, and whether another chip stands in for it: an
    unmeasured one is known to the factor of an unseen generation alone.

    Parameters
    ----------
    scenario : ServingInputs
        Prompts, answers and what serves them.
    priced_chip : str
        The chip whose hours the plan pays for.
    data : DataSet
        The tables.
    """
    chip = scenario.serving_chip
    if chip == PRICED:
        chip = SERVED_AS.get(priced_chip, priced_chip)
    stands_in = chip not in serving_chips(data)
    model = scenario.answer_model(
        scenario.tokens_in, scenario.tokens_out, data, DEFAULT_CHIP if stands_in else chip
    )
    return (replace(model, range_factor=UNSEEN_FACTOR) if stands_in else model), stands_in


def _answers(
    scenario: ServingInputs,
    model: AnswerModel,
    stands_in: bool,
    params: FloatArray,
    passes: FloatArray,
) -> PlannedAnswers:
    apart = math.sqrt(APART) ** np.array([-1.0, 0.0, 1.0])
    speed = model.speed(params, passes * apart[:, None, None])
    shorter, mfu_output, longer = speed.mfu_output
    elasticity = np.clip(np.log(shorter / longer) / math.log(APART), 0.0, MAX_ELASTICITY)
    mfu_input = speed.mfu_input[1]
    is_own = scenario.answer_mfu == "own"
    if is_own:
        mfu_input = np.full(params.shape, scenario.mfu_input)
        mfu_output = np.full(params.shape, scenario.mfu_output)
        elasticity = np.zeros(params.shape)
    limit = np.full(params.shape, np.inf)
    if scenario.answer_time_limit_s:
        writing_s = scenario.answer_time_limit_s - speed.ttft_s[1]
        one_pass_s = max(scenario.tokens_out, 1.0) * speed.tpot_s[1]
        with np.errstate(divide="ignore"):
            limit = np.log(np.maximum(writing_s, 0.0) / one_pass_s)
    return PlannedAnswers(
        model=model,
        is_own=is_own,
        stands_in=stands_in,
        params=params,
        passes=passes,
        mfu_input=mfu_input,
        mfu_output=mfu_output,
        ttft_s=speed.ttft_s[1],
        tpot_s=speed.tpot_s[1],
        chips=speed.chips[1],
        least_tpot_s=speed.least_tpot_s[1],
        length_elasticity=elasticity,
        log_passes_limit=limit,
    )
