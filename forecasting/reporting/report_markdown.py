"""Words in a report, letter by letter: reports are files of Markdown that any program may show, and
names in them may come from anybody's table.
"""

from __future__ import annotations

import re

#: Invisible, and no part of any word: it parts what a renderer would join to an address, an icon or
#: an emoji after it has taken the backslashes away.
JOINER = "\N{WORD JOINER}"

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>|$~^&]|^\s*(?:[-+#]|\d+[.)]))")
#: `://` and `www.` begin an address, `@` stands in one of mail, `:name:` is an icon or an emoji,
#: and two strokes are an arrow or a dash.
_JOINED = re.compile(
    r"(?<=://)|(?<=www)(?=\.)|(?<=[\w.+-]@)(?=[\w-]+\.\w)|(?<=:)(?=[\w+/-]+:)"
    r"|(?<=[-<>~])(?=[-=>])",
    re.I,
)
#: Signs that turn the direction of what follows, which could make an address read as another.
_TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BREAKS = re.compile("[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+")


def one_line(text: str) -> str:
    """The text in one line that runs one way."""
    return without_turns(_BREAKS.sub(" ", text))


def without_turns(text: str) -> str:
    """The text without the signs that turn its direction."""
    return _TURNS.sub("", text)


def unjoined(text: str) -> str:
    """The text in one line, in which nothing is an address, an icon or an emoji."""
    return _JOINED.sub(JOINER, one_line(text))


def escape_report(text: str) -> str:
    """As Markdown that is also read as it is written."""
    return _MARKDOWN.sub(_backslash, unjoined(text))


def _backslash(found: re.Match[str]) -> str:
    return f"{found[0][:-1]}\\{found[0][-1]}"
