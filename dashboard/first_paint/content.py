"""What a page says at first sight of an address: the scenario, forecast, sentences and chart of the
live page, from few draws where the scenario was not computed yet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pandas as pd

from dashboard import links
from dashboard.charts.sparkline import sparkline
from dashboard.export.exports import PageExport, credit_of
from dashboard.export.pictures import scenario_line
from dashboard.forecasts import computable
from dashboard.links import Opened, Pairs
from dashboard.pages.declaration import Page, Section
from dashboard.pages.registry import PAGES
from dashboard.state.display import Display
from dashboard.state.page_state import PageState
from dashboard.store import StoreError, shared_links, shared_runs, sharing
from dashboard.ui.layout import MAX_LINES
from dashboard.ui.page_title import page_title
from dashboard.ui.progressive import FEW_DRAWS, counted, quick
from forecasting.context import Context
from forecasting.data.dataset import bundled
from forecasting.data.result_cache import ResultCache
from forecasting.data.today import today
from forecasting.errors import ForecastingError
from forecasting.reporting.data_age import recency
from forecasting.reporting.overview import Overview
from forecasting.scenario import Scenario

if TYPE_CHECKING:
    from dashboard.first_paint.chart_svg import InlineChart

#: First paints that are kept for each data set, the ones used last.
MAX_CACHED = 128
#: Rows of the table in words.
MAX_ROWS = 24


@dataclass(frozen=True)
class Source:
    """A table that the forecast reads: its title, its origins with their addresses, licences and
    date.
    """

    title: str
    origins: Sequence[tuple[str, str]]
    licences: str
    date: str


@dataclass(frozen=True)
class Card:
    """A key figure: its name, what it is, its value and range in words, a small chart as SVG, the
    page and query that show more, and how far its data go.
    """

    name: str
    about: str
    words: str
    range_words: str
    svg: str = field(repr=False)
    page: Page
    query: str
    data_to: str


@dataclass(frozen=True)
class FirstPaint:
    """One page in one state, in words and charts.

    Parameters
    ----------
    page, section : Page, Section
        The page, and the section in view.
    query : str
        The query of a link to the state; empty at the page's defaults.
    title : str
        The title of the state in the browser's tab.
    recency : str
        How far its data go.
    notices : sequence of str
        What could not be used of the link, and what has changed since it was made.
    answer : str
        The answer with its range; empty where there is none.
    lines : sequence of str
        What stands below it in the same box, a fact a line.
    problem : str
        Why there is no answer.
    inputs : str
        The inputs that differ from their defaults, in one line.
    rough : str
        That the numbers are from few draws; empty where they are not.
    chart : InlineChart or None
        The chart.
    cards : sequence of Card
        Key figures that stand below the answer.
    numbers : DataFrame or None
        The table in words.
    credit : str
        Who published the data.
    sources : sequence of Source
        What the forecast reads.
    is_private : bool
        Whether it holds what somebody shared: no cache keeps it, no search engine lists it.
    is_pending : bool
        Whether the answer is still being computed.
    """

    page: Page
    section: Section
    query: str = ""
    title: str = ""
    recency: str = ""
    notices: Sequence[str] = ()
    answer: str = ""
    lines: Sequence[str] = ()
    problem: str = ""
    inputs: str = ""
    rough: str = ""
    chart: InlineChart | None = None
    cards: Sequence[Card] = ()
    numbers: pd.DataFrame | None = field(default=None, repr=False)
    credit: str = ""
    sources: Sequence[Source] = ()
    is_private: bool = False
    is_pending: bool = False


def first_paint(page: Page, pairs: Pairs) -> FirstPaint:
    """What the page says for this query; computes at most one forecast, and its pins."""
    opened, notices = _opened(page, pairs)
    pending = _without_answer(page, opened, notices)
    tables = bundled()
    try:
        with computable():
            context = shared_runs.with_stored_laws(tables, (opened.scenario, *opened.pins))
            estimate = quick(pending.section.forecast, opened.scenario, context)
    except ForecastingError as error:
        return replace(pending, problem=str(error), is_pending=False)
    cache = context.results.get("first paints", lambda: ResultCache(MAX_CACHED))
    key = (page.name, opened.scenario, opened.display, opened.pins, estimate.is_rough, today())
    paint = cache.get(
        key, lambda: _answered(pending, opened, context, estimate.result, estimate.is_rough)
    )
    return replace(paint, notices=notices, is_private=pending.is_private)


def awaited(page: Page, pairs: Pairs) -> FirstPaint:
    """The same without the answer, for when that takes too long; computes nothing."""
    opened, notices = _opened(page, pairs)
    return _without_answer(page, opened, notices)


def _opened(page: Page, pairs: Pairs) -> tuple[Opened[Scenario, Display], tuple[str, ...]]:
    """The link as the live page opens it, and what that says of it."""
    pairs, left_out = links.limited(pairs)
    tables = bundled()
    opened: Opened[Scenario, Display] = links.open_link(pairs, page.scenario, page.display, tables)
    notices = links.warning_lines((*opened.warnings, *left_out))
    if opened.shared_id:
        notices += _of_share(page, opened)
    elif opened.tables_changed:
        notices.append(
            "The tables behind this page have changed since this link was made: the numbers are"
            " recomputed from today's tables."
        )
    return opened, tuple(notices)


def _of_share(page: Page, opened: Opened[Scenario, Display]) -> list[str]:
    """What a shared link kept, where the address is still the state that it was saved for."""
    try:
        share = shared_links().open(opened.shared_id)
    except StoreError as error:
        return [str(error)]
    then = links.open_link(links.parse_query(share.query), page.scenario, page.display, bundled())
    if share.page != page.name or then.scenario != opened.scenario:
        return []
    made_on = dt.datetime.fromtimestamp(share.created_at, dt.UTC).date().isoformat()
    lacking = sharing.left_behind(share)
    return [f"Shared on {made_on}: {share.answer}", *([lacking] if lacking else [])]


def _without_answer(
    page: Page, opened: Opened[Scenario, Display], notices: Sequence[str]
) -> FirstPaint:
    section = page.section(opened.scenario, opened.display)
    is_default = (
        not opened.pins and opened.scenario == page.scenario() and opened.display == page.display()
    )
    query = links.pairs_of(opened.scenario, opened.display, opened.pins, tables=bundled())
    return FirstPaint(
        page,
        section,
        query="" if is_default else links.text_of(query),
        title=page_title(page, PageState(opened.scenario, opened.display, opened.pins)),
        recency=recency(bundled(), section.sources, today()),
        notices=notices,
        is_private=bool(opened.shared_id) or links.is_private(query),
        is_pending=True,
    )


def _answered(
    pending: FirstPaint,
    opened: Opened[Scenario, Display],
    context: Context,
    result: object,
    is_rough: bool,
) -> FirstPaint:
    """The answer with its chart and table."""
    from dashboard.first_paint.chart_svg import inline_chart  # draws: not for the start

    shown = PageExport(
        pending.page,
        pending.section,
        opened.scenario,
        context.data,
        result,
        pending.query,
        opened.display,
        opened.pins,
        context,
    )
    figure = shown.figure if shown.has_figure else None
    inputs = "" if not pending.query else scenario_line(shown)
    cards = _cards(result)
    count_name, count = counted(pending.section.forecast, opened.scenario)
    numbers = shown.numbers
    return replace(
        pending,
        answer=shown.answer,
        # Where there are cards, they say the same.
        lines=() if cards else shown.lines[:MAX_LINES],
        inputs=inputs,
        rough=(
            f"From {FEW_DRAWS} {count_name}; the page computes all {count:,}." if is_rough else ""
        ),
        chart=None if figure is None else inline_chart(figure, about=shown.answer),
        cards=cards,
        numbers=None if numbers is None else numbers.head(MAX_ROWS),
        credit=credit_of([context.data.catalogue[name] for name in pending.section.sources]),
        sources=[
            Source(
                source["title"],
                [(each["title"], each["path"] or "") for each in source["sources"]],
                ", ".join(source["licences"]),
                source["date"],
            )
            for source in shown.sources
        ],
        is_pending=False,
    )


def _cards(result: object) -> list[Card]:
    if not isinstance(result, Overview):
        return []
    cards = []
    for law in result.laws:
        page = PAGES[law.scenario.NAME]
        cards.append(
            Card(
                law.name,
                law.about,
                law.words,
                law.range_words,
                sparkline(law, law.full_answer),
                page,
                links.query_of(law.scenario, page.display(**law.display)),
                law.data_to,
            )
        )
    return cards
