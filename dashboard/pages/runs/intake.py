"""How own runs come in: dropped, pasted, their columns corrected; held in this session's memory and
nowhere else.

The server keeps an upload until its widget goes: its bytes are released as soon as they are read.
Small files stay in the session so that columns can be corrected; large ones go once they are
reduced to a row a run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner_utils.script_run_context import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dashboard.state import own_data, own_in_pages
from forecasting.errors import ForecastingError, InputError
from forecasting.ingest.csv_bytes import MIB
from forecasting.ingest.own_prices import OwnPrices
from forecasting.ingest.runs import DEFAULT_LIMITS, ParsedRuns, RunFile, read_together
from forecasting.ingest.sample_counts import ProblemCounts
from forecasting.reporting.user_runs_answers import table_changes
from forecasting.user_runs.epoch_tables import NewerTable
from forecasting.user_runs.own_files import read_own_file

_KEY = "runs:intake"
_GENERATION = "runs:uploader"
#: Files up to this size stay in the session while columns may still be corrected.
KEPT_BYTES = 8 * 2**20
MAX_FILES = 200


@dataclass(frozen=True, eq=False)
class Intake:
    """What came in last: the opened `files` (empty once released), the user's `mapping`, and what
    could not be read.

    `newer` holds releases of tables, each with what it changes; `refused` the files that are no
    CSV, each with its reason.
    """

    names: tuple[str, ...]
    files: tuple[RunFile, ...] = field(repr=False)
    mapping: Mapping[str, Any] = field(default_factory=dict)
    error: ForecastingError | None = None
    header: tuple[str, ...] = ()
    sample: tuple[tuple[str, ...], ...] = ()
    newer: tuple[tuple[NewerTable, tuple[str, ...]], ...] = field(default=(), repr=False)
    refused: tuple[tuple[str, ForecastingError], ...] = ()


def intake() -> Intake | None:
    """What came in last in this session."""
    found: Intake | None = st.session_state.get(_KEY)
    return found


def uploader_key() -> str:
    """The key of the upload widget; a new one empties it."""
    return f"runs.file.{st.session_state.get(_GENERATION, 0)}"


def take_uploads(uploads: Sequence[UploadedFile]) -> None:
    """Read what was dropped and release the server's copy."""
    uploads = list(uploads)[:MAX_FILES]
    named = [(upload.name, upload.getvalue()) for upload in uploads]
    st.session_state[_GENERATION] = st.session_state.get(_GENERATION, 0) + 1
    context = get_script_run_ctx()
    for upload in uploads:
        if context is not None and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
            context.uploaded_file_mgr.remove_file(
                session_id=context.session_id, file_id=upload.file_id
            )
        upload.close()
    del uploads
    take(named)


def take(named: Sequence[tuple[str, bytes]]) -> None:
    """Read files, given by name and content, in place of what was there."""
    names = tuple(name for name, _ in named)
    size = sum(len(content) for _, content in named)
    if size > DEFAULT_LIMITS.content_bytes:
        most = f"Give at most {DEFAULT_LIMITS.content_bytes // MIB} MiB at once."
        st.session_state[_KEY] = Intake(
            names, (), error=InputError("files", f"{size // MIB} MiB in all", most)
        )
        return
    tables = own_data.own().tables
    newer: list[tuple[NewerTable, tuple[str, ...]]] = []
    files: list[RunFile] = []
    refused: list[tuple[str, ForecastingError]] = []
    for name, content in named:
        try:
            own = read_own_file(content, name=name.rsplit(".", 1)[0], data=tables)
            if isinstance(own, NewerTable):
                newer.append((own, tuple(table_changes(own, tables))))
            elif isinstance(own, OwnPrices):
                own_data.change(prices=own)
            elif isinstance(own, ProblemCounts):
                own_data.change(counts=own)
            else:
                files.append(own)
        except ForecastingError as error:
            # One file that can't be used does not keep the others out.
            refused.append((name, error))
    taken = Intake(names, tuple(files), newer=tuple(newer), refused=tuple(refused))
    if files:
        _read(replace(taken, header=files[0].sheet.header, sample=files[0].sheet.sample[:5]))
    else:
        st.session_state[_KEY] = replace(taken, error=refused[0][1] if refused else None)


def read_again(mapping: Mapping[str, Any]) -> None:
    """Read the files once more, columns as the user says; for callbacks."""
    held = intake()
    if held is not None and held.files:
        _read(replace(held, mapping=mapping, error=None))


def forget() -> None:
    """Let go of everything that came in, the law in use included; for callbacks."""
    st.session_state.pop(_KEY, None)
    own_in_pages.drop_own_law()
    own_data.change(runs=None, frames={}, prices=None, counts=None)
    own_in_pages.take_new_context()


def use_newer(release: NewerTable) -> None:
    """Take a release in place of the bundled table, on all pages of this session; for callbacks."""
    own_data.change(frames={**own_data.own().frames, release.table: release.frame})


def _read(taken: Intake) -> None:
    try:
        runs: ParsedRuns | None = read_together(taken.files, taken.mapping, taken.refused)
    except ForecastingError as error:
        st.session_state[_KEY] = replace(taken, error=error)
        return
    size = sum(len(file.text.content) for file in taken.files)
    st.session_state[_KEY] = replace(
        taken, error=None, files=taken.files if size <= KEPT_BYTES else ()
    )
    own_data.change(runs=runs)
