"""US consumer prices (CPI-U, not seasonally adjusted) of the Bureau of Labor Statistics, public
domain: annual averages, that of a year without one from the months there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from forecasting.refreshing.adapters.shapes import (
    Adapted,
    Body,
    Known,
    UnexpectedShapeError,
    json_of,
    number,
    records_of,
    table_of,
)

SERIES = "CUUR0000SA0"
ANNUAL = "M13"
LEVEL = "cpi_u_annual_average_1982_84_100"


def adapt(bodies: Sequence[Body], known: Known) -> Adapted:
    """The years known, those of the answer in their place and after them."""
    body = bodies[0]
    content = json_of(body, dict)
    if content.get("status") != "REQUEST_SUCCEEDED":
        found = f"{content.get('status')}, {' '.join(map(str, content.get('message') or ()))[:200]}"
        raise UnexpectedShapeError(body.name, "REQUEST_SUCCEEDED", found)
    months: dict[int, dict[str, float]] = defaultdict(dict)
    for each in _data(body, content):
        value = number(each.get("value"))  # “-” where nothing was published
        if value is not None and str(each.get("year", "")).isdigit():
            months[int(each["year"])][str(each.get("period"))] = value
    records = {int(record["year"]): record for record in records_of(known.frame)}
    for year, values in months.items():
        annual = values.pop(ANNUAL, None)
        if annual is None and not values:
            continue
        level = annual if annual is not None else round(sum(values.values()) / len(values), 3)
        count = len(values) or 12
        known_count = records.get(year, {}).get("months_averaged", 0)
        if count >= known_count:  # an answer cut off at its first months changes nothing
            records[year] = {"year": year, LEVEL: level, "months_averaged": count}
    newest = max(months, default=0)
    last_month = max((name[1:] for name in months.get(newest, ())), default="")
    as_of = f"{newest}-{last_month}" if last_month else ""
    return Adapted(table_of(known, [records[year] for year in sorted(records)]), as_of)


def _data(body: Body, content: dict[str, Any]) -> list[dict[str, Any]]:
    try:
        (series,) = content["Results"]["series"]
        if series["seriesID"] == SERIES and series["data"]:
            return list(series["data"])
        found = f"{series['seriesID']} with {len(series['data'])} values"
    except (KeyError, TypeError, ValueError):
        found = f"the fields {', '.join(content)[:200]}"
    raise UnexpectedShapeError(body.name, f"Results.series with values of {SERIES}", found)
