from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest

from forecasting.data.dataset import bundled
from forecasting.inference.leaderboard import Entry, machines
from forecasting.inference.quality_declines import (
    MIN_SYSTEMS,
    MIN_YEARS,
    _fit,
    measured_declines,
)
from forecasting.inference.token_prices import price_declines
from forecasting.reporting.inference_notes import measured_declines_words
from forecasting.units import decimal_years
from tests.vintage import shipped


def record_lows(factor: float, months: tuple[int, ...], noise: float = 0.0) -> tuple[Entry, ...]:
    """Systems whose price falls by a factor a year from the first of January 2025 on."""
    rng = np.random.default_rng(0)
    first = dt.date(2025, 1, 1)
    return tuple(
        Entry(
            f"system {month}",
            50.0,
            10.0 * factor ** (-days / 365.25) * math.exp(noise * rng.standard_normal()),
            first + dt.timedelta(days=days),
        )
        for month in months
        for days in [30 * month]
    )


def test_a_line_finds_the_factor_that_prices_fall_by() -> None:
    fit = _fit("ARC-AGI-1", 50, record_lows(20.0, (0, 4, 9, 18)))
    assert fit is not None
    assert fit.factor == pytest.approx(20.0, rel=0.01)
    assert fit.low == pytest.approx(fit.high, rel=0.01)
    assert fit.r_squared == pytest.approx(1.0)
    noisy = _fit("ARC-AGI-1", 50, record_lows(20.0, (0, 4, 9, 18), noise=0.5))
    assert noisy is not None
    assert noisy.low < 20.0 < noisy.high


def test_few_record_lows_or_a_short_time_have_no_line() -> None:
    assert _fit("ARC-AGI-1", 50, record_lows(20.0, (0, 4, 9))) is None
    assert _fit("ARC-AGI-1", 50, record_lows(20.0, (0, 1, 2, 3))) is None


def test_a_textbook_line_has_the_textbook_interval() -> None:
    from statsmodels.regression.linear_model import OLS  # takes a second to import

    fit = _fit("ARC-AGI-1", 50, record_lows(20.0, (0, 4, 9, 18, 20), noise=0.5))
    assert fit is not None
    years = decimal_years(np.array([each.released for each in fit.systems], dtype="datetime64[D]"))
    usd = [each.usd for each in fit.systems]
    model = OLS(np.log(usd), np.column_stack([np.ones(len(years)), years])).fit()
    low, high = model.conf_int(0.10)[1]
    assert (fit.low, fit.high) == pytest.approx((math.exp(-high), math.exp(-low)))


def test_of_eighteen_scores_most_can_be_followed_a_task_and_half_a_token() -> None:
    task, token = measured_declines(shipped()), measured_declines(shipped(), "token")
    assert (task.tried, len(task.fits), len(token.fits)) == (18, 15, 9)
    assert task.median == pytest.approx(12.9, abs=0.1)
    assert token.median == pytest.approx(10.8, abs=0.1)
    assert task.window == (dt.date(2025, 1, 20), dt.date(2026, 8, 13))
    for fit in (*task.fits, *token.fits):
        assert fit.low < fit.factor < fit.high
        assert len(fit.systems) >= MIN_SYSTEMS
        assert (fit.end - fit.start).days > 365 * MIN_YEARS
        prices = [each.usd for each in fit.systems]
        assert prices == sorted(prices, reverse=True)
        assert all(each.score >= fit.score for each in fit.systems)
    assert set(task.table) == set(shipped()["token_price_declines"].columns)


def test_the_words_say_windows_counts_and_what_the_intervals_allow() -> None:
    said = measured_declines_words(
        measured_declines(shipped()),
        measured_declines(shipped(), "token"),
        price_declines(shipped()),
    )
    assert "fell 13-fold per year (the median of 15 scores of 18, 4 to 470;" in said
    assert "January 2025 to August 2026" in said
    assert "21 fits of Epoch AI up to February 2025 have a median of 46" in said


def test_a_list_price_is_that_of_the_version_and_not_a_doubtful_one() -> None:
    by_name = {each.name: each for each in machines("ARC-AGI-1", shipped())}
    # 0.2 and 1.2 USD from 30 July 2026, 1 and 6 before.
    assert by_name["GPT-5.6 Luna 2026-07-30 (Max)"].usd_per_mtok == pytest.approx(0.45)
    assert by_name["GPT-5.6 Luna (Max)"].usd_per_mtok == pytest.approx(2.25)
    assert math.isnan(by_name["ARChitects"].usd_per_mtok)


def test_tables_without_enough_record_lows_are_said_to_have_none() -> None:
    token = measured_declines(bundled(), "token")
    said = measured_declines_words(measured_declines(bundled()), token, price_declines(bundled()))
    if not token.fits:
        assert math.isnan(token.median)
        assert "has enough record lows of the list price of a token" in said
