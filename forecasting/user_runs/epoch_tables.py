"""Newer releases of Epoch AI's tables of models and of hardware, in place of the bundled ones.

Epoch AI's column names change between releases (47, 57 and 61 columns are about): each column is
found by any of its names.

newer = read_epoch_table("notable_ai_models.csv")     # .table "ai_models", .frame, .left_out
newer.answer                                           # what was read
tables = bundled().replaced(**{newer.table: newer.frame})
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.data.catalogue import ColumnInfo
from forecasting.data.dataset import bundled
from forecasting.errors import InputError, TableError
from forecasting.ingest.cell_numbers import number_of
from forecasting.ingest.column_names import normalised
from forecasting.ingest.csv_reading import Sheet
from forecasting.ingest.runs import Source, open_runs

EpochTable = Literal["ai_models", "ml_chips"]

#: The names that a column has had, normalised, by our name of it; the newest first.
_NAMES: dict[EpochTable, Mapping[str, tuple[str, ...]]] = {
    "ai_models": {
        "model": ("model", "system", "model_name"),
        "organization": ("organization", "organizations"),
        "date": ("publication_date", "release_date", "date"),
        "domain": ("domain",),
        "params": ("parameters", "parameters_count"),
        "dataset_size": (
            "training_dataset_size_total",
            "training_dataset_size_datapoints",
            "training_dataset_size_gradients",
            "training_dataset_size",
            "deprecated_training_dataset_size_datapoints",
        ),
        "epochs": ("epochs",),
        "training_flop": (
            "training_compute_flop",
            "training_compute_flops",
            "training_compute_flop_s",
        ),
        "training_hours": ("training_time_hours",),
        "hardware": ("training_hardware",),
        "hardware_quantity": ("hardware_quantity", "training_hardware_quantity"),
        "mfu": ("hardware_utilization_mfu", "hardware_utilization", "hardware_utilization_mfu_"),
        "power_watts": ("training_power_draw_w", "training_power_draw"),
        "cost_amortized_2023_usd": ("training_compute_cost_2023_usd", "training_cost_2023_usd"),
        "cost_cloud_2023_usd": ("training_compute_cost_cloud",),
        "cost_upfront_2023_usd": ("training_compute_cost_upfront",),
        "confidence": ("confidence",),
        "link": ("link", "reference_link"),
    },
    "ml_chips": {
        "chip": ("hardware_name", "name_of_the_hardware", "name"),
        "vendor": ("manufacturer", "vendor"),
        "type": ("type", "hardware_type"),
        "release_date": ("release_date",),
        "price_usd": ("release_price_usd", "release_price"),
        "fp32_flop_per_s": ("fp32_single_precision_performance_flop_s", "fp32_performance_flop_s"),
        "tf32_flop_per_s": (
            "tf32_tensor_float_32_performance_flop_s",
            "tf32_tensor_float32_performance_flop_s",
            "tf32_tensorfloat_32_performance_flop_s",
        ),
        "tensor_fp16_flop_per_s": (
            "tensor_fp16_bf16_performance_flop_s",
            "tensor_fp16_performance_flop_s",
        ),
        "fp16_flop_per_s": ("fp16_half_precision_performance_flop_s", "fp16_performance_flop_s"),
        "fp8_flop_per_s": ("fp8_performance_flop_s", "tensor_fp8_performance_flop_s"),
        "fp4_flop_per_s": ("fp4_performance_flop_s", "tensor_fp4_performance_flop_s"),
        "int8_op_per_s": ("int8_performance_op_s", "tensor_int8_performance_op_s"),
        "memory_bytes": ("memory_size_per_board_byte", "memory_bytes", "memory_size_byte"),
        "memory_bandwidth_bytes_per_s": ("memory_bandwidth_byte_s", "memory_bandwidth_bytes_s"),
        "tdp_watts": ("tdp_w", "tdp"),
        "process_nm": ("process_size_nm", "process_nm"),
        "source_url": ("link_to_datasheet", "datasheet", "source"),
        "price_source_url": ("source_for_the_price", "price_source"),
    },
}
#: Rows of a release; each cell is read by itself.
MAX_ROWS = 30_000
#: Columns without which a table is none of these, and those that the product can't do without.
_NEEDED: dict[EpochTable, tuple[str, ...]] = {
    "ai_models": ("model", "date", "training_flop"),
    "ml_chips": ("chip", "release_date", "fp32_flop_per_s"),
}


@dataclass(frozen=True, eq=False)
class NewerTable(Answered):
    """A newer release in the columns of the bundled table that it replaces.

    `missing` are columns that the release does not have, `left_out` says how many rows were left
    out and why.
    """

    table: EpochTable
    frame: pd.DataFrame = field(repr=False)
    missing: tuple[str, ...]
    left_out: Mapping[str, int]
    columns_seen: int


def epoch_table_of(header: Sequence[str]) -> EpochTable | None:
    """Which of Epoch AI's tables a file with this header is."""
    plain = {normalised(name) for name in header}
    for table, needed in _NEEDED.items():
        if len(header) >= 10 and all(plain & set(_NAMES[table][column]) for column in needed):
            return table
    return None


def other_table_of(header: Sequence[str]) -> str | None:
    """What a table of computing sites, of chips sold or of companies is, which no page takes in
    place of its own; None for others.
    """
    plain = {normalised(name) for name in header}
    if "company" in plain and any(
        word in name for name in plain for word in ("funding", "revenue", "staff", "valuation")
    ):
        return "a table of AI companies"
    if not any("h100" in name and ("equivalent" in name or "h100e" in name) for name in plain):
        return None
    if plain & {"chip_manufacturer", "chip_type", "quarter", "number_of_units", "units"}:
        return "a table of chips sold, in H100 equivalents"
    if (
        any("data_cent" in name or "power_mw" in name for name in plain)
        and "certainty" not in plain
    ):
        return "a table of data centres, in H100 equivalents"
    return "a table of GPU clusters, in H100 equivalents"


def read_epoch_table(source: Source) -> NewerTable:
    """A release from a CSV; raises TableError where it is none, or no row can be used."""
    return newer_table(open_runs(source).sheet)


def newer_table(sheet: Sheet) -> NewerTable:
    """The same from a sheet that has been opened."""
    table = epoch_table_of(sheet.header)
    if table is None:
        raise TableError(
            "Epoch AI", ["The columns are neither those of Epoch AI's models nor of its hardware."]
        )
    plain: dict[str, str] = {}
    for name in sheet.header:
        plain.setdefault(normalised(name), name)
    columns = {
        ours: plain[known]
        for ours, names in _NAMES[table].items()
        if (known := next((n for n in names if n in plain), None))
    }
    cells: dict[str, list[str]] = {ours: [] for ours in columns}
    for batch in sheet.batches(list(dict.fromkeys(columns.values()))):
        for ours, name in columns.items():
            cells[ours] += batch.columns[name].to_pylist()
        if len(next(iter(cells.values()))) > MAX_ROWS:
            raise InputError(
                "file",
                f"more than {MAX_ROWS:,} rows",
                "Give a table as Epoch AI publishes it; the largest has a few thousand rows.",
            )
    info = bundled().catalogue[table]
    count = len(next(iter(cells.values())))
    nothing = [""] * count
    frame = pd.DataFrame(
        {
            each.name: _typed(each, cells.get(each.name, nothing), sheet.dialect.decimal)
            for each in info.columns
        }
    )
    left_out = {}
    for column in info.columns:
        if column.required:
            there = frame[column.name].notna()
            left_out[f"without {column.name.replace('_', ' ')}"] = int((~there).sum())
            frame = frame[there]
    if table == "ml_chips":
        frame = frame.assign(chip=_known_names(frame["chip"]))
    repeated = frame.duplicated(list(info.primary_key))
    left_out["that repeat a name"] = int(repeated.sum())
    frame = frame[~repeated].reset_index(drop=True)
    if frame.empty:
        raise TableError(
            table, ["No row has a name and a date. Give the file as Epoch AI publishes it."]
        )
    missing = tuple(column.name for column in info.columns if column.name not in columns)
    return NewerTable(table, frame, missing, left_out, len(sheet.header))


def _known_names(chips: pd.Series) -> pd.Series:
    """Chips under the names of the bundled table, to which prices refer, where a release writes one
    with other spaces, hyphens or capitals.
    """
    known = {_letters(name): name for name in bundled()["ml_chips"]["chip"].astype(str)}
    there = set(chips)
    names = [
        known.get(_letters(name), name) if known.get(_letters(name)) not in there else name
        for name in chips
    ]
    return pd.Series(names, index=chips.index, dtype="str")


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _typed(column: ColumnInfo, cells: Sequence[str], decimal: str) -> pd.Series:
    """Cells as the bundled table has them; what is out of the column's bounds or unreadable counts
    as missing.
    """
    if column.type == "date":
        return pd.Series(np.array([_day(cell) for cell in cells], dtype="datetime64[s]"))
    if column.is_numeric:
        values = np.array(
            [np.nan if (value := number_of(cell, decimal)) is None else value for cell in cells],
            dtype=np.float64,
        )
        low = -np.inf if column.minimum is None else column.minimum
        high = np.inf if column.maximum is None else column.maximum
        with np.errstate(invalid="ignore"):
            return pd.Series(np.where((values >= low) & (values <= high), values, np.nan))
    words = [" ".join(cell.split()) or None for cell in cells]
    if column.allowed:
        words = [word if word in column.allowed else None for word in words]
    return pd.Series(words, dtype="str")


def _day(cell: str) -> np.datetime64:
    try:
        return np.datetime64(dt.date.fromisoformat(cell.strip()[:10]), "s")
    except ValueError:
        return np.datetime64("NaT", "s")
