"""Own prices in place of the market's: contracted dollars per chip-hour by term and date, own MFU,
own token prices.

prices = read_own_prices("prices.csv")         # columns chip, usd_per_chip_hour, term, date; or
                                               mfu; or model, usd_per_mtok_in, …
model_cost(scenario, data=Context(bundled(), prices=prices))
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from forecasting.data.dataset import DataSet
from forecasting.data.today import today
from forecasting.errors import InputError, NotEnoughDataError
from forecasting.formatting import in_dollars
from forecasting.ingest.cell_numbers import number_of
from forecasting.ingest.column_mapping import normalised
from forecasting.ingest.csv_reading import Problem, ProblemList, Sheet
from forecasting.ingest.runs import Source, open_runs

#: Names of columns by what they hold.
_NAMES = {
    "chip": "chip gpu accelerator hardware chip_name gpu_type",
    "usd_per_chip_hour": (
        "usd_per_chip_hour usd_per_gpu_hour price_per_chip_hour price_per_gpu_hour hourly_price"
        " usd_per_hour"
    ),
    "term": "term commitment contract contract_term",
    "date": "date price_date from start start_date valid_from",
    "mfu": "mfu model_flop_utilisation model_flop_utilization utilisation utilization",
    "model": "model model_name",
    "usd_per_mtok_in": (
        "usd_per_mtok_in input_price usd_per_million_input_tokens price_in input_usd_per_mtok"
    ),
    "usd_per_mtok_out": (
        "usd_per_mtok_out output_price usd_per_million_output_tokens price_out output_usd_per_mtok"
    ),
}
LARGEST_USD_PER_CHIP_HOUR, LARGEST_USD_PER_MTOK = 1000.0, 100_000.0
#: Rows of a list of prices; each is read by itself.
MAX_ROWS = 50_000
OWN_PROVIDER = "yours"
TEMPLATE = (
    "chip,term,date,usd_per_chip_hour,mfu\nNVIDIA H100 SXM5 80GB,1 year,2026-01-01,1.95,0.41\n"
)


@dataclass(frozen=True)
class ChipContract:
    """One contracted price: `chip` as in ml_chips, USD of the day in an hour of one chip, `date` of
    its start, `term` in words.
    """

    chip: str
    usd_per_chip_hour: float
    date: dt.date
    term: str

    @property
    def words(self) -> str:
        """The contract in words."""
        return (
            f"{self.chip} at {in_dollars(self.usd_per_chip_hour)} an"
            f" hour{f', {self.term}' if self.term else ''}, from {self.date}"
        )


@dataclass(frozen=True, eq=False)
class OwnPrices:
    """What a file of own prices held: `contracts` for chips, an own `mfu` (a share, None: none
    given), and prices of tokens.

    `token_prices` has the columns of the table token_prices_2025_2026; `problems` are the rows left
    out, with why.
    """

    contracts: tuple[ChipContract, ...] = ()
    mfu: float | None = None
    token_prices: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    problems: tuple[Problem, ...] = ()

    @cached_property
    def answer(self) -> str:
        """What is used in place of the market's, in a sentence."""
        parts = [contract.words for contract in self.contracts[:3]]
        parts += [f"{len(self.contracts) - 3} more contracts"] if len(self.contracts) > 3 else []
        parts += [f"MFU {self.mfu:.3g}"] if self.mfu is not None else []
        count = len(self.token_prices)
        parts += [f"token prices of {count} model{'s' if count != 1 else ''}"] if count else []
        return f"Your own prices are used in place of the market's: {'; '.join(parts)}."

    def contract(self, chip: str, data: DataSet) -> ChipContract | None:
        """The contract for a chip: the latest, of those the cheapest; for “best” the chip with the
        least price per FLOP. None: none.
        """
        rates = _rates(data)
        latest: dict[str, ChipContract] = {}
        for each in sorted(
            self.contracts, key=lambda known: (known.date, -known.usd_per_chip_hour)
        ):
            latest[each.chip] = each
        if chip == "best":
            return min(
                latest.values(),
                key=lambda known: known.usd_per_chip_hour / rates[known.chip],
                default=None,
            )
        return latest.get(chip)

    def with_token_prices(self, table: pd.DataFrame) -> pd.DataFrame:
        """The market's list with the own prices in place of those of the same models."""
        if self.token_prices.empty:
            return table
        market = table[~table["model"].isin(self.token_prices["model"])]
        return pd.concat([market, self.token_prices[list(table.columns)]], ignore_index=True)


def is_price_file(header: Sequence[str]) -> bool:
    """Whether a file with this header holds prices, not runs."""
    found = _columns(header)
    if "usd_per_chip_hour" in found or "usd_per_mtok_in" in found:
        return True
    return "mfu" in found and len(header) <= 3


def read_own_prices(source: Source, data: DataSet) -> OwnPrices:
    """Prices from a CSV of any dialect; bad rows are left out and listed. Raises NotEnoughDataError
    where none is left.
    """
    file = open_runs(source)
    return prices_of(file.sheet, data)


def prices_of(sheet: Sheet, data: DataSet) -> OwnPrices:
    """The same from a sheet that has been opened."""
    columns = _columns(sheet.header)
    reading = _Reading(sheet.problems, sheet.dialect.decimal, data)
    rows_read = 0
    for batch in sheet.batches(list(columns.values()) or list(sheet.header[:1])):
        if (rows_read := rows_read + len(batch.rows)) > MAX_ROWS:
            raise InputError(
                "file", f"more than {MAX_ROWS:,} rows", "Give the prices that you pay, a row each."
            )
        cells = {role: batch.columns[name].to_pylist() for role, name in columns.items()}
        for at, row in enumerate(batch.rows):
            reading.add(int(row), {role: str(values[at]).strip() for role, values in cells.items()})
    prices = reading.prices()
    if not prices.contracts and prices.mfu is None and prices.token_prices.empty:
        first = f" {prices.problems[0]}" if prices.problems else ""
        raise NotEnoughDataError(
            0,
            1,
            "Give rows with chip and usd_per_chip_hour, with mfu, or with model and"
            f" usd_per_mtok_in.{first}",
        )
    return prices


class _Reading:
    """Rows become contracts, MFUs and token prices."""

    def __init__(self, problems: ProblemList, decimal: str, data: DataSet) -> None:
        self.problems, self.decimal = problems, decimal
        self.chips = {_key(chip): chip for chip in _rates(data)}
        self.quotes = dict(data["chip_rental_prices"]["chip"].value_counts())
        self.contracts: list[ChipContract] = []
        self.mfus: list[float] = []
        self.tokens: list[tuple[dt.date, str, float, float]] = []

    def add(self, row: int, cells: dict[str, str]) -> None:
        """One row; what can't be used is noted."""
        date = self._date(row, cells.get("date", ""))
        mfu = self._number(
            row, cells, "mfu", 1.0, "Give a share between 0 and 1, such as 0.41 or 41%."
        )
        if mfu is not None:
            self.mfus.append(mfu)
        price = self._number(
            row,
            cells,
            "usd_per_chip_hour",
            LARGEST_USD_PER_CHIP_HOUR,
            "Give dollars for an hour of one chip, such as 1.95.",
        )
        if price is not None and date is not None:
            chip = self._chip(cells.get("chip", ""))
            if chip is None:
                known = ", ".join(list(self.chips.values())[:3])
                self.problems.add(
                    row,
                    "chip",
                    cells.get("chip", ""),
                    f"Name a chip of the table of chips with a tensor rate, such as {known}.",
                )
            else:
                self.contracts.append(ChipContract(chip, price, date, cells.get("term", "")[:60]))
        remedy = "Give dollars for a million tokens, such as 2.5."
        ways = [
            self._number(row, cells, f"usd_per_mtok_{way}", LARGEST_USD_PER_MTOK, remedy)
            for way in ("in", "out")
        ]
        if ways[0] is not None and date is not None:
            if not cells.get("model"):
                self.problems.add(row, "model", "", "Name the model that the token price is for.")
            else:
                self.tokens.append(
                    (date, cells["model"][:100], ways[0], ways[0] if ways[1] is None else ways[1])
                )

    def prices(self) -> OwnPrices:
        """What was read."""
        latest = {
            model: (date, model, OWN_PROVIDER, read, written)
            for date, model, read, written in sorted(self.tokens)
        }
        table = pd.DataFrame(
            list(latest.values()),
            columns=["price_date", "model", "provider", "usd_per_mtok_in", "usd_per_mtok_out"],
        )
        table["price_date"] = pd.to_datetime(table["price_date"]).astype("datetime64[s]")
        mfu = float(np.median(self.mfus)) if self.mfus else None
        return OwnPrices(tuple(self.contracts), mfu, table, tuple(self.problems.found))

    def _number(
        self, row: int, cells: dict[str, str], role: str, most: float, remedy: str
    ) -> float | None:
        text = cells.get(role, "")
        value = number_of(text, self.decimal)
        if value is not None and math.isnan(value):
            return None
        if role == "mfu" and value is not None and 1.0 < value <= 100.0 and "%" not in text:
            value /= 100.0
        if value is None or not 0.0 < value <= most:
            self.problems.add(row, role, text, remedy)
            return None
        return value

    def _date(self, row: int, text: str) -> dt.date | None:
        if not text:
            return today()
        try:
            return dt.date.fromisoformat(text[:10])
        except ValueError:
            self.problems.add(row, "date", text, "Write it as year-month-day, such as 2026-01-31.")
            return None

    def _chip(self, name: str) -> str | None:
        """The chip of that name, or of those that have all of its words in their names the one with
        most market prices.
        """
        wanted = _key(name)
        if not wanted:
            return None
        if wanted in self.chips:
            return self.chips[wanted]
        words = wanted.split()
        fits = [chip for key, chip in self.chips.items() if set(words) <= set(key.split())]
        return max(fits, key=lambda chip: (self.quotes.get(chip, 0), -len(chip))) if fits else None


def _columns(header: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for role, names in _NAMES.items():
        words = names.split()
        for name in header:
            plain = normalised(name.replace("$", "usd "))
            if plain in words and role not in found:
                found[role] = name
    return found


def _key(chip: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", chip.lower()).strip()


def _rates(data: DataSet) -> dict[str, float]:
    chips = data["ml_chips"]
    rated = chips[chips["tensor_fp16_flop_per_s"].notna()]
    return dict(zip(rated["chip"], rated["tensor_fp16_flop_per_s"].astype(float), strict=True))
