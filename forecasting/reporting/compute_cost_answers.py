"""Costs of compute in words: a model's cost, the trend of a price, the claim about GPT-2."""

from __future__ import annotations

import math
from functools import partial

from forecasting.answers import answer_of, answers_of
from forecasting.compute_cost.compute_cost import FIRST_YEAR, LAST_YEAR, ModelCost
from forecasting.compute_cost.gpt2_claim import Gpt2Claim
from forecasting.compute_cost.price_trend import PriceTrend
from forecasting.compute_cost.rental_offers import COMMITMENT_LABELS
from forecasting.formatting import in_dollars, in_month, in_words, in_years, significant
from forecasting.stats.bands import Range
from forecasting.stats.year_ranges import when_in_words
from forecasting.trends.error_opinions import ErrorOpinions


@answer_of.register
def model_cost_answer(result: ModelCost) -> str:
    """The answer in one sentence, with its ranges."""
    s = result.scenario
    way = "rented chips" if s.convention == "rented" else "owned chips"
    if s.convention == "rented" and s.contract != "on_demand":
        way = f"chips rented {on_contract(s.contract)}"
    when = "would cost" if s.year > result.chip_hour.date else "would have cost"
    return (
        f"Training {result.model.name} ({in_words(result.model.training_flop)} FLOP) on {way}"
        f" at the start of {s.year} {when} about {money_range(result.hardware_at_year)} at that"
        " year's price of hardware alone, and about"
        f" {money_range(result.with_algorithms_at_year)} if algorithms improve at the usual pace."
    )


@answers_of.register
def model_cost_answers(result: ModelCost) -> tuple[str, str]:
    """The sentences that the page begins with."""
    return result.answer, budget_answer(result)


def on_contract(contract: str) -> str:
    """How chips are rented on a contract: “on demand”, “as spot chips”."""
    return "as spot chips" if contract == "spot" else COMMITMENT_LABELS[contract]


def budget_answer(result: ModelCost) -> str:
    """When the cost falls under the budget, in one sentence."""
    budget = in_dollars(result.scenario.budget_usd)
    return (
        f"It falls under {budget} {when_range(result.with_algorithms_under_budget)} with better"
        f" algorithms, and {when_range(result.hardware_under_budget)} by hardware alone."
    )


def diagnostic_words(opinions: ErrorOpinions) -> list[str]:
    """What the residuals of a trend say, a sentence a test."""
    found = opinions.diagnostics
    alike = (
        "neighbours go together, so that plain errors are too small"
        if found.ljung_box_p < 0.05
        else "no correlation can be made out"
    )
    wander = "the line does not hold throughout" if found.cusum_p < 0.05 else "no break shows"
    is_break = found.sup_f > found.critical_sup_f
    return [
        f"Ljung–Box over {found.lags} points: p {_chance(found.ljung_box_p)}; {alike}.",
        f"CUSUM of the residuals: p {_chance(found.cusum_p)}; {wander}.",
        (
            f"Chow test at every date (sup-F): {significant(found.sup_f, 2)} about"
            f" {found.break_year:.0f}, {'above' if is_break else 'below'} the 5% critical value"
            f" {found.critical_sup_f:.2f} of independent errors. The test of growth under the chart"
            " allows for dependence."
        ),
        (
            f"HAC errors take residuals to go together over {opinions.hac_lags} points; clusters"
            f" are {opinions.years} calendar years."
        ),
    ]


def _chance(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {significant(p, 2)}"


def money_range(figure: Range) -> str:
    """An amount with its 80% range: $1.2 million (80% range $0.3 million to $4 million)."""
    return figure.with_range(partial(in_dollars, digits=2))


def when_range(figure: Range) -> str:
    """A year with its 80% range, or “not before 2045”, “before 2010”."""
    return when_in_words(figure, FIRST_YEAR, LAST_YEAR)


@answer_of.register
def gpt2_claim_answer(result: Gpt2Claim) -> str:
    """The verdict in one sentence, from the measured runs."""
    s = result.scenario
    nearest, latest = result.nearest_before, result.latest
    return (
        f"The claim of {in_dollars(s.claim_usd)} is {result.verdict}: the nearest measured run"
        f" before it, {nearest.run} ({_month(nearest.date)}), cost"
        f" {in_dollars(nearest.cost_usd)}, {significant(result.times_too_cheap, 2)} times as"
        f" much; the latest run of GPT-2 grade cost {in_dollars(latest.cost_usd)}"
        f" ({_month(latest.date)}), and the measured line"
        f" (×{significant(result.measured_gain_per_year, 3)} cheaper a year since 2019)"
        f" {_passing(result)}."
    )


def _passing(result: Gpt2Claim) -> str:
    passes = result.measured_line_passes_claim
    when = _month(passes)
    if passes <= result.latest.date:
        return f"passed {in_dollars(result.scenario.claim_usd)} in {when}"
    return f"would pass {in_dollars(result.scenario.claim_usd)} in {when}"


def _month(year: float) -> str:
    return in_month(year)


@answer_of.register
def price_trend_answer(result: PriceTrend) -> str:
    """The answer in one sentence, with its range and its published counterpart."""
    value, low, high = result.doubling
    verb = "doubles" if result.points.rises else "halves"
    if not math.isfinite(value) or value <= 0:
        return (
            f"{result.points.label}: no {'rise' if result.points.rises else 'fall'} can be made out"
            f" in these {len(result.points.dates)} {result.points.points_are}."
        )
    return (
        f"{result.points.label} {verb} every {in_years(value)} (95% range {_span(low, high)}),"
        f" measured on {len(result.points.dates)} {result.points.points_are} from"
        f" {math.floor(result.points.dates[0])} to"
        f" {math.floor(result.points.dates[-1])}{_published_words(result)}."
        f"{_recent_words(result)}"
    )


def _recent_words(result: PriceTrend) -> str:
    """How rents have moved of late, which a line through all years does not show."""
    moves = result.recent
    if moves is None or not moves.offers:
        return ""
    way = "have risen" if moves.rose > moves.fell else "have fallen"
    if moves.rose == moves.fell:
        way = "have stood still"
    said = (
        f" Of late rents {way}: of {moves.offers} on-demand prices of {_month(moves.before)},"
        f" {moves.rose} were higher and {moves.fell} lower in {_month(moves.after)}"
    )
    if moves.offers_since:
        said += (
            f"; of {moves.offers_since} that the same vendors asked for the same chips in early"
            f" {math.floor(moves.quarter)}, {moves.rose_since} are higher now and"
            f" {moves.fell_since} lower (in dollars of the day)"
        )
    return f"{said}."


def _published_words(result: PriceTrend) -> str:
    published = result.points.published
    if published is None:
        return ""
    return (
        f"; published: {significant(published.doubling_time_years, 3)} years"
        f" ({significant(published.low, 3)} to {significant(published.high, 3)},"
        f" {published.source})"
    )


def _span(low: float, high: float) -> str:
    if math.isinf(high):
        return f"{in_years(low)} to never" if math.isfinite(low) else "not determined"
    return f"{significant(low, 3)} to {significant(high, 3)} years"
