"""How much text there is: the stock of public text in tokens, and all text that people write
online.

    public text = pages · bytes a page / bytes a token · quality · repetition · (page growth ·
    growth of their number)^(t − 2024)
    all text    = the 2024 value · Σ_{y ≤ t} people(y)·σ(y) / Σ_{y ≤ 2024} people(y)·σ(y),  σ(t) =
                1/(1 + e^(−0.1507·(t − 2016.72)))

Villalobos et al. 2024, arXiv 2211.04325. Both in base-10 logarithms here, where growth is a
straight line.

    draws = unique_text_draws(TextScenario(), np.arange(2024, 2040))   # tokens, shape (10000, 16),
                                                                       nothing repeated
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray
from forecasting.context import DataOrContext, context_of, law_in_use
from forecasting.scenario import SeededInputs
from forecasting.stats.distribution import Distribution
from forecasting.text_limits.text_factors import DRAWS, deviates_of, draw_factor
from forecasting.text_limits.text_inputs import (
    BASE_YEAR,
    SUPPLIES,
    PeopleStockInputs,
    TextStockInputs,
)

BYTES_A_TOKEN_AT_MOST = 6.0
#: Share of people online: a logistic curve with this rate a year and this middle (Villalobos et al.
#: 2024).
ONLINE_RATE, ONLINE_MIDDLE = 0.1507, 2016.72


@dataclass(frozen=True, eq=False)
class TextStock:
    """Draws of the stock of public text, all of length n. `log_tokens` and `log_unique` are log10
    of tokens in BASE_YEAR.

    `log_raw` is the indexed web as it is, `log_unique` what is good enough with the supplies that
    were added, `log_tokens` the same with what repeating it adds; all grow by `log_growth` a year.
    """

    log_raw: FloatArray
    log_unique: FloatArray
    log_tokens: FloatArray
    log_growth: FloatArray

    def log_tokens_at(self, years: FloatArray) -> FloatArray:
        """log10 of the effective stock, shape (t, n)."""
        return _grown(self.log_tokens, self.log_growth, years)

    def log_unique_at(self, years: FloatArray) -> FloatArray:
        """log10 of the unique tokens, shape (t, n)."""
        return _grown(self.log_unique, self.log_growth, years)


def text_stock(
    scenario: TextStockInputs,
    deviates: Mapping[str, FloatArray] | None = None,
    *,
    draws: int = DRAWS,
    data: DataOrContext | None = None,
) -> TextStock:
    """Draws of the stock.

    Parameters
    ----------
    scenario : TextStockInputs
        The inputs of the stock.
    deviates : mapping of arrays of floats, shape (draws,), or None
        Normal deviates of factors by name, in place of the scenario's own.
    draws : int
        How many draws.
    data : DataSet, Context or None
        The tables; None: the bundled ones.

    Raises
    ------
    InputError
        For impossible ranges.
    """
    drawn = _Drawn(scenario, deviates or {}, draws)
    bytes_a_token = BYTES_A_TOKEN_AT_MOST - drawn("bytes_below_six", at_most=BYTES_A_TOKEN_AT_MOST)
    raw = drawn("pages") * drawn("bytes_per_page") / bytes_a_token
    unique = raw * np.minimum(drawn("quality"), 1.0)
    added = np.zeros(1)
    for name in SUPPLIES:
        supply: Distribution = getattr(scenario, name)
        if supply.high > 0.0:
            added = added + np.maximum(supply.of_normal(drawn.z(name)), 0.0)
    unique = unique * (1.0 + added)
    repeated = unique * (
        drawn("repetition")
        if scenario.repetition_by == "paper"
        else _epochs_worth(scenario, drawn, data)
    )
    growth = drawn("page_growth") * drawn("page_count_growth")
    return TextStock(np.log10(raw), np.log10(unique), np.log10(repeated), np.log10(growth))


def unique_text_draws(
    scenario: TextStockInputs,
    years: ArrayLike = (BASE_YEAR,),
    *,
    draws: int = DRAWS,
    data: DataOrContext | None = None,
) -> FloatArray:
    """Unique public text good enough to train on, in tokens: draws of shape (draws, years), each
    row one path. Nothing is repeated.

    Supplies that the scenario adds count; the scenario's seed fixes the draws.

    Parameters
    ----------
    scenario : TextStockInputs
        The inputs of the stock.
    years : array-like of floats, shape (years,)
        Decimal years.
    draws : int
        How many draws.
    data : DataSet, Context or None
        The tables; None: the bundled ones.
    """
    logs = text_stock(scenario, draws=draws, data=data).log_unique_at(
        np.atleast_1d(np.asarray(years, dtype=np.float64))
    )
    tokens: FloatArray = 10.0**logs.T
    return tokens


def log_people_stock_at(
    scenario: PeopleStockInputs, years: FloatArray, *, data: DataOrContext | None = None
) -> FloatArray:
    """log10 of all text that people write online in tokens, public and private, shape (years,
    draws): neither cleaned nor repeated.

    Parameters
    ----------
    scenario : PeopleStockInputs
        The stock in 2024.
    years : array of floats, shape (years,)
        Decimal years.
    data : DataSet, Context or None
        The tables; None: the bundled ones.
    """
    table = context_of(data).data["world_population"]
    calendar = table["year"].to_numpy(dtype=np.float64)
    written = np.cumsum(
        table["people"].to_numpy(dtype=np.float64)
        / (1.0 + np.exp(-ONLINE_RATE * (calendar - ONLINE_MIDDLE)))
    )
    growth = np.interp(years, calendar, written) / np.interp(BASE_YEAR, calendar, written)
    start = _Drawn(scenario, {})("people_stock")
    logs: FloatArray = np.log10(growth)[:, None] + np.log10(start)
    return logs


class _Drawn:
    """The scenario's factors, drawn by name."""

    def __init__(
        self, scenario: SeededInputs, deviates: Mapping[str, FloatArray], draws: int = DRAWS
    ) -> None:
        self.scenario = scenario
        self.deviates = deviates
        self.draws = draws

    def z(self, name: str) -> FloatArray:
        given = self.deviates.get(name)
        return deviates_of(name, self.scenario.seed, self.draws) if given is None else given

    def __call__(self, name: str, *, at_least: float = 0.0, at_most: float = np.inf) -> FloatArray:
        value: Distribution = getattr(self.scenario, name)
        return draw_factor(
            name, value, self.z(name), lambda drawn: (drawn > at_least) & (drawn < at_most)
        )


def _epochs_worth(
    scenario: TextStockInputs, drawn: _Drawn, data: DataOrContext | None
) -> FloatArray:
    """What so many epochs over a text teach, in passes over fresh text, by the repeated-data
    law.
    """
    law = law_in_use(scenario.law, data).repeated
    worth: FloatArray = law.effective_tokens(
        np.maximum(scenario.epochs.of_normal(drawn.z("epochs")), 1.0), 1.0
    )
    return worth


def _grown(log_start: FloatArray, log_growth: FloatArray, years: FloatArray) -> FloatArray:
    logs: FloatArray = log_start + np.multiply.outer(years - BASE_YEAR, log_growth)
    return logs
