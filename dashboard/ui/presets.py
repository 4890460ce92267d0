"""The presets of a page, side by side: one click fills all inputs of its scenario."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import streamlit as st

from dashboard.escaping import escape_markdown
from dashboard.links import D
from dashboard.state import session
from dashboard.state.page_state import PageState
from forecasting.scenario import Scenario

S = TypeVar("S", bound=Scenario)


@dataclass(frozen=True)
class PresetWidget:
    """Which widget shows the presets of a page: the preset it marks and its number.

    A browser sends all its widgets with every message. One that has not drawn the new mark yet
    sends the old one along with the next move, and Streamlit takes that for a choice. So each mark
    gets a widget with a number of its own, and what a widget sends is a choice only if it differs
    from what it was given or has sent before. `applied` is the number of the latest widget whose
    choice has been used, `choice` the latest one it sent.
    """

    mark: str | None
    number: int = 0
    applied: int = -1
    choice: str | None = None

    def marking(self, mark: str | None) -> PresetWidget:
        """The widget for that mark: this one, or the next where the mark has changed."""
        return self if mark == self.mark else replace(self, mark=mark, number=self.number + 1)

    def after(self, sender: PresetWidget, chosen: str) -> PresetWidget:
        """The next widget, once the choice that `sender` reported has been used."""
        return PresetWidget(chosen, self.number + 1, sender.number, chosen)

    def takes(self, sender: PresetWidget, chosen: str) -> bool:
        """Whether what the widget `sender` reports is a choice that has not been used yet."""
        known = self.choice if sender.number == self.applied else sender.mark
        return chosen != known and sender.number >= self.applied


def preset_choice(
    state: PageState[S, D],
    names: Mapping[str, str],
    current: str | None,
    scenario_of: Callable[[str, S], S],
    *,
    hidden_label: bool = False,
) -> None:
    """The presets, the one that the page shows marked, none once an input differs.

    Parameters
    ----------
    state
        The page as it is shown.
    names
        The presets in words, by name, in the order in which they are listed.
    current
        The name of the preset that the scenario equals, or None.
    scenario_of
        Makes the scenario of a preset from its name and the scenario on the page.
    hidden_label
        Whether the label “Start from” is left to screen readers.
    """
    slot = state.key("preset")
    widget = st.session_state.get(slot, PresetWidget(current)).marking(current)
    st.session_state[slot] = widget
    key = f"{slot}-{widget.number}"

    def apply_choice() -> None:
        chosen: str | None = st.session_state.get(key)
        latest: PresetWidget = st.session_state[slot]
        if chosen is not None and latest.takes(widget, chosen):
            st.session_state[slot] = latest.after(widget, chosen)
            shown = session.current(state)
            session.show(shown, scenario_of(chosen, shown.scenario))

    st.session_state.setdefault(key, current)
    st.pills(
        "Start from",
        list(names),
        format_func=lambda name: escape_markdown(names[name]),
        key=key,
        default=st.session_state[key],
        required=True,
        on_change=apply_choice,
        label_visibility="collapsed" if hidden_label else "visible",
    )
