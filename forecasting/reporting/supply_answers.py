"""What the forecasts of supply and contracts say, in sentences."""

from __future__ import annotations

import math

from forecasting.answers import answer_of, lines_of
from forecasting.formatting import (
    counted,
    in_dollars,
    in_month,
    in_percent,
    in_words,
    significant,
    with_noun,
)
from forecasting.reporting.compute_cost_answers import on_contract
from forecasting.supply.ownership import RentOrOwn
from forecasting.supply.ownership_costs import LONGEST_PAYBACK, TERM_YEARS
from forecasting.supply.quotes import Quotes
from forecasting.supply.rental_quotes import TERM_DAYS
from forecasting.supply.run_chips import LIMITS, RunChips
from forecasting.supply.site_supply import SiteSupply

#: What limits the chips of a run, and for what reason.
LIMIT_REASONS = {
    "power": "the power of the site",
    "purchase": "the capital for chips",
    "stock": "one buyer's share of all chips",
}


#: Below this share of hours a break-even says nothing.
MIN_USE = 0.001
#: From this power of one run on a projection is beyond what anyone knows, in MW.
BEYOND_KNOWN_MW = 1e5
#: Electricity generated in the world in 2024, about 31,000 TWh, as a mean power in MW.
WORLD_MW = 3.5e6


def use_words(share: float) -> str:
    """A break-even utilisation: “61% of hours”, or never."""
    return "never" if share > 1.0 else in_percent(share, 2)


def payback_words(years: float) -> str:
    """A time to pay back: “3.2 years”, or longer than was looked for."""
    if math.isinf(years):
        return f"more than {LONGEST_PAYBACK:g} years"
    return with_noun(significant(years, 2), "year")


@answer_of.register
def rent_or_own_answer(result: RentOrOwn) -> str:
    """The use above which owning costs less; of a commitment, how likely owning is the cheaper."""
    s = result.scenario
    number = f"{result.chips:,} × {result.chip}"
    span = counted(s.owned_years, "year")
    if s.contract in TERM_YEARS:
        return (
            f"Owning {number} for {span} is cheaper than renting them {on_contract(s.contract)} in"
            f" {result.owning_wins:.0%} of simulated futures."
        )
    if s.utilisation == 0.0:
        own = result.owned_usd.with_range(_dollars, goes_on=True)
        return f"{number} that are never used cost {own} to own for {span} and nothing to rent."
    return f"Owning {number} for {span} {_even_words(result)}."


@lines_of.register
def rent_or_own_lines(result: RentOrOwn) -> tuple[str, ...]:
    """What owning and renting cost, and when the purchase pays back."""
    s = result.scenario
    committed = s.contract in TERM_YEARS
    if s.utilisation == 0.0 and not committed:
        return ("Buying never pays back.",)
    hours = "paid for all hours" if committed else f"in use {in_percent(s.utilisation, 2)} of hours"
    wins = (
        "" if committed else f"; owning is cheaper in {result.owning_wins:.0%} of simulated futures"
    )
    return (
        f"Owning them costs {result.owned_usd.with_range(_dollars)}, in present value.",
        (
            f"Renting them {on_contract(s.contract)}, {hours}, costs"
            f" {result.rented_usd.with_range(_dollars)}{wins}."
        ),
        f"{_payback_sentence(result)}.",
    )


def _even_words(result: RentOrOwn) -> str:
    """Above which utilisation owning costs less than the contract."""
    even = result.break_even_utilisation
    rent = on_contract(result.scenario.contract)
    if even.ends[1] < MIN_USE:
        return f"costs less than renting {rent}, however little they are used"
    if even.ends[0] > 1.0:
        return f"costs more than renting {rent}, even in use at all hours"
    if even.value > 1.0:
        ends = even.range_words(use_words)
        most = f"most likely costs more than renting {rent}, even in use at all hours"
        return f"{most}; break-even {ends}" if ends else most
    return f"costs less than renting {rent} above {even.with_range(use_words, 'of hours in use')}"


def _payback_sentence(result: RentOrOwn) -> str:
    """When the purchase has paid back, without resale."""
    paid = result.payback_years
    soonest = paid.ends[0]
    if math.isinf(soonest):
        return f"The purchase does not pay back within {LONGEST_PAYBACK:g} years"
    if math.isinf(paid.value):
        return (
            f"The purchase most likely does not pay back within {LONGEST_PAYBACK:g} years, at the"
            f" earliest after {payback_words(soonest)}, resale not counted"
        )
    within = paid.with_range(payback_words, goes_on=True)
    return f"The purchase pays back after {within.rstrip(',')}, resale not counted"


@answer_of.register
def quotes_answer(result: Quotes) -> str:
    """The cheapest quote."""
    s = result.scenario
    first = result.table.iloc[0]
    terms = "" if s.quoted_tier == "any" else f" {on_contract(s.quoted_tier)}"
    if s.quoted_days < TERM_DAYS.get(s.quoted_tier, 0.0):
        terms = f", billed{terms}"
    what = f"{s.quoted_chips:,} × {s.quoted_chip} for {counted(s.quoted_days, 'day')}"
    return (
        f"The cheapest of {counted(result.vendors, 'vendor')} asks"
        f" {_dollars(float(first['usd_total']))} for {what}{terms}."
    )


@lines_of.register
def quotes_lines(result: Quotes) -> tuple[str, ...]:
    """Who asks it; the median; owning."""
    first = result.table.iloc[0]
    owned = (
        ""
        if result.owned_usd is None
        else (
            f"Owning the same number of {result.owned_chip} for those days and then selling them"
            f" costs {result.owned_usd.with_range(_dollars)}."
        )
    )
    return (
        (
            f"That is {first['vendor']}, at {in_dollars(float(first['usd_per_chip_hour']))} per"
            f" chip-hour, last seen {first['last_seen']:%-d %B %Y}."
        ),
        f"The median quote is {result.usd_total.with_range(_dollars)}.",
        owned,
    )


@answer_of.register
def site_supply_answer(result: SiteSupply) -> str:
    """The power that one run can have."""
    power = result.power_mw.with_range(_mw, "MW of power")
    return f"In {in_month(result.scenario.supply_year)} one run can have about {power}."


@lines_of.register
def site_supply_lines(result: SiteSupply) -> tuple[str, ...]:
    """The site that it is a share of, then and now; what a megawatt costs."""
    s = result.scenario
    name, now = result.largest_now
    largest = "largest AI site" if s.site_of == "site" else "largest owner of AI sites"
    return (
        (
            f"That is its share of the {largest} of {in_month(s.supply_year)}:"
            f" {result.site_mw.with_range(_mw, 'MW')}."
        ),
        (
            f"In {in_month(result.states.as_of)} the largest was {name} with {_mw(now)} MW."
            if result.power_mw.ends[1] < BEYOND_KNOWN_MW
            else "No such growth lasts: all power stations of the world give"
            f" {_mw(WORLD_MW)} MW on average."
        ),
        site_cost_words(result),
    )


def _mw(value: float) -> str:
    return in_words(value, 2)


def site_cost_words(result: SiteSupply) -> str:
    """Capital and yearly operating cost over MW."""
    capital, running = result.capital_usd_per_mw, result.operating_usd_per_mw_year
    return (
        f"A megawatt costs {_dollars(capital.value)} to build and equip and"
        f" {_dollars(running.value)} per year to run (medians of the built sites,"
        f" {result.price_year} dollars)."
    )


@answer_of.register
def run_chips_answer(result: RunChips) -> str:
    """The chips of one run."""
    chips = result.h100.with_range(_two, "H100 equivalents")
    return f"In {in_month(result.scenario.supply_year)} one run can have about {chips}."


@lines_of.register
def run_chips_lines(result: RunChips) -> tuple[str, ...]:
    """What limits them for which reason, and each limit by itself."""
    binding = result.binding
    each = ", ".join(
        f"{_limit_words(result, name)} {in_words(result.by_limit[name].value, 2)}"
        for name in LIMITS
    )
    return (
        (
            f"What limits them most often is {LIMIT_REASONS[binding]}: in"
            f" {result.limit_shares[binding]:.0%} of simulated futures."
        ),
        f"By limit: {each}.",
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


def _dollars(usd: float) -> str:
    return in_dollars(usd, 2)
