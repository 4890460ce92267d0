"""Exchange rates with their spans, the Elo rule of Go, Jones's frontier in Hex."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecasting as fc
from forecasting.inference.exchange_rate import (
    elo_claim,
    elo_compute_factor,
    elo_of_compute,
    exchange_rates,
    inference_oom_for,
    own_rate,
    worth_in_training_oom,
)
from forecasting.inference.hex_frontier import hex_frontier

rates, spans = st.floats(0.05, 5.0), st.floats(0.1, 8.0)


def two_figures(value: float) -> float:
    return round(value, 1 - math.floor(math.log10(abs(value))))


def test_two_thousand_elo_are_a_hundred_thousand_times_the_compute() -> None:
    assert pytest.approx(16.67, abs=0.005) == 2000 / 120
    assert elo_compute_factor(2000) == pytest.approx(1.04e5, rel=0.005)
    assert elo_of_compute(10) == pytest.approx(398.6, abs=0.05)
    assert elo_of_compute(2) == 120.0


def test_alphago_zeros_own_gap_is_two_hundred_and_twenty_thousand_times(tables: fc.DataSet) -> None:
    claim = elo_claim(tables)
    assert (claim.raw_elo, claim.search_elo, claim.alphago_elo) == (3055, 5185, 2130)
    assert claim.alphago_factor == pytest.approx(2.2e5, rel=0.005)
    assert claim.claimed_factor == 100_000
    assert "100,000 times the compute" in claim.answer
    assert "220,000 times" in claim.answer


def test_the_hex_frontier_is_jones_to_two_figures(tables: fc.DataSet) -> None:
    fit = hex_frontier(tables)
    found = (fit.plateau_per_size, fit.plateau, fit.elo_per_oom, fit.incline_per_size, fit.incline)
    assert [two_figures(value) for value in found] == [-270, 570, 510, -430, -4400]
    assert fit.slope_range[0] < fit.elo_per_oom < fit.slope_range[1]


def test_no_nearby_coefficients_fit_the_hex_rows_better(tables: fc.DataSet) -> None:
    fit, table = hex_frontier(tables), tables["hex_elo_frontier"]
    size, log_flop, elo = (
        table[name].to_numpy() for name in ("board_size", "log10_train_flop", "elo")
    )
    theta = np.array(
        [fit.plateau_per_size, fit.plateau, fit.elo_per_oom, fit.incline_per_size, fit.incline]
    )

    def squares(t: np.ndarray) -> float:
        curve = np.minimum(0, np.maximum(t[0] * size + t[1], t[2] * log_flop + t[3] * size + t[4]))
        return float(((curve - elo) ** 2).sum())

    assert np.allclose(np.minimum(0, fit.elo(10**log_flop, size)), fit.elo(10**log_flop, size))
    moves = np.random.default_rng(0).standard_normal((500, 5)) * np.abs(theta) * 0.003
    assert all(squares(theta + move) >= squares(theta) * (1 - 1e-9) for move in moves)


def test_hex_play_ends_at_perfect_and_begins_at_chance(tables: fc.DataSet) -> None:
    fit = hex_frontier(tables)
    start, end = fit.ends(9)
    assert fit.elo(end * 1.01, 9) == 0.0
    assert fit.elo(start * 0.01, 9) == pytest.approx(fit.plateau_per_size * 9 + fit.plateau)
    assert fit.elo(start * 10, 9) - fit.elo(start, 9) == pytest.approx(fit.elo_per_oom)


def test_published_rates_and_spans(tables: fc.DataSet) -> None:
    published = exchange_rates(tables)
    assert published["go"].middle[0] == 1.0
    assert published["hex"].middle[0] == pytest.approx(1 / 1.2)
    for name, gain, span in (
        ("language", (1, 1), (1, 2)),
        ("decomposable", (2, 2), (2, 3)),
        ("verified", (3, 4), (5, 6)),
    ):
        drawn_rate, drawn_span = published[name].draw(4000, np.random.default_rng(0))
        assert span[0] - 1e-6 <= drawn_span.min() <= drawn_span.max() <= span[1] + 1e-6
        worth = drawn_rate * drawn_span
        assert gain[0] - 1e-6 <= worth.min() <= worth.max() <= gain[1] + 1e-6
    assert 10 ** (1 / published["hex"].middle[0]) == pytest.approx(15.8, abs=0.05)


@given(rates, spans, st.floats(0.0, 10.0), st.floats(0.0, 10.0))
def test_worth_rises_with_inference_and_stays_at_the_span(
    rate: float, span: float, one: float, more: float
) -> None:
    low, high = (worth_in_training_oom(x, rate=rate, span_oom=span) for x in (one, one + more))
    assert low <= high <= rate * span
    assert worth_in_training_oom(span + more, rate=rate, span_oom=span) == pytest.approx(
        rate * span
    )


@given(rates, spans, st.floats(0.0, 1.0))
def test_curves_of_equal_performance_undo_the_worth(rate: float, span: float, share: float) -> None:
    less = share * rate * span
    needed = inference_oom_for(less, rate=rate, span_oom=span)
    assert worth_in_training_oom(needed, rate=rate, span_oom=span) == pytest.approx(less, abs=1e-9)
    assert math.isnan(inference_oom_for(rate * span * 1.01 + 1e-6, rate=rate, span_oom=span))


@pytest.mark.parametrize("rate", [0.0, -0.5, math.inf])
def test_a_rate_of_zero_is_refused(rate: float) -> None:
    with pytest.raises(fc.InputError, match=r"exchange_rate.*above 0"):
        worth_in_training_oom(1.0, rate=rate, span_oom=1.0)


def test_an_own_rate_that_may_be_zero_is_refused() -> None:
    span = fc.Distribution(1.0, 2.0)
    for rate in (
        fc.Distribution.fixed(0.0),
        fc.Distribution(0.1, 1.0, 0.5, "uniform"),
        fc.Distribution(0.5, 1.0, 0.9, "normal"),
    ):
        with pytest.raises(fc.InputError, match="exchange_rate"):
            own_rate(rate, span)
    with pytest.raises(fc.InputError, match="span_oom"):
        own_rate(span, fc.Distribution.fixed(0.0))
    rate = own_rate(fc.Distribution(0.5, 1.0), span)
    assert rate.middle == (pytest.approx(math.sqrt(0.5)), pytest.approx(math.sqrt(2)))
