"""Epoch AI's AI chip sales (CC BY 4.0): a zip, of which chip_types.csv gives unit costs and
cumulative_timelines_by_designer.csv the stock by quarter.
"""

from __future__ import annotations

from collections.abc import Sequence

from forecasting.refreshing.adapters.shapes import (
    Adapted,
    Body,
    Known,
    day,
    member_of,
    number,
    rows_of,
    table_of,
    without,
)

DESIGNERS = {"Nvidia": "NVIDIA"}
NAME, COST = "ML Hardware (linked)", "Cost per chip (approx.)"
UNIT_COSTS = (
    ("approx_unit_cost_usd", COST),
    ("tensor_fp16_flop_per_s", "16-bit FLOP/s"),
    ("int8_or_fp8_op_per_s", "8-bit OP/s"),
    ("memory_bytes", "Memory"),
    ("memory_bandwidth_bytes_per_s", "Memory bandwidth"),
    ("tdp_watts", "TDP (W) (from ML Hardware (linked))"),
    ("h100_equivalents", "H100e"),
)
STOCK = (
    ("chips_cumulative", "Number of units (median)"),
    ("chips_p05", "Number of units (5th percentile)"),
    ("chips_p95", "Number of units (95th percentile)"),
    ("h100_equivalents_cumulative", "Compute estimate in H100e (median)"),
    ("h100_equivalents_p05", "Compute estimate in H100e (5th percentile)"),
    ("h100_equivalents_p95", "Compute estimate in H100e (95th percentile)"),
    ("chip_power_mw", "Power in MW (median)"),
)


def adapt(bodies: Sequence[Body], known: Known) -> Adapted:
    """Either table from the zip, by the name of the table known."""
    if known.info.name == "chip_unit_costs":
        return _unit_costs(member_of(bodies[0], "chip_types.csv"), known)
    return _stock(member_of(bodies[0], "cumulative_timelines_by_designer.csv"), known)


def _unit_costs(body: Body, known: Known) -> Adapted:
    rows = rows_of(body, (NAME, "Designer", "Release date", *(each for _, each in UNIT_COSTS)))
    records = [
        {
            "chip": row[NAME],
            "designer": DESIGNERS.get(row["Designer"], row["Designer"]),
            "release_date": day(row["Release date"]),
            **_amounts(row, UNIT_COSTS),
        }
        for row in rows
        if row[NAME] and number(row[COST]) is not None and day(row["Release date"]) is not None
    ]
    left = len(rows) - len(records)
    return Adapted(table_of(known, records), notes=without(left, "without name, cost or day"))


def _stock(body: Body, known: Known) -> Adapted:
    needed = ("Chip manufacturer", "End date", "Incomplete", *(each for _, each in STOCK))
    rows = rows_of(body, needed)
    records = [
        {
            "designer": DESIGNERS.get(row["Chip manufacturer"], row["Chip manufacturer"]),
            "quarter_end": day(row["End date"]),
            **_amounts(row, STOCK),
            "incomplete": int(row["Incomplete"].lower() in ("true", "checked", "1")),
        }
        for row in rows
        if number(row["Compute estimate in H100e (median)"]) is not None
    ]
    left = len(rows) - len(records)
    return Adapted(table_of(known, records), notes=without(left, "without an estimate"))


def _amounts(row: dict[str, str], columns: Sequence[tuple[str, str]]) -> dict[str, float | None]:
    found = {ours: number(row[theirs]) for ours, theirs in columns}
    if found.get("h100_equivalents") is not None:
        found["h100_equivalents"] = round(found["h100_equivalents"] or 0.0, 4)  # as in the table
    return found
