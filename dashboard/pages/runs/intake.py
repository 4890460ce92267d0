"""How own runs come in: read, corrected, confirmed, single ones left out, and each change undone;
held in this session's memory and nowhere else.

A file whose reading is in doubt is first shown and confirmed: until then the runs before stay, and
nothing is computed. Small files stay in the session so that columns can be corrected; large ones
go once they are reduced to a row a run and nothing is open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from dashboard.state import own_data, own_in_pages
from forecasting.errors import ForecastingError, InputError
from forecasting.ingest.column_mapping import ColumnMapping
from forecasting.ingest.csv_bytes import MIB
from forecasting.ingest.csv_reading import Watch
from forecasting.ingest.own_prices import OwnPrices
from forecasting.ingest.reading_report import ColumnReading
from forecasting.ingest.runs import DEFAULT_LIMITS, ParsedRuns, RunFile, read_together
from forecasting.ingest.sample_counts import ProblemCounts
from forecasting.reporting.user_runs_answers import table_changes
from forecasting.user_runs.epoch_tables import NewerTable
from forecasting.user_runs.own_files import read_own_file

_KEY = "runs:intake"
#: Files up to this size stay in the session while columns may still be corrected.
KEPT_BYTES = 8 * MIB
#: Changes that can be undone.
MAX_UNDO = 50
#: A header is like another when they share this part of all their names.
LIKE_SHARE = 0.5


@dataclass(frozen=True)
class Decision:
    """What the user has said of a file: how columns are read, which runs are left out (counted from
    0 in the table as read), and which doubts are confirmed. `words` name the change that led here.
    """

    mapping: Mapping[str, Any] = field(default_factory=dict)
    left_out: frozenset[int] = frozenset()
    confirmed: frozenset[str] = frozenset()
    words: str = ""


@dataclass(frozen=True, eq=False)
class Intake:
    """What came in last: the opened `files` (empty once released), what the user decided of them,
    and what was read or could not be.

    `read` are the runs as read, none left out by hand; `found` and `columns` what the columns are
    taken for, even where an `error` keeps rows from being read. `before` are the decisions that
    can be gone back to, `former` what was there before these files came in. `recalled` says that
    the columns are read as they were in a file with the same header, `unlike` how the header
    differs from that of the last file like it. `newer` holds releases of tables, each with what it
    changes; `refused` the files that are no CSV, each with its reason.
    """

    names: tuple[str, ...]
    files: tuple[RunFile, ...] = field(default=(), repr=False)
    decision: Decision = Decision()
    read: ParsedRuns | None = field(default=None, repr=False)
    error: ForecastingError | None = None
    found: ColumnMapping = field(default_factory=ColumnMapping, repr=False)
    columns: tuple[ColumnReading, ...] = field(default=(), repr=False)
    before: tuple[Decision, ...] = field(default=(), repr=False)
    former: Intake | None = field(default=None, repr=False)
    recalled: bool = False
    unlike: str = ""
    newer: tuple[tuple[NewerTable, tuple[str, ...]], ...] = field(default=(), repr=False)
    refused: tuple[tuple[str, ForecastingError], ...] = ()

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns; those of the first of several files."""
        if self.files:
            return self.first.sheet.header
        return self.read.header if self.read is not None else ()

    @property
    def sample(self) -> tuple[tuple[str, ...], ...]:
        """The first rows of the file as they stand there."""
        return self.first.sheet.sample[:5] if self.files else ()

    @property
    def first(self) -> RunFile:
        """The first of the files; of a workbook the sheet that the user chose."""
        return self.files[0].chosen(self.decision.mapping.get("sheet"))

    @property
    def doubts(self) -> tuple[str, ...]:
        """What is open and has not been confirmed."""
        found = self.read.doubts if self.read is not None else ()
        return tuple(doubt for doubt in found if doubt not in self.decision.confirmed)

    @property
    def waits(self) -> bool:
        """Whether the user must say something before anything is computed from these files."""
        return bool(self.files) and (self.error is not None or bool(self.doubts))


def intake() -> Intake | None:
    """What came in last in this session."""
    found: Intake | None = st.session_state.get(_KEY)
    return found


def take(named: Sequence[tuple[str, bytes]], watch: Watch | None = None) -> None:
    """Read files, given by name and content. Nothing is replaced before they have been read, so
    that `watch`, which is told of the progress, may end it.
    """
    names = tuple(name for name, _ in named)
    size = sum(len(content) for _, content in named)
    if size > DEFAULT_LIMITS.content_bytes:
        most = f"Give at most {DEFAULT_LIMITS.content_bytes // MIB} MiB at once."
        st.session_state[_KEY] = Intake(
            names, error=InputError("files", f"{size // MIB} MiB in all", most)
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
    taken = Intake(
        names, tuple(files), former=_former(), newer=tuple(newer), refused=tuple(refused)
    )
    if files:
        _settle(_read(_recalled(taken), watch))
    else:
        st.session_state[_KEY] = replace(taken, error=refused[0][1] if refused else None)


def read_again(mapping: Mapping[str, Any], words: str) -> None:
    """Read the files once more, columns as the user says; `words` name the change. For
    callbacks.
    """
    held = intake()
    if held is not None and held.files:
        # Runs are counted in the table as read, which another reading may make another.
        _settle(_read(_decided(held, replace(held.decision, mapping=mapping, words=words,
                                             left_out=frozenset()))))  # fmt: skip


def confirm() -> None:
    """Go on with the reading as it is; for callbacks."""
    held = intake()
    if held is not None and held.read is not None:
        known = held.decision.confirmed | frozenset(held.read.doubts)
        decision = replace(held.decision, confirmed=known, words="the reading confirmed")
        _settle(_decided(held, decision))


def leave_out(runs: frozenset[int], words: str) -> None:
    """Leave out these runs, and no others, of those read; for callbacks."""
    held = intake()
    if held is None or held.read is None:
        # The runs of a shared link came in by no file.
        shared = own_data.own().runs
        if shared is None:
            return
        held = Intake(("shared runs",), read=shared, columns=shared.columns)
    _settle(_decided(held, replace(held.decision, left_out=runs, words=words)))


def left_out() -> frozenset[int]:
    """The runs left out by hand, counted from 0 among those read."""
    held = intake()
    return held.decision.left_out if held is not None else frozenset()


def undo() -> None:
    """Back to what was decided before the last change; for callbacks."""
    held = intake()
    if held is None or not held.before:
        return
    earlier = held.before[-1]
    is_read_so = earlier.mapping == held.decision.mapping
    held = replace(held, decision=earlier, before=held.before[:-1], recalled=False)
    _settle(held if is_read_so else _read(held))


def keep_former() -> None:
    """Let go of the files that wait, and go on with what was there before; for callbacks."""
    held = intake()
    if held is not None and held.former is not None:
        st.session_state[_KEY] = held.former
    else:
        st.session_state.pop(_KEY, None)


def forget() -> None:
    """Let go of everything that came in, the law in use included; for callbacks."""
    st.session_state.pop(_KEY, None)
    own_in_pages.drop_own_law()
    own_data.change(runs=None, frames={}, prices=None, counts=None, mappings={})
    own_in_pages.take_new_context()


def use_newer(release: NewerTable) -> None:
    """Take a release in place of the bundled table, on all pages of this session; for callbacks."""
    own_data.change(frames={**own_data.own().frames, release.table: release.frame})


def _former() -> Intake | None:
    """What came in before, if runs of it are in use."""
    held = intake()
    if held is not None and held.waits:
        return held.former
    return held if own_data.own().runs is not None else None


def _decided(held: Intake, decision: Decision) -> Intake:
    return replace(
        held,
        decision=decision,
        before=(*held.before, held.decision)[-MAX_UNDO:],
        recalled=False,
        unlike="",
    )


def _recalled(taken: Intake) -> Intake:
    """The columns read as the user said of the last file with the same header."""
    known = own_data.own().mappings
    if taken.header in known:
        decision = Decision(
            known[taken.header], words="columns read as in the previous file of this kind"
        )
        return replace(taken, decision=decision, before=(Decision(),), recalled=True)
    names = set(taken.header)
    for header in reversed(list(known)):
        shared = names & set(header)
        if len(shared) >= LIKE_SHARE * len(names | set(header)):
            return replace(taken, unlike=header_change(header, taken.header))
    return taken


def header_change(before: Sequence[str], now: Sequence[str]) -> str:
    """How a header differs from the one before, in words."""
    new = [name for name in now if name not in before]
    gone = [name for name in before if name not in now]
    parts = [f"{_named(new)} {'is' if len(new) == 1 else 'are'} new"] if new else []
    if gone:
        parts.append(f"{_named(gone)} {'is' if len(gone) == 1 else 'are'} gone")
    return " and ".join(parts) or "the columns are in another order"


def _named(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names[:3]) + (
        f" and {len(names) - 3} more" if len(names) > 3 else ""
    )


def _read(taken: Intake, watch: Watch | None = None) -> Intake:
    """The same with its files read as decided, or with what keeps them from being read."""
    mapping = taken.decision.mapping
    try:
        found, columns = taken.files[0].columns_found(mapping)
        taken = replace(taken, found=found, columns=columns)
        runs = read_together(taken.files, mapping, taken.refused, watch)
    except ForecastingError as error:
        return replace(taken, read=None, error=error)
    return replace(taken, read=runs, error=None, found=runs.mapping, columns=runs.columns)


def _settle(taken: Intake) -> None:
    """Hold what came in, and put its runs in use unless they wait for the user."""
    if taken.read is not None and not taken.waits:
        try:
            runs = taken.read.without(taken.decision.left_out)
        except ForecastingError as error:
            st.session_state["runs:refused-change"] = str(error)
            return
        own_data.remember_mapping(taken.header, taken.decision.mapping)
        own_data.change(runs=runs)
        taken = replace(taken, former=None)
        if sum(len(file.text.content) for file in taken.files) > KEPT_BYTES:
            # Without the file only what was read can be gone back to.
            mapping = taken.decision.mapping
            before = tuple(each for each in taken.before if each.mapping == mapping)
            taken = replace(taken, files=(), before=before)
    st.session_state[_KEY] = taken
