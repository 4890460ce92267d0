"""Which group scales best: exponents and floors side by side, and where one curve passes another.

comparison = compare_groups({"ViT/B/16": vit, "BiT/50/1": bit})          # learning-curve fits, or
                                                                         scaling fits
comparison.probability_scales_better("ViT/B/16", "BiT/50/1")
comparison.crossover("ViT/B/16", "BiT/50/1").answer
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.errors import InputError, UnknownNameError
from forecasting.fitting.learning_curves import CurveFit, LearningCurve
from forecasting.fitting.scaling_fit import ScalingFit
from forecasting.stats.estimate import Estimate

Verdict = Literal["inside", "outside", "undetermined", "none"]

#: How far beyond the runs a crossover is looked for, in orders of magnitude.
REACH_OOM = 8.0
#: A crossover is undetermined when fewer draws than this have one, or its interval spans more
#: orders of magnitude than that.
MIN_SHARE_CROSSING, WIDEST_OOM = 0.75, 2.0
#: And when it lies further than this beyond the data, in orders of magnitude: no interval of a fit
#: covers a form that fails out there.
FARTHEST_OOM = 1.0
_LEVEL = 0.9
_GRID = 480


@dataclass(frozen=True, eq=False)
class GroupCurve:
    """One group's loss against x: scale·x^−exponent + floor, the point fit and its draws (draws,
    3), seen from `low` to `high`.
    """

    name: str
    quantity: str
    point: FloatArray
    draws: FloatArray = field(repr=False)
    low: float
    high: float

    @property
    def exponent(self) -> Estimate:
        """How fast the part of the loss above the floor falls: higher scales better."""
        return Estimate(float(self.point[1]), self.draws[:, 1])

    @property
    def floor(self) -> Estimate:
        """What no amount of x gets below."""
        return Estimate(float(self.point[2]), self.draws[:, 2])


@dataclass(frozen=True, eq=False)
class Crossover(Answered):
    """Where `better` passes `worse`, which is ahead at small x.

    `value` is where the fitted curves cross (infinite: not within eight orders of magnitude beyond
    the data), `draws` the same for each pair of draws, `share_crossing` how many of them cross.
    `verdict`: "inside" or "outside" the common range of the data, "undetermined" (few draws cross,
    a wide interval, or far beyond the data), or "none".
    """

    better: str
    worse: str
    quantity: str
    value: float
    draws: FloatArray = field(repr=False)
    share_crossing: float
    low: float
    high: float
    verdict: Verdict

    def interval(self, level: float = _LEVEL) -> tuple[float, float]:
        """The central interval of the crossover; its upper end is infinite where too many draws
        never cross.
        """
        return Estimate(self.value, self.draws).interval(level)


@dataclass(frozen=True, eq=False)
class GroupComparison:
    """Which group scales best: `groups` by name on the same x (examples, or compute in FLOP), each
    with its curve and draws.
    """

    groups: Mapping[str, GroupCurve]

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a group: exponent and floor with 90% intervals, and the range of x seen, best
        exponent first.
        """
        rows = []
        for group in self.groups.values():
            exponent, floor = group.exponent, group.floor
            rows.append(
                {
                    "group": group.name,
                    "exponent": exponent.value,
                    "exponent_low": exponent.interval(_LEVEL)[0],
                    "exponent_high": exponent.interval(_LEVEL)[1],
                    "floor": floor.value,
                    "floor_low": floor.interval(_LEVEL)[0],
                    "floor_high": floor.interval(_LEVEL)[1],
                    "from": group.low,
                    "to": group.high,
                }
            )
        return pd.DataFrame(rows).sort_values("exponent", ascending=False, ignore_index=True)

    def probability_scales_better(self, first: str, second: str) -> float:
        """The chance that the first group's exponent is the higher one, its draws paired with the
        second's.
        """
        one, other = self._pair(first, second)
        a, b = _paired(one.draws, other.draws)
        return float(np.mean(a[:, 1] > b[:, 1]) + 0.5 * np.mean(a[:, 1] == b[:, 1]))

    def probability_lower_at(self, x: float, first: str, second: str) -> float:
        """The chance that the first group's curve is the lower one at `x`.

        Parameters
        ----------
        x : float
            Examples, or FLOP: what the groups' curves are over, above 0.
        first, second : str
            Names of the two groups.
        """
        one, other = self._pair(first, second)
        a, b = _paired(one.draws, other.draws)
        return float(np.mean(_curves(a, np.array([x])) < _curves(b, np.array([x]))))

    def crossover(self, first: str, second: str, above: float | None = None) -> Crossover:
        """Where the curve that is ahead at small x is passed.

        Parameters
        ----------
        first, second : str
            Names of the two groups.
        above : float or None
            The x to look from, in examples or FLOP, above 0; None: the smallest x that both groups
            have.
        """
        one, other = self._pair(first, second)
        low, high = max(one.low, other.low), min(one.high, other.high)
        start = low if above is None else float(above)
        if start <= 0.0:
            raise InputError("above", start, f"Give {one.quantity} above 0.")
        grid = np.geomspace(start, max(one.high, other.high, start) * 10.0**REACH_OOM, _GRID)
        point, first_ahead = _first_crossing(one.point[None], other.point[None], grid)
        # Each draw is asked for the same event: that the curve which is passed at the point
        # estimate is passed.
        ahead_first = (
            bool(first_ahead[0])
            if math.isfinite(point[0])
            else bool(_curves(one.point[None], grid[:1]) < _curves(other.point[None], grid[:1]))
        )
        worse, better = (one, other) if ahead_first else (other, one)
        a, b = _paired(worse.draws, better.draws)
        draws, _ = _first_crossing(a, b, grid, wanted=True)
        share = float(np.mean(np.isfinite(draws)))
        ends = Estimate(float(point[0]), draws).interval(_LEVEL)
        wide = not math.isfinite(ends[1]) or math.log10(ends[1] / ends[0]) > WIDEST_OOM
        verdict: Verdict
        if not math.isfinite(point[0]) and share < 1.0 - MIN_SHARE_CROSSING:
            verdict = "none"
        elif share < MIN_SHARE_CROSSING or wide or not point[0] <= high * 10.0**FARTHEST_OOM:
            verdict = "undetermined"
        else:
            verdict = "inside" if point[0] <= high else "outside"
        return Crossover(
            better.name, worse.name, one.quantity, float(point[0]), draws, share, low, high, verdict
        )

    def _pair(self, first: str, second: str) -> tuple[GroupCurve, GroupCurve]:
        for name in (first, second):
            if name not in self.groups:
                raise UnknownNameError("group", name, self.groups)
        if first == second:
            raise InputError("groups", f"{first} twice", "A comparison needs two different groups.")
        return self.groups[first], self.groups[second]


def compare_groups(fits: Mapping[str, CurveFit] | Mapping[str, ScalingFit]) -> GroupComparison:
    """Groups by name, all learning-curve fits (M1 or M2, on examples) or all scaling fits (on
    compute, along their optimum).

    Raises InputError for fewer than two groups, mixed kinds, or fits without draws.
    """
    if len(fits) < 2:
        seen = f"only {next(iter(fits))}" if fits else "empty"
        raise InputError(
            "groups", seen, "A comparison or crossover needs two groups: name a second one."
        )
    if len({isinstance(fit, ScalingFit) for fit in fits.values()}) > 1:
        raise InputError(
            "groups",
            "curves and scaling laws",
            "Compare learning curves with each other, or scaling laws with each other.",
        )
    return GroupComparison({name: _group(name, fit) for name, fit in fits.items()})


def _group(name: str, fit: CurveFit | ScalingFit) -> GroupCurve:
    if isinstance(fit, ScalingFit):
        law, draws, flop = fit.law, fit.draws, fit.runs.training_flop
        point = np.array([law.K, law.gamma, law.E])
        curve = GroupCurve(
            name,
            "FLOP of training compute",
            point,
            np.stack([draws.K, draws.gamma, draws.E], axis=1),
            float(flop.min()),
            float(flop.max()),
        )
    else:
        if not isinstance(fit.curve, LearningCurve):
            raise InputError(
                "groups",
                f"{name} in form M4",
                "Compare forms M1 or M2, whose exponents mean the same.",
            )
        point = np.array([fit.curve.scale, fit.curve.exponent, fit.curve.floor])
        curve = GroupCurve(
            name, "examples", point, fit.draws, float(fit.examples.min()), float(fit.examples.max())
        )
    if len(curve.draws) < 2:
        raise InputError(
            "groups",
            f"{name} without draws",
            "Fit it with bootstrap=1000, so that the comparison has intervals.",
        )
    return curve


def _paired(first: FloatArray, second: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The draws of two independent fits, row beside row; the shorter set is repeated."""
    count = max(len(first), len(second))
    return np.resize(first, (count, 3)), np.resize(second, (count, 3))


def _curves(coefficients: FloatArray, x: FloatArray) -> FloatArray:
    """Curves at x: shape (draws, x)."""
    log_scale, exponent, floor = (
        np.log(coefficients[:, :1]),
        coefficients[:, 1:2],
        coefficients[:, 2:],
    )
    result: FloatArray = np.exp(log_scale - exponent * np.log(x)) + floor
    return result


def _first_crossing(
    first: FloatArray, second: FloatArray, grid: FloatArray, *, wanted: bool | None = None
) -> tuple[FloatArray, FloatArray]:
    """The first x on the grid's range at which the leader changes (infinite: none), and whether
    `first` led before.

    With `wanted` true only changes count at which `first` led before.
    """
    gap = _curves(first, grid) - _curves(second, grid)
    leads = gap < 0.0
    change = leads[:, :-1] != leads[:, 1:]
    if wanted is not None:
        change &= leads[:, :-1] == wanted
    found = change.any(axis=1)
    at = np.argmax(change, axis=1)
    rows = np.arange(len(gap))
    left, right = gap[rows, at], gap[rows, at + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(found, left / (left - right), 0.0)
    log_grid = np.log(grid)
    crossing = np.exp(log_grid[at] + share * (log_grid[at + 1] - log_grid[at]))
    return np.where(found, crossing, np.inf), leads[rows, at]
