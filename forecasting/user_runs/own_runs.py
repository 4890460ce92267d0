"""My runs: their law with intervals, what to buy with a budget, what a big run would reach, and how
the published laws do on them.

    own_runs(scenario, data=Context(bundled(), runs=read_runs("my_runs.csv")))

Without own runs the bundled example is fitted. Dollars become FLOP at the price of rented compute
(compute_cost).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray, IntArray
from forecasting.compute_cost import price_fields
from forecasting.compute_cost.compute_price import (
    ComputePriceDraws,
    ComputePriceInputs,
    compute_price_draws,
)
from forecasting.compute_cost.price_fields import PriceMethod
from forecasting.context import Context, DataOrContext, context_of
from forecasting.errors import ForecastingError, InputError
from forecasting.fitting import fit_fields
from forecasting.fitting.fit_warnings import undetermined
from forecasting.fitting.law_choice import chinchilla_runs
from forecasting.fitting.next_run import NextRun, next_run
from forecasting.fitting.power_law_fit import LossFunction
from forecasting.fitting.scaling_fit import ScalingFit, fit_scaling_law
from forecasting.fitting.training_runs import TrainingRuns
from forecasting.fitting.warning_kinds import FitWarning
from forecasting.formatting import in_words
from forecasting.laws import size_fields
from forecasting.laws.chinchilla_law import ChinchillaLaw
from forecasting.laws.law_draws import NAMES, LawDraws
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN
from forecasting.laws.published_laws import published_laws
from forecasting.laws.repeated_data_law import RepeatedDataLaw
from forecasting.scenario import Scenario, SeededInputs, quantity
from forecasting.stats.bands import Bands, Range
from forecasting.user_runs.big_run import LEVEL, BigRun, about, big_run, compute_optimal_tokens

ALL_GROUPS = 0
#: Tokens that the big run may have.
SMALLEST_TARGET_TOKENS, LARGEST_TARGET_TOKENS = 1e3, 1e19
#: The curve of the law is drawn from the smallest compute of the runs to the largest that is asked
#: about, at so many places.
CURVE_POINTS = 60
#: Groups compared side by side, and the resamples that each may take.
MAX_GROUPS, GROUP_RESAMPLES = 12, 1000
#: How much larger the next run may be than the largest, where nothing is said: a run within those
#: done tells little that is new.
TIMES_LARGEST = 10
#: Beyond these a law says nothing.
LARGEST_COUNT, LARGEST_LOSS = 1e30, 1e6
EXAMPLE_TITLES = {
    "chinchilla": "Chinchilla (Hoffmann et al. 2022, as read by Besiroglu et al. 2024)",
    "overtraining": "Over-training (Gadre et al. 2024), C4 loss",
    "repeated": "Repeated data (Muennighoff et al. 2023)",
}


class RunFitInputs(SeededInputs):
    """Which runs are fitted, and how. The runs of one's own are no input: they stand beside the
    tables, and never in a link.
    """

    TABLES: ClassVar[tuple[str, ...]] = (
        "runs_chinchilla",
        "runs_overtraining",
        "runs_repeated_data",
    )

    example: Literal["chinchilla", "overtraining", "repeated"] = quantity(
        "chinchilla",
        unit="name",
        label="Example",
        why="Runs included with the product, fitted until you load your own.",
    )
    group: int = quantity(
        ALL_GROUPS,
        unit="number",
        label="Group",
        why=(
            "From the group column of your file, such as an architecture or data set. Links contain"
            " its number, not its name; 0 means all runs."
        ),
        ge=0,
        le=20_000,
    )
    loss_function: LossFunction = fit_fields.loss_function()
    delta: float = fit_fields.delta()
    resample_by: Literal["row", "params", "tokens", "group"] = quantity(
        "row",
        unit="name",
        label="Resample by",
        why="Runs that share a size or a group share errors: resample those as a whole.",
    )
    resamples: int = fit_fields.resamples(4000, most=20_000)


class BigRunInputs(RunFitInputs):
    """The big run whose loss is asked for."""

    target_params: float = size_fields.params("Big run: parameters")
    target_by: Literal["tokens", "ratio", "optimum"] = quantity(
        "tokens",
        unit="name",
        label="Its tokens",
        why=(
            "As a number, as a ratio to the parameters, or the tokens for which this size is"
            " compute-optimal by the law."
        ),
    )
    target_tokens: float = size_fields.tokens("Big run: tokens")
    target_tokens_per_param: float = quantity(
        20.0,
        unit="1",
        label="Big run: tokens per parameter",
        why="About Chinchilla's ratio, Hoffmann et al. 2022.",
        ge=1e-3,
        le=1e7,
    )


class OwnRunsInputs(BigRunInputs):
    """Inputs of the law of own runs, of the best use of a budget and of the big run."""

    TABLES: ClassVar[tuple[str, ...]] = (
        "chip_rental_prices",
        "chip_rental_prices_2026",
        "gpu_prices",
        "ml_chips",
        "us_consumer_prices",
    )

    budget_in: Literal["usd", "flop"] = quantity("usd", unit="name", label="Budget in")
    budget_usd: float = quantity(1e6, unit="USD", label="Budget", gt=0, le=1e15)
    budget_flop: float = quantity(
        1e23,
        unit="FLOP",
        label="Budget",
        why="6 FLOP per parameter and token (Kaplan et al. 2020).",
        ge=1e12,
        le=1e33,
    )
    year: int = quantity(
        2026,
        unit="year",
        label="Year of spending",
        why="Rented compute gets cheaper year by year.",
        ge=2020,
        le=2045,
    )
    price_method: PriceMethod = price_fields.price_method()
    cluster_chips: int = quantity(
        1024,
        unit="chips",
        label="Chips of the cluster",
        why="How many chips the big run trains on at once.",
        ge=1,
        le=100_000_000,
    )


class NextOwnRunInputs(BigRunInputs):
    """Inputs of the run to do next."""

    next_flop: float | None = quantity(
        None,
        unit="FLOP",
        label="Compute for one more run",
        why=(
            f"The compute that the next experiment may take; by default, {TIMES_LARGEST} times that"
            " of the largest of these runs."
        ),
        ge=1e12,
        le=1e30,
    )


class RunsScenario(NextOwnRunInputs, OwnRunsInputs, Scenario):
    """Inputs of all forecasts from own runs."""

    NAME: ClassVar[str] = "runs"
    VERSION: ClassVar[int] = 3
    #: Version 3 projects prices by the method whose bands are set by many series.
    PREVIOUS_DEFAULTS: ClassVar[Mapping[int, Mapping[str, Any]]] = {
        1: {"next_flop": 1e21},
        2: {"price_method": "calibrated"},
    }


@dataclass(frozen=True, eq=False)
class LawComparison:
    """How a published law does on the runs: its root mean square error of ln loss, its bias, and
    its optimum at the budget.
    """

    title: str
    law: ChinchillaLaw
    error: float
    bias: float
    params: float
    tokens: float
    loss: float


@dataclass(frozen=True, eq=False)
class RunsFit:
    """The law fitted to runs: `frame` has those of the group asked for, a row each, `title` says
    what they are, `groups` names all groups that they have, and `places` hold where each stands in
    the table of all runs, from 0. Compute is what the runs' own column training_flop counts, 6·N·D
    where there is none.
    """

    frame: pd.DataFrame = field(repr=False)
    fit: ScalingFit
    groups: tuple[str, ...]
    title: str
    places: IntArray = field(repr=False)


@dataclass(frozen=True, eq=False)
class RunsForecast(RunsFit, BigRun, Answered):
    """The law of the runs and what follows from it: the best use of a budget, what one big run
    would reach, and published laws beside it.

    `budget_flop` is the budget as compute (a range when it was money); `params`, `tokens` and
    `loss` its best use. Ranges hold 80%, losses are in `loss_unit`. `curve` is the range of the
    least loss over compute and `least_loss` that of the law itself; `is_example` says that the runs
    are not the user's.
    """

    scenario: OwnRunsInputs
    is_example: bool
    budget_flop: Range
    params: Range
    tokens: Range
    loss: Range
    curve: Bands = field(repr=False)
    least_loss: FloatArray = field(repr=False)
    comparisons: tuple[LawComparison, ...]
    loss_unit: str = "nats per token"

    @property
    def law(self) -> ChinchillaLaw:
        """The fitted law."""
        return self.fit.law

    @property
    def group_name(self) -> str:
        """The group that was fitted, "" for all together."""
        return "" if self.scenario.group == ALL_GROUPS else self.groups[self.scenario.group - 1]

    @cached_property
    def undetermined(self) -> str:
        """Why the runs determine no law to compute with, and what to do; empty where they do."""
        why = undetermined(self.fit)
        return "" if why is None else why.sentence

    @property
    def standing(self) -> tuple[LawComparison, ...]:
        """The laws that can be held against the runs: this fit, if it determines one, and the
        published ones.
        """
        return self.comparisons[1:] if self.undetermined else self.comparisons

    @cached_property
    def warnings(self) -> tuple[FitWarning, ...]:
        """What to know before trusting this, the big run included."""
        return self.fit.warnings_for(self.target_params, self.target_tokens)

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a run: sizes, measured and fitted loss, and by how much they differ."""
        fitted = np.atleast_1d(self.law.loss(self.fit.runs.params, self.fit.runs.tokens))
        table = self.frame.copy()
        table["fitted_loss"] = fitted
        table["residual_percent"] = 100.0 * (self.fit.runs.loss / fitted - 1.0)
        return table.rename(
            columns={"loss": "loss_nats_per_token", "tokens": "tokens", "params": "params"}
        )

    @cached_property
    def coefficients(self) -> pd.DataFrame:
        """A row a coefficient: estimate, 80% and 95% interval."""
        rows = [
            (
                name,
                float(getattr(self.law, name)),
                *self.fit.interval(name, 0.8),
                *self.fit.interval(name, 0.95),
            )
            for name in (*NAMES, "params_exponent", "gamma")
        ]
        return pd.DataFrame(
            rows, columns=["coefficient", "estimate", "low_80", "high_80", "low_95", "high_95"]
        )


#: A fit to many runs takes fewer resamples to stay within this, and says so.
MAX_SECONDS = 5.0


def fitted_runs(scenario: RunFitInputs, *, data: DataOrContext | None = None) -> RunsFit:
    """The fit alone, cached with the context until a setting of the fit changes."""
    context = context_of(data)
    inputs = RunFitInputs.of(scenario)
    return context.results.get(("own fit", inputs), lambda: _fitted(inputs, context))


def _fitted(scenario: RunFitInputs, context: Context) -> RunsFit:
    frame, title = _runs(scenario, context)
    groups = run_groups(scenario, context)
    places = np.arange(len(frame))
    if scenario.group != ALL_GROUPS:
        if scenario.group > len(groups):
            known = (
                f"groups 1 to {len(groups)}, or 0 for all together"
                if groups
                else "0: the runs have no groups"
            )
            raise InputError("group", scenario.group, f"Use {known}.")
        places = np.flatnonzero(frame["group"].astype(str) == groups[scenario.group - 1])
        frame = frame.iloc[places].reset_index(drop=True)
    if scenario.resample_by == "group" and not groups:
        raise ForecastingError(
            "The runs have no column of groups: resample by row, parameters or tokens."
        )
    columns = ("params", "tokens", "loss", "group", "training_flop")
    runs = TrainingRuns.of(frame[[name for name in columns if name in frame]])
    optimum = context.results.get(
        ("own optimum", scenario.example, scenario.group, scenario.loss_function, scenario.delta),
        lambda: fit_scaling_law(
            runs, delta=scenario.delta, loss_function=scenario.loss_function, bootstrap=0
        ),
    )
    fit = optimum.resampled(
        scenario.resamples,
        bootstrap_by=scenario.resample_by,
        most_seconds=MAX_SECONDS,
        seed=scenario.seed,
    )
    return RunsFit(frame, fit, groups, title, places)


def own_runs(scenario: OwnRunsInputs, *, data: DataOrContext | None = None) -> RunsForecast:
    """The law of the context's runs (`data.runs`), or of the example; raises what the fit
    raises.
    """
    context = context_of(data)
    fitted = fitted_runs(scenario, data=context)
    fit = fitted.fit
    flop_draws = _budget_flop(scenario, context)
    product = fit.product_flop(flop_draws)
    laws = fit.draws
    flop = product[np.arange(len(laws)) % product.size]
    params, tokens, loss = best_use(laws, flop)
    big = big_run(
        fit,
        scenario.target_params,
        target_tokens(scenario, fit),
        _price_draws(scenario, context),
        scenario.cluster_chips,
        seed=scenario.seed,
    )
    typical = float(np.median(flop_draws))
    best_params, best_tokens, best_loss = (
        float(each[0])
        for each in best_use(LawDraws.of_law(fit.law), np.array([float(np.median(product))]))
    )
    return RunsForecast(
        **{each.name: getattr(big, each.name) for each in fields(big)},
        frame=fitted.frame,
        fit=fit,
        groups=fitted.groups,
        title=fitted.title,
        places=fitted.places,
        scenario=scenario,
        is_example=context.runs is None,
        budget_flop=Range.of_draws(flop_draws, "FLOP"),
        params=about(best_params, params, "parameters"),
        tokens=about(best_tokens, tokens, "tokens"),
        loss=about(best_loss, loss, "nats per token"),
        curve=(curve := _curve(big.target_flop, fit, typical)),
        least_loss=_least_loss(LawDraws.of_law(fit.law), fit.product_flop(curve.x))[0],
        comparisons=_comparisons(fit, float(np.median(product))),
        loss_unit=context.runs.loss_unit if context.runs is not None else "nats per token",
    )


def run_groups(scenario: RunFitInputs, context: Context) -> tuple[str, ...]:
    """The names of the groups, in order; none without a column of groups."""
    frame, _ = _runs(scenario, context)
    return tuple(sorted({str(name) for name in frame["group"]})) if "group" in frame else ()


def group_table(scenario: RunFitInputs, *, data: DataOrContext | None = None) -> pd.DataFrame:
    """The law of each group of runs side by side, with 80% intervals; groups of too few runs are
    named without one.
    """
    groups = fitted_runs(scenario.replaced(group=ALL_GROUPS), data=data).groups
    rows = []
    for number, name in enumerate(groups[:MAX_GROUPS], start=1):
        row: dict[str, str] = {"Group": name}
        try:
            fit = fitted_runs(
                scenario.replaced(group=number, resamples=min(scenario.resamples, GROUP_RESAMPLES)),
                data=data,
            ).fit
        except ForecastingError as error:
            rows.append({**row, "Runs": "–", "E": str(error)})
            continue
        row["Runs"] = f"{len(fit.runs):,}"
        for coefficient, title in (
            ("E", "E"),
            ("alpha", "α"),
            ("beta", "β"),
            ("gamma", "Loss falls as compute to −"),
        ):
            low, high = fit.interval(coefficient, LEVEL)
            row[title] = f"{fit.estimate(coefficient).value:.3g} ({low:.3g} to {high:.3g})"
        rows.append(row)
    return pd.DataFrame(rows).fillna("")


def next_run_advice(scenario: NextOwnRunInputs, *, data: DataOrContext | None = None) -> NextRun:
    """The affordable run that would tell most about the big one; see next_run. Raises
    ForecastingError where the runs determine no law.
    """
    fit = fitted_runs(scenario, data=data).fit
    if why := undetermined(fit):
        raise ForecastingError(why.sentence)
    return next_run(
        fit,
        budget_flop=next_flop(scenario, fit),
        target_params=scenario.target_params,
        target_tokens=target_tokens(scenario, fit),
    )


def target_tokens(scenario: BigRunInputs, fit: ScalingFit) -> float:
    """The tokens of the big run: as given, by their ratio to the parameters, or the best ones for
    them by the law; raises InputError where these are none that a run could have.
    """
    if scenario.target_by == "ratio":
        return scenario.target_params * scenario.target_tokens_per_param
    if scenario.target_by == "tokens" or undetermined(fit):
        return scenario.target_tokens
    tokens = float(compute_optimal_tokens(LawDraws.of_law(fit.law), scenario.target_params)[0])
    least, most = SMALLEST_TARGET_TOKENS, LARGEST_TARGET_TOKENS
    if not least <= tokens <= most:
        raise InputError(
            "target_by",
            "optimum",
            f"The law's best tokens for {in_words(scenario.target_params)} parameters lie outside"
            f" {in_words(least)} to {in_words(most)}: give tokens or a ratio.",
        )
    return tokens


def next_flop(scenario: NextOwnRunInputs, fit: ScalingFit) -> float:
    """What the next run may cost in FLOP."""
    return (
        TIMES_LARGEST * float(fit.runs.training_flop.max())
        if scenario.next_flop is None
        else scenario.next_flop
    )


def best_use(
    laws: LawDraws, training_flop: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Parameters, tokens and loss of the best split of `training_flop`, one of each a law.

    A law that runs do not pin down may put all compute on one side: then a size is 0 or infinite,
    not an error.
    """
    log_product = np.log(training_flop / FLOP_PER_PARAM_AND_TOKEN)
    with np.errstate(all="ignore"):
        params = np.exp(laws.log_G + laws.params_exponent * log_product)
        tokens = np.exp(log_product) / params
        loss = laws.E + laws.K * training_flop**-laws.gamma
    return tuple(np.where(np.isnan(each), np.inf, each) for each in (params, tokens, loss))  # type: ignore[return-value]


def _runs(scenario: RunFitInputs, context: Context) -> tuple[pd.DataFrame, str]:
    """The session's own runs, or the example's."""
    if context.runs is not None:
        return context.runs.table, "Your runs"
    title = EXAMPLE_TITLES[scenario.example]
    if scenario.example == "chinchilla":
        runs = chinchilla_runs(context.data)
        frame = pd.DataFrame(
            {
                "params": runs.params,
                "tokens": runs.tokens,
                "training_flop": runs.training_flop,
                "loss": runs.loss,
            }
        )
        return frame, title
    if scenario.example == "repeated":
        table = context.data["runs_repeated_data"]
        # Tokens seen more than four times no longer count in full (Muennighoff et al. 2023): such
        # runs follow another law.
        table = table[table["epochs"] <= 4.0].reset_index(drop=True)
        frame = table[["params", "tokens", "unique_tokens", "loss"]].copy()
    else:
        table = context.data["runs_overtraining"].reset_index(drop=True)
        frame = table[["params", "tokens"]].assign(
            loss=table["loss_c4"], group=table["training_set"]
        )
    frame.insert(2, "training_flop", FLOP_PER_PARAM_AND_TOKEN * frame["params"] * frame["tokens"])
    return frame.dropna(subset=["params", "tokens", "loss"]).reset_index(drop=True), title


def _budget_flop(scenario: OwnRunsInputs, context: Context) -> FloatArray:
    if scenario.budget_in == "flop":
        return np.array([scenario.budget_flop])
    draws = _price_draws(scenario, context).usd_per_flop[:, 0]
    result: FloatArray = scenario.budget_usd / draws
    return result


def _price_draws(scenario: OwnRunsInputs, context: Context) -> ComputePriceDraws:
    """Draws of the price of rented compute in the middle of the scenario's year."""
    return context.results.get(
        ("price of compute", scenario.year, scenario.seed, scenario.price_method),
        lambda: compute_price_draws(
            ComputePriceInputs(seed=scenario.seed, price_method=scenario.price_method),
            np.array([scenario.year + 0.5]),
            data=context,
        ),
    )


def _curve(target_flop: float, fit: ScalingFit, budget_flop: float) -> Bands:
    first = float(fit.runs.training_flop.min())
    last = max(float(fit.runs.training_flop.max()), min(target_flop, 1e33), budget_flop) * 2.0
    flop = np.exp(np.linspace(math.log(min(first, budget_flop)), math.log(last), CURVE_POINTS))
    return Bands.of_draws(flop, _least_loss(fit.draws.thinned(1000), fit.product_flop(flop)))


def _least_loss(laws: LawDraws, flop: FloatArray) -> FloatArray:
    with np.errstate(all="ignore"):
        losses = laws.loss_at_compute(flop)
    return np.where(np.isfinite(losses), np.minimum(losses, LARGEST_LOSS), LARGEST_LOSS)


def _comparisons(fit: ScalingFit, budget_flop: float) -> tuple[LawComparison, ...]:
    found = []
    for entry in published_laws().values():
        law = entry.law.base if isinstance(entry.law, RepeatedDataLaw) else entry.law
        if isinstance(law, ChinchillaLaw):
            found.append(_compared(entry.title, law, fit, budget_flop))
    return (_compared("This fit", fit.law, fit, budget_flop), *found)


def _compared(title: str, law: ChinchillaLaw, fit: ScalingFit, budget_flop: float) -> LawComparison:
    errors = np.log(np.atleast_1d(law.loss(fit.runs.params, fit.runs.tokens)) / fit.runs.loss)
    params, tokens, loss = (
        float(each[0]) for each in best_use(LawDraws.of_law(law), np.array([budget_flop]))
    )
    error = float(np.sqrt(np.mean(errors**2)))
    return LawComparison(title, law, error, float(np.median(errors)), params, tokens, loss)
