"""Columns of price lists by the words of their names: $/GPU-hr, Price per hour (USD), Input ($/1M
tokens), on_demand_usd_per_hour.

price_role("Input ($/1K tokens)")     # PriceColumn("usd_per_mtok_in", scale=1000.0, …)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

#: Names that say all, by role.
_NAMES = {
    "chip": "chip gpu accelerator hardware chip_name gpu_name gpu_type gpu_model hardware_name"
    " hardware_model accelerator_type accelerator_name gpus_type",
    "count": "gpu_count gpus num_gpus n_gpus number_of_gpus accelerator_count num_accelerators"
    " gpus_per_node gpus_per_instance chips chip_count num_chips number_of_chips gpu_quantity"
    " number_of_accelerators acceleratorcount chips_per_machine",
    "term": "term commitment contract contract_term tier pricing_tier price_type pricing_model"
    " lease_term",
    "date": "date price_date from start start_date valid_from timestamp as_of observed_at updated"
    " first_seen",
    "until": "last_seen until valid_until valid_to end end_date",
    "least": "min_chips minimum_chips min_gpus minimum_gpus min_gpu_count",
    "vendor": "vendor cloud cloud_provider",
    "mfu": "mfu model_flop_utilisation model_flop_utilization utilisation utilization",
    "model": "model model_name model_id",
    "currency": "currency",
    "usd_per_eur": "usd_per_eur eur_usd eurusd exchange_rate fx fx_rate usd_per_euro",
}
_MONEY = {"usd", "dollar", "dollars", "eur", "euro", "euros", "gbp", "price", "cost", "pricing"}
_CHIP = {"gpu", "chip", "accelerator", "card", "device", "gpuh"}
_MACHINE = {"instance", "node", "machine", "server", "vm", "host"}
_TIERS = (
    ("on demand", re.compile(r"on_?demand|payg")),
    ("spot", re.compile(r"spot|preemptible|interruptible")),
    ("3 years", re.compile(r"(3|three)_?(years?|yrs?|y)(?![a-z])|36_?months?")),
    ("1 year", re.compile(r"(1|one)_?(years?|yrs?|y)(?![a-z])|12_?months?")),
    ("reserved", re.compile(r"reserved|committed|commitment")),
)


@dataclass(frozen=True)
class PriceColumn:
    """What a column of a price list holds: `role`, the factor to dollars for an hour or for a
    million tokens (`scale`), its `currency`, the `tier` that its name gives, and whether it is the
    price of one chip or of a machine ("": not said).
    """

    role: str
    scale: float = 1.0
    currency: str = "USD"
    tier: str = ""
    of: str = ""
    name: str = ""


def price_role(name: str) -> PriceColumn | None:
    """What a column of this name holds in a list of prices; None: nothing that is known."""
    plain = _plain(name)
    for role, names in _NAMES.items():
        if plain in names.split():
            return PriceColumn(role, name=name)
    words = set(plain.split("_"))
    currency = (
        "EUR" if words & {"eur", "euro", "euros"} else "GBP" if words & {"gbp", "pound"} else "USD"
    )
    is_price = bool(words & _MONEY)
    if "cached" in words or "cache" in words or "batch" in words:
        return None
    way = (
        "in"
        if words & {"input", "prompt", "in"}
        else "out"
        if words & {"output", "completion", "out"}
        else ""
    )
    of_tokens = bool(words & {"token", "tokens", "mtok", "mtoks", "ktok", "million", "1m", "1k"})
    if way and (is_price or of_tokens) and "hour" not in words:
        if words & {"input", "prompt", "output", "completion"} or of_tokens or "price" in words:
            scale = 1.0
            if words & {"1k", "thousand", "ktok", "1000", "k"}:
                scale = 1e3
            elif "token" in words and not words & {"million", "1m", "mtok", "m"}:
                scale = 1e6
            return PriceColumn(f"usd_per_mtok_{way}", scale, currency, name=name)
        return None
    hour = bool(words & {"hour", "hours", "hourly"})
    tier = next((word for word, pattern in _TIERS if pattern.search(plain)), "")
    if hour and (is_price or tier) and not words & {"kwh", "energy", "power", "watt"}:
        of = "chip" if words & _CHIP else "machine" if words & _MACHINE else ""
        return PriceColumn("usd_per_chip_hour", 1.0, currency, tier, of, name)
    return None


def price_columns(header: Sequence[str]) -> list[PriceColumn]:
    """The columns of a price list: of each role the first, of prices for an hour all that name a
    tier of their own.
    """
    found: list[PriceColumn] = []
    for name in header:
        column = price_role(name)
        if column is None:
            continue
        same = [other for other in found if other.role == column.role]
        if not same:
            found.append(column)
        elif column.role == "usd_per_chip_hour":
            # The price of a chip goes before that of a machine; tiers stand side by side.
            if column.of == "chip" and same[0].of != "chip" and column.tier == same[0].tier:
                found = [column if other is same[0] else other for other in found]
            elif column.tier and column.tier not in {other.tier for other in same}:
                found.append(column)
    return [replace(column) for column in found]


def _plain(name: str) -> str:
    """“$/GPU-hr” as usd_per_gpu_hour."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", "_", name)
    text = text.lower().replace("$", " usd ").replace("€", " eur ").replace("£", " gbp ")
    text = text.replace("us usd", "usd").replace("/", " per ").replace("#", " number of ")
    text = re.sub(r"\b(1,000,000|1000000)\b", "1m", text)
    text = re.sub(r"\b(1,000|1000)\b", "1k", text)
    text = re.sub(r"[^a-z0-9]+", "_", text).strip("_")
    text = re.sub(r"(?<![a-z])(hrs?|h)(?![a-z])", "hour", text)
    return re.sub(r"(?<![a-z0-9])number_of_(gpus|chips)(?![a-z])", r"number_of_\1", text)
