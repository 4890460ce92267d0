"""Text from outside, made into what shows it letter by letter: one function for each language in
which something is shown (`report_markdown` has that of reports).

Everything that is not a literal of ours counts as from outside: names of a user's own tables, runs,
columns, files and pins, values of links, and every sentence that may quote one. It is a plain str
until one of these functions makes it Markdown, HTML or LaTeX; `tests/dashboard/test_escaping.py`
finds what reaches a reader without.
"""

from __future__ import annotations

import html
import re

from forecasting.reporting.report_markdown import one_line, unjoined

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|$~:^&])")
#: The tags that charts of ours have.
_FOREIGN_TAG = re.compile("<(?!/?b>|br>|/?extra>)")
_BIBTEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "{}$&#_%"},
}


def escape_markdown(text: str) -> str:
    """As Markdown: no link, no emphasis, no formula, no icon."""
    return _MARKDOWN.sub(r"\\\1", unjoined(text))


def escape_html(text: str) -> str:
    """As the HTML of charts, which is no attribute of a tag."""
    return html.escape(one_line(text), quote=False)


def chart_text(text: str) -> str:
    """The text of a chart with the tags of ours alone; every other, such as a link, as letters."""
    return _FOREIGN_TAG.sub("&lt;", text) if "<" in text else text


def escape_bibtex(text: str) -> str:
    """As the value of a field in BibTeX."""
    return "".join(_BIBTEX.get(sign, sign) for sign in one_line(text))
