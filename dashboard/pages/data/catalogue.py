"""Data and methods: what are these numbers made of, how are they computed, and how are they
cited?
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
import streamlit as st

from dashboard.escaping import escape_markdown
from dashboard.export import exports
from dashboard.forecasts import forecast
from dashboard.pages.data import DataDisplay
from dashboard.pages.registry import PAGES
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import absolute_base, display_bar, export_of
from dashboard.ui.rest_of_page import first_part_ends
from forecasting.data.age import DAYS_ALLOWED, table_ages
from forecasting.data.today import today
from forecasting.reporting.data_age import age_words
from forecasting.reporting.data_catalogue import (
    ALL_TABLES,
    DataCatalogue,
    DataScenario,
    data_catalogue,
)
from forecasting.reporting.glossary import TERMS
from forecasting.reporting.methods import Method, documented
from forecasting.reporting.refresh_log import HEADINGS as LOG_HEADINGS
from forecasting.reporting.refresh_log import refresh_log

State = PageState[DataScenario, DataDisplay]
#: What the list shows; the download has more columns, and each table its doubts.
HEADINGS = {
    "title": "Table",
    "rows": "Rows",
    "as_of": "As of",
    "age": "Age",
    "rhythm": "Renewed",
    "newer_from": "Newer data from",
    "sources": "Sources",
    "licences": "Licences",
}


def show_tables(state: State) -> None:
    """Every table in a list, or one of them whole with its columns."""
    result: DataCatalogue = forecast(data_catalogue, state.scenario, state.context)
    layout.answer(result.answer, *result.lines)
    titles = {info.name: info.title for info in state.context.data.catalogue.values()} | {
        ALL_TABLES: "All tables"
    }
    Controls(state).select("table_name", words=titles.__getitem__)
    display_bar(state, result, can_pin=False)
    first_part_ends()
    if result.info is None:
        layout.table(_list(state, result), alt=result.answer, longest=len(result.table))
        st.caption(
            "Oldest first, and those that do not change last. A table is overdue when it is older"
            " than "
            + ", ".join(f"{days} days ({rhythm})" for rhythm, days in DAYS_ALLOWED.items())
            + "."
        )
        show_changes(state)
        return
    days: dict[str, Any] = {
        str(name): st.column_config.DateColumn()
        for name, kind in result.table.dtypes.items()
        if kind.kind == "M"
    }
    layout.grid(result.table, alt=result.answer, column_config=days)
    st.markdown("**Columns**")
    layout.table(result.columns, alt=f"Columns of {result.info.title}", longest=len(result.columns))
    if result.info.notes:
        st.markdown(f"**Known problems.** {escape_markdown(result.info.notes)}")
    st.markdown(
        "**Source, licence and date**\n\n"
        + "\n".join(f"- {line}" for line in layout.source_lines(state, [result.info.name]))
    )
    refresh = result.info.refresh
    st.markdown(f"**Newer data.** {refresh.page or escape_markdown(refresh.by_hand)}")


def _list(state: State, result: DataCatalogue) -> pd.DataFrame:
    """The list as it is shown: of tables that change also their age and where newer data come
    from.
    """
    ages = {
        age.table: f"{age_words(age.days)}{', overdue' if age.is_stale else ''}"
        for age in table_ages(state.context.data, on=today())
        if age.rhythm != "none"
    }
    shown = result.table.assign(
        age=[ages.get(name, "") for name in result.table["table"]],
        rhythm=result.table["rhythm"].replace("none", ""),
        newer_from=[
            (urlsplit(place).hostname or "by hand") if name in ages else ""
            for name, place in zip(result.table["table"], result.table["newer_from"], strict=True)
        ],
    )
    return shown[list(HEADINGS)].rename(columns=HEADINGS)


def show_changes(state: State) -> None:
    """What refreshes of the tables changed, and which figures moved with it."""
    log = refresh_log(state.context.data)
    if not log.changes:
        return
    st.markdown("**What updates of the tables changed, and which headline figures moved**")
    layout.table(
        log.table.rename(columns=LOG_HEADINGS), alt=" ".join(log.lines), longest=len(log.table)
    )


def methods() -> list[Method]:
    """The methods of all pages, each page's under its title."""
    return [
        documented(page.title, reference)
        for page in PAGES.values()
        for section in page.sections
        for reference in section.methods
    ]


def show_methods(_state: State) -> None:
    """Every formula with its meaning and source, as the code that computes it says them."""
    found = methods()
    layout.answer(
        f"The numbers rest on {len(found)} methods.",
        "Their formulas, meanings and sources are read from the code that computes them.",
    )
    for subject, group in groupby(found, key=lambda method: method.subject):
        with st.expander(
            subject, key=f"data.methods:{subject}", on_change="rerun", icon=":material/function:"
        ) as opened:
            if opened.open:
                for method in group:
                    show_method(method)


def show_method(method: Method) -> None:
    """One docstring: prose as prose, formulas in LaTeX set, other indented lines as they stand."""
    st.markdown(f"**{code_spans(method.title)}**")
    for kind, text in method.parts:
        if kind == "formula":
            st.latex(text)
        elif kind == "code":
            st.code(text, language=None, wrap_lines=True)
        else:
            st.markdown(code_spans(text))
    st.caption(escape_markdown(method.where))


def code_spans(text: str) -> str:
    """Our own prose with its code in backticks; everything else letter by letter."""
    parts = re.split(r"(`[^`]+`)", text.replace("\n\n", "\u0000"))
    safe = "".join(part if part.startswith("`") else escape_markdown(part) for part in parts)
    return safe.replace("\u0000", "\n\n")


def show_glossary(_state: State) -> None:
    """The terms of the pages with their meanings."""
    layout.answer("The terms used on these pages, each explained in a sentence or two.")
    first_part_ends()
    table = pd.DataFrame({"Term": [t.name for t in TERMS], "Meaning": [t.meaning for t in TERMS]})
    layout.table(table, alt="Terms and their meanings", longest=len(table))


def show_cite(state: State) -> None:
    """How to cite, what the product leaves out."""
    shown = export_of(state, absolute_base(state))
    layout.answer(
        "Cite the original source of the data along with this tool.",
        "Every page's Export gives a citation of that page with these inputs.",
    )
    first_part_ends()
    st.code(exports.citation(shown), language=None, wrap_lines=True)
    st.code(exports.bibtex(shown), language="bibtex", wrap_lines=True)
    st.markdown(
        "**What is left out**\n\n" + "\n".join(f"- {escape_markdown(line)}" for line in LEFT_OUT)
    )


LEFT_OUT = (
    (
        "Failed runs, experiments, staff and data are not in the cost of a model; energy is added"
        " for owned chips (rents include it)."
    ),
    "Volume discounts, export rules, delivery times and the price of memory alone.",
    (
        "The pace of algorithmic progress was measured on language models from 2012 to 2023 and is"
        " assumed to continue."
    ),
    (
        "Training compute of closed models is an estimate by Epoch AI; how far it may be off is"
        " part of the range."
    ),
    "Private data, images and synthetic text count as text only where a page's inputs say so.",
    "Scaling laws predict loss on the text they were fitted to, not what a model can do in use.",
    (
        "A benchmark score is compared with people who took the test; it does not measure general"
        " intelligence."
    ),
    "Physical limits, regulation, war, and anything else that may end a trend.",
)
