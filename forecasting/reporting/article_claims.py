"""The claims of the source article (dated 2025-01-17), each judged by the forecasts of this engine
with their default scenarios.

A verdict is one of four: it “holds”, it is “too early” (it comes, but later), “too strong” (less is
so than was said), or it is “not judged by our data”, which is said rather than guessed.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Literal, TypeVar

import pandas as pd

from forecasting.compute_cost.compute_cost import model_cost
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.compute_cost.gpt2_claim import gpt2_claim
from forecasting.compute_cost.price_trend import price_trend
from forecasting.context import Context, DataOrContext, context_of, law_in_use
from forecasting.formatting import (
    in_dollars,
    in_flop,
    in_month,
    in_words,
    range_in_words,
    significant,
)
from forecasting.inference.equal_cost import swe_bench_case
from forecasting.inference.exchange_rate import EloClaim, elo_claim
from forecasting.inference.hex_frontier import hex_frontier
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.inference.leaderboard import (
    Entry,
    board_words,
    first_to_reach,
    listed,
    machines,
)
from forecasting.planning.generations import Generations, generations
from forecasting.planning.plan_scenario import PlanScenario
from forecasting.reporting.compute_cost_answers import when_range
from forecasting.scaling.architectures import ArchitectureComparison, architectures
from forecasting.scaling.scaling_scenario import ScalingScenario
from forecasting.scenario import Scenario, inputs_class
from forecasting.stats.estimate import Estimate
from forecasting.text_limits.text_exhaustion import TextExhaustion, text_exhaustion
from forecasting.text_limits.text_published_dates import THE_PAPER
from forecasting.text_limits.text_scenario import TextScenario, preset
from forecasting.units import DAYS_PER_YEAR

R = TypeVar("R")
Verdict = Literal["holds", "too early", "too strong", "not judged by our data"]
CLAIMED_ON = "2025-01-17"
#: “A few years” after the article.
A_FEW_YEARS_ON = 2030
#: ARC Prize's announcement of ARC-AGI-2.
ARC_AGI_2_RELEASE = dt.date(2025, 3, 24)
#: The cluster that the article speaks of, and the days in which it was built.
CLAIMED_SITE, CLAIMED_DAYS = "Colossus 1", 122
ARTICLE_ONLY = "Stated only by the article; none of our public tables has it."


@dataclass(frozen=True)
class Judgement:
    """Our `figure` in words with its range, the `verdict`, and the scenario and section (by fields
    of the display) that show it in full.

    `by_forecast` says that the verdict is on what has not come yet, so that our forecast alone
    bears it.
    """

    figure: str
    verdict: Verdict
    scenario: Scenario | None = None
    display: Mapping[str, str] = field(default_factory=dict)
    by_forecast: bool = False


@dataclass(frozen=True)
class JudgedClaim:
    """A claim of the article with what it states and our judgement."""

    claim: str
    about: str
    judgement: Judgement


class Basis:
    """The forecasts that the judgements rest on, each made when first needed."""

    def __init__(self, context: Context, seed: int = 0) -> None:
        self.context = context
        self.data = context.data
        self.seed = seed

    def made(self, function: Callable[..., R], scenario: Scenario) -> R:
        """A forecast, cached with the context for whoever asks for the same."""
        inputs = inputs_class(function).of(scenario)
        return self.context.results.get(
            (function, inputs), lambda: function(inputs, data=self.context)
        )

    @cached_property
    def text(self) -> TextExhaustion:
        """The date of the text wall."""
        return self.made(text_exhaustion, TextScenario(seed=self.seed))

    @cached_property
    def ladder(self) -> Generations:
        """The generations of models."""
        return self.made(generations, PlanScenario(seed=self.seed))

    @cached_property
    def vision(self) -> ArchitectureComparison:
        """Vision transformers against convolutional networks."""
        return self.made(architectures, ScalingScenario(seed=self.seed))

    @cached_property
    def elo(self) -> EloClaim:
        """What 2,000 Elo take."""
        return elo_claim(self.data)

    def arc(self, model: str) -> Entry:
        """What a model or people scored on ARC-AGI-1, and for how much."""
        return listed(model, self.data)


def judged_claims(data: DataOrContext, seed: int = 0) -> tuple[JudgedClaim, ...]:
    """Every claim of the table article_claims with its judgement, in the table's order."""
    basis = Basis(context_of(data), seed)
    claims = zip(
        basis.data["article_claims"]["claim"],
        basis.data["article_claims"]["about"],
        strict=True,
    )
    return tuple(JudgedClaim(claim, about, JUDGES[claim](basis)) for claim, about in claims)


def claims_table(claims: tuple[JudgedClaim, ...]) -> pd.DataFrame:
    """A row a claim: what was claimed, when, our figure, the verdict."""
    return pd.DataFrame(
        {
            "claim": [each.claim for each in claims],
            "claimed_on": CLAIMED_ON,
            "our_figure": [each.judgement.figure for each in claims],
            "verdict": [each.judgement.verdict for each in claims],
        }
    )


def _a_century(basis: Basis) -> Judgement:
    scenario = CostScenario(series="long_run", from_year=1900, until_year=2025, seed=basis.seed)
    century = basis.made(price_trend, scenario)
    value, low, high = century.doubling
    rents = basis.made(price_trend, CostScenario(series="rental", seed=basis.seed))
    first, last = (math.floor(rents.points.dates[at]) for at in (0, -1))
    figure = (
        f"from 1900 to {century.points.dates[-1]:.0f} it halved every {significant(value, 2)} years"
        f" (95% range {significant(low, 2)} to {significant(high, 2)}); rented compute per dollar"
        f" doubled every {significant(rents.doubling[0], 2)} years from {first} to {last}"
    )
    if rents.recent is not None and rents.recent.rose > rents.recent.fell:
        figure += f", though rents rose in {in_month(rents.recent.after)}"
    return Judgement(figure, "holds", scenario, {"view": "price"})


def _gpt2(basis: Basis) -> Judgement:
    scenario = CostScenario(seed=basis.seed)
    claim = basis.made(gpt2_claim, scenario)
    measured = (
        f"{in_dollars(claim.nearest_before.cost_usd)} in 2024, {in_dollars(claim.latest.cost_usd)}"
        " in 2026, both measured"
    )
    verdict: Verdict = (
        "too early" if claim.nearest_before.cost_usd > scenario.claim_usd else "holds"
    )
    return Judgement(measured, verdict, scenario, {"view": "claim"})


def _gpt3(basis: Basis) -> Judgement:
    scenario = CostScenario(model="GPT-3", budget_usd=30.0, seed=basis.seed)
    reached = basis.made(model_cost, scenario).with_algorithms_under_budget
    verdict: Verdict = "holds" if reached.value <= A_FEW_YEARS_ON else "too early"
    claim = basis.made(gpt2_claim, CostScenario(seed=basis.seed))
    figure = (
        f"by our forecast, GPT-3's quality for $30 {when_range(reached)}; measured runs of GPT-2's"
        f" quality cost {significant(claim.ratio_to_forecast, 2)}× that forecast, so it may come"
        " later"
    )
    return Judgement(figure, verdict, scenario, {"view": "model"}, by_forecast=True)


def _straight_lines(basis: Basis) -> Judgement:
    law = law_in_use("refit", basis.context)
    low, high = Estimate(law.law.E, law.draws.E).interval(0.8)
    figure = (
        f"lines bend towards a floor of {significant(law.law.E, 3)} nats per token (80% range"
        f" {low:.2f} to {high:.2f})"
    )
    return Judgement(figure, "too strong", ScalingScenario(seed=basis.seed), {"view": "kaplan"})


def _vision(basis: Basis) -> Judgement:
    crossing = basis.vision.crossovers[0]
    low, high = crossing.interval(0.8)
    ends = range_in_words(low, high, partial(in_words, digits=2))
    figure = f"{crossing.better} passes {crossing.worse} at {in_words(crossing.value, 2)} images"
    figure += (
        f" (80% range {ends}); for a network five times its size, no crossing can be determined"
    )
    verdict: Verdict = "holds" if crossing.verdict == "inside" else "too strong"
    return Judgement(figure, verdict, ScalingScenario(seed=basis.seed), {"view": "architectures"})


def _usable(basis: Basis) -> Judgement:
    quality = basis.text.scenario.quality
    figure = (
        f"{quality.median:.0%} (95% range {quality.low:.0%} to {quality.high:.0%}), as estimated by"
        " Villalobos et al. 2024"
    )
    return Judgement(figure, "holds", TextScenario(seed=basis.seed), {"view": "date"})


def _year(year: float) -> str:
    return str(math.floor(year)) if math.isfinite(year) else "never"


def _used_up(basis: Basis) -> Judgement:
    scenario = TextScenario(seed=basis.seed)
    then = basis.made(text_exhaustion, preset("epoch_2024", scenario))
    verdict: Verdict = "holds" if basis.text.median_year <= 2028.999 else "too early"
    figure = (
        f"by our forecast, {basis.text.used_up.with_range(_year)}, with demand from what is known"
        f" in 2026; Epoch AI published {THE_PAPER.words} in June 2024, and our run of its inputs"
        f" gives {then.used_up.with_range(_year)}"
    )
    return Judgement(figure, verdict, scenario, {"view": "date"}, by_forecast=True)


def _hundredfold(basis: Basis) -> Judgement:
    ladder = basis.ladder
    figure = (
        f"100× the compute is {significant(ladder.step_params, 2)}× the parameters on"
        f" {significant(ladder.step_tokens, 2)}× the text, every"
        f" {significant(ladder.lasts_years.value, 2)} years (80% range {ladder.lasts_years.low:.1f}"
        f" to {ladder.lasts_years.high:.1f})"
    )
    return Judgement(figure, "too strong", PlanScenario(seed=basis.seed), {"view": "ladder"})


def _gpt6(basis: Basis) -> Judgement:
    step = basis.ladder.runs_out("text", "compute")
    if step is None:
        return Judgement(
            "text suffices for every step",
            "too early",
            PlanScenario(seed=basis.seed),
            {"view": "ladder"},
        )
    low, high = round(step.date.low), round(step.date.high)
    figure = f"text falls short at {step.name}, {step.date.value:.0f}" + (
        f" (80% range {low} to {high})" if low < high else ""
    )
    verdict: Verdict = "holds" if step.name.startswith("GPT-6") else "too early"
    figure += f"; such a step takes {in_flop(step.training_flop.value)} FLOP, the largest run known"
    models = basis.data["ai_models"].dropna(subset=["training_flop"])
    at = int(models["training_flop"].to_numpy().argmax())
    largest, name = float(models["training_flop"].iloc[at]), str(models["model"].iloc[at])
    figure += f" {in_flop(largest)} ({name})"
    return Judgement(
        figure, verdict, PlanScenario(seed=basis.seed), {"view": "ladder"}, by_forecast=True
    )


def _elo_per_doubling(basis: Basis) -> Judgement:
    frontier = hex_frontier(basis.data)
    training = frontier.elo_per_oom * 0.30103
    low, high = (end * 0.30103 for end in frontier.slope_range)
    figure = (
        f"in Hex, {training:.0f} Elo per doubling of training (95% range {low:.0f} to {high:.0f})"
        f" and {training / 1.2:.0f} per doubling of search; there is no public sweep for Go"
    )
    return Judgement(
        figure, "not judged by our data", InferenceScenario(seed=basis.seed), {"view": "axes"}
    )


def _elo_by_training(basis: Basis) -> Judgement:
    elo = basis.elo
    figure = (
        f"{in_words(elo.factor, 2)} times by its own rule; {in_words(elo.alphago_factor, 2)} times"
        " for AlphaGo Zero's measured gap"
    )
    return Judgement(figure, "holds", InferenceScenario(seed=basis.seed), {"view": "axes"})


def _without_search(basis: Basis) -> Judgement:
    elo = basis.elo
    known = basis.data["alphago_elo"].set_index("player")["elo"]
    fan, lee = float(known["AlphaGo Fan"]), float(known["AlphaGo Lee"])
    figure = (
        f"{elo.raw_elo:,.0f} Elo without search, {elo.search_elo:,.0f} with it; {fan:,.0f} beat a"
        f" European champion, {lee:,.0f} the world's best"
    )
    verdict: Verdict = "holds" if elo.raw_elo < lee else "too strong"
    return Judgement(figure, verdict, InferenceScenario(seed=basis.seed), {"view": "axes"})


def _many_tries(basis: Basis) -> Judgement:
    scenario = InferenceScenario(seed=basis.seed)
    case = basis.made(swe_bench_case, scenario)
    gpt4o = next(each for each in case.cases if "GPT-4o" in each.model)
    figure = (
        f"{case.cheap.tries} tries of {case.cheap.model} solve {case.cheap.solved:.1%} for"
        f" {in_dollars(case.cheap.usd_total)}, one of GPT-4o {gpt4o.solved:.1%} for"
        f" {in_dollars(gpt4o.usd_total)}"
    )
    verdict: Verdict = "holds" if case.cheap.solved > gpt4o.solved else "too strong"
    return Judgement(figure, verdict, scenario, {"view": "tries", "tries_part": "swe_bench"})


def _step_verifier(basis: Basis) -> Judgement:
    accuracy = basis.data["verifier_selection_published"].set_index("method")["accuracy_pct"]
    process, outcome, vote = (
        float(accuracy[name]) for name in ("PRM best-of-N", "ORM best-of-N", "majority vote")
    )
    figure = (
        f"{process:.1f}% against {outcome:.1f}% with a verifier of whole answers"
        f" (+{process / outcome - 1:.0%}) and {vote:.1f}% by vote (+{process / vote - 1:.0%}), best"
        " of 1,860"
    )
    return Judgement(
        figure,
        "too strong",
        InferenceScenario(seed=basis.seed),
        {"view": "tries", "tries_part": "selection"},
    )


def _scores(basis: Basis, figure: str, verdict: Verdict) -> Judgement:
    return Judgement(
        figure,
        verdict,
        InferenceScenario(seed=basis.seed),
        {"view": "person", "person_part": "scores"},
    )


def _gpt4o(basis: Basis) -> Judgement:
    score = basis.arc("GPT-4o").score
    figure = f"{score:.1f}% on the {board_words(basis.data)}"
    return _scores(basis, figure, "holds" if abs(score - 5) <= 1 else "too strong")


def _average_person(basis: Basis) -> Judgement:
    score = basis.arc("Avg. Mturker").score
    figure = (
        f"{score:.0f}% for people recruited online, {basis.arc('Stem Grad').score:.0f}% for"
        " graduates (ARC Prize leaderboard of 2025)"
    )
    return _scores(basis, figure, "holds" if abs(score - 75) <= 5 else "too strong")


def _o3(basis: Basis) -> Judgement:
    table = basis.data["o3_arc_agi_2024"]
    best = float(
        table.loc[
            (table["set"] == "semi-private") & (table["efficiency"] == "low"), "score_pct"
        ].iloc[0]
    )
    cheaper = float(
        table.loc[
            (table["set"] == "semi-private") & (table["efficiency"] == "high"), "score_pct"
        ].iloc[0]
    )
    figure = f"{best:.1f}% with 172× the compute, {cheaper:.1f}% without it"
    return _scores(basis, figure, "holds" if abs(best - 88) <= 1 else "too strong")


def _thousand_dollars(basis: Basis) -> Judgement:
    table = basis.data["o3_arc_agi_2024"]
    cheap = float(
        table.loc[
            (table["set"] == "semi-private") & (table["efficiency"] == "high"), "usd_per_task"
        ].iloc[0]
    )
    dear = f"{in_dollars(172 * cheap, 2)} in December 2024, ten times that since"
    figure = f"{in_dollars(cheap)} with little compute; 172× as much would be {dear}"
    return _scores(
        basis, figure + "; the price of the 88% was not published", "not judged by our data"
    )


def _five_dollars(basis: Basis) -> Judgement:
    average, graduate = basis.arc("Avg. Mturker"), basis.arc("Stem Grad")
    ends = (f"{in_dollars(each.usd)} ({each.score:.0f}% right)" for each in (average, graduate))
    return _scores(basis, f"{' to '.join(ends)}, ARC Prize leaderboard of 2025", "holds")


def _second_benchmark(basis: Basis) -> Judgement:
    entries, board = machines("ARC-AGI-2", basis.data), board_words(basis.data)
    best = max(entries, key=lambda entry: entry.score)
    above = next(iter(first_to_reach(30.0 + 1e-9, entries)), None)
    if above is None:
        figure = f"{best.score:g}% at most ({best.name}) on the {board}, which has no later models"
        return _scores(basis, figure, "not judged by our data")
    at_release = max(
        (entry for entry in entries if entry.released and entry.released <= ARC_AGI_2_RELEASE),
        key=lambda entry: entry.score,
    )
    figure = (
        f"among models released before it, in {ARC_AGI_2_RELEASE:%B %Y} {at_release.score:g}% at"
        f" most ({at_release.name})"
    )
    if above.released is None:
        figure += f"; {above.score:.0f}% ({above.name}) by the date of the {board}"
        return _scores(basis, figure, "not judged by our data")
    figure += (
        f"; {above.score:.0f}% by a model of {above.released:%B %Y} ({above.name}), and"
        f" {best.score:g}% at most ({best.name}) on the {board}"
    )
    within = (above.released - ARC_AGI_2_RELEASE).days <= DAYS_PER_YEAR
    return _scores(basis, figure, "holds" if within and at_release.score <= 30 else "too strong")


def _faster(basis: Basis) -> Judgement:
    declines = basis.data["token_price_declines"]["price_reduction_per_year"]
    frontier = basis.ladder.lasts_years.value
    growth = 100 ** (1 / frontier)
    figure = (
        f"the price of equal quality falls by a factor of {declines.median():.0f} per year (21"
        f" fits, {declines.min():.0f} to {declines.max():.0f})"
    )
    figure += (
        f"; training compute grows by a factor of {significant(growth, 2)} per year: two different"
        " measures"
    )
    return Judgement(
        figure,
        "not judged by our data",
        InferenceScenario(seed=basis.seed),
        {"view": "person", "person_part": "parity"},
    )


def _cluster(basis: Basis) -> Judgement:
    sites = basis.data["data_center_timelines"]
    site = sites[sites["data_center"] == CLAIMED_SITE].sort_values("date")
    reached = site[site["h100_equivalents"] >= 100_000]["date"].min()
    begun = site[(site["it_power_mw"] == 0) & (site["date"] < reached)]["date"].max()
    scenario, display = PlanScenario(seed=basis.seed), {"view": "cluster"}
    if pd.isna(begun):
        return Judgement(
            f"the building date of {CLAIMED_SITE} is not in our data",
            "not judged by our data",
            scenario,
            display,
        )
    days = (reached - begun).days
    figure = (
        f"{CLAIMED_SITE} had no power on {begun:%-d %B %Y} and 100,000 H100 equivalents on"
        f" {reached:%-d %B %Y}, {days} days later (Epoch AI, by satellite images and permits)"
    )
    return Judgement(
        figure, "holds" if days <= 1.25 * CLAIMED_DAYS else "too strong", scenario, display
    )


def _not_here(_basis: Basis) -> Judgement:
    return Judgement("–", "not judged by our data")


def _article_alone(_basis: Basis) -> Judgement:
    return Judgement(ARTICLE_ONLY, "not judged by our data")


#: The judge of each claim, by its words in the table article_claims.
JUDGES: Mapping[str, Callable[[Basis], Judgement]] = {
    "The cost of computing has fallen exponentially for about a hundred years": _a_century,
    "GPT-2 can be reproduced by any student for about 30 dollars five years later": _gpt2,
    "In a few years the same will hold for GPT-3": _gpt3,
    "Loss is a straight line in log-log against compute, data and parameters": _straight_lines,
    "Architectures differ in slope; with hundreds of millions of images the vision transformer"
    " overtakes the convolutional network": (_vision),
    "About 20 percent of internet text is fit for training": _usable,
    "All text data is used up between 2025 and 2028": _used_up,
    "Each next generation of models needs 100 times more of everything": _hundredfold,
    "GPT-5 class models still gain from training scale, GPT-6 class models will find it hard": (
        _gpt6
    ),
    "120 Elo in Go takes twice the training or twice the inference compute": _elo_per_doubling,
    "From 3000 to 5000 Elo by training alone takes 100000 times the compute": _elo_by_training,
    "AlphaGo Zero without search could not have beaten people": _without_search,
    "Repeated sampling with unit tests lets a weaker open model beat GPT-4o": _many_tries,
    "A step verifier raises accuracy on mathematics by 25 percent": _step_verifier,
    "GPT-3 solved 0 percent of ARC-AGI": _article_alone,
    "GPT-4o solved 5 percent of ARC-AGI": _gpt4o,
    "The average person solves 75 percent of ARC-AGI": _average_person,
    "o1 solved 31 percent of ARC-AGI": _article_alone,
    "o3 solved 88 percent of ARC-AGI": _o3,
    "An o3 answer on ARC-AGI cost 1000 dollars": _thousand_dollars,
    "People solve an ARC-AGI task for 5 dollars": _five_dollars,
    "Models will solve at most 30 percent of ARC-AGI-2 at its release and it will not hold for more"
    " than a year": (_second_benchmark),
    "Progress by inference scaling is faster than by training scaling": _faster,
    "A cluster of 100000 H100 was built in 122 days": _cluster,
    "OpenAI lost 16 points of the enterprise market and Anthropic gained 12": _not_here,
    "AGI comes before January 2029": _not_here,
}
