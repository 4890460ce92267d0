"""Straight lines through a quantile of the points: quantile regression, many weightings in
one go.
"""

from __future__ import annotations

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.stats.budget import check_budget

_NEAREST = 60  # at least so many points near the line stay apart
_NEAR_SHARE = 0.35
# replicates a pass: the dozen work arrays of 32 rows of some hundred points stay in the processor's
# cache
_CHUNK = 64
_STEP = 0.99995  # share of the way to the boundary, as in Portnoy & Koenker
_MAX_ITERATIONS = 60


def check_loss(residual: FloatArray, quantile: float) -> float:
    """The sum that quantile regression minimises: `quantile` times a residual above the line, `1 -
    quantile` times one below.
    """
    return float(np.sum(residual * (quantile - (residual < 0.0))))


def quantile_line(t: FloatArray, y: FloatArray, quantile: float) -> tuple[float, float]:
    """Intercept and slope that minimise the check loss (Koenker & Bassett 1978), exactly.

    The interior-point solution is moved to the vertex of the linear programme: a best line passes
    through two points, and turning the line about a point that it passes through is a weighted
    median. When no turn about any point on the line lowers the loss, the line is optimal, because
    the loss is convex and these turns are all the edges at that vertex.

    Parameters
    ----------
    t : array of floats, shape (n,)
        Dates in years, from any origin.
    y : array of floats, shape (n,)
        Values, such as log10 of a quantity.
    quantile : float
        The share of points below the line, between 0 and 1.
    """
    shift, size = float(np.median(y)), float(np.ptp(y)) or 1.0
    spread = float(np.std(t))
    one = np.ones((1, t.size))
    a, b = _interior_point(one, one * t / spread, one * (y - shift) / size, quantile)
    intercept, slope = float(a[0]) * size + shift, float(b[0]) * size / spread
    near = 1e-10 * max(1.0, float(np.abs(y).max()))
    loss = np.inf
    pivots = [int(np.argmin(np.abs(y - intercept - slope * t)))]
    for _ in range(200):
        turned = [_turn_about(t, y, pivot, quantile) for pivot in pivots]
        losses = [check_loss(y - a0 - b0 * t, quantile) for a0, b0 in turned]
        best = int(np.argmin(losses))
        if losses[best] >= loss * (1.0 - 1e-14):
            break
        loss, (intercept, slope) = losses[best], turned[best]
        pivots = np.flatnonzero(np.abs(y - intercept - slope * t) <= near).tolist() or pivots
    return intercept, slope


def _turn_about(t: FloatArray, y: FloatArray, pivot: int, quantile: float) -> tuple[float, float]:
    """The best line through the point `pivot`: its slope is the weighted quantile of the slopes to
    the other points.
    """
    run = t - t[pivot]
    other = run != 0.0
    size = np.abs(run[other])
    slopes = (y[other] - y[pivot]) / run[other]
    # Left of the pivot a point above the line has a slope below the line's, so that its quantile is
    # mirrored.
    pull = float(np.sum(size * np.where(run[other] > 0.0, quantile, 1.0 - quantile)))
    order = np.argsort(slopes)
    reached = np.cumsum(size[order])
    at = order[min(int(np.searchsorted(reached, pull)), order.size - 1)]
    slope = float(slopes[at])
    return float(y[pivot] - slope * t[pivot]), slope


def quantile_lines(
    t: FloatArray, y: FloatArray, weights: FloatArray, quantile: float, start: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    """Intercepts and slopes, each of shape (R,), that minimise the weighted check loss.

    Points far from the line of all points stay on their side of a replicate's line too, so that
    those above (and those below) act as one point, their weighted sum; where a replicate's line
    does cross one of them after all, that replicate is solved again with every point (Portnoy &
    Koenker 1997, section 5; Chernozhukov, Fernández-Val & Melly 2022).

    Parameters
    ----------
    t : array of floats, shape (n,)
        Dates in years, from any origin.
    y : array of floats, shape (n,)
        Values, such as log10 of a quantity.
    weights : array of floats, shape (R, n)
        Weight of each point in each replicate, 0 or more.
    quantile : float
        The share of points below a line, between 0 and 1.
    start : (float, float)
        Intercept and slope of the line of all points.
    """
    spread = float(np.std(t)) or 1.0
    size = float(np.ptp(y)) or 1.0
    middle = float(np.median(y))
    t, y = t / spread, (y - middle) / size
    far = y - (start[0] - middle) / size - (start[1] * spread / size) * t
    near = np.argsort(np.abs(far), kind="stable")[: max(_NEAREST, int(t.size * _NEAR_SHARE))]
    above, below = far > 0.0, far <= 0.0
    above[near] = below[near] = False
    columns = np.column_stack([np.ones_like(t), t, y])
    sums = [weights @ (columns * side[:, None]) for side in (above, below)]
    few = weights[:, near]
    u, v, target = (
        np.column_stack([few * columns[near, c], sums[0][:, c], sums[1][:, c]]) for c in range(3)
    )
    a, b = _solve_in_chunks(u, v, target, quantile)
    crossed = np.zeros(len(weights), dtype=np.bool_)
    for side, sign in ((above, 1.0), (below, -1.0)):
        ahead = sign * (y[side] - a[:, None] - b[:, None] * t[side])
        crossed |= ((ahead < 0.0) & (weights[:, side] > 0.0)).any(axis=1)
    if crossed.any():
        whole = weights[crossed]
        a[crossed], b[crossed] = _solve_in_chunks(whole, whole * t, whole * y, quantile)
    return a * size + middle, b * size / spread


def _solve_in_chunks(
    u: FloatArray, v: FloatArray, target: FloatArray, quantile: float
) -> tuple[FloatArray, FloatArray]:
    parts = [
        _interior_point(
            u[first : first + _CHUNK],
            v[first : first + _CHUNK],
            target[first : first + _CHUNK],
            quantile,
        )
        for first in range(0, len(u), _CHUNK)
    ]
    a, b = np.concatenate(parts, axis=1)
    return a, b


def _interior_point(
    u: FloatArray, v: FloatArray, target: FloatArray, quantile: float
) -> FloatArray:
    """The two rows intercepts and slopes that minimise the check losses of `target - a u - b v`,
    all of shape (replicates, points).

    Frisch-Newton interior point on the dual (Portnoy & Koenker 1997, Statistical Science 12, 279),
    all replicates in step; with two coefficients each Newton system is solved in closed form. Stops
    when the gap between the loss and its bound is below 1e-6 of the loss: far less than the spread
    between replicates. Weights have scaled the points: the loss of w·r is w times the loss of r,
    and a point of weight 0 drops out. Names after the paper: `x` the dual in (0, 1), `s = 1 - x`,
    `z` and `w` their multipliers.
    """

    def solve(q: FloatArray, right: FloatArray) -> tuple[FloatArray, FloatArray]:
        qu = q * u
        uu, uv, vv = np.vecdot(qu, u), np.vecdot(qu, v), np.vecdot(q * v, v)
        right_u, right_v = np.vecdot(u, right), np.vecdot(v, right)
        # Near the end one point may outweigh the others by all digits: the system is then singular
        # in rounding, never truly.
        determinant = np.maximum(uu * vv - uv * uv, 1e-15 * uu * vv)
        return (vv * right_u - uv * right_v) / determinant, (
            uu * right_v - uv * right_u
        ) / determinant

    def across(a: FloatArray, b: FloatArray) -> FloatArray:
        result: FloatArray = a[:, None] * u
        result += b[:, None] * v
        return result

    total = u.sum(axis=1)
    x = np.full_like(u, 1.0 - quantile)
    s = 1.0 - x
    a, b = solve(np.ones_like(u), target)
    residual = target - across(a, b)
    tiny = 1e-3 * np.abs(residual).sum(axis=1, keepdims=True) / total[:, None] + 1e-14
    w = np.maximum(residual, 0.0) + tiny
    z = w - residual  # so that z - w = -residual; `x` tends to 1 above the line and to 0 below
    count = 2.0 * u.shape[1]
    for _ in range(_MAX_ITERATIONS):
        check_budget()
        gap = np.vecdot(z, x) + np.vecdot(w, s)
        loss = np.vecdot(residual, quantile - (residual < 0.0))
        going = gap > 1e-6 * loss + 1e-13 * total
        if not going.any():
            break
        zx, ws = z / x, w / s
        q = 1.0 / (zx + ws)
        difference = z - w  # = -residual
        step_a, step_b = solve(q, q * difference)
        dx = q * (across(step_a, step_b) - difference)
        dz = -z - zx * dx
        dw = -w + ws * dx
        primal = _longest(x, s, dx)
        dual = _longest_two(z, dz, w, dw)
        # The predictor says how much of the gap goes; the corrector aims at the centre of what is
        # left (Mehrotra 1992).
        zp, wp = z + dual * dz, w + dual * dw
        xp = primal * dx
        left = np.vecdot(zp, x + xp) + np.vecdot(wp, s - xp)
        centre = (gap * (left / gap) ** 3 / count)[:, None]
        xi = centre / x - centre / s
        dxdz, dsdw = dx * dz / x, -dx * dw / s
        correction = dxdz - dsdw - xi
        step_a, step_b = solve(q, q * (difference + correction))
        dx = q * (across(step_a, step_b) - difference - correction)
        dz = centre / x - z - zx * dx - dxdz
        dw = centre / s - w + ws * dx - dsdw
        # Rows that have arrived stand still: further steps would only run into rounding.
        primal, dual = (
            _longest(x, s, dx) * going[:, None],
            _longest_two(z, dz, w, dw) * going[:, None],
        )
        x += primal * dx
        s -= primal * dx
        z += dual * dz
        w += dual * dw
        a = a - dual[:, 0] * step_a
        b = b - dual[:, 0] * step_b
        residual = target - across(a, b)
    return np.stack([a, b])


def _longest(x: FloatArray, s: FloatArray, dx: FloatArray) -> FloatArray:
    """The step, at most 1, that keeps `x` and `s = 1 - x` above 0; one a row, as a column."""
    rate = np.maximum(-dx / x, dx / s).max(axis=1, keepdims=True)
    step: FloatArray = np.minimum(1.0, _STEP / np.maximum(rate, 1e-12))
    return step


def _longest_two(z: FloatArray, dz: FloatArray, w: FloatArray, dw: FloatArray) -> FloatArray:
    """The step, at most 1, that keeps `z` and `w` above 0; one a row, as a column."""
    rate = np.maximum(-dz / z, -dw / w).max(axis=1, keepdims=True)
    step: FloatArray = np.minimum(1.0, _STEP / np.maximum(rate, 1e-12))
    return step
