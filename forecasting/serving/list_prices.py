"""List prices of the makers' own APIs by kind: input, output, cached input, batches, long requests.

list_prices_today(bundled())                       # the newest price of each model
list_prices_today(bundled(), on=date(2026, 7, 1))  # as they stood on a day

A kind of which no price is known is empty (NaN), never guessed. Prices are nominal USD. A model
that its maker has withdrawn keeps its last price: the tables do not say when one ends.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.data.dataset import DataSet, bundled
from forecasting.errors import InputError

PRICES, TERMS = "token_prices_first_party", "token_price_terms"
ALL_MODELS, BATCH, LONG_CONTEXT = "all", "batch", "long context"
COLUMNS = (
    "provider",
    "model",
    "usd_per_mtok_in",
    "usd_per_mtok_out",
    "usd_per_mtok_cached",
    "usd_per_mtok_batch_in",
    "usd_per_mtok_batch_out",
    "long_above_tokens",
    "usd_per_mtok_long_in",
    "usd_per_mtok_long_out",
    "first_seen",
)


@dataclass(frozen=True)
class DoubtfulPrice:
    """A price that is left out, by its model and the day on which it was first seen, and why; and
    from which day on, where it held before.
    """

    model: str
    first_seen: dt.date
    reason: str
    doubtful_from: dt.date = dt.date.min

    @property
    def never_held(self) -> bool:
        """Whether the price was wrong from its first day on."""
        return self.doubtful_from == dt.date.min


DOUBTFUL_PRICES = (
    DoubtfulPrice(
        "gemini-2.5-flash-preview-09-2025",
        dt.date(2025, 9, 26),
        "The maker says 0.30 and 2.50 USD, as the table does from October 2025 on.",
    ),
    DoubtfulPrice(
        "gemini-flash-latest",
        dt.date(2025, 9, 29),
        "Another name of gemini-2.5-flash-preview-09-2025, with the same wrong price.",
    ),
    DoubtfulPrice(
        "gemini-3.1-flash-lite-preview",
        dt.date(2026, 3, 7),
        "Other lists have 0.25 and 1.50 USD, as this one does six days later.",
    ),
    DoubtfulPrice("qwen3.6-plus", dt.date(2026, 4, 6), "A price in yuan, converted."),
    DoubtfulPrice(
        "gpt-5.6-sol",
        dt.date(2026, 7, 9),
        "The price at launch; in September 2026 one public list had 4 and 20 USD, another 2 and"
        " 10.",
        doubtful_from=dt.date(2026, 9, 15),
    ),
)


def list_prices_today(data: DataSet | None = None, on: dt.date | None = None) -> pd.DataFrame:
    """The newest price of each model that is not doubtful, in every kind; a row a model, by
    provider and name.

    Its columns are COLUMNS: prices in USD per million tokens, of input (`in`), output (`out`),
    input that is found in a cache (`cached`), both in batches, and both above `long_above_tokens`
    tokens of input; and the day on which the price was first seen.

    Parameters
    ----------
    data : DataSet or None
        The tables; None: those bundled.
    on : datetime.date or None
        The day: what came later is left out. None takes the newest there is.

    Raises
    ------
    InputError
        For a day before the first price.
    """
    data = data or bundled()
    prices, terms = data[PRICES], data[TERMS]
    first = prices["first_seen"].min()
    if on is not None:
        prices = prices[prices["first_seen"] <= pd.Timestamp(on)]
        terms = terms[terms["from_date"] <= pd.Timestamp(on)]
        if prices.empty:
            raise InputError(
                "on", on.isoformat(), f"Give {first:%Y-%m-%d} or later: that is the first price."
            )
    doubtful = {
        (each.model, pd.Timestamp(each.first_seen))
        for each in DOUBTFUL_PRICES
        if on is None or each.doubtful_from <= on
    }
    known = [key not in doubtful for key in zip(prices["model"], prices["first_seen"], strict=True)]
    newest = (
        prices[known]
        .sort_values("first_seen", kind="stable")
        .drop_duplicates(["provider", "model"], keep="last")
        .sort_values(["provider", "model"], ignore_index=True)
    )
    cached = newest["usd_per_mtok_cached_in"]
    # gpt-3.5-turbo has a cached price above that of input, as if another model's.
    newest["usd_per_mtok_cached"] = cached.where(cached <= newest["usd_per_mtok_in"])
    for kind, name in ((BATCH, "batch"), (LONG_CONTEXT, "long")):
        above, *factors = _terms_of(newest, terms[terms["kind"] == kind])
        for way, factor in zip(("in", "out"), factors, strict=True):
            newest[f"usd_per_mtok_{name}_{way}"] = newest[f"usd_per_mtok_{way}"] * factor
        newest[f"{name}_above_tokens"] = above
    return newest[list(COLUMNS)]


def doubtful_prices() -> pd.DataFrame:
    """The prices that are left out: model, first_seen, doubtful_from (the earliest day there is
    where they never held) and reason.
    """
    return pd.DataFrame(
        [
            (each.model, each.first_seen, each.doubtful_from, each.reason)
            for each in DOUBTFUL_PRICES
        ],
        columns=["model", "first_seen", "doubtful_from", "reason"],
    )


def _terms_of(prices: pd.DataFrame, terms: pd.DataFrame) -> np.ndarray:
    """Tokens above which they hold and the factors on input and output, for each price, shape
    (3, prices): the model's own, else its maker's for all models, else NaN.
    """
    by_model = terms.set_index(["provider", "model"])[
        ["tokens_in_above", "factor_in", "factor_out"]
    ]
    own = by_model.reindex(pd.MultiIndex.from_frame(prices[["provider", "model"]]))
    of_all = by_model.reindex([(provider, ALL_MODELS) for provider in prices["provider"]])
    has_own = own["factor_in"].notna().to_numpy()
    return np.where(has_own[:, None], own, of_all).T
