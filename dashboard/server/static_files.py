"""Scripts and styles, compressed once rather than never, and fonts cut to what pages show.

Streamlit sends its scripts as they are, which is three times as many bytes. Here each is compressed
when it is first asked for; those of the first view are compressed as well as can be once the server
is up, and kept beside the environment for its next start.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import os
import re
import sys
import threading
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import brotli
from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import file_util

from dashboard.ui.chart_element import LIBRARY, SCRIPT

logger = logging.getLogger(__name__)
ADDRESS = "/static/"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
#: Addresses of these files change with their content.
FOR_GOOD = "public, immutable, max-age=31536000"
FOR_A_VISIT = "public, max-age=600"
#: Browsers take each for what it is said to be.
AS_DECLARED = {"x-content-type-options": "nosniff"}
#: How well files are compressed when they are asked for, and once there is time.
QUICK_QUALITY, BEST_QUALITY = 5, 11
FONTS = Path(__file__).with_name("fonts")
#: Fonts of Streamlit by the beginnings of their names, and the part of each that pages show.
CUT_FONTS = {
    "MaterialSymbols-Rounded.": FONTS / "icons.woff2",
    "SourceSansVF-Upright.": FONTS / "text.woff2",
}

_NAME = re.compile(r"(?:js|css|media)/[\w.~-]+")
_IMPORT = re.compile(r'(?:from|import)\s*[`"\']\./([\w.~-]+\.js)[`"\']')


@cache
def static_folder() -> Path:
    """Where Streamlit's own files lie: index.html, and below static/ what that loads."""
    return Path(file_util.get_static_dir())


def imports_of(folder: Path, names: Iterable[str]) -> tuple[str, ...]:
    """These scripts and all that they import at once, each by its name in the folder."""
    found: dict[str, None] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        if name not in found and (folder / name).is_file():
            found[name] = None
            waiting += _imported(folder / name)
    return tuple(found)


def _imported(file: Path) -> tuple[str, ...]:
    # What is asked for later is written import(`./name.js`), which the pattern leaves out.
    return tuple(dict.fromkeys(_IMPORT.findall(file.read_text(encoding="utf-8"))))


class CompressedFiles:
    """Files in compressed form, held in memory; `folder` is where they are kept for the next start,
    if it can be written.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._held: dict[tuple[Path, str], bytes] = {}
        self._lock = threading.Lock()

    def get(self, file: Path, encoding: str) -> bytes:
        """The file's bytes in an encoding, br or gzip; raises OSError."""
        key = (file, encoding)
        held = self._held.get(key)
        if held is None:
            content = file.read_bytes()
            held = self._cached(content, encoding) or _compressed(content, encoding, QUICK_QUALITY)
            with self._lock:
                held = self._held.setdefault(key, held)
        return held

    def held(self, file: Path, encoding: str) -> bytes | None:
        """The file's bytes in an encoding, where they are in memory already."""
        return self._held.get((file, encoding))

    def compress_well(self, file: Path) -> None:
        """Hold the file compressed as well as can be, from the folder where it is there."""
        content = file.read_bytes()
        best = self._cached(content, "br") or _compressed(content, "br", BEST_QUALITY)
        self._keep(content, "br", best)
        with self._lock:
            self._held[file, "br"] = best

    def _cached(self, content: bytes, encoding: str) -> bytes | None:
        if self.folder is None:
            return None
        try:
            kept = self._place(content, encoding).read_bytes()
        except OSError:
            return None
        # A file that was cut off, by a full disk or a lost machine, is none.
        try:
            return kept if brotli.decompress(kept) == content else None
        except brotli.error:
            return None

    def _keep(self, content: bytes, encoding: str, compressed: bytes) -> None:
        if self.folder is None or self._place(content, encoding).exists():
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            half = self._place(content, encoding).with_suffix(f".{os.getpid()}")
            half.write_bytes(compressed)
            half.replace(self._place(content, encoding))
        except OSError as error:
            logger.info("Compressed files are not kept in %s: %s", self.folder, error)
            self.folder = None

    def _place(self, content: bytes, encoding: str) -> Path:
        assert self.folder is not None
        return self.folder / f"{hashlib.sha256(content).hexdigest()[:32]}.{encoding}"


def _compressed(content: bytes, encoding: str, quality: int) -> bytes:
    if encoding == "br":
        made: bytes = brotli.compress(content, quality=quality)
        return made
    return gzip.compress(content, 6 if quality == QUICK_QUALITY else 9, mtime=0)


files = CompressedFiles(Path(sys.prefix) / "var" / "cache" / "compute-forecast")


def encoding_for(headers: Headers) -> str:
    """The best encoding that a client takes: br, gzip, or "" for none."""
    taken = {
        name.strip()
        for name, _, quality in (
            each.partition(";") for each in headers.get("accept-encoding", "").split(",")
        )
        if quality.replace(" ", "") not in ("q=0", "q=0.0")
    }
    return next((name for name in ("br", "gzip") if name in taken), "")


def encoded(body: bytes, headers: Headers) -> tuple[bytes, dict[str, str]]:
    """A body in the best encoding that a client takes, with the headers that say so."""
    encoding = encoding_for(headers)
    said = {"vary": "accept-encoding"}
    if not encoding:
        return body, said
    return _compressed(body, encoding, QUICK_QUALITY), said | {"content-encoding": encoding}


async def library(request: Request) -> Response:
    """The library that draws charts."""
    return await _compressed_file(LIBRARY, request)


async def chart_script(request: Request) -> Response:
    """The script of charts, which uses the library."""
    encoding = encoding_for(request.headers)
    body = await run_sync(_chart_script, encoding)
    return Response(body, media_type=TYPES[".js"], headers=_lasting(encoding))


@cache
def _chart_script(encoding: str) -> bytes:
    content = SCRIPT.encode("utf-8")
    return _compressed(content, encoding, BEST_QUALITY) if encoding else content


def compress_well(elements: Iterable[str]) -> None:
    """Compress what first visits load as well as can be; `elements` are those of Streamlit that the
    first views of pages have, by the beginnings of their scripts' names.
    """
    document = (static_folder() / "index.html").read_text(encoding="utf-8")
    first = [static_folder() / "static" / name for name in _NAME.findall(document)]
    second = (static_folder() / "static" / "js" / name for name in scripts_of(elements))
    for file in dict.fromkeys([LIBRARY, *first, *second]):
        if file.suffix in TYPES:
            files.compress_well(file)


def scripts_of(elements: Iterable[str]) -> tuple[str, ...]:
    """The scripts of elements of Streamlit, given by the beginnings of their names, each by its
    name and followed by all that it imports at once and none before it does.
    """
    folder = static_folder() / "static" / "js"
    wanted = [file.name for each in elements for file in sorted(folder.glob(f"{each}.*.js"))]
    found = (imports_of(folder, [name]) for name in wanted)
    return tuple(dict.fromkeys(name for names in found for name in names))


async def _compressed_file(file: Path, request: Request) -> Response:
    """A script or style sheet, whose address changes with its content; raises OSError."""
    encoding = encoding_for(request.headers)
    body = files.held(file, encoding)
    if body is None and encoding:
        body = await run_sync(files.get, file, encoding)
    elif body is None:
        body = await run_sync(file.read_bytes)
    return Response(body, media_type=TYPES[file.suffix], headers=_lasting(encoding))


def _lasting(encoding: str) -> dict[str, str]:
    """The headers of what is kept for good, sent in an encoding, or as it is."""
    headers = {"cache-control": FOR_GOOD, "vary": "accept-encoding", **AS_DECLARED}
    return headers | {"content-encoding": encoding} if encoding else headers


class StaticFiles:
    """Answers requests for Streamlit's scripts, styles and fonts below `base_path`; leaves all
    others to the application. A first visit asks for a hundred of them: they are answered before
    what only documents and data need, such as the headers of a content policy.
    """

    def __init__(self, app: ASGIApp, base_path: str = "") -> None:
        self.app = app
        base = base_path.strip("/")
        self.address = f"/{base}{ADDRESS}" if base else ADDRESS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        path: str = scope.get("path", "")
        if (
            scope["type"] == "http"
            and scope["method"] in ("GET", "HEAD")
            and path.startswith(self.address)
        ):
            request = Request(scope)
            response = await self._response(path.removeprefix(self.address), request)
            if response is not None:
                await response(scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def _response(self, name: str, request: Request) -> Response | None:
        if not _NAME.fullmatch(name) or "range" in request.headers:
            return None
        file = static_folder() / "static" / name
        for start, cut in CUT_FONTS.items():
            if file.name.startswith(start):
                return _font(cut, request)
        if file.suffix not in TYPES:
            return None
        try:
            return await _compressed_file(file, request)
        except OSError:
            return None


def _font(file: Path, request: Request) -> Response:
    """A cut font. It may be cut otherwise in a later version under the same address, so browsers
    ask again whether it is the same, but not within one visit: there it is asked for ahead.
    """
    body, tag = _font_bytes(file)
    headers = {"cache-control": FOR_A_VISIT, "etag": tag, **AS_DECLARED}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="font/woff2", headers=headers)


@cache
def _font_bytes(file: Path) -> tuple[bytes, str]:
    body = file.read_bytes()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'
