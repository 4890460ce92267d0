"""Getting own runs in: drop, paste, the example; progress of a long reading and its end on a click;
and what is told when a reload has lost them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard.escaping import escape_markdown
from dashboard.pages.runs import intake as run_intake
from dashboard.pages.runs.own_tables import show_own_tables
from dashboard.pages.runs.reading_form import show_intake
from dashboard.state import own_data
from dashboard.state.page_state import PageState
from dashboard.ui import session_marker
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import absolute_base, export_of, save_form
from forecasting.ingest.csv_bytes import MIB
from forecasting.ingest.own_prices import TEMPLATE as PRICES_TEMPLATE
from forecasting.user_runs.own_runs import EXAMPLE_TITLES

TEMPLATE = (
    "# One row per run. Two of params, tokens and training_flop are enough (C = 6·N·D). Suffixes"
    " such as 7B and 1.4T are read.\n"
    "run,group,params,tokens,training_flop,loss,unique_tokens,date,cost_usd\n"
    "example-70M,dense,70M,1.4B,,3.61,,2025-01-31,\n"
    "example-160M,dense,160M,3.2B,,3.29,,2025-02-03,\n"
    "example-1B,dense,1B,20B,,2.71,,2025-02-11,410\n"
)
PASTE_HINT = "params,tokens,loss\n70M,1.4B,3.61\n160M,3.2B,3.29"
MAX_FILES = 200
#: From this size on progress is shown, with a way to stop.
LONG_READING_BYTES = 4 * MIB
#: Seconds between two looks at the progress: at each, a click on Stop takes effect.
PROGRESS_SECONDS = 0.2
#: Seconds of reading after which the time left can be told.
SETTLED_SECONDS = 0.5
_GENERATION, _STOPPED = "runs:uploader", "runs:stopped"


def show_getting_runs(state: PageState[Any, Any]) -> None:
    """Drop, paste, or the example; then what came in."""
    taken, runs = run_intake.intake(), own_data.own().runs
    with st.container(border=True):
        uploads = st.file_uploader(
            "Drop your runs as CSV, Excel, Parquet or JSON: a table, a log, or an export of Weights"
            " & Biases, MLflow or TensorBoard. Your prices and newer tables from Epoch AI work,"
            " too",
            accept_multiple_files=True,
            key=f"runs.file.{st.session_state.get(_GENERATION, 0)}",
            help=(
                "Any separator, encoding and decimal sign; gzip and ZIP too. Up to 256 MB. It stays"
                " in this server's memory for this session only; nothing of it is written to a disk"
                " or to a link."
            ),
        )
        if uploads:
            take_uploads(uploads)
            del uploads
            st.rerun()
        if stopped := st.session_state.pop(_STOPPED, None):
            kept = "The earlier runs stay." if runs is not None else "Nothing was used from it."
            st.info(escape_markdown(f"Stopped reading {stopped}. {kept}"))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            show_paste()
            st.download_button(
                "Template",
                data=TEMPLATE,
                file_name="runs-template.csv",
                mime="text/csv",
                icon=":material/description:",
                on_click="ignore",
            )
            st.download_button(
                "Template of prices",
                data=PRICES_TEMPLATE,
                file_name="prices-template.csv",
                mime="text/csv",
                icon=":material/payments:",
                on_click="ignore",
                help=(
                    "Your contracted prices of chips, your MFU or your token prices, used in place"
                    " of the market's on all pages."
                ),
            )
            if runs is not None or taken is not None:
                st.button(
                    "Remove my data",
                    icon=":material/delete:",
                    on_click=run_intake.forget,
                    key="runs.forget",
                )
            else:
                Controls(state).select("example", words=EXAMPLE_TITLES.__getitem__)
        if runs is not None:
            _offer_to_keep(state)
    if taken is not None:
        show_own_tables(taken)
        if taken.files or taken.error is not None or (runs is not None and not taken.newer):
            show_intake(taken)


def take_uploads(uploads: Sequence[UploadedFile]) -> None:
    """Read what was dropped and release the server's copy."""
    uploads = list(uploads)[:MAX_FILES]
    size = sum(upload.size for upload in uploads)
    named = [(upload.name, upload.getvalue()) for upload in uploads]
    if size < LONG_READING_BYTES:
        with st.spinner("Reading the file …"):
            run_intake.take(named)
    else:
        with st.container(horizontal=True, vertical_alignment="center"):
            bar = st.progress(0.0, text="Looking for the columns …")
            st.button(
                "Stop",
                icon=":material/stop_circle:",
                on_click=_stop,
                args=(uploads,),
                key="runs.stop",
            )
        run_intake.take(named, _Progress(bar))
    _release(uploads)


class _Progress:
    """The watch of a reading that fills a bar: rows so far and the time left.

    Each change of the bar is where Streamlit ends a run whose page has changed meanwhile, so a
    click on Stop takes effect there.
    """

    def __init__(self, bar: Any) -> None:
        self.bar = bar
        #: When rows were told first, and which share that was: what came before was no reading.
        self.first: tuple[float, float] | None = None
        self.shown = time.monotonic()

    def __call__(self, rows: int, share: float) -> None:
        now = time.monotonic()
        if self.first is None:
            self.first = (now, share)
        if now - self.shown < PROGRESS_SECONDS and share < 1.0:
            return
        self.shown = now
        seconds, read = now - self.first[0], share - self.first[1]
        left = seconds * (1.0 - share) / read if seconds >= SETTLED_SECONDS and read > 0 else None
        self.bar.progress(share, text=progress_words(rows, share, left))


def progress_words(rows: int, share: float, seconds_left: float | None) -> str:
    """How far a reading is.

    Parameters
    ----------
    rows : int
        Rows read so far.
    share : float
        Their share of the file.
    seconds_left : float or None
        How long the rest should take; None: not known yet.
    """
    if share >= 1.0:
        return f"{rows:,} rows read; putting runs together …"
    words = f"{rows:,} rows read, {share:.0%} of the file"
    if seconds_left is None:
        return words
    left = "less than a second" if seconds_left < 1.0 else f"about {round(seconds_left):,} s"
    return f"{words}; {left} left"


def _stop(uploads: Sequence[UploadedFile]) -> None:
    names = ", ".join(upload.name for upload in uploads[:3])
    st.session_state[_STOPPED] = names
    _release(uploads)


def _release(uploads: Sequence[UploadedFile]) -> None:
    """Empty the upload widget; the server would keep its files until the session ends."""
    st.session_state[_GENERATION] = st.session_state.get(_GENERATION, 0) + 1
    context = get_script_run_ctx()
    for upload in uploads:
        if context is not None and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
            context.uploaded_file_mgr.remove_file(
                session_id=context.session_id, file_id=upload.file_id
            )
        upload.close()


def show_paste() -> None:
    """A text area for a table copied from elsewhere."""
    with (
        st.popover("Paste", icon=":material/content_paste:", key="runs.paste"),
        st.form("runs.paste-form", border=False),
    ):
        text = st.text_area(
            "Rows of a CSV or spreadsheet, with their header",
            placeholder=PASTE_HINT,
            height=220,
            max_chars=2_000_000,
        )
        if st.form_submit_button("Read", type="primary"):
            run_intake.take([("pasted.csv", text.encode("utf-8", "replace"))])
            st.rerun()


def _offer_to_keep(state: PageState[Any, Any]) -> None:
    """What a reload does to the runs, and a link that keeps them."""
    told = "Your runs are in memory for this session only: reloading this page loses them."
    if _share_of(state):
        told = (
            "Reloading this page removes your runs from memory; the link that you saved keeps them."
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(told, width="content")
        if state.share is None:
            with st.popover(
                "Save them in a link",
                icon=":material/link:",
                key="runs.keep-link",
                on_change="rerun",
            ) as opened:
                if opened.open:
                    save_form(state, export_of(state, absolute_base(state)), key="keep-save")


def _share_of(state: PageState[Any, Any]) -> str:
    """The shared link that keeps the runs in use, "" where none does."""
    return own_data.own().shared_as or (state.share.id if state.share is not None else "")


def show_lost(state: PageState[Any, Any]) -> None:
    """That runs of before a reload are gone, and how to get them again."""
    runs = own_data.own().runs
    lost = session_marker.lost_runs(0 if runs is None else len(runs), _share_of(state))
    if lost is None:
        return
    count = f"{lost.runs:,} run{'s' if lost.runs > 1 else ''}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(
            f"Your {count} are gone: they were in memory until this page was reloaded. What is"
            " shown below is an example. "
            + (
                "The link you saved has them."
                if lost.share
                else "Drop or paste the file again to continue."
            ),
            icon=":material/restart_alt:",
            width="stretch",
        )
        if lost.share:
            st.link_button(
                "Load my runs again",
                f"{absolute_base(state)}/s/{lost.share}",
                type="primary",
                icon=":material/link:",
            )
        st.button("Dismiss", on_click=session_marker.dismiss, key="runs.lost.dismiss")
