"""Streamlit's index.html with a first paint in it: words and chart come with the document, what the
live page needs is asked for at once, and nothing that is only its own holds the words up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from dashboard.server.static_files import scripts_of, static_folder

HERE = Path(__file__).parent
UI = HERE.parent / "ui"
#: What pages do beyond Streamlit, for as long as their document lives.
LIVE_SCRIPTS = (
    "keep_focus.js",
    "keep_press.js",
    "keep_scroll.js",
    "one_entry_per_arrival.js",
    "run_on_reconnection.js",
    "within_reach.js",
)
_ICONS = "MaterialSymbols-Rounded"
#: Streamlit's elements of each section down to its chart. Unless asked for ahead, their scripts are
#: loaded after the first message; see `python -m tests.tools.first_view_elements`.
ELEMENTS = HERE / "elements.json"


@cache
def _document() -> str:
    """Streamlit's document."""
    return (static_folder() / "index.html").read_text(encoding="utf-8")


@cache
def _file(name: str, folder: Path = HERE) -> str:
    return (folder / name).read_text(encoding="utf-8")


def document(
    head: str,
    body: str,
    *,
    path: str = "/",
    style: str = "",
    section: str = "",
    is_pending: bool = False,
) -> bytes:
    """The HTML of an address.

    Parameters
    ----------
    head : str
        Tags of the head: title, description, preview.
    body : str
        What is seen first.
    path : str
        The address below that of the dashboard, such as /cost, as the client wrote it.
    style : str
        Styles of this page alone.
    section : str
        The section that it shows, as “page/section”.
    is_pending : bool
        Whether a browser without scripts should ask again.
    """
    up = "../" * max(path.count("/") - 1, 0)
    before, after = _divided(section)
    again = '<meta http-equiv="refresh" content="4">' if is_pending else ""
    text = (
        f"{before}{head}\n<style>{_styles()}{style}</style>\n"
        f"<noscript><style>{_file('without_scripts.css')}</style>{again}</noscript>\n"
        f"<script>{_connection(path)}</script>\n"
        f'{after}{body}\n<div id="root"></div>\n'
        f"<script>{_file('first_paint.js')}</script>\n{_live_page()}</body>\n</html>\n"
    )
    # Addresses of ours begin with ./ wherever they stand in an attribute; words are escaped.
    return (text.replace('="./', f'="{up}') if up else text).encode("utf-8")


@cache
def _divided(section: str) -> tuple[str, str]:
    """What of Streamlit's document stands before the title, and between it and the body."""
    text = re.sub(r"<!--.*?-->", "", _document(), flags=re.S).lstrip()
    # Below the first words, only what the live page needs is styled by it.
    text = re.sub(
        r'<link rel="stylesheet" ([^>]*)>',
        r"""<link rel="stylesheet" \1 media="print" onload="this.media='all'">""",
        text,
    )
    # Nothing of the live page comes before the first words are painted: `first_paint.js` begins it.
    text = re.sub(
        r'<script type="module" ([^>]*)src="([^"]*)"></script>',
        r'<link data-rel="modulepreload" id="live-page" \1href="\2">',
        text,
    )
    text = text.replace('<link rel="modulepreload"', '<link data-rel="modulepreload"')
    before, rest = re.split(r"<title>.*?</title>\s*", text, maxsplit=1, flags=re.S)
    head, _ = re.split(r"</head>", rest, maxsplit=1)
    return before, f"{head}{''.join(_preloads(section))}\n</head>\n<body>\n"


def _preloads(section: str) -> Iterable[str]:
    """What a section needs besides, down to its chart."""
    known = _document()
    for name in scripts_of(elements().get(section, elements_of_all())):
        if name not in known:
            yield f'<link data-rel="modulepreload" crossorigin href="./static/js/{name}">\n'
    for icons in (static_folder() / "static" / "media").glob(f"{_ICONS}*.woff2"):
        yield (
            f'<link rel="preload" as="font" type="font/woff2" crossorigin'
            f' href="./static/media/{icons.name}">\n'
        )


@cache
def elements() -> Mapping[str, Sequence[str]]:
    """Streamlit's elements of each section down to its chart, by the beginnings of their scripts'
    names; sections as “page/section”.
    """
    found: Mapping[str, Sequence[str]] = json.loads(_file(ELEMENTS.name))
    return found


@cache
def elements_of_all() -> tuple[str, ...]:
    """Those that every section has."""
    first, *others = elements().values()
    return tuple(each for each in first if all(each in other for other in others))


@cache
def _live_page() -> str:
    """Styles and scripts of the live page: once with the document, where each run would send them.
    They stand behind the place of the live page, so that their styles count more than Streamlit's.
    """
    scripts = "".join(f"<script>{_file(name, UI)}</script>\n" for name in LIVE_SCRIPTS)
    return f"<style>{_file('style.css', UI)}</style>\n{scripts}"


@cache
def _styles() -> str:
    """The style sheet of first paints, set in the live page's own letters."""
    found = re.search(r'href="(\./static/media/SourceSansVF-Upright[^"]*)"', _document())
    return _file("first_paint.css").replace("SOURCE_SANS", found.group(1) if found else "")


def _connection(path: str) -> str:
    """Tells Streamlit's script where its server is, so that it opens its connection at once, where
    it would first ask the server, twice on every page but the first, whether it is there.
    """
    # The path in front of ours may be a proxy's, of which this server knows nothing.
    return (
        "document.documentElement.classList.add('first-paint');"
        f"(own=>{{const at=location.pathname;"
        "if(!at.endsWith(own))return;"
        "window.__streamlit={BACKEND_BASE_URL:location.origin+at.slice(0,at.length-own.length)+'/',"
        "HOST_CONFIG:{allowedOrigins:[location.origin],useExternalAuthToken:false,"
        "enableCustomParentMessages:false,blockErrorDialogs:false}}})"
        f"({_script_text(path)});"
    )


def _script_text(text: str) -> str:
    """A text as a string within a script of a page."""
    return json.dumps(text).replace("<", "\\u003c").replace("\u2028", "").replace("\u2029", "")
