"""How the models of a plan are served: utilisation and time of an answer, year by year.

Size and thinking decide how well chips are used in answering, and that decides size and thinking.
Both are found together in a few cheap plans one after another: first with the demand for the money
low, middle or high and every other input at its median, between which each draw takes what its own
demand for its money comes to; then once for each draw, which goes half of the way from there: all
the way would overshoot. Its utilisation is that of its own size and thinking, times how far
measured throughput may lie from the model and how full replicas run.

Thinking longer fills memory with its own tokens, so its price rises with its length. A parameter is
dearer to serve in a very large model, whose replicas talk more, and in one too small to fill a
chip. Near the plan's own size and length the price is a power of each, of these elasticities; the
solver counts with them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

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
#: How far each cheap plan moves size and thinking. And a first guess of the passes.
STEPS = (1.0, 0.7)
FIRST_PASSES = 10.0


@dataclass(frozen=True, eq=False)
class PlannedAnswers:
    """How the plan's models are served, arrays of shape (years,): at the median size and thinking
    of its draws, at full load and in the middle of what was measured.

    `params` and `passes` are that size and thinking. `mfu_input` and `mfu_output` are of the dense
    fp16 peak, at full load or (`is_own`) the scenario's own. `chips` are those of a replica, whose
    mean times are `ttft_s` and `tpot_s`; `least_tpot_s` is the least that a token takes where that
    is more than the limit, else NaN. `log_passes_limit` is ln of the passes that the time limit
    allows, infinite without one. `stands_in` says that serving on the priced chip has not been
    measured, and another chip's utilisation is taken.
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
    log_passes_limit: FloatArray

    def in_year(self, at: int) -> PlannedAnswers:
        """Year number `at` alone."""
        arrays = {
            field.name: getattr(self, field.name)[at : at + 1]
            for field in fields(self)
            if isinstance(getattr(self, field.name), np.ndarray)
        }
        return replace(self, **arrays)


#: ln N and ln k of the plan where models of these ln N and ln k are served, all of one shape.
Solve = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]


def agreed(log_params: FloatArray, solve: Solve) -> tuple[FloatArray, FloatArray]:
    """ln N and ln k that agree with the utilisation that they are served at.

    Parameters
    ----------
    log_params : array of floats
        A first guess of ln N.
    solve : Solve
        The plan at given answers.
    """
    log_passes = np.full(log_params.shape, math.log(FIRST_PASSES))
    for step in STEPS:
        better_params, better_passes = solve(log_params, log_passes)
        log_params = log_params + step * (better_params - log_params)
        log_passes = log_passes + step * (better_passes - log_passes)
    return log_params, log_passes


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


def log_passes_limit(scenario: ServingInputs, ttft_s: FloatArray, tpot_s: FloatArray) -> FloatArray:
    """ln of the passes that can be written in the time of an answer; infinite without a limit.

    Parameters
    ----------
    scenario : ServingInputs
        The time of an answer, and the tokens of a pass.
    ttft_s, tpot_s : arrays of floats of one shape
        Seconds to the first token, and of each further one.
    """
    if not scenario.answer_time_limit_s:
        return np.full(ttft_s.shape, np.inf)
    writing_s = np.maximum(scenario.answer_time_limit_s - ttft_s, 0.0)
    with np.errstate(divide="ignore"):
        result: FloatArray = np.log(writing_s / (max(scenario.tokens_out, 1.0) * tpot_s))
    return result


def planned_answers(
    scenario: ServingInputs,
    model: AnswerModel,
    stands_in: bool,
    log_params: FloatArray,
    log_passes: FloatArray,
) -> PlannedAnswers:
    """How models of these ln sizes are served that think for so many passes (ln), by year.

    Parameters
    ----------
    scenario : ServingInputs
        What the plan is served on, within which time.
    model, stands_in : AnswerModel, bool
        As `answer_model` gives them.
    log_params, log_passes : array of floats, shape (years,)
        Sizes and thinking.
    """
    params, passes = np.exp(log_params), np.exp(log_passes)
    speed = model.speed(params, passes)
    is_own = scenario.answer_mfu == "own"
    own_input, own_output = (
        np.full(params.shape, mfu) for mfu in (scenario.mfu_input, scenario.mfu_output)
    )
    return PlannedAnswers(
        model=model,
        is_own=is_own,
        stands_in=stands_in,
        params=params,
        passes=passes,
        mfu_input=own_input if is_own else speed.mfu_input,
        mfu_output=own_output if is_own else speed.mfu_output,
        ttft_s=speed.ttft_s,
        tpot_s=speed.tpot_s,
        chips=speed.chips,
        least_tpot_s=speed.least_tpot_s,
        log_passes_limit=log_passes_limit(scenario, speed.ttft_s, speed.tpot_s),
    )
