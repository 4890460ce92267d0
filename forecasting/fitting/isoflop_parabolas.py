r"""The exponent as most papers find it (Hoffmann et al. 2022, approach 2), for comparison with
theirs: a parabola in ln N through all runs of each budget, and a line through their lowest points
in which all count alike.

.. math:: L(z) = c_0 + c_1 z + c_2 z^2, \qquad z^* = -\frac{c_1}{2 c_2}

A parabola cannot lean. Where sizes far from the best one were run and the law's exponents differ,
its lowest point is moved towards the side that falls less steeply, and the exponent with it
(arXiv:2603.22339, "Problems with Chinchilla Approach 2").
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecasting.fitting.training_runs import TrainingRuns

MIN_BUDGETS = 2


def parabola_exponent(budgets: Sequence[TrainingRuns]) -> float | None:
    """How the lowest points of parabolas move with compute: d ln N* / d ln C.

    Parameters
    ----------
    budgets : sequence of TrainingRuns
        The runs of one compute each, of at least three sizes.

    Returns
    -------
    float or None
        None where fewer than two budgets have a lowest point inside the sizes run.
    """
    flops, points = [], []
    for runs in budgets:
        size = np.log(runs.params)
        bend, slope, _ = np.polyfit(size - size.mean(), runs.loss, 2)
        lowest = size.mean() - slope / (2.0 * bend) if bend > 0.0 else np.inf
        if size.min() <= lowest <= size.max():
            flops.append(float(np.mean(np.log(runs.training_flop))))
            points.append(float(lowest))
    if len(points) < MIN_BUDGETS:
        return None
    return float(np.polyfit(flops, points, 1)[0])
