"""Downloads: what is on screen as CSV, with units, sources and the link, safe to open in a
spreadsheet.
"""

from __future__ import annotations

import re

import pandas as pd

from forecasting.data.today import today
from forecasting.reporting.report_markdown import one_line, without_turns

#: A spreadsheet runs a cell that begins with one of these as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

_LATER_FORMULA = re.compile(r"([,;\t|])(?=[=+\-@＝＋－＠])")
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?")

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def csv_of(table: pd.DataFrame, *, title: str, link: str, sources: str, recency: str = "") -> bytes:
    """The table as UTF-8 CSV; comment lines above it say what it is, where it came from, how recent
    that is and how to get it again.
    """
    head = [
        f"# {title}",
        f"# Compute Forecast, {today().isoformat()}, {link}",
        f"# Sources: {sources}",
        *([f"# {recency}"] if recency else []),
    ]
    # A spreadsheet divides these lines too, by whichever sign it takes for the one between cells.
    lines = "\n".join(_LATER_FORMULA.sub(r"\1'", one_line(line)) for line in head)
    return lines.encode("utf-8") + b"\n" + guarded(table)


def guarded(table: pd.DataFrame) -> bytes:
    """The table alone as UTF-8 CSV, its text guarded against being run as formulas: the one writer
    of every CSV.
    """
    return guarded_frame(table).to_csv(index=False, lineterminator="\n").encode("utf-8")


def guarded_frame(table: pd.DataFrame) -> pd.DataFrame:
    """The table with names and text that no spreadsheet runs as a formula; numbers as they are."""
    types = pd.api.types
    text_columns = [
        name
        for name, kind in table.dtypes.items()
        if not types.is_numeric_dtype(kind) and not types.is_datetime64_any_dtype(kind)
    ]
    safe = table.assign(**{str(name): table[name].map(guard_cell) for name in text_columns})
    return safe.rename(columns=guard_cell)


def guard_cell(cell: object) -> object:
    """Text that a spreadsheet would run as a formula, made plain text by a leading apostrophe; a
    number that is written as text stays one.

    A carriage return becomes a line feed: the writer puts no quotes around it, so that what follows
    would begin a cell of its own.
    """
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    if cell.startswith(FORMULA_STARTS) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def without_controls(text: str) -> str:
    """Text without the control characters that XML has no place for, nor those that turn the
    direction of what follows; a tab becomes a space.
    """
    return without_turns(_CONTROLS.sub("", text.replace("\t", " ")))


def file_stem(*parts: str) -> str:
    """A file name from words: letters, digits and hyphens only."""
    joined = "-".join(parts).lower()
    clean = "".join(c if c.isascii() and c.isalnum() else "-" for c in joined)
    return "-".join(filter(None, clean.split("-")))[:80]


def short_amount(value: float) -> str:
    """An amount as file names have it: 40M, 13.3M, 600B, 6T, 1e26."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"), (1.0, "")):
        if size <= abs(value) < 1000 * size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}".replace("e+", "e")
