"""List prices of the makers' own APIs: models.dev (MIT), and genai-prices (MIT) for what it lacks.

Prices are appended: a model whose price differs from its newest row gets a row from today on. A
model that the table does not know is added where it was released in the last 90 days before the
newest row or later; what is older was left out on purpose or is another name of a known model.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forecasting.refreshing.adapters.shapes import (
    Adapted,
    Body,
    Known,
    UnexpectedShapeError,
    day,
    json_of,
    number,
    records_of,
    table_of,
)

SAME_PRICE = 1e-3
NEW_DAYS = 90
MIN_MODELS = 20
#: Our name of a maker by models.dev's and genai-prices' identifiers.
MAKERS = {
    "alibaba": "Alibaba",
    "anthropic": "Anthropic",
    "cohere": "Cohere",
    "deepseek": "DeepSeek",
    "google": "Google",
    "minimax": "MiniMax",
    "mistral": "Mistral",
    "moonshotai": "Moonshot",
    "openai": "OpenAI",
    "stepfun": "StepFun",
    "x-ai": "xAI",
    "xai": "xAI",
    "xiaomi": "Xiaomi",
    "zai": "Z.ai",
}


@dataclass(frozen=True)
class Listed:
    """A list price in USD per million tokens; `released` is a day or empty."""

    model: str
    maker: str
    usd_in: float
    usd_out: float
    usd_cached: float | None
    released: str = ""


def adapt(bodies: Sequence[Body], known: Known) -> Adapted:
    """The rows known and the prices that are new."""
    records = records_of(known.frame)
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    for record in records:
        newest[record["model"], record["provider"]] = record
    last_seen = known.frame["first_seen"].max().date()
    new_from = (last_seen - dt.timedelta(days=NEW_DAYS)).isoformat()
    today = known.today.isoformat()
    left, listed = 0, set()
    for body in bodies:
        source, prices = _prices(body, known.today)
        for price in prices:
            name = price.model, price.maker
            if name in listed:
                continue
            listed.add(name)
            last = newest.get(name)
            if last is None and not price.released >= new_from:
                left += 1
            elif last is None or (_differs(last, price) and last["first_seen"] != today):
                records.append(
                    {
                        "first_seen": today,
                        "model": price.model,
                        "provider": price.maker,
                        "usd_per_mtok_in": price.usd_in,
                        "usd_per_mtok_out": price.usd_out,
                        "usd_per_mtok_cached_in": price.usd_cached,
                        "model_release_date": price.released
                        or (last or {}).get("model_release_date"),
                        "source": source,
                    }
                )
    models = "model" if left == 1 else "models"
    notes = (f"{left} older {models} that the table does not follow left out.",) if left else ()
    return Adapted(table_of(known, records), today, notes)


def _prices(body: Body, today: dt.date) -> tuple[str, list[Listed]]:
    """Which of the two sources it is, by its shape, and the prices in it."""
    if body.content.lstrip()[:1] == b"[":
        source, prices = "genai-prices", list(_genai(json_of(body, list), today))
        expected = "providers with models and prices.input_mtok"
    else:
        source, prices = "models.dev", list(_models_dev(json_of(body, dict)))
        expected = "providers with models and cost.input, cost.output"
    if len(prices) < MIN_MODELS:
        raise UnexpectedShapeError(body.name, expected, f"{len(prices)} such models")
    return source, prices


def _models_dev(content: Mapping[str, Any]) -> Iterator[Listed]:
    for key, provider in content.items():
        models = provider.get("models") if isinstance(provider, dict) else None
        if key not in MAKERS or not isinstance(models, dict):
            continue
        for name, model in models.items():
            cost = model.get("cost") if isinstance(model, dict) else None
            if not isinstance(cost, dict):
                continue
            yield from _listed(
                str(model.get("id") or name),
                MAKERS[key],
                (cost.get("input"), cost.get("output"), cost.get("cache_read")),
                day(str(model.get("release_date", ""))) or "",
            )


def _genai(content: Sequence[Any], today: dt.date) -> Iterator[Listed]:
    for provider in content:
        if not isinstance(provider, dict) or provider.get("id") not in MAKERS:
            continue
        for model in provider.get("models") or ():
            prices = _current(model.get("prices"), today)
            costs = [
                _base(prices.get(f"{kind}_mtok")) for kind in ("input", "output", "cache_read")
            ]
            yield from _listed(
                str(model.get("id")), MAKERS[provider["id"]], (costs[0], costs[1], costs[2]), ""
            )


def _current(prices: Any, today: dt.date) -> Mapping[str, Any]:
    """The prices in force today: a list of them has the day each starts on."""
    if isinstance(prices, dict):
        return prices
    found: Mapping[str, Any] = {}
    for each in prices if isinstance(prices, list) else ():
        limits = each.get("constraint") or {}
        # Prices by the hour of the day carry a start_time: the first listed is the ordinary one.
        if limits.get("start_date", "") <= today.isoformat() and "start_time" not in limits:
            found = each.get("prices") or {}
    return found


def _base(price: Any) -> Any:
    return price.get("base") if isinstance(price, dict) else price


def _listed(model: str, maker: str, costs: tuple[Any, Any, Any], released: str) -> Iterator[Listed]:
    usd_in, usd_out, cached = map(number, costs)
    if usd_in and usd_out and usd_in > 0 and usd_out > 0:
        yield Listed(model, maker, usd_in, usd_out, cached or None, released)


def _differs(last: Mapping[str, Any], price: Listed) -> bool:
    pairs = (
        (last["usd_per_mtok_in"], price.usd_in),
        (last["usd_per_mtok_out"], price.usd_out),
        (last["usd_per_mtok_cached_in"], price.usd_cached),
    )
    # A cached price that either list lacks is no change.
    return any(
        old is not None and new is not None and abs(new - old) > SAME_PRICE * old
        for old, new in pairs
    )
