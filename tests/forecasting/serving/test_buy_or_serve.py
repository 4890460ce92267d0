from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.serving.buy_or_serve import BoughtTokens, break_even

LUNA = BoughtTokens(
    usd_per_mtok_in=0.10,
    usd_per_mtok_out=0.50,
    usd_per_mtok_cached=0.01,
    usd_per_mtok_batch_in=0.05,
    usd_per_mtok_batch_out=0.25,
)


def met(q: float, c: float, p: float, spare: int) -> tuple[float, float]:
    found = break_even(
        usd_per_month_of_daily_request=q,
        usd_per_month_of_replica=c,
        requests_per_day_of_replica=p,
        spare_replicas=spare,
    )
    return float(found.first), float(found.lasting)


def test_the_break_even_of_one_replica_by_hand() -> None:
    # A replica at $100 a month answers 1,000 a day, which cost $200 when bought. Half full it costs
    # as much, and a second one is begun when the first has gained $100.
    assert met(0.2, 100.0, 1000.0, spare=0) == (500.0, 500.0)
    # With a spare the first ties when it is full; the second begins at a loss of $100 and costs as
    # much at 1,500 a day; the third begins at none.
    assert met(0.2, 100.0, 1000.0, spare=1) == (1000.0, 1500.0)


@given(
    q=st.floats(0.3, 3.0),
    c=st.floats(0.3, 3.0),
    p=st.floats(0.3, 3.0),
    spare=st.integers(0, 4),
)
def test_the_break_even_is_that_of_every_demand_tried_in_turn(
    q: float, c: float, p: float, spare: int
) -> None:
    first, lasting = met(q, c, p, spare)
    requests = np.linspace(1e-3, 300.0, 30_001)
    is_cheaper = c * (np.ceil(requests / p) + spare) <= q * requests
    if math.isinf(lasting):
        assert not (q * p > c * (1.0 + 1e-9))
        assert not is_cheaper[requests > 1.01 * p * max(spare, 1)].any() or q * p == c
        return
    assert first <= lasting * (1.0 + 1e-12)
    assert not is_cheaper[requests < first * (1.0 - 1e-9)].any()
    assert is_cheaper[requests > lasting * (1.0 + 1e-9)].all()
    below = lasting * (1.0 - 1e-6)
    if lasting < 290.0 and below > p * (math.ceil(lasting / p * (1.0 + 1e-12)) - 1):
        # Just below the lasting one, where no replica less would do, serving still costs more.
        assert c * (math.ceil(below / p) + spare) > q * below


def test_what_costs_more_full_than_its_requests_bought_never_breaks_even() -> None:
    assert met(0.05, 100.0, 1000.0, spare=0) == (math.inf, math.inf)
    assert met(0.0, 100.0, 1000.0, spare=1) == (math.inf, math.inf)
    assert met(1.0, 100.0, 0.0, spare=1) == (math.inf, math.inf)


def test_a_request_is_billed_by_kind() -> None:
    assert LUNA.usd_per_request(tokens_in=1000, tokens_out=500) == pytest.approx(350e-6)
    cached = LUNA.usd_per_request(tokens_in=1000, tokens_out=500, cached_share=0.5)
    assert cached == pytest.approx(350e-6 - 45e-6)
    in_batch = LUNA.usd_per_request(tokens_in=1000, tokens_out=500, batch_share=1.0)
    assert in_batch == pytest.approx(175e-6)
    half = LUNA.usd_per_request(tokens_in=1000, tokens_out=500, batch_share=0.5)
    assert half == pytest.approx((350e-6 + 175e-6) / 2)


def test_kinds_without_a_price_of_their_own_cost_the_plain_one() -> None:
    plain = BoughtTokens(usd_per_mtok_in=0.10, usd_per_mtok_out=0.50)
    request = plain.usd_per_request(
        tokens_in=1000, tokens_out=500, cached_share=0.9, batch_share=0.7
    )
    assert request == pytest.approx(350e-6)
    assert LUNA.has_batch
    assert not plain.has_batch


def test_a_batch_is_never_dearer_than_the_same_at_once() -> None:
    # Nearly all of the prompt is cached: that rebate is larger than the one of a batch.
    given_at_once = LUNA.usd_per_request(tokens_in=100_000, tokens_out=1, cached_share=0.99)
    in_batch = LUNA.usd_per_request(
        tokens_in=100_000, tokens_out=1, cached_share=0.99, batch_share=1.0
    )
    assert in_batch == given_at_once
