"""Concepts: the formulas, notes, methods and sources of every page of the dashboard, read from
where the dashboard reads them.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import cache
from itertools import groupby

from dashboard.pages.declaration import Page, Section
from dashboard.pages.registry import PAGES
from docs.generate.markdown import cell, prose
from forecasting.data.dataset import bundled
from forecasting.reporting.methods import Method, documented

#: A page of the dashboard that has formulas of its own becomes a page of the site.
INDEX = """\
# Concepts

How the numbers are made: a page for each page of the dashboard, with its formulas, what is assumed,
the methods that compute it and the tables behind it. The dashboard shows the same under *Method,
assumptions and sources* and on its page *Data and methods*; both are read from the code.

"""


@cache
def pages() -> dict[str, str]:
    """The pages by their address in the site."""
    made = {f"concepts/{page.name}.md": _page(page) for page in _with_methods()}
    lines = [f"- [{page.title}]({page.name}.md): {page.question}" for page in _with_methods()]
    return {"concepts/index.md": INDEX + "\n".join(lines) + "\n", **made}


def questions() -> str:
    """A row for each page of the dashboard, with the question that it answers."""
    return "".join(f"| **{page.title}** | {cell(page.question)} |\n" for page in PAGES.values())


def _with_methods() -> list[Page]:
    return [
        page
        for page in PAGES.values()
        if any(formulas(section) or section.methods for section in page.sections)
    ]


def formulas(section: Section) -> list[tuple[str, str]]:
    """The formulas of the module that draws a section, in LaTeX, each with its meaning."""
    return [formula for group in _constants(section, "FORMULAS") for formula in group]


def notes(section: Section) -> list[str]:
    """What that module says is assumed and left out, whatever the numbers are."""
    return [note for group in _constants(section, "NOTES") for note in group]


def methods(section: Section) -> list[Method]:
    """The documented code that computes a section."""
    return [documented(section.label, reference) for reference in section.methods]


def _constants(section: Section, ending: str) -> list[tuple]:  # type: ignore[type-arg]
    module = importlib.import_module(section.show.partition(":")[0])
    return [value for name, value in vars(module).items() if name.endswith(ending)]


def _page(page: Page) -> str:
    blocks = [
        f"# {page.title}",
        f"**{prose(page.question)}**",
        f"![The page {page.title}](../pictures/{page.name}.png)",
    ]
    for _, group in groupby(page.sections, key=lambda section: section.show.partition(":")[0]):
        blocks += _sections(list(group))
    return "\n\n".join([*blocks, "## Tables", _tables(page)]) + "\n"


def _sections(sections: list[Section]) -> Iterator[str]:
    """Sections that are drawn by one module, and so share their formulas."""
    yield "## " + " · ".join(prose(section.label) for section in sections)
    for formula, meaning in formulas(sections[0]):
        yield f"$$\n{formula}\n$$"
        yield f"{prose(meaning)}\n{{ .meaning }}"
    if notes(sections[0]):
        yield "\n".join(f"- {prose(note)}" for note in notes(sections[0]))
    for section in sections:
        for method in methods(section):
            yield from _method(method)


def _method(method: Method) -> Iterator[str]:
    yield f"**{prose(method.title)}**"
    for kind, text in method.parts:
        if kind == "formula":
            yield f"$$\n{text}\n$$"
        else:
            yield f"```text\n{text}\n```" if kind == "code" else prose(text)
    yield f"`{method.where}`\n{{ .where }}"


def _tables(page: Page) -> str:
    names = dict.fromkeys(name for section in page.sections for name in section.sources)
    rows = ["| table | source | licence | as of |", "|---|---|---|---|"]
    for info in (bundled().catalogue[name] for name in names):
        sources = "; ".join(
            f"[{cell(source.title)}]({source.path})" if source.path else cell(source.title)
            for source in info.sources
        )
        licences = "; ".join(cell(licence.title) for licence in info.licences)
        rows.append(
            f"| {cell(info.title)} (`{info.file}`) | {sources} | {licences} | {info.date} |"
        )
    return "\n".join(rows)
