"""Running out of text: when is public text used up, and what moves the date?"""

from __future__ import annotations

from collections.abc import Callable

from dashboard.pages.text.controls import State
from dashboard.pages.text.date import show_chance, show_date
from dashboard.pages.text.drivers import show_drivers
from dashboard.pages.text.limits import show_corpus, show_wall
from dashboard.state import session
from dashboard.state.display import TextDisplay
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from forecasting.text_limits.text_scenario import TextScenario

VIEWS = {
    "date": "Stock and demand",
    "chance": "Chance by year",
    "drivers": "What moves the date",
    "wall": "After the wall",
    "corpus": "My corpus",
}
SECTIONS: dict[str, Callable[[State], None]] = {
    "date": show_date,
    "chance": show_chance,
    "drivers": show_drivers,
    "wall": show_wall,
    "corpus": show_corpus,
}

page = session.open_page(TextScenario, TextDisplay)
layout.question("Running out of text", "When is public text used up, and what moves the date?")
layout.notices(page)
Controls(page).segmented("view", words=VIEWS.__getitem__, hidden_label=True)
with layout.error_boundary():
    SECTIONS[page.display.view](page)
session.close_page(page)
