"""The one display bar of a page: bands, log axis, image format, pin, link, reset, download."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dashboard import session
from dashboard.controls import Controls
from dashboard.downloads import csv_of
from dashboard.layout import licences
from dashboard.session import PageState


def display_bar(
    state: PageState[Any, Any],
    *,
    table: pd.DataFrame | None,
    title: str,
    stem: str,
    can_pin: bool = True,
    has_bands: bool = True,
    has_log: bool = True,
) -> None:
    """Draw the bar. `table` is what *Download* gives, the numbers on screen; a chart without bands or log axis needs no such choice."""
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom", key="display-bar"):
        if has_bands:
            controls.several("bands", ("50", "80", "95"), words="{}%".format)
        controls.segmented("image", words=str.upper)
        if has_log:
            controls.toggle(
                "log",
                help_text="Each step up the axis multiplies instead of adding: steady growth becomes a straight line, and both cents and "
                "billions stay visible.",
            )
        if can_pin:
            st.button(
                "Pin",
                icon=":material/push_pin:",
                on_click=session.pin,
                args=(state,),
                key=state.key("pin"),
                help=f"Keep this scenario on the chart to compare with others, up to {session.MOST_PINS}.",
                disabled=state.scenario in state.pins,
            )
        with st.popover("Copy link", icon=":material/link:", key=state.key("link")):
            st.caption("Opens this page with these inputs.")
            if state.uses_own_law:
                st.caption("Your law goes with it as coefficients: ranges and runs travel only by Share.")
            st.code(absolute_link(state), language=None, wrap_lines=True)
        st.button(
            "Reset",
            icon=":material/restart_alt:",
            on_click=session.reset,
            args=(state,),
            key=state.key("reset"),
            help="All inputs of this page back to their defaults.",
        )
        if table is not None:
            st.download_button(
                "CSV",
                data=lambda: csv_of(table, title=title, link=absolute_link(state), sources=_sources(state)),
                file_name=f"{stem}.csv",
                mime="text/csv",
                icon=":material/download:",
                key=state.key("csv"),
                on_click="ignore",
                help="The numbers of this page, as shown, with units and sources.",
            )


def absolute_link(state: PageState[Any, Any]) -> str:
    """The whole address of a link to this state."""
    here = (st.context.url or "").split("?")[0].rstrip("/")
    base = here.removesuffix(f"/{state.page}")
    return f"{base}/{state.page}?{state.link()}"


def pinned(state: PageState[Any, Any], names: list[str]) -> None:
    """The pins, each with a button that takes it away."""
    if not state.pins:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        for number, name in enumerate(names):
            st.button(
                f"Pin {number + 1}: {name}",
                icon=":material/close:",
                on_click=session.unpin,
                args=(state, number),
                key=state.key(f"unpin{number}"),
                help="Take this pin away.",
            )


def _sources(state: PageState[Any, Any]) -> str:
    infos = [state.tables.catalogue[name] for name in state.scenario.TABLES]
    return "; ".join(f"{info.title} ({licences(info)})" for info in infos)
