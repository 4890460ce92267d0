"""The parts that every page has, in their order: question, answer, controls, chart, numbers,
method; and how errors are said.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any

import pandas as pd
import pyarrow as pa
import streamlit as st

from dashboard.charts.figure import Figure
from dashboard.charts.style import toolbar
from dashboard.escaping import escape_markdown
from dashboard.export import exports
from dashboard.export.downloads import guarded_frame
from dashboard.forecasts import R, computable, forecast, is_ready
from dashboard.links import warning_lines
from dashboard.state import own_data, own_in_pages
from dashboard.state.page_state import PageState
from dashboard.store import sharing
from dashboard.ui.chart_element import plotly_chart
from dashboard.ui.navigation import pages
from dashboard.ui.rest_of_page import below_when_live
from forecasting.data.catalogue import TableInfo
from forecasting.data.dataset import bundled
from forecasting.data.today import today
from forecasting.errors import ForecastingError
from forecasting.fitting.law_choice import YOURS
from forecasting.formatting import significant
from forecasting.reporting import data_age
from forecasting.reporting.evaluation_answers import coverage_words
from forecasting.reporting.glossary import explained
from forecasting.trends.trend import Kind

#: Lines of text, or what makes them where they are not always shown.
Lines = Sequence[str] | Callable[[], Sequence[str]]

_DAY = re.compile(r"\d{4}-\d\d(-\d\d)?")

#: What of a page an iframe shows: `part=table` its numbers.
PART, TABLE_PART = "part", "table"

#: A plain table of more rows would push the rest of the page away.
MAX_PLAIN_TABLE_ROWS = 24

#: Parts of a page that stay in an iframe carry a key that begins with “embedded”.
EMBEDDED_STYLE = """<style>
.stAppHeader, .stSidebar { display: none; }
.stMainBlockContainer { padding: 0.5rem 0.75rem 0 !important; }
.stMainBlockContainer :is(.stVerticalBlock, .stHorizontalBlock) > :not(
  :has([class*="st-key-embedded"]), [class*="st-key-embedded"], [class*="st-key-embedded"] *
) { display: none; }
</style>"""


def question(title: str, text: str) -> None:
    """The page's name and the question that it answers, with the meaning of its terms."""
    st.title(title, anchor=False)
    st.markdown(f"**{escape_markdown(text)}**", help=explained(title, text) or None)


def recency(state: PageState[Any, Any]) -> None:
    """How far the data behind the section in view go, what of them is older than it should be, and
    whether the server has newer ones than this session.
    """
    words = recency_words(state)
    if own_data.own().tables is not bundled():
        words += " Newer tables have arrived since this page was opened: reload it to use them."
    if words:
        st.caption(f":material/schedule: {words.lstrip()}")


def recency_words(state: PageState[Any, Any]) -> str:
    """The same as Markdown; no words where the section reads no tables."""
    names = state.section.sources
    return escape_markdown(data_age.recency(state.context.data, names, today()))


def notices(state: PageState[Any, Any], *, without_law: str = "") -> None:
    """What could not be used of a link or an input, whether the tables have changed since, and
    whether the law is one's own.

    `without_law` says what the part in view shows instead, where a law in use everywhere is not
    used.
    """
    if state.warnings:
        st.warning(
            "\n\n".join(escape_markdown(line) for line in warning_lines(state.warnings)),
            icon=":material/warning:",
        )
    then_and_now(state)
    if state.tables_changed:
        st.info(
            "The tables behind this page have changed since this link was made: the numbers are"
            " recomputed from today's tables.",
            icon=":material/update:",
        )
    own = state.context.laws.get(YOURS)
    if own is not None and without_law:
        st.caption(f":material/person: Your law is in use elsewhere; {without_law}.")
    elif own is not None and state.uses_own_law:
        _yours(
            own.note,
            own_in_pages.drop_own_law,
            (),
            key=state.key("drop-own-law"),
            why="Return every page to the law that it used before.",
        )
    doubted = (
        own
        if state.uses_own_law and not without_law
        else state.context.laws.get(getattr(state.scenario, "law", ""))
    )
    if doubted is not None and doubted.warning and not without_law:
        _doubt(doubted.warning)
    held = own_data.own()
    for name in held.frames:
        if name in state.section.sources:
            note = (
                "This page uses the newer table that you gave in place of"
                f" “{state.context.data.catalogue[name].title}”."
            )
            _yours(
                note,
                own_data.drop_frame,
                (name,),
                key=state.key(f"drop-{name}"),
                why="Back to the bundled table.",
            )
    if held.prices is not None and {"chip_rental_prices", own_data.TOKEN_PRICES} & set(
        state.section.sources
    ):
        _yours(
            held.prices.answer,
            own_data.drop_prices,
            (),
            key=state.key("drop-prices"),
            why="Back to the market's prices.",
        )


def _yours(
    note: str, drop: Callable[..., None], args: tuple[Any, ...], *, key: str, why: str
) -> None:
    """What of the user's own this page uses, with the way back."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":violet-badge[:material/person: Your data] {escape_markdown(note)}", width="stretch"
        )
        st.button("Undo", icon=":material/undo:", on_click=drop, args=args, key=key, help=why)


def _doubt(warning: str) -> None:
    """The gravest warning of the law in use, with the page where all of them stand."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":orange-badge[:material/warning: Needs care] {escape_markdown(warning)}",
            width="stretch",
        )
        st.page_link(pages()["runs"], label="Why: Your runs", icon=":material/arrow_forward:")


@contextmanager
def _visible_when_embedded(*name: str) -> Iterator[None]:
    """Inside an iframe (`?embed=true`) only these parts of a page are shown; see EMBEDDED_STYLE."""
    if not st.context.is_embedded:
        yield
        return
    run = st.session_state.get("embedded:parts", 0)
    st.session_state["embedded:parts"] = run + 1
    with st.container(key="-".join(("embedded", *name, str(run)))):
        yield


def hide_unembedded_parts() -> None:
    """In an iframe, hide what is not answer, chart or source; they are still there for the state of
    the page.
    """
    if st.context.is_embedded:
        st.session_state["embedded:parts"] = 0
        st.html(EMBEDDED_STYLE)


def then_and_now(state: PageState[Any, Any]) -> None:
    """What a shared link kept, where the tables or the model have changed since."""
    if state.share is None:
        return
    made_on = dt.datetime.fromtimestamp(state.share.created_at, dt.UTC).date().isoformat()
    changed = sharing.has_changed(state)
    if lacking := sharing.left_behind(state.share):
        st.warning(escape_markdown(lacking), icon=":material/warning:")
        changed = changed or ["the data behind it"]
    if not changed:
        st.caption(f"Shared on {made_on}. Tables and model are the same today.")
        return
    try:
        said, kept = sharing.then(state.share)
    except ForecastingError as error:
        st.warning(escape_markdown(str(error)), icon=":material/warning:")
        return
    st.info(
        f"Since this link was shared on {made_on}, {' and '.join(changed)} changed. **Then:**"
        f" {escape_markdown(said)} **Now:** see below."
    )
    with st.expander("The numbers then", key=state.key("then"), on_change="rerun") as opened:
        if opened.open:
            table(kept, alt=f"The numbers as shared on {made_on}")


def answered(
    state: PageState[Any, Any],
    function: Callable[..., R],
    more: Callable[[R], Sequence[str]] = lambda _: (),
) -> R | None:
    """The forecast for the page's scenario, with its answer and lines said (and `more` lines, as
    far as there is place); None, and a sentence, where it can't be made.
    """
    with error_boundary():
        with progress(is_ready(function, state.scenario, state.context)):
            result = forecast(function, state.scenario, state.context)
        answer(exports.answer_of(result), *exports.lines_of(result), *more(result))
        return result
    return None


@contextmanager
def progress(is_ready: bool, words: str = "Computing …") -> Iterator[None]:
    """Where the answer will stand, say that it is being computed, once that has taken half a
    second. Nothing is said where the result `is_ready`; the place is kept all the same, so that
    what follows stays where it is.
    """
    place = st.empty()
    if is_ready:
        yield
        return
    with place, st.spinner(words):
        yield


#: Lines below an answer.
MAX_LINES = 3


def answer(sentence: str, *lines: str) -> None:
    """The answer in one sentence, above everything that explains it, and up to MAX_LINES lines
    below it, one fact each.
    """
    said = [f"**{escape_markdown(sentence)}**", *map(escape_markdown, lines[:MAX_LINES])]
    with _visible_when_embedded("answer"):
        st.info("\n\n".join(said), icon=":material/insights:")


def error_boundary() -> AbstractContextManager[None, bool]:
    """An error of the engine becomes a sentence in its place; the rest of the page stays."""
    return _ErrorBoundary()


class _ErrorBoundary(AbstractContextManager[None, bool]):
    """A class, not a generator: type checkers then know that an error may end here."""

    def __enter__(self) -> None:
        self._computation = computable()
        self._computation.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        try:
            self._computation.__exit__(kind, error, traceback)
        except ForecastingError as problem:
            error = problem
        if not isinstance(error, ForecastingError):
            return False
        st.error(escape_markdown(str(error)), icon=":material/error:")
        return True


def chart(state: PageState[Any, Any], figure: Figure, *, key: str, alt: str, name: str) -> None:
    """A chart with a stable key; `alt` is the answer sentence, `name` the stem of a downloaded
    image's file name.
    """
    config = toolbar(name, state.display.image)
    if embeds_table():
        plotly_chart(figure, key=key, alt=alt, config=config)
        with _visible_when_embedded("source", key):
            _embedded_source(state)
        return
    with below_when_live() as tell_live, _visible_when_embedded("chart", key):
        plotly_chart(figure, key=key, alt=alt, config=config, tell_live=tell_live)
        _embedded_source(state)


def embeds_table() -> bool:
    """Whether this is an iframe that shows the numbers in place of the chart: `embed=true` with
    `part=table`. The address loses the parameter once the page writes it; the session does not.
    """
    if not st.context.is_embedded:
        return False
    part = st.query_params.get(PART)
    if part is not None:
        st.session_state["embedded:part"] = part
    return st.session_state.get("embedded:part") == TABLE_PART


def _embedded_source(state: PageState[Any, Any]) -> None:
    """In an iframe: whose numbers these are, from whose data of when, with the link."""
    if st.context.is_embedded:
        base = (st.context.url or "").split("?")[0]
        st.caption(
            f"Source: [Compute Forecast]({base}?{state.link}){from_tables(state)}."
            f" {credit(state)} {recency_words(state)}"
        )


def credit(state: PageState[Any, Any]) -> str:
    """Who published the tables that the section reads, Epoch AI first, and their licences."""
    infos = [state.context.data.catalogue[name] for name in state.section.sources]
    return escape_markdown(exports.credit_of(infos))


def from_tables(state: PageState[Any, Any]) -> str:
    """The first tables that the forecast in view reads, and how many more; no words where it reads
    none.
    """
    first, more = state.section.sources[:3], len(state.section.sources) - 3
    if not first:
        return ""
    titles = ", ".join(state.context.data.catalogue[name].title for name in first)
    return f", from {escape_markdown(titles)}{f' and {more} more tables' if more > 0 else ''}"


def coverage(state: PageState[Any, Any], method: str, kind: Kind) -> None:
    """How often bands of this method have held where the outcome is known, beside a band for a new
    point or for the trend.
    """
    st.caption(escape_markdown(coverage_words(method, kind, state.context.data)))


def table(frame: pd.DataFrame, *, alt: str, longest: int = MAX_PLAIN_TABLE_ROWS) -> None:
    """Numbers in words. A table of some rows wraps its words, so that nothing is cut off; a long
    one scrolls in a grid of its own.
    """
    if len(frame) > longest:
        grid(frame, alt=alt)
    else:
        worded_table(in_words(frame), alt=alt)


def in_words(frame: pd.DataFrame) -> pa.Table:
    """The table in words as a browser gets it, for `worded_table`."""
    return pa.Table.from_pandas(frame.map(_cell).rename(columns=escape_markdown))


def worded_table(words: pa.Table, *, alt: str) -> None:
    """A table that was put into words before."""
    st.table(words, hide_index=True, alt=alt, border="horizontal")


def grid(frame: pd.DataFrame, *, alt: str, column_config: dict[str, Any] | None = None) -> None:
    """Numbers in a grid that scrolls, whose own download and what is copied from it a spreadsheet
    cannot run either.
    """
    st.dataframe(guarded_frame(frame), hide_index=True, alt=alt, column_config=column_config)


def _cell(value: object) -> str:
    if isinstance(value, str):
        return escape_markdown(
            _DAY.sub(lambda day: day.group().replace("-", "\N{NON-BREAKING HYPHEN}"), value)
        )
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return escape_markdown(
        f"{value:,}"
        if isinstance(value, int)
        else significant(value, 4)
        if isinstance(value, float)
        else str(value)
    )


def numbers(
    made: Callable[[], pd.DataFrame],
    *,
    key: str,
    alt: str,
    is_open: bool = False,
    note: str = "",
    title: str = "The numbers",
) -> None:
    """The numbers as a table, with a note on how to read it; made and sent only while open. In an
    iframe that asks for them they stand for the chart.
    """
    if embeds_table():
        with _visible_when_embedded("table"):
            table(made(), alt=alt)
            if note:
                st.caption(escape_markdown(note))
        return
    with st.expander(
        title, expanded=is_open, key=key, on_change="rerun", icon=":material/table_rows:"
    ) as opened:
        if opened.open:
            table(made(), alt=alt)
            if note:
                st.caption(escape_markdown(note))


def method(formulas: Sequence[tuple[str, str]], notes: Lines, sources: Lines, key: str) -> None:
    """How the numbers are made: formulas with their meaning, what is assumed and left out, sources,
    and what the terms of these mean. Made and sent only while open.
    """
    with st.expander(
        "Method, assumptions and sources", key=key, on_change="rerun", icon=":material/function:"
    ) as opened:
        if not opened.open:
            return
        for formula, meaning in formulas:
            st.latex(formula)
            st.caption(escape_markdown(meaning))
        assumed, read = (lines() if callable(lines) else lines for lines in (notes, sources))
        st.markdown("\n".join(f"- {escape_markdown(note)}" for note in assumed))
        st.markdown("**Sources**\n\n" + "\n".join(f"- {source}" for source in read))
        terms = explained(*(words for formula in formulas for words in formula), *assumed)
        if terms:
            st.markdown("**Terms**\n\n" + terms)


def licences(info: TableInfo) -> str:
    """The licences of a table in words."""
    return ", ".join(licence.title for licence in info.licences)


def source_lines(state: PageState[Any, Any], names: Iterable[str]) -> list[str]:
    """Each table with its source, licence and date, from the catalogue."""
    lines = []
    for name in names:
        info = state.context.data.catalogue[name]
        links = ", ".join(
            (
                f"[{escape_markdown(source.title)}]({source.path})"
                if source.path
                else escape_markdown(source.title)
            )
            for source in info.sources
        )
        lines.append(
            f"{escape_markdown(info.title)}: {links}; {escape_markdown(licences(info))}; as of"
            f" {info.date}."
        )
    return lines
