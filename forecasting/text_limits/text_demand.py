"""How much text the largest training run wants, in tokens, by year.

    history    anchor · 10^(g·(t − anchor year)), g from the growth of datasets
    compute    20·√(C(t)/120), the compute-optimal text of a run of C FLOP at 20 tokens a parameter

Over-training by k multiplies either by √k (k times the tokens a parameter at the same compute) or
by k (k times the text outright). C(t) is the forecast of Besiroglu et al. 2022 as Villalobos et al.
2024 use it: median and 90% range at four years, straight lines between them and beyond their ends,
one normal deviate a path with a width of its own above and below the median.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.special import ndtr

from forecasting.arrays import FloatArray
from forecasting.data.dataset import DataSet
from forecasting.stats.quantiles import quantile_of
from forecasting.text_limits.text_dataset_growth import dataset_growth
from forecasting.text_limits.text_factors import deviates_of, draw_factor
from forecasting.text_limits.text_inputs import TextDemandInputs

TOKENS_PER_PARAM = 20.0
#: log10 of the largest run's training FLOP: year, median, 5% and 95% (Besiroglu et al. 2022,
#: Projecting compute trends).
COMPUTE_YEARS = np.array([2025.0, 2030.0, 2040.0, 2050.0])
COMPUTE_MEDIAN = np.array([25.90, 28.67, 32.42, 35.26])
COMPUTE_LOW = np.array([25.33, 26.71, 29.27, 31.78])
COMPUTE_HIGH = np.array([26.14, 29.47, 34.71, 38.86])
_DEVIATE_AT_95 = 1.6448536269514722


def log_history_demand_at(
    scenario: TextDemandInputs,
    years: FloatArray,
    deviates: Mapping[str, FloatArray] | None = None,
    *,
    data: DataSet,
) -> FloatArray:
    """log10 of tokens by the growth of datasets, shape (years, draws).

    Parameters
    ----------
    scenario : TextDemandInputs
        The inputs of the demand.
    years : array of floats, shape (years,)
        Decimal years.
    deviates : mapping of arrays of floats, shape (draws,), or None
        Normal deviates of factors by name, in place of the scenario's own.
    data : DataSet
        The tables.

    Raises
    ------
    NotEnoughDataError
        Where the window holds too few datasets.
    """
    anchor = np.log10(
        draw_factor(
            "anchor_tokens", scenario.anchor_tokens, _z("anchor_tokens", scenario, deviates)
        )
    )
    growth = growth_draws(scenario, _z("growth", scenario, deviates), data=data)
    logs: FloatArray = (
        anchor
        + _log_overtraining(scenario, deviates)
        + np.multiply.outer(years - scenario.anchor_year, growth)
    )
    return logs


def growth_draws(scenario: TextDemandInputs, z: FloatArray, *, data: DataSet) -> FloatArray:
    """The growth of datasets in OOM a year, shape (draws,).

    Parameters
    ----------
    scenario : TextDemandInputs
        The inputs of the demand.
    z : array of floats, shape (draws,)
        The normal deviates at which it is taken.
    data : DataSet
        The tables.
    """
    if scenario.growth_from == "own":
        return scenario.growth_oom_per_year.of_normal(z)
    return quantile_of(dataset_growth(scenario, data).oom_per_year.draws, ndtr(z))


def log_compute_demand_at(
    scenario: TextDemandInputs, years: FloatArray, deviates: Mapping[str, FloatArray] | None = None
) -> FloatArray:
    """log10 of tokens by the compute forecast, shape (years, draws).

    Parameters
    ----------
    scenario : TextDemandInputs
        The inputs of the demand.
    years : array of floats, shape (years,)
        Decimal years.
    deviates : mapping of arrays of floats, shape (draws,), or None
        Normal deviates of factors by name, in place of the scenario's own.
    """
    log_flop = log_compute_at(years, _z("compute", scenario, deviates))
    shift = scenario.compute_shift_oom.of_normal(_z("compute_shift_oom", scenario, deviates))
    logs: FloatArray = 0.5 * log_flop + (
        0.5 * (shift + np.log10(TOKENS_PER_PARAM / 6.0)) + _log_overtraining(scenario, deviates)
    )
    return logs


def log_compute_at(years: FloatArray, z: FloatArray) -> FloatArray:
    """log10 of the largest run's training FLOP, shape (t, n), a path for each normal deviate."""
    median = _along(COMPUTE_MEDIAN, years)
    below = np.maximum(median - _along(COMPUTE_LOW, years), 0.0) / _DEVIATE_AT_95
    above = np.maximum(_along(COMPUTE_HIGH, years) - median, 0.0) / _DEVIATE_AT_95
    logs: FloatArray = (
        median[:, None]
        + np.multiply.outer(below, np.minimum(z, 0.0))
        + np.multiply.outer(above, np.maximum(z, 0.0))
    )
    return logs


def _along(values: FloatArray, years: FloatArray) -> FloatArray:
    """Straight lines through the values at COMPUTE_YEARS, the outer ones prolonged."""
    inside = np.interp(years, COMPUTE_YEARS, values)
    first = (values[1] - values[0]) / (COMPUTE_YEARS[1] - COMPUTE_YEARS[0])
    last = (values[-1] - values[-2]) / (COMPUTE_YEARS[-1] - COMPUTE_YEARS[-2])
    before, after = (
        np.minimum(years - COMPUTE_YEARS[0], 0.0),
        np.maximum(years - COMPUTE_YEARS[-1], 0.0),
    )
    line: FloatArray = inside + first * before + last * after
    return line


def _log_overtraining(
    scenario: TextDemandInputs, deviates: Mapping[str, FloatArray] | None
) -> FloatArray:
    factor = draw_factor(
        "overtraining", scenario.overtraining, _z("overtraining", scenario, deviates)
    )
    logs: FloatArray = np.log10(factor) * (
        0.5 if scenario.overtraining_means == "fixed_compute" else 1.0
    )
    return logs


def _z(
    stream: str, scenario: TextDemandInputs, deviates: Mapping[str, FloatArray] | None
) -> FloatArray:
    given = None if deviates is None else deviates.get(stream)
    return deviates_of(stream, scenario.seed) if given is None else given
