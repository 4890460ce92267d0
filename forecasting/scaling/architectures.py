"""Which architecture scales best? Learning curves side by side: slopes, floors, and where one
passes another.

    error(x) = scale · x^−exponent + floor        (form M2 of Alabdulmohsin et al. 2022; M1 has no
                                                  floor)

Each curve is one model of one size: fits never pool sizes. The slope that a log-log chart shows, d
ln error / d ln x, is the exponent times the share of the error that still lies above the floor; it
is what decides who passes whom.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.errors import InputError
from forecasting.fitting.group_comparison import Crossover, compare_groups
from forecasting.fitting.learning_curves import CurveFit, Form
from forecasting.formatting import in_words, significant
from forecasting.scaling.curve_sets import (
    ARCHITECTURES,
    Architecture,
    CurvePoints,
    curve_points,
    fitted_curve,
)
from forecasting.scaling.scaling_inputs import CurveFitInputs, CurvePointsInputs
from forecasting.scenario import quantity
from forecasting.stats.bands import Bands
from forecasting.stats.estimate import Estimate

#: Curves are drawn to this factor beyond the last point.
REACH = 100.0
GRID = 90
LEVEL = 0.9
UNITS = {"vision": "images", "translation": "sentence pairs"}
MEASURED = {
    "vision": "Ten-shot error on ImageNet",
    "translation": "Loss of translation (nats per token)",
}


Task = Literal["vision", "translation", "routing"]
VisionModel = Literal["ViT/B/16", "ViT/S/16", "BiT/50/1", "BiT/101/3", "MiX/B/16", "MiX/L/16"]
TranslationModel = Literal[
    "6 Enc, 6 Dec", "28 Enc, 6 Dec", "6 Enc, 28 Dec", "Dec-only", "TEnc-LSTM"
]


class TaskInputs(CurvePointsInputs):
    """The task whose learning curves are fitted."""

    task: Task = quantity("vision", unit="name", label="Task")


class ArchitecturesInputs(TaskInputs, CurveFitInputs):
    """One architecture against others, compared at a number of examples."""

    vision_model: VisionModel = quantity("ViT/B/16", unit="name", label="Architecture")
    vision_others: tuple[VisionModel, ...] = quantity(
        ("BiT/50/1", "BiT/101/3"),
        unit="name",
        label="Against",
        why="The source article compares a vision transformer with ResNets.",
    )
    translation_model: TranslationModel = quantity(
        "6 Enc, 6 Dec", unit="name", label="Architecture"
    )
    translation_others: tuple[TranslationModel, ...] = quantity(
        ("TEnc-LSTM",), unit="name", label="Against"
    )
    at_examples: float = quantity(
        3e8,
        unit="examples",
        label="Compare at (images seen)",
        why=(
            "The source article, 2025-01-17: with hundreds of millions of images, the vision"
            " transformer overtakes."
        ),
        gt=0,
        le=1e15,
    )
    at_pairs: float = quantity(
        2.56e8, unit="examples", label="Compare at (sentence pairs seen)", gt=0, le=1e15
    )


@dataclass(frozen=True, eq=False)
class ArchitectureCurve:
    """One architecture: its points, its fit, the curve's bands over `x` examples, and figures at
    the scenario's number of examples.

    `slope` is −d ln error / d ln examples there; `miss` the root mean square of ln(fitted/measured)
    at the held-out points.
    """

    architecture: Architecture
    points: CurvePoints
    fit: CurveFit
    line: FloatArray
    bands: Bands
    error_at: Estimate
    slope_at: Estimate
    miss: float

    @property
    def x(self) -> FloatArray:
        """The examples of `line` and `bands`."""
        return self.bands.x

    @property
    def last(self) -> float:
        """The most examples that the fit saw."""
        return float(self.fit.examples.max())


@dataclass(frozen=True, eq=False)
class ArchitectureComparison(Answered):
    """One architecture against others: `curves` has it first, then the others.

    `at` is the amount of data compared at, in `unit`; `measured` says what the curves measure.
    `crossovers`, `chance_lower` (probability that the first has the lower error at `at`) and
    `chance_scales_better` (that its exponent is the higher) have an entry for each other.
    """

    scenario: ArchitecturesInputs
    unit: str
    measured: str
    at: float
    curves: tuple[ArchitectureCurve, ...]
    crossovers: tuple[Crossover, ...]
    chance_lower: tuple[float, ...]
    chance_scales_better: tuple[float, ...]

    @property
    def model(self) -> ArchitectureCurve:
        """The architecture in question."""
        return self.curves[0]

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row an architecture: exponent, floor, slope and error with 90% intervals, crossover
        with the architecture in question.
        """
        crossings: list[Crossover | None] = [None, *self.crossovers]
        rows = []
        for at, (one, crossing) in enumerate(zip(self.curves, crossings, strict=True)):
            row: dict[str, object] = {
                "architecture": one.architecture.name,
                "family": one.architecture.family,
                "params": one.architecture.params,
                f"{self.unit.replace(' ', '_')}_from": float(one.fit.examples.min()),
                f"{self.unit.replace(' ', '_')}_to": one.last,
            }
            for name, figure in (
                ("exponent", one.fit.estimate("exponent")),
                ("floor", one.fit.estimate("floor")),
                ("slope_at", one.slope_at),
                ("error_at", one.error_at),
            ):
                low, high = figure.interval(LEVEL)
                row |= {name: figure.value, f"{name}_q5": low, f"{name}_q95": high}
            row["held_out_miss_rmse_ln"] = one.miss
            ends = crossing.interval(LEVEL) if crossing else (math.nan, math.nan)
            row |= {
                "crossover": crossing.value if crossing else math.nan,
                "crossover_q5": ends[0],
                "crossover_q95": ends[1],
                "crossover_verdict": crossing.verdict if crossing else "",
                "chance_that_first_is_lower_at": self.chance_lower[at - 1] if at else math.nan,
                "chance_that_first_has_higher_exponent": (
                    self.chance_scales_better[at - 1] if at else math.nan
                ),
                "source_of_size": one.architecture.source,
            }
            rows.append(row)
        return pd.DataFrame(rows)


def architectures(
    scenario: ArchitecturesInputs, *, data: DataOrContext | None = None
) -> ArchitectureComparison:
    """The scenario's architecture against the others on its task.

    Raises InputError where no other architecture is chosen, NotEnoughDataError where too few points
    are left to fit.
    """
    tables = context_of(data).data
    if scenario.task == "routing":
        raise InputError(
            "task",
            scenario.task,
            "Routed models have no learning curves here: use routed_or_dense.",
        )
    vision = scenario.task == "vision"
    model: str = scenario.vision_model if vision else scenario.translation_model
    others: tuple[str, ...] = scenario.vision_others if vision else scenario.translation_others
    at, above = (
        (scenario.at_examples, scenario.from_examples) if vision else (scenario.at_pairs, 0.0)
    )
    names = tuple(dict.fromkeys((model, *others)))
    if len(names) < 2:
        raise InputError(
            "against",
            f"only {model}",
            "A comparison or crossover needs two groups: name a second one.",
        )
    fits = {
        name: fitted_curve(scenario.task, name, scenario.curve_form, above, scenario.seed, tables)
        for name in names
    }
    comparison = compare_groups(fits)
    first, last = (float(f([f(fit.examples) for fit in fits.values()])) for f in (np.min, np.max))
    drawn = {
        name: _drawn(
            scenario.task,
            name,
            scenario.curve_form,
            above,
            scenario.seed,
            (first, last * REACH),
            tables,
        )
        for name in names
    }
    curves = tuple(
        _curve(
            ARCHITECTURES[scenario.task][name],
            curve_points(scenario.task, name, tables),
            fits[name],
            drawn[name],
            at,
        )
        for name in names
    )
    crossings = [
        _crossover(scenario.task, model, name, scenario.curve_form, above, scenario.seed, tables)
        for name in names[1:]
    ]
    crossovers = tuple(
        _named(crossing, scenario.task, model, full=crossing is crossings[0])
        for crossing in crossings
    )
    return ArchitectureComparison(
        scenario=scenario,
        unit=UNITS[scenario.task],
        measured=MEASURED[scenario.task],
        at=at,
        curves=curves,
        crossovers=crossovers,
        chance_lower=tuple(comparison.probability_lower_at(at, model, name) for name in names[1:]),
        chance_scales_better=tuple(
            comparison.probability_scales_better(model, name) for name in names[1:]
        ),
    )


def form_misses(scenario: TaskInputs, *, data: DataOrContext | None = None) -> pd.DataFrame:
    """How far each form misses the held-out points of every architecture of the task: root mean
    square of ln(fitted/measured).
    """
    tables = context_of(data).data
    above = scenario.from_examples if scenario.task == "vision" else 0.0
    rows = []
    forms: tuple[Form, ...] = ("M1", "M2", "M4")
    for name in ARCHITECTURES[scenario.task]:
        points = curve_points(scenario.task, name, tables)
        fits = {
            form: fitted_curve(scenario.task, name, form, above, scenario.seed, tables)
            for form in forms
        }
        misses = {
            f"{form}_miss_rmse_ln": fit.miss(points.held_examples, points.held_losses)
            for form, fit in fits.items()
        }
        rows.append({"architecture": name, "held_out_points": points.held_examples.size} | misses)
    return pd.DataFrame(rows)


@cached_with
def _drawn(
    task: str,
    name: str,
    form: Form,
    above: float,
    seed: int,
    ends: tuple[float, float],
    data: DataSet,
) -> tuple[FloatArray, Bands]:
    """The fitted curve of an architecture and its bands between two numbers of examples."""
    fit = fitted_curve(task, name, form, above, seed, data)
    grid = np.geomspace(*ends, GRID)
    return np.asarray(fit.curve.loss(grid)), Bands.of_draws(grid, _errors(fit, grid))


def _errors(fit: CurveFit, examples: FloatArray) -> FloatArray:
    """Errors of every draw at `examples`: shape (draws, examples)."""
    scale, exponent, floor = (fit.draws[:, at : at + 1] for at in range(3))
    errors: FloatArray = np.exp(np.log(scale) - exponent * np.log(examples)) + floor
    return errors


def _curve(
    architecture: Architecture,
    points: CurvePoints,
    fit: CurveFit,
    drawn: tuple[FloatArray, Bands],
    at: float,
) -> ArchitectureCurve:
    exponent, floor = fit.estimate("exponent"), fit.estimate("floor")
    error = Estimate(float(fit.curve.loss(at)), _errors(fit, np.array([at]))[:, 0])
    return ArchitectureCurve(
        architecture=architecture,
        points=points,
        fit=fit,
        line=drawn[0],
        bands=drawn[1],
        error_at=error,
        slope_at=Estimate(
            exponent.value * (1.0 - floor.value / error.value),
            exponent.draws * (1.0 - floor.draws / error.draws),
        ),
        miss=fit.miss(points.held_examples, points.held_losses),
    )


@cached_with
def _crossover(
    task: str, model: str, other: str, form: Form, above: float, seed: int, data: DataSet
) -> Crossover:
    pair = {name: fitted_curve(task, name, form, above, seed, data) for name in (model, other)}
    return compare_groups(pair).crossover(model, other, above=above or None)


def _named(crossing: Crossover, task: str, model: str, *, full: bool) -> Crossover:
    """The crossover in the task's unit, its architectures named with their sizes; the one in
    question in `full` only once.
    """
    known = ARCHITECTURES[task]
    words = {name: sized(known[name], known[model]) for name in (crossing.better, crossing.worse)}
    words[model] = sized(known[model]) if full or known[model].params is None else model
    return replace(
        crossing, better=words[crossing.better], worse=words[crossing.worse], quantity=UNITS[task]
    )


def sized(architecture: Architecture, against: Architecture | None = None) -> str:
    """The name with family and size, and the size relative to `against`."""
    if architecture.params is None:
        return architecture.title
    words = f"{in_words(architecture.params)} parameters"
    if against is not None and against.params is not None:
        ratio = architecture.params / against.params
        words += (
            f", {significant(ratio, 2)} times as many"
            if ratio >= 1
            else f", {significant(1 / ratio, 2)} times fewer"
        )
    return f"{architecture.name} ({architecture.family}, {words})"
