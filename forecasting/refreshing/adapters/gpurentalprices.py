"""Today's offers of gpurentalprices.com (CC BY 4.0, credit and link), put into rows with the first
and the last day an offer was seen.

A price that moves by less than 2.5% is the same row (exchange rates move so); an offer that comes
back after more than 45 days is a new one.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

from forecasting.compute_cost.rental_offers import STALE_VENDORS
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

SAME_PRICE = 0.025
SAME_OFFER_DAYS = 45
MIN_OFFERS = 20
CHIPS = {
    "mi300x": "AMD Instinct MI300X",
    "mi325x": "AMD Instinct MI325X",
    "mi350x": "AMD Instinct MI350X",
    "mi355x": "AMD Instinct MI355X",
    "a10": "NVIDIA A10",
    "a100": "NVIDIA A100",
    "a100-pcie-40": "NVIDIA A100 PCIe",
    "a100-pcie-80": "NVIDIA A100 PCIe 80 GB",
    "a100-sxm-40": "NVIDIA A100 SXM4 40 GB",
    "a100-sxm-80": "NVIDIA A100 SXM4 80 GB",
    "b200": "NVIDIA B200",
    "b300": "NVIDIA B300 (Blackwell Ultra)",
    "gb200": "NVIDIA GB200",
    "gb300": "NVIDIA GB300 (Blackwell Ultra)",
    "gh200": "NVIDIA GH200",
    "h100": "NVIDIA H100",
    "h100-nvl": "NVIDIA H100 NVL",
    "h100-pcie": "NVIDIA H100 PCIe",
    "h100-sxm": "NVIDIA H100 SXM5 80GB",
    "h200": "NVIDIA H200 SXM",
    "h200-sxm": "NVIDIA H200 SXM",
    "h200-nvl": "NVIDIA H200 NVL",
    "l4": "NVIDIA L4",
    "l40": "NVIDIA L40",
    "l40s": "NVIDIA L40S",
    "rtx-pro-6000": "NVIDIA RTX Pro 6000 Blackwell",
    "rtx-pro-6000-server": "NVIDIA RTX Pro 6000 Blackwell",
    "t4": "NVIDIA Tesla T4",
    "v100": "NVIDIA Tesla V100",
    "v100-pcie": "NVIDIA Tesla V100",
    "v100-sxm2": "NVIDIA Tesla V100",
}
TIERS = {
    "on-demand": "on demand",
    "secure": "on demand",
    "spot": "spot",
    "serverless": "serverless",
    "community": "marketplace",
    "marketplace": "marketplace",
    "reserved": "committed",
    "committed": "committed",
}

_Series = tuple[str, str, str, float | None]


def adapt(bodies: Sequence[Body], known: Known) -> Adapted:
    """The rows known, those of offers seen again with a later last day, and new ones."""
    body = bodies[0]
    content = json_of(body, dict)
    seen_on = day(str(content.get("date", "")))
    offers = content.get("offers")
    if seen_on is None or not isinstance(offers, list):
        raise UnexpectedShapeError(
            body.name, "date and offers", f"the fields {', '.join(content)[:200]}"
        )
    cheapest, left = _cheapest(body, offers)
    records = records_of(known.frame)
    newest = {_series(record): record for record in records}
    if newest and seen_on < max(record["last_seen"] for record in newest.values()):
        raise UnexpectedShapeError(
            body.name, "offers newer than the table's", f"those of {seen_on}"
        )
    for series, offer in cheapest.items():
        last = newest.get(series)
        if last is not None and _same(last, offer["usd_per_chip_hour"], seen_on):
            last["last_seen"] = seen_on
        elif last is None or last["first_seen"] != seen_on:
            records.append({**offer, "first_seen": seen_on, "last_seen": seen_on})
    return Adapted(table_of(known, records), seen_on, _left_out(left))


def _cheapest(
    body: Body, offers: Sequence[Any]
) -> tuple[dict[_Series, dict[str, Any]], Counter[str]]:
    """The cheapest offer of each series, and how many were left out, by why."""
    found: dict[_Series, dict[str, Any]] = {}
    left: Counter[str] = Counter()
    read = 0
    for offer in offers:
        price = number(offer.get("usd_hr")) if isinstance(offer, dict) else None
        if price is None or price <= 0 or not offer.get("provider"):
            continue
        read += 1
        chip = CHIPS.get(str(offer.get("gpu")))
        tier = TIERS.get(str(offer.get("kind")))
        if offer["provider"] in STALE_VENDORS:
            left["of vendors with stale prices"] += 1
        elif chip is None:
            left["of chips that the table does not follow"] += 1
        elif tier is None:
            left[f"of the unknown kind {str(offer.get('kind'))[:30]}"] += 1
        else:
            record = {
                "chip": chip,
                "vendor": str(offer["provider"]),
                "tier": tier,
                "min_chips": number(offer.get("min_gpus")),
                "usd_per_chip_hour": price,
                "memory_gb": number(offer.get("vram_gb")),
                "source_url": offer.get("source_url") or None,
            }
            best = found.get(_series(record))
            if best is None or price < best["usd_per_chip_hour"]:
                found[_series(record)] = record
    if read < max(MIN_OFFERS, len(offers) // 2):
        expected = "offers with provider, gpu, kind and usd_hr"
        fields = sorted({name for each in offers[:5] if isinstance(each, dict) for name in each})
        raise UnexpectedShapeError(
            body.name, expected, f"{read} such among {len(offers)}, fields {', '.join(fields)}"
        )
    return found, left


def _series(record: dict[str, Any]) -> _Series:
    return record["chip"], record["vendor"], record["tier"], record["min_chips"]


def _same(last: dict[str, Any], price: float, seen_on: str) -> bool:
    gap = dt.date.fromisoformat(seen_on) - dt.date.fromisoformat(last["last_seen"])
    old = last["usd_per_chip_hour"]
    return gap.days <= SAME_OFFER_DAYS and abs(price - old) <= SAME_PRICE * old


def _left_out(left: Counter[str]) -> tuple[str, ...]:
    return tuple(
        f"{count} {'offer' if count == 1 else 'offers'} {why} left out."
        for why, count in left.items()
    )
