"""A page that does nothing but use a law, for the tests of what pages share."""

from __future__ import annotations

from typing import ClassVar

from dashboard.pages.declaration import Page, Section
from dashboard.state import session
from dashboard.state.display import Display
from dashboard.ui import layout
from dashboard.ui.display_bar import display_bar
from forecasting.context import DataOrContext, law_in_use
from forecasting.fitting.law_choice import LawInUse, LawName, law_field
from forecasting.scenario import Scenario


class LawScenario(Scenario):
    """A law alone."""

    NAME: ClassVar[str] = "law"
    law: LawName = law_field()


def named_law(scenario: LawScenario, *, data: DataOrContext | None = None) -> LawInUse:
    """The scenario's law."""
    return law_in_use(scenario.law, data)


PAGE = Page(
    title="A law",
    question="Which law is in use?",
    icon=":material/gavel:",
    scenario=LawScenario,
    sections=(Section("law", "A law", named_law, "tests.dashboard.law_page:show"),),
)


def show() -> None:
    state = session.open_page(LawScenario, Display)
    layout.notices(state)
    with layout.error_boundary():
        layout.answer(law_in_use(state.scenario.law, state.context).title)
    display_bar(state, None)
    session.close_page(state)


if __name__ == "__main__":
    from tests.dashboard import law_page

    law_page.show()
