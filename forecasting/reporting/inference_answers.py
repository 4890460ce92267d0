"""Train or infer in words: tries, votes and searches, costs of a task, exchange rates, serving."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from forecasting.answers import answer_of, lines_of
from forecasting.data.today import now
from forecasting.formatting import (
    OVERFLOWN,
    counted,
    in_dollars,
    in_flop,
    in_month,
    in_percent,
    in_words,
    significant,
)
from forecasting.inference.benchmark_scores import BenchmarkScores
from forecasting.inference.best_of_many import BestOfMany
from forecasting.inference.compute_map import ComputeMap
from forecasting.inference.coverage import FEW_PROBLEMS, LAW_TITLES, Coverage
from forecasting.inference.coverage_laws import MAX_TRIES
from forecasting.inference.equal_cost import SWE_BENCH_ISSUES, SizeComparison, SweBenchCase
from forecasting.inference.exchange_rate import EloClaim
from forecasting.inference.human_parity import HORIZON, HumanParity
from forecasting.inference.leaderboard import Entry
from forecasting.inference.score_points import PEOPLE_WORDS
from forecasting.inference.serve_at_scale import MAX_TRIED_TOKENS_PER_PARAM, ServeAtScale
from forecasting.inference.step_comparison import StepComparison
from forecasting.inference.step_search import Searched
from forecasting.reporting.inference_notes import POST_PRICES, chip_hour_words
from forecasting.stats.bands import Range
from forecasting.units import decimal_years


def trend_miss(result: BenchmarkScores) -> str:
    """How far the smoothed trend misses the dearest of the steps, in a clause."""
    last, there = result.steps[-1], result.trend_at_last
    points = 100.0 * (there.value - last.score)
    if abs(points) < 2.0:
        near, last_word = (
            "a point" if abs(points) < 1.0 else "two points",
            ("longest" if result.in_tokens else "dearest"),
        )
        return f"it passes within {near} of the {last_word} measured one"
    outside = "" if there.low <= last.score <= there.high else " and outside its range"
    return (
        f"at {result.cost_words(last.cost)} it says {in_percent(there.value)} where"
        f" {in_percent(last.score)} was measured, {abs(points):.0f} points too"
        f" {'high' if points > 0.0 else 'low'}{outside}"
    )


@answer_of.register
def benchmark_scores_answer(result: BenchmarkScores) -> str:
    """What was measured at the cost asked for."""
    found, name = result.best_within_cost, result.scenario.benchmark
    fewer = "fewer" if result.in_tokens else "less"
    least = f"{result.cost_words(result.cost)} or {fewer} per task"
    if found is None:
        return f"Nothing was measured on {name} at {least}."
    return (
        f"The best score measured on {name} at {least} is {in_percent(found.score)}, by"
        f" {found.name.rstrip('*')} for {result.cost_words(found.cost)}."
    )


@lines_of.register
def benchmark_scores_lines(result: BenchmarkScores) -> tuple[str, ...]:
    """Beside people; the best of all, where it is another; the smoothed trend with its range and
    how far it misses.
    """
    at = result.at_cost
    outside = not result.observed[0] <= result.cost <= result.observed[1]
    there = at.with_range(
        partial(in_percent, digits=1), f"at {result.cost_words(result.cost)}", goes_on=outside
    )
    return (
        _beside_people(result),
        _best_of_all(result),
        (
            f"A smoothed trend gives {there}{' outside what was measured' if outside else ''};"
            f" {trend_miss(result)}."
        ),
    )


def _beside_people(result: BenchmarkScores) -> str:
    if not result.people:
        return ""
    person = result.people[0]
    who = PEOPLE_WORDS[person.name]
    whose = f"{who}'" if who.endswith("s") else f"{who}'s"
    theirs = f"the {whose} {in_percent(person.score)} (for {in_dollars(person.cost)})"
    if (reaches := result.measured_at(person.score)) is not None:
        return (
            f"The cheapest model to reach {theirs} is {reaches.name}, for"
            f" {result.cost_words(reaches.cost)}."
        )
    return f"No model on the leaderboard reaches {theirs}."


def _best_of_all(result: BenchmarkScores) -> str:
    best = result.best
    if best is result.best_within_cost:
        return ""
    name = best.name.rstrip("*")
    cost = result.cost_words(best.cost)
    if best.kind == "post":
        return (
            f"The best score of all, {in_percent(best.score)} by {name.replace(', ', ' at ')},"
            f" would cost {cost} per task by its compute at {POST_PRICES}; the cost was not"
            " published."
        )
    return f"The best score of all is {in_percent(best.score)}: {name}, for {cost}."


def level_reading(result: BenchmarkScores) -> str:
    """What the best score says of the levels, and what it cannot say."""
    best, people = result.best, result.people
    if not people:
        return "No scores of people are published with these figures, so levels can't be assigned."
    passed = [PEOPLE_WORDS[person.name] for person in people if best.score >= person.score]
    above = [PEOPLE_WORDS[person.name] for person in people if best.score < person.score]
    where = f"above the {', '.join(passed)}" if passed else f"below the {above[0]}"
    rest = f" and below the {', '.join(above)}" if passed and above else ""
    reading = "“Competent” on this task" if not above else "“Emerging” on this task"
    source = f" on the {result.board}" if best.kind == "model" else ""
    return (
        f"The best score{source}, {in_percent(best.score)}, lies {where}{rest}: at most {reading}."
        " Levels above “Competent” are percentiles of skilled adults, and no percentiles of people"
        " are published for this benchmark. The levels are meant for wide ranges of tasks: no score"
        " on a single benchmark shows AGI."
    )


@answer_of.register
def best_of_many_answer(result: BestOfMany) -> str:
    """What the verifier makes of many tries, in one sentence."""
    binary = result.curve("binary")
    once = in_percent(result.one_try, 2)
    if binary.is_worse_than_chance:
        return (
            f"This verifier is worse than chance: with more tries {result.problems} falls from"
            f" {once} to {in_percent(binary.ceiling, 2)}."
        )
    if binary.ceiling <= result.one_try * (1.0 + 1e-9):
        return (
            f"This verifier does not help: {result.problems} stays at {once}, however many tries"
            " are made."
        )
    return (
        f"With this verifier, many tries lift {result.problems} from {once} to at most"
        f" {in_percent(binary.ceiling, 2)}."
    )


@lines_of.register
def best_of_many_lines(result: BestOfMany) -> tuple[str, ...]:
    """The verifier; when most of the gain is there; what a perfect checker would reach."""
    binary, s = result.curve("binary"), result.scenario
    verifier = (
        f"The verifier accepts {s.true_positive:.0%} of right and {s.false_positive:.0%} of wrong"
        " answers."
    )
    if binary.is_worse_than_chance:
        return (verifier, "With its verdicts reversed, it would help.")
    if binary.ceiling <= result.one_try * (1.0 + 1e-9):
        return (verifier,)
    perfect, at = result.curve("perfect"), result.tries_to_nine_tenths
    return (
        verifier,
        f"Nine tenths of the gain come with {_in_tries(at)}." if np.isfinite(at) else "",
        (
            "A perfect checker would reach"
            f" {in_percent(float(perfect.accuracy[perfect.last]), 2)} with"
            f" {_in_tries(result.tries[perfect.last])}."
        ),
    )


def _in_tries(count: float) -> str:
    return counted(count, "try", "tries")


@answer_of.register
def compute_map_answer(result: ComputeMap) -> str:
    """The best split with its range."""
    if result.best is None:
        return "With no answers to give, all of the budget goes to training."
    share = result.train_share.with_range("{:.0%}".format, goes_on=True)
    return f"With {result.budget_words}, spend {share} on training and the rest on answers."


@lines_of.register
def compute_map_lines(result: ComputeMap) -> tuple[str, ...]:
    """How long to think, and what the split is as good as."""
    if result.best is None:
        return ("Set a demand above 0 to trade off training against answers.",)
    words = partial(in_words, digits=2)
    if not result.is_game and words(result.passes.value) == "1":
        thinking = "Write each answer once"
    elif result.is_game:
        thinking = f"Search {result.passes.with_range(words, 'positions per move')}"
    else:
        unit = "times the compute of writing it once"
        thinking = f"Give an answer {result.passes.with_range(words, unit)}"
    most = (
        f"; beyond {in_words(result.passes.value, 2)}, more does not help"
        if result.at_span >= 0.5
        else ""
    )
    return (f"{thinking}{most}.", _as_good_as(result), _convention(result))


def _convention(result: ComputeMap) -> str:
    """What this split counts otherwise than that of a plan, which has the same budget."""
    if result.rent is None:
        return ""
    return (
        f"This is one model at {chip_hour_words(result.rent)}; the page Plan also includes scarce"
        " text and the prices and demand of each year."
    )


def _as_good_as(result: ComputeMap) -> str:
    """What the best split is as good as; where its range has no width, why."""
    score = result.best_score.with_range(lambda each: score_words(each, result.is_game))
    if result.is_game:
        said = f"The best split plays at {score}"
    else:
        said = f"As good as training with {score}, and answering in one pass"
    gain = result.rate.gain_oom
    if gain is None or gain.low < gain.high or result.at_span < 0.5:
        return f"{said}."
    worth = f"{significant(10.0**gain.median, 2)} times the training compute"
    return f"{said}; the whole span of thinking is worth {worth}, published without a range."


def score_words(score: float, is_game: bool) -> str:
    """A quality in words: Elo, or the training FLOP that would be as good in one pass."""
    return (
        f"{round(score):,} Elo".replace("-", "−") if is_game else f"{in_flop(10.0**score, 2)} FLOP"
    )


def needed_words(result: Coverage) -> str:
    """The tries for the target with their range, in words."""
    return result.tries_for_target.with_range(_tries)


@answer_of.register
def coverage_answer(result: Coverage) -> str:
    """What it takes to reach the target, with its range."""
    needed, target = result.tries_for_target, in_percent(result.scenario.target_coverage, 2)
    if np.isinf(needed.value):
        return (
            f"{result.counts.name} does not solve {target} of the problems within"
            f" {in_words(MAX_TRIES)} tries."
        )
    return (
        f"To solve {target} of the problems, {result.counts.name} needs a perfect checker and about"
        f" {needed_words(result)}."
    )


@lines_of.register
def coverage_lines(result: Coverage) -> tuple[str, ...]:
    """What was counted; what it costs; how well the laws predict what they have not seen."""
    needed = result.tries_for_target
    counted_words = (
        f"Counted: one try solves {in_percent(result.counted[0], 2)} of the problems, at least one"
        f" of {in_words(result.tries[-1])} tries {in_percent(result.counted[-1], 2)}."
    )
    if np.isinf(needed.value):
        soonest = "" if np.isinf(needed.ends[0]) else f"At the earliest: {_tries(needed.ends[0])}."
        return (counted_words, soonest, coverage_check(result))
    return (
        counted_words,
        (
            f"That costs about {in_dollars(result.usd_for_target.value, 2)} per problem, at"
            f" {in_dollars(result.scenario.usd_per_try, 2)} per try."
        ),
        coverage_check(result),
    )


def coverage_check(result: Coverage) -> str:
    """Where the laws have seen fewer tries than were made: what they predicted against what
    happened; and whether problems are few.
    """
    if result.most_seen >= result.tries[-1]:
        return (
            f"With only {counted(len(result.counts), 'problem')} the range is imprecise."
            if len(result.counts) < FEW_PROBLEMS
            else ""
        )
    last = result.tries[-1:]
    shares = [
        f"{in_percent(float(law.coverage(last)[0, 0]), 2)} ({LAW_TITLES[name]})"
        for name, law in result.laws.items()
    ]
    return (
        f"Fitted to {in_words(result.most_seen)} tries per problem, the laws predict"
        f" {' and '.join(shares)} at {in_words(last[0])}; counted:"
        f" {in_percent(float(result.counted[-1]), 2)}."
    )


def _tries(count: float) -> str:
    if np.isinf(count):
        return f"over {in_words(MAX_TRIES)} tries"
    return f"{in_words(count, 2)} {'try' if count == 1 else 'tries'}"


@answer_of.register
def size_comparison_answer(result: SizeComparison) -> str:
    """The small model often against the large one once, in one sentence."""
    s = result.scenario
    return (
        f"For the price of one try of {s.big_model}, which solves"
        f" {in_percent(result.big_once, 2)}, {s.small_model} makes"
        f" {_in_tries(result.tries_for_one)} and solves"
        f" {in_percent(result.small_at_equal_cost, 2)}."
    )


@lines_of.register
def size_comparison_lines(result: SizeComparison) -> tuple[str, ...]:
    """With a verifier that errs; up to which budget the small model leads."""
    s = result.scenario
    return (
        "A perfect checker picks out the right answers.",
        (
            f"A verifier that accepts {s.true_positive:.0%} of right and {s.false_positive:.0%} of"
            f" wrong answers leaves {in_percent(result.small_with_verifier, 2)}."
        ),
        _lead(result),
    )


def _lead(result: SizeComparison) -> str:
    s = result.scenario
    if result.small_ahead is None:
        return f"At every budget counted, {s.big_model} solves more for the same money."
    low, high = result.small_ahead
    most = max(float(curve.cost[-1]) for curve in result.curves if curve.model == s.small_model)
    start = f"With a perfect checker {s.small_model} is ahead"
    if high >= 0.98 * most:
        return (
            f"{start} at every budget counted{'' if low == 1.0 else ' from ' + _budget(low)},"
            f" up to {_budget(most)}."
        )
    return (
        f"{start} {'' if low == 1.0 else 'from ' + _budget(low) + ' '}up to {_budget(high)},"
        " and behind beyond."
    )


@answer_of.register
def swe_bench_case_answer(result: SweBenchCase) -> str:
    """What the cheap model solves for how much, beside the first of the dear ones."""
    cheap, dear = result.cheap, result.cases[1]
    return (
        f"{_in_tries(cheap.tries).capitalize()} of {cheap.model} solve"
        f" {in_percent(cheap.solved, 2)} of {SWE_BENCH_ISSUES} issues for"
        f" {in_dollars(cheap.usd_total, 2)}; one try of {dear.model} solves"
        f" {in_percent(dear.solved, 2)} for {in_dollars(dear.usd_total, 2)}."
    )


@lines_of.register
def swe_bench_case_lines(result: SweBenchCase) -> tuple[str, ...]:
    """The other models; what the budget pays for."""
    others = tuple(
        f"One try of {case.model} solves {in_percent(case.solved, 2)} for"
        f" {in_dollars(case.usd_total, 2)}."
        for case in result.cases[2:3]
    )
    tries, budget = result.tries_in_budget, in_dollars(result.scenario.budget_usd_per_task)
    most = result.coverage_points[-1][0]
    if tries < 1:
        return (*others, f"{budget} per issue does not pay for a single try.")
    beyond = "" if tries <= most else f", beyond the {most} tries that were published"
    share = in_percent(float(result.law.coverage(np.array([float(tries)]))[0, 0]), 2)
    return (
        *others,
        (
            f"{budget} per issue pays for {_in_tries(tries)} of {result.cheap.model}; at least one"
            f" of them solves about {share}{beyond}."
        ),
    )


def _budget(cost: float) -> str:
    return f"{in_words(cost, 2)} {'try' if cost == 1 else 'tries'} of the large one"


@answer_of.register
def elo_claim_answer(result: EloClaim) -> str:
    """The claim judged, in one sentence."""
    return (
        f"By the article's rule {result.claimed_elo:,.0f} Elo by training alone take"
        f" {in_words(result.factor, 2)} times the compute; AlphaGo Zero's measured gap,"
        f" {result.search_elo - result.raw_elo:,.0f} Elo, would take"
        f" {in_words(result.alphago_factor, 2)} times."
    )


@answer_of.register
def human_parity_answer(result: HumanParity) -> str:
    """When, with its range."""
    figure = result.crossing
    if result.already >= 0.5:
        return (
            "A machine's answer already cost less than a person's in"
            f" {result.case.priced_on:%B %Y}, with a probability of {percent(result.already)}."
        )
    ends = figure.range_words(month_words)
    ends = f", {ends}" if ends else ""
    if math.isinf(figure.value) or figure.value > HORIZON:
        return (
            f"With these inputs a machine's answer does not cost less than a person's by {HORIZON}"
            f"{ends}."
        )
    verb = "was expected to cost" if figure.value < now() else "costs"
    return (
        f"A machine's answer {verb} less than a person's from {month_words(figure.value)} on{ends}."
    )


@lines_of.register
def human_parity_lines(result: HumanParity) -> tuple[str, ...]:
    """What was measured of it; where it starts; the chance that it is late."""
    case = result.case
    late = f"The chance that it does not by {HORIZON} is {percent(result.not_by_horizon)}."
    return (
        parity_measured(result),
        (
            f"The forecast starts in {case.priced_on:%B %Y}, at"
            f" {in_dollars(case.machine_usd.median, 2)} per task against a person's"
            f" {in_dollars(case.human_usd.median, 2)}."
        ),
        "" if result.already >= 0.5 else late,
    )


def parity_measured(result: HumanParity) -> str:
    """Whether the leaderboard has the crossing, since when, and how that compares with the
    forecast; empty for tasks that are not on it.
    """
    found = result.measured
    if found is None:
        return ""
    wanted = f"{found.score:g}% or more for {in_dollars(found.usd)} per task or less"
    if found.reached is None:
        return f"Not measured yet: no machine on the {found.board} scores {wanted}."
    entry = found.reached
    who = f"{entry.name} scores {entry.score:g}% for {in_dollars(entry.usd)}"
    if entry.released is None:
        return f"Measured: crossed by {found.read_on}, as {who} ({found.board})."
    return (
        f"Measured: crossed in {entry.released:%B %Y}, as {who}{_against_forecast(result, entry)}."
    )


def _against_forecast(result: HumanParity, entry: Entry) -> str:
    """How far from the forecast's middle a crossing lies, and whether in its range."""
    forecast = result.crossing
    if entry.released is None or math.isinf(forecast.value) or result.already >= 0.5:
        return ""
    at = float(decimal_years(np.array([entry.released], dtype="datetime64[D]"))[0])
    months = round(12.0 * (at - forecast.value))
    apart = (
        f"{counted(abs(months), 'month')} {'before' if months < 0 else 'after'} the forecast's"
        " median"
        if months
        else "in the forecast month"
    )
    low, high, _ = forecast.ends
    side = "before" if at < low else "after" if at > high else "within"
    return f", {apart} and {side} its range"


def parity_evidence(result: HumanParity) -> str:
    """What the case's score costs by the leaderboard, and when the person's was reached; empty for
    tasks that are not on it.
    """
    found = result.measured
    if found is None:
        return ""
    if found.cheapest is None:
        return f"On the {found.board} no machine reaches {found.score:g}% at a stated cost."
    name, near = found.cheapest.name, found.near
    beside = (
        f"; within 15 points of it {near.name} scores {near.score:g}% for {in_dollars(near.usd)}"
        if near is not None and near.name != name
        else ""
    )
    person = found.reached_person
    reached = (
        f" The person's {found.person_score:g}% was first reached at {in_dollars(found.usd)} or"
        f" less by {person.name} ({person.score:g}% for {in_dollars(person.usd)}), a model of"
        f" {person.released:%B %Y}."
        if person is not None and person.released is not None
        else ""
    )
    return (
        f"On the {found.board} the cheapest machine at {found.score:g}% or more is {name},"
        f" {found.cheapest.score:g}% for {in_dollars(found.cheapest.usd)} per"
        f" task{beside}.{reached}"
    )


def month_words(year: float) -> str:
    """A decimal year as a month: May 2027; “already”, “never”, “after 2100”."""
    if math.isinf(year):
        return "already" if year < 0 else "never"
    return in_month(year) if year < 2100 else "after 2100"


def percent(share: float) -> str:
    """A probability in whole per cent; draws never make certain."""
    if share < 0.005:
        return "under 1%"
    return "over 99%" if share > 0.995 else f"{share:.0%}"


@answer_of.register
def serve_at_scale_answer(result: ServeAtScale) -> str:
    """The size that costs least, with its range where the law has one."""
    s = result.scenario
    quality = f"the quality of a Chinchilla model of {in_words(s.quality_params, 2)} parameters"
    if result.best.is_chinchilla:
        return f"Without demand, {quality} is cheapest from that same model."
    best = _figure(result, result.params, "parameters")
    # A range whose ends are in different units takes more words.
    cheapest = f"at {best}" if " to " in best else f"from a model of {best}"
    return (
        f"Serving {counted(s.requests_per_day, 'request')} per day, {quality} is cheapest"
        f" {cheapest}."
    )


@lines_of.register
def serve_at_scale_lines(result: ServeAtScale) -> tuple[str, ...]:
    """Its training tokens, cost and saving."""
    if result.best.is_chinchilla:
        return (
            f"It is trained on {in_words(result.best.tokens, 2)} tokens.",
            f"That costs {in_dollars(result.total_usd.value, 2)}, all of it for training.",
        )
    return (
        f"It is trained on {_figure(result, result.tokens, 'tokens')}.",
        (
            f"Training and {counted(result.scenario.days, 'day')} of answers cost"
            f" {in_dollars(result.total_usd.value, 2)}, {result.train_share.value:.0%} of it for"
            " training."
        ),
        f"That is {saved(result.saving.value)} less than with the Chinchilla model.",
    )


def _figure(result: ServeAtScale, figure: Range, unit: str) -> str:
    words = partial(in_words, digits=2)
    if not result.law.has_range:
        return f"{words(figure.value)} {unit}"
    return figure.with_range(words, unit)


def serving_note(result: ServeAtScale) -> str:
    """Where half of the cost is training, and how far the model is trained beyond what was
    tried.
    """
    half = (
        f"Training is half of the cost at {in_words(result.half_at, 2)} requests per day."
        if math.isfinite(result.half_at)
        else "Training stays above half of the cost at any demand shown."
    )
    ratio = result.best.tokens_per_param
    tried = f"{ratio:,.0f} tokens per parameter"
    if ratio > MAX_TRIED_TOKENS_PER_PARAM:
        return (
            f"{half} The model would be trained on {tried}, more than any published run (640): the"
            " law is less reliable there."
        )
    return f"{half} The model is trained on {tried}; published runs go up to 640."


def saved(share: float) -> str:
    """A saving in per cent, small ones told apart from none."""
    return f"{share:.0%}" if share >= 0.095 else f"{share:.1%}" if share >= 0.0005 else "hardly"


@answer_of.register
def step_comparison_answer(result: StepComparison) -> str:
    """What the accuracy asked for costs, step by step."""
    target = in_percent(result.scenario.target_accuracy, 2)
    best, whole = _cheapest_by_step(result), result.cheapest.get("whole answers")
    if best is not None:
        return (
            f"Getting {target} of these solutions right takes about {_steps(best.cost)} with each"
            f" step checked ({best.way}, {best.setting})."
        )
    if whole is not None:
        return (
            f"Getting {target} of these solutions right takes about {_steps(whole.cost)} by"
            " checking whole answers; checking steps does not reach it."
        )
    most = in_percent(max(result.ceilings.values()), 2)
    return (
        f"No search reaches {target} with these verifiers: {most} is the most that any can reach."
    )


def _cheapest_by_step(result: StepComparison) -> Searched | None:
    return min(
        (each for way, each in result.cheapest.items() if each and way != "whole answers"),
        key=lambda found: found.cost,
        default=None,
    )


@lines_of.register
def step_comparison_lines(result: StepComparison) -> tuple[str, ...]:
    """One solution alone; checking whole answers; the limits with perfect verifiers."""
    s, whole = result.scenario, result.cheapest.get("whole answers")
    start = (
        f"A solution of {counted(s.steps, 'step')}, each {in_percent(s.step_right, 2)} likely to be"
        f" right, is right in {in_percent(result.chain.accuracy, 2)} of cases."
    )
    by_step = _cheapest_by_step(result)
    other = ""
    if whole is None and by_step is not None:
        ceiling = in_percent(result.ceilings["whole answers"], 2)
        other = f"Checking whole answers only reaches {ceiling} at most."
    elif whole is not None and by_step is not None:
        other = f"Checking whole answers only takes {_steps(whole.cost)}."
    return (start, other, step_limits(result))


def step_limits(result: StepComparison) -> str:
    """The two limits with perfect verifiers."""
    return (
        f"With perfect verifiers: {_steps(result.problem.perfect_retried_steps)} step by step, "
        f"{_steps(result.problem.perfect_whole_answers)} by whole answers."
    )


def _steps(count: float) -> str:
    return f"{OVERFLOWN if math.isinf(count) else in_words(count, 2)} steps"
