"""Forecasts for pages: computed once per scenario, then shared by all sessions.

Results are frozen, so they are shared and not copied. Results of a user's own data are kept with
that session's context alone.
"""

from __future__ import annotations

import logging
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar

import numpy as np

from dashboard.metrics import timed
from dashboard.precedence import pages
from forecasting.context import Context, DataOrContext, context_of
from forecasting.errors import BeyondNumbersError, ForecastingError
from forecasting.inference.sampled_model import SampledModelInputs
from forecasting.scenario import Inputs, inputs_class
from forecasting.stats.budget import Budget, has_budget, within
from forecasting.stats.key_figures import key_figures
from forecasting.stats.range_level import level_in_words
from forecasting.user_runs.own_runs import RunFitInputs

R = TypeVar("R")
M = TypeVar("M")

logger = logging.getLogger(__name__)
#: How long a page computes one of its parts, and a first paint its answer.
MAX_SECONDS = 60.0


def forecast(function: Callable[..., R], scenario: Inputs, data: DataOrContext) -> R:
    """The result of `function(scenario, data=data)`; an error is raised anew each time.

    It is computed once for what the function reads of the scenario: a change of other inputs of the
    page gives the same result.
    """
    where, inputs = _place(function, scenario, data)

    def computed() -> R:
        name = str(getattr(function, "__name__", "forecast"))
        with computable(), timed("compute_forecast_forecast_seconds", function=name):
            result = function(inputs, data=where)
        if any(
            math.isnan(end)
            for figure in key_figures(result).values()
            for end in (figure.value, figure.low, figure.high)
        ):
            logger.error(
                "A forecast is undetermined: %s of %r",
                getattr(function, "__name__", function),
                inputs,
            )
            raise BeyondNumbersError
        return result

    return where.results.get((function, inputs), computed)


def is_ready(function: Callable[..., Any], scenario: Inputs, data: DataOrContext) -> bool:
    """Whether the forecast for these inputs has been computed and is still at hand."""
    where, inputs = _place(function, scenario, data)
    return (function, inputs) in where.results


def made_of(
    made: Callable[[R], M], function: Callable[..., R], scenario: Inputs, data: DataOrContext
) -> M:
    """What `made` makes of a forecast, at the level at which ranges are written now: made once and
    kept where the forecast is, for what a page would else make anew at every move.

    Parameters
    ----------
    made : callable
        A function of the result alone.
    function, scenario, data
        As of `forecast`.
    """
    where, inputs = _place(function, scenario, data)
    return where.results.get(
        (made, function, inputs, level_in_words()),
        lambda: made(forecast(function, scenario, data)),
    )


def _place(
    function: Callable[..., Any], scenario: Inputs, data: DataOrContext
) -> tuple[Context, Inputs]:
    """Where the result is kept, and what the function reads of the scenario."""
    context = context_of(data)
    inputs = inputs_class(function).of(scenario)
    return context if _reads_own(inputs, context) else context.without_user_data(), inputs


@contextmanager
def computable() -> Iterator[None]:
    """An arithmetic error becomes a sentence for the user; its traceback goes to the log.

    Intermediate overflow is expected: what it makes of a result is seen in the result. Work that
    nobody has limited yet ends after MAX_SECONDS, and in a session's run as soon as the session is
    closed or has moved on.
    """
    try:
        with np.errstate(all="ignore"), nullcontext() if has_budget() else _run():
            yield
    except ForecastingError:
        raise
    except (ArithmeticError, ValueError, np.linalg.LinAlgError) as error:
        logger.exception("A forecast could not be computed.")
        raise BeyondNumbersError from error


@contextmanager
def _run() -> Iterator[None]:
    """What is computed at once for a page, with Streamlit's own look whether it should go on where
    it is a session's run.
    """
    look: Callable[[], None] | None = None
    if "streamlit" in sys.modules:  # a command needs none
        from streamlit.runtime.scriptrunner_utils import script_run_context

        look = script_run_context.get_run_yield_check()
    budget = Budget(MAX_SECONDS) if look is None else Budget(MAX_SECONDS, look)
    with pages.visitor(), within(budget):
        yield


def _reads_own(inputs: Inputs, context: Context) -> bool:
    """Whether the forecast may read what is the user's own beside the data set."""
    return (
        context.prices is not None
        or (bool(context.laws) and hasattr(inputs, "law"))
        or (context.runs is not None and isinstance(inputs, RunFitInputs))
        or (context.counts is not None and isinstance(inputs, SampledModelInputs))
    )
