"""Rates and prices of inference in words: exchange rates and their spans, chip-hours, tokens, what
a score cost.
"""

from __future__ import annotations

import math

from forecasting.answers import sentence_of
from forecasting.compute_cost.rental_offers import COMMITMENT_LABELS
from forecasting.formatting import in_dollars, in_month, significant
from forecasting.inference.exchange_rate import ExchangeRate, PublishedSpanNote, SearchSpanNote
from forecasting.inference.quality_declines import MeasuredDeclines
from forecasting.inference.score_points import RepricedNote, StatedNote, UnpublishedCostNote
from forecasting.inference.token_prices import PriceDeclines
from forecasting.serving.rented_chips import PRICED_CHIP, RentedChip

POST_PRICES = "the prices of December 2024"


@sentence_of.register
def exchange_rate_sentence(rate: ExchangeRate) -> str:
    """What ten times the compute an answer is worth, and for how long."""
    worth, span = rate.middle
    return (
        f"10 times the compute per answer is worth {significant(10**worth, 2)} times the training"
        f" compute, up to {significant(10**span, 2)} times per answer"
    )


def rate_in_use(rate: ExchangeRate) -> str:
    """The exchange rate in use, by name, in one sentence or two."""
    return f"{rate.title}: {rate.sentence}. {rate.note}".strip()


@sentence_of.register
def published_span_sentence(_: PublishedSpanNote) -> str:
    """How the span that authors give is drawn from."""
    return "The authors give spans, not intervals: every value between the ends is equally likely."


@sentence_of.register
def search_span_sentence(note: SearchSpanNote) -> str:
    """The two ends of a game's span."""
    until = {
        "go": "what search gave AlphaGo Zero in Elo, at this rate",
        "hex": "the 64 positions per move that the agents search",
    }[note.game]
    return f"Span: from the {significant(note.search_oom, 2)} OOM given for tree search to {until}."


def chip_hour_words(rent: RentedChip) -> str:
    """The price of a chip-hour in short: whose it is and of which month."""
    hour = f"{in_dollars(rent.usd_per_chip_hour)} per chip-hour"
    if rent.terms == "own_price":
        return hour
    if rent.terms == "own_contract":
        return f"{hour} by your own contract"
    return f"{hour} ({PRICED_CHIP} {COMMITMENT_LABELS[rent.terms]}, {in_month(rent.date)})"


def chip_hour_price_words(rent: RentedChip) -> str:
    """Where the price of a chip-hour comes from, in a sentence: chip, terms and month."""
    hour = f"Dollars are for a chip at {in_dollars(rent.usd_per_chip_hour)} per hour"
    if rent.terms == "own_price":
        return f"{hour}, as set under Assumptions."
    if rent.terms == "own_contract":
        return f"{hour}: {PRICED_CHIP} by your own contract."
    return (
        f"{hour}: {PRICED_CHIP} {COMMITMENT_LABELS[rent.terms]}, the median of {rent.vendors}"
        f" vendors' offers to {in_month(rent.date)}, held constant through the years."
    )


def decline_words(factor: float) -> str:
    """A yearly factor in words: falls 46-fold a year, rises 4% a year."""
    if factor >= 2.0:
        return f"falls {factor:.3g}-fold per year"
    change = 1.0 - 1.0 / factor if factor >= 1.0 else 1.0 / factor - 1.0
    return (
        f"{'falls' if factor >= 1.0 else 'rises'} {change:.0%} per year"
        if math.isfinite(change)
        else "is not known"
    )


def measured_declines_words(
    task: MeasuredDeclines, token: MeasuredDeclines, published: PriceDeclines
) -> str:
    """What the leaderboard says of the fall of prices at a fixed score, beside the published
    fits.

    Parameters
    ----------
    task, token : MeasuredDeclines
        Falls of the cost of a task and of the list price of a token.
    published : PriceDeclines
        The published fits.
    """
    parts = []
    for declines, what in ((task, "what a task cost"), (token, "the list price of a token")):
        if declines.window is None:
            parts.append(f"no score of {declines.tried} has enough record lows of {what}")
            continue
        start, end = declines.window
        factors = [fit.factor for fit in declines.fits]
        parts.append(
            f"{what} fell {significant(declines.median, 2)}-fold per year (the median of"
            f" {len(factors)} scores of {declines.tried}, {significant(min(factors), 2)} to"
            f" {significant(max(factors), 2)}; {start:%B %Y} to {end:%B %Y}); {declines.straddling}"
            " of the intervals allow a rise"
        )
    ends = published.table["end_date"].max()
    return (
        f"At a fixed score of ARC-AGI {'; '.join(parts)}. The scores share systems and most windows"
        f" are under a year. {len(published.table)} fits of Epoch AI up to {ends:%B %Y} have a"
        f" median of {significant(published.median, 2)}."
    )


@sentence_of.register
def repriced_sentence(note: RepricedNote) -> str:
    """At which prices, and what is listed since."""
    return f"at {POST_PRICES}; listed at {in_dollars(note.relisted_usd)} since"


@sentence_of.register
def unpublished_cost_sentence(note: UnpublishedCostNote) -> str:
    """How a cost that was not published follows from that of another run."""
    return (
        f"its cost was not published: {note.compute_ratio:g} × the other run's"
        f" {in_dollars(note.other_usd)}, as its compute was, at {POST_PRICES};"
        f" {in_dollars(note.compute_ratio * note.relisted_usd)} at the"
        f" {in_dollars(note.relisted_usd)} listed since"
    )


@sentence_of.register
def stated_sentence(note: StatedNote) -> str:
    """What the article has, and whether the post has it too."""
    stated = (
        "a pair of score and cost as the article has it"
        if note.has_cost
        else "stated in the article; no row in our tables"
    )
    return f"{stated}; the ARC Prize post of December 2024 has it too" if note.in_post else stated
