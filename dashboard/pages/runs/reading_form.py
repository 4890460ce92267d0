"""What was understood of a file: which column is what and in which unit, how many rows each step
took away, the first rows as read; and what is in doubt. Roles and units are changed in place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.escaping import escape_markdown
from dashboard.export.downloads import guarded
from dashboard.pages.runs import intake as run_intake
from dashboard.pages.runs.column_choices import show_columns
from dashboard.pages.runs.intake import Intake
from dashboard.ui import layout
from forecasting.errors import ForecastingError, InputError, shown
from forecasting.formatting import in_flop, in_words, significant
from forecasting.ingest.column_mapping import AmbiguousColumnError, MissingColumnError
from forecasting.ingest.measure_guesses import MEASURE_WORDS
from forecasting.ingest.reading_report import Answer, ReadingQuestionError, with_change
from forecasting.ingest.runs import ParsedRuns
from forecasting.parsing import in_exact_words, number_in

TAKE_WORDS = {
    "last": "its last loss",
    "lowest": "its lowest loss",
    "smoothed": "the mean of its last tenth",
}
ROW_WORDS = {None: "found by the columns", "run": "a run", "step": "a step of a run"}
CHECKPOINT_WORDS = {
    "finished": "finished ones only",
    "last": "the last of each series",
    "all": "all of them",
}
REPEAT_WORDS = {"keep": "all of them", "lowest": "the lowest loss", "average": "the mean loss"}
PROBLEMS_IN_SIGHT = 3
#: Rows that are named in a sentence.
MAX_NAMED = 8
FIRST_ROWS = 5
#: Columns of the file that are shown as they stand in it.
MAX_SHOWN_COLUMNS = 40


def show_intake(taken: Intake) -> None:
    """What was read, what is in doubt, and how it was understood: in sight while something is open,
    else folded.
    """
    if refusal := st.session_state.pop("runs:refused-change", None):
        st.error(escape_markdown(refusal), icon=":material/error:")
    if taken.error is not None:
        st.error(escape_markdown(_in_words(taken.error)), icon=":material/error:")
        if isinstance(taken.error, ReadingQuestionError | MissingColumnError) and taken.files:
            _show_answers(taken, taken.error.answers, "runs.answer")
        elif isinstance(taken.error, AmbiguousColumnError) and taken.files:
            role = taken.error.role
            answers = [Answer(f"take {name}", {role: name}) for name in taken.error.candidates]
            _show_answers(taken, answers, "runs.answer")
    elif taken.read is not None:
        read = taken.read.answer
        st.success(escape_markdown(read), icon=":material/task_alt:")
        _show_doubts(taken, taken.read)
    _show_origin(taken)
    _show_left_out(taken)
    _show_ways_on(taken)
    if taken.read is not None and taken.error is None:
        _show_notes(taken.read)
        _show_problems(taken.read)
    if taken.files or taken.read is not None:
        _show_understood(taken)


def _show_understood(taken: Intake) -> None:
    """The screen itself."""
    with st.expander(
        "How the file was read",
        expanded=taken.waits,
        # Another key, so that it folds by itself once nothing is open.
        key=f"runs.understood.{taken.waits}",
        on_change="rerun",
        icon=":material/view_column:",
    ) as opened:
        if not (opened.open or taken.waits):
            return
        show_columns(taken)
        if taken.read is not None:
            _show_steps(taken.read)
        if taken.files:
            _show_settings(taken)
        elif taken.read is not None and taken.read.shape != "table":
            st.caption(
                "The file is large, so it was not kept after reading. Drop it again to change how"
                " it is read."
            )
        _show_first_rows(taken)


def _show_doubts(taken: Intake, runs: ParsedRuns) -> None:
    """What was assumed where the file leaves it open, each with the other readings."""
    for at, choice in enumerate(runs.choices):
        st.warning(escape_markdown(choice.sentence), icon=":material/alt_route:")
        if taken.files:
            _show_answers(taken, choice.answers, f"runs.choice.{at}")
    if runs.guess is not None:
        st.warning(escape_markdown(runs.guess.sentence), icon=":material/help:")
        if taken.files:
            words = f"read as {MEASURE_WORDS[runs.guess.measure]}"
            _show_answers(taken, (Answer(words, {"measure": runs.guess.measure}),), "runs.guess")
    known = len(runs.choices) + (runs.guess is not None)
    for doubt in runs.doubts[known:]:
        st.warning(escape_markdown(doubt), icon=":material/rule:")


def _show_answers(taken: Intake, answers: Sequence[Answer], key: str) -> None:
    """A button for each way to read on."""
    with st.container(horizontal=True):
        for at, answer in enumerate(answers):
            words = answer.words[:1].upper() + answer.words[1:]
            st.button(
                escape_markdown(words),
                on_click=run_intake.read_again,
                args=(with_change(taken.decision.mapping, answer.change), answer.words),
                key=f"{key}.{at}",
            )


def _show_origin(taken: Intake) -> None:
    """Whether the columns are read as in an earlier file, or the header is not the same."""
    if taken.recalled:
        st.info(
            "The columns are read as you chose for the previous file with this header. *Undo* reads"
            " them by their names.",
            icon=":material/history:",
        )
    elif taken.unlike:
        st.info(
            escape_markdown(
                f"The header differs from that of the file whose columns you set: {taken.unlike}."
                " The columns are found by their names."
            ),
            icon=":material/history:",
        )


def _show_left_out(taken: Intake) -> None:
    """The runs that were left out by hand, and the way to take them back."""
    gone = sorted(taken.decision.left_out)
    if taken.read is None or not gone:
        return
    named = ", ".join(taken.read.place_of(run) for run in gone[:MAX_NAMED])
    more = f" and {len(gone) - MAX_NAMED:,} more" if len(gone) > MAX_NAMED else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(escape_markdown(f"Left out by you: {named}{more}"), width="content")
        st.button(
            "Restore it" if len(gone) == 1 else "Restore them",
            icon=":material/undo:",
            on_click=run_intake.leave_out,
            args=(frozenset(), "all runs restored"),
            key="runs.take-back",
        )


def _show_ways_on(taken: Intake) -> None:
    """Confirm what is open, undo the last change, or keep what was there before."""
    runs = taken.read
    can_confirm = taken.waits and runs is not None
    can_keep = taken.waits and taken.former is not None
    if not (can_confirm or can_keep or taken.before):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if can_confirm and runs is not None:
            st.button(
                f"Fit these {len(runs):,} runs",
                type="primary",
                on_click=run_intake.confirm,
                key="runs.confirm",
                help="Nothing is computed from this file until then.",
            )
        if can_keep:
            st.button("Keep the earlier runs", on_click=run_intake.keep_former, key="runs.keep")
        if taken.before:
            words = shown(taken.decision.words, 60) if taken.decision.words else ""
            st.button(
                "Undo",
                icon=":material/undo:",
                on_click=run_intake.undo,
                key="runs.undo",
                help=escape_markdown(f"Undoes the last change: {words}"),
            )
            st.caption(escape_markdown(f"Last change: {words}"), width="content")


def _show_notes(runs: ParsedRuns) -> None:
    if runs.notes:
        st.markdown("\n".join(f"- {escape_markdown(note)}" for note in runs.notes))


def _show_steps(runs: ParsedRuns) -> None:
    """How many rows each step took away, and why."""
    lines = [
        f"- {step.rows:,} row{'s' if step.rows != 1 else ''}: {escape_markdown(step.why)}"
        for step in runs.steps
    ]
    if runs.left_out:
        lines.append(f"- {runs.left_out:,} because of their values, listed as problems")
    taken_away = "; removed:\n\n" + "\n".join(lines) if lines else "; none removed."
    st.markdown(f"**Rows**: {runs.rows_read:,} read, {len(runs):,} runs{taken_away}")


def _show_first_rows(taken: Intake) -> None:
    """The first runs as they were read; without any, the first rows as they stand in the file."""
    runs = taken.read
    if runs is not None:
        table = runs.table.head(FIRST_ROWS)
        names = [name for name in ("run", "group") if name in table]
        st.markdown("**The first rows as read**")
        layout.table(
            pd.DataFrame(
                {
                    "Row": [runs.place_of(run) for run in range(len(table))],
                    **{name.capitalize(): table[name].astype(str) for name in names},
                    "Parameters": [in_words(value, 4) for value in table["params"]],
                    "Tokens": [in_words(value, 4) for value in table["tokens"]],
                    "FLOP": [in_flop(value) for value in table["training_flop"]],
                    f"Loss ({runs.loss_unit})": [significant(value, 4) for value in table["loss"]],
                }
            ),
            alt="The first rows of the file as they were read",
        )
    elif taken.sample:
        st.markdown("**The first rows of the file**")
        names = list(taken.header)[:MAX_SHOWN_COLUMNS]
        layout.table(
            pd.DataFrame([row[:MAX_SHOWN_COLUMNS] for row in taken.sample], columns=names),
            alt="The first rows of the file",
        )


def _show_problems(runs: ParsedRuns) -> None:
    if not runs.problem_count:
        return
    count = f"{runs.problem_count:,} problem{'s' if runs.problem_count > 1 else ''}"
    lines = [escape_markdown(str(problem)) for problem in runs.problems[:PROBLEMS_IN_SIGHT]]
    more = runs.problem_count - len(lines)
    st.warning(
        f"**{count}; the good rows are used.**\n\n"
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


def _show_settings(taken: Intake) -> None:
    """What rows are, and numbers that no column gives; each is read anew as soon as it is set."""
    given = taken.decision.mapping
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _choice(taken, "one_row_is", "A row is", ROW_WORDS, given.get("one_row_is"))
        if taken.found.one_row_is == "step" or taken.files[0].shape in ("wandb_chart",):
            _choice(taken, "take", "From each run take", TAKE_WORDS, taken.found.take)
            _number(taken, "all_tokens_per_step", "Tokens per step", "such as 524,288")
        else:
            _choice(
                taken,
                "checkpoints",
                "From checkpoints take",
                CHECKPOINT_WORDS,
                taken.found.checkpoints,
            )
            _choice(
                taken,
                "repeats",
                "From runs of one size and data take",
                REPEAT_WORDS,
                taken.found.repeats,
            )
            if taken.found.step and not taken.found.tokens:
                _number(taken, "all_tokens_per_step", "Tokens per step", "such as 524,288")
        if not taken.found.params:
            _number(taken, "all_params", "Parameters of all runs", "such as 7B")
        if taken.found.measure == "bits_per_byte":
            _number(taken, "bytes_per_token", "Bytes per token, for a loss per byte", "such as 4.4")
    if taken.files[0].shape == "wandb_chart" or _sizes_by_names(taken):
        _sizes_of_runs(taken)


def _choice(
    taken: Intake, name: str, label: str, words: Mapping[Any, str], now: str | None
) -> None:
    """One of a few ways to read rows."""
    options = list(words)
    key = f"runs.{name}.{now}"

    def read_so() -> None:
        value = st.session_state[key]
        mapping = dict(taken.decision.mapping) | {name: value}
        run_intake.read_again(mapping, f"{label.lower()} {words[value]}")

    st.selectbox(
        label,
        options,
        index=options.index(now),
        format_func=words.__getitem__,
        width=240,
        key=key,
        on_change=read_so,
    )


def _number(taken: Intake, name: str, label: str, hint: str) -> None:
    """A number for files without such a column; what is no number stays in the field and is
    said.
    """
    now = _number_text(taken.decision.mapping.get(name))
    key = f"runs.{name}.{now}"

    def read_so() -> None:
        text = st.session_state[key].strip()
        mapping = {each: value for each, value in taken.decision.mapping.items() if each != name}
        try:
            mapping |= {name: number_in(text, label)} if text else {}
            run_intake.read_again(mapping, f"{label.lower()}: {text or 'none'}")
        except InputError:
            return  # said below, where the text still stands

    with st.container(width=230):
        typed = st.text_input(label, now, placeholder=hint, key=key, on_change=read_so)
        if typed.strip():
            try:
                number_in(typed, label)
            except InputError as error:
                st.caption(f":red[{escape_markdown(error.remedy)}]")


def _sizes_of_runs(taken: Intake) -> None:
    """Parameters of runs whose names do not give them."""
    sizes: Mapping[str, float] = taken.decision.mapping.get("params_of_run", {})
    now = "\n".join(f"{name} = {_number_text(size)}" for name, size in sizes.items())
    key = f"runs.params_of_run.{hash(now)}"

    def read_so() -> None:
        text = st.session_state[key]
        mapping = dict(taken.decision.mapping)
        mapping.pop("params_of_run", None)
        try:
            mapping |= {"params_of_run": _sizes_in(text)} if text.strip() else {}
            run_intake.read_again(mapping, "parameters of runs")
        except InputError:
            return

    typed = st.text_area(
        "Parameters of runs whose names do not give them",
        now,
        placeholder="my-run = 7B",
        height=100,
        key=key,
        on_change=read_so,
    )
    try:
        _sizes_in(typed)
    except InputError as error:
        st.caption(f":red[{escape_markdown(str(error).replace('`', ''))}]")


def _sizes_by_names(taken: Intake) -> bool:
    """Whether sizes come, or could come, from the names of runs."""
    if isinstance(taken.error, MissingColumnError):
        return bool({"params", "params_of_run"} & set(taken.error.roles))
    return any(column.role == "params" and not column.column for column in taken.columns)


def _in_words(error: ForecastingError) -> str:
    """What is wrong as a reader of the page, not of the code, would say it."""
    if isinstance(error, AmbiguousColumnError):
        return f"{error.remedy} Choose below what each column is."
    if isinstance(error, ReadingQuestionError):
        return f"Unclear: {shown(error.value, 200)}. {error.remedy}"
    if isinstance(error, MissingColumnError):
        return f"Something is missing to read runs from this file. {error.remedy}"
    return str(error).replace("`", "")


def _sizes_in(text: str) -> dict[str, float]:
    """Lines such as “my-run = 7B” as parameters by run; raises InputError."""
    sizes = {}
    for line in filter(str.strip, text.splitlines()):
        name, equals, size = line.rpartition("=")
        if not equals or not name.strip():
            raise InputError("parameters", line, "Write one run per line, such as my-run = 7B.")
        sizes[name.strip()] = number_in(size.strip(), "parameters")
    return sizes


def _number_text(value: float | None) -> str:
    return "" if value is None else in_exact_words(float(value))
