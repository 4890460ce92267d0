"""Plans in words: the plan itself, its goal, generations, clusters and what matters to it."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from forecasting.answers import answer_of, answers_of
from forecasting.formatting import in_dollars, in_words, range_in_words, significant
from forecasting.planning.best_split import BestSplit
from forecasting.planning.cluster import ClusterResult
from forecasting.planning.generations import NEEDS, STEPS_AHEAD, Generations
from forecasting.planning.goal_seek import GoalResult
from forecasting.planning.plan import LIMITS, PlanResult, years_in_words
from forecasting.planning.plan_backtest import CUTOFFS, PlanBacktest
from forecasting.planning.value_of_information import WhatMatters
from forecasting.reporting.answer_mfu_notes import time_binds_words
from forecasting.stats.bands import Range


@answer_of.register
def best_split_answer(result: BestSplit) -> str:
    """The split in one sentence."""
    return (
        f"{in_dollars(result.budget_usd)} is best spent on a model of {in_words(result.params)}"
        f" parameters trained on {in_words(result.tokens)} tokens ({in_words(result.epochs, 2)}"
        f" epochs), with {in_words(result.answer_compute, 2)}× the compute of one pass for each"
        f" answer: {result.train_share:.0%} into training, {1 - result.train_share:.0%} into"
        " inference."
    )


LONGEST_SENSIBLE_DAYS = 450.0


@answer_of.register
def cluster_result_answer(result: ClusterResult) -> str:
    """Days, power and cost in one sentence."""
    rented = (
        "no vendor's rental price is known"
        if math.isnan(result.rent_usd_per_chip_hour)
        else f"{in_dollars(result.rented_run_usd, 2)} rented"
    )
    return (
        f"{in_words(result.chips)} × {result.chip} run"
        f" {in_words(result.scenario.cluster_flop)} FLOP in {significant(result.days, 2)} days at"
        f" {significant(result.watts / 1e6, 2)} MW; the"
        f" run costs {in_dollars(result.owned_run_usd, 2)} on owned chips (the cluster itself"
        f" {in_dollars(result.upfront_usd, 2)}) and {rented}."
    )


@answers_of.register
def cluster_result_answers(result: ClusterResult) -> tuple[str, str]:
    """The sentences that the page begins with."""
    return result.answer, cluster_advice(result)


def cluster_advice(result: ClusterResult) -> str:
    """Own or rent, and how the cluster stands among the largest."""
    date, amount, name = result.largest_so_far
    if math.isfinite(result.break_even_months):
        own = (
            f"Buying beats renting after {significant(result.break_even_months, 2)} months of"
            " full use. "
        )
    else:
        own = ""
    long = (
        ""
        if result.days <= LONGEST_SENSIBLE_DAYS
        else "So long a run would be overtaken by a later start on better chips. "
    )
    if result.chips <= amount:
        size = (
            f"The largest run known so far used {in_words(amount)} chips ({name},"
            f" {math.floor(date)})."
        )
    else:
        ends = " to ".join(
            "never" if math.isinf(x) else str(math.floor(x))
            for x in (result.year_by_trend.low, result.year_by_trend.high)
        )
        size = (
            f"The largest runs reach so many chips about {math.floor(result.year_by_trend.value)}"
            f" by their trend (80% range {ends})."
        )
    least = (
        result.owned_run_usd
        if math.isnan(result.rented_run_usd)
        else min(result.owned_run_usd, result.rented_run_usd)
    )
    budget = result.scenario.budget_usd
    dear = (
        f"Even so the run costs more than the plan's {in_dollars(budget)} of"
        f" {result.scenario.first_year}. "
        if least > budget
        else ""
    )
    return own + dear + long + size


NEED_WORDS = {"text": "text", "power": "power", "chips": "chips", "money": "money"}


@answer_of.register
def generations_answer(result: Generations) -> str:
    """Length of a generation, what it means, and what runs out first, in one sentence."""
    factor = f"{result.scenario.generation_factor:g}"
    ends = {need: result.runs_out(need, "compute") for need in NEEDS}
    fate = "; ".join(
        f"{_joined([NEED_WORDS[need] for need in needs])}"
        f" {'falls' if needs != ['chips'] and len(needs) == 1 else 'fall'} short of the"
        f" {step.name} ({step_years(step.date)})"
        for step in result.ladder("compute")
        if (needs := [need for need in NEEDS if ends[need] is step])
    )
    lasts = range_in_words(result.lasts_years.low, result.lasts_years.high, "{:.1f}".format)
    return (
        f"A generation of {factor}× the compute takes {result.lasts_years.value:.1f} years (80%"
        f" range {lasts}) and means {result.step_params:.1f}× the parameters on"
        f" {result.step_tokens:.1f}× the text, not {factor}× of everything;"
        f" {fate or f'text, power, chips and money last for the {STEPS_AHEAD} steps ahead'}."
    )


def step_years(date: Range) -> str:
    """When a step is due: “in 2026”, or “about 2029, 80% range 2028 to 2029”."""
    low, value, high = (str(math.floor(year)) for year in (date.low, date.value, date.high))
    return f"in {value}" if low == high else f"about {value}, 80% range {low} to {high}"


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def goal_words(result: GoalResult) -> str:
    """The goal in words."""
    if result.scenario.goal == "loss":
        return f"a loss of {significant(result.scenario.goal_loss, 4)} nats per token"
    return f"the quality of a run of {in_words(result.scenario.goal_flop)} FLOP"


@answer_of.register
def goal_result_answer(result: GoalResult) -> str:
    """Budget and cheapest year in one sentence."""
    year = result.scenario.goal_year
    if not math.isfinite(result.by_year.value):
        return (
            f"{goal_words(result)[:1].upper()}{goal_words(result)[1:]} is out of reach in {year}"
            f" whatever the budget, in {1 - result.reachable:.0%} of the futures drawn: text,"
            " chips or power, or the law itself, end before."
        )
    high = "out of reach" if math.isinf(result.by_year.high) else in_dollars(result.by_year.high, 2)
    return (
        f"{goal_words(result)[:1].upper()}{goal_words(result)[1:]} takes about"
        f" {in_dollars(result.by_year.value, 2)} a year in {year} (80% range"
        f" {in_dollars(result.by_year.low, 2)} to {high}){_cheapest_words(result)}."
    )


def _cheapest_words(result: GoalResult) -> str:
    first, last = result.scenario.first_year, result.scenario.last_year
    if first == last:
        return ""
    low, high = (year_words(year) for year in (result.cheapest.low, result.cheapest.high))
    ends = "" if low == high else f" (80% range {low} to {high})"
    if result.cheapest.value == last:
        return (
            f"; even counting what delay costs, it goes on getting cheaper to {last}, where the"
            f" plan ends{ends}"
        )
    return (
        f"; counting what delay costs, the cheapest year of {first} to {last} to train it is"
        f" {year_words(result.cheapest.value)}{ends}"
    )


@answers_of.register
def goal_result_answers(result: GoalResult) -> tuple[str, str]:
    """The sentences that the page begins with."""
    return result.answer, wait_answer(result)


def wait_answer(result: GoalResult) -> str:
    """Train now or wait, in a few words: both from the budgets needed, so that they agree with
    them.
    """
    longest = result.longest_run_days
    if result.scenario.first_year == result.scenario.last_year:
        return _wait_words(result)  # one year has no pace of progress
    ends = range_in_words(longest.low, longest.high, partial(significant, digits=2))
    return (
        f"{_wait_words(result)} Apart from this goal, no run should take longer than"
        f" {significant(longest.value, 2)} days (80% range {ends}): one started later, on"
        " cheaper compute and with better algorithms, would overtake it."
    )


def _wait_words(result: GoalResult) -> str:
    first, last = result.scenario.first_year, result.scenario.last_year
    if np.isinf(result.needed.values).all():
        return (
            f"Waiting does not help by {last}, where the plan ends: no budget reaches it in any"
            " year."
        )
    budget, growth = in_dollars(result.scenario.budget_usd), result.scenario.budget_growth
    if result.reached.value == first:
        return (
            f"Do not wait: {budget} a year is enough in"
            f" {first}{_first_years(result.reached, last)}."
        )
    when = _first_years(result.reached, last)
    if math.isinf(result.reached.value):
        said = f"With {budget} a year it is not reached by {last}, where the plan ends{when}"
    else:
        said = (
            f"With {budget} a year wait until {result.reached.value:.0f}{when}: only then does"
            " what it needs fall to that"
        )
    if growth.low == growth.high == 1.0 or first == last:
        return f"{said}."
    grown = result.reached_growing
    when = f"not by {last}" if math.isinf(grown.value) else f"in {grown.value:.0f}"
    return (
        f"{said}; with the plan's budget, which {'grows' if growth.high > 1.0 else 'shrinks'},"
        f" {when}{_first_years(grown, last)}."
    )


def year_words(year: float) -> str:
    """A year; an infinite one never comes."""
    return "never" if math.isinf(year) else f"{year:.0f}"


def _first_years(figure: Range, last_year: int) -> str:
    """The 80% range of a first year in brackets; nothing where its ends agree."""
    return "" if figure.low == figure.high else f" (80% range {years_in_words(figure, last_year)})"


LIMIT_WORDS = {"budget": "money", "text": "text", "power": "power", "chips": "the number of chips"}


#: From so many epochs on most of what is trained on are repeats, and the answer says so.
MOSTLY_REPEATS = 2.0


@answer_of.register
def plan_result_answer(result: PlanResult) -> str:
    """What to train this year, where the split should go, and what binds when, in one sentence
    with ranges.
    """
    return (
        f"{_what_to_train(result)}; {_where_the_split_goes(result)}{_what_binds(result)}"
        f"{time_binds_words(result)}."
    )


def _what_to_train(result: PlanResult) -> str:
    year = int(result.years[0])
    params, tokens, share = (
        result.range_at(name, year) for name in ("params", "tokens", "inference_share")
    )
    sizes = range_in_words(params.low, params.high, partial(in_words, digits=2))
    often = result.range_at("epochs", year).value
    unique = in_words(result.range_at("unique_tokens", year).value, 2)
    seen = (
        f" ({unique} different ones, each seen about {significant(often, 2)} times)"
        if often >= MOSTLY_REPEATS
        else ""
    )
    model = (
        f"In {year} train {in_words(params.value, 2)} parameters (80% range {sizes}) on"
        f" {in_words(tokens.value, 2)} tokens{seen}"
    )
    budget = in_dollars(result.scenario.budget_usd)
    if result.scenario.requests_per_day == 0.0:
        return f"{model} with all of the {budget}, since there are no requests to answer"
    return (
        f"{model} with {1.0 - share.value:.0%} of the {budget} and spend {share.value:.0%} on"
        " inference"
    )


def _where_the_split_goes(result: PlanResult) -> str:
    first, last = int(result.years[0]), int(result.years[-1])
    if first == last or result.scenario.requests_per_day == 0.0:
        return ""
    now, later = result.range_at("inference_share", first), result.range_at("inference_share", last)
    change = later.value - now.value
    course = (
        f"stay there until {last}"
        if abs(change) < 0.005
        else f"{'rise' if change > 0 else 'fall'} to {later.value:.0%} by {last}"
    )
    ends = range_in_words(later.low, later.high, "{:.0%}".format)
    flat = (
        f"; keeping {first}'s split would most likely cost next to nothing"
        if result.keeps_for_nothing
        else ""
    )
    return f"{_budget_words(result)}, that share should {course} ({ends}{flat}); "


def _budget_words(result: PlanResult) -> str:
    growth = result.scenario.budget_growth
    if growth.low == growth.high == 1.0:
        return "with the same budget every year"
    pace = range_in_words(growth.low, growth.high, partial(significant, digits=3))
    return f"as the budget {'shrinks to' if growth.high < 1.0 else 'grows'} {pace}× a year"


def _what_binds(result: PlanResult) -> str:
    found, last = result.first_limit, int(result.years[-1])
    if found is not None:
        limit, year = found
        when = "already in" if year == int(result.years[0]) else "from about"
        starts = result.starts[limit]
        begins = "" if starts.low == starts.high else f" (80% range {years_in_words(starts, last)})"
        return f"{LIMIT_WORDS[limit]} most likely binds first, {when} {year}{begins}"
    chances = sorted(
        ((result.binding[at, -1], LIMIT_WORDS[name]) for at, name in enumerate(LIMITS) if at),
        reverse=True,
    )
    others = ", ".join(f"{words} {chance:.0%}" for chance, words in chances if chance >= 0.005)
    if result.binding[0, -1] >= 0.5:
        return f"money is what binds through {last}" + (
            f" (chance that something else does by then: {others})" if others else ""
        )
    return f"by {last} something other than money most likely binds ({others})"


@answer_of.register
def plan_backtest_answer(result: PlanBacktest) -> str:
    """How far plans were off, cut-off by cut-off, in one sentence."""
    parts: list[str] = []
    for cutoff, _, _ in CUTOFFS:
        runs = result.of_cutoff(cutoff)
        tokens = float(np.exp(np.mean([math.log(run.tokens_ratio) for run in runs])))
        size = float(np.exp(np.mean([math.log(run.params_ratio) for run in runs])))
        plan = (
            f"the plan of {math.floor(cutoff)} asks"
            if not parts
            else f"that of {math.floor(cutoff)}"
        )
        parts.append(f"{plan} for {_off(tokens)} tokens and {_off(size)} parameters")
    most = max(result.runs, key=lambda run: run.trained_tokens / run.trained_params)
    ratio = most.trained_tokens / most.trained_params
    return (
        f"For the compute really spent, {parts[0]} than were then trained;"
        f" {'; '.join(parts[1:])}. {most.model} has {ratio:.0f} tokens a parameter, which no"
        " plan for training alone foresees: they pay off once the model answers about"
        f" {in_words(most.served_tokens, 2)} tokens."
    )


def _off(ratio: float) -> str:
    if 1.0 / 1.25 < ratio < 1.25:
        return "about as many"
    return (
        f"{significant(ratio if ratio > 1.0 else 1.0 / ratio, 2)}×"
        f" {'more' if ratio > 1.0 else 'fewer'}"
    )


@answer_of.register
def what_matters_answer(result: WhatMatters) -> str:
    """What moves the split most, and what is most worth knowing, in one sentence."""
    ranked = result.ranked("inference_share")
    if not ranked:
        return f"No input of this plan has a range that moves the split of {result.year}."
    first = ranked[0]
    ends = sorted((first.low["inference_share"], first.high["inference_share"]))
    dearest = max(result.inputs, key=lambda each: each.worth_oom)
    if dearest.worth_oom < 0.0005:
        known = (
            "knowing any input exactly before the split is fixed is worth next to nothing,"
            " since quality is flat near the best split"
        )
    else:
        known = (
            f"most worth knowing is the {dearest.name}: {significant(dearest.worth_oom, 2)}"
            f" orders of magnitude of training compute, {more_budget(dearest.worth_usd)}"
        )
    return (
        f"What moves the split of {result.year} most: {first.name} (best share of inference"
        f" {ends[0]:.0%} or {ends[1]:.0%} at the ends of its 80% range, all else at its"
        f" median{_beside_the_plan(result)}); {known}."
    )


def _beside_the_plan(result: WhatMatters) -> str:
    middle, median = (
        f"{each['inference_share']:.0%}" for each in (result.middle, result.plan_median)
    )
    if middle == median:
        return ""
    return (
        f"; with nothing moved it is {middle}, while the plan's {median} is the median of draws"
        " in which everything moves"
    )


def more_budget(usd: float) -> str:
    """What it would take to gain as much by money, in words."""
    return (
        "more than any budget adds"
        if math.isinf(usd)
        else f"as much as {in_dollars(usd, 2)} more budget"
    )
