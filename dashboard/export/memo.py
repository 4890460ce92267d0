"""What a board memo says: question, answer, chart, table, assumptions, what moves the answer and
what would change it, sources. Word and PDF set the same memo.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from dashboard.export import exports
from dashboard.export.downloads import without_controls
from dashboard.export.exports import FINER_QUANTILES, PRODUCT, PageExport
from dashboard.export.pictures import WIDTH, drawing_of, heading_of, png_bytes
from dashboard.export.static.drawing import Drawing
from dashboard.forecasts import forecast
from forecasting.data.today import today
from forecasting.errors import ForecastingError
from forecasting.formatting import in_words
from forecasting.reporting.plan_report import counts, value_words
from forecasting.stats.distribution import Distribution
from forecasting.stats.range_level import range_heading, range_level

#: Rows and columns of the memo's table; Excel and CSV have all of them.
MAX_ROWS, MAX_COLUMNS = 10, 7
#: Inputs at their defaults that are named, and notes that are kept.
MAX_DEFAULTS, MAX_NOTES = 40, 6
#: Inputs that are no assumption.
TECHNICAL = ("seed", "draws")


@dataclass(frozen=True)
class Assumption:
    """An input in words, and why it is so."""

    label: str
    value: str
    why: str


@dataclass(frozen=True)
class Source:
    """A table with the links of its origin, its licences and its date."""

    title: str
    links: Sequence[tuple[str, str]]
    licences: str
    date: str


@dataclass(frozen=True, eq=False)
class Memo:
    """The content of a memo; see the parts' own words for what each holds."""

    shown: PageExport = field(repr=False)
    title: str
    question: str
    answer: str
    lines: Sequence[str]
    made: str
    link: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    table_note: str
    changed: Sequence[Assumption]
    unchanged: str
    notes: Sequence[str]
    what_moves: str
    what_changes: Sequence[str]
    sources: Sequence[Source]
    citation: str

    @property
    def stem(self) -> str:
        """The stem of its file's name."""
        return self.shown.stem

    @cached_property
    def drawing(self) -> Drawing | None:
        """The chart with its words; None where the section has none."""
        return drawing_of(self.shown, "light", WIDTH) if self.shown.has_figure else None

    @cached_property
    def png(self) -> bytes | None:
        """The same as PNG."""
        return png_bytes(self.shown, "light", WIDTH) if self.shown.has_figure else None


def memo_of(shown: PageExport) -> Memo:
    """The memo of what a page shows, its ranges at one level."""
    with range_level(shown.level):
        return _memo_of(shown)


def _memo_of(shown: PageExport) -> Memo:
    table, note = _table(shown)
    changed, unchanged = _assumptions(shown)
    day = today()
    return Memo(
        shown=shown,
        title=heading_of(shown),
        question=shown.page.question,
        answer=without_controls(shown.answer),
        lines=[without_controls(line) for line in shown.lines],
        made=f"{PRODUCT}, {day.day} {day:%B %Y}",
        link=shown.link,
        headings=[without_controls(str(name)) for name in table.columns],
        rows=[[_cell(cell) for cell in row] for row in table.itertuples(index=False)],
        table_note=note,
        changed=changed,
        unchanged=unchanged,
        notes=list(shown.section.notes_of(shown.result))[:MAX_NOTES],
        what_moves=_what_moves(shown),
        what_changes=_what_changes(shown),
        sources=[
            Source(
                source["title"],
                [(each["title"], each["path"] or "") for each in source["sources"]],
                ", ".join(source["licences"]),
                source["date"],
            )
            for source in shown.sources
        ],
        citation=exports.citation(shown),
    )


def _table(shown: PageExport) -> tuple[pd.DataFrame, str]:
    """The table in words, thinned to what a memo holds, and what is said below it."""
    table = shown.numbers
    if table is None:
        kept = [name for name in shown.table.columns if not str(name).endswith(FINER_QUANTILES)]
        table = shown.table[kept]
        for name in kept:
            if "year" in str(name).split("_") and pd.api.types.is_numeric_dtype(table[name]):
                years = table[name].map(lambda year: "" if pd.isna(year) else f"{year:.6g}")
                table = table.assign(**{name: years})
        table = table.rename(columns=lambda name: exports.heading(str(name)))
    rows, columns = table.shape
    note = f"In brackets: {range_heading()}s." if table.astype(str).apply(_has_range).any() else ""
    if rows > MAX_ROWS or columns > MAX_COLUMNS:
        note += " Excel and CSV hold all rows and columns."
    at = np.unique(np.linspace(0, max(rows - 1, 0), min(rows, MAX_ROWS)).round().astype(int))
    return table.iloc[at, :MAX_COLUMNS], note.strip()


def _has_range(column: pd.Series[str]) -> bool:
    return bool(column.str.contains(r"\(.*(?: to |–).*\)|likely ", regex=True).any())


def _cell(cell: object) -> str:
    if isinstance(cell, float):
        return "" if math.isnan(cell) else in_words(cell, 3)
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    given = exports.plain_value(cell)
    return "" if given is None else without_controls(str(given))


def _assumptions(shown: PageExport) -> tuple[list[Assumption], str]:
    """The inputs that were changed, each with its reason, and the others in one sentence."""
    changed, others = [], []
    for row, words in _inputs_that_count(shown):
        if row["is_default"]:
            others.append(f"{row['label']}: {words}")
        else:
            changed.append(Assumption(row["label"], words, row["why"]))
    named, more = others[:MAX_DEFAULTS], len(others) - MAX_DEFAULTS
    unchanged = "; ".join(named) + (f"; and {more} more" if more > 0 else "")
    return changed, f"At their defaults: {unchanged}." if others else ""


def _inputs_that_count(shown: PageExport) -> list[tuple[dict[str, Any], str]]:
    """The inputs that were chosen and count, each with its label in full and its value in words."""
    inputs, whole, found = shown.inputs, "", []
    for row in exports.rows_of_inputs(inputs):
        # “… reading prompts” goes on from the label before it.
        label = str(row["label"])
        if label.startswith("…"):
            row["label"] = label.replace("…", whole, 1)
        else:
            whole = label.split(":")[0]
        value = getattr(inputs, row["name"])
        if row["name"] not in TECHNICAL and value is not None and counts(row["name"], inputs):
            words = value if isinstance(value, str) else value_words(value, row["unit"])
            words = {True: "yes", False: "no"}[value] if isinstance(value, bool) else words
            words = ", ".join(map(str, value)) if isinstance(value, tuple) else words
            found.append((row, words))
    return found


def _what_moves(shown: PageExport) -> str:
    """Which inputs move the answer most, where the section knows."""
    function = shown.section.sensitivity
    if function is None:
        return ""
    try:
        found = forecast(function, shown.scenario, shown.context)
        return " ".join((exports.answer_of(found), *exports.lines_of(found)))
    except ForecastingError as error:
        return str(error)


def _what_changes(shown: PageExport) -> list[str]:
    """What would change the answer: inputs beyond their ranges, newer data, others' assumptions."""
    ranges = [
        f"{row['label']} ({words})"
        for row, words in _inputs_that_count(shown)
        if isinstance(value := getattr(shown.inputs, row["name"]), Distribution)
        and value.low < value.high
    ]
    lines = []
    if ranges:
        lines.append(
            "An outcome beyond the assumed range of these inputs, which make the answer's range:"
            f" {'; '.join(ranges)}."
        )
    if shown.sources:
        lines.append(
            f"Newer data: opening the link recomputes from the newest tables. {shown.recency}"
        )
    lines.append(
        "Any input: the link lets you change each; the workbook lists them with their reasons."
    )
    return lines
