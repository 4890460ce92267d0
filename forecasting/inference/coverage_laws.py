"""Laws of coverage: the share of problems that at least one of k tries solves, beyond the tries
that were made.

    CoveragePowerLaw   a power law                       Brown et al. 2024, arXiv:2407.21787
    BetaBinomial       each problem a chance of its own  Schaeffer et al. 2025, arXiv:2502.17578

With scale = 1 the latter is 1 − B(α, β+k)/B(α, β); the scaled form lets no problem be solved in
more than a share `scale` of its tries.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import betainc, betaln, polygamma, psi

from forecasting.arrays import FloatArray
from forecasting.errors import InputError, NotEnoughDataError
from forecasting.inference.repeated_sampling import pass_at_k_by_problem, tries_grid
from forecasting.ingest.sample_counts import ProblemCounts
from forecasting.stats.budget import check_budget
from forecasting.stats.least_squares import least_squares_lines

#: Coverage is followed up to this many tries; what takes more is as good as never.
MAX_TRIES = 1e12
NEWTON_STEPS = 60
MAX_SAMPLES_SCALED, MAX_PAIRS_SCALED = 10_000, 500
#: Bounds of ln α and ln β in a fit: beyond them all problems are alike, or none is ever solved.
LOWEST_LOG, HIGHEST_LOG = -12.0, 20.0


@dataclass(frozen=True, eq=False)
class CoveragePowerLaw:
    r"""Coverage c(k), the share of problems that one of k tries solves (Brown et al. 2024).

    .. math:: c(k) = e^{a\,k^{b}},\quad a, b < 0

    `a` and `b` are arrays of R laws (one law is an array of one); results have a row a law.
    """

    a: FloatArray
    b: FloatArray

    def coverage(self, k: FloatArray) -> FloatArray:
        """Coverage at the tries `k`, shape (R, len(k))."""
        result: FloatArray = np.exp(self.a[:, None] * np.asarray(k) ** self.b[:, None])
        return result

    def samples_for(self, target: float) -> FloatArray:
        """Tries a problem until coverage reaches `target` (a share above 0 and below 1); infinite
        where it never does.
        """
        _check_target(target)
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            tries = np.where(self.b < 0.0, (np.log(target) / self.a) ** (1.0 / self.b), np.inf)
            tries = np.where((self.b >= 0.0) & (np.exp(self.a) >= target), 1.0, tries)
        return _as_tries(tries)


@dataclass(frozen=True, eq=False)
class BetaBinomial:
    r"""Each problem has a chance p of its own, a share of a beta draw (Schaeffer et al. 2025).

    .. math:: p_i \sim s\cdot\mathrm{Beta}(\alpha, \beta),\quad c(k) = 1 - \mathrm{E}\,(1-p)^k

    `alpha`, `beta` (above 0) and `scale`, the share s (above 0, at most 1), are arrays of R laws;
    results have a row a law.
    """

    alpha: FloatArray
    beta: FloatArray
    scale: FloatArray

    def coverage(self, k: FloatArray) -> FloatArray:
        """Coverage at the tries `k`, shape (R, len(k))."""
        k = np.asarray(k, dtype=np.float64)
        plain: FloatArray = -np.expm1(
            betaln(self.alpha[:, None], self.beta[:, None] + k)
            - betaln(self.alpha[:, None], self.beta[:, None])
        )
        for row in np.flatnonzero(self.scale < 1.0):
            plain[row] = _scaled_coverage(
                float(self.alpha[row]), float(self.beta[row]), float(self.scale[row]), k
            )
        return plain

    def samples_for(self, target: float) -> FloatArray:
        """Tries a problem until coverage reaches `target` (a share above 0 and below 1); infinite
        where it takes over 10¹².
        """
        _check_target(target)
        grid = np.geomspace(1.0, MAX_TRIES, 241)
        # ln(1 − coverage) is close to straight in ln k, so that a line between two points of the
        # grid does.
        left = np.log(np.maximum(1.0 - self.coverage(grid), 1e-300))
        tries = [
            np.exp(np.interp(-np.log(1.0 - target), -row, np.log(grid), right=np.inf))
            for row in left
        ]
        return _as_tries(np.array(tries))


def fit_power_law(counts: ProblemCounts, weights: FloatArray | None = None) -> CoveragePowerLaw:
    """Least squares of ln(−ln pass@k) on ln k at about 20 k up to the fewest samples.

    `weights` (R × problems) gives R laws, one for each weighting of the problems. A weighting in
    which nothing, or everything, is solved says nothing about the slope: its law is that of all
    problems. Raises NotEnoughDataError.
    """
    _check_some_solved(counts)
    k = tries_grid(counts.fewest_samples)
    by_problem = pass_at_k_by_problem(counts.samples, counts.correct, k)
    rows = (
        np.ones((1, len(counts))) if weights is None else np.vstack([np.ones(len(counts)), weights])
    )
    mean = rows @ by_problem / rows.sum(axis=1, keepdims=True)
    usable = (mean > 0.0) & (mean < 1.0 - 1e-12)
    if usable[0].sum() < 2:
        raise NotEnoughDataError(
            int(usable[0].sum()),
            2,
            "Coverage must lie between 0 and 1 at two numbers of tries for a law of it.",
        )
    y = np.log(-np.log(np.where(usable, mean, 0.5)))
    log_k, y_at = np.log(k), np.where(usable, y, 0.0)
    centre = log_k.mean()
    few = usable.sum(axis=1) < 2
    intercept = np.empty(len(rows))
    slope = np.empty(len(rows))
    for row in range(len(rows)):
        source = 0 if few[row] else row
        one = usable[source].astype(np.float64)[None, :]
        a, b = least_squares_lines(log_k - centre, y_at[source], one)
        intercept[row], slope[row] = float(a[0]), float(b[0])
    law = CoveragePowerLaw(-np.exp(intercept - slope * centre), slope)
    return law if weights is None else CoveragePowerLaw(law.a[1:], law.b[1:])


def fit_beta_binomial(counts: ProblemCounts, weights: FloatArray | None = None) -> BetaBinomial:
    """Maximum likelihood of the counts, scale 1; `weights` (R × problems) gives R laws. Raises
    NotEnoughDataError.
    """
    _check_some_solved(counts)
    pairs, index = np.unique(
        np.column_stack([counts.samples, counts.correct]), axis=0, return_inverse=True
    )
    rows = np.ones((1, len(counts))) if weights is None else weights
    by_pair = np.zeros((len(rows), len(pairs)))
    np.add.at(by_pair.T, index.reshape(-1), rows.T)
    n, c = pairs.T
    # A first guess by moments: the mean rate, and a spread as wide as such counts have.
    rate = np.clip((by_pair @ (c / n)) / by_pair.sum(axis=1), 1e-9, 1 - 1e-9)
    theta = np.log(np.column_stack([np.full(len(rows), 0.5), 0.5 * (1 - rate) / rate]))
    for _ in range(NEWTON_STEPS):
        check_budget()
        step = _newton_step(theta, n, c, by_pair)
        theta = theta + step
        # Where all problems are alike, alpha and beta grow without end: at the bound both stop
        # together, so that their ratio, the mean rate, is held.
        theta -= np.maximum(theta.max(axis=1, keepdims=True) - HIGHEST_LOG, 0.0)
        theta = np.maximum(theta, LOWEST_LOG)
        if np.abs(step).max() < 1e-9:
            break
    return BetaBinomial(np.exp(theta[:, 0]), np.exp(theta[:, 1]), np.ones(len(rows)))


def fit_scaled_beta_binomial(counts: ProblemCounts) -> BetaBinomial:
    """Maximum likelihood of the counts over alpha, beta and scale. Raises NotEnoughDataError.

    So that it stays quick, no more than 10,000 samples a problem are looked at, and with over 500
    different counts the plain law, scale 1, is given.
    """
    from scipy.optimize import minimize

    plain = fit_beta_binomial(counts)
    few = (
        counts
        if counts.samples.max() <= MAX_SAMPLES_SCALED
        else counts.thinned(MAX_SAMPLES_SCALED, np.random.default_rng(0))
    )
    pairs, weight = np.unique(
        np.column_stack([few.samples, few.correct]), axis=0, return_counts=True
    )
    if len(pairs) > MAX_PAIRS_SCALED or not few.correct.any():
        return plain
    grid = _ScaledGrid.of(pairs)
    highest = float(np.max((pairs[:, 1] + 0.5) / (pairs[:, 0] + 1.0)))

    def misfit(theta: FloatArray) -> float:
        alpha, beta = np.exp(np.clip(theta[:2], LOWEST_LOG, HIGHEST_LOG))
        scale = 1.0 / (1.0 + np.exp(-np.clip(theta[2], -15.0, 15.0)))
        return -float(weight @ grid.log_likelihood(alpha, beta, scale))

    start = np.array(
        [np.log(plain.alpha[0]), np.log(plain.beta[0]), np.log(highest / (1.0 - highest)) + 0.5]
    )
    best = minimize(
        misfit, start, method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-6, "maxiter": 400}
    )
    alpha, beta = np.exp(np.clip(best.x[:2], LOWEST_LOG, HIGHEST_LOG))
    scale = 1.0 / (1.0 + np.exp(-np.clip(best.x[2], -15.0, 15.0)))
    return BetaBinomial(np.array([alpha]), np.array([beta]), np.array([scale]))


def _newton_step(theta: FloatArray, n: FloatArray, c: FloatArray, weight: FloatArray) -> FloatArray:
    """An uphill step of each law in (ln α, ln β), at most 1 long in either: the Hessian's
    eigenvalues count by their size.
    """
    alpha, beta = np.exp(theta[:, :1]), np.exp(theta[:, 1:])
    total = weight.sum(axis=1)
    # psi over pairs is asked once for each law and pair; what has no pair in it, once a law.
    both, both_n = psi(alpha + beta)[:, 0] * total, np.sum(weight * psi(alpha + beta + n), axis=1)
    slope_a = np.sum(weight * psi(alpha + c), axis=1) - both_n - psi(alpha)[:, 0] * total + both
    slope_b = np.sum(weight * psi(beta + n - c), axis=1) - both_n - psi(beta)[:, 0] * total + both
    cross = polygamma(1, alpha + beta)[:, 0] * total - np.sum(
        weight * polygamma(1, alpha + beta + n), axis=1
    )
    curve_a = (
        np.sum(weight * polygamma(1, alpha + c), axis=1) - polygamma(1, alpha)[:, 0] * total + cross
    )
    curve_b = (
        np.sum(weight * polygamma(1, beta + n - c), axis=1)
        - polygamma(1, beta)[:, 0] * total
        + cross
    )
    gradient = np.column_stack([alpha[:, 0] * slope_a, beta[:, 0] * slope_b])
    hessian = np.empty((len(theta), 2, 2))
    hessian[:, 0, 0] = alpha[:, 0] ** 2 * curve_a + gradient[:, 0]
    hessian[:, 1, 1] = beta[:, 0] ** 2 * curve_b + gradient[:, 1]
    hessian[:, 0, 1] = hessian[:, 1, 0] = alpha[:, 0] * beta[:, 0] * cross
    sizes, axes = np.linalg.eigh(hessian)
    along = np.einsum("rji,rj->ri", axes, gradient) / np.maximum(np.abs(sizes), 1e-9)
    step = np.einsum("rij,rj->ri", axes, along)
    limited: FloatArray = step / np.maximum(np.abs(step).max(axis=1, keepdims=True), 1.0)
    return limited


@dataclass(frozen=True, eq=False)
class _ScaledGrid:
    """Nodes in t = logit(x), as dense as the sharpest likelihood of these counts needs, so that the
    trapezoid rule is exact enough.
    """

    n: FloatArray
    c: FloatArray
    t: FloatArray
    weight: FloatArray

    @classmethod
    def of(cls, pairs: FloatArray) -> _ScaledGrid:
        n, c = pairs.T
        most = float(n.max())
        fine = np.linspace(-np.log(most) - 12.0, 40.0, 20_001)
        x = 1.0 / (1.0 + np.exp(-fine))
        density = np.sqrt(1.0 + most * x * (1.0 - x)) / 0.8
        place = np.concatenate(
            [[0.0], np.cumsum((density[1:] + density[:-1]) / 2.0 * np.diff(fine))]
        )
        t = np.interp(np.arange(0.0, np.floor(place[-1]) + 1.0), place, fine)
        x = 1.0 / (1.0 + np.exp(-t))
        weight = 0.8 / np.sqrt(1.0 + most * x * (1.0 - x))
        weight[0] /= (
            2.0  # below the first node the likelihood is constant, and the rest is the prior's own
        )
        return cls(n, c, t, weight)

    @cached_property
    def _log_x(self) -> tuple[FloatArray, FloatArray]:
        return -np.log1p(np.exp(-self.t)), -np.log1p(np.exp(self.t))

    def log_likelihood(self, alpha: float, beta: float, scale: float) -> FloatArray:
        """Of each pair: ln ∫ Beta(x; α, β)·(s·x)^c·(1 − s·x)^(n−c) dx."""
        log_x, log_rest = self._log_x
        prior = alpha * log_x + beta * log_rest - betaln(alpha, beta) + np.log(self.weight)
        never = np.log1p(-scale * np.exp(log_x))
        inside = prior + np.outer(self.c, np.log(scale) + log_x) + np.outer(self.n - self.c, never)
        # scipy's logsumexp takes three times as long, and a fit calls this some 200 times.
        highest = inside.max(axis=1)
        result: FloatArray = highest + np.log(np.exp(inside - highest[:, None]).sum(axis=1))
        below = float(betainc(alpha, beta, np.exp(log_x[0])))
        if below > 0.0:
            none = self.c == 0.0
            result[none] = np.logaddexp(result[none], np.log(below))
        return result


def _scaled_coverage(alpha: float, beta: float, scale: float, k: FloatArray) -> FloatArray:
    """E[1 − (1 − s·x)^k] for x ~ Beta(α, β), by the trapezoid rule in logit(x), where everything is
    smooth at the scale of 1.
    """
    t = np.arange(-np.log(float(k.max())) - 40.0, min(max(40.0, 40.0 / beta), 400.0), 0.1)
    log_x, log_rest = -np.logaddexp(0.0, -t), -np.logaddexp(0.0, t)
    density = np.exp(alpha * log_x + beta * log_rest - betaln(alpha, beta)) * 0.1
    solved = -np.expm1(np.outer(k, np.log1p(-scale * np.exp(log_x))))
    result: FloatArray = solved @ density
    return np.minimum(result, 1.0)


def _as_tries(tries: FloatArray) -> FloatArray:
    """At least one try; infinite beyond MAX_TRIES."""
    return np.where(tries <= MAX_TRIES, np.maximum(tries, 1.0), np.inf)


def _check_target(target: float) -> None:
    if not 0.0 < target < 1.0:
        raise InputError("target_coverage", target, "Use a share above 0 and below 1.")


def _check_some_solved(counts: ProblemCounts) -> None:
    solved = int(np.count_nonzero(counts.correct))
    if solved == 0:
        raise NotEnoughDataError(
            0,
            1,
            f"None of the {len(counts):,} problems was solved in any try, so more tries can't be"
            " extrapolated. Add tries.",
        )
    if np.all(counts.correct == counts.samples):
        raise InputError(
            "correct",
            "every try",
            "Every try was right: coverage is 100% at one try already, and there is no law to fit.",
        )
