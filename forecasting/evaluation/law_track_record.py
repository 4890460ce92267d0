"""How well have scaling laws told larger runs from smaller ones? Fit on the smaller runs, predict
the larger ones, over all bundled sets.

Run sets: the runs with the most compute are hidden, a fifth or a half of them. Learning curves:
those with more than half of the largest number of examples are hidden, as their authors do
(Alabdulmohsin et al. 2022). Errors are ln(predicted/measured) in percent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import ClassVar

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import BoolArray, FloatArray
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.data.shipped_results import ShippedResults
from forecasting.errors import ForecastingError
from forecasting.fitting.learning_curves import Form, fit_learning_curve
from forecasting.fitting.scaling_fit import fit_scaling_law
from forecasting.fitting.training_runs import TrainingRuns
from forecasting.laws.routing_law import fit_routing_law
from forecasting.scaling.curve_sets import ARCHITECTURES, curve_points
from forecasting.scaling.published_runs import TRAINING_SET_TITLES, published_runs
from forecasting.scaling.scaling_inputs import RunSetInputs
from forecasting.scenario import SeededInputs

HIDDEN_SHARES = (0.2, 0.5)
BOOTSTRAP = 100
FORMS: tuple[Form, ...] = ("M1", "M2", "M4")
LAW_FORMS = {
    "chinchilla": "E + A/N^α + B/D^β (Huber)",
    "shared exponent": "the same with α = β",
    "power of compute": "power law in compute, no floor",
    "no change": "the best loss so far continues",
}
#: Curves below this many examples are left out, as everywhere in this product.
MIN_EXAMPLES = {"vision": 5e7, "translation": 0.0}


class TriedLawsInputs(SeededInputs):
    """Inputs of scaling laws tried on larger runs: the seed of the bootstrap."""

    TABLES: ClassVar[tuple[str, ...]] = (
        "runs_chinchilla",
        "runs_overtraining",
        "runs_repeated_data",
        "runs_routed_vs_dense",
        "translation_learning_curves",
        "vision_learning_curves",
    )


#: The record of the released tables at seed 0.
SHIPPED = ShippedResults(__file__, "law_records.json", TriedLawsInputs.TABLES)


@dataclass(frozen=True)
class LawCheck:
    """One form tried on one set: how many runs it was fitted to and had to predict, and how far off
    it was.

    `reach_oom` is how far the largest hidden run lies beyond the largest fitted one (compute, or
    examples); errors are shares of the loss; `held` is the share of hidden runs inside the form's
    80% interval for a new run, None where the form has none.
    """

    kind: str
    runs: str
    form: str
    fitted: int
    hidden: int
    reach_oom: float
    median_error: float
    bias: float
    held: float | None


@dataclass(frozen=True)
class LawTrackRecord(Answered):
    """All checks, and the forms that could not be tried with the reason."""

    checks: tuple[LawCheck, ...]
    left_out: tuple[str, ...]

    def median_error_of(self, form: str, kind: str) -> float:
        """The median over sets of a form's median error."""
        return float(
            np.median(
                [
                    check.median_error
                    for check in self.checks
                    if check.form == form and check.kind == kind
                ]
            )
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a check; errors in percent of the loss."""
        return pd.DataFrame(
            {
                "kind": [check.kind for check in self.checks],
                "runs": [check.runs for check in self.checks],
                "form": [check.form for check in self.checks],
                "fitted": [check.fitted for check in self.checks],
                "hidden": [check.hidden for check in self.checks],
                "reach_oom": [check.reach_oom for check in self.checks],
                "median_error_percent": [100 * check.median_error for check in self.checks],
                "bias_percent": [100 * check.bias for check in self.checks],
                "held_by_80_percent_interval": [
                    np.nan if check.held is None else check.held for check in self.checks
                ],
            }
        )


def law_track_record(data: DataSet, seed: int = 0) -> LawTrackRecord:
    """Every bundled set of runs and of learning curves, every form."""
    checks: list[LawCheck] = []
    left_out: list[str] = []
    for name, check in checks_of(data, seed):
        try:
            checks.append(check())
        except ForecastingError as error:
            left_out.append(f"{name}: {error}")
    return LawTrackRecord(tuple(checks), tuple(left_out))


def tried_laws(scenario: TriedLawsInputs, *, data: DataOrContext | None = None) -> LawTrackRecord:
    """Scaling laws fitted to smaller runs and tried on larger ones."""
    return cached_law_track_record(scenario.seed, context_of(data).data)


@cached_with
def cached_law_track_record(seed: int, data: DataSet) -> LawTrackRecord:
    """The same, computed once a set of tables, or when they were released."""
    found = SHIPPED.of(data) if seed == 0 else None
    if found is None:
        return law_track_record(data, seed)
    return LawTrackRecord(
        tuple(LawCheck(**check) for check in found["checks"]), tuple(found["left_out"])
    )


_Named = tuple[str, Callable[[], LawCheck]]


def checks_of(data: DataSet, seed: int = 0) -> Iterator[_Named]:
    """Every check with its name, in the order of the record, not made yet."""
    yield from _run_sets(data, seed)
    yield from _routers(data)
    yield from _curves(data)


def _run_sets(data: DataSet, seed: int) -> Iterator[_Named]:
    sets = [RunSetInputs(run_set="chinchilla"), RunSetInputs(run_set="repeated")]
    sets += [
        RunSetInputs(run_set="overtraining", training_set=name) for name in TRAINING_SET_TITLES
    ]
    for one in sets:
        reference = published_runs(one, data)
        order = np.argsort(reference.runs.training_flop, kind="stable")
        for share in HIDDEN_SHARES:
            hidden = max(1, int(len(reference.runs) * share))
            kept, rest = (
                reference.runs.take(np.sort(order[:-hidden])),
                reference.runs.take(np.sort(order[-hidden:])),
            )
            title = f"{reference.title}, largest {share:.0%} hidden"
            for form in LAW_FORMS:
                yield f"{title}, {form}", partial(_run_check, kept, rest, title, form, seed)


def _run_check(
    kept: TrainingRuns, rest: TrainingRuns, title: str, form: str, seed: int
) -> LawCheck:
    held = None
    if form in ("chinchilla", "shared exponent"):
        bootstrap = BOOTSTRAP if form == "chinchilla" else 0
        fit = fit_scaling_law(
            kept, shared_exponent=form == "shared exponent", bootstrap=bootstrap, seed=seed
        )
        predicted = np.atleast_1d(fit.law.loss(rest.params, rest.tokens))
        if bootstrap:
            low, high = fit.forecast(rest.params, rest.tokens, kind="run", seed=seed).interval(0.8)
            held = float(np.mean((rest.loss >= low) & (rest.loss <= high)))
    elif form == "power of compute":
        slope, level = np.polyfit(np.log(kept.training_flop), np.log(kept.loss), 1)
        predicted = np.exp(level + slope * np.log(rest.training_flop))
    else:
        predicted = np.full(len(rest), float(kept.loss.min()))
    reach = float(np.log10(rest.training_flop.max() / kept.training_flop.max()))
    return _check("training runs", title, form, len(kept), predicted, rest.loss, reach, held)


def _routers(data: DataSet) -> Iterator[_Named]:
    table = data["runs_routed_vs_dense"]
    dense = table[table["router"] == "Dense"]
    for router in [name for name in table["router"].unique() if name != "Dense"]:
        rows = pd.concat([dense, table[table["router"] == router]])
        size = rows["dense_params"].to_numpy(dtype=np.float64)
        columns = [rows[name].to_numpy(dtype=np.float64) for name in ("experts", "loss_validation")]
        title = f"{router} routing, largest size hidden"

        yield title, partial(_routing_check, size, columns[0], columns[1], title)


def _routing_check(
    size: FloatArray, experts: FloatArray, losses: FloatArray, title: str
) -> LawCheck:
    largest = size == size.max()
    law = fit_routing_law(size[~largest], experts[~largest], losses[~largest])
    predicted = np.atleast_1d(law.loss(size[largest], experts[largest]))
    reach = float(np.log10(size.max() / size[~largest].max()))
    return _check(
        "routed models",
        title,
        "routing law",
        int((~largest).sum()),
        predicted,
        losses[largest],
        reach,
        None,
    )


def _curves(data: DataSet) -> Iterator[_Named]:
    for task, architectures in ARCHITECTURES.items():
        for name, architecture in architectures.items():
            points = curve_points(task, name, data)
            examples = np.concatenate([points.examples, points.held_examples])
            losses = np.concatenate([points.losses, points.held_losses])
            usable = examples >= MIN_EXAMPLES[task]
            examples, losses = examples[usable], losses[usable]
            fitted = examples <= examples.max() / 2.0
            for form in FORMS:
                title = f"{architecture.title} ({task})"
                yield (
                    f"{title}, {form}",
                    partial(_curve_check, examples, losses, fitted, title, form),
                )


def _curve_check(
    examples: FloatArray, losses: FloatArray, fitted: BoolArray, title: str, form: Form
) -> LawCheck:
    fit = fit_learning_curve(examples[fitted], losses[fitted], form=form, bootstrap=0)
    predicted = np.atleast_1d(fit.curve.loss(examples[~fitted]))
    reach = float(np.log10(examples.max() / examples[fitted].max()))
    return _check(
        "learning curves", title, form, int(fitted.sum()), predicted, losses[~fitted], reach, None
    )


def _check(
    kind: str,
    runs: str,
    form: str,
    fitted: int,
    predicted: FloatArray,
    measured: FloatArray,
    reach: float,
    held: float | None,
) -> LawCheck:
    errors = np.log(predicted / measured)
    return LawCheck(
        kind,
        runs,
        form,
        fitted,
        measured.size,
        reach,
        float(np.median(np.abs(errors))),
        float(np.mean(errors)),
        held,
    )
