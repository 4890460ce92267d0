r"""The curves of IsoFLOP budgets: loss against model size at one compute each, in a form that may
lean, and where each is lowest.

At one compute Chinchilla's law (Hoffmann et al. 2022, equation 2) is a sum of two exponentials in
z = ln N, as tokens fall in proportion to 1/N:

.. math:: L(z) = e + u\,e^{-\alpha z} + v\,e^{\beta z},
   \qquad z^* = \frac{\ln(\alpha u / \beta v)}{\alpha + \beta}

e, u and v are each budget's own (so is a slope in ln C where its compute varies); the shape (α, β)
is shared by all budgets. For small α and β this is a parabola; a parabola itself cannot lean, so
that sizes far from the best one move its lowest point.

Neither the shape nor how far from the lowest loss sizes count is fixed beforehand. Every shape of a
grid is fitted in every window. Where runs tell apart shapes that lie closer than its steps, the
grid is drawn in on the likely ones: else what the nearest shape misses is taken for noise. Noise
is that of the widest window whose outer runs do not break with the curve of the inner ones; by it
all fits are averaged with their likelihood, a window paying for every run that it leaves out as for
a coefficient (Schwarz 1978). Draws choose a window and a shape by these weights, then coefficients
about their fit, so that intervals count both choices.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import BoolArray, FloatArray, IntArray
from forecasting.stats.budget import check_budget

#: Exponents tried on each side: from nearly a parabola to steeper than any published law, so many
#: at a time.
EXPONENT_BOUNDS, EXPONENTS_TRIED = (0.08, 0.9), 9
#: The grid of shapes is drawn in while fewer than so many hold more than this share of the best
#: one's weight, and at most so often.
MIN_SHAPES, MIN_WEIGHT, MAX_ROUNDS = 12, 1e-3, 4
#: Windows about the run of lowest loss, in orders of magnitude of size to either side.
WINDOWS_OOM: FloatArray = np.array([0.35, 0.5, 0.75, 1.0, 1.5, np.inf])
#: A window holds at least so many of a budget's sizes, as far as there are.
MIN_SIZES_IN_WINDOW = 5
#: Runs further out break with a window's curve when chance would let them with less than this
#: probability.
BREAK_CHANCE = 0.01
#: What is left of a budget's spread of compute is taken out by a slope, where it is above this (in
#: ln) and runs are enough.
MIN_SPREAD, MIN_FOR_SLOPE = 0.005, 8
#: The noise of budgets that differ is drawn towards the common one as by so many runs at most.
MAX_PRIOR_FREEDOM = 1000.0
_SMALLEST_VARIANCE = 1e-18


@dataclass(frozen=True, eq=False)
class Budget:
    """The runs of one compute: ln of sizes less their mean, ln of compute less its mean, losses."""

    log_params: FloatArray
    log_flop: FloatArray
    loss: FloatArray

    @property
    def span(self) -> tuple[float, float]:
        """The smallest and the largest size."""
        return float(self.log_params.min()), float(self.log_params.max())

    @property
    def lowest(self) -> float:
        """The size of the lowest loss measured."""
        return float(self.log_params[np.argmin(self.loss)])

    def windows(self) -> BoolArray:
        """Which runs lie in each window of WINDOWS_OOM about the lowest loss, or are nearest."""
        distance = np.abs(self.log_params - self.lowest)
        sizes = np.sort(np.abs(np.unique(self.log_params) - self.lowest))
        nearest = sizes[min(MIN_SIZES_IN_WINDOW, sizes.size) - 1] * (1.0 + 1e-9)
        inside: BoolArray = distance <= np.maximum(WINDOWS_OOM * math.log(10.0), nearest)[:, None]
        return inside


@dataclass(frozen=True, eq=False)
class BudgetCurves:
    """The fits of one budget in each window w and shape s: `coefficients` (w, s, k), of which the
    first three are e, u and v, `roots` (w, s, k, k) with the covariance roots·rootsᵀ at unit
    variance. `shapes` (s, 2) are α and β.
    """

    shapes: FloatArray
    coefficients: FloatArray
    roots: FloatArray

    def lowest(self, window: IntArray, shape: IntArray, noise: FloatArray) -> FloatArray:
        """The lowest point of fits with noise added along their covariance: −∞ or ∞ where the curve
        only rises or falls, NaN where it has a highest point.

        Parameters
        ----------
        window, shape : arrays of int, shape (draws,)
            Which fit each draw is about.
        noise : array of floats, shape (draws, k)
            Independent, of the noise's size.
        """
        moved = np.einsum("dij,dj->di", self.roots[window, shape], noise)
        return lowest_point(self.coefficients[window, shape] + moved, self.shapes[shape])


@dataclass(frozen=True, eq=False)
class JointFit:
    """All budgets fitted together: `weights` (w, s) of windows and shapes; of each budget b the
    lowest point's `values` (b) and `draws` (b, n), which may be infinite, the same from the
    narrowest window (`near_values`, `near_draws`), and the relative `noise` (b).
    """

    curves: tuple[BudgetCurves, ...]
    weights: FloatArray
    values: FloatArray
    draws: FloatArray
    near_values: FloatArray
    near_draws: FloatArray
    noise: FloatArray

    @property
    def best(self) -> tuple[int, int]:
        """The window and the shape of most weight."""
        window, shape = np.unravel_index(int(np.argmax(self.weights)), self.weights.shape)
        return int(window), int(shape)


def lowest_point(coefficients: FloatArray, shapes: FloatArray) -> FloatArray:
    """Where curves (…, 3 or more) of shapes (…, 2) are lowest; see BudgetCurves.lowest."""
    falling, rising = coefficients[..., 1], coefficients[..., 2]
    alpha, beta = shapes[..., 0], shapes[..., 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.log(alpha * falling / (beta * rising)) / (alpha + beta)
    up, down = rising > 0.0, falling > 0.0
    result: FloatArray = np.where(
        up & down,
        inside,
        np.where(up & ~down, -np.inf, np.where(down & ~up, np.inf, np.nan)),
    )
    return result


def joint_fit(budgets: Sequence[Budget], draws: int, rng: np.random.Generator) -> JointFit:
    """Fits all budgets with one shape and averages over shapes and windows.

    Parameters
    ----------
    budgets : sequence of Budget
        Each of at least 5 runs of 4 sizes.
    draws : int
        How many draws of the lowest points.
    rng : numpy.random.Generator
        Source of the draws.
    """
    runs = _stacked(budgets)
    alphas = betas = np.geomspace(*EXPONENT_BOUNDS, EXPONENTS_TRIED)
    for _ in range(MAX_ROUNDS):
        check_budget()
        fits = _fits(runs, alphas, betas)
        noise = _noise_of_fits(fits, runs)
        weights = _weights(fits, runs, noise)
        likely = weights.sum(axis=0).reshape(alphas.size, betas.size)
        likely = likely >= MIN_WEIGHT * likely.max()
        nearer = _drawn_in(alphas, likely.any(axis=1)), _drawn_in(betas, likely.any(axis=0))
        if likely.sum() >= MIN_SHAPES or np.array_equal(nearer, (alphas, betas)):
            break
        alphas, betas = nearer
    count = weights.shape[1]
    windows, shapes = np.divmod(rng.choice(weights.size, draws, p=weights.ravel()), count)
    common = np.sqrt(noise.total / rng.chisquare(noise.total, draws))
    curves = tuple(
        BudgetCurves(fits.shapes, *each) for each in zip(fits.coefficients, fits.roots, strict=True)
    )
    points, near, values, near_values = [], [], [], []
    for budget, each, v, f in zip(budgets, curves, noise.variance, noise.freedom, strict=True):
        scale = common if noise.is_pooled else np.sqrt(f / rng.chisquare(f, draws))
        size = np.sqrt(v) * scale[:, None]
        moved = size * rng.standard_normal((draws, each.coefficients.shape[-1]))
        points.append(each.lowest(windows, shapes, moved))
        near.append(each.lowest(np.zeros_like(windows), shapes, moved))
        lowest = _held(lowest_point(each.coefficients, each.shapes), budget)
        values.append(float(np.sum(lowest * weights)))
        near_values.append(float(np.sum(lowest[0] * weights.sum(axis=0))))
    return JointFit(
        curves,
        weights,
        np.array(values),
        np.stack(points),
        np.array(near_values),
        np.stack(near),
        np.sqrt(noise.variance),
    )


def held(points: FloatArray, budget: Budget, rng: np.random.Generator) -> FloatArray:
    """Draws of a lowest point, those far outside the sizes run half their span beyond them; those
    of a curve without one at either end.

    Parameters
    ----------
    points : array of floats, shape (draws,)
        The draws, in ln N less the mean; may be infinite or NaN.
    budget : Budget
        The runs whose sizes they are held near.
    rng : numpy.random.Generator
        Tosses for the end.
    """
    sides = np.where(rng.random(points.shape) < 0.5, -np.inf, np.inf)
    return _held(np.where(np.isnan(points), sides, points), budget)


def _held(points: FloatArray, budget: Budget) -> FloatArray:
    low, high = budget.span
    half = 0.5 * (high - low)
    result: FloatArray = np.clip(
        np.nan_to_num(points, nan=0.0, posinf=np.inf, neginf=-np.inf), low - half, high + half
    )
    return result


@dataclass(frozen=True, eq=False)
class _Runs:
    """All budgets b in one: ln of size, of compute and losses (b, n), padded by runs that no window
    holds; which runs each window holds (b, w, n), the `columns` fitted (b), the `count` of runs.
    """

    log_params: FloatArray
    log_flop: FloatArray
    loss: FloatArray
    inside: BoolArray
    columns: IntArray
    count: int

    @property
    def used(self) -> IntArray:
        """How many runs each window holds (b, w)."""
        counts: IntArray = self.inside.sum(axis=2)
        return counts


@dataclass(frozen=True, eq=False)
class _Fits:
    """Fits of budgets b in windows w by shapes s (α varies slowest): coefficients, roots of their
    covariance at unit variance, sums of squares of the relative residuals.
    """

    shapes: FloatArray
    coefficients: FloatArray
    roots: FloatArray
    squares: FloatArray


@dataclass(frozen=True, eq=False)
class _Noise:
    """The variance of each budget's relative noise, its degrees of freedom, whether it is one for
    all, and the degrees of freedom of all.
    """

    variance: FloatArray
    freedom: FloatArray
    is_pooled: bool
    total: float


def _stacked(budgets: Sequence[Budget]) -> _Runs:
    most = max(budget.loss.size for budget in budgets)
    log_params, log_flop = np.zeros((2, len(budgets), most))
    loss = np.ones((len(budgets), most))
    inside = np.zeros((len(budgets), WINDOWS_OOM.size, most), dtype=bool)
    columns = np.full(len(budgets), 3)
    for row, budget in enumerate(budgets):
        n = budget.loss.size
        log_params[row, :n], loss[row, :n] = budget.log_params, budget.loss
        inside[row, :, :n] = budget.windows()
        if n >= MIN_FOR_SLOPE and float(np.std(budget.log_flop)) > MIN_SPREAD:
            log_flop[row, :n], columns[row] = budget.log_flop, 4
    return _Runs(
        log_params, log_flop, loss, inside, columns, sum(each.loss.size for each in budgets)
    )


def _fits(runs: _Runs, alphas: FloatArray, betas: FloatArray) -> _Fits:
    """Least squares of all budgets in all windows for each α and β: Gram–Schmidt, each column
    twice, since these columns are nearly parallel.
    """
    # Noise is a share of the loss. Axes: budget, window, α, β, run.
    level = (runs.inside / runs.loss[:, None])[:, :, None, None]
    z = runs.log_params[:, None, None, None]
    columns = [level, level * np.exp(-alphas[:, None, None] * z)]
    columns.append(level * np.exp(betas[:, None] * z))
    if (runs.columns > 3).any():
        columns.append(level * runs.log_flop[:, None, None, None])
    k = len(columns)
    units: list[FloatArray] = []
    size = (*runs.inside.shape[:2], alphas.size, betas.size)
    upper, roots = np.zeros((*size, k, k)), np.zeros((*size, k, k))
    for at, column in enumerate(columns):
        check_budget()
        left, before = column, np.sqrt(np.sum(column**2, axis=-1))
        for _ in range(2):
            for earlier, unit in enumerate(units):
                along = np.einsum("...n,...n->...", left, unit)
                upper[..., earlier, at] += along
                left = left - along[..., None] * unit
        length = np.sqrt(np.sum(left**2, axis=-1))
        # A column that the earlier ones make up takes no part, as one of zeros.
        inverse = np.where(length > 1e-10 * before, 1.0 / np.maximum(length, 1e-300), 0.0)
        units.append(left * inverse[..., None])
        roots[..., at, at] = inverse
        for row in range(at):
            roots[..., row, at] = -inverse * np.einsum(
                "...i,...i->...", roots[..., row, :at], upper[..., :at, at]
            )
    projected = np.zeros((*size, k))
    for at, unit in enumerate(units):
        projected[..., at] = unit.sum(axis=-1)
    squares = runs.used[:, :, None, None] - np.sum(projected**2, axis=-1)
    coefficients = np.einsum("...ij,...j->...i", roots, projected)
    shapes = np.stack(np.meshgrid(alphas, betas, indexing="ij"), axis=-1).reshape(-1, 2)
    flat = (*size[:2], len(shapes))
    return _Fits(
        shapes,
        coefficients.reshape(*flat, k),
        roots.reshape(*flat, k, k),
        np.maximum(squares, 0.0).reshape(flat),
    )


def _drawn_in(exponents: FloatArray, likely: BoolArray) -> FloatArray:
    """As many exponents between the neighbours of those that are likely."""
    first, last = np.flatnonzero(likely)[[0, -1]]
    low, high = max(first - 1, 0), min(last + 1, exponents.size - 1)
    if (low, high) == (0, exponents.size - 1):
        return exponents
    return np.geomspace(exponents[low], exponents[high], exponents.size)


def _noise_of_fits(fits: _Fits, runs: _Runs) -> _Noise:
    used = runs.used
    window, shape = _widest_unbroken(
        fits.squares.sum(axis=0), used.sum(axis=0), int(runs.columns.sum())
    )
    own = (used[:, window] - runs.columns).astype(np.float64)
    variance, freedom, is_pooled = _noise(fits.squares[:, window, shape], own)
    total = float(freedom[0]) if is_pooled else max(float(np.sum(own)) - 2.0, 1.0)
    return _Noise(variance, freedom, is_pooled, total)


def _weights(fits: _Fits, runs: _Runs, noise: _Noise) -> FloatArray:
    """How much windows and shapes (w, s) count."""
    total = noise.total
    deviance = (fits.squares / noise.variance[:, None, None]).sum(axis=0)
    least = float(deviance.min())
    # Student's t: the variance is itself an estimate.
    log_weight = -0.5 * total * np.log1p((deviance - least) / max(least, total))
    # What a run left out costs in log likelihood (Schwarz 1978).
    left_out = runs.count - runs.used.sum(axis=0)
    log_weight -= 0.5 * math.log(runs.count) * left_out[:, None]
    weights: FloatArray = np.exp(log_weight - log_weight.max())
    weights /= weights.sum()
    return weights


def _widest_unbroken(squares: FloatArray, used: IntArray, columns: int) -> tuple[int, int]:
    """The widest window, and its best shape, up to which runs further out lie about the curve no
    further than those inside (Chow's test of predictions, 1960); `squares` (w, s), runs `used` (w).
    """
    from scipy.special import fdtrc

    shapes = squares.argmin(axis=1)
    least = np.maximum(squares[np.arange(len(squares)), shapes], _SMALLEST_VARIANCE)
    widest = 0
    for wider in range(1, len(least)):
        more = int(used[wider] - used[widest])
        freedom = max(int(used[widest]) - columns - 2, 1)
        excess = max(float(least[wider] - least[widest]), 0.0) / max(more, 1)
        if more and float(fdtrc(more, freedom, excess * freedom / least[widest])) < BREAK_CHANCE:
            break
        widest = wider
    return widest, int(shapes[widest])


def _noise(squares: FloatArray, freedom: FloatArray) -> tuple[FloatArray, FloatArray, bool]:
    """The variance of each budget's noise with its degrees of freedom, and whether it is pooled.

    Where budgets differ by no more than chance it is one variance; else each is drawn towards the
    common one by the moments of ln s² (Smyth 2004).
    """
    from scipy.special import digamma, polygamma

    total = float(freedom.sum())
    # The shape takes two.
    own = freedom * max(total - 2.0, 1.0) / total
    common = max(float(squares.sum()) / float(own.sum()), _SMALLEST_VARIANCE)
    extra = 0.0
    if squares.size > 2:
        logs = np.log(np.maximum(squares / own, _SMALLEST_VARIANCE))
        centred = logs - digamma(own / 2.0) + np.log(own / 2.0)
        extra = float(np.var(centred, ddof=1) - np.mean(polygamma(1, own / 2.0)))
    if extra <= 0.0:
        return np.full(squares.shape, common), np.full(squares.shape, float(own.sum())), True
    grid = np.geomspace(0.5, MAX_PRIOR_FREEDOM, 400)
    prior = float(grid[np.argmin(np.abs(polygamma(1, grid / 2.0) - extra))])
    prior = min(prior, float(own.sum()))
    return (prior * common + squares) / (prior + own), prior + own, False
