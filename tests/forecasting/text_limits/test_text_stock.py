from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecasting as fc
from forecasting.text_limits.text_scenario import TextScenario
from forecasting.text_limits.text_stock import log_people_stock_at, text_stock, unique_text_draws

SEEDS = (0, 1, 2, 3)


def quantiles(logs: np.ndarray, *q: float) -> np.ndarray:
    return 10 ** np.quantile(logs, q)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_raw_web_has_508_trillion_tokens(seed: int) -> None:
    median, low, high = quantiles(text_stock(TextScenario(seed=seed)).log_raw, 0.5, 0.025, 0.975)
    assert median == pytest.approx(508e12, rel=0.03)
    assert low == pytest.approx(131e12, rel=0.05)
    assert high == pytest.approx(2130e12, rel=0.05)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_effective_stock_of_2024_is_322_trillion_tokens(seed: int) -> None:
    median, *ends = quantiles(
        text_stock(TextScenario(seed=seed)).log_tokens, 0.5, 0.025, 0.975, 0.05, 0.95
    )
    assert median == pytest.approx(322e12, rel=0.03)
    assert ends == pytest.approx([65e12, 1690e12, 84e12, 1280e12], rel=0.06)


def test_all_text_that_people_write_online_is_about_3100_trillion_tokens_and_grows() -> None:
    logs = log_people_stock_at(TextScenario(), np.array([2020.0, 2024.0, 2030.0]))
    medians = 10 ** np.median(logs, axis=1)
    assert medians[1] == pytest.approx(np.sqrt(1.9e15 * 5.2e15), rel=0.01)
    assert medians[0] < medians[1] < medians[2]


def test_unique_text_is_the_stock_without_repetition_a_path_a_row() -> None:
    draws = unique_text_draws(TextScenario(), [2024, 2030], draws=2000)
    assert draws.shape == (2000, 2)
    assert np.median(draws[:, 0]) == pytest.approx(101.7e12, rel=0.03)
    assert np.all(draws[:, 1] > draws[:, 0] * 0.8)
    same = unique_text_draws(
        TextScenario(repetition=fc.Distribution.fixed(1.0)), [2024, 2030], draws=2000
    )
    np.testing.assert_array_equal(draws, same)


def test_added_supplies_multiply_the_unique_text() -> None:
    plain = unique_text_draws(TextScenario(), draws=500)
    more = unique_text_draws(
        TextScenario(multimodal=fc.Distribution.fixed(1.5), synthetic=fc.Distribution.fixed(0.5)),
        draws=500,
    )
    np.testing.assert_allclose(more, 3 * plain)


def test_four_epochs_by_the_law_are_worth_what_the_repeated_data_law_says() -> None:
    stock = text_stock(TextScenario(repetition_by="law", epochs=fc.Distribution.fixed(4.0)))
    scale = 15.387756
    worth = 1 + scale * (1 - np.exp(-3 / scale))
    np.testing.assert_allclose(stock.log_tokens - stock.log_unique, np.log10(worth), atol=1e-12)
    assert 3.7 < worth < 4


def test_no_draw_has_a_token_without_bytes_even_if_the_range_reaches_there() -> None:
    stock = text_stock(TextScenario(bytes_below_six=fc.Distribution(1.0, 5.9, 0.7)))
    assert np.isfinite(stock.log_tokens).all()


@given(low=st.floats(1e9, 1e12), factor=st.floats(1.0, 100.0), more=st.floats(1.0, 50.0))
def test_more_pages_mean_more_text_in_every_draw(low: float, factor: float, more: float) -> None:
    few = text_stock(TextScenario(pages=fc.Distribution(low, low * factor, 0.95)))
    many = text_stock(TextScenario(pages=fc.Distribution(low * more, low * factor * more, 0.95)))
    assert np.all(many.log_tokens >= few.log_tokens - 1e-12)
