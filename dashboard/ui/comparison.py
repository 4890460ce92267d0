"""The pinned scenarios beside the one in view: what they are called, in which inputs they differ,
and the buttons that take them away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dashboard import links
from dashboard.escaping import escape_markdown
from dashboard.export.exports import rows_of_inputs
from dashboard.state import session
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from forecasting.reporting.plan_report import value_words
from forecasting.scenario import Scenario

THIS = "This page"


def comparison(state: PageState[Any, Any], described: Sequence[str]) -> None:
    """The pins, each with a field for its name, and the table of what differs; nothing without
    pins.

    Parameters
    ----------
    state : PageState
        The state of the page.
    described : sequence of str
        Each pin in a few words, for where the reader gives no name; of one that cannot be computed
        there may be none.
    """
    if not state.pins:
        return
    names = names_of(state, described)
    with st.container(key="pins", gap="small"):
        for number, name in enumerate(names):
            _pin(state, number, name)
        frame, same = differences(state.section.inputs, state.scenario, state.pins, names)
        if len(frame):
            layout.table(frame, alt="The inputs in which the pinned scenarios differ")
            st.caption(f"All other inputs are the same ({same}).")
        else:
            st.caption("The pins have the same inputs as this page.")


def _pin(state: PageState[Any, Any], number: int, name: str) -> None:
    """One pin: its name, to be changed, and its button."""
    own = state.pin_name(number)
    # A field of its own for each name, as for typed quantities: what a lagging browser sends again
    # for the name before is no input.
    key = state.key(f"pin-name-{number}:{len(state.pins)}:{own}")

    def rename() -> None:
        session.rename_pin(state, number, st.session_state[key])

    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text_input(
            f"Name of pin {number + 1}",
            own,
            key=key,
            on_change=rename,
            placeholder=name,
            max_chars=links.MAX_PIN_NAME,
            label_visibility="collapsed",
            width=360,
        )
        st.button(
            f"Pin {number + 1}: {escape_markdown(name)}",
            icon=":material/close:",
            on_click=session.unpin,
            args=(state, number),
            key=state.key(f"unpin{number}"),
            help="Remove this pin.",
        )


def names_of(state: PageState[Any, Any], described: Sequence[str]) -> list[str]:
    """What each pin is called: by the reader, or else what it is."""
    whole = len(described) == len(state.pins)
    return [
        state.pin_name(number) or (described[number] if whole else f"pin {number + 1}")
        for number in range(len(state.pins))
    ]


def differences(
    inputs: Any, scenario: Scenario, pins: Sequence[Scenario], names: Sequence[str]
) -> tuple[pd.DataFrame, int]:
    """A row for each input in which a pin differs from the scenario, and how many are the same.

    Parameters
    ----------
    inputs : type of Inputs
        What of the scenarios the forecast reads.
    scenario, pins : scenarios
        The one in view, and those beside it.
    names : sequence of str
        What the pins are called.
    """
    columns = [
        [row | {"value": getattr(each, row["name"])} for row in rows_of_inputs(inputs.of(each))]
        for each in (scenario, *pins)
    ]
    headings = [THIS, *(f"{number}. {name}" for number, name in enumerate(names, start=1))]
    rows, same = [], 0
    for of_input in zip(*columns, strict=True):
        values = [row["value"] for row in of_input]
        if all(value == values[0] for value in values[1:]):
            same += 1
            continue
        words = [
            "–" if row["value"] is None else value_words(row["value"], row["unit"])
            for row in of_input
        ]
        rows.append({"Differs in": of_input[0]["label"], **dict(zip(headings, words, strict=True))})
    return pd.DataFrame(rows, columns=["Differs in", *headings]), same
