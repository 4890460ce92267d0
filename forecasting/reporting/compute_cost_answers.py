"""Costs of compute in words: a model's cost, the trend of a price, the claim about GPT-2."""

from __future__ import annotations

import math
from functools import partial

from forecasting.answers import answer_of, lines_of
from forecasting.compute_cost.compute_cost import FIRST_YEAR, LAST_YEAR, ModelCost
from forecasting.compute_cost.gpt2_claim import Gpt2Claim
from forecasting.compute_cost.price_trend import PriceTrend
from forecasting.compute_cost.rental_offers import COMMITMENT_LABELS
from forecasting.data.today import now
from forecasting.formatting import (
    OVERFLOWN,
    in_dollars,
    in_flop,
    in_month,
    in_words,
    in_years,
    likely,
    significant,
    with_noun,
)
from forecasting.stats.bands import Range
from forecasting.stats.range_level import level_in_words
from forecasting.stats.year_ranges import when_in_words
from forecasting.trends.error_opinions import ErrorOpinions


@answer_of.register
def model_cost_answer(result: ModelCost) -> str:
    """What repeating the run costs in the year asked for, at that year's price of compute."""
    s = result.scenario
    way = "rented chips" if s.convention == "rented" else "owned chips"
    if s.convention == "rented" and s.contract != "on_demand":
        way = f"chips rented {on_contract(s.contract)}"
    when = "costs about" if s.year > result.chip_hour.date else "cost about"
    return (
        f"Repeating {result.model.name}'s training run on {way} at the start of"
        f" {s.year} {when} {money_range(result.hardware_at_year)}."
    )


@lines_of.register
def model_cost_lines(result: ModelCost) -> tuple[str, ...]:
    """The same quality by better algorithms; when it falls under the budget; its compute."""
    return (
        (
            "The same quality with algorithms that improve at the usual pace: about"
            f" {money_range(result.with_algorithms_at_year)}."
        ),
        budget_line(result),
        (
            f"The run takes {in_flop(result.model.training_flop, 2)} FLOP; money is in"
            f" {result.price_year} dollars."
        ),
    )


def on_contract(contract: str) -> str:
    """How chips are rented on a contract: “on demand”, “as spot chips”."""
    return "as spot chips" if contract == "spot" else COMMITMENT_LABELS[contract]


def budget_line(result: ModelCost) -> str:
    """When the cost falls under the budget."""
    budget = in_dollars(result.scenario.budget_usd, 2)
    falls = "falls to" if budget.startswith("under") else "falls under"
    return (
        f"It {falls} {budget} {when_range(result.with_algorithms_under_budget)} with better"
        f" algorithms; by hardware alone {when_range(result.hardware_under_budget)}."
    )


def diagnostic_words(opinions: ErrorOpinions) -> list[str]:
    """What the residuals of a trend say, a sentence a test."""
    found = opinions.diagnostics
    alike = (
        "neighbouring residuals are correlated, so plain errors are too small"
        if found.ljung_box_p < 0.05
        else "no correlation is detectable"
    )
    wander = (
        "the line does not fit throughout" if found.cusum_p < 0.05 else "no break is detectable"
    )
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
            f"HAC errors assume that residuals are correlated over {opinions.hac_lags} points;"
            f" clusters are {opinions.years} calendar years."
        ),
    ]


def _chance(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {significant(p, 2)}"


def money_range(figure: Range) -> str:
    """An amount with its range: $1.2 million, likely $0.3–4 million (80%)."""
    return figure.with_range(partial(in_dollars, digits=2))


def when_range(figure: Range) -> str:
    """A year with its 80% range, or “not before 2045”, “before 2010”."""
    return when_in_words(figure, FIRST_YEAR, LAST_YEAR)


@answer_of.register
def gpt2_claim_answer(result: Gpt2Claim) -> str:
    """The verdict, from the measured runs."""
    nearest = result.nearest_before
    return (
        f"The claim of {in_dollars(result.scenario.claim_usd)} was {result.verdict}: the nearest"
        f" measured run before it ({_month(nearest.date)}) cost {in_dollars(nearest.cost_usd, 2)},"
        f" {_times(result.times_too_cheap)} times as much."
    )


def _times(ratio: float) -> str:
    if math.isinf(ratio):
        return OVERFLOWN
    return in_words(ratio, 2) if ratio >= 1e18 else significant(ratio, 2)


@lines_of.register
def gpt2_claim_lines(result: Gpt2Claim) -> tuple[str, ...]:
    """The latest run, the measured line, and where our forecast lies beside it."""
    latest, ratio = result.latest, result.ratio_to_forecast
    return (
        (
            f"The latest measured run of GPT-2's grade cost {in_dollars(latest.cost_usd, 2)}"
            f" ({_month(latest.date)})."
        ),
        (
            "From the original run to the latest, the cost became"
            f" {significant(result.measured_gain_per_year, 2)} times cheaper each year; that line"
            f" {_passing(result)}."
        ),
        (
            f"The latest run cost {significant(max(ratio, 1.0 / ratio), 2)} times"
            f" {'more' if ratio >= 1.0 else 'less'} than our forecast for GPT-2 at its date."
        ),
    )


def _passing(result: Gpt2Claim) -> str:
    """When the measured line meets the claim; of a date that is past, that no run has shown it."""
    passes, claim = result.measured_line_passes_claim, in_dollars(result.scenario.claim_usd)
    if passes < 1900.0:
        return f"passed {claim} before 1900"
    if passes >= 2100.0:
        return f"reaches {claim} after 2100"
    if passes <= result.latest.date:
        return f"passed {claim} in {_month(passes)}"
    if passes <= now():
        return f"reached {claim} in {_month(passes)}, but no run measured since is that cheap"
    return f"reaches {claim} in {_month(passes)}"


def _month(year: float) -> str:
    return in_month(year)


@answer_of.register
def price_trend_answer(result: PriceTrend) -> str:
    """How fast the price moves, with its range."""
    points, level = result.points, level_in_words()
    value, low, high = result.doubling_within(level)
    if not math.isfinite(value) or value <= 0:
        return (
            f"{points.label}: these {len(points.dates)} {points.points_are} show no clear"
            f" {'rise' if points.rises else 'fall'}."
        )
    ends = likely(low, high, level, _span_end)
    return (
        f"{points.label} {'doubles' if points.rises else 'halves'} every {in_years(value)}"
        f"{f', {ends}' if ends else ''}."
    )


def _span_end(years: float) -> str:
    return "never" if math.isinf(years) else with_noun(significant(years, 2), "year")


@lines_of.register
def price_trend_lines(result: PriceTrend) -> tuple[str, ...]:
    """What was measured, what was published, and how rents have moved of late."""
    points = result.points
    first, last = (math.floor(points.dates[at]) for at in (0, -1))
    when = f"in {first}" if first == last else f"from {first} to {last}"
    return (
        f"Measured on {len(points.dates):,} {points.points_are} {when}.",
        _published_line(result),
        *_recent_lines(result),
    )


def _recent_lines(result: PriceTrend) -> tuple[str, ...]:
    """How rents have moved of late, which a line through all years does not show."""
    moves = result.recent
    if moves is None or not moves.offers:
        return ()
    way = "rose" if moves.rose > moves.fell else "fell"
    if moves.rose == moves.fell:
        way = "did not change on balance"
    since = ""
    if moves.offers_since:
        since = (
            f"Since early {math.floor(moves.quarter)}, {moves.rose_since} of {moves.offers_since}"
            f" comparable offers rose in price and {moves.fell_since} fell, in dollars of the"
            " day."
        )
    return (
        (
            f"In {_month(moves.after)} rents {way}: of {moves.offers} comparable on-demand offers,"
            f" {moves.rose} rose in price and {moves.fell} fell."
        ),
        since,
    )


def _published_line(result: PriceTrend) -> str:
    published = result.points.published
    if published is None:
        return ""
    return (
        f"Published: {significant(published.doubling_time_years, 2)} years, range"
        f" {significant(published.low, 2)}–{significant(published.high, 2)} ({published.source})."
    )
