"""What vendors ask for so many chips over so many days, the cheapest first.

    rental_quotes("NVIDIA H100", chips=512, days=90).head()

Of each vendor's offers for a chip, tier and minimum size the newest counts, if it was seen within
RECENT_DAYS of the last snapshot. Offers with a commitment, and those of chips that the snapshots do
not have, were last quoted in 2025 and stand with that date; a commitment is billed for its term.
Prices are nominal. Whether a vendor has so many chips free no table says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from forecasting.compute_cost.rental_offers import (
    COMMITMENT_LABELS,
    QUOTE_COLUMNS,
    STALE_VENDORS,
    VENDORS,
)
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.errors import InputError, UnknownNameError
from forecasting.ingest.own_prices import OWN_PROVIDER, OwnPrices
from forecasting.units import DAYS_PER_YEAR

#: An offer counts while it was seen within so many days of the last snapshot.
RECENT_DAYS = 7
#: The same for what no daily snapshot has, which was last quoted in 2025.
LAST_QUOTED_DAYS = 31
#: Days that an offer is billed for at least.
TERM_DAYS: Mapping[str, float] = {"one_year": DAYS_PER_YEAR, "three_year": 3.0 * DAYS_PER_YEAR}
ANY_TIER = "any"
TIERS = tuple(COMMITMENT_LABELS)
COLUMNS = (
    "vendor",
    "chip",
    "tier",
    "min_chips",
    "usd_per_chip_hour",
    "usd_total",
    "first_seen",
    "last_seen",
    "source_url",
)
LARGEST_CHIPS, LARGEST_DAYS = 10_000_000, 3660.0


def rental_quotes(
    chip: str = "NVIDIA H100",
    chips: int = 512,
    days: float = 90.0,
    *,
    tier: str = ANY_TIER,
    data: DataOrContext | None = None,
) -> pd.DataFrame:
    """Quotes for `chips` of a chip over `days`, the cheapest in all first: vendor, chip, tier,
    min_chips (missing where it is not stated), usd_per_chip_hour and usd_total (nominal),
    first_seen and last_seen (dates), and source_url.

    Parameters
    ----------
    chip : str
        A chip of the tables of rents, or words that all of its forms share, such as “NVIDIA H100”.
    chips : int
        How many chips, 1 or more.
    days : float
        For how many days, above 0.
    tier : str
        “any”, or one of TIERS, such as “on_demand” or “spot”.
    data : DataSet, Context or None
        The tables, and one's own prices, which then stand among the quotes; None: the bundled
        tables.

    Raises
    ------
    InputError
        For a number of chips or days that cannot be rented, an unknown tier, and a chip that nobody
        offers.
    """
    context = context_of(data)
    if not _is_number(chips) or not 1 <= chips <= LARGEST_CHIPS or chips != int(chips):
        raise InputError(
            "chips", chips, f"Use a whole number of chips from 1 to {LARGEST_CHIPS:,}."
        )
    if not _is_number(days) or not 0.0 < days <= LARGEST_DAYS:
        raise InputError("days", days, f"Use more than 0 and up to {LARGEST_DAYS:,.0f} days.")
    tier = str(tier).replace(" ", "_")
    if tier not in (ANY_TIER, *TIERS):
        raise UnknownNameError("tier", tier, (ANY_TIER, *TIERS))
    quotes = _quotes(context.data)
    if context.prices is not None:
        quotes = pd.concat([_own(context.prices), quotes], ignore_index=True)
    names = forms_of(chip, context.data)
    found = quotes[quotes["chip"].isin(names)]
    if tier != ANY_TIER:
        found = found[found["tier"] == tier]
        if found.empty:
            raise InputError(
                "tier",
                COMMITMENT_LABELS[tier],
                f"No offers for {chip} on these terms are known: choose others.",
            )
    # An offer without a least number is taken for any.
    found = found[~(found["min_chips"] > chips)]
    billed = np.maximum(days, found["tier"].map(TERM_DAYS).fillna(0.0))
    found = found.assign(usd_total=found["usd_per_chip_hour"] * chips * 24.0 * billed)
    order = ["usd_total", "vendor", "chip", "tier"]
    return found.sort_values(order, kind="stable", ignore_index=True)[list(COLUMNS)]


def forms_of(chip: str, data: DataSet) -> tuple[str, ...]:
    """The names in the tables of rents that have all words of `chip`; raises UnknownNameError."""
    known = sorted(set(_quotes(data)["chip"]))
    wanted = _words(str(chip))
    found = tuple(name for name in known if wanted and wanted <= _words(name))
    if not found:
        raise UnknownNameError("chip", chip, known)
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


@cached_with
def quoted_chips(data: DataSet) -> tuple[str, ...]:
    """What can be asked for: the families of which there are several forms, and every form."""
    names = sorted(set(_quotes(data)["chip"]))
    families = (_FAMILY.match(name) for name in names)
    shared = {found[0] for found in families if found}
    several = {each for each in shared if sum(_words(each) <= _words(n) for n in names) > 1}
    return tuple(sorted({*several, *names}))


@cached_with
def _quotes(data: DataSet) -> pd.DataFrame:
    """The newest offer of each vendor, chip, tier and minimum size."""
    table = data["chip_rental_prices_2026"]
    table = table[~table["vendor"].isin(STALE_VENDORS)]
    parts = []
    if len(table):
        since = table["last_seen"].max() - pd.Timedelta(days=RECENT_DAYS)
        table = table.sort_values(["last_seen", "first_seen"], kind="stable")
        newest = table.drop_duplicates(["vendor", "chip", "tier", "min_chips"], keep="last")
        newest = newest[newest["last_seen"] >= since]
        parts.append(
            newest.assign(
                vendor=newest["vendor"].map(VENDORS).fillna(newest["vendor"]),
                tier=newest["tier"].str.replace(" ", "_"),
            )
        )
    seen = set(parts[0]["chip"]) if parts else set()
    parts += _last_quoted(data["chip_rental_prices"], seen)
    quotes: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return quotes.filter([name for name in COLUMNS if name != "usd_total"])


def _last_quoted(table: pd.DataFrame, seen: set[str]) -> list[pd.DataFrame]:
    """Epoch AI's last quotes, a vendor's cheapest for each chip and term: those with a commitment,
    and on demand those of chips that the snapshots do not have (`seen`).
    """
    parts = []
    for tier, column in QUOTE_COLUMNS.items():
        usd = table[column]
        quoted = table.assign(usd_per_chip_hour=usd)[usd.notna() & table["vendor"].notna()]
        if tier == "on_demand":
            quoted = quoted[~quoted["chip"].isin(seen)]
        if quoted.empty:
            continue
        last = table["price_date"].max() - pd.Timedelta(days=LAST_QUOTED_DAYS)
        quoted = quoted[quoted["price_date"] >= last].sort_values("usd_per_chip_hour")
        quoted = quoted.drop_duplicates(["vendor", "chip"])
        parts.append(
            quoted.assign(
                tier=tier,
                min_chips=np.nan,
                first_seen=quoted["price_date"],
                last_seen=quoted["price_date"],
            )
        )
    return parts


def _own(prices: OwnPrices) -> pd.DataFrame:
    """One's own contracts as quotes."""
    rows = [
        {
            "vendor": f"{OWN_PROVIDER} ({each.vendor})" if each.vendor else OWN_PROVIDER,
            "chip": each.chip,
            "tier": "spot" if each.is_spot else _tier_of(each.term),
            "min_chips": float("nan") if each.min_chips is None else float(each.min_chips),
            "usd_per_chip_hour": each.usd_per_chip_hour,
            "first_seen": pd.Timestamp(each.date),
            "last_seen": pd.Timestamp(each.seen),
            "source_url": "",
        }
        for each in prices.contracts
    ]
    return pd.DataFrame(rows, columns=[name for name in COLUMNS if name != "usd_total"])


def _tier_of(term: str) -> str:
    """The tier of a term as people write it; what is not known is on demand."""
    plain = term.casefold()
    if re.search(r"\b(3|three)\b|36", plain):
        return "three_year"
    if re.search(r"\b(1|one)\b|12", plain):
        return "one_year"
    found = plain.replace(" ", "_")
    if found in TIERS:
        return found
    return "committed" if re.search(r"reserv|commit", plain) else "on_demand"


_FAMILY = re.compile(r"NVIDIA (?:Tesla )?[A-Z]{1,2}\d+|AMD Instinct MI\d+|Google TPU v\d+")


def _words(name: str) -> set[str]:
    words = set(re.sub(r"[^a-z0-9]+", " ", name.casefold()).split())
    return words | {"sxm" for word in words if word.startswith("sxm")}
