"""What holds of every page with sections: each opens from a link and answers, and no query makes it
raise.
"""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.pages.registry import PAGE_PARTS
from tests.dashboard.harness import page_alone
from tests.examples import draws_a_page

PAGES = ("cost", "scaling", "text", "inference", "plan")
SECTIONS = [
    (page, view)
    for page in PAGES
    for view in get_args(PAGE_PARTS[page].display.model_fields["view"].annotation)
]


def file_of(page: str) -> str:
    return f"dashboard/pages/{page}/page.py"


@pytest.mark.parametrize(("page", "view"), SECTIONS)
def test_every_section_opens_from_a_link_and_answers(page: str, view: str) -> None:
    test = page_alone(file_of(page), {"v": str(PAGE_PARTS[page].scenario.VERSION), "view": view})
    assert not test.exception
    assert not test.error
    assert test.info


@pytest.mark.parametrize("page", PAGES)
@draws_a_page
@given(data=st.data())
def test_no_query_makes_a_page_raise(page: str, data: st.DataObject) -> None:
    parts = PAGE_PARTS[page]
    names = ["v", "d", "p1", *parts.scenario.model_fields, *parts.display.model_fields]
    query = data.draw(st.dictionaries(st.sampled_from(names), st.text(max_size=30), max_size=5))
    test = page_alone(file_of(page), query)
    assert not test.exception
    assert test.title
