"""Words on charts stand out from their ground in both themes."""

from __future__ import annotations

import pytest

from dashboard.charts.contrast import contrast, legible
from dashboard.export.static.chart import drawn
from dashboard.export.static.drawing import Words
from dashboard.export.static.theme import COLOURS, Theme
from dashboard.pages.declaration import Page, Section
from tests.dashboard.section_figures import CHARTED, figure_of

LEAST = 4.5


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)
    assert contrast("#ffffff", "#767676") == contrast("#767676", "#ffffff")


def test_a_colour_that_stands_out_stays_and_another_keeps_its_hue() -> None:
    assert legible("#102030", "#ffffff") == "#102030"
    darker = legible("#d95f02", "#ffffff")
    red, green, blue = (int(darker[at : at + 2], 16) for at in (1, 3, 5))
    assert red > green > blue
    assert contrast(darker, "#ffffff") >= LEAST


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("page", "section"), CHARTED)
def test_every_word_of_a_chart_is_legible(page: Page, section: Section, theme: Theme) -> None:
    ground = COLOURS[theme].ground
    drawing = drawn(figure_of(page, section), 880, theme)
    words = [part for part in drawing.parts if isinstance(part, Words)]
    assert words
    for each in words:
        if not each.role.endswith(":text"):  # words in bars, below
            assert contrast(each.colour, ground) >= LEAST, each.text


@pytest.mark.parametrize(("page", "section"), CHARTED)
def test_words_in_a_bar_are_legible_on_it(page: Page, section: Section) -> None:
    for trace in figure_of(page, section).data:
        if trace["type"] == "bar" and isinstance(trace.get("textfont", {}).get("color"), str):
            colour = {"white": "#ffffff"}.get(
                trace["textfont"]["color"], trace["textfont"]["color"]
            )
            assert contrast(colour, trace["marker"]["color"]) >= LEAST
