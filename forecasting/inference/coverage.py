"""What do more tries at a problem buy? Coverage against samples: what was counted, and what two
laws make of it beyond.

The band is drawn half from the power law and half from the beta-binomial, each fitted anew to
resampled problems, so that it holds their disagreement as well as the chance of the problems.
Neither law is right: on the seven Pythia sizes, from 100 tries a problem, they miss coverage at
10,000 by a few points (benchmarks/repeated_sampling.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.context import Context, DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.errors import InputError
from forecasting.inference.coverage_laws import (
    BetaBinomial,
    CoveragePowerLaw,
    fit_beta_binomial,
    fit_power_law,
    fit_scaled_beta_binomial,
)
from forecasting.inference.repeated_sampling import coverage_of, tries_grid
from forecasting.inference.sampled_model import OWN_COUNTS, SampledModelInputs
from forecasting.ingest.sample_counts import ProblemCounts, bundled_counts
from forecasting.scenario import SeededInputs, quantity
from forecasting.stats.bands import Bands, Range, quantile_columns

REPLICATES, MIN_REPLICATES = 300, 40
#: With more different counts than this, fewer replicates are drawn, so that the time of a fit stays
#: bounded.
MAX_PAIRS_IN_FULL = 500
#: The laws are followed this many times beyond the tries that they have seen.
BEYOND = 100.0
#: A resampling of fewer problems says little.
FEW_PROBLEMS = 20
LAW_TITLES = {"power": "power law", "beta": "beta-binomial", "scaled": "scaled beta-binomial"}


class CoverageInputs(SampledModelInputs, SeededInputs):
    """Inputs of coverage against tries."""

    tries_seen: int = quantity(
        10_000,
        unit="tries",
        label="Tries per problem used for the fit",
        why=("With fewer than were made, the rest tests the laws: predicted against counted."),
        ge=10,
        le=100_000_000,
    )
    target_coverage: float = quantity(
        0.95,
        unit="share",
        label="Share of problems to be solved",
        why="By at least one of the tries.",
        gt=0.0,
        lt=1.0,
    )
    usd_per_try: float = quantity(
        0.0072,
        unit="USD",
        label="Cost per try",
        why="DeepSeek-Coder-V2 on an issue of SWE-bench Lite, $0.0072 per try: Brown et al. 2024.",
        gt=0.0,
        le=1e6,
    )


@dataclass(frozen=True, eq=False)
class Coverage(Answered):
    """The share of problems that at least one of so many tries solves: as counted, and by laws
    beyond what was tried.

    `counted` has a share for each of `tries` (all of `counts`); the laws `power`, `beta` and
    `scaled` are fitted to `seen`, the tries that they may see. `bands` are shares over `extended`
    tries, from resampled problems. `tries_for_target` is how many the scenario's share takes, with
    its 80% range, `tries_by_law` the same by each law alone; infinite where it is never reached.
    """

    scenario: CoverageInputs
    counts: ProblemCounts
    seen: ProblemCounts
    tries: FloatArray
    counted: FloatArray
    extended: FloatArray
    bands: Bands
    power: CoveragePowerLaw
    beta: BetaBinomial
    scaled: BetaBinomial
    tries_for_target: Range
    tries_by_law: dict[str, float]

    @property
    def most_seen(self) -> float:
        """The tries a problem that the laws have seen."""
        return float(self.seen.fewest_samples)

    @property
    def usd_for_target(self) -> Range:
        """What the tries for the target cost, in USD a problem."""
        return self.tries_for_target.times(self.scenario.usd_per_try, "USD")

    @property
    def laws(self) -> dict[str, CoveragePowerLaw | BetaBinomial]:
        """The fitted laws by name."""
        return {"power": self.power, "beta": self.beta, "scaled": self.scaled}

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a number of tries: counted coverage where there were as many, each law, the
        quantiles of the band; shares.
        """
        return self._rows(np.unique(np.concatenate([self.tries, self.extended])))

    @cached_property
    def milestones(self) -> pd.DataFrame:
        """The same at 1, 10, 100, … tries."""
        return self._rows(
            10.0 ** np.arange(0.0, np.floor(np.log10(self.extended[-1]) + 1e-9) + 1.0)
        )

    def _rows(self, k: FloatArray) -> pd.DataFrame:
        whole = (k == np.floor(k)) & (k <= self.counts.fewest_samples)
        counted = np.full(k.size, np.nan)
        counted[whole] = coverage_of(self.counts, k[whole])
        columns: dict[str, object] = {"tries_per_problem": k, "counted_share": counted}
        columns |= {f"{name}_share": law.coverage(k)[0] for name, law in self.laws.items()}
        ends = [
            np.interp(np.log(k), np.log(self.extended), row, left=np.nan, right=np.nan)
            for row in self.bands.values
        ]
        columns |= quantile_columns("band_share", np.array(ends))
        return pd.DataFrame(columns).assign(usd_per_problem=k * self.scenario.usd_per_try)


def coverage(scenario: CoverageInputs, *, data: DataOrContext | None = None) -> Coverage:
    """Coverage of the scenario's model, or of own counts where `sampled_model` is “own”, with laws
    fitted to the tries they may see.
    """
    context = context_of(data)
    counts = counts_of(scenario, context)
    key = ("laws of coverage", scenario.sampled_model, scenario.tries_seen, scenario.seed)
    # The laws do not depend on the target: moving that must not fit them again.
    fits = context.results.get(
        key, lambda: _fitted(counts, scenario.tries_seen, np.random.default_rng(scenario.seed))
    )
    target = scenario.target_coverage
    needed = np.ceil(
        np.concatenate([fits.drawn_power.samples_for(target), fits.drawn_beta.samples_for(target)])
    )
    return Coverage(
        scenario=scenario,
        counts=counts,
        seen=fits.seen,
        tries=fits.tries,
        counted=fits.counted,
        extended=fits.bands.x,
        bands=fits.bands,
        power=fits.power,
        beta=fits.beta,
        scaled=fits.scaled,
        tries_for_target=Range.of_draws(needed, "tries"),
        tries_by_law={
            name: float(law.samples_for(target)[0])
            for name, law in (("power", fits.power), ("beta", fits.beta), ("scaled", fits.scaled))
        },
    )


@dataclass(frozen=True, eq=False)
class _Fits:
    """What follows from the counts alone."""

    seen: ProblemCounts
    power: CoveragePowerLaw
    beta: BetaBinomial
    scaled: BetaBinomial
    drawn_power: CoveragePowerLaw
    drawn_beta: BetaBinomial
    bands: Bands
    tries: FloatArray
    counted: FloatArray


def _fitted(counts: ProblemCounts, tries_seen: int, rng: np.random.Generator) -> _Fits:
    most = counts.fewest_samples
    seen = counts if tries_seen >= most else counts.thinned(tries_seen, rng)
    power, beta, scaled = (
        fit_power_law(seen),
        fit_beta_binomial(seen),
        fit_scaled_beta_binomial(seen),
    )
    different = np.unique(np.column_stack([seen.samples, seen.correct]), axis=0).shape[0]
    replicates = int(
        np.clip(REPLICATES * MAX_PAIRS_IN_FULL / different, MIN_REPLICATES, REPLICATES)
    )
    weights = rng.multinomial(
        len(seen), np.full(len(seen), 1.0 / len(seen)), 2 * replicates
    ).astype(np.float64)
    weights = weights[
        weights @ (seen.correct > 0.0) > 0.0
    ]  # a resample in which nothing is solved has no law
    drawn_power, drawn_beta = (
        fit_power_law(seen, weights[::2]),
        fit_beta_binomial(seen, weights[1::2]),
    )
    extended = np.geomspace(1.0, max(float(most), BEYOND * seen.fewest_samples), 61)
    draws = np.vstack([drawn_power.coverage(extended), drawn_beta.coverage(extended)])
    tries = tries_grid(most, 41)
    return _Fits(
        seen=seen,
        power=power,
        beta=beta,
        scaled=scaled,
        drawn_power=drawn_power,
        drawn_beta=drawn_beta,
        bands=Bands.of_draws(extended, draws),
        tries=tries,
        counted=coverage_of(counts, tries),
    )


def other_curves(
    scenario: CoverageInputs, *, data: DataOrContext | None = None
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Tries and counted coverage of every bundled size, smallest first."""
    del scenario
    tables = context_of(data).data
    curves = {}
    for model in by_size(tables):
        counts = bundled_counts(model, tables)
        tries = tries_grid(counts.fewest_samples, 41)
        curves[model] = (tries, coverage_of(counts, tries))
    return curves


def law_errors(scenario: CoverageInputs, *, data: DataOrContext | None = None) -> pd.DataFrame:
    """The spread between models: how far each law, shown `seen` tries a problem, misses what was
    counted at the most tries.
    """
    tables = context_of(data).data
    rng = np.random.default_rng(scenario.seed)
    rows = []
    for model in by_size(tables):
        counts = bundled_counts(model, tables)
        most = np.array([float(counts.fewest_samples)])
        seen = counts.thinned(min(scenario.tries_seen, 100), rng)
        truth = float(coverage_of(counts, most)[0])
        row: dict[str, object] = {
            "model": model,
            "tries_seen": seen.fewest_samples,
            "tries": most[0],
            "counted_pct": 100 * truth,
        }
        for name, law in (("power", fit_power_law(seen)), ("beta", fit_beta_binomial(seen))):
            row[f"{name}_law_error_points"] = 100 * (float(law.coverage(most)[0, 0]) - truth)
        rows.append(row)
    return pd.DataFrame(rows)


def by_size(data: DataSet) -> tuple[str, ...]:
    """The models of the counts, smallest first."""
    names = [str(name) for name in data["repeated_sampling_counts"]["model"].unique()]
    return tuple(sorted(names, key=params_of))


def params_of(model: str) -> float:
    """Parameters by the size in a model's name: “Pythia 2.8B” has 2.8e9."""
    size = model.rsplit(" ", 1)[-1]
    return float(size[:-1]) * {"M": 1e6, "B": 1e9}[size[-1]]


def counts_of(scenario: SampledModelInputs, context: Context) -> ProblemCounts:
    """The counts that the scenario names: a bundled size's, or one's own, `context.counts`. Raises
    InputError where there are none.
    """
    if scenario.sampled_model != OWN_COUNTS:
        return bundled_counts(scenario.sampled_model, context.data)
    if context.counts is None:
        raise InputError(
            "sampled_model",
            OWN_COUNTS,
            "No counts of your own are in this session: give them below, or choose a model.",
        )
    return context.counts
