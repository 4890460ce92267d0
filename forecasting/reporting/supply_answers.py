"""What the forecasts of supply and contracts say, in sentences."""

from __future__ import annotations

import math

from forecasting.answers import answer_of, answers_of
from forecasting.formatting import (
    in_dollars,
    in_month,
    in_percent,
    in_words,
    range_in_words,
    significant,
)
from forecasting.reporting.compute_cost_answers import on_contract
from forecasting.stats.bands import Range
from forecasting.supply.ownership import LONGEST_PAYBACK, TERM_YEARS, RentOrOwn
from forecasting.supply.quotes import Quotes
from forecasting.supply.run_chips import LIMITS, RunChips
from forecasting.supply.site_supply import SiteSupply

#: What limits the chips of a run, and for what reason.
LIMIT_REASONS = {
    "power": "the power of the site",
    "purchase": "the capital for chips",
    "stock": "one buyer's share of all chips",
}


def use_words(share: float) -> str:
    """A break-even utilisation: “61% of hours”, or never."""
    return "never" if share > 1.0 else in_percent(share, 2)


def payback_words(years: float) -> str:
    """A time to pay back: “3.2 years”, or longer than was looked for."""
    if math.isinf(years):
        return f"more than {LONGEST_PAYBACK:g} years"
    return f"{significant(years, 2)} years"


@answer_of.register
def rent_or_own_answer(result: RentOrOwn) -> str:
    """The utilisation above which owning wins, and when it pays back."""
    s = result.scenario
    number = f"{in_words(result.chips)} × {result.chip}"
    span = f"{significant(s.owned_years, 2)} years"
    on = on_contract(s.contract)
    own, rent = (_money(each) for each in (result.owned_usd, result.rented_usd))
    committed = s.contract in TERM_YEARS
    if s.utilisation == 0.0 and not committed:
        return (
            f"{number} that are never used cost {own} to own for {span} and nothing to rent {on}:"
            " buying never pays back."
        )
    hours = "paid at all hours" if committed else f"in use {in_percent(s.utilisation, 2)} of hours"
    compared = (
        f"Owning {number} for {span} costs {own} in present value, renting them {on} {rent},"
        f" {hours}: owning is the cheaper in {result.owning_wins:.0%} of the futures drawn"
    )
    return f"{compared}. {_even_words(result)}; {_payback_sentence(result)}."


def _even_words(result: RentOrOwn) -> str:
    """Above which utilisation owning costs less."""
    even = result.break_even_utilisation
    rent = (
        "on demand"
        if result.scenario.contract in TERM_YEARS
        else on_contract(result.scenario.contract)
    )
    if even.low > 1.0:
        return f"Against renting {rent} owning costs more even in use at all hours"
    ends = range_in_words(even.low, even.high, use_words)
    middle = (
        "At most utilisations it never does"
        if even.value > 1.0
        else f"It costs less than renting {rent} above {use_words(even.value)} of hours in use"
    )
    if even.value > 1.0:
        middle = f"Against renting {rent} it most likely costs more even in use at all hours"
    if even.low == even.high:
        return middle
    return f"{middle} (80% range of the break-even {ends})"


def _payback_sentence(result: RentOrOwn) -> str:
    """When the purchase has paid back, without resale."""
    paid = result.payback_years
    if math.isinf(paid.low):
        return f"the purchase does not pay back within {LONGEST_PAYBACK:g} years"
    if math.isinf(paid.value):
        return (
            f"the purchase most likely does not pay back within {LONGEST_PAYBACK:g} years (80%"
            f" range from {payback_words(paid.low)} on), resale not counted"
        )
    ends = range_in_words(paid.low, paid.high, payback_words)
    within = "" if paid.low == paid.high else f" (80% range {ends})"
    return f"the purchase pays back after {payback_words(paid.value)}{within}, resale not counted"


@answer_of.register
def quotes_answer(result: Quotes) -> str:
    """The cheapest quote, the median and owning."""
    s = result.scenario
    first = result.table.iloc[0]
    what = f"{in_words(s.quoted_chips)} × {s.quoted_chip} for {significant(s.quoted_days, 3)} days"
    terms = "" if s.quoted_tier == "any" else f" {on_contract(s.quoted_tier)}"
    seen = f"{first['last_seen']:%-d %B %Y}"
    many = f"{result.vendors} vendors" if result.vendors > 1 else "1 vendor"
    usd = result.usd_total
    ends = "" if usd.low == usd.high else f" (80% of them {_money_range(usd)})"
    owned = (
        ""
        if result.owned_usd is None
        else (
            f" Owning as many {result.owned_chip} over the same days, sold after them, costs"
            f" {_money(result.owned_usd)}."
        )
    )
    return (
        f"The cheapest of {many} asks {in_dollars(float(first['usd_total']), 3)} for {what}{terms}:"
        f" {first['vendor']}, {in_dollars(float(first['usd_per_chip_hour']))} a chip-hour, last"
        f" seen {seen}. The median is {in_dollars(usd.value, 3)}{ends}.{owned}"
    )


@answer_of.register
def site_supply_answer(result: SiteSupply) -> str:
    """What one run can have, and of what."""
    s = result.scenario
    name, now = result.largest_now
    run, site = result.power_mw, result.site_mw
    largest = "largest AI site" if s.site_of == "site" else "largest owner of AI sites"
    asked = "has" if s.supply_year <= result.states.as_of else "is expected to have"
    within = (
        ""
        if site.low == site.high
        else f" (80% range {range_in_words(site.low, site.high, _mw)} MW)"
    )
    return (
        f"In {in_month(s.supply_year)} one run can have about {_mw(run.value)} MW (80% range"
        f" {range_in_words(run.low, run.high, _mw)}): its share of the {_mw(site.value)} MW{within}"
        f" that the {largest} {asked} then. In {in_month(result.states.as_of)} it was {name} with"
        f" {_mw(now)} MW."
    )


def _mw(value: float) -> str:
    return f"{value:,.0f}"


@answers_of.register
def site_supply_answers(result: SiteSupply) -> tuple[str, ...]:
    """The answer, and what a megawatt costs."""
    return result.answer, site_cost_words(result)


def site_cost_words(result: SiteSupply) -> str:
    """Capital and yearly operating cost over MW and over H100 equivalents."""
    capital, running = result.capital_usd_per_mw, result.operating_usd_per_mw_year
    per_chip, run_chip = result.capital_usd_per_h100, result.operating_usd_per_h100_year
    return (
        f"A megawatt costs {_money(capital)} to build and equip and {_money(running)} a year to"
        f" run; an H100 equivalent {_money(per_chip)} and {_money(run_chip)} a year (medians of the"
        f" built sites and where 80% of them lie, {result.price_year} USD)."
    )


@answer_of.register
def run_chips_answer(result: RunChips) -> str:
    """The chips of one run, and what limits them for which reason."""
    s = result.scenario
    binding = result.binding
    each = ", ".join(
        f"{_limit_words(result, name)} {in_words(result.by_limit[name].value, 2)}"
        for name in LIMITS
    )
    return (
        f"In {in_month(s.supply_year)} one run can have about {in_words(result.h100.value, 2)} H100"
        f" equivalents (80% range"
        f" {range_in_words(result.h100.low, result.h100.high, _two)}), limited by"
        f" {LIMIT_REASONS[binding]} in {result.limit_shares[binding]:.0%} of the futures drawn."
        f" By limit: {each}."
    )


def _two(value: float) -> str:
    return in_words(value, 2)


def _limit_words(result: RunChips, name: str) -> str:
    s = result.scenario
    return {
        "power": "the site's power feeds",
        "purchase": f"{in_dollars(s.capital_usd, 2)} buys",
        "stock": (
            f"one buyer's share of the {in_words(result.stock_h100.value, 2)} in the world is"
        ),
    }[name]


def _money(figure: Range) -> str:
    if figure.low == figure.high:
        return in_dollars(figure.value, 3)
    return f"{in_dollars(figure.value, 2)} ({_money_range(figure)})"


def _money_range(figure: Range) -> str:
    return range_in_words(figure.low, figure.high, lambda usd: in_dollars(usd, 2))
