"""What share of series would meet the goals of `python -m benchmarks bands` if bands were exactly
right: `python -m benchmarks bands_ceiling`.

BANDS_FURTHER names a CSV file of further series, as for `bands`.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

import forecasting as fc
from forecasting.errors import NotEnoughDataError
from forecasting.evaluation.backtest import CutOffs
from forecasting.evaluation.band_ceiling import (
    Goal,
    IdealErrors,
    ideal_errors,
    likely_laws,
    share_meeting,
)
from forecasting.evaluation.development_series import development_series
from forecasting.trends.pooled_trend import PooledSettings

#: What is asked of bands, and of what share of series.
GOALS = (
    (Goal("80% bands hold 70–90%", 0.8, 0.70, 0.90), 0.90),
    (Goal("80% bands hold 75–85%", 0.8, 0.75, 0.85), 0.60),
    (Goal("beyond two years 68–92%", 0.8, 0.68, 0.92, beyond_years=2.0), 0.85),
    (Goal("50% bands hold 40–60%", 0.5, 0.40, 0.60), 0.90),
    (Goal("95% bands hold 90–99%", 0.95, 0.90, 0.99), 0.90),
)
LAWS, SIMULATIONS = 12, 100


def run() -> None:
    """Print for every goal what was asked and what perfect bands would reach."""
    further = os.environ.get("BANDS_FURTHER")
    rng = np.random.default_rng(0)
    judged = []
    for series in development_series(fc.bundled(), Path(further) if further else None):
        years, logs = series.dates, np.log10(series.values)
        laws = likely_laws(years, logs, PooledSettings().prior, LAWS, rng)
        try:
            errors = [ideal_errors(years, law, CutOffs(), SIMULATIONS, rng) for law in laws]
        except NotEnoughDataError:
            continue
        judged.append(
            IdealErrors(np.concatenate([each.errors for each in errors]), errors[0].horizon)
        )
    print(
        f"{len(judged)} series as they are dated, each simulated {LAWS * SIMULATIONS} times by laws"
        " it may follow and forecast by one who knows the law"
    )
    print(f"  {'goal':26s} asked   perfect bands   mean held")
    for goal, asked in GOALS:
        held = [each.held(goal.level, goal.beyond_years) for each in judged]
        mean = np.mean([each.mean() for each in held if np.isfinite(each).all()])
        reached = share_meeting(goal, judged)
        print(f"  {goal.name:26s} {asked:5.0%}   {reached:13.0%}   {mean:9.1%}")
