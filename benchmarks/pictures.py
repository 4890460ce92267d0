"""Charts as pictures, processor time and bytes: `python -m benchmarks pictures`."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from dashboard.charts.figure import Figure
from dashboard.export.static.chart import drawn
from dashboard.export.static.png import png_of
from dashboard.export.static.svg import svg_of
from dashboard.forecasts import forecast
from dashboard.pages.registry import PAGES
from dashboard.state.page_state import PageState

BUDGET_MS = 60.0
WIDTH = 880


def run() -> None:
    """Print both formats' medians and extremes."""
    drawings = figures()
    print(f"pictures of {len(drawings)} charts, {WIDTH} pixels wide, processor time")
    for kind, make in (
        ("SVG", lambda figure: svg_of(drawn(figure, WIDTH)).encode()),
        ("PNG, twice as wide", lambda figure: png_of(drawn(figure, WIDTH))),
    ):
        times, sizes = zip(*(timed(make, figure) for figure in drawings), strict=True)
        print(
            f"  {kind}: {statistics.median(times):.1f} ms (slowest {max(times):.1f}),"
            f" {statistics.median(sizes) / 1024:.1f} KiB (largest {max(sizes) / 1024:.1f})"
        )
    print(f"  budget: {BUDGET_MS:.0f} ms")


def figures() -> list[Figure]:
    """The default chart of every section that has one."""
    found = []
    for page in PAGES.values():
        for section in page.sections:
            query, fields = page.query(section), page.display.model_fields
            of_display = {name: value for name, value in query.items() if name in fields}
            rest = {name: value for name, value in query.items() if name not in fields}
            state: PageState[Any, Any] = PageState(
                page.scenario(**rest), page.display(**of_display)
            )
            if section.figure:
                result = forecast(section.forecast, state.scenario, state.context)
                found.append(section.figure_of(state, result))
    return [figure for figure in found if figure is not None]


def timed(make: Callable[[Figure], bytes], figure: Figure) -> tuple[float, int]:
    """Milliseconds of processor time, the least of three, and how many bytes were made."""
    best, made = float("inf"), b""
    for _ in range(3):
        start = time.process_time()
        made = make(figure)
        best = min(best, 1e3 * (time.process_time() - start))
    return best, len(made)
