"""What vendors ask for an hour of a chip: one series from Epoch AI's quotes (to March 2025) and the
daily snapshots of 2026, by chip, vendor and terms.

A snapshot row holds from the first to the last day on which it was seen. It gives one quote a
month, on the last day of it that it was seen; of one vendor's offers for a chip in a month the last
is taken, of several sizes the cheapest, so that each vendor counts once. Left out:

    Amazon Web Services in 2026, whose listed price is that of before June 2025
    chips named without their form where the forms' rates differ (“NVIDIA H100”: SXM or PCIe)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.units import decimal_years

Commitment = Literal[
    "on_demand", "spot", "serverless", "marketplace", "committed", "one_year", "three_year"
]
COMMITMENT_LABELS: Mapping[str, str] = {
    "on_demand": "on demand",
    "spot": "spot",
    "serverless": "serverless",
    "marketplace": "on a marketplace",
    "committed": "committed, any term",
    "one_year": "for one year",
    "three_year": "for three years",
}
#: The columns of Epoch AI's quotes that hold each kind of terms.
QUOTE_COLUMNS: Mapping[str, str] = {
    "on_demand": "on_demand_usd_per_chip_hour",
    "one_year": "one_year_usd_per_chip_hour",
    "three_year": "three_year_usd_per_chip_hour",
}
COMMITTED = ("committed", "one_year", "three_year")
#: Vendors whose rows of 2026 hold a price of 2025.
STALE_VENDORS = ("aws",)
#: Vendors of the snapshots by name; those that Epoch AI quotes too, by its name for them.
VENDORS: Mapping[str, str] = {
    "azure": "Microsoft Azure",
    "baseten": "Baseten",
    "cerebrium": "Cerebrium",
    "coreweave": "CoreWeave",
    "crusoe": "Crusoe",
    "datacrunch": "Datacrunch",
    "digitalocean": "DigitalOcean",
    "fireworks": "Fireworks AI",
    "gcp": "Google Cloud",
    "gmicloud": "GMI Cloud",
    "hyperstack": "Hyperstack",
    "jarvislabs": "Jarvislabs",
    "koyeb": "Koyeb",
    "lambda": "Lambda Labs",
    "latitude": "Latitude.sh",
    "massedcompute": "Massed Compute",
    "modal": "Modal",
    "nebius": "Nebius",
    "ovh": "OVHcloud",
    "primeintellect": "Prime Intellect",
    "replicate": "Replicate",
    "runpod": "RunPod",
    "scaleway": "Scaleway",
    "sfcompute": "SF Compute",
    "spheron": "Spheron",
    "tensordock": "TensorDock",
    "thundercompute": "Thunder Compute",
    "together": "Together AI",
    "voltagepark": "Voltage Park",
    "vultr": "Vultr",
}
#: Rented chips that ml_chips has under another name; memory does not change the rate.
SAME_RATE: Mapping[str, str] = {"NVIDIA A100 PCIe 80 GB": "NVIDIA A100 PCIe"}


@dataclass(frozen=True)
class RecentMoves:
    """How on-demand prices (nominal) moved to the last month of offers: of what the same vendors
    ask for the same chips, `offers` in all, how many `rose` and `fell` since the month before. Of
    those that were also asked in the last quarter before the gap, `offers_since`, `rose_since` and
    `fell_since` then. `before`, `after` and `quarter` are decimal years.
    """

    before: float
    after: float
    offers: int
    rose: int
    fell: int
    quarter: float
    offers_since: int
    rose_since: int
    fell_since: int


@cached_with
def rental_offers(data: DataSet) -> pd.DataFrame:
    """All quotes by date: chip, vendor, terms (a Commitment), date (decimal year),
    usd_per_chip_hour (nominal), peak_flop_per_s (NaN where it is not known), and whether it is
    the vendor's newest of its quarter.
    """
    offers = pd.concat([_quotes(data), _snapshots(data)], ignore_index=True)
    offers["peak_flop_per_s"] = offers["chip"].map(chip_rates(data))
    return offers.sort_values("date", kind="stable", ignore_index=True)


def offers_on_terms(data: DataSet, commitment: str) -> pd.DataFrame:
    """The quotes on these terms of chips with a known tensor FP16 rate.

    Parameters
    ----------
    data : DataSet
        The tables.
    commitment : str
        A Commitment.
    """
    offers = rental_offers(data)
    terms = COMMITTED if commitment == "committed" else (commitment,)
    return offers[offers["terms"].isin(terms) & offers["peak_flop_per_s"].notna()]


@cached_with
def chip_rates(data: DataSet) -> dict[str, float]:
    """The tensor FP16 rate of each chip for which it is known, FLOP/s, by its names in ml_chips and
    in the tables of rents.
    """
    chips = data["ml_chips"].drop_duplicates("chip")
    rated = chips[chips["tensor_fp16_flop_per_s"].notna()]
    rates = dict(zip(rated["chip"], rated["tensor_fp16_flop_per_s"].astype(float), strict=True))
    return rates | {name: rates[same] for name, same in SAME_RATE.items() if same in rates}


@cached_with
def rented_chips(data: DataSet) -> tuple[str, ...]:
    """Chips with a rental price and a tensor FP16 rate, by name."""
    offers = rental_offers(data)
    return tuple(sorted(set(offers[offers["peak_flop_per_s"].notna()]["chip"])))


@cached_with
def gap_of_offers(data: DataSet) -> tuple[float, float] | None:
    """From the last of Epoch AI's quotes to the first snapshot, as decimal years; None where there
    are no snapshots.
    """
    later = data["chip_rental_prices_2026"]
    later = later[~later["vendor"].isin(STALE_VENDORS)]
    if later.empty:
        return None
    quoted = data["chip_rental_prices"].dropna(subset=["vendor"])
    ends = [quoted["price_date"].max(), later["first_seen"].min()]
    last, first = decimal_years(pd.Series(ends).to_numpy())
    return float(last), float(first)


@cached_with
def recent_moves(data: DataSet) -> RecentMoves | None:
    """How on-demand prices moved between the last two months of snapshots; None without them."""
    offers = _snapshots(data)
    offers = offers[offers["terms"] == "on_demand"]
    months = sorted(offers["month"].unique())
    if len(months) < 2:
        return None
    before, after = (offers[offers["month"] == month] for month in months[-2:])
    quoted = _quotes(data)
    quoted = quoted[quoted["terms"] == "on_demand"]
    quarter = math.floor(float(quoted["date"].max()) * 4) / 4
    quoted = quoted[quoted["date"] >= quarter]
    return RecentMoves(
        float(before["date"].max()),
        float(after["date"].max()),
        *_compared(before, after),
        quarter,
        *_compared(quoted, after),
    )


def _compared(before: pd.DataFrame, after: pd.DataFrame) -> tuple[int, int, int]:
    """How many vendors ask a price for the same chip in both, how many more and how many less; of
    several prices the cheapest.
    """
    then, now = (
        offers.groupby(["chip", "vendor"])["usd_per_chip_hour"].min() for offers in (before, after)
    )
    both = pd.concat([then, now], axis=1, keys=["then", "now"], join="inner")
    rose, fell = both["now"] > both["then"], both["now"] < both["then"]
    return len(both), int(rose.sum()), int(fell.sum())


def _quotes(data: DataSet) -> pd.DataFrame:
    """Epoch AI's quotes, a row for each kind of terms."""
    table = data["chip_rental_prices"]
    dates = decimal_years(table["price_date"].to_numpy())
    parts = [
        pd.DataFrame(
            {
                "chip": table["chip"],
                "vendor": table["vendor"].fillna(""),
                "terms": terms,
                "date": dates,
                "usd_per_chip_hour": table[column],
            }
        )
        for terms, column in QUOTE_COLUMNS.items()
    ]
    quotes = pd.concat(parts, ignore_index=True)
    return quotes[quotes["usd_per_chip_hour"].notna()].assign(newest=True)


def _snapshots(data: DataSet) -> pd.DataFrame:
    """The offers of 2026, one a month, vendor, chip and terms."""
    table = data["chip_rental_prices_2026"]
    table = table[~table["vendor"].isin(STALE_VENDORS)]
    first, last = (table[name].dt.to_period("M") for name in ("first_seen", "last_seen"))
    parts = []
    for month in sorted(set(first) | set(last)):
        seen = table[(first <= month) & (last >= month)]
        ends = np.minimum(seen["last_seen"], month.end_time.normalize())
        seen = seen.assign(month=str(month), on=ends).sort_values("on", kind="stable")
        seen = seen.drop_duplicates(["chip", "vendor", "tier", "min_chips"], keep="last")
        newest = seen.groupby(["chip", "vendor", "tier"])["on"].transform("max")
        seen = seen[seen["on"] == newest].sort_values("usd_per_chip_hour", kind="stable")
        parts.append(seen.drop_duplicates(["chip", "vendor", "tier"]))
    columns = ["chip", "vendor", "terms", "month", "date", "usd_per_chip_hour", "newest"]
    if not parts:
        return pd.DataFrame(columns=columns)
    offers: pd.DataFrame = pd.concat(parts, ignore_index=True)
    offers = offers.assign(
        vendor=offers["vendor"].map(VENDORS).fillna(offers["vendor"]),
        terms=offers["tier"].str.replace(" ", "_"),
        date=decimal_years(offers["on"].to_numpy()),
        newest=offers["on"].eq(
            offers.groupby(["chip", "vendor", "tier", offers["on"].dt.to_period("Q")])[
                "on"
            ].transform("max")
        ),
    )
    return offers.filter(columns)
