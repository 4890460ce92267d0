"""What MkDocs calls while it builds the site: adds the pages that are made from the code, and fails
a strict build where a page would load something from another host.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from docs.generate import concepts, glossary, notebooks, reference

ROOT = Path(__file__).parents[2]
#: Warnings of these loggers end a strict build.
log = logging.getLogger("mkdocs.hooks.docs")
#: What a browser would load from another host while it shows a page; links are no such thing.
_FOREIGN = re.compile(
    r"<(?:script|img|iframe|source)\b[^>]*\bsrc=[\"']?(?:https?:)?//[^\"'>\s]+"
    r"|<link\b(?=[^>]*\brel=[\"']?(?:stylesheet|preload|icon|preconnect))[^>]*\bhref=[\"']?"
    r"(?:https?:)?//[^\"'>\s]+"
    r"|\burl\([\"']?(?:https?:)?//[^)]+"
)
#: A link from a page of docs/ to a file of the repository that is no page.
_OUTSIDE = re.compile(r"(?<=\]\()\.\./((?:[\w.-]+/)*[\w.-]+)(?=\))")
#: The ending of a link to a notebook, unless it is there to download it.
_NOTEBOOK = re.compile(r"(?<=\w)\.ipynb(?=\)(?!\{))")
#: A formula in LaTeX, as on GitHub.
_FORMULA = re.compile(r"^\$\$\n(.+?)\n\$\$$", re.DOTALL | re.MULTILINE)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the pages that are made from the code where the navigation names their folder."""
    made = {"concepts/": concepts.pages(), "reference/python/": reference.python_pages()}
    config.nav = _filled(config.nav or [], made)
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add those pages, notebooks as pages beside their files, and what pages link to outside."""
    made = {
        **concepts.pages(),
        **reference.python_pages(),
        "reference/cli.md": reference.cli(),
        "reference/http.md": reference.http(),
        glossary.PAGE: glossary.page(),
    }
    for file in list(files):
        if file.src_uri.endswith(".ipynb"):
            made[_page_of(file.src_uri)] = notebooks.page(Path(config.docs_dir) / file.src_uri)
        elif file.src_uri.endswith(".md"):
            for path in _OUTSIDE.findall(file.content_string):
                files.append(File.generated(config, path, abs_src_path=str(ROOT / path)))
    for uri, text in made.items():
        files.append(File.generated(config, uri, content=text))
    return files


def on_page_markdown(markdown: str, *, page: Page, **_others: Any) -> str:
    """List the dashboard's pages where they are asked for; make formulas MathML, which needs no
    script; point links to notebooks to their pages, and links that leave docs/ to the copies of
    those files in the site.
    """
    up = "../" * page.file.src_uri.count("/")
    markdown = _FORMULA.sub(lambda found: convert(found[1], display="block"), markdown)
    markdown = markdown.replace("<!-- pages -->\n", concepts.questions())
    markdown = _NOTEBOOK.sub(".md", markdown)
    return _OUTSIDE.sub(lambda found: up + found[1], markdown)


def on_page_content(html: str, *, page: Page, **_others: Any) -> str:
    """Link each term to the glossary where it first stands."""
    if page.file.src_uri == glossary.PAGE or page.file.src_uri.startswith("reference/"):
        return html
    return glossary.linked(html, "../" * page.file.src_uri.count("/") + "glossary.html")


def on_post_page(output: str, *, page: Page, **_others: Any) -> str:
    """Warn of everything that the page would load from elsewhere."""
    for found in _FOREIGN.findall(output):
        log.warning("%s loads something from another host: %s", page.file.src_uri, found)
    return output


def _filled(nav: Iterable[Any], made: dict[str, dict[str, str]]) -> list[Any]:
    """The navigation with each folder replaced by its pages, and notebooks by theirs."""
    filled: list[Any] = []
    for entry in nav:
        [(title, target)] = entry.items()
        if isinstance(target, list):
            filled.append({title: _filled(target, made)})
        elif target in made:
            filled.append({title: list(made[target])})
        else:
            filled.append({title: _page_of(target)})
    return filled


def _page_of(uri: str) -> str:
    return uri.removesuffix(".ipynb") + ".md" if uri.endswith(".ipynb") else uri
