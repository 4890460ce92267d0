"""Text from outside, made into what shows it letter by letter: one function for each language in
which something is shown.

Everything that is not a literal of ours counts as from outside: names of a user's own tables, runs,
columns, files and pins, values of links, and every sentence that may quote one. It is a plain str
until one of these functions makes it Markdown, HTML or LaTeX; `tests/dashboard/test_escaping.py`
finds what reaches a reader without.
"""

from __future__ import annotations

import html
import re

#: Invisible, and no part of any word: it parts what a renderer would join to an address, an icon or
#: an emoji after it has taken the backslashes away.
JOINER = "\N{WORD JOINER}"

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|$~:^&\"'=])")
#: `://` and `www.` begin an address, `@` stands in one of mail, `:name:` is an icon or an emoji.
_JOINED = re.compile(r"(?<=://)|(?<=www)(?=\.)|(?<=[\w.+-]@)(?=[\w-])|(?<=:)(?=[\w+/-]+:)", re.I)
#: Signs that turn the direction of what follows, which could make an address read as another.
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BREAKS = re.compile("[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")
_BIBTEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "{}$&#_%"},
}


def one_line(text: str) -> str:
    """The text in one line that runs one way."""
    return _TURNS.sub("", _BREAKS.sub(" ", text))


def escape_markdown(text: str) -> str:
    """As Markdown: no link, no emphasis, no formula, no icon."""
    return _MARKDOWN.sub(r"\\\1", _JOINED.sub(JOINER, one_line(text)))


def escape_html(text: str) -> str:
    """As HTML, and as the tags that charts know."""
    return html.escape(one_line(text), quote=True)


def escape_bibtex(text: str) -> str:
    """As the value of a field in BibTeX."""
    return "".join(_BIBTEX.get(sign, sign) for sign in one_line(text))
