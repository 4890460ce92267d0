"""When does a machine's answer cost less than a person's?

    t* = t0 + ln(c_AI/c_human)/(ln r − ln g + ln w)

with r the factor by which the price of a given quality falls in a year, g that by which the tokens
of a task grow, w that by which wages grow. Where r·w ≤ g it never happens; where c_AI ≤ c_human it
already has. Every input is a range; the date is a distribution.

    parity_date(machine_usd=1000, human_usd=5, start=date(2024, 12, 20), price_decline=50)     #
                                                                                               2026-04-28
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.inference.measured_parity import MeasuredParity, measured_parity
from forecasting.inference.parity_cases import (
    ParityCase,
    ParityCaseInputs,
    parity_case,
    require_above_zero,
)
from forecasting.inference.token_prices import (
    PriceDeclines,
    declines_benchmarks,
    list_prices,
    price_declines,
)
from forecasting.laws.law_inputs import checked_coefficient
from forecasting.scenario import SeededInputs, quantity
from forecasting.stats.bands import Bands, Range, quantile_columns
from forecasting.stats.distribution import Distribution, RangeBounds
from forecasting.units import DAYS_PER_YEAR, decimal_years

DRAWS = 4000
HORIZON = 2040
LAST_YEAR = 2045


@dataclass(frozen=True)
class Mover:
    """An uncertain input, and the 80% range of the date if it alone were uncertain."""

    name: str
    crossing: Range


class HumanParityInputs(ParityCaseInputs, SeededInputs):
    """Inputs of the date when a machine answer costs less than a person."""

    TABLES: ClassVar[tuple[str, ...]] = (
        "ai_models",
        "token_price_declines",
        "token_prices_2024_2025",
        "token_prices_2025_2026",
        "token_prices_first_party",
    )

    price_decline: Literal["fits", "values", "list", "own"] = quantity(
        "fits",
        unit="name",
        label="Fall of prices",
        why=(
            "At fixed quality: 21 fits by Epoch AI (2025), from 9 to 851 times a year. List prices"
            " as such hardly fall."
        ),
    )
    decline_benchmark: str = quantity(
        "all", unit="name", label="Fits on", why="The benchmark at which quality is held fixed."
    )
    own_decline: Annotated[Distribution, RangeBounds(0.0, 1e5)] = quantity(
        Distribution(5.0, 100.0, 0.8),
        unit="×/year",
        label="Price falls by a factor of",
        why="An example; the 21 fits have a median of 46.",
    )
    token_growth: Annotated[Distribution, RangeBounds(0.0, 1e5)] = quantity(
        Distribution(1.0, 2.2, 0.9),
        unit="×/year",
        label="Tokens per task grow by a factor of",
        why=(
            "From unchanged to the growth of answers of models without long reasoning, about 2.2× a"
            " year; reasoning models, as o3 is, were at about 5× (Epoch AI, April 2025). With 5 as"
            " the upper end, the date of the article's task moves from August to October 2026."
        ),
    )
    wage_growth: Annotated[Distribution, RangeBounds(0.0, 100.0)] = quantity(
        Distribution(1.03, 1.05, 0.9),
        unit="×/year",
        label="Wages grow by a factor of",
        why="US wages of 2021–2024 rose by about 3 to 5% a year (Employment Cost Index).",
    )

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """The tests that prices were compared on."""
        if field == "decline_benchmark":
            return declines_benchmarks(data)
        return super().choices(field, data)


@dataclass(frozen=True, eq=False)
class HumanParity(Answered):
    """The date as a distribution. Years are decimal; −∞ stands for “already”, +∞ for “never”.

    `machine` and `human` are USD a task, nominal, over `years`; `cheaper_by` (same length) is the
    probability that the machine's answer costs less by then, `cheaper_by_month` the same over
    `months`. `moves` says how far each input alone moves the date, the widest first; `measured`
    what the leaderboard has of it, None for a task of one's own.
    """

    scenario: HumanParityInputs
    case: ParityCase
    declines: PriceDeclines | None
    price_decline: Range
    crossing: Range
    draws: FloatArray = field(repr=False)
    years: FloatArray
    machine: Bands
    human: Bands
    cheaper_by: FloatArray
    months: FloatArray = field(repr=False)
    cheaper_by_month: FloatArray = field(repr=False)
    already: float
    not_by_horizon: float
    never: float
    moves: tuple[Mover, ...]
    measured: MeasuredParity | None

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a year: probability, and quantiles of both costs."""
        columns: dict[str, FloatArray] = {
            "year": self.years,
            "probability_cheaper": self.cheaper_by,
        }
        for name, bands in (("machine", self.machine), ("human", self.human)):
            columns |= quantile_columns(f"{name}_usd_per_task", bands.values)
        return pd.DataFrame(columns)


def parity_date(
    *,
    machine_usd: float,
    human_usd: float,
    start: dt.date,
    price_decline: float,
    token_growth: float = 1.0,
    wage_growth: float = 1.0,
) -> dt.date | None:
    """The day on which a machine's answer comes to cost a person's: `start` where it already does,
    None where it never will.

    Days after the year 9999 count as never.

    Parameters
    ----------
    machine_usd : float
        Cost of the machine's answer on `start`, USD a task, above 0.
    human_usd : float
        Cost of the person's, USD a task, above 0.
    start : datetime.date
        The day of both costs.
    price_decline : float
        Factor a year by which a token gets cheaper, above 0.
    token_growth : float
        Factor a year on the tokens of an answer, above 0.
    wage_growth : float
        Factor a year on the person's cost, above 0.

    Raises
    ------
    InputError
        For a number that is not above 0.
    """
    given = {"machine_usd": machine_usd, "human_usd": human_usd, "price_decline": price_decline}
    c, h, r = (checked_coefficient(name, value) for name, value in given.items())
    g, w = (
        checked_coefficient("token_growth", token_growth),
        checked_coefficient("wage_growth", wage_growth),
    )
    years = float(
        years_to_parity(np.array([c]), np.array([h]), np.array([r]), np.array([g]), np.array([w]))[
            0
        ]
    )
    if years == -math.inf:
        return start
    days = years * DAYS_PER_YEAR
    return (
        None if days > (dt.date.max - start).days else start + dt.timedelta(days=math.floor(days))
    )


def years_to_parity(
    machine: FloatArray,
    human: FloatArray,
    decline: FloatArray,
    tokens: FloatArray,
    wages: FloatArray,
) -> FloatArray:
    """Years from the start, draw by draw: −∞ where the machine is already as cheap, +∞ where it
    never gets there.

    Parameters
    ----------
    machine, human : arrays of floats, shape (draws,)
        Costs of a task in one currency, above 0.
    decline : array of floats, shape (draws,)
        Factor a year by which a token gets cheaper.
    tokens, wages : arrays of floats, shape (draws,)
        Factors a year on the tokens of an answer and on the person's cost.
    """
    gap = np.log(machine / human)
    pace = np.log(decline) - np.log(tokens) + np.log(wages)
    with np.errstate(divide="ignore", invalid="ignore"):
        years = np.where(pace > 0.0, gap / pace, np.inf)
    result: FloatArray = np.where(gap <= 0.0, -np.inf, years)
    return result


def human_parity(scenario: HumanParityInputs, *, data: DataOrContext | None = None) -> HumanParity:
    """The parity date of the scenario's case, over draws of every input. Raises InputError for
    factors or costs that may be 0 or less.
    """
    tables = context_of(data).data
    rng = np.random.default_rng(scenario.seed)
    case = parity_case(scenario, tables)
    for name in ("token_growth", "wage_growth", "own_decline"):
        require_above_zero(name, getattr(scenario, name))
    declines = (
        price_declines(tables, scenario.decline_benchmark)
        if scenario.price_decline in ("fits", "values")
        else None
    )
    inputs = {
        "cost of the machine's answer": case.machine_usd.draw(DRAWS, rng),
        "cost of the person's answer": case.human_usd.draw(DRAWS, rng),
        "fall of prices": _decline_draws(scenario, declines, rng, tables),
        "growth of tokens per task": scenario.token_growth.draw(DRAWS, rng),
        "growth of wages": scenario.wage_growth.draw(DRAWS, rng),
    }
    machine, human, decline, tokens, wages = inputs.values()
    start = float(decimal_years(np.array([case.priced_on], dtype="datetime64[D]"))[0])
    crossing = start + years_to_parity(machine, human, decline, tokens, wages)

    years = np.arange(math.floor(start), LAST_YEAR + 0.25, 0.25)
    years = np.concatenate([[start], years[years > start]])
    months = np.arange(start, LAST_YEAR, 1.0 / 12.0)
    ahead = years - start
    machine_usd = machine[:, None] * np.exp(np.log(tokens / decline)[:, None] * ahead)
    human_usd = human[:, None] * np.exp(np.log(wages)[:, None] * ahead)
    return HumanParity(
        scenario=scenario,
        case=case,
        declines=declines,
        price_decline=Range.of_draws(decline, "×/year"),
        crossing=Range.of_draws(crossing, "year"),
        draws=crossing,
        years=years,
        machine=Bands.of_draws(years, machine_usd),
        human=Bands.of_draws(years, human_usd),
        cheaper_by=_share_by(crossing, years),
        months=months,
        cheaper_by_month=_share_by(crossing, months),
        already=float(np.mean(crossing == -np.inf)),
        not_by_horizon=float(np.mean(crossing > HORIZON)),
        never=float(np.mean(crossing == np.inf)),
        moves=_moves(inputs, start),
        measured=measured_parity(case, tables),
    )


def _decline_draws(
    scenario: HumanParityInputs,
    declines: PriceDeclines | None,
    rng: np.random.Generator,
    data: DataSet,
) -> FloatArray:
    if declines is not None:
        return declines.draw(DRAWS, rng, own_intervals=scenario.price_decline == "fits")
    if scenario.price_decline == "list":
        return list_prices(data).draw(DRAWS, rng)
    return scenario.own_decline.draw(DRAWS, rng)


def _share_by(crossing: FloatArray, years: FloatArray) -> FloatArray:
    """The share of draws at or before each year."""
    return np.searchsorted(np.sort(crossing), years, side="right") / crossing.size


def _moves(inputs: dict[str, FloatArray], start: float) -> tuple[Mover, ...]:
    """Each input drawn alone, the others at their medians; those that are known exactly are left
    out.
    """
    middles = {name: np.array([np.median(draws)]) for name, draws in inputs.items()}
    moves = []
    for name, draws in inputs.items():
        if np.ptp(draws) > 0.0:
            alone = start + years_to_parity(*(middles | {name: draws}).values())
            moves.append(Mover(name, Range.of_draws(alone, "year")))
    return tuple(sorted(moves, key=lambda move: -_width(move.crossing)))


def _width(figure: Range) -> float:
    return 0.0 if figure.low == figure.high else figure.high - figure.low
