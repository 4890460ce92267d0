from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from forecasting.errors import InputError
from forecasting.serving.list_prices import (
    COLUMNS,
    DOUBTFUL_PRICES,
    PRICES,
    TERMS,
    doubtful_prices,
    list_prices_today,
)
from tests.vintage import shipped


def price(model: str, on: dt.date | None = None) -> pd.Series[float]:
    return list_prices_today(shipped(), on).set_index("model").loc[model]


def test_each_model_has_its_newest_price_once() -> None:
    today = list_prices_today(shipped())
    assert tuple(today) == COLUMNS
    assert not today.duplicated(["provider", "model"]).any()
    terra = price("gpt-5.6-terra")
    assert (terra["usd_per_mtok_in"], terra["usd_per_mtok_out"]) == (2, 12)
    assert terra["first_seen"] == pd.Timestamp(2026, 7, 30)
    assert price("claude-sonnet-5")["usd_per_mtok_out"] == 15


def test_on_a_day_prices_are_those_seen_by_then() -> None:
    before = price("claude-sonnet-5", dt.date(2026, 8, 31))
    assert (before["usd_per_mtok_in"], before["usd_per_mtok_out"]) == (2, 10)
    assert "gpt-6-astra" not in set(list_prices_today(shipped(), dt.date(2026, 9, 1))["model"])
    with pytest.raises(InputError, match=r"`on` is “?2020-01-01.*Give 2025-06-04 or later"):
        list_prices_today(shipped(), dt.date(2020, 1, 1))


@pytest.mark.parametrize(
    ("model", "batch", "above", "long"),
    [
        ("gpt-6-astra", (5, 25), 272_000, (20, 75)),
        ("gpt-5.4", (1.25, 7.5), 272_000, (5, 22.5)),
        ("gemini-3.1-pro-preview", (1, 6), 200_000, (4, 18)),
        ("claude-opus-5", (2.5, 12.5), None, None),
        ("grok-4.5", None, 200_000, (4, 12)),
        ("kimi-k2.5", (0.36, 1.8), None, None),
        ("qwen-plus", (0.2, 0.6), None, None),
        ("qwen3-max", None, None, None),
        ("deepseek-v4-pro", None, None, None),
    ],
)
def test_batch_and_long_requests_are_priced_where_the_maker_says_so(
    model: str,
    batch: tuple[float, float] | None,
    above: float | None,
    long: tuple[float, float] | None,
) -> None:
    row = price(model)
    for name, wanted in (("batch", batch), ("long", long)):
        found = [row[f"usd_per_mtok_{name}_in"], row[f"usd_per_mtok_{name}_out"]]
        assert found == pytest.approx(wanted or (np.nan, np.nan), nan_ok=True)
    assert row["long_above_tokens"] == pytest.approx(above or np.nan, nan_ok=True)


def test_a_term_counts_from_its_first_day() -> None:
    assert np.isnan(price("gemini-2.5-pro", dt.date(2025, 7, 6))["usd_per_mtok_batch_in"])
    assert price("gemini-2.5-pro", dt.date(2025, 7, 7))["usd_per_mtok_batch_in"] == 0.625


def test_doubtful_prices_are_rows_of_the_table_and_left_out_with_a_reason() -> None:
    table = shipped()[PRICES].set_index(["model", "first_seen"])
    for each in DOUBTFUL_PRICES:
        assert (each.model, pd.Timestamp(each.first_seen)) in table.index
    shown = set(
        list_prices_today(shipped(), dt.date(2026, 4, 7))[["model", "first_seen"]].itertuples(
            index=False, name=None
        )
    )
    assert ("qwen3.6-plus", pd.Timestamp(2026, 4, 6)) not in shown
    assert price("qwen3.6-plus")["usd_per_mtok_in"] == 0.5
    assert doubtful_prices()["reason"].str.len().min() > 20


def test_a_price_that_lists_came_to_disagree_on_is_shown_up_to_then() -> None:
    assert price("gpt-5.6-sol", dt.date(2026, 9, 14))["usd_per_mtok_in"] == 5
    assert "gpt-5.6-sol" not in set(list_prices_today(shipped())["model"])


def test_cached_input_is_never_dearer_than_input() -> None:
    today = list_prices_today(shipped())
    cached = today["usd_per_mtok_cached"]
    assert cached.notna().sum() > 100
    assert (cached.dropna() <= today["usd_per_mtok_in"][cached.notna()]).all()
    assert np.isnan(price("gpt-3.5-turbo")["usd_per_mtok_cached"])


def test_every_term_is_of_a_model_or_a_maker_with_prices() -> None:
    prices, terms = shipped()[PRICES], shipped()[TERMS]
    known = set(zip(prices["provider"], prices["model"], strict=True))
    known |= {(provider, "all") for provider in prices["provider"]}
    assert set(zip(terms["provider"], terms["model"], strict=True)) <= known
