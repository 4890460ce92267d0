"""Every section of every page by “page/section”, and its address below that of the dashboard."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard import links
from dashboard.pages.declaration import Page, Section
from dashboard.pages.registry import PAGES

EVERY: Mapping[str, tuple[Page, Section]] = {
    f"{page.name}/{section.name}": (page, section)
    for page in PAGES.values()
    for section in page.sections
}


def address(page: Page, section: Section) -> str:
    """The address of a page that brings a section in view."""
    return f"{page.path}?{links.text_of(tuple(page.query(section).items()))}"
