"""The inputs of a fit to runs, shared by the forecasts that fit a law."""

from __future__ import annotations

from typing import Any

from forecasting.scenario import quantity


def loss_function() -> Any:
    """A LossFunction of power_law_fit."""
    why = (
        "Huber on ln loss with δ = 0.001 is the default of Hoffmann et al. 2022; it is robust to"
        " single bad runs."
    )
    return quantity("huber", unit="name", label="Fit by", why=why)


def delta() -> Any:
    """Where Huber's loss turns from squares to absolute values. Below 1e-6 coefficients move by
    less than 0.03%, and a fit takes up to ten times as long.
    """
    why = (
        "Hoffmann et al. 2022: 0.001. Residuals beyond it count linearly instead of squared;"
        " 0.00001 is nearly least absolute deviations."
    )
    return quantity(1e-3, unit="1", label="Huber's δ", why=why, ge=1e-6, le=10.0)


def resamples(default: int, most: int) -> Any:
    """How many resamples the draws of a law come from, by default and at most."""
    why = "Intervals are the quantiles of this many refits."
    return quantity(default, unit="1", label="Resamples", why=why, ge=100, le=most)
