"""A first paint as HTML. All words are text: nothing of a link, a table or a file is markup."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

import pandas as pd

from dashboard import links
from dashboard.export.downloads import without_controls
from dashboard.export.exports import PRODUCT, plain_value
from dashboard.first_paint.content import Card, FirstPaint, Source
from dashboard.pages.declaration import Page
from dashboard.pages.registry import PAGES
from dashboard.ui.chart_element import LIBRARY_ADDRESS, SCRIPT_ADDRESS
from forecasting.formatting import in_words

if TYPE_CHECKING:
    from dashboard.first_paint.chart_svg import InlineChart

HERE = Path(__file__).parent
#: What an iframe shows of a page; empty outside of one.
Embedded = Literal["", "chart", "table"]
#: The most characters of a description, which previews cut anyway.
MAX_DESCRIPTION = 300
#: The width of the picture of a preview, of which a PNG has two pixels to each.
PREVIEW_WIDTH = 600
#: Where answer and chart of each section stand in the live page; see `python -m
#: tests.tools.first_paint_places`.
PLACES = HERE / "places.json"


def head_of(paint: FirstPaint, base: str) -> str:
    """Title, description and preview of a page; `base` is the address of the server."""
    path = f"{base}/{paint.page.path}"
    query = f"?{paint.query}" if paint.query else ""
    lines = meta(
        title=paint.title,
        description=shortened(paint.answer or paint.page.question),
        url=path + query,
    )
    if paint.chart is not None:
        width = f"{query}&" if query else "?"
        picture = f"{base}/api/v1/{paint.page.name}.png{width}width={PREVIEW_WIDTH}"
        lines += [
            f'<meta property="og:image" content="{_text(picture)}">',
            f'<meta property="og:image:width" content="{2 * PREVIEW_WIDTH}">',
            f'<meta property="og:image:alt" content="{_text(paint.answer)}">',
            '<meta name="twitter:card" content="summary_large_image">',
        ]
    if paint.is_private:
        lines.append('<meta name="robots" content="noindex">')
    else:
        lines.append(f'<link rel="canonical" href="{_text(path + query)}">')
    if paint.chart is not None:
        lines += [
            f'<link data-rel="modulepreload" crossorigin href=".{SCRIPT_ADDRESS}">',
            f'<link data-rel="prefetch" as="script" href=".{LIBRARY_ADDRESS}">',
        ]
    return "\n".join(lines)


def meta(*, title: str, description: str, url: str) -> list[str]:
    """The tags that search engines and previews read."""
    name = _text(title)
    about = _text(description)
    return [
        f"<title>{name}</title>",
        f'<meta name="description" content="{about}">',
        f'<meta property="og:site_name" content="{PRODUCT}">',
        '<meta property="og:type" content="website">',
        f'<meta property="og:title" content="{name}">',
        f'<meta property="og:description" content="{about}">',
        f'<meta property="og:url" content="{_text(url)}">',
    ]


def shortened(text: str) -> str:
    """As much of a text as a description takes, ended between words."""
    if len(text) <= MAX_DESCRIPTION:
        return text
    return text[: MAX_DESCRIPTION - 1].rpartition(" ")[0] + " …"


def body_of(paint: FirstPaint, *, embedded: Embedded = "") -> str:
    """The page's content, above the place of the live page; `embedded` is what an iframe shows."""
    main = [
        f"<h1>{_text(paint.page.title)}</h1>",
        f'<p class="question">{_text(paint.page.question)}</p>',
        _paragraph(paint.recency, "small recency"),
        *(f'<p class="box notice">{_text(notice)}</p>' for notice in paint.notices),
        _sections(paint),
        '<div class="before"></div>',
        *_answer(paint),
        f'<div class="after">{_cards(paint.cards)}<p class="small loading">The controls are'
        f" loading …</p>{_paragraph(paint.inputs, 'small')}</div>",
        _chart(paint.chart) if embedded != "table" else "",
        _paragraph(paint.rough, "small"),
        _credit(paint),
        _numbers(paint.numbers, is_open=embedded == "table"),
        _sources(paint.sources),
        _elsewhere(paint),
    ]
    return framed(main, paint.page, style=_style(paint), embedded=embedded)


def framed(
    main: Iterable[str], page: Page | None, *, style: str = "", embedded: Embedded = ""
) -> str:
    """The navigation, with `page` marked, and what is below it."""
    entries = "".join(
        f'<a href="./{each.path}"{" aria-current=page" if each is page else ""}>'
        f"{_text(each.menu_title)}</a>"
        for each in PAGES.values()
    )
    looks = f' class="embedded {embedded}"' if embedded else ""
    return (
        f'<div id="first-paint"{looks}{style}>\n<nav aria-label="Pages">{entries}</nav>\n<main>\n'
        + "\n".join(filter(None, main))
        + "\n</main>\n</div>"
    )


def _answer(paint: FirstPaint) -> list[str]:
    if paint.problem:
        return [f'<p class="box problem">{_text(paint.problem)}</p>']
    if paint.is_pending:
        return ['<div class="box answer">The answer is being computed …</div>']
    lines = "".join(f"<p>{_text(line)}</p>" for line in paint.lines)
    return [f'<div class="box answer">{_text(paint.answer)}{lines}</div>']


def _sections(paint: FirstPaint) -> str:
    """The choice of a section, as links."""
    page = paint.page
    if not page.has_control or page.draws_control:
        return ""
    version = f"v={page.scenario.VERSION}&"
    rows = [
        [
            (words, {"view": entry}, entry == paint.section.entry)
            for entry, words in page.entries.items()
        ]
    ]
    group = paint.section.group
    if group is not None:
        rows.append(
            [
                (words, {"view": group.name, group.field: name}, name == paint.section.name)
                for name, words in page.parts(group).items()
            ]
        )
    return "\n".join(
        '<div class="sections">'
        + "".join(
            f'<a href="./{page.path}?{_text(version + links.text_of(tuple(query.items())))}"'
            f"{' aria-current=true' if is_shown else ''}>{_text(words)}</a>"
            for words, query, is_shown in row
        )
        + "</div>"
        for row in rows
    )


def _cards(cards: Sequence[Card]) -> str:
    """Key figures side by side."""
    if not cards:
        return ""
    each = "".join(
        f"<li><h2>{_text(card.name)}</h2><p>{_text(card.about)}</p><b>{_text(card.words)}</b>"
        f"<p>{_text(card.range_words)}</p>{card.svg}"
        f'<a href="./{card.page.path}?{_text(card.query)}">{_text(card.page.menu_title)}</a>'
        f'<p class="small">{_text(card.data_to)}</p></li>'
        for card in cards
    )
    return f'<ul class="cards">{each}</ul>'


def _chart(chart: InlineChart | None) -> str:
    if chart is None:
        return ""
    drawings = "".join(f'<div class="{name}">{svg}</div>' for name, svg in chart.svg.items())
    return f'<figure><div class="first-paint-chart">{drawings}</div></figure>'


def _style(paint: FirstPaint) -> str:
    """Heights, and where answer and chart stand."""
    values = dict(places().get(f"{paint.page.name}/{paint.section.name}", {}))
    if paint.chart is not None:
        values["chart-height"] = paint.chart.height
    if not values:
        return ""
    return ' style="' + ";".join(f"--{name}:{value:g}px" for name, value in values.items()) + '"'


def chart_style(chart: InlineChart | None) -> str:
    """The colours of a chart for both themes, and its height, as a style sheet."""
    if chart is None:
        return ""
    light, dark = (
        "".join(f"{name}:{pair[at]};" for name, pair in chart.colours.items()) for at in (0, 1)
    )
    return (
        f".first-paint-chart{{--chart-height:{chart.height:g}px;{light}}}"
        f"@media (prefers-color-scheme:dark){{.first-paint-chart{{{dark}}}}}"
    )


@cache
def places() -> Mapping[str, Mapping[str, float]]:
    """By page/section: the heights of what stands before the answer, and between it and the chart,
    on a wide and on a narrow screen.
    """
    found: Mapping[str, Mapping[str, float]] = (
        json.loads(PLACES.read_text(encoding="utf-8")) if PLACES.exists() else {}
    )
    return found


def _credit(paint: FirstPaint) -> str:
    if not paint.credit:
        return ""
    query = f"?{_text(paint.query)}" if paint.query else ""
    here = f'<a href="./{paint.page.path}{query}">{PRODUCT}</a>'
    return f'<p class="small">Source: {here}. {_text(paint.credit)} {_text(paint.recency)}</p>'


def _numbers(numbers: pd.DataFrame | None, *, is_open: bool) -> str:
    if numbers is None:
        return ""
    head = "".join(f"<th>{_text(str(name))}</th>" for name in numbers.columns)
    rows = "\n".join(
        "<tr>" + "".join(f"<td>{_text(_cell(cell))}</td>" for cell in row) + "</tr>"
        for row in numbers.itertuples(index=False)
    )
    table = f"<div><table><tr>{head}</tr>\n{rows}</table></div>"
    looks = " open" if is_open else ""
    return f"<details{looks}><summary>The numbers</summary>{table}</details>"


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return "" if math.isnan(value) else in_words(value, 4)
    given = plain_value(value)
    return "" if given is None else str(given)


def _sources(sources: Sequence[Source]) -> str:
    if not sources:
        return ""
    items = "\n".join(
        f"<li>{_text(source.title)}: {', '.join(_origin(*each) for each in source.origins)};"
        f" {_text(source.licences)}; as of {_text(source.date)}.</li>"
        for source in sources
    )
    return f"<details><summary>Sources</summary><ul>\n{items}\n</ul></details>"


def _origin(title: str, address: str) -> str:
    if not address.startswith(("https://", "http://")):
        return _text(title)
    return f'<a href="{_text(address)}" rel="noopener">{_text(title)}</a>'


def _elsewhere(paint: FirstPaint) -> str:
    """The same in other forms."""
    query = f"?{_text(paint.query)}" if paint.query else ""
    name = quote(paint.page.name)
    forms = ", ".join(
        f'<a href="./api/v1/{name}.{kind}{query}">{words}</a>'
        for kind, words in (("json", "JSON"), ("csv", "CSV"), ("pdf", "memo as PDF"))
    )
    return f'<p class="small elsewhere">Also available as {forms}.</p>'


def _paragraph(text: str, looks: str) -> str:
    return f'<p class="{looks}">{_text(text)}</p>' if text else ""


def _text(text: str) -> str:
    return html.escape(without_controls(text), quote=True)


def not_found_words(nearest: Page | None) -> str:
    """That there is no such page, and which is nearest."""
    near = f" Did you mean “{nearest.title}”?" if nearest else " The pages are listed at the top."
    return f"There is no page at this address.{near}"


def not_found(nearest: Page | None) -> str:
    """The content of an address that is none."""
    main = ["<h1>No such page</h1>", f'<p class="box notice">{_text(not_found_words(nearest))}</p>']
    if nearest is not None:
        link = f'<a href="./{nearest.path}">{_text(nearest.title)}</a>'
        main.append(f"<p>{link}: {_text(nearest.question)}</p>")
    return framed(main, None)
