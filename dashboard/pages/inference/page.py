"""Train or infer: what is a FLOP at answer time worth, and when does a machine answer cost less
than a person?
"""

from __future__ import annotations

from collections.abc import Callable

from dashboard.pages.inference.axes import show_axes
from dashboard.pages.inference.parity import show_parity
from dashboard.pages.inference.scores import show_scores
from dashboard.pages.inference.serve import show_serve
from dashboard.pages.inference.tries import show_tries
from dashboard.state import session
from dashboard.state.display import InferenceDisplay
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from forecasting.inference.inference_scenario import InferenceScenario

Section = Callable[[PageState[InferenceScenario, InferenceDisplay]], None]

VIEWS = {
    "axes": "Two axes",
    "tries": "Many tries",
    "serve": "Serve at scale",
    "person": "A machine or a person",
}
PERSON_PARTS: dict[str, tuple[str, Section]] = {
    "parity": ("Cost against a person's", show_parity),
    "scores": ("Scores beside people's", show_scores),
}


def show_person(state: PageState[InferenceScenario, InferenceDisplay]) -> None:
    """Cost of an answer against a person's, and scores against people's."""
    Controls(state).segmented(
        "person_part",
        list(PERSON_PARTS),
        words=lambda part: PERSON_PARTS[part][0],
        hidden_label=True,
    )
    PERSON_PARTS[state.display.person_part][1](state)


SECTIONS: dict[str, Section] = {
    "axes": show_axes,
    "tries": show_tries,
    "serve": show_serve,
    "person": show_person,
}

page = session.open_page(InferenceScenario, InferenceDisplay)
layout.question(
    "Train or infer",
    "What is a FLOP at answer time worth, and when does a machine answer cost less than a person?",
)
no_law = page.display.view in ("tries", "person") or page.scenario.trade in ("go", "hex")
layout.notices(page, without_law="this section needs no scaling law" if no_law else "")
Controls(page).segmented("view", list(SECTIONS), words=VIEWS.__getitem__, hidden_label=True)
with layout.error_boundary():
    SECTIONS[page.display.view](page)
session.close_page(page)
