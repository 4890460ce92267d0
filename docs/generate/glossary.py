"""The glossary, and the links to it from where a term first stands on a page."""

from __future__ import annotations

import re
from html import escape

from docs.generate.markdown import cell
from forecasting.reporting.glossary import TERMS, Term

PAGE = "glossary.md"
#: Inside these a word is a name, a heading or a link already.
_LEFT_ALONE = re.compile(r"<(/?)(a|code|pre|h[1-6]|math|script|style|th)\b[^>]*?(/?)>")
_TAG = re.compile(r"(<[^>]+>)")


def page() -> str:
    """All terms with their meanings, each with an anchor."""
    rows = [
        f'| <span id="{anchor(term)}"></span>**{cell(term.name)}** | {cell(term.meaning)} |'
        for term in TERMS
    ]
    head = (
        "# Glossary\n\nThe dashboard shows the same on its page *Data and methods*, and beside the"
        " controls whose names hold a term.\n\n| term | meaning |\n|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"


def anchor(term: Term) -> str:
    """Where the glossary explains the term."""
    return re.sub(r"\W+", "-", term.name.lower())


def linked(html: str, glossary: str) -> str:
    """The page with the first use of each term linked to the page `glossary`."""
    waiting, parts, depth = list(TERMS), [], 0
    for part in _TAG.split(html):
        tag = _LEFT_ALONE.fullmatch(part)
        if tag is not None and not tag[3]:
            depth += -1 if tag[1] else 1
        if part.startswith("<") or depth:
            parts.append(part)
            continue
        while found_terms := [
            (found.start(), term, found)
            for term in waiting
            if (found := term.pattern.search(part)) is not None
        ]:
            start, term, found = min(found_terms, key=lambda each: each[0])
            waiting.remove(term)
            link = (
                f'<a class="term" href="{glossary}#{anchor(term)}" title="{escape(term.meaning)}">'
                f"{found[0]}</a>"
            )
            parts.append(part[:start] + link)
            part = part[found.end() :]
        parts.append(part)
    return "".join(parts)
