"""Every uncertain input of a plan as draws over its years: each row is one possible future, the
same in all inputs.

inputs = plan_inputs(PlanScenario())
inputs.unique_tokens            # shape (draws, years)
inputs.at({"demand": 0.9})      # one future: the demand at its 90% quantile, everything else at its
                                median
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.compute_cost.chip_hours import SERVER_POWER_FACTOR, ChipHour
from forecasting.compute_cost.compute_price import (
    ComputePriceDraws,
    ComputePriceInputs,
    compute_price_draws,
    middle_mfu,
)
from forecasting.context import Context, DataOrContext, context_of, law_in_use
from forecasting.data.dataset import DataSet
from forecasting.data.inflation import price_level, price_year_in_use
from forecasting.data.result_cache import cached_with
from forecasting.errors import InputError
from forecasting.formatting import in_dollars, in_words, significant
from forecasting.inference.serving import H100_PEAK_FLOP_PER_S
from forecasting.laws.data_limited_quality import DataLimitedQuality
from forecasting.laws.law_draws import NAMES, LawDraws
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN
from forecasting.planning.answer_curve import AnswerCurve, answer_curve
from forecasting.planning.input_groups import (
    FIRST_YEAR,
    LAST_YEAR,
    FeasiblePlanInputs,
    PlanDrawInputs,
    PlanPriceInputs,
    RunConditionInputs,
    SplitInputs,
)
from forecasting.planning.planned_answers import (
    PlannedAnswers,
    agreed,
    answer_model,
    log_passes_limit,
    planned_answers,
)
from forecasting.planning.split_solver import LN10, SplitProblem, Splits, best_splits
from forecasting.planning.supplies import drawn_supply
from forecasting.stats.quantiles import quantile_of
from forecasting.stats.sampling import above_zero, stratified_normals
from forecasting.supply.chip_stock import run_h100
from forecasting.supply.site_power import run_watts
from forecasting.text_limits.text_stock import unique_text_draws
from forecasting.trends.trend import Trend, fit_trend
from forecasting.units import DAYS_PER_YEAR, SECONDS_PER_DAY, SECONDS_PER_HOUR, decimal_years

#: The order fixes each input's stream of normal deviates: add at the end only.
STREAMS = (
    "budget_growth",
    "demand_growth",
    "usd_per_chip_hour",
    "price_decline",
    "halving_months",
    "exchange_rate",
    "span_oom",
    "text_share",
    "own_tokens",
    "own_chips",
    "own_power_mw",
    "days_per_run",
)
#: Tokens a parameter of a first guess at a plan's sizes (Hoffmann et al. 2022).
TOKENS_PER_PARAM = 20.0
#: Quantiles of the demand for the money at which a plan's answers are found; draws lie between.
LOADS = (0.02, 0.2, 0.5, 0.8, 0.98)
#: Keeps the deviates apart from those of the forecasts of text, which start from the same
#: seed.
STREAM_KEY = 3120
#: Fields of PlanInputs that are not arrays with a row a draw.
NOT_DRAWN = ("years", "training_mfu", "laws", "answers")
#: Prices and text of a year are those of its middle.
MID_YEAR = 0.5
#: An H100's design power over its dense tensor FP16 peak (NVIDIA data sheet, 2022).
WATTS_PER_PEAK_FLOP_PER_S = 700.0 / H100_PEAK_FLOP_PER_S
#: Training compute at which a law's hunger for text is compared with that of other laws.
TYPICAL_FLOP = 1e26
#: The uncertain inputs by name, and the arrays that hold each.
INPUTS: Mapping[str, tuple[str, ...]] = {
    "price of compute": ("usd_per_training_flop",),
    "growth of the budget": ("budget_usd",),
    "growth of demand": ("requests",),
    "unique text": ("unique_tokens",),
    "scaling law": ("laws",),
    "pace of algorithms": ("log_gain",),
    "exchange rate": ("exchange_rate",),
    "span of the exchange": ("span_oom",),
    "chips and power": ("chips", "watts", "flop_per_s_per_chip", "flop_per_s_per_watt"),
    "days of a run": ("days",),
    "utilisation in answers": ("full_load_share",),
}
#: What of answers follows from the others: at the median of a future in which each is at its own.
OF_ANSWERS = (
    "mfu_input",
    "mfu_output",
    "log_params_served",
    "log_passes_served",
    "length_elasticity",
    "size_elasticity",
    "log_passes_limit",
)


@dataclass(frozen=True, eq=False)
class PlanInputs:
    """Draws by year. Of shape (draws, years): price of a training FLOP, unique text, budget,
    requests a year, log10 of the algorithmic gain since the first year, chips and watts that a
    run can have, training FLOP/s (MFU counted) of a chip and of a watt; MFU in answers (NaN where
    none were asked for), ln of the size and of the passes that this is for, the powers of the
    passes with which the price of a token written grows and of the size with which that of a
    parameter does, and ln of the passes that the time of an answer allows; of shape
    (draws,): exchange rate, span, days of a run, and what the MFU in answers is to be multiplied
    by: how full replicas run, and how far they may be from the model. `laws` holds one law a draw,
    `training_mfu` is the MFU that the price is drawn about, `answers` say how models are served
    (None where that is not needed).
    """

    years: FloatArray
    training_mfu: float
    laws: LawDraws
    usd_per_training_flop: FloatArray
    unique_tokens: FloatArray
    budget_usd: FloatArray
    requests: FloatArray
    log_gain: FloatArray
    chips: FloatArray
    watts: FloatArray
    flop_per_s_per_chip: FloatArray
    flop_per_s_per_watt: FloatArray
    exchange_rate: FloatArray
    span_oom: FloatArray
    days: FloatArray
    mfu_input: FloatArray
    mfu_output: FloatArray
    log_params_served: FloatArray
    log_passes_served: FloatArray
    length_elasticity: FloatArray
    size_elasticity: FloatArray
    log_passes_limit: FloatArray
    full_load_share: FloatArray
    answers: PlannedAnswers | None = None

    @property
    def count(self) -> int:
        """How many draws."""
        return int(self.exchange_rate.size)

    @property
    def chips_flop(self) -> FloatArray:
        """The training FLOP of a run that the chips allow."""
        result: FloatArray = (
            self.chips * self.flop_per_s_per_chip * (SECONDS_PER_DAY * self.days[:, None])
        )
        return result

    @property
    def power_flop(self) -> FloatArray:
        """The training FLOP of a run that the power allows."""
        result: FloatArray = (
            self.watts * self.flop_per_s_per_watt * (SECONDS_PER_DAY * self.days[:, None])
        )
        return result

    def rows(self, chosen: Any) -> PlanInputs:
        """These draws alone."""
        arrays = {
            f.name: getattr(self, f.name)[chosen] for f in fields(self) if f.name not in NOT_DRAWN
        }
        return PlanInputs(
            years=self.years,
            training_mfu=self.training_mfu,
            laws=_laws_of(self.laws, np.arange(self.count)[chosen]),
            answers=self.answers,
            **arrays,
        )

    def in_year(self, at: int) -> PlanInputs:
        """Year number `at` alone."""
        arrays = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in NOT_DRAWN}
        by_year = {name: array[:, at : at + 1] for name, array in arrays.items() if array.ndim == 2}
        answers = None if self.answers is None else self.answers.in_year(at)
        return replace(self, years=self.years[at : at + 1], answers=answers, **by_year)

    def at(self, quantiles: Mapping[str, float]) -> PlanInputs:
        """One future: each named input (of INPUTS) at its quantile in every year, the others at
        their medians.

        For laws it is the quantile of the compute-optimal tokens at TYPICAL_FLOP: how much text the
        law asks for.
        """
        values: dict[str, Any] = {
            "years": self.years,
            "training_mfu": self.training_mfu,
            "answers": self.answers,
        }
        for name, arrays in INPUTS.items():
            q = quantiles.get(name, 0.5)
            for array in arrays:
                if array == "laws":
                    # A law without a term for size or data is refused by what is made of it.
                    with np.errstate(divide="ignore", invalid="ignore"):
                        ranked = np.argsort(self.laws.optimal(TYPICAL_FLOP)[1], kind="stable")
                    values[array] = _laws_of(self.laws, ranked[[round(q * (self.count - 1))]])
                else:
                    values[array] = quantile_of(getattr(self, array), [q])
        for array in OF_ANSWERS:
            known = getattr(self, array)
            values[array] = known[:1] if self.answers is None else quantile_of(known, [0.5])
        return PlanInputs(**values)

    def index_of(self, name: str, at: int) -> FloatArray:
        """One number a draw that says whether input `name` turned out low or high in year number
        `at`.
        """
        array = INPUTS[name][0]
        if array == "laws":
            tokens: FloatArray = self.laws.optimal(TYPICAL_FLOP)[1]
            return tokens
        values: FloatArray = getattr(self, array)
        return values[:, at] if values.ndim == 2 else values


def plan_inputs(scenario: FeasiblePlanInputs, *, data: DataOrContext | None = None) -> PlanInputs:
    """Draw every input. Raises InputError where budget, demand and own cluster contradict each
    other.
    """
    context = context_of(data)
    inputs = drawn_inputs(scenario, data=context)
    chip = priced_chip_hour(scenario, context)
    _require_served(scenario, inputs, chip.chip, context.data)
    _require_own_cluster_paid(scenario, chip, inputs)
    inputs = with_answers(scenario, inputs, context)
    _require_in_time(scenario, inputs)
    return inputs


def with_answers(
    scenario: SplitInputs,
    inputs: PlanInputs,
    context: Context,
    solve: Callable[[PlanInputs], tuple[FloatArray, FloatArray]] | None = None,
) -> PlanInputs:
    """The same inputs with the utilisation in answers.

    Parameters
    ----------
    scenario : SplitInputs
        Where it comes from.
    inputs : PlanInputs
        The draws.
    context : Context
        The tables, and one's own prices.
    solve : callable or None
        ln N and ln k of the plan, by which draws go as their demand for the money does; None: those
        of the best split, for each draw its own.
    """
    shape = inputs.budget_usd.shape
    with_own = replace(
        inputs,
        mfu_input=np.full(shape, scenario.mfu_input),
        mfu_output=np.full(shape, scenario.mfu_output),
    )
    is_own = scenario.answer_mfu == "own"
    if is_own and not scenario.answer_time_limit_s:
        return with_own
    chip = priced_chip_hour(scenario, context).chip
    model, stands_in = answer_model(scenario, chip, context.data)
    served_at = partial(_served_at, scenario, answer_curve(model, context.data))
    best_of = solve or partial(_best_of, scenario)
    load = inputs.requests * inputs.usd_per_training_flop / inputs.budget_usd
    loads = quantile_of(load, LOADS)
    middle = with_own.at({}).rows(np.zeros(len(LOADS), dtype=np.intp))
    middle = replace(
        middle,
        requests=loads * middle.budget_usd / middle.usd_per_training_flop,
        full_load_share=np.full(len(LOADS), 1.0 if is_own else scenario.serving_utilisation.median),
    )
    affordable = np.minimum(
        0.5 * middle.budget_usd / middle.usd_per_training_flop,
        np.exp(log_ceiling(middle)).reshape(loads.shape),
    )
    guess = 0.5 * np.log(affordable / (FLOP_PER_PARAM_AND_TOKEN * TOKENS_PER_PARAM))
    of_loads = agreed(guess, lambda n, k: best_of(served_at(middle, n, k)))
    # Of each draw by its own load, between those of the same year.
    of_draws = (
        np.stack([np.interp(load[:, at], loads[:, at], x[:, at]) for at in range(shape[1])], axis=1)
        for x in of_loads
    )
    if not is_own:
        share = model.drawn_share(
            scenario.serving_utilisation, inputs.count, [scenario.seed, STREAM_KEY, 7]
        )
        with_own = replace(with_own, full_load_share=share)
    found = served_at(with_own, *of_draws)
    if solve is None:
        served = found.log_params_served, found.log_passes_served
        halfway = (0.5 * (x + y) for x, y in zip(served, best_of(found), strict=True))
        found = served_at(found, *halfway)
    medians = (np.median(x, axis=0) for x in (found.log_params_served, found.log_passes_served))
    return replace(found, answers=planned_answers(scenario, model, stands_in, *medians))


def _served_at(
    scenario: SplitInputs,
    curve: AnswerCurve,
    inputs: PlanInputs,
    log_params: FloatArray,
    log_passes: FloatArray,
) -> PlanInputs:
    """The same inputs where models of these ln sizes, thinking for so many passes (ln), are
    served.
    """
    at = curve.at(log_params, log_passes)
    served = replace(
        inputs,
        log_params_served=log_params,
        log_passes_served=log_passes,
        log_passes_limit=log_passes_limit(scenario, at.ttft_s, at.tpot_s),
    )
    if scenario.answer_mfu == "own":
        return served
    return replace(
        served,
        mfu_input=at.mfu_input,
        mfu_output=at.mfu_output,
        length_elasticity=at.length_elasticity,
        size_elasticity=at.size_elasticity,
    )


def _best_of(scenario: SplitInputs, inputs: PlanInputs) -> tuple[FloatArray, FloatArray]:
    shape = inputs.budget_usd.shape
    best = best_splits(split_problem(scenario, inputs), log_ceiling(inputs), is_rough=True)
    return best.n.reshape(shape), log_passes(inputs, best).reshape(shape)


def drawn_inputs(scenario: PlanDrawInputs, *, data: DataOrContext | None = None) -> PlanInputs:
    """Draw every input, whether or not they contradict each other."""
    context = context_of(data)
    n, years = scenario.draws, scenario.years
    shape = n, years.size
    normals = dict(
        zip(STREAMS, stratified_normals(len(STREAMS), n, [scenario.seed, STREAM_KEY]), strict=True)
    )
    rng = np.random.default_rng([scenario.seed, STREAM_KEY, 1])
    since = years - years[0]
    price = _price_paths(priced_by(scenario, context), context)
    usd_per_training_flop, mfu = price.usd_per_flop[:n, _place(years)], price.mfu[:n]
    if scenario.price == "own":
        hour = above_zero(scenario.usd_per_chip_hour, normals["usd_per_chip_hour"])
        decline = above_zero(scenario.price_decline, normals["price_decline"])[:, None] ** -since
        usd_per_training_flop = (hour / (SECONDS_PER_HOUR * price.chip_hour.peak_flop_per_s * mfu))[
            :, None
        ] * decline
    elif scenario.dollars == "nominal":
        usd_per_training_flop = usd_per_training_flop * dollars_of_year(scenario, context.data)
    growth = above_zero(scenario.budget_growth, normals["budget_growth"])[:, None]
    asked = above_zero(scenario.demand_growth, normals["demand_growth"])[:, None]
    halving = above_zero(scenario.halving_months, normals["halving_months"])[:, None] / 12.0
    per_chip, per_watt = _chip_rates(scenario, price, mfu, rng, context.data)
    return PlanInputs(
        years=years,
        # Failed runs and research make a trained FLOP dearer, and an answered one not: the
        # utilisation to which answers are compared falls as much as the price rises.
        training_mfu=training_mfu(scenario, context) / (1.0 + scenario.training_overhead),
        laws=_laws_drawn(law_in_use(scenario.law, context).draws, n, rng),
        usd_per_training_flop=usd_per_training_flop * (1.0 + scenario.training_overhead),
        unique_tokens=_unique_tokens(scenario, normals, context),
        budget_usd=_budgets(scenario, growth**since),
        requests=DAYS_PER_YEAR * scenario.requests_per_day * asked**since,
        log_gain=np.log10(2.0) * since / halving,
        chips=_chips(scenario, mfu, per_chip, normals["own_chips"], rng, context.data),
        watts=_watts(scenario, normals["own_power_mw"], rng, context.data),
        flop_per_s_per_chip=per_chip,
        flop_per_s_per_watt=per_watt,
        exchange_rate=np.maximum(scenario.exchange_rate.of_normal(normals["exchange_rate"]), 0.0),
        span_oom=np.maximum(scenario.span_oom.of_normal(normals["span_oom"]), 0.0),
        days=above_zero(scenario.days_per_run, normals["days_per_run"]),
        mfu_input=np.full(shape, np.nan),
        mfu_output=np.full(shape, np.nan),
        log_params_served=np.zeros(shape),
        log_passes_served=np.zeros(shape),
        length_elasticity=np.zeros(shape),
        size_elasticity=np.zeros(shape),
        log_passes_limit=np.full(shape, np.inf),
        full_load_share=np.ones(n),
    )


def _chips(
    scenario: PlanDrawInputs,
    mfu: FloatArray,
    flop_per_s_per_chip: FloatArray,
    normals: FloatArray,
    rng: np.random.Generator,
    data: DataSet,
) -> FloatArray:
    """The chips of the kind in use that a run can have; of the stock in the middle of a year."""
    if scenario.chips_from == "stock":
        years = scenario.years + MID_YEAR
        h100 = run_h100(scenario, years, scenario.draws, scenario.seed, data)
        rate = mfu[:, None] * H100_PEAK_FLOP_PER_S
        result: FloatArray = h100 * (rate / flop_per_s_per_chip)
        return result
    source, own = scenario.chips_from, scenario.own_chips
    return drawn_supply("chips", source, own, scenario.years, normals, rng, data)


def _watts(
    scenario: PlanDrawInputs, normals: FloatArray, rng: np.random.Generator, data: DataSet
) -> FloatArray:
    """The power that a run can have, in W; of sites that in the middle of a year."""
    source = scenario.power_from
    if source in ("site", "owner"):
        years = scenario.years + MID_YEAR
        return run_watts(scenario, source, years, scenario.draws, scenario.seed, data)
    own = scenario.own_power_mw
    return drawn_supply("power", source, own, scenario.years, normals, rng, data)


def _budgets(scenario: PlanDrawInputs, growth: FloatArray) -> FloatArray:
    """The budget of each draw and year, from what it is of the first year's."""
    budgets: FloatArray = scenario.budget_usd * growth
    if scenario.budget_for == "all_years":
        budgets = budgets / growth.sum(axis=1, keepdims=True)
    return budgets


def dollars_of_year(scenario: PlanDrawInputs, data: DataSet) -> FloatArray:
    """Nominal dollars of each year of the plan for a dollar of the price year, by consumer prices,
    and by the scenario's inflation after the last complete year.
    """
    known = price_year_in_use(None, data)
    after = np.maximum(scenario.years - known, 0.0)
    level = (
        price_level(np.minimum(scenario.years, known), data) * (1.0 + scenario.inflation) ** after
    )
    result: FloatArray = level / price_level(price_year_in_use(scenario.price_year, data), data)
    return result


def training_mfu(scenario: RunConditionInputs, context: Context) -> float:
    """The MFU of training that a plan uses: one's own, or the scenario's."""
    return middle_mfu(scenario.mfu_train, RunConditionInputs.defaults()["mfu_train"], context)


def priced_by(scenario: PlanPriceInputs, context: Context) -> ComputePriceInputs:
    """What the price of a plan's compute depends on, at that MFU."""
    mfu = training_mfu(scenario, context)
    return (
        scenario.price_inputs
        if mfu == scenario.mfu_train
        else scenario.price_inputs.replaced(mfu=mfu)
    )


def priced_chip_hour(scenario: PlanPriceInputs, context: Context) -> ChipHour:
    """The chip-hour that a plan's prices start from: its chip, price, date and basis."""
    return _price_paths(priced_by(scenario, context), context).chip_hour


def _price_paths(scenario: ComputePriceInputs, context: Context) -> ComputePriceDraws:
    """Prices in the middle of every year that a plan may have: one set of paths, whatever the
    plan's horizon.

    Cached with the data set, or with the context where that has prices of its own.
    """
    where = context.without_user_data() if context.prices is None else context
    years = np.arange(FIRST_YEAR, LAST_YEAR + 1, dtype=np.float64) + MID_YEAR
    return where.results.get(
        ("prices of plans", scenario), lambda: compute_price_draws(scenario, years, data=where)
    )


def _place(years: FloatArray) -> slice:
    """Where a plan's years stand among all."""
    return slice(int(years[0]) - FIRST_YEAR, int(years[-1]) - FIRST_YEAR + 1)


def split_problem(scenario: SplitInputs, inputs: PlanInputs) -> SplitProblem:
    """The rows that the solver takes, draw by draw and year by year. A model's training is paid
    over its lifetime.

    Where the price of a token grows with the length to the power e, the solver's k is k^(1 + e),
    with span and exchange rate to match; `log_passes` turns it back.
    """
    years = inputs.years.size
    price = inputs.usd_per_training_flop.ravel()
    requests = inputs.requests.ravel()
    elasticity = inputs.length_elasticity.ravel()
    steeper = 1.0 + elasticity
    by_size = inputs.size_elasticity.ravel()
    price_of_answers = inputs.training_mfu / np.repeat(inputs.full_load_share, years)
    with np.errstate(divide="ignore"):
        per_token = np.log(2.0 * requests * price) - by_size * inputs.log_params_served.ravel()
        return SplitProblem(
            quality=DataLimitedQuality.of_draws(
                _laws_of(inputs.laws, np.repeat(np.arange(inputs.count), years)),
                inputs.unique_tokens.ravel(),
            ),
            log_budget=np.log(inputs.budget_usd.ravel()),
            log_train=np.log(FLOP_PER_PARAM_AND_TOKEN * price / scenario.model_lifetime_years),
            log_input=per_token
            + np.log(scenario.tokens_in * price_of_answers / inputs.mfu_input.ravel()),
            log_output=per_token
            + np.log(scenario.tokens_out * price_of_answers / inputs.mfu_output.ravel())
            - elasticity * inputs.log_passes_served.ravel(),
            size_elasticity=by_size,
            exchange_rate=np.repeat(inputs.exchange_rate, years) / steeper,
            log_span=np.minimum(
                np.repeat(inputs.span_oom, years) * LN10,
                np.maximum(inputs.log_passes_limit.ravel(), 0.0),
            )
            * steeper
            * (requests * scenario.tokens_out > 0.0),
        )


def log_passes(inputs: PlanInputs, splits: Splits) -> FloatArray:
    """ln of the passes an answer, a row of the solver each."""
    result: FloatArray = splits.log_k / (1.0 + inputs.length_elasticity.ravel())
    return result


def near_splits(inputs: PlanInputs) -> tuple[FloatArray, FloatArray] | None:
    """ln N and the solver's ln k of the models whose utilisation is taken, a row of the solver
    each: near the best; None where utilisation is given.
    """
    if inputs.answers is None:
        return None
    steeper = 1.0 + inputs.length_elasticity
    return inputs.log_params_served.ravel(), (inputs.log_passes_served * steeper).ravel()


def log_ceiling(inputs: PlanInputs) -> FloatArray:
    """ln of the training FLOP that chips and power allow, a row of the solver each."""
    result: FloatArray = np.log(np.minimum(inputs.chips_flop, inputs.power_flop)).ravel()
    return result


def _laws_of(laws: LawDraws, rows: Any) -> LawDraws:
    return LawDraws(*(getattr(laws, name)[rows] for name in NAMES))


def _laws_drawn(laws: LawDraws, count: int, rng: np.random.Generator) -> LawDraws:
    """`count` laws, each of the draws as often as the next."""
    rounds = -(-count // len(laws))
    return _laws_of(
        laws, np.concatenate([rng.permutation(len(laws)) for _ in range(rounds)])[:count]
    )


def _unique_tokens(
    scenario: PlanDrawInputs, normals: Mapping[str, FloatArray], context: Context
) -> FloatArray:
    shape = (scenario.draws, scenario.years.size)
    if scenario.text == "unlimited":
        return np.full(shape, np.inf)
    if scenario.text == "own":
        return np.broadcast_to(
            above_zero(scenario.own_tokens, normals["own_tokens"])[:, None], shape
        )
    public = unique_text_draws(
        scenario.text_stock, scenario.years + MID_YEAR, draws=scenario.draws, data=context
    )
    share: FloatArray = np.minimum(above_zero(scenario.text_share, normals["text_share"]), 1.0)[
        :, None
    ]
    return public * share


@cached_with
def _chip_trend(data: DataSet) -> Trend:
    """Dense tensor FP16 rate of ML chips over time: how chips get faster."""
    table = data["ml_chips"]
    rated = table["tensor_fp16_flop_per_s"].notna() & table["release_date"].notna()
    return fit_trend(
        decimal_years(table[rated]["release_date"].to_numpy()),
        table[rated]["tensor_fp16_flop_per_s"].to_numpy(),
        method="ols",
    )


@cached_with
def _design_watts(chip: str, data: DataSet) -> float:
    """The design power of a chip; NaN where it is not known."""
    table = data["ml_chips"]
    known = table[(table["chip"] == chip) & table["tdp_watts"].notna()]["tdp_watts"]
    return float(known.iloc[0]) if len(known) else float("nan")


def _chip_rates(
    scenario: PlanDrawInputs,
    price: ComputePriceDraws,
    mfu: FloatArray,
    rng: np.random.Generator,
    data: DataSet,
) -> tuple[FloatArray, FloatArray]:
    """Training FLOP/s of a chip and of a watt, by year: those of the chip in use, growing as ML
    chips have.
    """
    chip = price.chip_hour
    since = np.maximum(scenario.years + MID_YEAR - chip.date, 0.0)
    _, faster = _chip_trend(data).draw_lines(scenario.draws, rng)
    rate = mfu[:, None] * chip.peak_flop_per_s
    watts = _design_watts(chip.chip, data)
    # Where a chip's design power is not known, that of an H100 per FLOP/s stands in.
    watts_per_peak = (
        (watts / chip.peak_flop_per_s if np.isfinite(watts) else WATTS_PER_PEAK_FLOP_PER_S)
        * SERVER_POWER_FACTOR
        * scenario.pue
    )
    per_chip: FloatArray = rate * 10.0 ** np.multiply.outer(faster, since)
    per_watt: FloatArray = (
        mfu[:, None]
        / watts_per_peak
        * 10.0 ** np.multiply.outer(price.energy_slopes[: scenario.draws], since)
    )
    return per_chip, per_watt


def _require_served(
    scenario: FeasiblePlanInputs, inputs: PlanInputs, priced_chip: str, data: DataSet
) -> None:
    """Refuse a plan that in some year can't serve the smallest model to the demand once, in half of
    the draws.
    """
    mfu_input, mfu_output = scenario.mfu_input, scenario.mfu_output
    if scenario.answer_mfu == "model":
        model = answer_model(scenario, priced_chip, data)[0]
        speed = model.speed(scenario.least_params)
        if not speed.is_within:
            raise InputError(
                "tpot_limit_ms",
                scenario.tpot_limit_ms,
                f"Not even the smallest acceptable model is that fast on {model.chip.name} at"
                f" {model.precision}: a token takes at least {_up(1e3 * float(speed.least_tpot_s))}"
                " ms. Allow more than that.",
            )
        busy = scenario.serving_utilisation.median
        mfu_input, mfu_output = busy * float(speed.mfu_input), busy * float(speed.mfu_output)
    per_param = np.median(
        2.0
        * inputs.requests
        * inputs.usd_per_training_flop
        * inputs.training_mfu
        * (scenario.tokens_in / mfu_input + scenario.tokens_out / mfu_output)
        / inputs.budget_usd,
        axis=0,
    )
    share = per_param * scenario.least_params
    if not np.any(share > 1.0):
        return
    at = int(np.argmax(share > 1.0))
    year = int(inputs.years[at])
    budget = float(np.median(inputs.budget_usd[:, at]))
    asked = float(np.median(inputs.requests[:, at])) / DAYS_PER_YEAR
    parameter = "budget_usd" if at == 0 else "demand_growth"
    seen = scenario.budget_usd if at == 0 else scenario.demand_growth
    raise InputError(
        parameter,
        in_dollars(float(seen)) if isinstance(seen, float) else str(seen),
        f"In {year}, {in_dollars(budget)} per year can't serve {in_words(asked)} requests per day,"
        f" even with the smallest model allowed ({in_words(scenario.least_params)} parameters): use"
        f" at most {in_words(asked / float(share[at]), 2)} per day, or more than"
        f" {in_dollars(budget * float(share[at]), 2)} per year.",
    )


def _require_in_time(scenario: SplitInputs, inputs: PlanInputs) -> None:
    """Refuse a time of an answer in which a plan's models can't write one, at the median of all
    inputs.
    """
    if inputs.answers is None:
        return
    answers, chip = inputs.answers, inputs.answers.model.chip.name
    asked = np.median(inputs.requests, axis=0) > 0.0
    short = asked & (answers.log_passes_limit < 0.0)
    if short.any():
        at = int(np.argmax(short))
        needed = answers.ttft_s[at] + max(scenario.tokens_out, 1.0) * answers.tpot_s[at]
        raise InputError(
            "answer_time_limit_s",
            scenario.answer_time_limit_s,
            f"In {int(inputs.years[at])} an answer of one pass takes {_up(needed)} s on {chip}:"
            " allow at least that, fewer tokens per answer or less time per token.",
        )


def _up(value: float) -> str:
    """A number to three digits, rounded up."""
    step = 10.0 ** (math.floor(math.log10(value)) - 2)
    return significant(math.ceil(value / step) * step, 3)


def _require_own_cluster_paid(scenario: SplitInputs, chip: ChipHour, inputs: PlanInputs) -> None:
    """Refuse an own cluster whose one run would cost more than the first year's budget."""
    if scenario.chips_from != "own":
        return
    run_usd = (
        np.median(inputs.chips_flop[:, 0] * inputs.usd_per_training_flop[:, 0])
        / scenario.model_lifetime_years
    )
    budget = float(np.median(inputs.budget_usd[:, 0]))
    if run_usd <= budget:
        return
    chips, days = float(np.median(inputs.chips[:, 0])), float(np.median(inputs.days))
    raise InputError(
        "own_chips",
        in_words(chips),
        f"A run of {in_words(days, 2)} days on {chip.chip} chips costs"
        f" {in_dollars(float(run_usd), 2)}, more than the {in_dollars(budget)} of"
        f" {int(inputs.years[0])}: use at most {in_words(chips * budget / float(run_usd), 2)}"
        " chips, a shorter run or a larger budget.",
    )
