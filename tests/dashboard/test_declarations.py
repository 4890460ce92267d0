"""A page is declared once; what follows from its declaration is complete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import pytest

import benchmarks.timed_pages as timed_pages
from dashboard import links, pages
from dashboard.pages.declaration import Group, Page, Section
from dashboard.pages.registry import PAGES
from forecasting.data.dataset import bundled
from forecasting.reporting.methods import documented
from tests.dashboard.harness import page_alone

RELEASED = Path(__file__).parents[1] / "forecasting" / "released_defaults"
FOLDERS = sorted(
    path.name
    for path in Path(pages.__path__[0]).iterdir()
    if path.is_dir() and not path.name.startswith("_")
)
SECTIONS = [
    pytest.param(page, section, id=f"{page.name}-{section.name}")
    for page in PAGES.values()
    for section in page.sections
]


def test_every_folder_of_a_page_is_in_the_registry_with_its_declaration() -> None:
    assert sorted(name.replace("-", "_") for name in PAGES) == FOLDERS
    for name in FOLDERS:
        declared = __import__(f"dashboard.pages.{name}", fromlist=["PAGE"]).PAGE
        assert PAGES[name.replace("_", "-")] is declared


@pytest.mark.parametrize(("page", "section"), SECTIONS)
def test_a_section_names_what_computes_draws_and_documents_it(page: Page, section: Section) -> None:
    assert callable(section.forecast)
    assert callable(section.load())
    assert section.show.startswith(f"dashboard.pages.{page.name.replace('-', '_')}.")
    assert set(section.sources) <= set(bundled().names)
    for reference in section.methods:
        assert len(documented(page.title, reference).title) > 20


@pytest.mark.parametrize(("page", "section"), SECTIONS)
def test_its_query_brings_a_section_in_view(page: Page, section: Section) -> None:
    query = page.query(section)
    fields = page.display.model_fields
    display = page.display(**{name: value for name, value in query.items() if name in fields})
    scenario = page.scenario(**{name: value for name, value in query.items() if name not in fields})
    assert page.section(scenario, display) is section


@pytest.mark.parametrize("page", PAGES.values(), ids=lambda page: page.name)
def test_links_know_the_sections_that_a_page_has_and_no_others(page: Page) -> None:
    def values(name: str) -> tuple[str, ...]:
        return get_args(page.display.model_fields[name].annotation)

    if not page.has_control:
        assert len(page.sections) == 1
        return
    assert values("view") == tuple(page.entries)
    groups: set[Group] = {section.group for section in page.sections if section.group}
    for group in groups:
        assert values(group.field) == tuple(page.parts(group))


@pytest.mark.parametrize("page", PAGES.values(), ids=lambda page: page.name)
def test_the_defaults_of_every_version_of_a_page_are_on_record(page: Page) -> None:
    for version in range(1, page.scenario.VERSION + 1):
        path = RELEASED / f"{page.name}.v{version}.json"
        assert path.exists(), f"no {path.name}: run python -m tests.tools.release_defaults"
        released = json.loads(path.read_text())
        assert set(released) <= set(page.scenario.model_fields)


def test_every_page_is_timed_beside_its_bare_app_or_has_a_reason_not_to_be() -> None:
    assert not set(timed_pages.PAGES) & set(timed_pages.UNTIMED)
    assert set(timed_pages.PAGES) | set(timed_pages.UNTIMED) == set(PAGES)
    bare = Path(timed_pages.__file__).parent / "bare"
    for page in timed_pages.PAGES.values():
        assert (bare / str(page.same_figure.bare_app)).is_file()


@pytest.mark.parametrize("name", timed_pages.PAGES)
def test_a_timed_page_has_the_slider_that_is_moved(name: str) -> None:
    target = timed_pages.PAGES[name].page
    test = page_alone(name, dict(links.parse_query(target.query)))
    assert target.slider in {each.label for each in (*test.slider, *test.select_slider)}


@pytest.mark.parametrize(
    ("page", "section"),
    [
        pytest.param(page, section, id=f"{page.name}-{section.name}")
        for page in PAGES.values()
        for section in page.sections
        if "law" in page.scenario.model_fields
    ],
)
def test_a_section_that_does_not_read_the_law_says_that_it_does_not_use_it(
    page: Page, section: Section
) -> None:
    reads_law = "law" in section.inputs.model_fields
    assert reads_law or section.in_place_of_law(page.scenario())
