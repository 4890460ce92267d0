"""The measured series of the price of compute: each with its points, unit, price base and source.

gpu        FLOP/s per dollar of GPUs, FP32, 2006–2021      (rises)
chips      FLOP/s per dollar of ML chips, by number format (rises)
rental     FLOP per dollar of rented chips, tensor FP16    (rises)
long_run   dollars per million operations since 1857       (falls)
efficiency FLOP/s per watt of ML chips, by number format   (rises)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from forecasting.arrays import FloatArray
from forecasting.compute_cost.rental_offers import (
    COMMITMENT_LABELS,
    Commitment,
    gap_of_offers,
    offers_on_terms,
    rented_chips,
)
from forecasting.data.dataset import DataSet, bundled
from forecasting.data.inflation import price_year_in_use, to_price_year
from forecasting.errors import UnknownNameError
from forecasting.units import SECONDS_PER_HOUR, decimal_years

NumberFormat = Literal["fp32", "tf32", "tensor_fp16", "fp16", "fp8", "int8"]

ANY_CHIP = "any"

FORMAT_COLUMNS: Mapping[str, str] = {
    "fp32": "fp32_flop_per_s",
    "tf32": "tf32_flop_per_s",
    "tensor_fp16": "tensor_fp16_flop_per_s",
    "fp16": "fp16_flop_per_s",
    "fp8": "fp8_flop_per_s",
    "int8": "int8_op_per_s",
}
FORMAT_LABELS: Mapping[str, str] = {
    "fp32": "FP32",
    "tf32": "TF32",
    "tensor_fp16": "tensor FP16",
    "fp16": "FP16 without tensor cores",
    "fp8": "FP8",
    "int8": "INT8",
}


@dataclass(frozen=True)
class Published:
    """A published counterpart: doubling time in years with its interval."""

    doubling_time_years: float
    low: float
    high: float
    level: float
    source: str


@dataclass(frozen=True)
class PriceSeries:
    """Points of one series, sorted by date. `dates` are decimal years; `values` are in `unit`; all
    arrays have shape (n,). `gap` is a stretch of time of which nothing is known.
    """

    key: str
    label: str
    points_are: str
    unit: str
    dates: FloatArray
    values: FloatArray
    names: NDArray[np.object_]
    rises: bool
    price_base: str
    tables: tuple[str, ...]
    published: Published | None = None
    left_out: str = ""
    gap: tuple[float, float] | None = None

    def between(self, first: float | None, last: float | None) -> PriceSeries:
        """The points dated from the start of year `first` to the end of year `last`."""
        keep = np.ones(len(self.dates), dtype=bool)
        if first is not None:
            keep &= self.dates >= first
        if last is not None:
            keep &= self.dates < last + 1
        return (
            self
            if bool(keep.all())
            else replace(
                self, dates=self.dates[keep], values=self.values[keep], names=self.names[keep]
            )
        )


@dataclass(frozen=True)
class SeriesChoice:
    """Which series: its key and what narrows it; `price_year` is that of the dollars where the base
    is known (None: the last complete year).
    """

    key: str = "gpu"
    number_format: NumberFormat = "fp32"
    chip: str = ANY_CHIP
    commitment: Commitment = "on_demand"
    price_year: int | None = None


def price_series(choice: SeriesChoice, data: DataSet | None = None) -> PriceSeries:
    """The points of a series in `data`, None: the bundled tables; raises UnknownNameError for an
    unknown series or chip. A series may be empty.
    """
    data = data or bundled()
    if choice.key not in SERIES_KINDS:
        raise UnknownNameError("series", choice.key, SERIES_KINDS)
    price_year = price_year_in_use(choice.price_year, data)
    return SERIES_KINDS[choice.key].build(replace(choice, price_year=price_year), data)


def _gpu(choice: SeriesChoice, data: DataSet) -> PriceSeries:
    table = data["gpu_prices"].sort_values("release_date", kind="stable")
    usd = to_price_year(table["price_2020_usd"], 2020, choice.price_year, data)
    return PriceSeries(
        key="gpu",
        label="GPU performance per dollar (FP32)",
        points_are="GPUs",
        unit=f"FLOP/s per {choice.price_year} USD",
        dates=decimal_years(table["release_date"].to_numpy()),
        values=table["fp32_flop_per_s"].to_numpy(dtype=np.float64) / usd,
        names=table["gpu"].to_numpy(dtype=object),
        rises=True,
        price_base=(
            f"launch prices in 2020 USD, converted to {choice.price_year} USD by consumer prices"
        ),
        tables=("gpu_prices", "us_consumer_prices"),
        published=Published(2.46, 2.24, 2.72, 0.95, "Hobbhahn & Besiroglu 2022, n = 470"),
    )


def _chips(choice: SeriesChoice, data: DataSet) -> PriceSeries:
    return _rate_of_chips(
        choice,
        data,
        key="chips",
        label="performance per dollar",
        per=("price_usd", "USD"),
        price_base=(
            "launch prices as printed; the source states no price year, so they are not converted"
        ),
        left_out="without a published price",
    )


def _efficiency(choice: SeriesChoice, data: DataSet) -> PriceSeries:
    return _rate_of_chips(
        choice,
        data,
        key="efficiency",
        label="performance per watt",
        per=("tdp_watts", "W"),
        price_base="no money in this series",
        left_out="without a thermal design power",
    )


def _rate_of_chips(
    choice: SeriesChoice,
    data: DataSet,
    *,
    key: str,
    label: str,
    per: tuple[str, str],
    price_base: str,
    left_out: str,
) -> PriceSeries:
    """The rate of ML chips in one number format `per` (column, unit) of another quantity."""
    column, unit = per
    table = data["ml_chips"].assign(rate=lambda frame: frame[FORMAT_COLUMNS[choice.number_format]])
    known = table[["rate", column, "release_date"]].notna().all(axis=1)
    table = table[known].sort_values("release_date", kind="stable")
    rate_unit = "operations/s" if choice.number_format == "int8" else "FLOP/s"
    return PriceSeries(
        key=key,
        label=f"ML chip {label} ({FORMAT_LABELS[choice.number_format]})",
        points_are="ML chips",
        unit=f"{rate_unit} per {unit}",
        dates=decimal_years(table["release_date"].to_numpy()),
        values=(table["rate"] / table[column]).to_numpy(dtype=np.float64),
        names=table["chip"].to_numpy(dtype=object),
        rises=True,
        price_base=price_base,
        tables=("ml_chips",),
        left_out=f"chips {left_out}, a date or a rate in this number format",
    )


def _rental(choice: SeriesChoice, data: DataSet) -> PriceSeries:
    quotes = offers_on_terms(data, choice.commitment)
    if choice.chip != ANY_CHIP:
        known = rented_chips(data)
        if choice.chip not in known:
            raise UnknownNameError("rental_chip", choice.chip, (ANY_CHIP, *known))
        quotes = quotes[quotes["chip"] == choice.chip]
    dates = quotes["date"].to_numpy(dtype=np.float64)
    usd = to_price_year(quotes["usd_per_chip_hour"], dates, choice.price_year, data)
    of_chip = "" if choice.chip == ANY_CHIP else f" of {choice.chip}"
    vendors = quotes["vendor"].replace("", "unnamed vendor")
    gap = gap_of_offers(data)
    return PriceSeries(
        key="rental",
        label=(
            f"Rented compute per dollar{of_chip}, {COMMITMENT_LABELS[choice.commitment]} (tensor"
            " FP16 at peak)"
        ),
        points_are="rental offers",
        unit=f"FLOP per {choice.price_year} USD",
        dates=dates,
        values=SECONDS_PER_HOUR * quotes["peak_flop_per_s"].to_numpy(dtype=np.float64) / usd,
        names=(quotes["chip"] + ", " + vendors).to_numpy(dtype=object),
        rises=True,
        price_base=(f"nominal prices, converted to {choice.price_year} USD by consumer prices"),
        tables=("chip_rental_prices", "chip_rental_prices_2026", "ml_chips", "us_consumer_prices"),
        left_out=(
            "offers of chips without a tensor FP16 rate, or named without the form that it depends"
            " on (NVIDIA H100); Amazon Web Services in 2026, whose listed price is of 2025"
        ),
        gap=gap if gap is not None and bool((dates > gap[1]).any()) else None,
    )


def _long_run(choice: SeriesChoice, data: DataSet) -> PriceSeries:
    del choice
    table = data["computing_cost_1857_2001"].sort_values("year", kind="stable")
    return PriceSeries(
        key="long_run",
        label="Cost per million operations since 1857",
        points_are="computing machines",
        unit="USD per million operations",
        dates=table["year"].to_numpy(dtype=np.float64),
        values=table["usd_per_million_ops"].to_numpy(dtype=np.float64),
        names=(table["machine"] + " (" + table["technology"].str.lower() + ")").to_numpy(
            dtype=object
        ),
        rises=False,
        price_base=(
            "the paper's own constant USD; the file states no base year, so they are not converted"
        ),
        tables=("computing_cost_1857_2001",),
    )


@dataclass(frozen=True)
class SeriesKind:
    """How a series is built, its name in a list of choices, and what narrows it further."""

    title: str
    build: Callable[[SeriesChoice, DataSet], PriceSeries]
    by_format: bool = False
    by_offer: bool = False


SERIES_KINDS: Mapping[str, SeriesKind] = {
    "gpu": SeriesKind("GPUs, FP32 per dollar (2006–2021)", _gpu),
    "chips": SeriesKind("ML chips per dollar, by number format", _chips, by_format=True),
    "rental": SeriesKind("Rented chips, FLOP per dollar", _rental, by_offer=True),
    "long_run": SeriesKind("Cost per operation since 1857", _long_run),
    "efficiency": SeriesKind("ML chips, FLOP/s per watt", _efficiency, by_format=True),
}
