"""Running out of text: when is public text used up, and what moves the date?"""

from __future__ import annotations

from collections.abc import Callable

from dashboard import layout, session
from dashboard.controls import Controls
from dashboard.display import TextDisplay
from dashboard.sections.text_controls import State
from dashboard.sections.text_date import show_chance, show_date
from dashboard.sections.text_drivers import show_drivers
from dashboard.sections.text_limits import show_corpus, show_wall
from forecasting.text.text_scenario import TextScenario

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
with layout.said_not_raised():
    SECTIONS[page.display.view](page)
session.close_page(page)
