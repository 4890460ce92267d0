"""What came in: which column is what, what was taken for granted, and each bad row; the user can
correct the columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import pandas as pd
import streamlit as st

from dashboard.export.downloads import guarded
from dashboard.pages.runs import intake as run_intake
from dashboard.pages.runs.intake import Intake
from dashboard.ui import layout
from forecasting.errors import ForecastingError, InputError, shown
from forecasting.ingest.column_mapping import (
    ROLE_WORDS,
    AmbiguousColumnError,
    ColumnMapping,
    Measure,
    MissingColumnError,
    Take,
)
from forecasting.ingest.measure_guesses import MEASURE_WORDS
from forecasting.ingest.reading_report import Answer, ReadingQuestionError, with_change
from forecasting.ingest.runs import ParsedRuns
from forecasting.ingest.units import UNIT_WORDS, units_of_role
from forecasting.parsing import in_exact_words, number_in

ASKED_ROLES = (
    "loss", "params", "tokens", "training_flop", "run", "step", "tokens_per_step", "group",
    "state", "unique_tokens", "date", "cost_usd", "tokens_per_param", "total_steps", "progress",
)  # fmt: skip
#: Roles whose unit can be changed.
UNIT_ROLES = ("params", "tokens", "training_flop")
TAKE_WORDS = {
    "last": "its last loss",
    "lowest": "its lowest loss",
    "smoothed": "the mean of its last tenth",
}
ROW_WORDS = {None: "found by the columns", "run": "a run", "step": "a step of a run"}
CHECKPOINT_WORDS = {
    "finished": "finished ones alone",
    "last": "the last of each series",
    "all": "all of them",
}
REPEAT_WORDS = {"keep": "all of them", "lowest": "the lowest loss", "average": "the mean loss"}
FOUND, NONE = "(found by name)", "(none)"
MAX_OPTIONS = 500
PROBLEMS_IN_SIGHT = 3


def show_intake(taken: Intake, runs: ParsedRuns | None) -> None:
    """Problems in sight, the rest folded."""
    if taken.error is not None:
        st.error(layout.escape_markdown(_in_words(taken.error)), icon=":material/error:")
        if isinstance(taken.error, ReadingQuestionError | MissingColumnError) and taken.files:
            _show_answers(taken, taken.error.answers, "runs.answer")
    elif runs is not None:
        st.success(layout.escape_markdown(runs.answer), icon=":material/task_alt:")
        _show_notes(taken, runs)
        _show_choices(taken, runs)
        _show_problems(runs)
    if taken.files:
        wanted = isinstance(
            taken.error, AmbiguousColumnError | MissingColumnError | ReadingQuestionError
        ) or (runs is not None and bool(runs.choices))
        title = "Which column is what" + (
            "" if runs is None or taken.error else f": {_mapping_words(runs.mapping)}"
        )
        with st.expander(
            layout.escape_markdown(title),
            expanded=wanted,
            key="runs.columns",
            on_change="rerun",
            icon=":material/view_column:",
        ) as opened:
            if opened.open or wanted:
                if runs is not None and taken.error is None:
                    _show_reading(runs)
                _mapping_form(taken, runs)
    elif runs is not None:
        st.caption(
            "The file is large: it was released once reduced. Drop it again to read its columns in"
            " another way."
        )


def _show_notes(taken: Intake, runs: ParsedRuns) -> None:
    if runs.notes:
        st.markdown("\n".join(f"- {layout.escape_markdown(note)}" for note in runs.notes))
    if runs.guess is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(
                layout.escape_markdown(runs.guess.sentence), icon=":material/help:", width="stretch"
            )
            if taken.files:
                st.button(
                    f"Read as {MEASURE_WORDS[runs.guess.measure]}",
                    on_click=run_intake.read_again,
                    args=({**taken.mapping, "measure": runs.guess.measure},),
                    key="runs.guess",
                )


def _show_choices(taken: Intake, runs: ParsedRuns) -> None:
    """What was assumed where the file leaves it open, each with the other readings."""
    for at, choice in enumerate(runs.choices):
        st.warning(layout.escape_markdown(choice.sentence), icon=":material/alt_route:")
        if taken.files:
            _show_answers(taken, choice.answers, f"runs.choice.{at}")


def _show_answers(taken: Intake, answers: Sequence[Answer], key: str) -> None:
    """A button for each way to read on."""
    with st.container(horizontal=True):
        for at, answer in enumerate(answers):
            words = answer.words[:1].upper() + answer.words[1:]
            st.button(
                layout.escape_markdown(words),
                on_click=run_intake.read_again,
                args=(with_change(taken.mapping, answer.change),),
                key=f"{key}.{at}",
            )


def _show_reading(runs: ParsedRuns) -> None:
    """Each column with role, unit, why and three cells; how many rows each step took away."""
    if runs.columns:
        layout.table(
            pd.DataFrame(
                [
                    (
                        column.column or "(none)",
                        ROLE_WORDS[column.role],
                        column.unit,
                        ("Assumed: " if column.is_assumed else "") + column.why,
                        ", ".join(column.sample),
                    )
                    for column in runs.columns
                ],
                columns=["Column", "Read as", "Unit", "Why", "First cells"],
            ),
            alt="What each column was read as, with its unit and why",
        )
    if runs.steps:
        lines = "\n".join(
            f"- {step.rows:,} row{'s' if step.rows > 1 else ''}: {layout.escape_markdown(step.why)}"
            for step in runs.steps
        )
        st.markdown(f"Rows taken away\n\n{lines}")


def _show_problems(runs: ParsedRuns) -> None:
    if not runs.problem_count:
        return
    count = f"{runs.problem_count:,} problem{'s' if runs.problem_count > 1 else ''}"
    lines = [layout.escape_markdown(str(problem)) for problem in runs.problems[:PROBLEMS_IN_SIGHT]]
    more = runs.problem_count - len(lines)
    st.warning(
        f"**{count}; the good rows go on.**\n\n"
        + "\n".join(f"- {line}" for line in lines)
        + (f"\n- … and {more:,} more" if more else ""),
        icon=":material/rule:",
    )
    if more:
        with st.expander(
            "All problems", key="runs.problems", on_change="rerun", icon=":material/list:"
        ) as opened:
            if opened.open:
                layout.table(
                    runs.problem_table, alt="Problems by row and column with what would be right"
                )
                st.download_button(
                    "Problems as CSV",
                    data=lambda: guarded(runs.problem_table),
                    file_name="problems.csv",
                    mime="text/csv",
                    on_click="ignore",
                )


def _mapping_form(taken: Intake, runs: ParsedRuns | None) -> None:
    """A form, so that a large file is read again once and not at each choice."""
    found = runs.mapping if runs is not None and taken.error is None else ColumnMapping()
    given = taken.mapping
    with st.form("runs.mapping", border=False):
        columns = [FOUND, NONE, *[name for name in taken.header if name][:MAX_OPTIONS]]
        chosen: dict[str, Any] = {}
        with st.container(horizontal=True):
            for role in ASKED_ROLES:
                now = given.get(role)
                shown = (
                    NONE
                    if now == ""
                    else now or found.column(role) or (FOUND if found.loss is None else NONE)
                )
                options = _candidates(taken, role, columns)
                index = options.index(shown) if shown in options else 0
                chosen[role] = st.selectbox(
                    _label(taken, role),
                    options,
                    index=index,
                    width=210,
                    key=f"runs.role.{role}.{len(taken.header)}",
                )
        units: dict[str, str] = {}
        with st.container(horizontal=True):
            for role in UNIT_ROLES:
                choices = [FOUND, *units_of_role(role)]
                units[role] = st.selectbox(
                    _label(taken, role, f"Unit of {ROLE_WORDS[role]}"),
                    choices,
                    index=choices.index(given.get("units", {}).get(role, FOUND)),
                    format_func=lambda unit: UNIT_WORDS.get(unit, unit),
                    width=210,
                    key=f"runs.unit.{role}.{given.get('units', {}).get(role, '')}",
                )
            checkpoints = _select("Of checkpoints take", CHECKPOINT_WORDS, found.checkpoints)
            repeats = _select("Of runs of one size and data take", REPEAT_WORDS, found.repeats)
        with st.container(horizontal=True):
            measures = list(get_args(Measure))
            measure = st.selectbox(
                "The loss column holds",
                measures,
                index=measures.index(found.measure or "loss"),
                format_func=MEASURE_WORDS.__getitem__,
                width=210,
            )
            row_is = st.selectbox(
                "A row is",
                list(ROW_WORDS),
                index=list(ROW_WORDS).index(given.get("one_row_is")),
                format_func=ROW_WORDS.__getitem__,
                width=210,
            )
            takes = list(get_args(Take))
            take = st.selectbox(
                "Of a log, take of each run",
                takes,
                index=takes.index(found.take),
                format_func=TAKE_WORDS.__getitem__,
                width=210,
            )
            per_step = st.text_input(
                "Tokens a step",
                _number_text(given.get("all_tokens_per_step")),
                placeholder="such as 524,288",
                width=150,
            )
            params = st.text_input(
                "Parameters of all runs",
                _number_text(given.get("all_params")),
                placeholder="such as 7B",
                width=170,
            )
            per_token = st.text_input(
                "Bytes a token, of a loss per byte",
                _number_text(given.get("bytes_per_token")),
                placeholder="such as 4.4",
                width=170,
            )
        sizes = ""
        if taken.files[0].shape == "wandb_chart" or _by_names(taken, runs):
            kept = "\n".join(
                f"{name} = {_number_text(size)}"
                for name, size in given.get("params_of_run", {}).items()
            )
            sizes = st.text_area(
                "Parameters of runs whose names do not tell them",
                kept,
                placeholder="my-run = 7B",
                height=100,
            )
        if taken.sample:
            st.caption("The first rows of the file")
            names = list(taken.header)[:40]
            layout.table(
                pd.DataFrame([row[:40] for row in taken.sample], columns=names),
                alt="The first rows of the file",
            )
        if st.form_submit_button("Read again", type="primary"):
            told: dict[str, Any] = {
                "take": take, "checkpoints": checkpoints, "repeats": repeats, "units": units,
            }  # fmt: skip
            numbers = {
                "all_tokens_per_step": per_step, "all_params": params, "bytes_per_token": per_token,
            }  # fmt: skip
            _submit(taken, found, chosen, measure, row_is, told, numbers, sizes)


def _select(label: str, words: Mapping[str, str], now: str) -> str:
    """One of a few words."""
    return st.selectbox(
        label, list(words), index=list(words).index(now), format_func=words.__getitem__, width=230
    )


def _by_names(taken: Intake, runs: ParsedRuns | None) -> bool:
    """Whether sizes come, or could come, from the names of runs."""
    if isinstance(taken.error, MissingColumnError):
        return bool({"params", "params_of_run"} & set(taken.error.roles))
    return runs is not None and any(
        column.role == "params" and not column.column for column in runs.columns
    )


def _submit(
    taken: Intake,
    found: ColumnMapping,
    chosen: dict[str, Any],
    measure: str,
    row_is: str | None,
    told: dict[str, Any],
    numbers: dict[str, str],
    sizes: str,
) -> None:
    # What stands as it was found is not pinned down, so that one correction can change the rest.
    mapping: dict[str, Any] = {}
    for role, name in chosen.items():
        now = taken.mapping.get(role)
        if name == NONE and (now == "" or found.column(role)):
            mapping[role] = ""
        elif name not in (FOUND, NONE) and (name != found.column(role) or now):
            mapping[role] = name
    if measure != (found.measure or "loss") or "measure" in taken.mapping:
        mapping["measure"] = measure
    units = {role: unit for role, unit in told.pop("units").items() if unit != FOUND}
    mapping |= told | ({"one_row_is": row_is} if row_is else {})
    mapping |= {"units": units} if units else {}
    if "metric" in taken.mapping:
        mapping["metric"] = taken.mapping["metric"]
    try:
        for name, text in numbers.items():
            if text.strip():
                mapping[name] = number_in(text, name.removeprefix("all_").replace("_", " "))
        if sizes.strip():
            mapping["params_of_run"] = _sizes_of(sizes)
    except InputError as error:
        st.error(layout.escape_markdown(str(error)), icon=":material/error:")
        return
    with st.spinner("Reading the file again …"):
        run_intake.read_again(mapping)
    st.rerun()


def _candidates(taken: Intake, role: str, columns: list[str]) -> list[str]:
    """All columns, those between which the user must decide first."""
    if isinstance(taken.error, AmbiguousColumnError) and taken.error.role == role:
        first = list(taken.error.candidates)
        return [*first, *(name for name in columns if name not in first)]
    return columns


def _label(taken: Intake, role: str, unit: str = "") -> str:
    words = unit or ROLE_WORDS[role][:1].upper() + ROLE_WORDS[role][1:]
    error = taken.error
    asked = (isinstance(error, AmbiguousColumnError) and error.role == role) or (
        isinstance(error, MissingColumnError) and role in error.roles
    )
    if unit:
        asked = isinstance(error, ReadingQuestionError) and role in error.roles
    return f":orange[{words}: please choose]" if asked else words


def _mapping_words(mapping: ColumnMapping) -> str:
    parts = [
        f"{role.replace('training_flop', 'compute')} = {mapping.column(role)}"
        for role in ASKED_ROLES[:4]
        if mapping.column(role)
    ]
    return ", ".join(parts) or "sizes and losses by the names of columns"


def _in_words(error: ForecastingError) -> str:
    """What is wrong as a reader of the page, not of the code, would say it."""
    if isinstance(error, AmbiguousColumnError):
        return f"{error.remedy} Choose below, then read again."
    if isinstance(error, ReadingQuestionError):
        return f"In doubt: {shown(error.value, 200)}. {error.remedy}"
    if isinstance(error, MissingColumnError):
        return f"Something is missing to make runs of this file. {error.remedy}"
    return str(error).replace("`", "")


def _sizes_of(text: str) -> dict[str, float]:
    """Lines such as “my-run = 7B” as parameters by run; raises InputError."""
    sizes = {}
    for line in filter(str.strip, text.splitlines()):
        name, equals, size = line.rpartition("=")
        if not equals or not name.strip():
            raise InputError("parameters", line, "Write one run a line, such as my-run = 7B.")
        sizes[name.strip()] = number_in(size.strip(), "parameters")
    return sizes


def _number_text(value: float | None) -> str:
    return "" if value is None else in_exact_words(float(value))
