"""Series to develop forecasting methods on: the tracked ones, parts and other measures of the same
tables, and long series of other technologies.

Series of one `family` measure the same thing on overlapping points: a split into halves puts a
family into one of them, or the half that judges would have been seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from forecasting.arrays import FloatArray
from forecasting.data.dataset import DataSet
from forecasting.errors import InputError
from forecasting.evaluation.tracked_series import tracked_series
from forecasting.units import decimal_years

#: Fewer points than this show nothing on five years ahead.
MIN_POINTS = 15
_COLUMNS = ("series", "decimal_year", "value")


@dataclass(frozen=True, eq=False)
class DevelopmentSeries:
    """Sorted decimal years and values above 0, by name and family."""

    name: str
    family: str
    dates: FloatArray
    values: FloatArray


def development_series(data: DataSet, further: Path | None = None) -> list[DevelopmentSeries]:
    """Every series of the tables with at least 15 points, and those of a `further` CSV file.

    Parameters
    ----------
    data : DataSet
        The tables.
    further : Path or None
        A CSV file with columns series, decimal_year and value; each series is a family.

    Raises
    ------
    InputError
        For a file without these columns.
    """
    parts = [*_tracked(data), *_of_chips(data), *_of_gpus(data), *_of_models(data), *_others(data)]
    if further is not None:
        frame = pd.read_csv(further)
        if missing := [name for name in _COLUMNS if name not in frame.columns]:
            raise InputError(
                "further", str(further), f"Give a file with the columns {', '.join(missing)} too."
            )
        known = {each.name for each in parts if each is not None}
        parts += [
            _series(str(name), f"further {name}", group["decimal_year"], group["value"])
            for name, group in frame.groupby("series", sort=False)
            if str(name) not in known
        ]
    return [each for each in parts if each is not None and each.dates.size >= MIN_POINTS]


#: Which tracked series share a family with parts below.
_FAMILIES = {
    "gpu_price": "GPU FP32 price",
    "chip_price": "chip price",
    "chip_speed": "chip FP32",
    "chip_efficiency": "chip efficiency",
    "training_flop": "training compute",
    "dataset_size": "text size",
    "text_words": "text size",
    "training_cost": "training cost",
    "operation_cost": "machines",
    "params": "parameters",
    "chip_memory": "chip memory",
    "chip_bandwidth": "chip bandwidth",
    "chip_tensor": "chip tensor",
    "gpu_bandwidth": "GPU bandwidth",
    "gpu_efficiency": "GPU efficiency",
    "rental": "rental",
    "token_price": "token price",
}


def _tracked(data: DataSet) -> list[DevelopmentSeries | None]:
    return [
        DevelopmentSeries(each.label, _FAMILIES.get(each.key, each.key), each.dates, each.values)
        for each in tracked_series(data).values()
    ]


def _of_chips(data: DataSet) -> list[DevelopmentSeries | None]:
    chips = data["ml_chips"]
    nvidia = chips[chips["vendor"] == "NVIDIA"]
    rest = chips[chips["vendor"] != "NVIDIA"]
    watts = "tdp_watts"
    measures = (
        ("FP32", "chip FP32", "fp32_flop_per_s", None),
        ("tensor FP16", "chip tensor", "tensor_fp16_flop_per_s", None),
        ("INT8", "chip INT8", "int8_op_per_s", None),
        ("FP32 per watt", "chip efficiency", "fp32_flop_per_s", watts),
        ("tensor FP16 per watt", "chip tensor efficiency", "tensor_fp16_flop_per_s", watts),
        ("INT8 per watt", "chip INT8", "int8_op_per_s", watts),
        ("memory", "chip memory", "memory_bytes", None),
        ("bandwidth", "chip bandwidth", "memory_bandwidth_bytes_per_s", None),
        ("bandwidth per watt", "chip bandwidth", "memory_bandwidth_bytes_per_s", watts),
        ("power", "chip power", watts, None),
        ("price", "chip launch price", "price_usd", None),
        ("tensor FP16 per dollar", "chip price", "tensor_fp16_flop_per_s", "price_usd"),
        ("memory per dollar", "chip memory", "memory_bytes", "price_usd"),
        ("process", "process", "process_nm", None),
    )
    tracked = {"FP32", "tensor FP16", "FP32 per watt", "memory", "bandwidth"}
    return [
        _series(
            f"{whose}: {measure}",
            family,
            frame["release_date"],
            frame[above] / (1.0 if below is None else frame[below]),
        )
        for measure, family, above, below in measures
        for whose, frame in (("ML chips", chips), ("NVIDIA", nvidia), ("not NVIDIA", rest))
        if not (whose == "ML chips" and measure in tracked)
    ]


def _of_gpus(data: DataSet) -> list[DevelopmentSeries | None]:
    gpus = data["gpu_prices"]
    is_radeon = gpus["gpu"].str.contains("AMD|ATI|Radeon")
    measures = (
        ("FP32 per dollar", "GPU FP32 price", "fp32_flop_per_s", "price_2020_usd"),
        ("FP32", "GPU FP32", "fp32_flop_per_s", None),
        ("FP32 per watt", "GPU efficiency", "fp32_flop_per_s", "tdp_watts"),
        ("bandwidth", "GPU bandwidth", "memory_bandwidth_gb_per_s", None),
        ("price", "GPU launch price", "price_2020_usd", None),
    )
    tracked = {"FP32 per dollar", "FP32 per watt"}
    return [
        _series(
            f"{whose}: {measure}",
            family,
            frame["release_date"],
            frame[above] / (1.0 if below is None else frame[below]),
        )
        for measure, family, above, below in measures
        for whose, frame in (
            ("GPUs", gpus),
            ("AMD GPUs", gpus[is_radeon]),
            ("other GPUs", gpus[~is_radeon]),
        )
        if not (whose == "GPUs" and measure in tracked)
    ]


def _of_models(data: DataSet) -> list[DevelopmentSeries | None]:
    models = data["ai_models"]
    dated = models[models["date"].notna()]
    domain = dated["domain"].fillna("")
    recent = dated["date"].dt.year >= 2010
    language, vision = domain.str.contains("Language"), domain.str.contains("Vision")
    firms = dated["organization"].fillna("").str.contains("Google|DeepMind|OpenAI|Meta|Facebook")
    choices = (
        ("models since 1950", dated, ("training_flop", "params")),
        ("language models", dated[recent & language], ("training_flop", "params", "epochs")),
        ("vision models", dated[recent & vision], ("training_flop", "params", "dataset_size")),
        (
            "other models",
            dated[recent & ~language & ~vision],
            ("training_flop", "params", "dataset_size"),
        ),
        ("models of large firms", dated[recent & firms], ("training_flop", "params")),
        ("models of others", dated[recent & ~firms], ("training_flop", "params")),
        (
            "notable models",
            dated[recent],
            ("training_hours", "hardware_quantity", "power_watts", "cost_cloud_2023_usd"),
        ),
    )
    families = {
        "training_flop": "training compute",
        "params": "parameters",
        "dataset_size": "dataset size",
        "training_hours": "training time",
        "hardware_quantity": "cluster size",
        "power_watts": "cluster size",
        "cost_cloud_2023_usd": "training cost",
    }
    return [
        _series(
            f"{whose}: {column.replace('_', ' ')}",
            families.get(column, column),
            frame["date"],
            frame[column],
        )
        for whose, frame, columns in choices
        for column in columns
    ]


def _others(data: DataSet) -> list[DevelopmentSeries | None]:
    machines = data["computing_cost_1857_2001"]
    late = machines[machines["year"] >= 1945]
    quotes = data["chip_rental_prices"]
    records = data["nanogpt_speedrun_records"]
    tokens = data["token_prices_2024_2025"]
    per_hour = "on_demand_usd_per_chip_hour"
    return [
        _series(
            "machines: speed", "machines", machines["year"], machines["million_standard_ops_per_s"]
        ),
        _series("machines since 1945", "machines", late["year"], late["usd_per_million_ops"]),
        _series("rented chips: price", "rental", quotes["price_date"], quotes[per_hour]),
        _series(
            "rented chips: one year",
            "rental",
            quotes["price_date"],
            quotes["one_year_usd_per_chip_hour"],
        ),
        _series(
            "chips bought: price", "chip launch price", quotes["price_date"], quotes["purchase_usd"]
        ),
        *(
            _series(f"{chip}: price per hour", "rental", group["price_date"], group[per_hour])
            for chip, group in quotes.groupby("chip", sort=True)
        ),
        _series("speed run records", "records", records["date"], records["minutes_8xh100"]),
        _series("input tokens", "token price", tokens["first_seen"], tokens["usd_per_mtok_in"]),
    ]


def _series(name: str, family: str, dates: Any, values: Any) -> DevelopmentSeries | None:
    years = decimal_years(np.asarray(dates))
    numbers = np.asarray(values, dtype=np.float64)
    keep = np.isfinite(years) & np.isfinite(numbers) & (numbers > 0.0)
    if not keep.any():
        return None
    order = np.lexsort((numbers[keep], years[keep]))
    return DevelopmentSeries(name, family, years[keep][order], numbers[keep][order])
