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

from forecasting.data.dataset import DataSet, bundled
from forecasting.data.today import today
from forecasting.errors import InputError, NotEnoughDataError
from forecasting.formatting import in_dollars
from forecasting.ingest.cell_numbers import MISSING, number_of
from forecasting.ingest.column_names import is_loss_name, normalised, role_of
from forecasting.ingest.csv_reading import Problem, ProblemList, Sheet
from forecasting.ingest.dates import day_of, is_day_first
from forecasting.ingest.price_columns import PriceColumn, price_columns
from forecasting.ingest.runs import Source, open_runs

LARGEST_USD_PER_CHIP_HOUR, LARGEST_USD_PER_MTOK = 1000.0, 100_000.0
#: Rows of a list of prices; each is read by itself.
MAX_ROWS = 50_000
#: Characters of a cell that are looked at.
MAX_CELL = 300
OWN_PROVIDER = "yours"
#: Terms of chips that can be taken away at any time.
SPOT_TERMS = frozenset(["spot", "preemptible", "interruptible"])
TEMPLATE = (
    "chip,term,date,usd_per_chip_hour,mfu\nNVIDIA H100 SXM5 80GB,1 year,2026-01-01,1.95,0.41\n"
)


@dataclass(frozen=True)
class ChipContract:
    """One contracted price: `chip` as in ml_chips or in the tables of rents, USD of the day in an
    hour of one chip, `date` of its start, `term` in words; where the file says so the last day on
    which it was seen (`until`), the least number of chips, and the vendor.
    """

    chip: str
    usd_per_chip_hour: float
    date: dt.date
    term: str
    until: dt.date | None = None
    min_chips: int | None = None
    vendor: str = ""

    @property
    def seen(self) -> dt.date:
        """The last day on which it is known to hold."""
        return self.until or self.date

    @property
    def is_spot(self) -> bool:
        """Whether it can be taken away at any time."""
        return self.term.casefold() in SPOT_TERMS

    @property
    def words(self) -> str:
        """The contract in words."""
        term = f", {self.term}" if self.term else ""
        vendor = f" at {self.vendor}" if self.vendor else ""
        until = f" to {self.until}" if self.until and self.until != self.date else ""
        least = f", {self.min_chips:,} chips or more" if (self.min_chips or 0) > 1 else ""
        return (
            f"{self.chip}{vendor} at {in_dollars(self.usd_per_chip_hour)} per hour{term}{least},"
            f" from {self.date}{until}"
        )


@dataclass(frozen=True, eq=False)
class OwnPrices:
    """What a file of own prices held: `contracts` for chips, an own `mfu` (a share, None: none
    given), and prices of tokens.

    `token_prices` has the columns of the table token_prices_2025_2026; `problems` are the rows left
    out, with why;
    `notes` say what was converted.
    """

    contracts: tuple[ChipContract, ...] = ()
    mfu: float | None = None
    token_prices: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def answer(self) -> str:
        """What is used in place of the market's, in a sentence."""
        parts = [contract.words for contract in self.contracts[:3]]
        parts += [f"{len(self.contracts) - 3} more contracts"] if len(self.contracts) > 3 else []
        parts += [f"MFU {self.mfu:.3g}"] if self.mfu is not None else []
        count = len(self.token_prices)
        parts += [f"token prices of {count} model{'s' if count != 1 else ''}"] if count else []
        notes = "".join(f" {note[0].upper()}{note[1:]}." for note in self.notes)
        return f"Your own prices are used in place of the market's: {'; '.join(parts)}.{notes}"

    def contract(self, chip: str, data: DataSet, *, spot_only: bool = False) -> ChipContract | None:
        """The contract for a chip: of those that held latest the cheapest that is not spot; for
        “best” the chip with the least price per FLOP. None: none.

        Parameters
        ----------
        chip : str
            A chip of ml_chips, or “best”.
        data : DataSet
            The tables.
        spot_only : bool
            Whether spot prices alone count.
        """
        rates = _rates(data)
        latest: dict[str, ChipContract] = {}
        for each in sorted(
            (known for known in self.contracts if known.is_spot or not spot_only),
            key=lambda known: (known.seen, not known.is_spot, -known.usd_per_chip_hour),
        ):
            latest[each.chip] = each
        if chip == "best":
            return min(
                (known for known in latest.values() if known.chip in rates),
                key=lambda known: (known.is_spot, known.usd_per_chip_hour / rates[known.chip]),
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
    """Whether a file with this header holds prices, not runs: runs have a loss and a size."""
    sizes = ("params", "tokens", "training_flop", "step")
    if any(map(is_loss_name, header)) and any(role_of(name, sizes) for name in header):
        return False
    found = {column.role for column in price_columns(header)}
    if "usd_per_chip_hour" in found or "usd_per_mtok_in" in found:
        return True
    return "mfu" in found and len(header) <= 3


def is_price_list_without_a_price(header: Sequence[str]) -> bool:
    """Whether a file looks like a list of prices, though no column is known to hold them."""
    roles = {column.role for column in price_columns(header)}
    money = any(
        set(normalised(name).split("_")) & {"price", "cost", "usd", "eur", "rate"} or "$" in name
        for name in header
    )
    return (
        money
        and bool(roles & {"chip", "count", "model"})
        and not any(map(is_loss_name, header))
        and not any(role_of(name, ("params", "tokens", "training_flop")) for name in header)
    )


def read_own_prices(source: Source, data: DataSet | None = None) -> OwnPrices:
    """Prices from a CSV of any dialect; bad rows are left out and listed. Chips are those of
    `data`, None: of the bundled tables. Raises NotEnoughDataError where no price is left.
    """
    file = open_runs(source)
    return prices_of(file.sheet, data or bundled())


def prices_of(sheet: Sheet, data: DataSet) -> OwnPrices:
    """The same from a sheet that has been opened."""
    columns = price_columns(sheet.header)
    names = list(dict.fromkeys(column.name for column in columns)) or list(sheet.header[:1])
    rows: list[tuple[int, dict[str, str]]] = []
    for batch in sheet.batches(names):
        if len(rows) + len(batch.rows) > MAX_ROWS:
            raise InputError(
                "file", f"more than {MAX_ROWS:,} rows", "Give the prices that you pay, one per row."
            )
        cells = [batch.columns[name].to_pylist() for name in names]
        for row, *values in zip(batch.rows.tolist(), *cells, strict=True):
            rows.append((row, {n: _one_line(v) for n, v in zip(names, values, strict=True)}))
    dates = [column.name for column in columns if column.role in ("date", "until")]
    day_first = is_day_first([cells.get(name, "") for _, cells in rows for name in dates])
    reading = _Reading(sheet.problems, sheet.dialect.decimal, data, columns, day_first)
    for row, cells_of_row in rows:
        reading.add(row, cells_of_row)
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

    def __init__(
        self,
        problems: ProblemList,
        decimal: str,
        data: DataSet,
        columns: Sequence[PriceColumn],
        day_first: bool | None,
    ) -> None:
        self.problems, self.decimal, self.day_first = problems, decimal, day_first
        self.chips = {_key(chip): chip for chip in _rates(data)}
        #: Chips that are rented out, of which no rate is known or under another name.
        self.rented = {_key(chip): chip for chip in _rented(data)} | self.chips
        self.words = {key: _words(key) for key in self.rented}
        self.found: dict[str, tuple[str | None, float]] = {}
        quotes = data["chip_rental_prices"]
        self.quotes = dict(quotes["chip"].value_counts())
        usual = quotes.groupby("chip")["on_demand_usd_per_chip_hour"].median().dropna()
        self.market = {str(chip): float(usd) for chip, usd in usual.items()}
        self.columns = columns
        self.names = {column.role: column.name for column in reversed(columns)}
        self.contracts: list[ChipContract] = []
        self.mfus: list[float] = []
        self.tokens: list[tuple[dt.date, str, float, float]] = []
        self.notes: dict[str, None] = {}

    def add(self, row: int, cells: dict[str, str]) -> None:
        """One row; what can't be used is noted."""
        given = {role: cells[name] for role, name in self.names.items()}
        # Where only the last day is given, the price held on that day.
        first = given.get("date", "") or given.get("until", "")
        date = self._date(row, first)
        if "mfu" in given:
            mfu = self._number(
                row, "mfu", given["mfu"], 1.0, "Give a share between 0 and 1, such as 0.41 or 41%."
            )
            if mfu is not None:
                self.mfus.append(mfu)
        for column in self.columns:
            if column.role == "usd_per_chip_hour":
                self._add_contract(row, column, cells[column.name], given, date)
        ways: dict[str, float | None] = {"usd_per_mtok_in": None, "usd_per_mtok_out": None}
        for column in self.columns:
            if column.role in ways:
                remedy = "Give dollars for a million tokens, such as 2.5."
                ways[column.role] = self._dollars(
                    row, column, cells[column.name], given, LARGEST_USD_PER_MTOK, remedy
                )
                if column.scale != 1.0:
                    per = "a thousand tokens" if column.scale == 1e3 else "a token"
                    self.notes[f"prices for {per} are multiplied by {column.scale:,.0f}"] = None
        read, written = ways.values()
        if read is not None and date is not None:
            if not given.get("model"):
                self.problems.add(row, "model", "", "Name the model that the token price is for.")
            else:
                self.tokens.append(
                    (date, given["model"][:100], read, read if written is None else written)
                )

    def _add_contract(
        self,
        row: int,
        column: PriceColumn,
        text: str,
        given: dict[str, str],
        date: dt.date | None,
    ) -> None:
        remedy = "Give dollars for an hour of one chip, such as 1.95."
        most = LARGEST_USD_PER_CHIP_HOUR
        usd = self._dollars(row, column, text, given, most, remedy)
        if usd is None or date is None:
            return
        chip, chips = self._chip(given.get("chip", ""))
        if chip is None:
            often = sorted(self.quotes, key=lambda name: -self.quotes[name])[:3]
            self.problems.add(
                row,
                "chip",
                given.get("chip", ""),
                "Name a chip of the table of chips or of the table of rents, such as"
                f" {', '.join(often)}.",
            )
            return
        if given.get("count"):
            count = number_of(given["count"], self.decimal)
            if count is None or math.isnan(count) or not (count >= 1 and count == int(count)):
                self.problems.add(row, "count", given["count"], "Give the number of chips.")
                return
            chips = count
        if column.of == "machine" and not given.get("count") and chips == 1.0:
            self.problems.add(
                row,
                column.name,
                text,
                "It is the price of a machine: add a column gpu_count, the number of its chips.",
            )
            return
        if column.of != "chip" and chips > 1.0:
            usd /= chips
            what = f"prices of machines of {chips:g} chips are divided by {chips:g}"
            self.notes[what] = None
        if usual := self.market.get(chip):
            ratio = usd / usual
            if ratio > 10.0 or ratio < 0.1:
                self.problems.add(
                    row,
                    column.name,
                    text,
                    f"It comes to {in_dollars(usd)} per hour of {chip}, more than 10 times"
                    f" {'above' if ratio > 1.0 else 'below'} the market's {in_dollars(usual)}: is"
                    " it for one chip and one hour?",
                    kept=True,
                )
        until = self._date(row, given["until"]) if given.get("until") else None
        if until is not None and until < date:
            self.problems.add(
                row,
                self.names["until"],
                given["until"],
                f"It was last seen before it was first seen, on {date}: change one of the dates.",
            )
            return
        least = self._least(row, given.get("least", ""))
        if least == 0:
            return
        term = given.get("term", "") or column.tier
        vendor = given.get("vendor", "")[:60]
        self.contracts.append(ChipContract(chip, usd, date, term[:60], until, least, vendor))

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
        return OwnPrices(
            tuple(self.contracts), mfu, table, tuple(self.problems.found), tuple(self.notes)
        )

    def _dollars(
        self,
        row: int,
        column: PriceColumn,
        text: str,
        given: dict[str, str],
        most: float,
        remedy: str,
    ) -> float | None:
        """A price in dollars for an hour, or for a million tokens."""
        currency = column.currency
        if given.get("currency"):
            currency = given["currency"].strip().upper()
        for code, marks in (("EUR", ("€", "eur")), ("GBP", ("£", "gbp"))):
            if any(mark in text.lower() for mark in marks):
                currency = code
        plain = _ADDED.sub("", text.strip())
        rate = 1.0
        if currency not in ("USD", "US$", "$", "DOLLAR", "DOLLARS"):
            found = number_of(given.get("usd_per_eur", ""), self.decimal)
            if not plain or plain.lower() in MISSING:
                return None
            if currency != "EUR" or found is None or not 0.0 < found < 100.0:
                ask = (
                    "It is in euros: add a column usd_per_eur with the dollars for a euro."
                    if currency == "EUR"
                    else "Give dollars."
                )
                self.problems.add(row, column.name, text, ask)
                return None
            rate = found
            self.notes[f"euros are converted at {in_dollars(rate)}"] = None
        value = self._number(row, column.role, plain, most / column.scale / rate, remedy)
        return None if value is None else value * column.scale * rate

    def _number(self, row: int, role: str, text: str, most: float, remedy: str) -> float | None:
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
            return day_of(text, self.day_first)
        except ValueError as error:
            self.problems.add(
                row, "date", text, f"{error}Write it as year-month-day, such as 2026-01-31."
            )
            return None

    def _least(self, row: int, text: str) -> int | None:
        """The least number of chips; None where none is given, 0 where it can't be read."""
        least = number_of(text, self.decimal) if text else math.nan
        if least is not None and math.isnan(least):
            return None
        if least is None or not (1 <= least <= 1e9 and least == int(least)):
            remedy = "Give the smallest number of chips that can be rented, such as 8."
            self.problems.add(row, self.names["least"], text, remedy)
            return 0
        return int(least)

    def _chip(self, name: str) -> tuple[str | None, float]:
        """The chip of that name, looked up once."""
        if name not in self.found:
            self.found[name] = self._looked_up(name)
        return self.found[name]

    def _looked_up(self, name: str) -> tuple[str | None, float]:
        """The chip of that name, and how many of them it names (8x H100); or of those that have all
        of its words in their names the one with most market prices.
        """
        chips = 1.0
        if found := _COUNTED.search(name):
            chips = float(found[1] or found[2])
            name = _COUNTED.sub(" ", name, count=1)
        wanted = _key(name)
        if not wanted:
            return None, chips
        if wanted in self.rented:
            return self.rented[wanted], chips
        # “Tesla H100-SXM-80G HBM3 GPU”: where not all do, only the words that tell chips apart.
        words = set(wanted.split())
        telling = {_SPELT.get(word, word) for word in words} - _FILL
        fits: list[str] = []
        for known in (self.chips, self.rented):
            for some in (words, telling):
                fits = fits or [
                    chip for key, chip in known.items() if some and some <= self.words[key]
                ]
        if not fits:
            return None, chips
        best = max(fits, key=lambda chip: (self.quotes.get(chip, 0), -len(chip)))
        return best, chips


_COUNTED = re.compile(r"(?<![\w.])(\d{1,3})\s*[x×]\s+(?=[A-Za-z])|(?<=\w)\s+[x×]\s*(\d{1,3})(?!\w)")
_ADDED = re.compile(
    r"^(?:us\$|usd|eur|\$|€|£)\s*|\s*(?:usd|eur|\$|€|£)?\s*"
    r"(?:/|per)\s*(?:(?:gpu|chip)[- ]?)?(?:hours?|hrs?|h)\.?$|\s*(?:usd|eur|\$|€|£)$",
    re.IGNORECASE,
)
_FILL = frozenset(
    ["nvidia", "tesla", "gpu", "gpus", "hbm2", "hbm2e", "hbm3", "hbm3e", "tensor", "core"]
)
_SPELT = {"80g": "80gb", "40g": "40gb", "16g": "16gb", "32g": "32gb"}


def _one_line(cell: object) -> str:
    """A cell without spaces about it, one between its words, and no longer than a name."""
    return " ".join(str(cell).split())[:MAX_CELL]


def _words(key: str) -> set[str]:
    """The words of a chip's name; “80 gb” is “80gb”, too, and “sxm5” is “sxm”, too."""
    words = set(key.split())
    words |= set(re.sub(r"(\d+) gb", r"\1gb", key).split())
    return words | {"sxm" for word in words if word.startswith("sxm")}


def _key(chip: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", chip.lower()).strip()


def _rates(data: DataSet) -> dict[str, float]:
    chips = data["ml_chips"]
    rated = chips[chips["tensor_fp16_flop_per_s"].notna()]
    return dict(zip(rated["chip"], rated["tensor_fp16_flop_per_s"].astype(float), strict=True))


def _rented(data: DataSet) -> list[str]:
    tables = (data["chip_rental_prices"], data["chip_rental_prices_2026"])
    return sorted({str(chip) for table in tables for chip in table["chip"].dropna()})
