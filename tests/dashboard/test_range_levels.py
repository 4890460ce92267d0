"""One level of ranges on a page: what the reader chooses for the bands moves answer, table, chart
and sentences alike, and a range of another level names it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.export import exports
from dashboard.forecasts import forecast
from dashboard.pages.declaration import Page, Section
from dashboard.pages.scaling.surface import surface_note
from dashboard.state.page_state import PageState
from forecasting.scaling.isoflop_surface import isoflop_surface
from forecasting.scaling.scaling_scenario import ScalingScenario
from forecasting.stats.range_level import range_level
from tests.dashboard.harness import SECTIONS
from tests.dashboard.section_figures import hovered, state_of

#: A range in brackets behind a figure.
RANGE = re.compile(r"\((?!\d+%[: ])[^()]*(?: to |\d–)[^()]*\)")
#: What names the level of a range: “80%”, “10th percentile”, a quantile.
NAMED = re.compile(r"\b(?:50|80|90|95)%|percentile|quantile|low to high", re.IGNORECASE)

#: A level that is written out, with the word behind it.
WRITTEN = re.compile(r"\b(?:50|80|90|95)%(?: [a-z]+)?")
#: Where one may be, since no choice of bands moves what it is the level of.
FIXED = {
    "charts/coverage_by_horizon.py": {"80% range"},  # how far a share may be off
    "charts/forecast_ledger.py": {"80% range"},  # what kept forecasts are scored by
    "charts/past_forecast.py": {"80% band"},  # what methods are judged by
    "charts/plan_limits.py": {"50%"},  # a tick of an axis
    "charts/plan_split.py": {"50%"},  # a tick of an axis
    "charts/reliability.py": {"80% of"},  # series
    "pages/cost/model.py": {"80% range", "90% within", "95% interval"},  # growth; as published
    "pages/cost/price.py": {"80%", "95%", "95% from", "95% ranges"},  # growth
    "pages/inference/parity.py": {"80% range", "90% interval", "90% intervals"},  # growth; fits
    "pages/inference/scores.py": {"80% range"},  # a slope
    "pages/inference/serving.py": {"80% of", "90% of"},  # measurements; memory
    "pages/plan/backtest.py": {"80% range"},  # a single run
    "pages/plan/matters.py": {"90% quantile", "90% quantiles"},  # where inputs are held
    "pages/runs/law.py": {"80% interval", "80% intervals", "95% interval"},  # coefficients
    "pages/runs/report.py": {"80% interval", "95% interval"},  # coefficients
    "pages/scaling/sets.py": {"90%"},  # figures that come with the tables
    "pages/supply/chips.py": {"90% ranges"},  # as published
    "pages/supply/sites.py": {"80% of"},  # delays
    "pages/text/date.py": {"80%", "80% range", "90% range", "95% range"},  # the paper's; growth
    "pages/track_record/ledger.py": {"80% range", "95% range"},  # both are drawn
    "pages/track_record/series.py": {  # what methods are judged by
        *("50%", "80%", "95%", "50% and", "80% band", "80% interval"),
        *("80% of", "80% range", "95% bands"),
    },
}


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


def test_a_level_is_written_out_only_beside_a_range_that_no_choice_moves() -> None:
    written: dict[str, set[str]] = {}
    for folder in ("pages", "charts"):
        for path in Path("dashboard", folder).rglob("*.py"):
            for words in words_of(ast.parse(path.read_text(encoding="utf-8"))):
                if levels := WRITTEN.findall(words):
                    name = path.relative_to("dashboard").as_posix()
                    written.setdefault(name, set()).update(levels)
    assert written == FIXED


def words_of(tree: ast.Module) -> Iterator[str]:
    """The strings of a module, but for docstrings."""
    described = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, described) and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


@pytest.mark.parametrize("level", [0.5, 0.95])
def test_the_sentence_below_the_surface_has_the_level_of_the_bands(level: float) -> None:
    result = isoflop_surface(ScalingScenario(resamples=100))
    with range_level(level):
        assert f"({level:.0%})" in surface_note(result)
