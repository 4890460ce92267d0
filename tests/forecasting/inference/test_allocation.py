"""The cheapest model for a demand: published cases, limits, what must hold for any law."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

import forecasting as fc
from forecasting.errors import BeyondNumbersError
from forecasting.inference.allocation import equal_loss_optimum
from forecasting.laws.law_draws import LawDraws
from forecasting.laws.law_inputs import LossBelowFloorError

SARDANA = fc.ChinchillaLaw(E=1.69, A=406.4, B=410.7, alpha=0.336, beta=0.283)
H100 = fc.ComputePrices(
    usd_per_chip_hour=2.0, peak_flop_per_s=989e12, mfu_train=0.40, mfu_input=0.40, mfu_output=0.05
)

laws = st.builds(
    fc.ChinchillaLaw,
    E=st.floats(0.0, 3.0),
    A=st.floats(1.0, 1e5),
    B=st.floats(1.0, 1e5),
    alpha=st.floats(0.05, 1.2),
    beta=st.floats(0.05, 1.2),
)
sizes = st.floats(1e6, 1e13)
served = st.floats(0.0, 1e20)


@pytest.mark.parametrize(
    ("quality", "inference_tokens", "params", "tokens", "saving"),
    [(13e9, 2e12, 6.97e9, 1.248e12, 0.174), (30e9, 1e13, 13.6e9, 4.43e12, 0.280)],
)
def test_the_published_cases_in_flop(
    quality: float, inference_tokens: float, params: float, tokens: float, saving: float
) -> None:
    best = fc.inference_aware_optimum(
        SARDANA, quality_of_params=quality, inference_tokens=inference_tokens
    )
    assert best.params == pytest.approx(params, rel=0.002)
    assert best.tokens == pytest.approx(tokens, rel=0.002)
    assert best.saving == pytest.approx(saving, abs=0.0005)


def test_the_published_saving_in_flop() -> None:
    best = fc.inference_aware_optimum(SARDANA, quality_of_params=13e9, inference_tokens=2e12)
    assert best.saved == pytest.approx(1.69e22, rel=0.002)
    assert best.chinchilla_params == pytest.approx(13e9, rel=1e-9)


@pytest.mark.parametrize(
    ("requests", "params", "tokens", "train_share", "saving"),
    [
        (1e6, 58.7e9, 5.13e12, 0.894, None),
        (1e7, 35.4e9, 10.07e12, 0.623, 0.209),
        (1e8, 19.7e9, 34.45e12, 0.362, 0.587),
    ],
)
def test_the_cases_in_dollars(
    requests: float, params: float, tokens: float, train_share: float, saving: float | None
) -> None:
    demand = fc.Demand(requests_per_day=requests, days=365, tokens_in=1000, tokens_out=500)
    best = fc.inference_aware_optimum(SARDANA, quality_of_params=70e9, demand=demand, prices=H100)
    assert best.params == pytest.approx(params, rel=0.002)
    assert best.tokens == pytest.approx(tokens, rel=0.002)
    assert best.train_share == pytest.approx(train_share, abs=0.0005)
    if saving is not None:
        assert best.saving == pytest.approx(saving, abs=0.0005)


def test_without_demand_it_is_chinchilla() -> None:
    best = fc.inference_aware_optimum(
        SARDANA, quality_of_params=70e9, demand=fc.Demand(requests_per_day=0.0), prices=H100
    )
    assert best.is_chinchilla
    assert (best.params, best.saving, best.train_share) == (pytest.approx(70e9, rel=1e-9), 0.0, 1.0)
    params, tokens = SARDANA.optimal(best.training_flop)
    assert (best.params, best.tokens) == (
        pytest.approx(params, rel=1e-9),
        pytest.approx(tokens, rel=1e-9),
    )


def optimum(law: fc.ChinchillaLaw, size: float, tokens: float) -> fc.InferenceAwareOptimum:
    """The optimum, if it can be computed."""
    try:
        return fc.inference_aware_optimum(law, quality_of_params=size, inference_tokens=tokens)
    except BeyondNumbersError:
        reject()


@given(laws, sizes, served)
def test_the_optimum_has_the_loss_asked_for_and_meets_its_condition(
    law: fc.ChinchillaLaw, size: float, tokens: float
) -> None:
    best = optimum(law, size, tokens)
    if not (0.0 < best.params < 1e250 and best.tokens < 1e250):
        return
    size_term, data_term = law.A * best.params**-law.alpha, law.B * best.tokens**-law.beta
    assert size_term + data_term == pytest.approx(best.loss - law.E, rel=1e-6, abs=1e-12)
    assert law.alpha * size_term == pytest.approx(
        law.beta * data_term * (1 + tokens / (3 * best.tokens)), rel=1e-9
    )


@given(laws, sizes, served, st.floats(0.5, 2.0))
def test_no_other_size_of_the_same_loss_is_cheaper(
    law: fc.ChinchillaLaw, size: float, tokens: float, off: float
) -> None:
    best = optimum(law, size, tokens)
    left = best.loss - law.E - law.A * (off * best.params) ** -law.alpha
    if left <= 0.0 or not best.tokens < 1e100:
        return
    other = (
        6 * off * best.params * (left / law.B) ** (-1 / law.beta) + 2 * off * best.params * tokens
    )
    assert best.total <= other * (1 + 1e-9)


@given(laws, sizes, served, st.floats(1.0, 1e4))
def test_more_demand_never_means_a_larger_model_or_less_data(
    law: fc.ChinchillaLaw, size: float, tokens: float, times: float
) -> None:
    few, many = (optimum(law, size, t) for t in (tokens, tokens * times))
    assert many.params <= few.params * (1 + 1e-9)
    assert many.tokens >= few.tokens * (1 - 1e-9)
    assert many.saving >= few.saving - 1e-9


def test_a_quality_beyond_all_numbers_is_said() -> None:
    law = fc.ChinchillaLaw(E=0.0, A=1.0, B=9806.0, alpha=1.125, beta=0.05)
    with pytest.raises(BeyondNumbersError, match="too large"):
        fc.inference_aware_optimum(law, quality_of_params=3e11, inference_tokens=1e12)


def test_many_laws_at_once_give_what_each_gives_alone(tables: fc.DataSet) -> None:
    draws = fc.law_in_use("refit", tables).draws
    left = np.full(len(draws), 0.15)
    weight = np.geomspace(1e9, 1e16, len(draws))
    params, tokens = equal_loss_optimum(draws, left, weight)
    for row in (0, 500, 999):
        law = draws.law(row)
        alone = fc.inference_aware_optimum(law, loss=law.E + 0.15, inference_tokens=3 * weight[row])
        assert (params[row], tokens[row]) == (
            pytest.approx(alone.params, rel=1e-9),
            pytest.approx(alone.tokens, rel=1e-9),
        )


def test_demands_broadcast_against_laws() -> None:
    draws = LawDraws(
        *(np.repeat(getattr(SARDANA, name), 3) for name in ("E", "A", "B", "alpha", "beta"))
    )
    params, tokens = equal_loss_optimum(
        draws, np.array([[0.1], [0.2], [0.3]]), np.geomspace(1e10, 1e14, 5)[None, :]
    )
    assert params.shape == tokens.shape == (3, 5)
    assert (np.diff(params, axis=1) < 0).all()


def test_over_training_costs_extra_compute_and_has_a_least_size() -> None:
    overhead = fc.overtraining_overhead(SARDANA, [0.05, 0.5, 1.0, 2.0], quality_of_params=70e9)
    assert np.isposinf(overhead[0])
    assert overhead[1] == pytest.approx(0.208, abs=0.001)
    assert overhead[2] == pytest.approx(0.0, abs=1e-9)
    assert overhead[3] > 0.0


def test_budget_split_of_an_exchange_rate() -> None:
    assert fc.train_share_of_exchange(1.0) == 0.5
    assert fc.train_share_of_exchange(1.2) == pytest.approx(0.545, abs=0.0005)


@given(st.floats(0.05, 20.0), st.floats(1e-3, 1e9))
def test_the_split_is_the_minimum_of_training_and_inference_on_a_curve(
    m: float, answers: float
) -> None:
    training = (m * answers) ** (1 / (1 + m))  # minimum of T + n·T^−m
    inference = answers * training**-m
    assert training / (training + inference) == pytest.approx(
        fc.train_share_of_exchange(m), rel=1e-9
    )


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_an_exchange_rate_of_zero_has_no_split(rate: float) -> None:
    with pytest.raises(fc.InputError, match=r"exchange_rate.*above 0"):
        fc.train_share_of_exchange(rate)


def test_what_is_asked_for_must_be_said_once() -> None:
    with pytest.raises(fc.InputError, match="quality_of_params"):
        fc.inference_aware_optimum(SARDANA, inference_tokens=1e12)
    with pytest.raises(fc.InputError, match="quality_of_params"):
        fc.inference_aware_optimum(SARDANA, quality_of_params=1e9, loss=2.0, inference_tokens=1e12)
    with pytest.raises(fc.InputError, match="inference_tokens"):
        fc.inference_aware_optimum(SARDANA, quality_of_params=1e9)
    with pytest.raises(fc.InputError, match="prices"):
        fc.inference_aware_optimum(
            SARDANA, quality_of_params=1e9, inference_tokens=1e12, prices=H100
        )
    with pytest.raises(LossBelowFloorError, match=r"1\.69"):
        fc.inference_aware_optimum(SARDANA, loss=1.6, inference_tokens=1e12)


def test_a_law_without_a_term_for_size_has_no_cheapest_model() -> None:
    flat = fc.ChinchillaLaw(E=1.69, A=0.0, B=410.7, alpha=0.336, beta=0.283)
    with pytest.raises(fc.InputError, match=r"`A` is 0.*no cheapest model"):
        fc.inference_aware_optimum(flat, loss=2.0, inference_tokens=1e12)
    with pytest.raises(fc.InputError, match=r"`A` is 0.*no cheapest model"):
        fc.inference_aware_optimum(flat, quality_of_params=7e10, inference_tokens=1e12)
