"""The questions of the ledger of forecasts: what is forecast, for which days, and how it is
measured.

A forecast is made by the functions that answer the same question elsewhere, with their defaults
and in dollars of one year; it is the seven quantiles at QUANTILES. A question that is changed in
what it asks gets a new key, so that rows on record keep their meaning; a question that is given up
stays in the ledger and stays open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.compute_cost.compute_cost import ModelCostInputs, model_cost
from forecasting.compute_cost.compute_price import (
    ComputePriceDraws,
    ComputePriceInputs,
    compute_price_draws,
)
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.compute_cost.fitted_series import fitted_series
from forecasting.compute_cost.price_series import SeriesChoice
from forecasting.compute_cost.price_trend import PriceTrendInputs
from forecasting.compute_cost.trained_models import trained_model
from forecasting.data.dataset import DataSet
from forecasting.evaluation import ledger_measures as measures
from forecasting.evaluation.ledger_measures import PRICE_YEAR, decimal_year
from forecasting.formatting import in_dollars, in_flop, in_words, range_in_words
from forecasting.inference.human_parity import human_parity
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.inference.token_prices import list_prices
from forecasting.planning.supplies import largest_runs
from forecasting.stats.bands import QUANTILES
from forecasting.stats.distribution import Distribution
from forecasting.stats.quantiles import quantile_of
from forecasting.text_limits.text_demand import log_compute_at
from forecasting.text_limits.text_exhaustion import TextExhaustionInputs, text_exhaustion
from forecasting.text_limits.text_factors import deviates_of
from forecasting.text_limits.text_scenario import TextScenario
from forecasting.trends.trend import Kind
from forecasting.units import SECONDS_PER_HOUR

#: The method of all forecasts on record, so that those of different dates compare.
METHOD: Literal["calibrated"] = "calibrated"
H100 = "NVIDIA H100 SXM5 80GB"
LARGE_RUN = "GPT-4"
#: A new year counts as one to forecast from this many days before it on.
MIN_DAYS_TO_NEW_YEAR = 270


@dataclass(frozen=True)
class LedgerQuestion:
    """One quantity that is forecast for days to come.

    Parameters
    ----------
    key, group, label : str
        Its name on record; what it is about; the quantity in a few words.
    statement : str
        The statement with {day} and {value} to fill in.
    unit : str
        The unit of the quantity.
    words : Callable[[float], str]
        Says a value with its unit.
    tables : tuple[str, ...]
        The tables that the forecast reads, or was set beside: once one changes it is made again.
    forecast : Callable[[DataSet, float], FloatArray]
        Quantiles at QUANTILES, shape (7,), by the tables and a decimal year.
    measured_in : tuple[str, ...]
        The tables whose date must reach a day before it is measured.
    measure : Callable[[datetime.date, DataSet], float | None]
        The value for a day.
    rule : str
        How it is measured, in words.
    months_ahead, on_day : int
        Its first day: which day of the month so many months on.
    new_years : int
        For how many new years after that it is forecast too.
    """

    key: str
    group: str
    label: str
    statement: str
    unit: str
    words: Callable[[float], str] = field(repr=False)
    tables: tuple[str, ...] = field(repr=False)
    forecast: Callable[[DataSet, float], FloatArray] = field(repr=False)
    measured_in: tuple[str, ...] = field(repr=False)
    measure: Callable[[dt.date, DataSet], float | None] = field(repr=False)
    rule: str = field(repr=False)
    months_ahead: int = 6
    on_day: int = 15
    new_years: int = 1

    def days_after(self, made_on: dt.date) -> tuple[dt.date, ...]:
        """The days that a forecast made on that day is for: a first one some months on, then the
        next new years that are at least 270 days away.

        Parameters
        ----------
        made_on : datetime.date
            The day on which the forecast is made.
        """
        month = made_on.month - 1 + self.months_ahead
        first = dt.date(made_on.year + month // 12, month % 12 + 1, self.on_day)
        year = (made_on + dt.timedelta(days=MIN_DAYS_TO_NEW_YEAR)).year + 1
        return (first, *(dt.date(year + ahead, 1, 1) for ahead in range(self.new_years)))

    def measured(self, day: dt.date, data: DataSet) -> float | None:
        """What the tables give for a day; None where they do not reach it.

        Parameters
        ----------
        day : datetime.date
            The day.
        data : DataSet
            The tables.
        """
        value = self.measure(day, data)
        return value if measures.reaches(self.measured_in, data) >= day else None

    def stated(self, day: dt.date, quantiles: FloatArray) -> str:
        """The statement for a day with its figures.

        Parameters
        ----------
        day : datetime.date
            The day it is about.
        quantiles : array of floats, shape (7,)
            The forecast at QUANTILES, in `unit`.
        """
        low, middle, high = (float(quantiles[QUANTILES.index(q)]) for q in (0.1, 0.5, 0.9))
        # Statements stay on record: they are worded as those before them.
        figures = f"{self.words(middle)} (80% range {range_in_words(low, high, self.words)})"
        return self.statement.format(day=f"{day.day} {day:%B %Y}", value=figures)


def tokens(count: float) -> str:
    """A number of tokens in words."""
    return f"{in_words(count)} tokens"


def chips(count: float) -> str:
    """A number of chips in words."""
    return f"{in_words(count)} chips"


def megawatts(power: float) -> str:
    """A power in words."""
    return f"{in_words(power)} MW"


def flop(count: float) -> str:
    """Compute in words."""
    return f"{in_flop(count)} FLOP"


def flop_per_s(rate: float) -> str:
    """A rate in words."""
    return f"{in_words(rate)} FLOP/s"


def _price_draws(chip: str, data: DataSet, year: float) -> ComputePriceDraws:
    scenario = CostScenario(chip=chip, price_year=PRICE_YEAR, price_method=METHOD)
    return compute_price_draws(scenario, np.array([year]), data=data)


def _best_flop_per_usd(data: DataSet, year: float) -> FloatArray:
    """At peak: the utilisation drawn is taken out again."""
    draws = _price_draws("best", data, year)
    return quantile_of(1.0 / (draws.usd_per_flop[:, 0] * draws.mfu), QUANTILES)


def _h100_usd(data: DataSet, year: float) -> FloatArray:
    draws = _price_draws(H100, data, year)
    hour = SECONDS_PER_HOUR * draws.chip_hour.peak_flop_per_s * draws.mfu
    return quantile_of(draws.usd_per_flop[:, 0] * hour, QUANTILES)


def _large_run_usd(data: DataSet, year: float) -> FloatArray:
    scenario = CostScenario(model=LARGE_RUN, price_year=PRICE_YEAR, price_method=METHOD)
    return np.array(model_cost(scenario, data=data).hardware.at(year))


def _large_run_usd_measured(day: dt.date, data: DataSet) -> float | None:
    rate = measures.best_flop_per_usd(day, data)
    mfu = CostScenario.defaults()["mfu"]
    return None if rate is None else trained_model(LARGE_RUN, data).training_flop / (rate * mfu)


def _offered_flop_per_usd(data: DataSet, year: float) -> FloatArray:
    choice = SeriesChoice("rental", price_year=PRICE_YEAR)
    return _trend_quantiles(choice, "trend", data, year)


def _launched_flop_per_s_per_usd(data: DataSet, year: float) -> FloatArray:
    choice = SeriesChoice("chips", number_format="tensor_fp16", price_year=PRICE_YEAR)
    return _trend_quantiles(choice, "observation", data, year)


def _trend_quantiles(choice: SeriesChoice, kind: Kind, data: DataSet, year: float) -> FloatArray:
    trend = fitted_series(choice, METHOD, None, None, 0, data).trend
    return np.asarray(trend.forecast(np.array([year]), kind=kind).quantile(QUANTILES))[:, 0]


def _largest_flop(data: DataSet, year: float) -> FloatArray:
    del data  # the path is a published one
    scenario = TextScenario()
    shift = scenario.compute_shift_oom.of_normal(deviates_of("compute_shift_oom", scenario.seed))
    logs = log_compute_at(np.array([year]), deviates_of("compute", scenario.seed))[0] + shift
    return quantile_of(10.0**logs, QUANTILES)


def _largest_supply(key: str, data: DataSet, year: float) -> FloatArray:
    return np.array(largest_runs(key, data).bands.at(year))


def _largest_text(data: DataSet, year: float) -> FloatArray:
    return np.array(text_exhaustion(TextScenario(), data=data).demand.at(year))


def _list_price(data: DataSet, year: float) -> FloatArray:
    trend = list_prices(data).trend
    return np.asarray(trend.forecast(np.array([year]), kind="trend").quantile(QUANTILES))[:, 0]


def _arc_usd(case: str, score: float, data: DataSet, year: float) -> FloatArray:
    """From the case's cost, or from the leaderboard's where that is lower by then."""
    forecast = human_parity(InferenceScenario(parity_case=case), data=data)
    listed_on = measures.reaches(BOARD, data)
    listed = measures.arc_usd_per_task(score, listed_on, data)
    median = forecast.machine.at(decimal_year(listed_on))[QUANTILES.index(0.5)]
    if listed is not None and listed < median:
        from_board = InferenceScenario(
            parity_case="own",
            machine_usd=Distribution.fixed(listed),
            priced_in=decimal_year(listed_on),
        )
        forecast = human_parity(from_board, data=data)
    return np.array(forecast.machine.at(year))


RENTALS = ("chip_rental_prices_2026",)
MODELS = ("ai_models",)
BOARD = ("arc_agi_scores",)
#: What these forecasts start from; what dates the models of the leaderboard does not move them.
ARC_TABLES = ("arc_agi_scores", "article_claims", "o3_arc_agi_2024", "token_price_declines")
_ARC = "the cheapest machine answer on ARC-AGI-1 at a score of"
_QUESTIONS = (
    LedgerQuestion(
        "h100_hour",
        "Price of compute",
        "H100 rent per hour",
        f"On {{day}} the median on-demand offer for an hour of an H100 SXM is {{value}}, in dollars"
        f" of {PRICE_YEAR}",
        f"USD of {PRICE_YEAR} per hour",
        in_dollars,
        ComputePriceInputs.TABLES,
        _h100_usd,
        RENTALS,
        partial(measures.chip_hour_usd, H100),
        "the median of the offers listed on the day, without AWS, deflated by consumer prices",
    ),
    LedgerQuestion(
        "best_chip_flop_per_usd",
        "Price of compute",
        "Best rented chip, per $",
        f"On {{day}} a dollar of {PRICE_YEAR} rents {{value}} on demand, at the peak of the best"
        " widely rented chip",
        f"FLOP per USD of {PRICE_YEAR}",
        flop,
        ComputePriceInputs.TABLES,
        _best_flop_per_usd,
        RENTALS,
        measures.best_flop_per_usd,
        "the chip that costs least per FLOP (dense tensor FP16) among those of five vendors or"
        " more, at its median offer",
        new_years=2,
    ),
    LedgerQuestion(
        "offers_flop_per_usd",
        "Price of compute",
        "Median rental offer, per $",
        f"On {{day}} a dollar of {PRICE_YEAR} rents {{value}} at the median on-demand offer of all"
        " chips, at peak",
        f"FLOP per USD of {PRICE_YEAR}",
        flop,
        PriceTrendInputs.TABLES,
        _offered_flop_per_usd,
        RENTALS,
        measures.offered_flop_per_usd,
        "the median over all offers listed on the day, dense tensor FP16, without AWS",
    ),
    LedgerQuestion(
        "launched_flop_per_s_per_usd",
        "Price of compute",
        "New chips at launch, per $",
        "A dollar of launch price buys {value} of dense tensor FP16 at the median of the ML chips"
        " launched in the year up to {day}",
        "FLOP/s per USD",
        flop_per_s,
        PriceTrendInputs.TABLES,
        _launched_flop_per_s_per_usd,
        ("ml_chips",),
        measures.launched_flop_per_s_per_usd,
        "the median of chips with a known launch price; the range is that of a single chip",
        months_ahead=5,
        on_day=1,
    ),
    LedgerQuestion(
        "gpt4_rented",
        "Cost of GPT-4",
        "Chips for GPT-4's run, rented",
        f"On {{day}} renting the chips for a run of GPT-4's compute costs {{value}}, in dollars of"
        f" {PRICE_YEAR}",
        f"USD of {PRICE_YEAR}",
        in_dollars,
        ModelCostInputs.TABLES,
        _large_run_usd,
        RENTALS,
        _large_run_usd_measured,
        "the best widely rented chip as above, at the middle of GPT-4's FLOP and of utilisation;"
        " the range also covers the uncertainty of these two, which no table resolves",
        new_years=2,
    ),
    LedgerQuestion(
        "largest_run_flop",
        "Largest run",
        "Compute of the largest run",
        "Of the models out by {day} the largest was trained with {value}",
        "FLOP",
        flop,
        MODELS,
        _largest_flop,
        MODELS,
        partial(measures.largest_run, "training_flop", 1.0),
        "the largest training compute among notable models of that date or earlier",
        months_ahead=5,
        on_day=1,
        new_years=2,
    ),
    LedgerQuestion(
        "largest_run_chips",
        "Largest run",
        "Chips of the largest run",
        "Of the models out by {day} the one trained on most chips took {value}",
        "chips",
        chips,
        MODELS,
        partial(_largest_supply, "chips"),
        MODELS,
        partial(measures.largest_run, "hardware_quantity", 1.0),
        "the largest number of chips of one run among notable models",
        months_ahead=5,
        on_day=1,
    ),
    LedgerQuestion(
        "largest_run_mw",
        "Largest run",
        "Power of the largest run",
        "Of the models out by {day} the one whose training drew most power drew {value}",
        "MW",
        megawatts,
        MODELS,
        partial(_largest_supply, "power"),
        MODELS,
        partial(measures.largest_run, "power_watts", 1e6),
        "the largest power draw of one run among notable models",
        months_ahead=5,
        on_day=1,
    ),
    LedgerQuestion(
        "largest_text",
        "Training text",
        "Largest training text",
        "Of the models out by {day} the largest text that one was trained on holds {value}",
        "tokens",
        tokens,
        TextExhaustionInputs.TABLES,
        _largest_text,
        ("text_sizes_2023_2026",),
        measures.largest_text,
        "the largest disclosed training text; undisclosed ones are not counted",
        months_ahead=5,
        on_day=1,
        new_years=2,
    ),
    LedgerQuestion(
        "list_price",
        "Price of tokens",
        "List price of a million tokens",
        "Models newly listed in the half-year up to {day} cost {value} per million tokens at the"
        " median, at three input tokens per output token",
        "USD per million tokens",
        in_dollars,
        ("token_prices_2024_2025", "token_prices_2025_2026"),
        _list_price,
        ("token_prices_first_party",),
        measures.list_price,
        "the median of the first list prices of the makers' own APIs",
    ),
    LedgerQuestion(
        "arc_usd_at_88",
        "Price of an answer",
        "ARC-AGI-1 answer at 88%",
        f"On {{day}} {_ARC} 88% or more costs {{value}} a task, where a person's cost $5 in 2024",
        "USD a task",
        in_dollars,
        ARC_TABLES,
        partial(_arc_usd, "article", 88.0),
        BOARD,
        partial(measures.arc_usd_per_task, 88.0),
        "the cheapest machine at that score on the ARC Prize leaderboard",
    ),
    LedgerQuestion(
        "arc_usd_at_75_7",
        "Price of an answer",
        "ARC-AGI-1 answer at 75.7%",
        f"On {{day}} {_ARC} 75.7% or more costs {{value}} a task",
        "USD a task",
        in_dollars,
        ARC_TABLES,
        partial(_arc_usd, "leaderboard", 75.7),
        BOARD,
        partial(measures.arc_usd_per_task, 75.7),
        "the cheapest machine at that score on the ARC Prize leaderboard",
        new_years=0,
    ),
    LedgerQuestion(
        "arc_usd_at_65_7",
        "Price of an answer",
        "ARC-AGI-1 answer at 65.7%",
        f"On {{day}} {_ARC} 65.7% or more costs {{value}} a task",
        "USD a task",
        in_dollars,
        ARC_TABLES,
        partial(_arc_usd, "gpt5", 65.7),
        BOARD,
        partial(measures.arc_usd_per_task, 65.7),
        "the cheapest machine at that score on the ARC Prize leaderboard",
        new_years=0,
    ),
)
QUESTIONS: Mapping[str, LedgerQuestion] = {question.key: question for question in _QUESTIONS}
