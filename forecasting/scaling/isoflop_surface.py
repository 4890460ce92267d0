"""The surface of a run set: its law refitted, IsoFLOP curves and optimal path, a predicted loss,
and how far to trust it all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.errors import ForecastingError
from forecasting.fitting.held_out import HeldOutCheck
from forecasting.fitting.isoflop import IsoFlopAnalysis, isoflop_analysis
from forecasting.fitting.next_run import NextRun, next_run
from forecasting.fitting.profile_interval import PROFILED, Profile
from forecasting.fitting.scaling_fit import (
    DEFAULT_INTERVAL,
    IntervalKind,
    ScalingFit,
    fit_scaling_law,
)
from forecasting.fitting.warning_kinds import FitWarning
from forecasting.laws.law_draws import DERIVED, NAMES
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN
from forecasting.scaling.published_runs import PublishedRuns, published_runs
from forecasting.scaling.scaling_inputs import (
    FittedSetInputs,
    RunSetInputs,
    RunSetName,
    SetOptimumInputs,
    TargetInputs,
)
from forecasting.scenario import quantity
from forecasting.stats.estimate import Estimate

#: What decides which runs are used: the set, and its own field with its value.
Which = tuple[RunSetName, tuple[str, Any]]
LEVEL = 0.9
SHOWN = ("E", "A", "B", "alpha", "beta", "params_exponent", "gamma")
WORDS = {
    "E": "E, irreducible loss",
    "A": "A",
    "B": "B",
    "alpha": "α, exponent of parameters",
    "beta": "β, exponent of tokens",
    "params_exponent": "β/(α+β): N* grows as C to the power",
    "gamma": "γ: loss above E falls as C to the power −γ",
}
#: Loss functions compared: what the choice alone does to the law.
LOSS_FUNCTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Huber δ = 0.001 on ln loss", {"delta": 1e-3}),
    ("Huber δ = 0.00001 on ln loss", {"delta": 1e-5}),
    ("Least absolute deviations on ln loss", {"loss_function": "least_absolute"}),
    ("Least squares on ln loss", {"loss_function": "least_squares"}),
    ("Least squares on the loss", {"loss_function": "least_squares", "residuals": "loss"}),
)


class SurfaceInputs(FittedSetInputs, TargetInputs):
    """Inputs of the surface of a run set."""

    interval_kind: IntervalKind = quantity(
        DEFAULT_INTERVAL,
        unit="name",
        label="Interval",
        why=(
            "In simulated runs, these intervals contain the truth as often as they should"
            " (benchmarks/scaling_coverage.py); published ones are plain percentiles."
        ),
    )


class NextRunInputs(SetOptimumInputs, TargetInputs):
    """Inputs of the run to do next, for which the fit needs no resamples."""

    budget_flop: float = quantity(
        1e22, unit="FLOP", label="Budget for the next run", ge=1.0, le=1e35
    )


@dataclass(frozen=True, eq=False)
class Surface(Answered):
    """The fitted law of a run set with a prediction at the scenario's target.

    `isoflop` is None, with the reason in `no_isoflop`, where the runs have no common budgets.
    `curve` and `run` are the predicted loss: of the law itself, and of a new run that scatters as
    the fitted ones do. `target` is (parameters, tokens), either may be infinite.
    """

    scenario: SurfaceInputs
    reference: PublishedRuns
    fit: ScalingFit
    isoflop: IsoFlopAnalysis | None
    no_isoflop: str
    target: tuple[float, float]
    curve: Estimate
    run: Estimate
    warnings: tuple[FitWarning, ...]

    def interval(self, name: str, level: float = LEVEL) -> tuple[float, float]:
        """The interval of a coefficient, of the scenario's kind."""
        return self.fit.interval(name, level, self.scenario.interval_kind)

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a coefficient: value and 90% interval; then the predicted loss for the curve and
        for a new run.
        """
        rows = [
            (name, self.fit.estimate(name).value, *self.interval(name))
            for name in (*NAMES, *DERIVED)
        ]
        rows += [
            (f"loss_{kind}", each.value, *each.interval(LEVEL))
            for kind, each in (("curve", self.curve), ("new_run", self.run))
        ]
        return pd.DataFrame(rows, columns=["quantity", "value", "q5", "q95"])

    @property
    def residual_table(self) -> pd.DataFrame:
        """A row a run: its size, its measured and fitted loss, and ln(fitted/measured)."""
        runs = self.fit.runs
        fitted = np.asarray(self.fit.law.loss(runs.params, runs.tokens))
        return pd.DataFrame(
            {
                "params": runs.params,
                "tokens": runs.tokens,
                "training_flop": runs.training_flop,
                "loss_nats_per_token": runs.loss,
                "fitted_loss_nats_per_token": fitted,
                "ln_fitted_over_measured": np.log(fitted / runs.loss),
            }
        )


@dataclass(frozen=True, eq=False)
class SecondOpinion:
    """Checks of a fit, none of which needs resamples: profiles of coefficients, the largest runs
    hidden and predicted, other loss functions.
    """

    profiles: tuple[Profile, ...]
    held_out: HeldOutCheck | None
    loss_functions: pd.DataFrame


def isoflop_surface(scenario: SurfaceInputs, *, data: DataOrContext | None = None) -> Surface:
    """Fits the scenario's run set and predicts the loss at its target.

    Raises NotEnoughDataError and InputError where the runs can't tell a law.
    """
    tables = context_of(data).data
    reference, fit = published_runs(scenario, tables), fit_of(scenario, tables)
    isoflop, no_isoflop = _isoflop(which_runs(scenario), scenario.seed, tables)
    wanted = _wanted(scenario)
    curve = fit.forecast(**wanted, kind="curve", seed=scenario.seed)
    run = fit.forecast(**wanted, kind="run", seed=scenario.seed)
    if scenario.predict == "compute":
        target = fit.law.optimal(scenario.target_flop)
    else:
        target = (wanted.get("params", math.inf), wanted.get("tokens", math.inf))
    bounded = all(math.isfinite(part) for part in target)
    return Surface(
        scenario=scenario,
        reference=reference,
        fit=fit,
        isoflop=isoflop,
        no_isoflop=no_isoflop,
        target=target,
        curve=Estimate(float(curve.loss[0]), curve.draws[:, 0]),
        run=Estimate(float(run.loss[0]), run.draws[:, 0]),
        warnings=fit.warnings_for(*target) if bounded else fit.warnings,
    )


def second_opinion(
    scenario: SetOptimumInputs, *, data: DataOrContext | None = None
) -> SecondOpinion:
    """Profiles, the held-out check and other loss functions for the scenario's run set."""
    fit = optimum_of(scenario, context_of(data).data)
    profiles = tuple(fit.profile(name) for name in PROFILED)
    others = []
    for title, settings in LOSS_FUNCTIONS:
        law = fit_scaling_law(fit.runs, bootstrap=0, **settings).law
        params, tokens = law.optimal(5.76e23)
        others.append(
            (title, *(getattr(law, name) for name in NAMES), law.params_exponent, params, tokens)
        )
    columns = [
        "loss_function",
        *NAMES,
        "params_exponent",
        "params_at_5.76e23_flop",
        "tokens_at_5.76e23_flop",
    ]
    return SecondOpinion(profiles, fit.held_out, pd.DataFrame(others, columns=columns))


def next_run_advice(scenario: NextRunInputs, *, data: DataOrContext | None = None) -> NextRun:
    """The affordable run that would narrow the predicted loss at the target most; raises InputError
    for too small a budget.
    """
    tables = context_of(data).data
    fit = optimum_of(scenario, tables)
    wanted = _wanted(scenario)
    if "training_flop" in wanted:
        params, tokens = fit.law.optimal(scenario.target_flop)
    else:
        params, tokens = wanted.get("params", math.inf), wanted.get("tokens", math.inf)
    return next_run(
        fit, budget_flop=scenario.budget_flop, target_params=params, target_tokens=tokens
    )


def fit_of(scenario: FittedSetInputs, data: DataSet) -> ScalingFit:
    """The fit of the scenario's run set, kept with the tables: moving the target does not
    fit anew.
    """
    how_resampled = (scenario.resamples, scenario.bootstrap_by, scenario.resampling, scenario.seed)
    return _fit(which_runs(scenario), _how(scenario), how_resampled, data)


def optimum_of(scenario: SetOptimumInputs, data: DataSet) -> ScalingFit:
    """The same fit without its draws, which take most of the time."""
    return _optimum(which_runs(scenario), _how(scenario), data)


def _how(scenario: SetOptimumInputs) -> tuple[Any, ...]:
    """What of the scenario decides where the optimum lies."""
    return scenario.loss_function, scenario.delta, scenario.residuals


def which_runs(scenario: RunSetInputs) -> Which:
    """What of the scenario decides which runs are used, as its own defaults elsewhere."""
    used: dict[RunSetName, tuple[str, Any]] = {
        "chinchilla": ("left_out", scenario.left_out),
        "overtraining": ("training_set", scenario.training_set),
        "repeated": ("most_epochs", scenario.most_epochs),
    }
    return scenario.run_set, used[scenario.run_set]


@cached_with
def _fit(
    which: Which, how: tuple[Any, ...], how_resampled: tuple[Any, ...], data: DataSet
) -> ScalingFit:
    resamples, bootstrap_by, resampling, seed = how_resampled
    return _optimum(which, how, data).resampled(
        resamples, bootstrap_by=bootstrap_by, resampling=resampling, seed=seed
    )


@cached_with
def _optimum(which: Which, how: tuple[Any, ...], data: DataSet) -> ScalingFit:
    loss_function, delta, residuals = how
    return fit_scaling_law(
        _runs(which, data).runs,
        loss_function=loss_function,
        delta=delta,
        residuals=residuals,
        bootstrap=0,
    )


@cached_with
def _isoflop(which: Which, seed: int, data: DataSet) -> tuple[IsoFlopAnalysis | None, str]:
    try:
        return isoflop_analysis(_runs(which, data).runs, seed=seed), ""
    except ForecastingError as error:
        return None, str(error)


def _runs(which: Which, data: DataSet) -> PublishedRuns:
    return published_runs(RunSetInputs(run_set=which[0], **dict([which[1]])), data)


def _wanted(scenario: TargetInputs) -> dict[str, float]:
    """The arguments of a forecast at the scenario's target."""
    return {
        "compute": {"training_flop": scenario.target_flop},
        "run": {"params": scenario.target_params, "tokens": scenario.target_tokens},
        "params": {"params": scenario.target_params},
        "tokens": {"tokens": scenario.target_tokens},
    }[scenario.predict]


def budgets(surface: Surface) -> list[tuple[float, float, float]]:
    """Budgets whose IsoFLOP curves are drawn: FLOP, smallest and largest model; the analysis' own,
    else five over the runs' span.
    """
    runs = surface.fit.runs
    if surface.isoflop is not None:
        return [
            (part.training_flop, float(part.sizes.min()), float(part.sizes.max()))
            for part in surface.isoflop.slices
        ]
    flops = np.geomspace(runs.training_flop.min(), runs.training_flop.max(), 5)
    low, high = np.quantile(runs.tokens / runs.params, [0.02, 0.98])
    sizes = [np.sqrt(flops / FLOP_PER_PARAM_AND_TOKEN / ratio) for ratio in (high, low)]
    return [
        (float(flop), float(small), float(large))
        for flop, small, large in zip(flops, *sizes, strict=True)
    ]
