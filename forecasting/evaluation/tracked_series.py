"""The series whose forecasts are judged: the eight that the method was chosen on, and others that
it had not seen.

The method knows none of these names; they are for readers and for tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from forecasting.arrays import FloatArray
from forecasting.compute_cost.price_series import SeriesChoice, price_series
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.errors import UnknownNameError
from forecasting.scenario import Inputs
from forecasting.units import decimal_years


class TrackedSeriesInputs(Inputs):
    """What is read wherever series are tracked."""

    TABLES: ClassVar[tuple[str, ...]] = (
        "ai_models",
        "chip_rental_prices",
        "chip_rental_prices_2026",
        "computing_cost_1857_2001",
        "gpu_prices",
        "ml_chips",
        "text_dataset_sizes",
        "token_prices_2024_2025",
        "token_prices_2025_2026",
        "us_consumer_prices",
    )


@dataclass(frozen=True, eq=False)
class TrackedSeries:
    """One series: sorted decimal years and values in `unit`, and whether the method was `chosen_on`
    it.
    """

    key: str
    label: str
    unit: str
    dates: FloatArray
    values: FloatArray
    chosen_on: bool


@cached_with
def tracked_series(data: DataSet) -> Mapping[str, TrackedSeries]:
    """All series by their key, in the order in which they are shown: the eight of the choice
    first.
    """
    models = data["ai_models"]
    dated = models[models["date"].notna() & (models["date"].dt.year >= 2010)]
    language = dated[dated["domain"].fillna("").str.contains("Language")]
    chips = data["ml_chips"]
    machines = data["computing_cost_1857_2001"]
    machines = machines[machines["year"] >= 1900]
    gpus = data["gpu_prices"]
    text = data["text_dataset_sizes"]
    rental = price_series(SeriesChoice("rental"), data)
    early, late = data["token_prices_2024_2025"], data["token_prices_2025_2026"]
    token_dates = pd.concat([early["first_seen"], late["price_date"]])
    token_prices = pd.concat([early["usd_per_mtok_out"], late["usd_per_mtok_out"]])
    rate, watts, usd = chips["fp32_flop_per_s"], chips["tdp_watts"], chips["price_usd"]
    gpu_rate, gpu_usd = gpus["fp32_flop_per_s"], gpus["price_2020_usd"]
    per_operation = machines["usd_per_million_ops"]
    on, released = chips["release_date"], gpus["release_date"]
    chosen_on = (
        ("gpu_price", "GPUs: FP32 per dollar", "FLOP/s per 2020 USD", released, gpu_rate / gpu_usd),
        ("chip_price", "ML chips: FP32 per dollar", "FLOP/s per USD", on, rate / usd),
        ("chip_speed", "ML chips: FP32", "FLOP/s", on, rate),
        ("chip_efficiency", "ML chips: FP32 per watt", "FLOP/s per W", on, rate / watts),
        (
            "training_flop",
            "Notable models: training compute",
            "FLOP",
            dated["date"],
            dated["training_flop"],
        ),
        (
            "dataset_size",
            "Language models: dataset size",
            "tokens or words",
            language["date"],
            language["dataset_size"],
        ),
        (
            "training_cost",
            "Notable models: training cost",
            "2023 USD",
            dated["date"],
            dated["cost_amortized_2023_usd"],
        ),
        (
            "operation_cost",
            "Cost per operation since 1900",
            "USD per million operations",
            machines["year"],
            per_operation,
        ),
    )
    others = (
        ("text_words", "Text datasets: words", "words", text["date"], text["words"]),
        ("params", "Notable models: parameters", "parameters", dated["date"], dated["params"]),
        ("chip_memory", "ML chips: memory", "bytes", on, chips["memory_bytes"]),
        (
            "chip_bandwidth",
            "ML chips: memory bandwidth",
            "bytes/s",
            on,
            chips["memory_bandwidth_bytes_per_s"],
        ),
        ("chip_tensor", "ML chips: tensor FP16", "FLOP/s", on, chips["tensor_fp16_flop_per_s"]),
        (
            "gpu_bandwidth",
            "GPUs: bandwidth per dollar",
            "GB/s per 2020 USD",
            released,
            gpus["memory_bandwidth_gb_per_s"] / gpu_usd,
        ),
        (
            "gpu_efficiency",
            "GPUs: FP32 per watt",
            "FLOP/s per W",
            released,
            gpu_rate / gpus["tdp_watts"],
        ),
        ("rental", "Rented chips: FLOP per dollar", rental.unit, rental.dates, rental.values),
        (
            "token_price",
            "List prices of output tokens",
            "USD per million tokens",
            token_dates,
            token_prices,
        ),
    )
    series = [_series(*each, chosen_on=True) for each in chosen_on] + [
        _series(*each, chosen_on=False) for each in others
    ]
    return {each.key: each for each in series}


def one_series(key: str, data: DataSet) -> TrackedSeries:
    """The series of that key; raises UnknownNameError."""
    known = tracked_series(data)
    if key not in known:
        raise UnknownNameError("series", key, known)
    return known[key]


def _series(
    key: str, label: str, unit: str, dates: Any, values: Any, *, chosen_on: bool
) -> TrackedSeries:
    years = decimal_years(np.asarray(dates))
    numbers = np.asarray(values, dtype=np.float64)
    keep = np.isfinite(years) & np.isfinite(numbers) & (numbers > 0.0)
    order = np.argsort(years[keep], kind="stable")
    return TrackedSeries(key, label, unit, years[keep][order], numbers[keep][order], chosen_on)
