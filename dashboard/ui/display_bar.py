"""The one display bar of a page: bands, log axis, pin, link, reset, downloads."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from dashboard.escaping import escape_markdown
from dashboard.export import documents, exports, pictures
from dashboard.export.exports import PageExport
from dashboard.pages.registry import PAGES
from dashboard.server.settings import server_settings
from dashboard.state import own_data, session
from dashboard.state.page_state import PageState
from dashboard.store import Saved, StoreError, shared_links, sharing
from dashboard.ui.comparison import comparison
from dashboard.ui.controls import Controls
from dashboard.ui.copy_link import copy_link
from dashboard.ui.layout import PART, TABLE_PART

#: What Export offers: label, ending, media type, and what makes it.
FORMS: tuple[tuple[str, str, str, Callable[[PageExport], bytes]], ...] = (
    ("Memo (Word)", "docx", documents.DOCX, documents.docx_bytes),
    ("Memo (PDF)", "pdf", documents.PDF, documents.pdf_bytes),
    ("Excel", "xlsx", documents.XLSX, documents.xlsx_bytes),
    ("Chart as PNG", "png", "image/png", pictures.png_bytes),
    ("Chart as SVG", "svg", "image/svg+xml", pictures.svg_bytes),
    ("JSON", "json", "application/json", exports.json_of),
    ("Report (Markdown)", "md", "text/markdown", exports.report_bytes),
    ("Everything (zip)", "zip", documents.ZIP, documents.zip_bytes),
)
CHARTS = ("png", "svg")
#: Room for an answer of some lines and a chart, in pixels.
IFRAME_HEIGHT = 720


def display_bar(
    state: PageState[Any, Any],
    result: object | None,
    *,
    can_pin: bool = True,
    has_bands: bool = True,
    has_log: bool = True,
) -> None:
    """Draw the bar.

    Parameters
    ----------
    state : PageState
        The state of the page. What leaves the page is made from it when it is asked for, from all
        draws, whatever the page shows.
    result : object or None
        The result in view; without one there is nothing to export.
    can_pin : bool
        Whether the section compares pinned scenarios.
    has_bands, has_log : bool
        Whether its chart, where it has one, has bands or a log axis to choose.
    """
    # The address is known to this run, not to a download that comes after it.
    base = absolute_base(state)

    def shown() -> PageExport:
        return export_of(state, base)

    controls, has_chart = Controls(state), bool(state.section.figure)
    stem = exports.stem_of(PAGES[state.page], state.section, state.scenario)
    with st.container(horizontal=True, vertical_alignment="center", key="display-bar"):
        if has_chart and has_bands:
            controls.several("bands", ("50", "80", "95"), words="{}%".format)
        if has_chart and has_log:
            controls.toggle(
                "log",
                help_text=(
                    "Each step up the axis multiplies instead of adding: steady growth becomes a"
                    " straight line, and both cents and billions stay visible."
                ),
            )
        if can_pin:
            st.button(
                "Pin",
                icon=":material/push_pin:",
                on_click=session.pin,
                args=(state,),
                key=state.key("pin"),
                help=(
                    "Keep this scenario on the chart to compare with others, up to"
                    f" {session.MAX_PINS}."
                ),
                disabled=state.scenario in state.pins,
            )
        copy_link(absolute_link(state), note=_left_behind(state), key=state.key("link"))
        st.button(
            "Reset",
            icon=":material/restart_alt:",
            on_click=session.reset,
            args=(state,),
            key=state.key("reset"),
            help="Reset all inputs of this page to their defaults.",
        )
        if result is not None:
            st.download_button(
                "CSV",
                data=lambda: exports.table_csv(shown()),
                file_name=f"{stem}.csv",
                mime="text/csv",
                icon=":material/download:",
                key=state.key("csv"),
                on_click="ignore",
                help="The numbers of this page, as shown, with units and sources.",
            )
            _export(state, shown, stem, has_chart)
            _share(state, shown)


def export_of(state: PageState[Any, Any], base: str) -> PageExport:
    """What the page shows, for everything that leaves it; `base` is the dashboard's address."""
    page = PAGES[state.page]
    return exports.page_export(
        page,
        state.scenario,
        state.display,
        state.context,
        base=base,
        query=state.link,
        pins=state.pins,
    )


def _left_behind(state: PageState[Any, Any]) -> str:
    """What does not go with a plain link."""
    notes = []
    if sharing.keeps_runs(state):
        notes.append("Your runs are not in it: it opens the example. Share includes them.")
    if state.uses_own_law:
        notes.append(
            "It contains your law as coefficients; ranges and runs are included only by Share."
        )
    return " ".join(notes)


def _export(
    state: PageState[Any, Any],
    shown: Callable[[], PageExport],
    stem: str,
    has_chart: bool,
) -> None:
    """Other forms of the numbers, and how to cite them; made only while open."""
    with st.popover(
        "Export", icon=":material/ios_share:", key=state.key("export"), on_change="rerun"
    ) as opened:
        if not opened.open:
            return
        with st.container(horizontal=True):
            for label, ending, mime, made in FORMS:
                if ending in CHARTS and not has_chart:
                    continue
                st.download_button(
                    label,
                    data=partial(_made, made, shown),
                    file_name=f"{stem}.{ending}",
                    mime=mime,
                    key=state.key(f"export-{ending}"),
                    on_click="ignore",
                )
        st.caption("To cite:")
        st.code(exports.citation(shown()), language=None, wrap_lines=True)
        st.code(exports.bibtex(shown()), language=None, wrap_lines=True)


def _made(make: Callable[[PageExport], bytes], shown: Callable[[], PageExport]) -> bytes:
    """A file, made when it is asked for."""
    return make(shown())


def _share(state: PageState[Any, Any], shown: Callable[[], PageExport]) -> None:
    """A short link that keeps the numbers; says first what will be stored."""
    with st.popover(
        "Share", icon=":material/group_add:", key=state.key("share"), on_change="rerun"
    ) as opened:
        if opened.open:
            save_form(state, shown(), key="share-save")
            _iframe(state)


def _iframe(state: PageState[Any, Any]) -> None:
    """What shows answer and chart, or answer and table, on a page of one's own."""
    link = html.escape(f"{absolute_link(state)}&embed=true", quote=True)
    title = html.escape(f"{PAGES[state.page].menu_title}, {exports.PRODUCT}", quote=True)
    kinds = {"chart": f"{link}"} if state.section.figure else {}
    if state.section.numbers:
        kinds["table"] = f"{link}&amp;{PART}={TABLE_PART}"
    for kind, address in kinds.items():
        st.caption(f"To show answer and {kind} on your own page:")
        st.code(
            f'<iframe src="{address}" title="{title}" width="100%" height="{IFRAME_HEIGHT}"'
            ' style="border:0" loading="lazy"></iframe>',
            language=None,
            wrap_lines=True,
        )


def save_form(state: PageState[Any, Any], made: PageExport, *, key: str) -> None:
    """What a shared link of this page stores, and the button that saves it; then the link.

    Parameters
    ----------
    state : PageState
        The state of the page.
    made : PageExport
        What the page shows.
    key : str
        The button's, since a page may offer it in several places.
    """
    what = "the inputs of this page, its numbers, and the version of the data"
    if state.uses_own_law:
        what += ", **your cleaned runs and the law fitted to them** (the file itself is not kept)"
    elif sharing.keeps_runs(state):
        what += ", and **your cleaned runs** (the file itself is not kept)"
    days = shared_links().limits.retention_days
    st.markdown(
        f"Saves {what}. Anyone with the link can open it; it is kept for {days:g} days after it was"
        " last opened."
    )
    if warning := shared_links().quota.warning:
        st.warning(escape_markdown(warning))
    saved: Saved | None = st.session_state.get(_saved_key(state, made))
    if saved is None:
        st.button(
            "Save and get a link",
            type="primary",
            on_click=_save,
            args=(state, made),
            key=state.key(key),
        )
        if failure := st.session_state.pop("share:failure", None):
            st.error(escape_markdown(failure))
        return
    base = absolute_base(state)
    st.code(f"{base}/s/{saved.id}", language=None, wrap_lines=True)
    st.caption("To delete it later, keep this address. It is shown only to you, and only here:")
    st.code(
        f"{base}/s/{saved.id}/delete?token={saved.delete_token}", language=None, wrap_lines=True
    )


def _saved_key(state: PageState[Any, Any], shown: PageExport) -> str:
    held = own_data.own()
    return f"share:{state.page}:{state.link}:{hash(shown.answer)}:{id(held.runs)}:{id(held.law)}"


def _save(state: PageState[Any, Any], shown: PageExport) -> None:
    key = _saved_key(state, shown)
    # An attempt whose answer was lost may have saved it: the next one saves under the same id.
    saved: Saved = st.session_state.setdefault(f"{key}:tried", Saved())
    try:
        sharing.save(state, shown, saved)
    except StoreError as error:
        st.session_state["share:failure"] = str(error)
        return
    st.session_state[key] = saved
    if sharing.keeps_runs(state):
        own_data.note_share(saved.id)


def absolute_link(state: PageState[Any, Any]) -> str:
    """The whole address of a link to this state."""
    return f"{absolute_base(state)}/{PAGES[state.page].path}?{state.link}"


def absolute_base(state: PageState[Any, Any]) -> str:
    """The address of the dashboard itself, without a slash at its end: the public one where it is
    set, else where the browser is.
    """
    if public := server_settings().public_address:
        return public
    here = (st.context.url or "").split("?")[0].rstrip("/")
    return here.removesuffix(f"/{state.page}")


def pinned(state: PageState[Any, Any], names: list[str]) -> None:
    """The pins beside the page: what they are called, what differs, and how to take them away."""
    comparison(state, names)
