"""What to know before trusting the fit of own runs, and what can be done about it on a click: leave
single runs out, or fit one group alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard.escaping import escape_markdown
from dashboard.pages.runs import intake as run_intake
from dashboard.state import own_data, session
from dashboard.state.page_state import PageState
from forecasting.fitting.warning_kinds import CutBeforeDecay, LargeResiduals, LossesRise, Outliers
from forecasting.user_runs.own_runs import MAX_GROUPS, RunsForecast

#: Rows that are named in a sentence.
MAX_NAMED = 8


def show_warnings(state: PageState[Any, Any], result: RunsForecast) -> None:
    """All warnings, then a line with a button for each that names single runs or groups."""
    if not result.warnings:
        return
    lines = "\n".join(f"- {escape_markdown(warning.sentence)}" for warning in result.warnings)
    st.warning(f"**Before you trust this**\n\n{lines}", icon=":material/warning:")
    for warning in result.warnings:
        if isinstance(warning, CutBeforeDecay | LossesRise | Outliers) and not result.is_example:
            _offer_to_leave_out(result, warning.kind, warning.rows)
        elif isinstance(warning, LargeResiduals) and warning.groups:
            _offer_groups(state, result)


def _offer_to_leave_out(result: RunsForecast, kind: str, rows: tuple[int, ...]) -> None:
    """Name the runs of a warning by their rows in the file, and leave them out on a click.

    Parameters
    ----------
    result : RunsForecast
        The fit.
    kind : str
        The warning.
    rows : tuple of int
        Its runs among those fitted, counted from 1.
    """
    runs = own_data.own().runs
    if runs is None or not rows:
        return
    gone = run_intake.left_out()
    here = [int(result.places[row - 1]) for row in rows]
    named = ", ".join(runs.place_of(run) for run in here[:MAX_NAMED])
    more = f" and {len(here) - MAX_NAMED:,} more" if len(here) > MAX_NAMED else ""
    what = {
        "cut_before_decay": "Stopped early?",
        "last_or_lowest": "Losses that rise:",
        "outliers": "Far off the law:",
    }[kind]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(escape_markdown(f"{what} {named}{more}"), width="content")
        st.button(
            "Leave it out" if len(here) == 1 else f"Leave these {len(here):,} runs out",
            icon=":material/filter_alt:",
            on_click=run_intake.leave_out,
            args=(gone | as_read(here, gone), f"{named}{more} left out"),
            key=f"runs.leave-out.{kind}",
            help="They can be restored at any time.",
        )


def as_read(runs: Sequence[int], gone: frozenset[int]) -> frozenset[int]:
    """Runs counted among all that were read, from 0, of runs counted without those `gone`."""
    kept = [run for run in range(max(runs, default=0) + len(gone) + 1) if run not in gone]
    return frozenset(kept[run] for run in runs)


def _offer_groups(state: PageState[Any, Any], result: RunsForecast) -> None:
    """A button for each group that can be fitted alone."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for number, name in enumerate(result.groups[:MAX_GROUPS], start=1):
            st.button(
                escape_markdown(f"Fit {name} alone"),
                on_click=_fit_group,
                args=(state, number),
                key=f"runs.fit-group.{number}",
            )


def _fit_group(state: PageState[Any, Any], number: int) -> None:
    now = session.current(state)
    session.show(now, now.scenario.replaced(group=number))
