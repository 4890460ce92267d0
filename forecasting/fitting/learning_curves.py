"""Learning curves: error or loss against examples, in the forms of Alabdulmohsin et al. 2022 (arXiv
2209.06640, 2022-09-13).

M1: β·x^−c. M2: β·x^−c + ε∞. M4: (ε − ε∞)/(ε0 − ε)^α = β·x^−c. They judge a form by extrapolation,
not by fit.

fit = fit_learning_curve(examples, error, form="M2")
fit.curve.loss(3e9), fit.curve.examples_for_loss(0.3), fit.estimate("floor").interval(0.9)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray, IntArray
from forecasting.errors import InputError, NotEnoughDataError, UnknownNameError
from forecasting.fitting.fit_bootstrap import Resampling
from forecasting.fitting.fit_bootstrap import bootstrap as bootstrap_replicates
from forecasting.fitting.held_out import HeldOutCurveCheck, held_out_curve_check
from forecasting.fitting.power_law_fit import (
    DEFAULT_DELTA,
    LossFunction,
    best_fit,
    checked_loss_function,
)
from forecasting.fitting.power_law_problem import PowerLawProblem
from forecasting.laws.law_inputs import (
    LossBelowFloorError,
    above_floor,
    as_given,
    checked_coefficient,
    positive,
)
from forecasting.stats.budget import check_budget
from forecasting.stats.dated_series import as_float_array
from forecasting.stats.estimate import Estimate

Form = Literal["M1", "M2", "M4"]
MIN_POINTS = {"M1": 3, "M2": 4, "M4": 6}
MIN_BLOCKS = 6
QUANTITIES = ("scale", "exponent", "floor")


@dataclass(frozen=True)
class LearningCurve:
    r"""Error after x examples in the forms M1, which has no floor, and M2.

    .. math:: \varepsilon(x) = \beta x^{-c} + \varepsilon_\infty

    `scale` is β, `exponent` c (both above 0) and `floor` ε∞, in the units of x and ε.
    """

    scale: float
    exponent: float
    floor: float = 0.0

    def __post_init__(self) -> None:
        for name in QUANTITIES:
            object.__setattr__(
                self,
                name,
                checked_coefficient(name, getattr(self, name), zero_allowed=name == "floor"),
            )

    def loss(self, examples: ArrayLike) -> Any:
        """ε at `examples`, which may be infinite."""
        return as_given(
            self.floor
            + self.scale * positive("examples", examples, "examples", "3e8") ** -self.exponent
        )

    def examples_for_loss(self, loss: ArrayLike) -> Any:
        """The examples that reach `loss`; raises LossBelowFloorError at or below the floor."""
        reached = above_floor(loss, self.floor, "this curve's floor")
        return as_given(((reached - self.floor) / self.scale) ** (-1.0 / self.exponent))


@dataclass(frozen=True)
class SaturatingCurve:
    """M4: (ε − floor)/(start − ε)^bend = scale·x^−exponent, which begins at `start` (chance level)
    and ends at `floor` < start.
    """

    scale: float
    exponent: float
    floor: float
    start: float
    bend: float

    def __post_init__(self) -> None:
        for name in ("scale", "exponent", "start"):
            object.__setattr__(self, name, checked_coefficient(name, getattr(self, name)))
        for name in ("floor", "bend"):
            object.__setattr__(
                self, name, checked_coefficient(name, getattr(self, name), zero_allowed=True)
            )
        if self.floor >= self.start:
            raise InputError("floor", self.floor, f"Give a floor below the start, {self.start}.")

    def loss(self, examples: ArrayLike) -> Any:
        """ε at `examples`, between floor and start."""
        x = np.asarray(positive("examples", examples, "examples", "3e8"))
        return as_given(
            _saturating(
                np.log(x), math.log(self.scale), self.exponent, self.floor, self.start, self.bend
            )[()]
        )

    def examples_for_loss(self, loss: ArrayLike) -> Any:
        """The examples that reach `loss`; raises LossBelowFloorError at or below the floor,
        InputError at or above the start.
        """
        reached = above_floor(loss, self.floor, "this curve's floor")
        if np.any(reached >= self.start):
            raise InputError(
                "loss",
                float(np.max(reached)),
                f"The curve starts at {self.start:g}: ask for a loss below it.",
            )
        ratio = (reached - self.floor) / (self.start - reached) ** self.bend
        return as_given((ratio / self.scale) ** (-1.0 / self.exponent))


@dataclass(frozen=True, eq=False)
class CurveFit:
    """A fitted learning curve. `draws` (draws, 3) holds scale, exponent and floor of the bootstrap;
    empty for M4.

    `objective` is the summed loss function of the residuals ln ε(x) − ln ε; `examples` and `losses`
    are the points used.
    """

    form: Form
    curve: LearningCurve | SaturatingCurve
    objective: float
    examples: FloatArray
    losses: FloatArray
    draws: FloatArray = field(repr=False)
    agreeing_starts: int
    loss_function: LossFunction = "least_squares"
    delta: float = DEFAULT_DELTA

    def estimate(self, name: str) -> Estimate:
        """scale, exponent or floor, with its draws (M4: the value alone)."""
        if name not in QUANTITIES:
            raise UnknownNameError("name", name, QUANTITIES)
        value = float(getattr(self.curve, name))
        return Estimate(
            value, self.draws[:, QUANTITIES.index(name)] if len(self.draws) else np.array([value])
        )

    @property
    def residuals(self) -> FloatArray:
        """ln of fitted over measured, at each point."""
        result: FloatArray = np.log(self.curve.loss(self.examples) / self.losses)
        return result

    @cached_property
    def held_out(self) -> HeldOutCurveCheck | None:
        """The same form fitted without the points beyond half of the largest x and tried on them;
        None with too few points left.
        """

        def predict(x: FloatArray, y: FloatArray, later: FloatArray) -> FloatArray:
            fit = fit_learning_curve(
                x,
                y,
                form=self.form,
                loss_function=self.loss_function,
                delta=self.delta,
                bootstrap=0,
            )
            return np.asarray(fit.curve.loss(later))

        return held_out_curve_check(self.examples, self.losses, predict)

    def miss(self, examples: ArrayLike, losses: ArrayLike) -> float:
        """The root mean square of ln(fitted/measured) at points that the fit did not see: how its
        authors score a form.
        """
        predicted = np.asarray(self.curve.loss(as_float_array(examples, "examples")))
        return float(np.sqrt(np.mean(np.log(predicted / as_float_array(losses, "losses")) ** 2)))


def fit_learning_curve(
    examples: ArrayLike,
    losses: ArrayLike,
    *,
    form: Form = "M2",
    loss_function: LossFunction = "least_squares",
    delta: float = DEFAULT_DELTA,
    bootstrap: int = 1000,
    resampling: Resampling = "smooth",
    seed: int = 0,
) -> CurveFit:
    """Fits a learning curve to points on ln loss.

    M1 and M2 are solved like scaling laws, with draws that reweight blocks of neighbouring points,
    as long as the residuals of neighbours are alike (published curves are often smoothed); M4 by
    least squares alone, from a grid of starts, without draws.

    Parameters
    ----------
    examples : array-like of floats, shape (n,)
        Examples seen, above 0.
    losses : array-like of floats, shape (n,)
        Losses or error rates, above 0.
    form : str
        "M1" (no floor), "M2" or "M4": see LearningCurve and SaturatingCurve.
    loss_function : str
        "least_squares", "huber" or "least_absolute"; M4 takes the first only.
    delta : float
        δ of the Huber loss, in ln loss, above 0.
    bootstrap : int
        How many draws of M1 and M2; 0: none.
    resampling : str
        "smooth" or "counts": what their weights are, see fit_bootstrap.
    seed : int
        Seed of the draws.

    Raises
    ------
    NotEnoughDataError
        For fewer than 3, 4, 6 points (M1, M2, M4).
    InputError
        For values that are none or a single x.
    UnknownNameError
        For another name.
    """
    if form not in get_args(Form):
        raise UnknownNameError("form", form, get_args(Form))
    if resampling not in get_args(Resampling):
        raise UnknownNameError("resampling", resampling, get_args(Resampling))
    spread = checked_loss_function(loss_function, delta, "log")
    x, y = _points(examples, losses, MIN_POINTS[form])
    if form == "M4":
        if loss_function != "least_squares":
            raise InputError("loss_function", loss_function, "M4 is fitted by least_squares alone.")
        return _fit_saturating(x, y)
    centre = float(np.mean(np.log(x)))
    problem = PowerLawProblem((np.log(x) - centre)[None], y, spread)
    bounds = (problem.bounds[0], np.where([True, True, form == "M2"], problem.bounds[1], 0.0))
    best = best_fit(problem, bounds)
    draws = np.empty((0, 3))
    if bootstrap:
        rng = np.random.default_rng(seed)
        blocks = neighbours_alike(x, problem.residuals_of(best.theta[None])[0])
        replicates = bootstrap_replicates(
            best.problem, best.theta, best.starts, bootstrap, blocks, resampling, rng, bounds
        )
        draws = _coefficients(replicates.theta, centre)
    scale, exponent, floor = _coefficients(best.theta[None], centre)[0]
    return CurveFit(
        form,
        LearningCurve(float(scale), float(exponent), float(floor)),
        best.objective,
        x,
        y,
        draws,
        best.agreeing,
        loss_function,
        delta,
    )


def neighbours_alike(x: FloatArray, residuals: FloatArray) -> IntArray | None:
    """Blocks of neighbouring points, long enough that their residuals no longer go together; None
    where they do not to begin with.

    With correlation ρ of neighbours a block of (1 + ρ)/(1 − ρ) points tells as much as one (AR(1));
    at least six blocks are left.
    """
    order = np.argsort(x, kind="stable")
    r = residuals[order] - residuals.mean()
    total = float(r @ r)
    alike = float(r[:-1] @ r[1:]) / total if total > 0.0 else 0.0
    length = (
        min(math.ceil((1.0 + alike) / max(1.0 - alike, 0.05)), x.size // MIN_BLOCKS)
        if alike > 2.0 / math.sqrt(x.size)
        else 1
    )
    if length <= 1:
        return None
    blocks = np.empty(x.size, dtype=np.intp)
    blocks[order] = np.arange(x.size) * (x.size // length) // x.size
    return blocks


def _coefficients(theta: FloatArray, centre: float) -> FloatArray:
    return np.stack([np.exp(theta[:, 0] + theta[:, 1] * centre), theta[:, 1], theta[:, 2]], axis=1)


def _points(examples: ArrayLike, losses: ArrayLike, needed: int) -> tuple[FloatArray, FloatArray]:
    x, y = as_float_array(examples, "examples"), as_float_array(losses, "losses")
    if x.shape != y.shape:
        raise InputError(
            "losses", f"of length {y.size}", f"Give as many losses as examples: {x.size}."
        )
    usable = ~(np.isnan(x) | np.isnan(y))
    x, y = x[usable], y[usable]
    for name, values in (("examples", x), ("losses", y)):
        bad = ~((values > 0.0) & np.isfinite(values))
        if bad.any():
            raise InputError(name, float(values[bad][0]), "Give finite numbers above 0.")
    if x.size < needed:
        raise NotEnoughDataError(int(x.size), needed, "Add points of examples and loss.")
    if np.all(x == x[0]):
        raise InputError(
            "examples",
            f"{x[0]:g} at all {x.size} points",
            "A curve needs more than one number of examples.",
        )
    return x, y


def _saturating(
    log_x: Any, log_scale: Any, exponent: Any, floor: Any, start: Any, bend: Any
) -> FloatArray:
    """ε of M4 at ln x."""
    share, _ = _share(log_x, log_scale, exponent, start - floor, bend)
    result: FloatArray = floor + (start - floor) * share
    return result


def _share(
    log_x: Any, log_scale: Any, exponent: Any, span: Any, bend: Any
) -> tuple[FloatArray, FloatArray]:
    """(ε − floor)/(start − floor) of M4 and its logit u, by Newton steps on
    ln σ(u) − bend·ln(1 − σ(u)) = ln β − c·ln x − (1 − bend)·ln span, of which both sides are smooth
    and rising.
    """
    target = np.asarray(log_scale - exponent * log_x - (1.0 - bend) * np.log(span))
    # The two straight ends of the left side give the start of the steps.
    u = np.where(target < 0.0, target, target / max(float(bend), 1e-3))
    check_budget()
    for _ in range(60):
        left = -np.logaddexp(0.0, -u) + bend * np.logaddexp(0.0, u) - target
        share = 1.0 / (1.0 + np.exp(-np.clip(u, -700.0, 700.0)))
        step = np.clip(left / np.maximum(1.0 - share + bend * share, 1e-12), -20.0, 20.0)
        u = u - step
        if float(np.max(np.abs(step) / (1.0 + np.abs(u)))) < 1e-13:
            break
    return 1.0 / (1.0 + np.exp(-np.clip(u, -700.0, 700.0))), u


def _fit_saturating(x: FloatArray, y: FloatArray) -> CurveFit:
    from scipy.optimize import least_squares

    log_x, log_y = np.log(x), np.log(y)
    centre = float(log_x.mean())
    log_x = log_x - centre
    top, low = float(y.max()), float(y.min())

    @lru_cache(maxsize=2)
    def curve_at(theta: tuple[float, ...]) -> tuple[FloatArray, FloatArray, FloatArray, float]:
        scale, exponent, floor, rise, bend = theta
        span = top * (1.0 + math.exp(rise)) - floor * low
        share, u = _share(log_x, scale, exponent, span, bend)
        return np.maximum(floor * low + span * share, 1e-300), share, u, span

    def curve_of(theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, float]:
        """ε, the share of the way up and its logit, and the whole way; misfit and slopes ask for
        the same.
        """
        return curve_at(tuple(theta.tolist()))

    def misfit(theta: FloatArray) -> FloatArray:
        result: FloatArray = np.log(curve_of(theta)[0]) - log_y
        return result

    def slopes(theta: FloatArray) -> FloatArray:
        """The derivatives of the misfit, those of u by the implicit function."""
        _, _, _, rise, bend = theta
        value, share, u, span = curve_of(theta)
        start_by_rise = top * math.exp(rise)
        by_u = np.maximum(1.0 - share + bend * share, 1e-12)
        steep = span * share * (1.0 - share) / by_u
        by_span = share - steep * (1.0 - bend) / span
        by_bend = steep * (math.log(span) - np.logaddexp(0.0, u))
        columns = [
            steep,
            -steep * log_x,
            low * (1.0 - by_span),
            start_by_rise * by_span,
            by_bend,
        ]
        result: FloatArray = np.stack(columns, axis=1) / value[:, None]
        return result

    bounds = ([-60.0, 1e-3, 0.0, -16.0, 0.0], [60.0, 4.0, 1.0 - 1e-9, 4.0, 3.0])
    found = [
        least_squares(
            misfit,
            [math.log(0.5 * (top + low)), 0.3, floor, -3.0, bend],
            jac=slopes,
            bounds=bounds,
            x_scale=[1.0, 0.1, 0.2, 1.0, 0.3],
            max_nfev=150,
        )
        for floor in (0.1, 0.8)
        for bend in (0.1, 1.0)
    ]
    cost = np.array([one.cost for one in found])
    scale, exponent, floor, rise, bend = found[int(np.argmin(cost))].x
    curve = SaturatingCurve(
        math.exp(scale + exponent * centre),
        float(exponent),
        float(floor * low),
        top * (1.0 + math.exp(rise)),
        float(bend),
    )
    agreeing = int((cost <= cost.min() * (1.0 + 1e-3) + 1e-20).sum())
    return CurveFit("M4", curve, float(cost.min()), x, y, np.empty((0, 3)), agreeing)


__all__ = [
    "CurveFit",
    "Form",
    "LearningCurve",
    "LossBelowFloorError",
    "SaturatingCurve",
    "fit_learning_curve",
]
