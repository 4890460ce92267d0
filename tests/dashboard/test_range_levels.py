"""One level of ranges on a page: what the reader chooses for the bands moves answer, table and
chart alike, and a range of another level names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from dashboard.export import exports
from dashboard.forecasts import forecast
from dashboard.pages.declaration import Page, Section
from dashboard.state.page_state import PageState
from forecasting.stats.range_level import range_level
from tests.dashboard.harness import SECTIONS
from tests.dashboard.section_figures import hovered, state_of

#: A range in brackets behind a figure.
RANGE = re.compile(r"\((?!\d+%[: ])[^()]*(?: to |\d–)[^()]*\)")
#: What names the level of a range: “80%”, “10th percentile”, a quantile.
NAMED = re.compile(r"\b(?:50|80|90|95)%|percentile|quantile|low to high", re.IGNORECASE)


def said_at(
    page: Page, section: Section, bands: str
) -> tuple[str, dict[tuple[str, int], str], list[str]]:
    """Answer with its lines, the cells of the table by column and row, and the words on hover."""
    made = state_of(page, section)
    state = PageState(made.scenario, made.display.model_copy(update={"bands": (bands,)}))
    result = forecast(section.forecast, state.scenario, state.context)
    with range_level(state.level):
        answer = " ".join((exports.answer_of(result), *exports.lines_of(result)))
        table, figure = section.numbers_of(result), section.figure_of(state, result)
    cells = {
        (str(name), row): str(cell)
        for name in (table.columns if table is not None else ())
        for row, cell in enumerate(table[name])
    }
    return answer, cells, [text for _, text in hovered(figure)] if figure is not None else []


def unnamed(texts: Iterator[str]) -> set[str]:
    return {text for text in texts if RANGE.search(text) and not NAMED.search(text)}


@pytest.mark.parametrize(("page", "section"), SECTIONS)
def test_ranges_have_the_level_that_was_chosen_or_name_theirs(page: Page, section: Section) -> None:
    narrow, wide = (said_at(page, section, bands) for bands in ("50", "95"))
    for level, (answer, _, _) in (("50", narrow), ("95", wide)):
        assert not re.search(rf"likely [^()]*\((?!{level}%|80%)", answer), answer
    columns = [name for name, _ in wide[1]]
    for name in dict.fromkeys(columns):
        mine = {row: cell for (column, row), cell in wide[1].items() if column == name}
        if NAMED.search(name) or not unnamed(iter(mine.values())):
            continue
        assert any(narrow[1].get((name, row)) != cell for row, cell in mine.items()), (name, mine)
    kept = unnamed(iter(narrow[2])) & unnamed(iter(wide[2]))
    assert not kept, kept
