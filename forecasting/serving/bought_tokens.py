"""The tokens that are bought in place of serving: the makers' list prices of today, and which of
them a service is set against.

bought_model(inputs, requests, bundled()).usd_per_request
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np
import pandas as pd

from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.errors import UnknownNameError
from forecasting.scenario import Inputs, quantity
from forecasting.serving.buy_or_serve import BoughtTokens
from forecasting.serving.list_prices import PRICES, TERMS, list_prices_today
from forecasting.serving.service_inputs import ServedDemandInputs
from forecasting.serving.serving_tables import served_models
from forecasting.units import decimal_years

CHEAPEST = "cheapest"
#: A model is new where it was released at most this long before the newest price.
RECENT_YEARS = 1.0
#: A model that is smaller than this share of the one served is no substitute for it.
MIN_SIZE_SHARE = 0.5
#: The kinds of prices that requests are bought at.
KINDS = tuple(each.name for each in fields(BoughtTokens))
#: A size in a model's name, in billions of parameters: 72b, 8x7b, 235b-a22b.
_SIZE = re.compile(r"(?<![\da-z.])[re]?(?:(\d+)x)?(\d+(?:\.\d+)?)b(?![a-z])", re.IGNORECASE)


class BoughtInputs(Inputs):
    """What is bought instead of serving."""

    TABLES: ClassVar[tuple[str, ...]] = (PRICES, TERMS)

    bought_model: str = quantity(
        CHEAPEST,
        unit="name",
        label="Bought instead",
        why=(
            "List prices of the makers' own APIs. The cheapest is chosen among models released in"
            " the year before the newest price, except those whose name states fewer than half of"
            " the served model's parameters; quality is not compared."
        ),
    )

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """“cheapest”, and the models of the list."""
        if field == "bought_model":
            return bought_names(data)
        return super().choices(field, data)


@dataclass(frozen=True)
class ListedModel:
    """A model on the list: its maker, the day its price was first seen and that of its release
    (decimal years; of the price where the release is not known), its prices, and the parameters
    that its name gives (NaN for none).
    """

    name: str
    provider: str
    first_seen: float
    released: float
    prices: BoughtTokens
    params_named: float


@dataclass(frozen=True)
class BoughtModel:
    """A model bought by the token, and what a request costs, the mean."""

    listed: ListedModel
    usd_per_request: float


def bought_model(
    inputs: BoughtInputs, requests: ServedDemandInputs, data: DataSet
) -> BoughtModel | None:
    """The model that is set against the service; None where the list has none to compare.

    Parameters
    ----------
    inputs : BoughtInputs
        Which model is bought.
    requests : ServedDemandInputs
        The requests, and the model that would serve them.
    data : DataSet
        The tables.

    Raises
    ------
    UnknownNameError
        For a name that is not on the list.
    """
    if inputs.bought_model == CHEAPEST:
        return next(iter(substitutes(requests, data)), None)
    for listed in listed_models(data):
        if listed.name == inputs.bought_model:
            return _bought(listed, requests)
    raise UnknownNameError("bought_model", inputs.bought_model, bought_names(data))


def cheapest_by_maker(requests: ServedDemandInputs, data: DataSet) -> list[BoughtModel]:
    """Of each maker the substitute that costs least for these requests, the cheapest first."""
    found: dict[str, BoughtModel] = {}
    for each in substitutes(requests, data):
        found.setdefault(each.listed.provider, each)
    return list(found.values())


def substitutes(requests: ServedDemandInputs, data: DataSet) -> list[BoughtModel]:
    """The models of the list that a service may be set against, the cheapest first: released in
    the year before the newest price, and not named as much smaller than the model served.
    """
    models = listed_models(data)
    newest = max((each.first_seen for each in models), default=0.0)
    least = MIN_SIZE_SHARE * served_models(data)[requests.served_model].params
    found = [
        _bought(each, requests)
        for each in models
        if each.released >= newest - RECENT_YEARS and not each.params_named < least
    ]
    return sorted(found, key=lambda each: (each.usd_per_request, -each.listed.released))


def params_named(name: str) -> float:
    """Parameters by a model's name, NaN where it gives none: qwen3-235b-a22b has 235 billion."""
    found = _SIZE.search(name)
    if found is None:
        return math.nan
    return float(found[1] or 1.0) * float(found[2]) * 1e9


@cached_with
def bought_names(data: DataSet) -> tuple[str, ...]:
    """“cheapest”, and the models of the list by name."""
    return CHEAPEST, *sorted({each.name for each in listed_models(data)}, key=str.casefold)


@cached_with
def listed_models(data: DataSet) -> tuple[ListedModel, ...]:
    """The list of today without what is free, which no one sells at any volume."""
    table = list_prices_today(data)
    releases = data[PRICES].dropna(subset="model_release_date")
    released = releases.groupby(["provider", "model"])["model_release_date"].min().to_dict()
    return tuple(
        ListedModel(
            name=row["model"],
            provider=row["provider"],
            first_seen=_year(row["first_seen"]),
            released=_year(released.get((row["provider"], row["model"]), row["first_seen"])),
            prices=BoughtTokens(**{name: row[name] for name in KINDS}),
            params_named=params_named(row["model"]),
        )
        for row in table.to_dict("records")
        if row["usd_per_mtok_in"] > 0.0 and row["usd_per_mtok_out"] > 0.0
    )


def _bought(listed: ListedModel, requests: ServedDemandInputs) -> BoughtModel:
    return BoughtModel(
        listed,
        listed.prices.usd_per_request(
            tokens_in=requests.tokens_in,
            tokens_out=requests.tokens_out,
            cached_share=requests.cached_share,
            batch_share=requests.batch_share,
        ),
    )


def _year(day: pd.Timestamp) -> float:
    return float(decimal_years(np.array([day], dtype="datetime64[ns]"))[0])
