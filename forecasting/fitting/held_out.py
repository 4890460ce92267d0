"""The check that counts: hide the largest runs, or the end of a learning curve, fit the others,
predict the hidden.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.errors import ForecastingError
from forecasting.fitting.training_runs import TrainingRuns
from forecasting.laws.chinchilla_law import ChinchillaLaw

HIDDEN_SHARE = 0.2
#: A learning curve's points beyond this share of its largest x are hidden (Alabdulmohsin et al.
#: 2022).
KEPT_OF_CURVE = 0.5
MIN_KEPT = 8


@dataclass(frozen=True, eq=False)
class HeldOutCheck(Answered):
    """The law fitted without the largest runs, tried on them.

    `hidden` are the runs held back, `predicted` their losses by the law fitted to the others,
    `errors` ln(predicted/measured); `reach_oom` how far, in orders of magnitude of compute, the
    largest hidden run lies beyond the largest that was kept.
    """

    law: ChinchillaLaw
    hidden: TrainingRuns
    predicted: FloatArray
    reach_oom: float

    @property
    def errors(self) -> FloatArray:
        """ln(predicted/measured) of each hidden run."""
        result: FloatArray = np.log(self.predicted / self.hidden.loss)
        return result

    @property
    def median_error(self) -> float:
        """The median size of the errors, as a share of the loss."""
        return float(np.median(np.abs(self.errors)))

    @property
    def bias(self) -> float:
        """The mean of the errors: above 0 the law predicts losses that are too high."""
        return float(np.mean(self.errors))


def held_out_check(
    runs: TrainingRuns, fit: Callable[[TrainingRuns], ChinchillaLaw]
) -> HeldOutCheck | None:
    """Hides the largest HIDDEN_SHARE of the runs by compute; None where the others are too few, or
    too alike, to fit.
    """
    order = np.argsort(runs.training_flop, kind="stable")
    hidden = max(1, math.floor(len(runs) * HIDDEN_SHARE))
    if len(runs) - hidden < MIN_KEPT:
        return None
    kept, rest = runs.take(np.sort(order[:-hidden])), runs.take(np.sort(order[-hidden:]))
    try:
        law = fit(kept)
    except ForecastingError:
        return None
    reach = math.log10(rest.training_flop.max() / kept.training_flop.max())
    return HeldOutCheck(law, rest, np.atleast_1d(law.loss(rest.params, rest.tokens)), reach)


@dataclass(frozen=True, eq=False)
class HeldOutCurveCheck(Answered):
    """A learning curve fitted without its upper half of x, tried on it: `examples` hidden, their
    `losses`, and those `predicted`.
    """

    examples: FloatArray
    losses: FloatArray
    predicted: FloatArray

    @property
    def errors(self) -> FloatArray:
        """ln(predicted/measured) of each hidden point."""
        result: FloatArray = np.log(self.predicted / self.losses)
        return result

    @property
    def miss(self) -> float:
        """The root mean square of the errors."""
        return float(np.sqrt(np.mean(self.errors**2)))


def held_out_curve_check(
    examples: FloatArray,
    losses: FloatArray,
    predict: Callable[[FloatArray, FloatArray, FloatArray], FloatArray],
) -> HeldOutCurveCheck | None:
    """Hides the points beyond half of the largest x and predicts them from the others. None where
    those are too few or alike.

    Parameters
    ----------
    examples : array of floats, shape (n,)
        The x of the points, above 0.
    losses : array of floats, shape (n,)
        Their losses or error rates.
    predict : function of (x, y, hidden x)
        Fits the points left, x and y, and gives the losses at the hidden x; all are arrays of one
        axis.
    """
    hidden = examples > KEPT_OF_CURVE * examples.max() * (1.0 + 1e-9)
    try:
        predicted = predict(examples[~hidden], losses[~hidden], examples[hidden])
    except ForecastingError:
        return None
    return HeldOutCurveCheck(examples[hidden], losses[hidden], predicted)
