"""What a browser calls a page in a state."""

from __future__ import annotations

import pytest

from dashboard.links import open_link, parse_query
from dashboard.pages.registry import PAGES
from dashboard.state.page_state import PageState
from dashboard.ui.page_title import page_title
from forecasting.data.dataset import bundled


@pytest.mark.parametrize(
    ("name", "query", "title"),
    [
        ("overview", "", "Overview"),
        ("plan", "", "Plan"),
        ("plan", "budget_usd=40000000&last_year=2029", "Plan: $40M a year to 2029"),
        ("plan", "budget_usd=4e7&budget_for=all_years&last_year=2029", "Plan: $40M in all to 2029"),
        ("plan", "view=cluster&seed=3", "Plan: Cluster"),
        ("cost", "model=GPT-3&year=2033", "Cost of compute: GPT-3 to 2033"),
        ("scaling", "view=kaplan", "Scaling laws: Kaplan's lines"),
    ],
)
def test_a_title_names_the_page_its_section_and_what_differs(
    name: str, query: str, title: str
) -> None:
    page = PAGES[name]
    link = open_link(parse_query(query), page.scenario, page.display, bundled())
    assert page_title(page, PageState(link.scenario, link.display)) == f"{title} · Compute Forecast"


def test_titles_tell_all_sections_of_a_page_apart() -> None:
    for page in PAGES.values():
        shown = [page.display(view=entry) for entry in page.entries if page.has_control]
        titles = {page_title(page, PageState(page.scenario(), each)) for each in shown}
        assert len(titles) == len(shown)
