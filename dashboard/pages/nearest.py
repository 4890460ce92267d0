"""The page that an address was probably meant for."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from dashboard.pages.declaration import Page
from dashboard.pages.registry import PAGES

#: The least likeness of an address to a page's name that suggests the page.
MIN_LIKENESS = 0.5


def nearest_page(path: str) -> Page | None:
    """The page whose name or title is nearest to a path; None where none is near."""
    names: Mapping[str, Page] = {
        words.lower(): page
        for page in PAGES.values()
        for words in (page.name, page.title, page.menu_title)
    }
    wanted = path.strip("/").replace("-", " ").replace("_", " ").lower()
    for part in (wanted, *wanted.split("/")):
        found = difflib.get_close_matches(part[:60], names, n=1, cutoff=MIN_LIKENESS)
        if found:
            return names[found[0]]
    return None
