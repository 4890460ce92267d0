"""Train or infer in words: tries, votes and searches, costs of a task, exchange rates, serving."""

from __future__ import annotations

import math

import numpy as np

from forecasting.answers import answer_of, answers_of
from forecasting.formatting import in_dollars, in_month, in_percent, in_words, significant
from forecasting.inference.benchmark_scores import BenchmarkScores
from forecasting.inference.best_of_many import BestOfMany
from forecasting.inference.compute_map import ComputeMap
from forecasting.inference.coverage import FEW_PROBLEMS, LAW_TITLES, Coverage
from forecasting.inference.coverage_laws import MAX_TRIES
from forecasting.inference.equal_cost import SWE_BENCH_ISSUES, SizeComparison, SweBenchCase
from forecasting.inference.exchange_rate import OWN_RATE, EloClaim
from forecasting.inference.human_parity import HORIZON, HumanParity
from forecasting.inference.leaderboard import Entry
from forecasting.inference.score_points import PEOPLE_WORDS
from forecasting.inference.serve_at_scale import MAX_TRIED_TOKENS_PER_PARAM, ServeAtScale
from forecasting.inference.step_comparison import StepComparison
from forecasting.reporting.inference_notes import POST_PRICES
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
        return f"it passes within {near} of the {last_word} one measured"
    outside = "" if there.low <= last.score <= there.high else " and outside its range"
    return (
        f"at {result.cost_words(last.cost)} it says {in_percent(there.value)} where"
        f" {in_percent(last.score)} was measured, {abs(points):.0f} points too"
        f" {'high' if points > 0.0 else 'low'}{outside}"
    )


@answer_of.register
def benchmark_scores_answer(result: BenchmarkScores) -> str:
    """What was measured at the cost asked for, beside people; then the smoothed trend with its
    range and how far it misses.
    """
    at = result.at_cost
    measured_there = result.observed[0] <= result.cost <= result.observed[1]
    beyond = "" if measured_there else ", outside what was measured"
    if measured_there and at.value > result.best.score:
        beyond = ", above every score measured"
    measured = _measured(result)
    measured = (
        f"By the {result.board}, {measured}"
        if result.board
        else f"{measured[0].upper()}{measured[1:]}"
    )
    return (
        f"{measured}{_beside_people(result)}. A smoothed trend stands at about"
        f" {in_percent(at.value, 2)} at {result.cost_words(result.cost)} (80% range of the line"
        f" {in_percent(at.low, 2)} to {in_percent(at.high, 2)}){beyond};"
        f" {trend_miss(result)}.{_best_of_all(result)}"
    )


def _measured(result: BenchmarkScores) -> str:
    found, name = result.best_within_cost, result.scenario.benchmark
    least = f"{result.cost_words(result.cost)} or {'fewer' if result.in_tokens else 'less'} a task"
    if found is None:
        cheapest = result.steps[0]
        return (
            f"nothing was measured on {name} at {least}; the cheapest of the frontier is"
            f" {in_percent(cheapest.score)}: {cheapest.name}, for"
            f" {result.cost_words(cheapest.cost)}"
        )
    by = f"{found.name.rstrip('*')}, for {result.cost_words(found.cost)}"
    return f"the best measured on {name} at {least} is {in_percent(found.score)}: {by}"


def _beside_people(result: BenchmarkScores) -> str:
    if not result.people:
        return ""
    person = result.people[0]
    who = PEOPLE_WORDS[person.name]
    whose = f"{who}'" if who.endswith("s") else f"{who}'s"
    theirs = f"the {whose} {in_percent(person.score)} (for {in_dollars(person.cost)})"
    if (reaches := result.measured_at(person.score)) is not None:
        return (
            f"; the cheapest to reach {theirs} is {reaches.name}, for"
            f" {result.cost_words(reaches.cost)}"
        )
    nearest = result.steps[-1]
    near = (
        "this is the nearest"
        if nearest is result.best_within_cost
        else f"the nearest is {in_percent(nearest.score)} for " + (result.cost_words(nearest.cost))
    )
    return f"; no model on the leaderboard reaches {theirs}, {near}"


def _best_of_all(result: BenchmarkScores) -> str:
    best = result.best
    if best is result.best_within_cost or (best is result.steps[-1] and result.people):
        return ""
    name = best.name.rstrip("*")
    cost = result.cost_words(best.cost)
    if best.kind == "post":
        return (
            f" The best score of all, {in_percent(best.score)} by {name.replace(', ', ' at ')},"
            f" would be {cost} a task by its compute at {POST_PRICES} (the cost was not"
            " published)."
        )
    return f" The best score of all is {in_percent(best.score)}: {name}, for {cost}."


def level_reading(result: BenchmarkScores) -> str:
    """What the best score says of the levels, and what it cannot say."""
    best, people = result.best, result.people
    if not people:
        return (
            "No people's rows are published with these figures, so nothing can be read about"
            " levels."
        )
    passed = [PEOPLE_WORDS[person.name] for person in people if best.score >= person.score]
    above = [PEOPLE_WORDS[person.name] for person in people if best.score < person.score]
    where = f"above the {', '.join(passed)}" if passed else f"below the {above[0]}"
    rest = f" and below the {', '.join(above)}" if passed and above else ""
    reading = "“Competent” on this task" if not above else "“Emerging” on this task"
    source = f" on the {result.board}" if best.kind == "model" else ""
    return (
        f"The best score{source}, {in_percent(best.score)}, lies {where}{rest}: at most {reading}."
        " Levels above “Competent” are percentiles of skilled adults, and no percentiles of"
        " people are published for this benchmark. They are meant for wide ranges of tasks: a"
        " single benchmark is not AGI, whatever its score."
    )


@answer_of.register
def best_of_many_answer(result: BestOfMany) -> str:
    """What the verifier makes of many tries, in one sentence."""
    binary, s = result.curve("binary"), result.scenario
    verifier = (
        f"A verifier that accepts {s.true_positive:.0%} of right and {s.false_positive:.0%} of"
        " wrong answers"
    )
    if binary.is_worse_than_chance:
        return (
            f"{verifier} is worse than chance: {result.problems} falls from"
            f" {in_percent(result.one_try)} in one try to a ceiling of"
            f" {in_percent(binary.ceiling)}, however many tries are made. Turned round, it"
            " would help."
        )
    if binary.ceiling <= result.one_try * (1.0 + 1e-9):
        return (
            f"{verifier} tells nothing: {result.problems} stays at {in_percent(result.one_try)},"
            " however many tries are made."
        )
    perfect = result.curve("perfect")
    end = (
        f"a perfect checker reaches {in_percent(float(perfect.accuracy[perfect.last]))} at"
        f" {_in_tries(result.tries[perfect.last])}"
    )
    at = result.tries_to_nine_tenths
    where = f", nine tenths of the way after {_in_tries(at)}" if np.isfinite(at) else ""
    return (
        f"{verifier} lifts {result.problems} from {in_percent(result.one_try)} to"
        f" {in_percent(binary.ceiling)} at most{where}; {end}: what limits many tries is the"
        " verifier."
    )


def _in_tries(count: float) -> str:
    return f"{in_words(count)} {'try' if count == 1 else 'tries'}"


@answer_of.register
def compute_map_answer(result: ComputeMap) -> str:
    """The best split in one sentence, with its range."""
    if result.best is None:
        return (
            "Nothing is to be answered, so all of the budget goes to training and the best"
            " model is Chinchilla's: give a demand above 0 to trade one against the other."
        )
    share, passes, score = result.train_share, result.passes, result.best_score
    written = in_words(passes.value, 2)
    one, many, each = (
        ("position", "positions", "move") if result.is_game else ("pass", "passes", "answer")
    )
    into = f"{one if written == '1' else many} into each {each}"
    meant = "" if result.is_game else "; one pass writes it once"
    most = "; more buys nothing" if result.at_span >= 0.5 else ""
    task = (
        result.rate.title
        if result.is_game
        else "your own rate"
        if result.rate.name == OWN_RATE
        else result.rate.title.lower()
    )
    return (
        f"With {result.budget_words}, the best split for {task} puts {share.value:.0%} of the"
        " budget into training (80% range "
        f"{share.low:.0%} to {share.high:.0%}) and {written} {into} (80% range"
        f" {in_words(passes.low, 2)} to "
        f"{in_words(passes.high, 2)}{meant}{most}), which is"
        f" {'worth' if result.is_game else 'as good as'} "
        f"{score_words(score.value, result.is_game)} ({_score_range(result)})"
        f"{'' if result.is_game else ' of training by a model that answers in one pass'}."
    )


def _score_range(result: ComputeMap) -> str:
    """The range of what the best split buys; where it has no width, why."""
    low, high = (
        score_words(end, result.is_game) for end in (result.best_score.low, result.best_score.high)
    )
    if low != high:
        return f"{low} to {high}"
    gain = result.rate.gain_oom
    if gain is None or gain.low < gain.high or result.at_span < 0.5:
        return "the same over the 80% range"
    worth = f"{significant(10.0**gain.median, 2)}× the training"
    return (
        "the same over the 80% range: the whole span of passes is used, and its worth,"
        f" {worth}, is published as one number"
    )


def score_words(score: float, is_game: bool) -> str:
    """A quality in words: Elo, or the training FLOP that would be as good in one pass."""
    return (
        f"{round(score):,} Elo".replace("-", "−") if is_game else f"{in_words(10.0**score, 2)} FLOP"
    )


def needed_words(result: Coverage) -> str:
    """The tries for the target with their range, in words."""
    needed = result.tries_for_target
    return (
        _tries(needed.value)
        if np.isinf(needed.value)
        else f"{_tries(needed.value)} (80% range {_span(needed)})"
    )


@answer_of.register
def coverage_answer(result: Coverage) -> str:
    """What it takes to reach the target, in one sentence with its range."""
    needed, target = result.tries_for_target, in_percent(result.scenario.target_coverage)
    start = (
        f"One try of {result.counts.name} solves {in_percent(result.counted[0])} of the problems,"
        " at least one of "
    )
    counted = f"{start}{in_words(result.tries[-1])} tries {in_percent(result.counted[-1])}"
    if np.isinf(needed.value):
        soonest = "" if np.isinf(needed.low) else f" (80% range from {_tries(needed.low)})"
        return f"{counted}; {target} is not reached within {in_words(MAX_TRIES)} tries{soonest}."
    money = result.usd_for_target
    return (
        f"{counted}; {target} takes about {_tries(needed.value)} a problem (80% range"
        f" {_span(needed)}), {in_dollars(money.value, 2)} at"
        f" {in_dollars(result.scenario.usd_per_try)} a try, if a checker picks out the right one."
    )


@answers_of.register
def coverage_answers(result: Coverage) -> tuple[str, str]:
    """The sentences that the page begins with."""
    return result.answer, coverage_check(result)


def coverage_check(result: Coverage) -> str:
    """Where the laws have seen fewer tries than were made: what they predicted against what
    happened; and whether problems are few.
    """
    few = (
        f"With {len(result.counts)} problems the range is a rough one. "
        if len(result.counts) < FEW_PROBLEMS
        else ""
    )
    if result.most_seen >= result.tries[-1]:
        return few.strip()
    last = result.tries[-1:]
    shares = [
        f"the {LAW_TITLES[name]} predicts {in_percent(float(law.coverage(last)[0, 0]))}"
        for name, law in result.laws.items()
    ]
    truth = in_percent(float(result.counted[-1]))
    return (
        f"{few}From {in_words(result.most_seen)} tries a problem {', '.join(shares)} at"
        f" {in_words(last[0])}; counted: {truth}."
    )


def _span(figure: Range) -> str:
    return (
        f"{in_words(figure.low, 2)} to"
        f" {'over ' if np.isinf(figure.high) else ''}{in_words(min(figure.high, MAX_TRIES), 2)}"
    )


def _tries(count: float) -> str:
    if np.isinf(count):
        return f"over {in_words(MAX_TRIES)} tries"
    return f"{in_words(count, 2)} {'try' if count == 1 else 'tries'}"


@answer_of.register
def size_comparison_answer(result: SizeComparison) -> str:
    """The small model often against the large one once, in one sentence."""
    s = result.scenario
    tries = f"{in_words(result.tries_for_one)} {'try' if result.tries_for_one == 1 else 'tries'}"
    return (
        f"For the price of one try of {s.big_model}, which solves {in_percent(result.big_once)},"
        f" {s.small_model} makes {tries} and solves {in_percent(result.small_at_equal_cost)} with"
        f" a perfect checker, {in_percent(result.small_with_verifier)} with a verifier that"
        f" accepts {s.true_positive:.0%} of right and {s.false_positive:.0%} of wrong answers."
        f" {_lead(result)}"
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
    """Who solves how much for how much, in one sentence."""
    others = " and ".join(
        f"one of {case.model} {in_percent(case.solved)} for {in_dollars(case.usd_total)}"
        for case in result.cases[1:]
    )
    cheap = result.cheap
    tries = result.tries_in_budget
    budget = in_dollars(result.scenario.budget_usd_per_task)
    most = result.coverage_points[-1][0]
    if tries < 1:
        more = f"{budget} an issue does not pay for a single try."
    else:
        beyond = "" if tries <= most else f", beyond the {most} tries that were published"
        share = in_percent(float(result.law.coverage(np.array([float(tries)]))[0, 0]), 2)
        count = f"{in_words(tries)} {'try' if tries == 1 else 'tries'}"
        more = (
            f"{budget} an issue pays for {count} of {cheap.model}, in at least one of which"
            f" about {share} would be solved{beyond}."
        )
    return (
        f"{cheap.tries} tries of {cheap.model} solve {in_percent(cheap.solved)} of"
        f" {SWE_BENCH_ISSUES} issues for {in_dollars(cheap.usd_total)}; {others}. {more}"
    )


def _budget(cost: float) -> str:
    return f"{in_words(cost, 2)} {'try' if cost == 1 else 'tries'} of the large one"


@answer_of.register
def elo_claim_answer(result: EloClaim) -> str:
    """The claim judged, in one sentence."""
    return (
        f"The claim that {result.claimed_elo:,.0f} Elo by training alone take"
        f" {in_words(result.claimed_factor)} times the compute is the rule's arithmetic:"
        f" {significant(result.doublings, 4)} doublings, {in_words(result.factor, 3)}×; AlphaGo"
        f" Zero's own gap, {result.raw_elo:,.0f} Elo without search and {result.search_elo:,.0f}"
        f" with it, would take {in_words(result.alphago_factor, 2)}×. The gap in Elo was"
        " measured; that training would have closed it at this rate was not."
    )


@answer_of.register
def human_parity_answer(result: HumanParity) -> str:
    """When, with its range and the chance that it is not soon."""
    case, figure = result.case, result.crossing
    costs = (
        f"{in_dollars(case.machine_usd.median)} a task against a person's"
        f" {in_dollars(case.human_usd.median)}"
    )
    when = f"{case.priced_on:%B %Y}"
    late = f"the chance that it does not by {HORIZON} is {percent(result.not_by_horizon)}"
    if result.already >= 0.5:
        return (
            f"At {costs} in {when}, a machine's answer already cost less than a person's"
            f" (probability {percent(result.already)})."
        )
    ends = figure.range_words(month_words)
    if math.isinf(figure.value) or figure.value > HORIZON:
        return (
            f"From {costs} in {when}, these inputs do not bring a machine's answer below a"
            f" person's by {HORIZON} ({ends}; {late})."
        )
    return (
        f"From {costs} in {when}, a machine's answer costs less than a person's from"
        f" {month_words(figure.value)} on ({ends}); {late}."
    )


@answers_of.register
def human_parity_answers(result: HumanParity) -> tuple[str, ...]:
    """The forecast, and what was measured of it."""
    return tuple(words for words in (result.answer, parity_measured(result)) if words)


def parity_measured(result: HumanParity) -> str:
    """Whether the leaderboard has the crossing, since when, and how that compares with the
    forecast; empty for tasks that are not on it.
    """
    found = result.measured
    if found is None:
        return ""
    wanted = f"{found.score:g}% or more for {in_dollars(found.usd)} a task or less"
    if found.reached is None:
        return f"Not measured yet: no machine on the {found.board} scores {wanted}."
    entry = found.reached
    who = f"{entry.name} scores {entry.score:g}% for {in_dollars(entry.usd)}"
    if entry.released is None:
        return f"Measured: crossed by {found.read_on}, as {who} ({found.board})."
    return (
        f"Measured: crossed in {entry.released:%B %Y}, as {who} ({found.board}; the month is that"
        f" of the model's release){_against_forecast(result, entry)}."
    )


def _against_forecast(result: HumanParity, entry: Entry) -> str:
    """How far from the forecast's middle a crossing lies, and whether in its range."""
    forecast = result.crossing
    if entry.released is None or math.isinf(forecast.value) or result.already >= 0.5:
        return ""
    at = float(decimal_years(np.array([entry.released], dtype="datetime64[D]"))[0])
    months = round(12.0 * (at - forecast.value))
    count = f"{abs(months)} month{'' if abs(months) == 1 else 's'}"
    apart = (
        f"{count} {'before' if months < 0 else 'after'} the middle of the forecast"
        if months
        else "in the month that the forecast has"
    )
    side = "before" if at < forecast.low else "after" if at > forecast.high else "within"
    return f": {apart} from {result.case.priced_on:%B %Y}, {side} its 80% range"


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
        f" {found.cheapest.score:g}% for {in_dollars(found.cheapest.usd)} a task{beside}."
        f"{reached}"
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
    """Size, tokens, split and saving in one sentence, with ranges where the law has them."""
    s = result.scenario
    quality = f"the quality of a Chinchilla model of {in_words(s.quality_params)} parameters"
    if result.best.is_chinchilla:
        return (
            f"Without demand, {quality} is cheapest from that very model, trained on"
            f" {in_words(result.best.tokens)} tokens: {in_dollars(result.total_usd.value)}, all of"
            " it for training."
        )
    return (
        f"For {in_words(s.requests_per_day)} requests a day over {in_words(s.days)} days,"
        f" {quality} is cheapest from a model of {in_words(result.params.value)}"
        f" parameters{_ends(result, result.params)} on {in_words(result.tokens.value)}"
        f" tokens{_ends(result, result.tokens)}: {in_dollars(result.total_usd.value)} in all,"
        f" {result.train_share.value:.0%} of it for training, {saved(result.saving.value)} less"
        " than with that Chinchilla model."
    )


def _ends(result: ServeAtScale, figure: Range) -> str:
    return f" ({figure.range_words(in_words)})" if result.law.has_range else ""


def serving_note(result: ServeAtScale) -> str:
    """Where half of the cost is training, and how far the model is trained beyond what was
    tried.
    """
    half = (
        f"Training is half of the cost at {in_words(result.half_at, 2)} requests a day."
        if math.isfinite(result.half_at)
        else "Training stays above half of the cost at any demand shown."
    )
    ratio = result.best.tokens_per_param
    tried = f"{ratio:,.0f} tokens per parameter"
    if ratio > MAX_TRIED_TOKENS_PER_PARAM:
        return (
            f"{half} The model would be trained on {tried}, more than any published run (640):"
            " the law is stretched there."
        )
    return f"{half} The model is trained on {tried}; published runs go to 640."


def saved(share: float) -> str:
    """A saving in per cent, small ones told apart from none."""
    return f"{share:.0%}" if share >= 0.095 else f"{share:.1%}" if share >= 0.0005 else "hardly"


@answer_of.register
def step_comparison_answer(result: StepComparison) -> str:
    """What equal accuracy costs, step by step against whole answers, in one sentence."""
    s, target = result.scenario, in_percent(result.scenario.target_accuracy)
    alone = in_percent(result.chain.accuracy, 2)
    start = (
        f"A solution of {s.steps} steps, each right with {in_percent(s.step_right)}, is right"
        f" in {alone} of cases. "
    )
    reached = {way: found for way, found in result.cheapest.items() if found is not None}
    by_step = [found for way, found in reached.items() if way != "whole answers"]
    whole = reached.get("whole answers")
    if not reached:
        best = max(result.ceilings.values())
        return (
            f"{start}No way of searching reaches {target} with these verifiers:"
            f" {in_percent(best)} is the most that any can."
        )
    if whole is None and by_step:
        best_step = min(by_step, key=lambda found: found.cost)
        return (
            f"{start}{target} takes {_steps(best_step.cost)} with each step checked"
            f" ({best_step.way}, {best_step.setting}); checking whole answers only never gets"
            f" there: its ceiling is {in_percent(result.ceilings['whole answers'], 2)}."
        )
    if not by_step:
        cost = whole.cost if whole else float("nan")
        return (
            f"{start}{target} takes {_steps(cost)} by checking whole answers; checking steps"
            " with this verifier does not reach it."
        )
    best_step = min(by_step, key=lambda found: found.cost)
    cost = whole.cost if whole else float("nan")
    return (
        f"{start}{target} takes {_steps(best_step.cost)} with each step checked"
        f" ({best_step.way}, {best_step.setting}) against {_steps(cost)} with whole answers"
        f" checked only: ×{significant(cost / best_step.cost, 2)}."
    )


@answers_of.register
def step_comparison_answers(result: StepComparison) -> tuple[str, str]:
    """The sentences that the page begins with."""
    return result.answer, step_limits(result)


def step_limits(result: StepComparison) -> str:
    """The two limits with perfect verifiers."""
    return (
        f"With perfect verifiers: {_steps(result.problem.perfect_retried_steps)} step by step, "
        f"{_steps(result.problem.perfect_whole_answers)} by whole answers."
    )


def _steps(count: float) -> str:
    return f"{in_words(count, 3 if count < 1000 else 2)} steps"
