"""Start-up work: heavy imports before the server is healthy, default forecasts after it."""

from __future__ import annotations

import importlib
import math
import threading

from dashboard.first_paint.content import first_paint
from dashboard.pages.declaration import Section
from dashboard.pages.registry import PAGES
from dashboard.server.settings import server_settings
from dashboard.ui.progressive import full
from forecasting.context import Context, context_of
from forecasting.stats.budget import Budget, within

#: What the first page needs, so that no visitor pays for its import.
HEAVY_MODULES = ("numpy", "pandas", "pyarrow")
#: Set when the work after the start is done, or has failed: no visitor waits for it any more.
warmed = threading.Event()


def import_heavy_modules() -> None:
    """Import what every page needs."""
    for name in HEAVY_MODULES:
        importlib.import_module(name)


def warm_caches() -> None:
    """Import the code of every section and compute its default forecast, in the order of the pages;
    slow ones come last. Then draw what each page shows first. A setting leaves out the slow ones,
    or all of it.
    """
    wanted = server_settings().warm_up
    if wanted == "off":
        return
    context = context_of()
    every = [section for page in PAGES.values() for section in page.sections]
    for section in sorted(every, key=lambda section: section.is_slow):
        if wanted == "all" or not section.is_slow:
            warm(section, context)
    for page in PAGES.values():
        first_paint(page, ())


def warm(section: Section, context: Context) -> None:
    """All that the first visitor of a section would wait for, however long it takes."""
    section.load()
    with within(Budget(math.inf)):
        full(section.forecast, section.inputs(), context)
        for compute in section.warm:
            compute(context)
