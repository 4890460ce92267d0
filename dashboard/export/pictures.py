"""The chart of an export as SVG and PNG, with the words that a picture needs to travel alone.

What draws them is imported when the first one is asked for, not when the server starts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dashboard.export.exports import PRODUCT, PageExport, rows_of_inputs
from dashboard.export.static.theme import Theme
from forecasting.data.result_cache import ResultCache
from forecasting.data.today import today
from forecasting.errors import ForecastingError
from forecasting.reporting.plan_report import value_words

if TYPE_CHECKING:
    from dashboard.export.static.drawing import Drawing

#: The width of a picture in pixels where none is asked for, and the narrowest and widest.
WIDTH, MIN_WIDTH, MAX_WIDTH = 960, 320, 2000
#: Pictures that are kept, the ones used last.
MAX_CACHED = 64
#: Changed inputs and tables that a picture names.
MAX_INPUTS, MAX_TABLES = 6, 3


def svg_bytes(shown: PageExport, theme: Theme = "light", width: int = WIDTH) -> bytes:
    """The chart with its words as SVG; raises ForecastingError where the section has none."""
    from dashboard.export.static.svg import svg_of

    return _cached(
        shown,
        ("svg", theme, width),
        lambda: svg_of(
            drawing_of(shown, theme, width), title=heading_of(shown), about=shown.answer
        ).encode("utf-8"),
    )


def png_bytes(shown: PageExport, theme: Theme = "light", width: int = WIDTH) -> bytes:
    """The same as PNG, two pixels to each of `width`."""
    from dashboard.export.static.png import png_of

    return _cached(shown, ("png", theme, width), lambda: png_of(drawing_of(shown, theme, width)))


def drawing_of(shown: PageExport, theme: Theme, width: float) -> Drawing:
    """The chart with title, answer, scenario, sources, date and link."""
    if shown.figure is None:
        raise ForecastingError(
            f"The section “{shown.section.label}” of {shown.title} has no chart for these inputs."
            " Its numbers are there as JSON, CSV and Excel."
        )
    from dashboard.export.static.picture import Caption, picture

    caption = Caption(
        heading_of(shown),
        shown.answer,
        [scenario_line(shown), sources_line(shown), date_line(shown)],
        shown.link,
    )
    return picture(shown.figure, caption, width=width, theme=theme)


def scenario_line(shown: PageExport) -> str:
    """The inputs that differ from the defaults, in one line."""
    changed = [row for row in rows_of_inputs(shown.inputs) if not row["is_default"]]
    if not changed:
        return "Inputs: all at their defaults."
    values = dict(shown.inputs)
    named = [
        f"{row['label']} {value_words(values[row['name']], row['unit'])}"
        for row in changed[:MAX_INPUTS]
    ]
    more = len(changed) - len(named)
    return f"Inputs changed: {'; '.join(named)}{f'; and {more} more' if more else ''}."


def sources_line(shown: PageExport) -> str:
    """The tables that the forecast reads, in one line."""
    titles = [source["title"] for source in shown.sources]
    if not titles:
        return "No tables are read: the numbers follow from the inputs alone."
    more = len(titles) - MAX_TABLES
    and_more = f" and {more} more table{'s' if more > 1 else ''}" if more > 0 else ""
    return f"Sources: {'; '.join(titles[:MAX_TABLES])}{and_more}."


def date_line(shown: PageExport) -> str:
    """Whose picture it is, of which day, and how recent its data are."""
    day = today()
    made = f"{PRODUCT}, {day.day} {day:%B %Y}. Data version {shown.data_version}."
    return f"{made} {shown.recency}".strip()


def heading_of(shown: PageExport) -> str:
    """The title of pictures and documents: page and section, or page and years."""
    if shown.section.name != shown.page.name:
        return f"{shown.title}: {shown.section.label}"
    years = [str(value) for name, value in shown.inputs if name in ("first_year", "last_year")]
    return f"{shown.title} {'–'.join(dict.fromkeys(years))}".strip()


def _cached(shown: PageExport, kind: tuple[object, ...], make: Callable[[], bytes]) -> bytes:
    """What `make` returns, made once for a link, its data and the day, and kept where results of
    the same data are: pictures of a user's own runs go with the session.
    """
    pictures = shown.context.results.get("pictures", lambda: ResultCache(MAX_CACHED))
    key = (*kind, shown.link, shown.data_version, today())
    return pictures.get(key, make)
