"""Where the utilisation in answers comes from, in words: by the model of serving or one's own, and
where the time of a token or of an answer ends.
"""

from __future__ import annotations

import numpy as np

from forecasting.formatting import in_words, significant
from forecasting.inference.answer_mfu import AnswerMfuInputs, AnswerModel
from forecasting.planning.plan import PlanResult
from forecasting.planning.planned_answers import PlannedAnswers

#: From this probability on the answer says that the time of an answer is what ends thinking.
LIKELY = 0.5


def own_mfu_words(scenario: AnswerMfuInputs) -> str:
    """A utilisation of one's own."""
    return (
        f"Utilisation in answers is set by you: {scenario.mfu_input:.0%} in reading prompts and"
        f" {scenario.mfu_output:.0%} in writing, of the dense FP16 peak, idle hours included."
    )


def served_on_words(model: AnswerModel) -> str:
    """Chip, precision and latency: “on NVIDIA B200 at FP8, 50 ms a token at most”."""
    limit = (
        f", at most {significant(1e3 * model.tpot_limit_s, 3)} ms per token"
        if np.isfinite(model.tpot_limit_s)
        else ""
    )
    return f"on {model.chip.name} at {model.precision.upper()}{limit}"


def answer_mfu_words(
    scenario: AnswerMfuInputs, model: AnswerModel, mfu: tuple[float, float]
) -> str:
    """Where one utilisation in answers comes from, idle hours counted.

    Parameters
    ----------
    scenario : AnswerMfuInputs
        The choice between the model of serving and own figures.
    model : AnswerModel
        The model of serving on the scenario's chip.
    mfu : pair of floats
        Utilisation in reading and in writing.
    """
    if scenario.answer_mfu == "own":
        return own_mfu_words(scenario)
    busy = scenario.serving_utilisation.median
    return (
        f"Utilisation in answers from the serving model {served_on_words(model)}: {mfu[0]:.0%} of"
        f" the dense FP16 peak in reading and {_percent(mfu[1])} in writing at this size, with"
        f" replicas busy {busy:.0%}; 80% of measured throughputs lie within ×/÷"
        f" {model.range_factor:g}."
    )


def plan_mfu_words(result: PlanResult) -> str:
    """Where a plan's utilisation in answers comes from; what it is in the first and last year."""
    served = result.served
    if served is None or served.is_own:
        return own_mfu_words(result.scenario)
    middle, busy = served, result.scenario.serving_utilisation.median
    ends = [0] if len(result.years) == 1 else [0, len(result.years) - 1]
    years = "; ".join(_year_words(middle, int(result.years[at]), at) for at in ends)
    notes = [
        f"Utilisation in answers from the serving model {served_on_words(served.model)}: {years}."
        f" Shares of the dense FP16 peak at full load, of which replicas are busy {busy:.0%}; 80%"
        f" of measured throughputs lie within ×/÷ {served.model.range_factor:g}."
    ]
    if served.stands_in:
        notes.append(
            f"Serving on the priced chip has not been measured: {served.model.chip.name} is used"
            " instead."
        )
    return " ".join([*notes, *_late_tokens(result, middle)])


def _year_words(answers: PlannedAnswers, year: int, at: int) -> str:
    return (
        f"in {year} {in_words(answers.params[at], 2)} parameters reach {answers.mfu_input[at]:.0%}"
        f" in reading and {_percent(answers.mfu_output[at])} in writing"
        f" {in_words(max(answers.model.tokens_out * answers.passes[at], 1.0), 2)} tokens per answer"
    )


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.1 else f"{significant(100.0 * share, 2)}%"


def _late_tokens(result: PlanResult, answers: PlannedAnswers) -> list[str]:
    late = np.flatnonzero(np.isfinite(answers.least_tpot_s))
    if not late.size or result.scenario.requests_per_day == 0.0:
        return []
    at = int(late[0])
    least_ms = 1e3 * float(answers.least_tpot_s[at])
    return [
        f"From {int(result.years[at])} on, the plan's model can't keep within the time per token:"
        f" it takes at least {significant(least_ms, 3)} ms with one request at a time, and twice"
        " that is used."
    ]


def time_words(result: PlanResult) -> str:
    """Where the time of an answer ends thinking; nothing without a limit."""
    limit = result.scenario.answer_time_limit_s
    if not limit or result.served is None:
        return ""
    first, last = int(result.years[0]), int(result.years[-1])
    until = "" if first == last else f", in {last} in {result.late[-1]:.0%}"
    middle = result.served
    return (
        f"The limit of {significant(limit, 3)} s per answer cuts thinking short in"
        f" {result.late[0]:.0%} of draws in {first}{until}: a token takes"
        f" {significant(1e3 * float(middle.tpot_s[0]), 2)} ms, the first one"
        f" {significant(float(middle.ttft_s[0]), 2)} s."
    )


def time_binds_words(result: PlanResult) -> str:
    """For the answer: from when on the time of an answer is most likely what ends thinking."""
    limit = result.scenario.answer_time_limit_s
    binds = result.late >= LIKELY
    if not limit or not binds.any():
        return ""
    years = result.years[binds]
    if binds.all():
        when = "in every year" if len(years) > 1 else f"in {int(years[0])}"
    else:
        when = f"in {int(years[0])}" + ("" if len(years) == 1 else f" to {int(years[-1])}")
    return (
        f"; the limit of {significant(limit, 3)} s per answer most likely cuts thinking short"
        f" {when}"
    )
