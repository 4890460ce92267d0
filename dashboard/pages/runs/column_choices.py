"""The columns of a file, each with three of its cells, what it is taken for and in which unit; role
and unit are chosen in place, and the file is read again at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.escaping import escape_markdown
from dashboard.pages.runs import intake as run_intake
from dashboard.pages.runs.intake import Intake
from forecasting.errors import shown
from forecasting.ingest.column_mapping import (
    ROLE_WORDS,
    ROLES,
    AmbiguousColumnError,
    ColumnMapping,
    MissingColumnError,
)
from forecasting.ingest.measure_guesses import MEASURE_WORDS
from forecasting.ingest.reading_report import ColumnReading, ReadingQuestionError
from forecasting.ingest.units import UNIT_WORDS, units_of_role

#: Roles whose unit can be chosen.
UNIT_ROLES = ("params", "tokens", "training_flop", "unique_tokens", "tokens_per_step")
UNUSED = ""
#: Columns without a role that are in sight, and all that can be given one.
UNUSED_IN_SIGHT, MAX_UNUSED = 6, 60
CELLS, LONGEST_CELL = 3, 24
#: Width of each part of a line.
PARTS = (3.0, 3.0, 2.4, 3.0)


def show_columns(taken: Intake) -> None:
    """A line a column: those that are used, those in question, then the others."""
    readings = {column.column: column for column in taken.columns if column.column}
    asked = _asked(taken)
    first = [name for name in taken.header if name in readings or name in asked]
    rest = [name for name in taken.header if name and name not in first]
    if not taken.files:
        rest = []
    for name in first:
        _show_column(taken, name, readings.get(name), name in asked)
    for column in taken.columns:
        if not column.column:
            words = f"*{ROLE_WORDS[column.role]}*: {column.why}, {column.unit}"
            st.markdown(escape_markdown(words))
    needs_one = isinstance(taken.error, MissingColumnError)
    in_sight = rest[: UNUSED_IN_SIGHT * (2 if needs_one else 1)]
    for name in in_sight:
        _show_column(taken, name, None, False)
    more = rest[len(in_sight) : MAX_UNUSED]
    if more:
        with st.expander(
            f"{len(rest) - len(in_sight)} more columns that are not used",
            key="runs.unused",
            on_change="rerun",
        ) as opened:
            if opened.open:
                for name in more:
                    _show_column(taken, name, None, False)
                if len(rest) > len(in_sight) + len(more):
                    st.caption("More columns can be given a role once these have one.")


def _show_column(taken: Intake, name: str, reading: ColumnReading | None, is_asked: bool) -> None:
    """One column: its name and cells, role, unit, and why."""
    parts = st.columns(PARTS, vertical_alignment="center")
    cells = taken.first.sheet.sample_of(name)[:CELLS] if taken.files else ()
    sample = ", ".join(_cut(cell) for cell in (cells or (reading.sample if reading else ())))
    badge = ":orange-badge[please choose] " if is_asked else ""
    with parts[0]:
        cells_shown = escape_markdown(sample or "empty")
        st.markdown(f"{badge}**{escape_markdown(name)}**  \n:gray[{cells_shown}]")
    role = reading.role if reading is not None else UNUSED
    with parts[1]:
        _choose_role(taken, name, role)
    with parts[2]:
        _choose_unit(taken, name, role, reading)
    with parts[3]:
        if reading is not None:
            assumed = ":orange[Assumed]: " if reading.is_assumed else ""
            st.caption(assumed + escape_markdown(reading.why))


def _choose_role(taken: Intake, name: str, role: str) -> None:
    words = {UNUSED: "not used", **ROLE_WORDS}
    if not taken.files:
        st.markdown(words[role])
        return
    key = f"runs.role.{taken.header.index(name)}.{role}"

    def read_so() -> None:
        chosen = st.session_state[key]
        mapping = with_role(taken.decision.mapping, taken.found, name, chosen)
        run_intake.read_again(mapping, f"{shown(name, 30)} as {words[chosen]}")

    st.selectbox(
        f"Role of {name}",
        [UNUSED, *ROLES],
        index=[UNUSED, *ROLES].index(role),
        format_func=words.__getitem__,
        label_visibility="collapsed",
        key=key,
        on_change=read_so,
    )


def _choose_unit(taken: Intake, name: str, role: str, reading: ColumnReading | None) -> None:
    """The unit of a column of counts, or what a column of losses holds."""
    if reading is None:
        return
    if not taken.files or role not in (*UNIT_ROLES, "loss"):
        st.markdown(escape_markdown(reading.unit))
        return
    if role == "loss":
        units = {str(measure): words for measure, words in MEASURE_WORDS.items()}
        now = str(taken.found.measure or "loss")
    else:
        units = {unit: UNIT_WORDS.get(unit, unit) for unit in units_of_role(role)}
        now = taken.found.units.get(role) or next(iter(units))
    key = f"runs.unit.{taken.header.index(name)}.{role}.{now}"

    def read_so() -> None:
        chosen = st.session_state[key]
        mapping = with_unit(taken.decision.mapping, role, chosen)
        run_intake.read_again(mapping, f"{shown(name, 30)} in {units[chosen]}")

    st.selectbox(
        f"Unit of {name}",
        list(units),
        index=list(units).index(now),
        format_func=units.__getitem__,
        label_visibility="collapsed",
        key=key,
        on_change=read_so,
    )


def with_role(
    mapping: Mapping[str, Any], found: ColumnMapping, name: str, role: str
) -> dict[str, Any]:
    """The mapping with a column in another role ("": in none).

    Parameters
    ----------
    mapping : mapping
        What the user has said of the columns.
    found : ColumnMapping
        What they are taken for.
    name : str
        The column.
    role : str
        What it is.
    """
    changed = dict(mapping)
    units = dict(changed.pop("units", {}))
    left = [each for each in ROLES if found.column(each) == name and each != role]
    for each in left:
        changed[each] = ""  # else it would be found again
        units.pop(each, None)
    if role:
        changed[role] = name
        units.pop(role, None)
    if "loss" in (*left, role):
        changed.pop("measure", None)
    return changed | ({"units": units} if units else {})


def with_unit(mapping: Mapping[str, Any], role: str, unit: str) -> dict[str, Any]:
    """The mapping with the column of a role in that unit; of losses, as that measure."""
    if role == "loss":
        return {**mapping, "measure": unit}
    return {**mapping, "units": {**mapping.get("units", {}), role: unit}}


def _cut(cell: str) -> str:
    return cell if len(cell) <= LONGEST_CELL else cell[: LONGEST_CELL - 1] + "…"


def _asked(taken: Intake) -> tuple[str, ...]:
    """The columns about which the user must say something."""
    error = taken.error
    if isinstance(error, AmbiguousColumnError):
        return error.candidates
    if isinstance(error, ReadingQuestionError):
        return tuple(column.column for column in taken.columns if column.role in error.roles)
    return ()
