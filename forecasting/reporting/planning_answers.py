"""Plans in words: the plan itself, its goal, generations, clusters and what matters to it."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from forecasting.answers import answer_of, lines_of
from forecasting.formatting import (
    counted,
    in_dollars,
    in_flop,
    in_percent,
    in_words,
    range_in_words,
    significant,
)
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
    epochs = counted(float(f"{result.epochs:.2g}"), "epoch")
    return (
        f"{in_dollars(result.budget_usd, 2)} is best spent {result.train_share:.0%} on training"
        f" {in_words(result.params, 2)} parameters on {in_words(result.tokens, 2)} tokens"
        f" ({epochs}), and the rest on answers."
    )


LONGEST_SENSIBLE_DAYS = 450.0


@answer_of.register
def cluster_result_answer(result: ClusterResult) -> str:
    """The days that the run takes."""
    days = counted(float(f"{result.days:.2g}"), "day")
    return (
        f"{result.chips:,.0f} × {result.chip} run"
        f" {in_flop(result.scenario.cluster_flop, 2)} FLOP in {days}, drawing"
        f" {in_words(result.watts / 1e6, 2)} MW."
    )


@lines_of.register
def cluster_result_lines(result: ClusterResult) -> tuple[str, ...]:
    """Cost, own or rent, and how the cluster stands among the largest."""
    rented = (
        "no vendor's rental price is known"
        if math.isnan(result.rent_usd_per_chip_hour)
        else f"{in_dollars(result.rented_run_usd, 2)} rented"
    )
    cost = (
        f"The run costs {in_dollars(result.owned_run_usd, 2)} on owned chips, {rented}; the cluster"
        f" itself costs {in_dollars(result.upfront_usd, 2)}."
    )
    return (cost, _own_or_rent(result), _among_the_largest(result))


def _own_or_rent(result: ClusterResult) -> str:
    """What to mind most: the budget, the length of the run, or when buying beats renting."""
    least = (
        result.owned_run_usd
        if math.isnan(result.rented_run_usd)
        else min(result.owned_run_usd, result.rented_run_usd)
    )
    budget = result.scenario.budget_usd
    if least > budget:
        first = result.scenario.first_year
        return f"That is more than the plan's budget of {in_dollars(budget, 2)} from {first} on."
    if result.days > LONGEST_SENSIBLE_DAYS:
        return "A run this long would be overtaken by a later start on better chips."
    if math.isfinite(result.break_even_months):
        months = counted(float(f"{result.break_even_months:.2g}"), "month")
        return f"Buying beats renting after {months} of full use."
    return ""


def _among_the_largest(result: ClusterResult) -> str:
    date, amount, name = result.largest_so_far
    if result.chips <= amount:
        return (
            f"The largest run known so far used {in_words(amount, 2)} chips ({name},"
            f" {math.floor(date)})."
        )
    when = result.year_by_trend.with_range(
        lambda year: "never" if math.isinf(year) else str(math.floor(year))
    )
    return f"By their trend, the largest runs reach that many chips in {when}."


NEED_WORDS = {"text": "text", "power": "power", "chips": "chips", "money": "money"}


@answer_of.register
def generations_answer(result: Generations) -> str:
    """How long a generation lasts."""
    lasts = result.lasts_years.with_range("{:.1f} years".format)
    return f"A generation of {result.scenario.generation_factor:g} times the compute takes {lasts}."


@lines_of.register
def generations_lines(result: Generations) -> tuple[str, ...]:
    """What such a generation means, and what runs out first."""
    ends = {need: result.runs_out(need, "compute") for need in NEEDS}
    fates = [
        f"{_joined([NEED_WORDS[need] for need in needs])}"
        f" {'falls' if needs != ['chips'] and len(needs) == 1 else 'fall'} short of the"
        f" {step.name}, {step_years(step.date)}."
        for step in result.ladder("compute")
        if (needs := [need for need in NEEDS if ends[need] is step])
    ]
    lasting = f"Text, power, chips and money last for the {STEPS_AHEAD} steps ahead."
    return (
        (
            f"It means {significant(result.step_params, 2)} times the parameters on"
            f" {significant(result.step_tokens, 2)} times the text, not"
            f" {result.scenario.generation_factor:g} times of everything."
        ),
        *(f"{fate[:1].upper()}{fate[1:]}" for fate in (fates or [lasting])),
    )[:3]


def step_years(date: Range) -> str:
    """When a step is due: “in 2026”, or “about 2029, likely 2028–2030 (80%)”."""
    words = date.with_range(lambda year: str(math.floor(year)))
    return f"{'about' if ',' in words else 'in'} {words}"


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def goal_words(result: GoalResult) -> str:
    """The goal in words."""
    if result.scenario.goal == "loss":
        return f"a loss of {significant(result.scenario.goal_loss, 4)} nats per token"
    return f"the quality of a run of {in_flop(result.scenario.goal_flop)} FLOP"


@answer_of.register
def goal_result_answer(result: GoalResult) -> str:
    """The budget needed in the goal's year."""
    year = result.scenario.goal_year
    what = f"{goal_words(result)[:1].upper()}{goal_words(result)[1:]}"
    if not math.isfinite(result.by_year.value):
        return f"{what} is out of reach in {year}, whatever the budget."
    return f"{what} takes about {result.by_year.with_range(_needed, f'per year in {year}')}."


def _needed(usd: float) -> str:
    return "out of reach" if math.isinf(usd) else in_dollars(usd, 2)


@lines_of.register
def goal_result_lines(result: GoalResult) -> tuple[str, ...]:
    """When a given budget is enough, the cheapest year, and how long a run may take."""
    longest = result.longest_run_days
    first, last = result.scenario.first_year, result.scenario.last_year
    days = longest.with_range(partial(significant, digits=2), "days")
    return (
        _unreachable(result) or _wait_words(result),
        _cheapest_words(result),
        (
            f"No run should take longer than {days}: a later start on cheaper compute would"
            " overtake it."
            if first != last  # one year has no pace of progress
            else ""
        ),
    )


def _unreachable(result: GoalResult) -> str:
    if math.isfinite(result.by_year.value):
        return ""
    return (
        f"In {1 - result.reachable:.0%} of simulated futures, text, chips, power or the law itself"
        " set a limit below it."
    )


def _cheapest_words(result: GoalResult) -> str:
    first, last = result.scenario.first_year, result.scenario.last_year
    if first == last or not math.isfinite(result.by_year.value):
        return ""
    ends = result.cheapest.with_range(year_words, goes_on=True)
    if result.cheapest.value == last:
        return f"The cheapest year is the last of the plan, {ends} the cost of delay included."
    return f"The cheapest year is {ends} the cost of delay included."


def _wait_words(result: GoalResult) -> str:
    first, last = result.scenario.first_year, result.scenario.last_year
    if np.isinf(result.needed.values).all():
        return f"No budget reaches it by {last}, where the plan ends."
    budget = in_dollars(result.first_budget_usd, 2)
    if result.reached.value == first:
        return f"Do not wait: {budget} is enough in {first}{_first_years(result.reached, last)}."
    if math.isinf(result.reached.value):
        said = f"{budget} per year is not enough by {last}"
    else:
        ends = _first_years(result.reached, last)
        said = f"{budget} per year is enough from {result.reached.value:.0f}{ends}"
    growth, grown = result.scenario.budget_growth, result.reached_growing
    if growth.low == growth.high == 1.0 or first == last:
        return f"{said}."
    when = f"not by {last}" if math.isinf(grown.value) else f"in {grown.value:.0f}"
    return (
        f"{said}; the plan's budget, which {'grows' if growth.high > 1.0 else 'shrinks'}, is enough"
        f" {when}."
    )


def year_words(year: float) -> str:
    """A year; an infinite one never comes."""
    return "never" if math.isinf(year) else f"{year:.0f}"


def _first_years(figure: Range, last_year: int) -> str:
    """The range of a first year after a comma; nothing where its ends agree."""
    ends = years_in_words(figure, last_year)
    return f", {ends}" if ends else ""


LIMIT_WORDS = {"budget": "money", "text": "text", "power": "power", "chips": "chips"}


#: From so many epochs on most of what is trained on are repeats, and the answer says so.
MOSTLY_REPEATS = 2.0


#: So many years' budgets are listed one by one; of longer plans the first ones and the last.
LISTED_YEARS = 8


@answer_of.register
def plan_result_answer(result: PlanResult) -> str:
    """What share of the first year's money to spend on training, and on which model."""
    year = int(result.years[0])
    params, tokens = (result.range_at(name, year) for name in ("params", "tokens"))
    budget = in_dollars(result.range_at("budget_usd", year).value, 2)
    text = f"{in_words(tokens.value, 2)} tokens"
    if result.scenario.requests_per_day == 0.0:
        size = params.with_range(partial(in_words, digits=2), "parameters")
        return (
            f"With no requests to answer, spend all of {year}'s {budget} on training, on {text}:"
            f" {size}."
        )
    share = result.training_share(year).with_range("{:.0%}".format, goes_on=True)
    return (
        f"In {year}, spend {share} of {budget} on training {in_words(params.value, 2)} parameters"
        f" on {text}, and the rest on answers."
    )


@lines_of.register
def plan_result_lines(result: PlanResult) -> tuple[str, ...]:
    """The money of each year and in all; where the split goes; what limits when."""
    return (money_line(result), _split_line(result), _limit_line(result))


def money_line(result: PlanResult) -> str:
    """Each year's budget and the total, in which dollars."""
    words = partial(in_dollars, digits=2)
    amounts = [float(usd) for usd in result.bands["budget_usd"].median]
    years, dollars = [int(year) for year in result.years], dollar_words(result)
    if len(years) == 1:
        return f"Budget: {words(amounts[0])} in {years[0]}, in {dollars}."
    listed = [f"{words(usd)} in {year}" for usd, year in zip(amounts, years, strict=True)]
    if len(listed) > LISTED_YEARS:
        listed = [*listed[:3], "…", listed[-1]]
    total = result.total_usd.with_range(words, f"({dollars})", goes_on=True)
    return f"Budget: {total} in all{_growth_words(result)}: {', '.join(listed)}."


def dollar_words(result: PlanResult) -> str:
    """What the dollars of a plan are."""
    if result.scenario.dollars == "nominal":
        return "nominal dollars"
    return f"{result.price_year} dollars"


def _growth_words(result: PlanResult) -> str:
    growth = result.scenario.budget_growth
    if growth.low == growth.high == 1.0:
        return ", the same each year"
    pace = range_in_words(growth.low, growth.high, partial(significant, digits=3))
    way = "shrinking" if growth.high < 1.0 else "growing"
    return f", {way} by a factor of {pace} each year"


def _split_line(result: PlanResult) -> str:
    first, last = int(result.years[0]), int(result.years[-1])
    if first == last or result.scenario.requests_per_day == 0.0:
        return _size_line(result)
    now, later = result.range_at("inference_share", first), result.range_at("inference_share", last)
    change = later.value - now.value
    course = (
        "stay at"
        if abs(change) < 0.005
        else f"{'rise' if change > 0 else 'fall'} from {now.value:.0%} to"
    )
    ends = later.with_range("{:.0%}".format, f"by {last}")
    flat = f"; keeping the {first} split loses almost nothing" if result.keeps_for_nothing else ""
    return f"The inference share should {course} {ends}{flat}."


def _size_line(result: PlanResult) -> str:
    year = int(result.years[0])
    words = partial(in_words, digits=2)
    return (
        f"Parameters: {result.range_at('params', year).with_range(words)}; tokens:"
        f" {result.range_at('tokens', year).with_range(words)}."
    )


def _repeats_words(result: PlanResult) -> str:
    """That most of the first year's tokens are repeats, where they are."""
    year = int(result.years[0])
    epochs = result.range_at("epochs", year).value
    if epochs < MOSTLY_REPEATS:
        return ""
    return f"; text is read about {significant(epochs, 2)} times in {year}"


def _limit_line(result: PlanResult) -> str:
    """What becomes the limiting factor, and when."""
    found, last = result.first_limit, int(result.years[-1])
    more = _repeats_words(result) + time_binds_words(result)
    if found is not None:
        limit, year = found
        what = LIMIT_WORDS[limit]
        begins = years_in_words(result.starts[limit], last)
        begins = f", {begins}" if begins else ""
        verb = "become" if limit == "chips" else "becomes"
        when = "in the first year" if year == int(result.years[0]) else f"from about {year}"
        return f"{what.capitalize()} {verb} the limiting factor {when}{begins}{more}."
    chances = sorted(
        ((result.binding[at, -1], LIMIT_WORDS[name]) for at, name in enumerate(LIMITS) if at),
        reverse=True,
    )
    others = ", ".join(f"{words} {chance:.0%}" for chance, words in chances if chance >= 0.005)
    if result.binding[0, -1] >= 0.5:
        return f"Money is the limiting factor through {last}" + (
            f"; chance of something else by then: {others}{more}." if others else f"{more}."
        )
    return f"By {last} something other than money is most likely the limit: {others}{more}."


@answer_of.register
def plan_backtest_answer(result: PlanBacktest) -> str:
    """How far the plan of the first cut-off was off."""
    year, tokens, size = _misses(result)[0]
    return (
        f"For the compute actually spent, the plan of {year} asks for {_off(tokens)} tokens and"
        f" {_off(size)} parameters than were then trained."
    )


@lines_of.register
def plan_backtest_lines(result: PlanBacktest) -> tuple[str, ...]:
    """The later cut-offs, and what no plan for training alone foresees."""
    most = max(result.runs, key=lambda run: run.trained_tokens / run.trained_params)
    ratio = most.trained_tokens / most.trained_params
    return (
        *(
            f"The plan of {year}: {_off(tokens)} tokens, {_off(size)} parameters."
            for year, tokens, size in _misses(result)[1:]
        ),
        (
            f"{most.model} has {ratio:.0f} tokens per parameter: that pays off once it writes about"
            f" {in_words(most.served_tokens, 2)} tokens."
        ),
    )


def _misses(result: PlanBacktest) -> list[tuple[int, float, float]]:
    """Each cut-off with planned over trained tokens and parameters, geometric means."""
    found = []
    for cutoff, _, _ in CUTOFFS:
        runs = result.of_cutoff(cutoff)
        tokens = float(np.exp(np.mean([math.log(run.tokens_ratio) for run in runs])))
        size = float(np.exp(np.mean([math.log(run.params_ratio) for run in runs])))
        found.append((math.floor(cutoff), tokens, size))
    return found


def _off(ratio: float) -> str:
    if 1.0 / 1.25 < ratio < 1.25:
        return "about as many"
    return (
        f"{significant(ratio if ratio > 1.0 else 1.0 / ratio, 2)} times"
        f" {'more' if ratio > 1.0 else 'fewer'}"
    )


@answer_of.register
def what_matters_answer(result: WhatMatters) -> str:
    """What moves the split most."""
    ranked = result.ranked("inference_share")
    if not ranked:
        return f"No input of this plan has a range that moves the split of {result.year}."
    first = ranked[0]
    ends = sorted((first.low["inference_share"], first.high["inference_share"]))
    return (
        f"What moves the split of {result.year} most: {first.name}; the inference share is"
        f" {ends[0]:.0%} at one end of its 80% range and {ends[1]:.0%} at the other."
    )


@lines_of.register
def what_matters_lines(result: WhatMatters) -> tuple[str, ...]:
    """The share with nothing moved, and what is most worth knowing."""
    if not result.ranked("inference_share"):
        return ()
    dearest = max(result.inputs, key=lambda each: each.worth_oom)
    if dearest.worth_oom < 0.0005:
        known = (
            "Knowing any input exactly is worth almost nothing: quality is flat near the best"
            " split."
        )
    else:
        known = (
            f"Most worth knowing is the {dearest.name}: as good as"
            f" {_more_compute(dearest.worth_oom)} or {more_budget(dearest.worth_usd)}."
        )
    return (_beside_the_plan(result), known)


def _more_compute(oom: float) -> str:
    factor = 10.0**oom
    if factor < 2.0:
        return f"{in_percent(factor - 1.0, 2)} more training compute"
    return f"{significant(factor, 2)} times the training compute"


def _beside_the_plan(result: WhatMatters) -> str:
    middle, median = (
        f"{each['inference_share']:.0%}" for each in (result.middle, result.plan_median)
    )
    if middle == median:
        return f"With every input at its median it is {middle}."
    return (
        f"With every input at its median it is {middle}; the plan's {median} is the median over all"
        " inputs together."
    )


def more_budget(usd: float) -> str:
    """What it would take to gain as much by money, in words."""
    return "more than any budget adds" if math.isinf(usd) else f"{in_dollars(usd, 2)} more budget"
