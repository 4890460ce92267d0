"""What a page shows in the forms that travel: JSON, CSV, a Markdown report, a zip of all of them,
citations.

All of them are made from one `PageExport`, and that by `page_export` alone, for the page's buttons
as for the API, so that they cannot disagree.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import BaseModel

from dashboard.escaping import escape_bibtex
from dashboard.export.downloads import csv_of, file_stem, guarded, short_amount
from dashboard.forecasts import computable, forecast
from dashboard.pages.declaration import Page, Section
from dashboard.state.display import Display
from forecasting.context import Context, DataOrContext, context_of
from forecasting.data.age import data_as_of, stale_tables
from forecasting.data.catalogue import TableInfo
from forecasting.data.dataset import DataSet
from forecasting.data.today import today
from forecasting.errors import ForecastingError
from forecasting.formatting import in_words
from forecasting.reporting.data_age import recency
from forecasting.reporting.report_markdown import escape_report
from forecasting.scenario import Inputs, Scenario
from forecasting.stats.distribution import Distribution
from forecasting.stats.key_figures import key_figures
from forecasting.stats.range_level import level_of_bands, range_level

if TYPE_CHECKING:
    from dashboard.charts.figure import Figure

MAX_REPORT_ROWS = 60
#: Inputs that are years, in the order in which a file's name takes them.
YEARS = ("first_year", "last_year", "year", "until_year", "cut_off_year")
#: Inputs that a file's name leaves out where it names what was changed, and its longest word.
UNNAMED = (*YEARS, "draws", "seed")
MAX_NAME = 24
FINER_QUANTILES = ("_q2.5", "_q25", "_q75", "_q97.5")
PRODUCT = "Compute Forecast"
#: Publishers of data that are named beneath a chart.
EPOCH, MAX_MAKERS = "Epoch AI", 2
NO_SOURCES = "none; the numbers follow from the inputs alone"


@dataclass(frozen=True, eq=False)
class PageExport:
    """What one section of a page shows: its forecast's `result`, from which inputs and tables, how
    it is displayed and beside which pins, and the absolute `link` that opens it.
    """

    page: Page
    section: Section
    scenario: Scenario
    tables: DataSet = field(repr=False)
    result: Any = field(repr=False)
    link: str
    display: Display = field(default_factory=Display)
    pins: tuple[Scenario, ...] = ()
    context: Context = field(default_factory=context_of, repr=False)

    @property
    def title(self) -> str:
        """The page's title."""
        return self.page.title

    @property
    def inputs(self) -> Inputs:
        """What the forecast reads of the scenario."""
        return self.section.inputs.of(self.scenario)

    @property
    def level(self) -> float:
        """The level at which its ranges are written."""
        return level_of_bands(self.display.levels)

    @property
    def answer(self) -> str:
        """What the page says at its top, in one sentence."""
        with range_level(self.level):
            return answer_of(self.result)

    @property
    def lines(self) -> tuple[str, ...]:
        """What it says below, a fact a line."""
        with range_level(self.level):
            return lines_of(self.result)

    @property
    def numbers(self) -> pd.DataFrame | None:
        """The table in words, as the page shows it; None where the section has none."""
        with computable(), range_level(self.level):
            return self.section.numbers_of(self.result, self.pinned)

    @property
    def table(self) -> pd.DataFrame:
        """The numbers."""
        table: pd.DataFrame = self.result.table
        return table

    @cached_property
    def pinned(self) -> list[Any]:
        """The results of the pins; one that can't be computed is left out."""
        results = []
        for pin in self.pins:
            with contextlib.suppress(ForecastingError):
                results.append(forecast(self.section.forecast, pin, self.context))
        return results

    @cached_property
    def figure(self) -> Figure | None:
        """The chart as the page draws it; None where it has none. Raises ForecastingError where it
        can't be made for these inputs.
        """
        from dashboard.state.page_state import PageState  # which imports what shares an export

        state = PageState(self.scenario, self.display, self.pins, context=self.context)
        with computable(), range_level(self.level):
            return self.section.figure_of(state, self.result, self.pinned)

    @property
    def has_figure(self) -> bool:
        """Whether there is a chart for these inputs."""
        try:
            return self.figure is not None
        except ForecastingError:
            return False

    @property
    def figures(self) -> dict[str, dict[str, Any]]:
        """The key figures by name: value, 80% range and, where it is stated, unit."""
        return {
            name: (
                {"value": figure.value, "low": figure.low, "high": figure.high, "level": 0.8}
                | ({"unit": figure.unit} if figure.unit else {})
            )
            for name, figure in key_figures(self.result).items()
        }

    @property
    def stem(self) -> str:
        """The stem of its files' names."""
        return stem_of(self.page, self.section, self.scenario)

    @property
    def data_version(self) -> str:
        """The `d` of the page's links."""
        return self.tables.fingerprint(self.section.sources)

    @property
    def sources(self) -> list[dict[str, Any]]:
        """The tables that the forecast reads, each with title, links, licence and date."""
        infos = [self.tables.catalogue[name] for name in self.section.sources]
        return [
            {
                "table": info.name,
                "title": info.title,
                "sources": [
                    {"title": source.title, "path": source.path} for source in info.sources
                ],
                "licences": [licence.title for licence in info.licences],
                "date": str(info.date),
            }
            for info in infos
        ]

    @property
    def data_as_of(self) -> str | None:
        """The newest date of those tables: a year, month or day; None where it reads none."""
        return data_as_of(self.tables, self.section.sources)

    @property
    def stale(self) -> list[dict[str, str]]:
        """Those of the tables that are older than their rhythm today."""
        return stale_entries(self.tables, self.section.sources)

    @property
    def recency(self) -> str:
        """The same in words; none where it reads no tables."""
        return recency(self.tables, self.section.sources, today())

    @property
    def source_line(self) -> str:
        """The sources in one line."""
        named = (f"{source['title']} ({', '.join(source['licences'])})" for source in self.sources)
        return "; ".join(named) or NO_SOURCES

    @property
    def source_lines(self) -> list[str]:
        """The sources as lines of Markdown: title, links, licence and date; then how recent they
        are.
        """
        if not self.sources:
            return [NO_SOURCES]
        lines = []
        for source in self.sources:
            named = ", ".join(
                (
                    f"[{escape_report(each['title'])}]({each['path']})"
                    if each["path"]
                    else escape_report(each["title"])
                )
                for each in source["sources"]
            )
            lines.append(
                f"{escape_report(source['title'])}: {named};"
                f" {escape_report(', '.join(source['licences']))}; as of"
                f" {source['date']}."
            )
        return [*lines, escape_report(self.recency)]


def page_export(
    page: Page,
    scenario: Scenario,
    display: Display,
    data: DataOrContext,
    *,
    base: str,
    query: str,
    pins: Sequence[Scenario] = (),
) -> PageExport:
    """What a page shows in a state, computed in full; raises ForecastingError where it can't be.

    Parameters
    ----------
    page : Page
        The page's declaration.
    scenario, display : Scenario, Display
        The state: the inputs of the forecast, and what chooses the section.
    data : DataSet or Context
        What the forecast may read.
    base : str
        The absolute address of the dashboard, without a slash at its end.
    query : str
        The query of a link to the state.
    pins : sequence of Scenario
        What the chart shows beside it.
    """
    section, context = page.section(scenario, display), context_of(data)
    result = forecast(section.forecast, scenario, context)
    link = f"{base}/{page.path}?{query}"
    return PageExport(
        page, section, scenario, context.data, result, link, display, tuple(pins), context
    )


def stem_of(page: Page, section: Section, scenario: Scenario) -> str:
    """The stem of the names of a section's files: plan-2027-2029-40M has page or section, years,
    and the first amounts that differ from the defaults.
    """
    rows = rows_of_inputs(section.inputs.of(scenario))
    values = {row["name"]: row["value"] for row in rows}
    years = [name for name in YEARS if name in values]
    parts = [page.name]
    if section.export_name not in ("", page.name):
        parts.append(section.export_name)
    parts += [str(values[name]) for name in years[: 2 if "first_year" in years else 1]]
    changed = [row for row in rows if not row["is_default"] and row["name"] not in UNNAMED]
    changed.sort(key=lambda row: row["unit"] != "USD")
    words = [file_stem(row["value"]) for row in changed if isinstance(row["value"], str)]
    amounts = [
        short_amount(row["value"])
        for row in changed
        if isinstance(row["value"], int | float) and not isinstance(row["value"], bool)
    ]
    named = file_stem(*parts, *[word for word in words if len(word) <= MAX_NAME][:2])
    return "-".join([named, *amounts[:2]])


def stale_entries(tables: DataSet, names: Iterable[str]) -> list[dict[str, str]]:
    """Those of the tables that are older than their rhythm today, oldest first, as JSON has
    them.
    """
    return [
        {"table": age.table, "title": age.title, "date": age.date, "rhythm": age.rhythm}
        for age in stale_tables(data=tables, names=names)
    ]


def answer_of(result: Any) -> str:
    """What a page says at its top: the answer of a result in one sentence."""
    answer: str = result.answer
    return answer


def lines_of(result: Any) -> tuple[str, ...]:
    """What it says below the answer, a fact a line."""
    lines: tuple[str, ...] = result.lines
    return lines


def rows_of_inputs(inputs: Inputs) -> list[dict[str, Any]]:
    """Every one of these inputs: name, label, value, unit, why, and whether it is the default."""
    defaults = inputs.defaults()
    rows = []
    for name, info in type(inputs).model_fields.items():
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        value = getattr(inputs, name)
        rows.append(
            {
                "name": name,
                "label": info.description or name,
                "value": plain_value(value),
                "unit": extra.get("unit", ""),
                "why": extra.get("why", ""),
                "is_default": value == defaults[name],
            }
        )
    return rows


def json_of(shown: PageExport) -> bytes:
    """The whole of it as JSON; numbers to the last digit, infinite ones as the words Infinity and
    -Infinity.
    """
    return json.dumps(content(shown), ensure_ascii=False, allow_nan=False).encode("utf-8")


def content(shown: PageExport) -> dict[str, Any]:
    """What the JSON holds."""
    return {
        "product": PRODUCT,
        "page": shown.page.name,
        "section": shown.section.export_name,
        "title": shown.title,
        "answer": shown.answer,
        "answer_lines": list(shown.lines),
        "figures": {
            name: {key: plain_value(value) for key, value in figure.items()}
            for name, figure in shown.figures.items()
        },
        "columns": [str(name) for name in shown.table.columns],
        "rows": [
            [plain_value(cell) for cell in row]
            for row in shown.table.itertuples(index=False, name=None)
        ],
        "inputs": rows_of_inputs(shown.inputs),
        "scenario_version": shown.scenario.VERSION,
        "data_version": shown.data_version,
        "data_as_of": shown.data_as_of,
        "stale": shown.stale,
        "sources": shown.sources,
        "link": shown.link,
    }


def table_csv(shown: PageExport, *, comments: bool = True) -> bytes:
    """The table as CSV, with comment lines above it that say what it is and where it came from."""
    if not comments:
        return guarded(shown.table)
    return csv_of(
        shown.table,
        title=" ".join((shown.answer, *shown.lines)),
        link=shown.link,
        sources=shown.source_line,
        recency=shown.recency,
    )


def report_of(shown: PageExport, on: dt.date | None = None) -> str:
    """A report of a page or two in Markdown: the section's own, or answer, numbers, inputs, sources
    and how to cite.
    """
    if shown.section.report is not None:
        with range_level(shown.level):
            return shown.section.report(shown)
    day = on or today()
    rows = shown.table.head(MAX_REPORT_ROWS)
    # A page holds the middle and the 80% range; the finer quantiles are in the CSV.
    rows = rows[[name for name in rows.columns if not str(name).endswith(FINER_QUANTILES)]]
    lines = [
        f"# {escape_report(shown.title)}",
        "",
        escape_report(shown.answer),
        "",
        *(f"- {escape_report(line)}" for line in shown.lines),
        "",
        f"*{PRODUCT}, {day.isoformat()}. [Open this page]({shown.link}).*",
        "",
        "## Numbers",
        "",
    ]
    lines += _markdown_table(
        [heading(str(name)) for name in rows.columns],
        [[_cell(cell) for cell in row] for row in rows.itertuples(index=False)],
    )
    if len(shown.table) > len(rows):
        lines += ["", f"The first {len(rows)} of {len(shown.table)} rows; the CSV has them all."]
    lines += ["", "## Inputs", ""]
    changed = [
        [
            escape_report(str(row["label"])),
            _cell(row["value"]),
            escape_report(str(row["unit"])),
            "" if row["is_default"] else "changed",
            escape_report(str(row["why"])),
        ]
        for row in rows_of_inputs(shown.inputs)
    ]
    lines += _markdown_table(["Input", "Value", "Unit", "", "Why this default"], changed)
    lines += ["", "## Sources", ""]
    lines += [f"- {line}" for line in shown.source_lines]
    lines += [
        "",
        "## How to cite",
        "",
        citation(shown, day),
        "",
        "```bibtex",
        bibtex(shown, day),
        "```",
        "",
    ]
    return "\n".join(lines)


def report_bytes(shown: PageExport) -> bytes:
    """The report as a file."""
    return report_of(shown).encode("utf-8")


def credit_of(infos: Iterable[TableInfo]) -> str:
    """Who published these tables, Epoch AI first, with its licence."""
    makers = dict.fromkeys(
        source.title.split(",")[0].split(":")[0] for info in infos for source in info.sources
    )
    if not makers:
        return ""
    named = sorted(makers, key=lambda maker: not maker.startswith(EPOCH))[:MAX_MAKERS]
    words = ", ".join(f"{maker} (CC BY 4.0)" if maker == EPOCH else maker for maker in named)
    return f"Data: {words}{' and others' if len(makers) > len(named) else ''}."


def citation(shown: PageExport, on: dt.date | None = None) -> str:
    """A plain citation with link, data version and date."""
    day = on or today()
    return (
        f"{PRODUCT} ({day.year}). {shown.title}. {shown.link}, data version {shown.data_version},"
        f" accessed {day.isoformat()}."
    )


def bibtex(shown: PageExport, on: dt.date | None = None) -> str:
    """The same as a BibTeX entry."""
    day = on or today()
    key = f"computeforecast{day.year}{''.join(c for c in shown.page.name if c.isalnum())}"
    title, link = escape_bibtex(shown.title), escape_bibtex(shown.link)
    return (
        f"@misc{{{key},\n  title = {{{{{PRODUCT}: {title}}}}},\n  year = {{{day.year}}},\n "
        f" howpublished = {{{link}}},\n  note = {{Data version {shown.data_version}, accessed"
        f" {day.isoformat()}}}\n}}"
    )


def plain_value(value: Any) -> Any:
    """A cell or input as JSON takes it."""
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, bool | str | int):
        return value
    if isinstance(value, tuple | list):
        return [plain_value(part) for part in value]
    if isinstance(value, Distribution):
        return str(value)
    if isinstance(value, BaseModel):
        return {name: plain_value(part) for name, part in value}
    if isinstance(value, dt.date | pd.Timestamp):
        return value.isoformat()[:10]
    if hasattr(value, "item"):
        value = value.item()
        if not isinstance(value, float):
            return plain_value(value)
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return value if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")
    return str(value)


def _markdown_table(names: list[str], rows: list[list[str]]) -> list[str]:
    head = "| " + " | ".join(escape_report(name) for name in names) + " |"
    return [head, "|" + "---|" * len(names), *("| " + " | ".join(row) + " |" for row in rows)]


def heading(name: str) -> str:
    """A column's name in words; quantiles by the ends that they are."""
    for ending, words in (("_q10", ", 80% from"), ("_q90", ", to"), ("_q50", ", median")):
        name = name.removesuffix(ending) + (words if name.endswith(ending) else "")
    return name.replace("_", " ")


def _cell(value: Any) -> str:
    if isinstance(value, float) and math.isfinite(value) and not isinstance(value, bool):
        return in_words(value, 4)
    given = plain_value(value)
    return "" if given is None else escape_report(str(given))
