"""How a result is printed: words for people, or the JSON and CSV of the pages."""

from __future__ import annotations

import argparse
import json
import shutil
import textwrap
from collections.abc import Mapping
from typing import Any

import pandas as pd

from dashboard.export.downloads import guarded
from dashboard.export.exports import PageExport, content, plain_value
from forecasting.formatting import in_words

MAX_WIDTH = 100


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """--json and --csv, of which one may be given, and --quiet."""
    group = parser.add_argument_group("output")
    form = group.add_mutually_exclusive_group()
    form.add_argument(
        "--json",
        dest="form",
        action="store_const",
        const="json",
        help="print everything as JSON: answer, key figures, table, inputs, sources",
    )
    form.add_argument(
        "--csv",
        dest="form",
        action="store_const",
        const="csv",
        help="print the table as CSV, units in the names of its columns",
    )
    group.add_argument("--quiet", action="store_true", help="do not report progress on stderr")


def print_export(
    shown: PageExport, form: str | None, extra: Mapping[str, Any] | None = None
) -> None:
    """Print a forecast; `extra` is added to its JSON."""
    if form == "json":
        print_json(content(shown) | dict(extra or {}))
    elif form == "csv":
        print_table(shown.table)
    else:
        print_words(shown.answer)
        for line in shown.lines:
            print_words(line)
        print()
        for name, figure in shown.figures.items():
            low, value, high = (
                _figure(figure[key], figure.get("unit", "")) for key in ("low", "value", "high")
            )
            print(f"  {name.replace('_', ' ')}: {value} (80% range {low} to {high})")
        print_words(f"Sources: {shown.source_line}. Data version {shown.data_version}.")


def print_json(value: Mapping[str, Any]) -> None:
    """Indented JSON; numbers to the last digit."""
    print(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2))


def print_table(table: pd.DataFrame) -> None:
    """The table as CSV, its text guarded against being run as formulas in a spreadsheet."""
    print(guarded(table).decode("utf-8"), end="")


def print_words(text: str) -> None:
    """A paragraph, wrapped to the terminal."""
    width = min(shutil.get_terminal_size().columns, MAX_WIDTH)
    print(textwrap.fill(printable(text), width, break_on_hyphens=False))


def printable(text: str) -> str:
    """The text without what a terminal would obey: files may hold control sequences."""
    return "".join(
        each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in text
    )


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as JSON takes them."""
    return [
        {str(name): plain_value(cell) for name, cell in zip(table.columns, row, strict=True)}
        for row in table.itertuples(index=False, name=None)
    ]


def _figure(value: float, unit: str) -> str:
    if unit == "year":
        return f"{value:.1f}"
    return f"{in_words(float(value), 3)} {unit}".strip()
