"""Kaplan's three panels on measured runs: loss against compute, parameters and tokens, and the
slope refitted beside Kaplan's.

Against compute: the runs on the lower envelope (each with a lower loss than all cheaper ones).
Against parameters or tokens: the runs that the other quantity limits least, by the law fitted to
their own set. Slopes are least squares of ln loss on ln x, one a set: tokenizer, text and the loss
measured differ between sets and from Kaplan's, so that slopes may be compared and levels may not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import BoolArray, FloatArray
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.fitting.training_runs import TrainingRuns
from forecasting.laws.chinchilla_law import ChinchillaLaw
from forecasting.laws.kaplan_law import KaplanLaw
from forecasting.laws.law_inputs import PF_DAY_FLOP
from forecasting.laws.published_laws import published_law
from forecasting.scaling.isoflop_surface import optimum_of
from forecasting.scaling.published_runs import published_runs
from forecasting.scaling.scaling_inputs import (
    FittedSetInputs,
    FreshRunsInputs,
    RunSetName,
    TrainingSet,
)
from forecasting.scenario import SeededInputs, quantity
from forecasting.stats.bands import Bands
from forecasting.stats.estimate import Estimate

Panel = Literal["compute", "params", "tokens"]
PANELS: tuple[Panel, ...] = ("compute", "params", "tokens")
SETS: tuple[RunSetName, ...] = ("chinchilla", "overtraining")
PANEL_WORDS: dict[Panel, str] = {
    "compute": "training compute",
    "params": "parameters",
    "tokens": "tokens",
}
#: What must not be the limit in a panel.
MIN_RUNS = 6
RESAMPLES = 1000
LEVEL = 0.9


class KaplanInputs(FreshRunsInputs, SeededInputs):
    """Inputs of Kaplan's panels."""

    panel: Panel = quantity("compute", unit="name", label="Loss against")
    limit_share: float = quantity(
        0.35,
        unit="1",
        label=(
            "Not limited: the other quantity makes up at most this share of the loss above the"
            " floor"
        ),
        why=(
            "Kaplan's L(N) and L(D) each hold with the other unlimited, which no measured run quite"
            " is. Below 0.3, hardly any runs are left."
        ),
        ge=0.05,
        le=0.5,
    )
    joint_params: float = quantity(
        1e12, unit="parameters", label="Joint law: parameters", ge=1.0, le=1e17
    )
    joint_tokens: float = quantity(
        1000.0,
        unit="tokens",
        label="Joint law: tokens",
        why="One example of a thousand tokens.",
        ge=1.0,
        le=1e19,
    )


@dataclass(frozen=True, eq=False)
class PanelSet:
    """One set of runs in one panel: `x` and `loss` of all its runs, `used` marks those fitted.

    `slope` is d ln loss / d ln x (below 0), the line ln loss = level + slope·ln x, `lines` its
    draws (draws, 2); the slope is None where fewer than MIN_RUNS runs of three sizes are left.
    `law` is the set's own Chinchilla law.
    """

    name: RunSetName
    title: str
    x: FloatArray
    loss: FloatArray
    used: BoolArray
    slope: Estimate | None
    level: float
    lines: FloatArray
    law: ChinchillaLaw
    panel: Panel

    def line(self, x: FloatArray) -> FloatArray:
        """The refitted line at `x`."""
        result: FloatArray = np.exp(
            self.level + (self.slope.value if self.slope else math.nan) * np.log(x)
        )
        return result

    def bands(self, x: FloatArray) -> Bands:
        """The bands of the refitted line at `x`."""
        return Bands.of_draws(x, np.exp(self.lines[:, :1] + self.lines[:, 1:] * np.log(x)))

    def unlimited(self, x: FloatArray) -> FloatArray:
        """The set's own law at `x`, the other quantities unlimited (against compute: at the
        optimum).
        """
        if self.panel == "compute":
            return np.asarray(self.law.loss_at_compute(x))
        return np.asarray(
            self.law.loss(x, np.inf) if self.panel == "params" else self.law.loss(np.inf, x)
        )

    @property
    def residuals(self) -> FloatArray:
        """ln(measured/line) of the runs used."""
        result: FloatArray = np.log(self.loss[self.used] / self.line(self.x[self.used]))
        return result


@dataclass(frozen=True, eq=False)
class KaplanPanels(Answered):
    """Kaplan's three lines beside measured runs: `sets` has the sets of each panel (compute,
    parameters, tokens).

    `joint_loss` is Kaplan's joint form at the scenario's model and data, `line_loss` the line L(N)
    alone; nats per token.
    """

    scenario: KaplanInputs
    kaplan: KaplanLaw
    sets: dict[Panel, tuple[PanelSet, ...]]
    joint_loss: float
    line_loss: float

    @property
    def shown(self) -> tuple[PanelSet, ...]:
        """The sets of the panel in view."""
        return self.sets[self.scenario.panel]

    def kaplan_slope(self, panel: Panel) -> float:
        """The slope of Kaplan's line, below 0."""
        lines = {
            "compute": self.kaplan.by_pf_days,
            "params": self.kaplan.by_params,
            "tokens": self.kaplan.by_tokens,
        }
        return -lines[panel].exponent

    def kaplan_line(self, x: FloatArray) -> FloatArray:
        """Kaplan's line of the panel in view at `x` (FLOP, parameters or tokens)."""
        if self.scenario.panel == "compute":
            return np.asarray(self.kaplan.by_pf_days.loss(x / PF_DAY_FLOP))
        return np.asarray(
            (
                self.kaplan.by_params if self.scenario.panel == "params" else self.kaplan.by_tokens
            ).loss(x)
        )

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a panel and set: the refitted slope with its 90% interval beside Kaplan's, from how
        many runs over what span.
        """
        rows = []
        for panel, sets in self.sets.items():
            for one in sets:
                low, high = one.slope.interval(LEVEL) if one.slope else (math.nan, math.nan)
                used = one.x[one.used]
                rows.append(
                    {
                        "loss_against": PANEL_WORDS[panel],
                        "runs": one.title,
                        "slope": one.slope.value if one.slope else math.nan,
                        "slope_q5": low,
                        "slope_q95": high,
                        "kaplan_slope": self.kaplan_slope(panel),
                        "runs_used": int(one.used.sum()),
                        "runs_of_set": one.x.size,
                        "from": float(used.min()) if used.size else math.nan,
                        "to": float(used.max()) if used.size else math.nan,
                    }
                )
        return pd.DataFrame(rows)


def kaplan_panels(scenario: KaplanInputs, *, data: DataOrContext | None = None) -> KaplanPanels:
    """The three panels for the Chinchilla and the over-training runs, each set by itself."""
    tables = context_of(data).data
    law = published_law("kaplan").law
    assert isinstance(law, KaplanLaw)
    sets = _sets(
        scenario.left_out, scenario.training_set, scenario.limit_share, scenario.seed, tables
    )
    return KaplanPanels(
        scenario=scenario,
        kaplan=law,
        sets=sets,
        joint_loss=law.loss(scenario.joint_params, scenario.joint_tokens),
        line_loss=law.by_params.loss(scenario.joint_params),
    )


@cached_with
def _sets(
    left_out: int, training_set: TrainingSet, limit_share: float, seed: int, data: DataSet
) -> dict[Panel, tuple[PanelSet, ...]]:
    """The sets of every panel; which runs are limited by what follows from the default fit of each
    set.
    """
    sets: dict[Panel, tuple[PanelSet, ...]] = dict.fromkeys(PANELS, ())
    for name in SETS:
        of_set = FittedSetInputs(
            run_set=name, left_out=left_out, training_set=training_set, seed=seed
        )
        reference, fitted = published_runs(of_set, data), optimum_of(of_set, data).law
        rng = np.random.default_rng(seed)
        for panel in PANELS:
            sets[panel] += (
                _panel_set(panel, name, reference.title, reference.runs, fitted, limit_share, rng),
            )
    return sets


def lower_envelope(flop: FloatArray, loss: FloatArray, among: BoolArray | None = None) -> BoolArray:
    """The runs with a lower loss than every cheaper one: a mask of shape (runs,).

    Parameters
    ----------
    flop, loss : array of floats, shape (runs,)
        Compute in FLOP and loss of each run.
    among : array of bools, shape (sets, runs), or None
        Sets of runs, each with an envelope of its own; the mask is then of this shape. None: all
        runs together.
    """
    order = np.lexsort((loss, flop))
    ordered = loss[order] if among is None else np.where(among[:, order], loss[order], np.inf)
    lowest = np.minimum.accumulate(ordered, axis=-1)
    before = np.concatenate([np.full_like(lowest[..., :1], np.inf), lowest[..., :-1]], axis=-1)
    member = np.empty(ordered.shape, dtype=np.bool_)
    member[..., order] = ordered < before
    return member


def _not_limited(
    panel: Panel, runs: TrainingRuns, law: ChinchillaLaw, limit_share: float
) -> BoolArray:
    """The runs in which the other quantity makes up at most `limit_share` of the loss above the
    floor.
    """
    by_params, by_tokens = law.A * runs.params**-law.alpha, law.B * runs.tokens**-law.beta
    other = by_tokens if panel == "params" else by_params
    mask: BoolArray = other <= limit_share * (by_params + by_tokens)
    return mask


def _panel_set(
    panel: Panel,
    name: RunSetName,
    title: str,
    runs: TrainingRuns,
    law: ChinchillaLaw,
    limit_share: float,
    rng: np.random.Generator,
) -> PanelSet:
    x = {"compute": runs.training_flop, "params": runs.params, "tokens": runs.tokens}[panel]
    used = (
        lower_envelope(x, runs.loss)
        if panel == "compute"
        else _not_limited(panel, runs, law, limit_share)
    )
    count, distinct = int(used.sum()), np.unique(x[used]).size
    if count < MIN_RUNS or distinct < 3:
        return PanelSet(
            name, title, x, runs.loss, used, None, math.nan, np.empty((0, 2)), law, panel
        )
    log_x, log_l = np.log(x), np.log(runs.loss)
    level, slope = _lines(log_x[used], log_l[used], np.ones((1, count)))[0]
    if panel == "compute":
        draws = _envelope_lines(x, log_x, runs.loss, rng)
    else:
        draws = _lines(log_x[used], log_l[used], rng.standard_exponential((RESAMPLES, count)))
    return PanelSet(
        name,
        title,
        x,
        runs.loss,
        used,
        Estimate(float(slope), draws[:, 1]),
        float(level),
        draws,
        law,
        panel,
    )


def _lines(x: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    """Weighted least squares of y on x, one line a row of weights: (level, slope) of each."""
    total = weights.sum(axis=1)
    mean_x, mean_y = weights @ x / total, weights @ y / total
    slope = (weights @ (x * y) - total * mean_x * mean_y) / np.maximum(
        weights @ x**2 - total * mean_x**2, 1e-300
    )
    return np.stack([mean_y - slope * mean_x, slope], axis=1)


def _envelope_lines(
    flop: FloatArray, log_x: FloatArray, loss: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """(level, slope) through the envelopes of resampled runs: which runs lie on it is part of the
    doubt.
    """
    rows = rng.integers(0, flop.size, (RESAMPLES, flop.size))
    drawn = np.zeros(rows.shape, dtype=np.bool_)
    np.put_along_axis(drawn, rows, True, axis=1)
    return _lines(log_x, np.log(loss), lower_envelope(flop, loss, drawn).astype(np.float64))
