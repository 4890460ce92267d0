"""The catalogue of the tables: for each its title, sources, licences, date and columns with units.

The catalogue is a Frictionless Data Package (https://specs.frictionlessdata.io).
"""

from __future__ import annotations

import calendar
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from forecasting.data.replacement import read_file
from forecasting.errors import TableError

CATALOGUE_FILE = "datapackage.json"
NUMERIC_TYPES = ("integer", "number", "year")
#: How often newer data are expected; “none”: the figures of a publication, which do not change.
RHYTHMS = ("weekly", "monthly", "quarterly", "yearly", "none")
KNOWN_TYPES = (*NUMERIC_TYPES, "date", "string")


@dataclass(frozen=True)
class Source:
    """Where a table comes from; `path` is a web address, None where none is public."""

    title: str
    path: str | None


@dataclass(frozen=True)
class Licence:
    """The terms a table is under; `path` is the address of their text, None where there is none."""

    name: str
    title: str
    path: str | None


@dataclass(frozen=True)
class ColumnInfo:
    """One column: `type` is string, integer, number, year or date; `unit` "1" is a bare count or
    ratio.

    `minimum` and `maximum` are inclusive; `allowed` lists the only values there may be (empty:
    any).
    """

    name: str
    type: str
    unit: str
    description: str
    required: bool = False
    unique: bool = False
    minimum: float | None = None
    maximum: float | None = None
    allowed: tuple[str | float, ...] = ()

    @property
    def is_numeric(self) -> bool:
        """Whether the column is read as float64."""
        return self.type in NUMERIC_TYPES


@dataclass(frozen=True)
class Refresh:
    """How a table is renewed: the `adapter` that reads what stands at `url`, and at the addresses
    `also` that it needs beside it; or None for both, and in `by_hand` why a person does it.
    """

    adapter: str | None
    url: str | None
    by_hand: str
    also: tuple[str, ...] = ()

    @property
    def page(self) -> str | None:
        """The first address without what it asks for, to be shown; None for a table by hand."""
        return None if self.url is None else self.url.partition("?")[0]

    @property
    def urls(self) -> tuple[str, ...]:
        """All addresses; none for a table renewed by hand."""
        return () if self.url is None else (self.url, *self.also)


@dataclass(frozen=True)
class TableInfo:
    """The catalogue entry of a table.

    `date` says how recent the data are (a year, month or day), `rhythm` how often newer ones are
    expected (one of RHYTHMS), `refresh` where they come from; `price_base` in which dollars its
    money is (None: no money), `rows` and `sha256` describe the file as shipped, `notes` name what
    is doubtful in it.
    """

    name: str
    title: str
    description: str
    file: str
    rows: int
    sha256: str
    sources: tuple[Source, ...]
    licences: tuple[Licence, ...]
    date: str
    rhythm: str
    refresh: Refresh
    price_base: str | None
    notes: str
    columns: tuple[ColumnInfo, ...]
    primary_key: tuple[str, ...]

    def column(self, name: str) -> ColumnInfo:
        """The column of that name; raises KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def read_catalogue(path: Path) -> Mapping[str, TableInfo]:
    """The entries of a datapackage.json by table name, in the file's order; raises TableError when
    it can't be read.
    """
    try:
        package = json.loads(read_file(path.parent, path.name))
        entries = [_table_info(resource) for resource in package["resources"]]
    except FileNotFoundError:
        raise TableError(
            path.name,
            [f"{path} does not exist. Give a folder that holds the tables and their {path.name}."],
        ) from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise TableError(path.name, [f"{path} is not JSON ({error}). Restore it."]) from None
    except (KeyError, TypeError, ValueError) as error:
        remedy = "Complete the entry as the Data Package specification says."
        raise TableError(path.name, [f"{path} lacks or misstates {error}. {remedy}"]) from None
    return MappingProxyType({entry.name: entry for entry in entries})


def _table_info(resource: Mapping[str, Any]) -> TableInfo:
    schema = resource["schema"]
    key = schema.get("primaryKey", [])
    return TableInfo(
        name=resource["name"],
        title=resource["title"],
        description=resource["description"],
        file=resource["path"],
        rows=resource["rows"],
        sha256=resource["sha256"],
        sources=tuple(
            Source(source["title"], source.get("path")) for source in resource["sources"]
        ),
        licences=tuple(
            Licence(terms["name"], terms["title"], terms.get("path"))
            for terms in resource["licenses"]
        ),
        date=_date(resource["date"]),
        rhythm=_one_of(RHYTHMS, resource.get("rhythm", "none"), "rhythm"),
        refresh=_refresh(resource.get("refresh", {"by_hand": "Not stated."})),
        price_base=resource.get("price_base"),
        notes=resource["notes"],
        columns=tuple(_column_info(field) for field in schema["fields"]),
        primary_key=(key,) if isinstance(key, str) else tuple(key),
    )


def last_day(date: str) -> dt.date:
    """The last day of a year, a month or a day in ISO form; raises ValueError for anything else."""
    try:
        year, *rest = (int(part) for part in date.split("-"))
        month = rest[0] if rest else 12
        return dt.date(year, month, rest[1] if rest[1:] else calendar.monthrange(year, month)[1])
    except ValueError:
        raise ValueError(
            f"date: “{date}” is not a year, month or day, such as 2026, 2026-01 or 2026-01-31"
        ) from None


def _date(given: str) -> str:
    last_day(given)
    return given


def _one_of(known: Sequence[str], given: str, field: str) -> str:
    if given not in known:
        raise ValueError(f"{field}: “{given}” is not one of {', '.join(known)}")
    return given


def _refresh(given: Mapping[str, Any]) -> Refresh:
    if "by_hand" in given:
        return Refresh(None, None, given["by_hand"])
    return Refresh(given["adapter"], given["url"], "", tuple(given.get("also", ())))


def _column_info(field: Mapping[str, Any]) -> ColumnInfo:
    constraints = field.get("constraints", {})
    if field["type"] not in KNOWN_TYPES:
        raise ValueError(
            f"the type of column {field['name']}: “{field['type']}” is not one of"
            f" {', '.join(KNOWN_TYPES)}"
        )
    return ColumnInfo(
        name=field["name"],
        type=field["type"],
        unit=field["unit"],
        description=field["description"],
        required=constraints.get("required", False),
        unique=constraints.get("unique", False),
        minimum=constraints.get("minimum"),
        maximum=constraints.get("maximum"),
        allowed=tuple(constraints.get("enum", ())),
    )
