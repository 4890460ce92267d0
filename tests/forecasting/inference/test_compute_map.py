"""The map of quality over training and inference compute: limits, the best split, what lies beyond
the span.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecasting as fc
from forecasting.context import context_of
from forecasting.formatting import in_dollars
from forecasting.inference.answer_surface import LanguageSurface
from forecasting.inference.compute_map import ComputeMap, compute_map
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.inference.serve_at_scale import serve_at_scale
from forecasting.inference.serving import serving_usd, training_usd
from forecasting.laws.law_draws import LawDraws
from forecasting.reporting.inference_notes import chip_hour_price_words
from tests.examples import examples

#: The certified numbers are at this price of a chip-hour.
PROOF_USD_PER_CHIP_HOUR = 2.0
TRADES = ("language", "decomposable", "verified", "go", "hex", "own")


def fixed(
    trade: str = "own", rate: float = 1.0, span: float = 3.0, **more: float | str
) -> ComputeMap:
    own = {
        "own_rate": fc.Distribution.fixed(rate),
        "own_span": fc.Distribution.fixed(span),
        "usd_per_chip_hour": PROOF_USD_PER_CHIP_HOUR,
    }
    return compute_map(InferenceScenario(trade=trade, **own, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("budget", "share", "passes", "score"), [(1e8, 0.326, 161, 27.21), (1e9, 0.327, 491, 28.70)]
)
def test_the_best_split_is_that_of_the_plan_with_unlimited_data(
    budget: float, share: float, passes: float, score: float
) -> None:
    best = fixed(budget_usd=budget, answer_mfu="own").best
    assert best is not None
    assert best.train_share == pytest.approx(share, rel=0.005)
    assert best.passes == pytest.approx(passes, rel=0.005)
    assert best.score == pytest.approx(score, abs=0.005)


@given(st.floats(0.3, 2.0))
@examples(quick=5, soak=400)
def test_the_free_split_follows_the_slope_of_the_curves(rate: float) -> None:
    best = fixed(rate=rate, span=12.0, tokens_in=0.0, budget_usd=1e11).best
    law = fc.published_law("refit").law
    slope = 1.0 / rate - law.params_exponent
    assert best is not None
    # No smaller model than a thirtieth of the compute-optimal one was tried: that is a limit, too.
    smallest = law.optimal(best.training_flop)[0] / 30.0
    if 1.01 < best.passes < 10.0**11.9 and best.params * best.passes > 1.05 * smallest:
        assert best.train_share == pytest.approx(fc.train_share_of_exchange(slope), abs=0.002)


@given(st.floats(1e6, 1e11), st.floats(1e3, 1e9))
@examples(quick=5, soak=400)
def test_without_a_span_it_is_the_cheapest_model_for_the_demand(
    budget: float, requests: float
) -> None:
    scenario = {"budget_usd": budget, "requests_per_day": requests}
    result = fixed(span=1e-6, rate=1e-3, **scenario)
    best = result.best
    if best is None or not 0.01 < best.train_share < 0.99:
        return
    inputs = result.scenario
    prices = inputs.prices(*result.mfu, context_of(None))
    law = fc.law_in_use("refit", fc.bundled()).law
    if best.params < 1.01 / 30 * law.optimal(best.training_flop)[0]:
        # the map ends at a thirtieth of Chinchilla's size: beyond any over-training that was tried
        return
    tokens = best.training_flop / (6 * best.params)
    cost = training_usd(best.params, tokens, prices) + serving_usd(
        best.params, inputs.demand, prices
    )
    assert cost == pytest.approx(budget, rel=1e-4)
    cheapest = fc.inference_aware_optimum(
        law,
        loss=law.loss(best.params, tokens),
        demand=inputs.demand,
        prices=prices,
    )
    assert cheapest.total == pytest.approx(budget, rel=1e-6)


@pytest.mark.parametrize("trade", TRADES)
def test_quality_never_falls_with_more_of_either_compute(trade: str) -> None:
    result = compute_map(InferenceScenario(trade=trade))
    for axis in (0, 1):
        steps = np.diff(result.score, axis=axis)
        assert (steps[np.isfinite(steps)] >= -1e-9).all()


@pytest.mark.parametrize("trade", TRADES)
def test_nothing_is_drawn_beyond_the_span(trade: str) -> None:
    result = compute_map(InferenceScenario(trade=trade))
    beyond = result.inference[:, None] > result.most[None, :] * (1 + 1e-9)
    assert beyond.any()
    assert np.isnan(result.score[beyond]).all()
    assert result.curves
    for curve in result.curves:
        top = np.interp(
            np.log(curve.training_flop), np.log(result.training_flop), np.log(result.most)
        )
        assert (np.log(curve.inference) <= top + 1e-9).all()
        assert (np.diff(curve.inference) <= 1e-9 * curve.inference[1:]).all() or trade == "language"


@pytest.mark.parametrize("trade", TRADES)
def test_curves_hold_their_score(trade: str) -> None:
    result = compute_map(InferenceScenario(trade=trade))
    for curve in result.curves[::2]:
        middle = len(curve.training_flop) // 2
        column = int(np.argmin(np.abs(np.log(result.training_flop / curve.training_flop[middle]))))
        inside = np.isfinite(result.score[:, column])
        rising = np.interp(
            np.log(curve.inference[middle]),
            np.log(result.inference[inside]),
            result.score[inside, column],
        )
        step = 500.0 if result.is_game else 1.0
        assert rising == pytest.approx(curve.score, abs=0.05 * step)


@pytest.mark.parametrize("trade", TRADES)
def test_no_other_point_of_the_budget_is_better(trade: str) -> None:
    result = compute_map(InferenceScenario(trade=trade))
    assert result.best is not None
    log_x, log_y = np.log(result.budget_training_flop), np.log(result.budget_inference)
    for x, y in zip(log_x[::4], log_y[::4], strict=True):
        column = int(np.argmin(np.abs(np.log(result.training_flop) - x)))
        row = int(np.argmin(np.abs(np.log(result.inference) - y)))
        near = (
            abs(np.log(result.training_flop[column]) - x) < 0.05
            and abs(np.log(result.inference[row]) - y) < 0.05
        )
        if near and np.isfinite(result.score[row, column]):
            assert result.score[row, column] <= result.best.score + (
                60.0 if result.is_game else 0.1
            )


def test_go_moves_along_the_rule(tables: fc.DataSet) -> None:
    result = compute_map(InferenceScenario(trade="go"), data=tables)
    raw, alone = result.points
    assert alone.score - raw.score == 2130
    assert alone.training_flop / raw.training_flop == pytest.approx(2.2e5, rel=0.005)
    assert result.best is not None
    assert result.best.train_share == pytest.approx(0.5, abs=0.001)


def test_the_split_without_a_span_is_the_budget_split(tables: fc.DataSet) -> None:
    shares = {
        trade: compute_map(InferenceScenario(trade=trade), data=tables).free_share
        for trade in ("go", "hex")
    }
    assert shares["go"] == 0.5
    assert shares["hex"] == pytest.approx(0.545, abs=0.0005)
    assert fixed(rate=1.0).free_share == pytest.approx(0.327, abs=0.001)
    assert fixed(rate=3.0).free_share == 0.0


def test_hex_at_the_span_is_the_frontier(tables: fc.DataSet) -> None:
    result = compute_map(InferenceScenario(trade="hex", board_size=7), data=tables)
    assert np.nanmax(result.score) == 0.0
    assert "positions per move" in result.full_answer


@pytest.mark.parametrize("trade", TRADES)
def test_the_answer_names_share_and_range(trade: str) -> None:
    result = compute_map(InferenceScenario(trade=trade))
    assert "likely" in result.answer
    assert "on training and the rest on answers" in result.answer
    assert result.train_share.low <= result.train_share.value <= result.train_share.high
    assert {"curve", "training_flop"} <= set(result.table.columns)


def test_where_the_whole_span_is_used_the_answer_says_why_its_worth_has_no_range() -> None:
    said = compute_map(
        InferenceScenario(
            budget_usd=1e5,
            requests_per_day=1e2,
            answer_mfu="own",
            usd_per_chip_hour=PROOF_USD_PER_CHIP_HOUR,
        )
    ).full_answer
    assert "training with 7.1 × 10²³ FLOP" in said
    assert "is worth 10 times the training compute, published without a range" in said
    hex_map = compute_map(InferenceScenario(trade="hex"))
    assert "published without a range" not in hex_map.full_answer


def test_one_pass_is_no_passes() -> None:
    assert (
        "Write each answer once."
        in compute_map(InferenceScenario(budget_usd=1e5, requests_per_day=1e11)).full_answer
    )


def test_the_price_of_a_chip_hour_is_named_with_chip_terms_and_month() -> None:
    rents = (
        (None, "NVIDIA H100 SXM on demand, the median of"),
        (3.5, "$3.50 per hour, as set under Assumptions."),
    )
    for usd, words in rents:
        rent = InferenceScenario(usd_per_chip_hour=usd).rent(context_of(None))
        assert words in chip_hour_price_words(rent)
    result = compute_map(InferenceScenario())
    assert result.rent is not None
    price = in_dollars(result.rent.usd_per_chip_hour)
    assert f"at {price} per chip-hour (NVIDIA H100" in result.full_answer
    assert compute_map(InferenceScenario(trade="go")).rent is None


def test_an_own_contract_for_the_chip_stands_in_for_the_market() -> None:
    prices = fc.read_own_prices(
        "chip,term,date,usd_per_chip_hour\nNVIDIA H100 SXM5 80GB,1 year,2026-01-01,1.5\n",
        fc.bundled(),
    )
    context = fc.Context(fc.bundled(), prices=prices)
    rent = serve_at_scale(InferenceScenario(), data=context).rent
    assert rent.usd_per_chip_hour == 1.5
    assert "by your own contract" in chip_hour_price_words(rent)
    assert InferenceScenario(usd_per_chip_hour=4.0).rent(context).usd_per_chip_hour == 4.0


def test_dollars_follow_the_price_of_a_chip_hour_and_sizes_do_not() -> None:
    one, two = (serve_at_scale(InferenceScenario(usd_per_chip_hour=usd)) for usd in (1.5, 3.0))
    assert two.total_usd.value == pytest.approx(2.0 * one.total_usd.value, rel=1e-9)
    assert two.params.value == pytest.approx(one.params.value, rel=1e-9)


def test_without_demand_all_goes_to_training() -> None:
    for result in (
        fixed(requests_per_day=0.0),
        compute_map(InferenceScenario(trade="go", go_moves=0.0)),
    ):
        assert result.best is None
        assert "all of the budget goes to training" in result.answer
        assert np.isfinite(result.score).any()


def test_a_rate_of_zero_is_refused_in_words() -> None:
    with pytest.raises(fc.InputError, match=r"exchange_rate.*above 0"):
        fixed(rate=0.0)


def test_draws_of_the_law_widen_the_range() -> None:
    law = "custom:1.8172,477.8,2143.4,0.3473,0.3672"
    own = {
        "trade": "own",
        "answer_mfu": "own",
        "own_rate": fc.Distribution.fixed(1.0),
        "own_span": fc.Distribution.fixed(3.0),
    }
    wide, narrow = (compute_map(InferenceScenario(**own, law=name)) for name in ("refit", law))  # type: ignore[arg-type]
    assert narrow.train_share.low == pytest.approx(narrow.train_share.high, abs=1e-3)
    assert wide.train_share.high - wide.train_share.low > 0.005


def test_many_laws_score_as_each_alone() -> None:
    laws = [fc.published_law(name).law for name in ("refit", "chinchilla", "besiroglu")]
    names = ("E", "A", "B", "alpha", "beta")
    together = LawDraws(*(np.array([getattr(law, name) for law in laws]) for name in names))
    column = np.array([[1.0], [0.5], [0.8]]), np.array([[2.0], [3.0], [1.0]])
    x, y = np.full((3, 7), 25.0), np.linspace(13.0, 18.0, 7) * np.ones((3, 1))
    score = LanguageSurface(together, *column, prompt=0.25, tokens_out=500.0).score(x, y)
    for row, law in enumerate(laws):  # type: ignore[assignment]
        one = LanguageSurface(
            LawDraws.of_law(law), column[0][row : row + 1], column[1][row : row + 1], 0.25, 500.0
        )  # type: ignore[arg-type]
        assert np.allclose(one.score(x[:1], y[:1])[0], score[row], rtol=0, atol=1e-9)
    assert math.isfinite(float(score.sum()))
