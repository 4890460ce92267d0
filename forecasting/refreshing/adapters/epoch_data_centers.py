"""Epoch AI's timelines of AI data centres (CC BY 4.0): data_center_timelines.csv for the states,
data_centers.csv for owner, users and country.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from forecasting.refreshing.adapters.shapes import (
    Adapted,
    Body,
    Known,
    UnexpectedShapeError,
    day,
    number,
    rows_of,
    table_of,
    without,
)

BILLION = 1e9
#: Ours, theirs, and what theirs is multiplied by.
AMOUNTS = (
    ("buildings_operational", "Buildings operational", 1.0),
    ("it_power_mw", "IT power (MW)", 1.0),
    ("facility_power_mw", "Power (MW)", 1.0),
    ("h100_equivalents", "H100 equivalents", 1.0),
    ("int8_op_per_s", "Performance (8-bit OP/s)", 1.0),
    ("capital_cost_2025_usd", "Total capital cost (2025 USD billions)", BILLION),
    ("compute_cost_2025_usd", "Compute cost (2025 USD billions)", BILLION),
    ("construction_cost_2025_usd", "Construction cost (2025 USD billions)", BILLION),
    ("operating_cost_2025_usd_per_year", "Annual operating cost (2025 USD billions)", BILLION),
    ("water_million_gallons_per_day", "Water use (MGD)", 1.0),
)
_CONFIDENCE = re.compile(r"\s*#\w+")


def adapt(bodies: Sequence[Body], known: Known) -> Adapted:
    """A row a data centre and day; days after today are projected."""
    if len(bodies) != 2:
        raise UnexpectedShapeError(
            known.info.name, "two files, the timelines and the data centres", f"{len(bodies)}"
        )
    sites = {row["Name"]: row for row in rows_of(bodies[1], ("Name", "Owner", "Users", "Country"))}
    rows = rows_of(bodies[0], ("Data center", "Date", *(theirs for _, theirs, _ in AMOUNTS)))
    records = []
    for row in rows:
        when = day(row["Date"])
        if not row["Data center"] or when is None:
            continue
        site = sites.get(row["Data center"], {})
        amounts = {
            ours: None
            if (value := number(row[theirs])) is None
            else value * factor
            if factor == 1.0
            else round(value * factor)
            for ours, theirs, factor in AMOUNTS
        }
        records.append(
            {
                "data_center": row["Data center"],
                "owner": _names(site.get("Owner", "")),
                "users": _names(site.get("Users", "")),
                "country": site.get("Country") or None,
                "date": when,
                "projected": int(when > known.today.isoformat()),
                **amounts,
            }
        )
    left = len(rows) - len(records)
    return Adapted(table_of(known, records), notes=without(left, "without a data centre or a day"))


def _names(text: str) -> str | None:
    """Names without the source's marks of confidence, such as “#likely”."""
    return _CONFIDENCE.sub("", text) or None
