"""The reference sets side by side: what each is, how wide its span, and what its own law says.
Never pooled, never ranked by loss.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.data.shipped_results import ShippedResults
from forecasting.fitting.scaling_fit import ScalingFit
from forecasting.formatting import significant
from forecasting.scaling.architectures import ArchitecturesInputs, architectures
from forecasting.scaling.curve_sets import ARCHITECTURES
from forecasting.scaling.isoflop_surface import fit_of, which_runs
from forecasting.scaling.published_runs import TABLE_OF_SET, published_runs
from forecasting.scaling.routed_or_dense import (
    ROUTER_TITLES,
    RoutingInputs,
    routed_or_dense,
    routed_runs,
)
from forecasting.scaling.scaling_inputs import (
    CurveFitInputs,
    FitInputs,
    FittedSetInputs,
    RoutedRunsInputs,
    RunSetName,
    TrainingComputeInputs,
    UsedRunsInputs,
)
from forecasting.scenario import Inputs
from forecasting.stats.estimate import Estimate

LEVEL = 0.9
RUN_SETS: tuple[RunSetName, ...] = ("chinchilla", "overtraining", "repeated")


class SetOverviewInputs(
    UsedRunsInputs, FitInputs, TrainingComputeInputs, RoutedRunsInputs, CurveFitInputs
):
    """Inputs of the overview of all sets: how each is fitted, and the compute spent at best."""

    def of_set(self, name: RunSetName) -> FittedSetInputs:
        """The inputs of one set of runs."""
        shared = {
            field: getattr(self, field)
            for field in FittedSetInputs.model_fields
            if field != "run_set"
        }
        return FittedSetInputs(run_set=name, **shared)


@dataclass(frozen=True)
class SetRow:
    """One set: title, what it is, the form fitted, how many points from how little to how much
    (`unit`), and its law in figures.

    `exponents` and `floor` are in words with 90% intervals; `best_params` is the optimal size at
    the scenario's compute (NaN where the set can't tell); `miss` that of points held out, a share:
    the median of runs, the root mean square of curves; `warnings` a count.
    """

    table: str
    title: str
    what: str
    form: str
    points: int
    low: float
    high: float
    unit: str
    exponents: str
    floor: str
    best_params: float
    best_params_q5: float
    best_params_q95: float
    miss: float
    warnings: int


NONE_SHIPPED: Mapping[str, SetRow] = MappingProxyType({})
#: The rows of the released tables at the defaults.
SHIPPED = ShippedResults(__file__, "set_rows.json", SetOverviewInputs.TABLES)


@dataclass(frozen=True, eq=False)
class SetOverview(Answered):
    """The laws of all six reference sets side by side: a row each; `fits` are those of the first
    three, which tell a best size.
    """

    scenario: SetOverviewInputs
    fits: tuple[ScalingFit, ...]
    rows: tuple[SetRow, ...]

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a set, every figure of SetRow in a column."""
        return pd.DataFrame([vars(row) for row in self.rows])


def set_overview(scenario: SetOverviewInputs, *, data: DataOrContext | None = None) -> SetOverview:
    """The law of every reference set, each by itself."""
    tables = context_of(data).data
    fits = tuple(fit_of(scenario.of_set(name), tables) for name in RUN_SETS)
    shipped = {row["table"]: SetRow(**row) for row in SHIPPED.of(tables) or ()}
    return SetOverview(scenario, fits, tuple(set_rows(scenario, tables, shipped)))


def set_rows(
    scenario: SetOverviewInputs, tables: DataSet, shipped: Mapping[str, SetRow] = NONE_SHIPPED
) -> list[SetRow]:
    """A row a set.

    Parameters
    ----------
    scenario : SetOverviewInputs
        How the sets are fitted.
    tables : DataSet
        The tables.
    shipped : mapping of str to SetRow
        The rows at the defaults by table, where they are known; those whose own inputs are the
        defaults are not computed again.
    """
    usual = SetOverviewInputs()
    is_usual_fit = FitInputs.of(scenario) == FitInputs.of(usual)
    rows = []
    for name in RUN_SETS:
        of_set, flop = scenario.of_set(name), scenario.training_flop
        is_usual = is_usual_fit and which_runs(of_set) == which_runs(usual.of_set(name))
        row = shipped.get(TABLE_OF_SET[name]) if is_usual else None
        if row is None:
            rows.append(run_row(of_set, flop, tables))
        else:
            best, low, high = _best_params(fit_of(of_set, tables), flop)
            row = replace(row, best_params=best, best_params_q5=low, best_params_q95=high)
            rows.append(row)
    others: tuple[tuple[str, type[Inputs], Callable[..., SetRow]], ...] = (
        ("runs_routed_vs_dense", RoutedRunsInputs, _routing_row),
        ("vision_learning_curves", CurveFitInputs, _vision_row),
        ("translation_learning_curves", CurveFitInputs, _translation_row),
    )
    for table, inputs, computed in others:
        is_usual = inputs.of(scenario) == inputs.of(usual)
        row = shipped.get(table) if is_usual else None
        rows.append(computed(scenario, tables) if row is None else row)
    return rows


def run_row(scenario: FittedSetInputs, training_flop: float, data: DataSet) -> SetRow:
    """The row of a set of runs.

    Parameters
    ----------
    scenario : FittedSetInputs
        Which set, and how its law is fitted.
    training_flop : float
        The compute at which the best size is told, in FLOP.
    data : DataSet
        The tables.
    """
    reference, fit = published_runs(scenario, data), fit_of(scenario, data)
    flop = reference.runs.training_flop
    exponents = ", ".join(
        f"{symbol} {_interval(fit.estimate(name))}"
        for symbol, name in (("α", "alpha"), ("β", "beta"))
    )
    best, low, high = _best_params(fit, training_flop)
    return SetRow(
        table=TABLE_OF_SET[scenario.run_set],
        title=reference.title,
        what=f"{len(fit.runs)} {reference.what}",
        form="E + A/N^α + B/D^β",
        points=len(fit.runs),
        low=float(flop.min()),
        high=float(flop.max()),
        unit="FLOP",
        exponents=exponents,
        floor=_interval(fit.estimate("E")),
        best_params=best,
        best_params_q5=low,
        best_params_q95=high,
        miss=fit.held_out.median_error if fit.held_out else math.nan,
        # About the law: runs that lie far off it show in its residuals.
        warnings=sum(each.kind != "outliers" for each in fit.warnings),
    )


def _best_params(fit: ScalingFit, training_flop: float) -> tuple[float, float, float]:
    """The best size at a compute, with its interval."""
    params, _ = fit.optimal(training_flop)
    return (params.value, *params.interval(LEVEL))


def _routing_row(scenario: RoutedRunsInputs, data: DataSet) -> SetRow:
    chosen = RoutingInputs(
        routers=tuple(ROUTER_TITLES), routed_rows=scenario.routed_rows, seed=scenario.seed
    )
    result = routed_or_dense(chosen, data=data)
    counts = [len(routed_runs(one.router, scenario.routed_rows, data)) for one in result.routers]
    dense = counts[0] - result.routers[0].params.size
    params = np.concatenate([one.params for one in result.routers])
    return SetRow(
        table="runs_routed_vs_dense",
        title="Routed or dense",
        what="dense and routed runs by Clark et al. 2022, one law a router",
        form="a ln N + b ln Ê + c ln N ln Ê + d",
        points=sum(counts) - dense * (len(counts) - 1),
        low=float(params.min()),
        high=float(params.max()),
        unit="dense parameters",
        exponents="dense slope " + ", ".join(significant(-one.law.a, 2) for one in result.routers),
        floor="none in this form",
        best_params=math.nan,
        best_params_q5=math.nan,
        best_params_q95=math.nan,
        miss=math.nan,
        warnings=0,
    )


def _vision_row(scenario: CurveFitInputs, data: DataSet) -> SetRow:
    chosen = ArchitecturesInputs(
        task="vision",
        vision_model="ViT/B/16",
        vision_others=tuple(ARCHITECTURES["vision"]),
        **dict(CurveFitInputs.of(scenario)),
    )
    return _curve_row(chosen, "Vision: ResNet, ViT, MLP-Mixer", data)


def _translation_row(scenario: CurveFitInputs, data: DataSet) -> SetRow:
    chosen = ArchitecturesInputs(
        task="translation",
        translation_model="6 Enc, 6 Dec",
        translation_others=tuple(ARCHITECTURES["translation"]),
        **dict(CurveFitInputs.of(scenario)),
    )
    return _curve_row(chosen, "Translation: transformers, LSTM decoder", data)


def _curve_row(scenario: ArchitecturesInputs, title: str, data: DataSet) -> SetRow:
    result = architectures(scenario, data=data)
    exponents, floors = (
        [one.fit.estimate(name).value for one in result.curves] for name in ("exponent", "floor")
    )
    examples = np.concatenate([one.fit.examples for one in result.curves])
    return SetRow(
        table=(
            "vision_learning_curves" if scenario.task == "vision" else "translation_learning_curves"
        ),
        title=title,
        what=(
            f"learning curves of {len(result.curves)} architectures by Alabdulmohsin et al. 2022,"
            " one law each"
        ),
        form="β x^−c + ε∞" if scenario.curve_form == "M2" else "β x^−c",
        points=sum(
            one.points.examples.size + one.points.held_examples.size for one in result.curves
        ),
        low=float(examples.min()),
        high=float(examples.max()),
        unit=result.unit,
        exponents=f"c {significant(min(exponents), 2)} to {significant(max(exponents), 2)}",
        floor=f"{significant(min(floors), 2)} to {significant(max(floors), 2)}",
        best_params=math.nan,
        best_params_q5=math.nan,
        best_params_q95=math.nan,
        miss=float(np.median([one.miss for one in result.curves])),
        warnings=0,
    )


def _interval(figure: Estimate) -> str:
    low, high = figure.interval(LEVEL)
    return f"{figure.value:.2f} (90% {low:.2f} to {high:.2f})"
