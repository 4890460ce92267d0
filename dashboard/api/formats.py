"""The formats in which the API gives a page's result, with what each takes in the query."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from dashboard.api.problems import bad_inputs
from dashboard.export import documents, exports, pictures
from dashboard.export.exports import PageExport
from dashboard.export.static.theme import Theme
from dashboard.pages.declaration import Page
from forecasting.errors import shown as quoted

#: The parameters of a query that are the format's own.
Options = Mapping[str, str]


@dataclass(frozen=True)
class Format:
    """How a result is made, of which media type, whether a browser shows it rather than saves it,
    its parameters as OpenAPI has them, and whether it is the chart alone.
    """

    make: Callable[[PageExport, Options], bytes]
    media_type: str
    is_inline: bool = False
    parameters: tuple[dict[str, Any], ...] = field(default=(), repr=False)
    is_chart: bool = False

    def is_of(self, page: Page) -> bool:
        """Whether a page has it: charts only where a section has one."""
        return not self.is_chart or any(section.figure for section in page.sections)


def _csv(shown: PageExport, options: Options) -> bytes:
    return exports.table_csv(shown, comments=options.get("comments") != "0")


def _look(options: Options) -> tuple[Theme, int]:
    """Theme and width of a picture; raises ProblemError for others than there are."""
    problems = []
    theme: Theme = "light"
    if (given := options.get("theme", theme)) in get_args(Theme):
        theme = given  # type: ignore[assignment]  # mypy does not narrow by get_args
    else:
        problems.append(f"“theme” is {quoted(given)}. Use light or dark.")
    text = options.get("width", str(pictures.WIDTH))
    width = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not pictures.MIN_WIDTH <= width <= pictures.MAX_WIDTH:
        problems.append(
            f"“width” is {quoted(text)}. Use whole pixels from {pictures.MIN_WIDTH} to"
            f" {pictures.MAX_WIDTH}."
        )
    if problems:
        raise bad_inputs(problems)
    return theme, width


_COMMENTS = {
    "name": "comments",
    "in": "query",
    "required": False,
    "description": "0 leaves out the comment lines (answer, link, sources) above the table.",
    "schema": {"type": "string", "enum": ["0", "1"], "default": "1"},
}
_LOOK = (
    {
        "name": "theme",
        "in": "query",
        "required": False,
        "description": "Colours of the picture.",
        "schema": {"type": "string", "enum": list(get_args(Theme)), "default": "light"},
    },
    {
        "name": "width",
        "in": "query",
        "required": False,
        "description": (
            "Width of the picture in CSS pixels; a PNG has twice as many in each direction."
        ),
        "schema": {
            "type": "integer",
            "minimum": pictures.MIN_WIDTH,
            "maximum": pictures.MAX_WIDTH,
            "default": pictures.WIDTH,
        },
    },
)
FORMATS: Mapping[str, Format] = {
    "json": Format(lambda shown, _: exports.json_of(shown), "application/json", is_inline=True),
    "csv": Format(_csv, "text/csv; charset=utf-8", parameters=(_COMMENTS,)),
    "svg": Format(
        lambda shown, options: pictures.svg_bytes(shown, *_look(options)),
        "image/svg+xml",
        is_inline=True,
        parameters=_LOOK,
        is_chart=True,
    ),
    "png": Format(
        lambda shown, options: pictures.png_bytes(shown, *_look(options)),
        "image/png",
        is_inline=True,
        parameters=_LOOK,
        is_chart=True,
    ),
    "pdf": Format(lambda shown, _: documents.pdf_bytes(shown), documents.PDF, is_inline=True),
    "docx": Format(lambda shown, _: documents.docx_bytes(shown), documents.DOCX),
    "xlsx": Format(lambda shown, _: documents.xlsx_bytes(shown), documents.XLSX),
    "zip": Format(lambda shown, _: documents.zip_bytes(shown), documents.ZIP),
}
#: Parameters that are a format's own, and no input of a page.
PARAMETERS = frozenset(each["name"] for one in FORMATS.values() for each in one.parameters)
