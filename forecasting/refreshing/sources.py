"""Where the bodies of a table come from: the addresses of the catalogue, another server in their
place, or a folder of files.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol
from urllib.parse import urlsplit

from forecasting.data.catalogue import CATALOGUE_FILE, TableInfo
from forecasting.data.change_log import CHANGES_FILE
from forecasting.errors import InputError
from forecasting.refreshing.adapters.shapes import Body
from forecasting.refreshing.download import (
    LOOPBACK,
    Client,
    Downloaded,
    DownloadError,
    DownloadLimits,
    Remembered,
)

LICENCES_FILE = "LICENSES.md"
MAX_FILE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Found:
    """The bodies for a table: as its source gives them, or `own`, the table's own file; None: not
    there, or not changed since they were last used.
    """

    bodies: tuple[Body, ...] | None
    own: bool = False
    as_of: str = ""
    remember: tuple[tuple[str, Remembered], ...] = ()
    unchanged: bool = False
    why_none: str = ""


class Source(Protocol):
    """Finds the bodies of tables."""

    def find(self, info: TableInfo, remembered: Mapping[str, Remembered]) -> Found:
        """The bodies of one table; raises DownloadError."""
        ...

    def others(self) -> tuple[str, ...]:
        """Sentences on what was given and is no table's file."""
        ...


def source_of(
    given: str | Path | None, tables: Iterable[TableInfo], today: dt.date, limits: DownloadLimits
) -> Source:
    """The source that `given` stands for; raises InputError for what is none.

    Parameters
    ----------
    given : path or str, optional
        None: the catalogue's addresses; a folder: its files; an http address on this machine: a
        server that answers in place of all hosts, at /HOST/PATH.
    tables : entries
        Those of the catalogue: their hosts are the only ones that are asked.
    today : date
        The day, for addresses that ask for years.
    limits : DownloadLimits
        Time and size limits.
    """
    hosts = {urlsplit(url).hostname or "" for info in tables for url in info.refresh.urls}
    if given is None:
        return WebSource(Client(hosts, limits), today)
    text = str(given)
    if text.startswith(("http:", "https:")):
        if urlsplit(text).hostname not in LOOPBACK:
            raise InputError(
                "source", text, "Only a server on this machine can stand in for the sources."
            )
        return WebSource(Client(hosts, limits, allow_loopback=True), today, text.rstrip("/"))
    folder = Path(given)
    if not folder.is_dir():
        raise InputError("source", text, "Give a folder that exists.")
    return FolderSource(folder, tables)


class WebSource:
    """The addresses of the catalogue; an address that several tables share is asked once."""

    def __init__(self, client: Client, today: dt.date, server: str = "") -> None:
        self._client = client
        self._today = today
        self._server = server
        self._fetched: dict[str, Downloaded] = {}
        self._failed: dict[str, DownloadError] = {}

    def find(self, info: TableInfo, remembered: Mapping[str, Remembered]) -> Found:
        """The bodies at a table's addresses, or None where none has changed."""
        if not info.refresh.urls:
            return Found(None, why_none=f"is renewed by hand: {info.refresh.by_hand}")
        urls = [self._filled(url) for url in info.refresh.urls]
        answers = [self._fetch(url, remembered.get(url)) for url in urls]
        if all(answer.body is None for answer in answers):
            return Found(None, unchanged=True, why_none="has not changed at its source.")
        # One has changed, and the adapter needs them all.
        answers = [
            answer if answer.body is not None else self._fetch(url, None)
            for url, answer in zip(urls, answers, strict=True)
        ]
        bodies = tuple(
            Body(url, answer.body or b"") for url, answer in zip(urls, answers, strict=True)
        )
        remember = tuple((url, answer.remember) for url, answer in zip(urls, answers, strict=True))
        return Found(bodies, as_of=self._today.isoformat(), remember=remember)

    def others(self) -> tuple[str, ...]:
        """Nothing: only what the catalogue lists is asked for."""
        return ()

    def _filled(self, url: str) -> str:
        """The years that an address asks for; {first_year} is nine years before {this_year}."""
        year = self._today.year
        return url.replace("{this_year}", str(year)).replace("{first_year}", str(year - 9))

    def _fetch(self, url: str, remembered: Remembered | None) -> Downloaded:
        if url in self._failed:
            raise self._failed[url]
        known = self._fetched.get(url)
        if known is None or (known.body is None and remembered is None):
            parts = urlsplit(url)
            query = f"?{parts.query}" if parts.query else ""
            asked = f"{self._server}/{parts.hostname}{parts.path}{query}" if self._server else url
            try:
                known = self._fetched[url] = self._client.fetch(asked, remembered)
            except DownloadError as error:
                self._failed[url] = error
                raise
        return known


class FolderSource:
    """A folder of files: TABLE.csv with the table's own columns, or the source's files by their
    names, such as notable_ai_models.csv.
    """

    def __init__(self, folder: Path, tables: Iterable[TableInfo]) -> None:
        self._files = {path.name: path for path in sorted(folder.iterdir()) if path.is_file()}
        self._known = {CATALOGUE_FILE, CHANGES_FILE, LICENCES_FILE}
        for info in tables:
            self._known |= {info.file, *(self._name(info, url) or "" for url in info.refresh.urls)}

    def find(self, info: TableInfo, remembered: Mapping[str, Remembered]) -> Found:  # noqa: ARG002
        """The files of a table; None where the folder has not all of them."""
        if info.file in self._files:
            body = self._read(info.file)
            header = body.content.split(b"\n", 1)[0].decode("utf-8-sig", "replace").strip()
            own = header.split(",") == [column.name for column in info.columns]
            if own or not info.refresh.urls:
                return Found((body,), own=True, as_of=self._day(info.file))
            if len(info.refresh.urls) == 1:
                return Found((body,), as_of=self._day(info.file))
        names = [self._name(info, url) for url in info.refresh.urls]
        there = [name for name in names if name is not None]
        if not names or not there:
            wanted = " or ".join(dict.fromkeys([info.file, *map(_file_name, info.refresh.urls)]))
            return Found(None, why_none=f"was not given ({wanted}).")
        if len(there) < len(names):
            missing = [
                _file_name(url)
                for url, name in zip(info.refresh.urls, names, strict=True)
                if name is None
            ]
            raise DownloadError(
                f"{', '.join(there)} needs {', '.join(missing)} in the same folder: put it there."
            )
        return Found(tuple(map(self._read, there)), as_of=self._day(there[0]))

    def others(self) -> tuple[str, ...]:
        """The files that belong to no table."""
        return tuple(
            f"{name} is not the file of any table and was ignored."
            for name in self._files
            if name not in self._known
        )

    def _name(self, info: TableInfo, url: str) -> str | None:
        """The source's own file name, or TABLE.json and the like for a table of one address."""
        own = _file_name(url)
        tried = [own]
        if len(info.refresh.urls) == 1:
            tried.append(f"{info.name}{PurePosixPath(own).suffix or '.json'}")
            tried.append(f"{own}.json")
        return next((name for name in tried if name in self._files), None)

    def _read(self, name: str) -> Body:
        path = self._files[name]
        try:
            with path.open("rb") as file:
                content = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            raise DownloadError(f"{name} can't be read ({error.strerror}).") from None
        if len(content) > MAX_FILE_BYTES:
            raise DownloadError(f"{name} has more than {MAX_FILE_BYTES // 2**20} MiB.")
        return Body(name, content)

    def _day(self, name: str) -> str:
        seconds = self._files[name].stat().st_mtime
        return dt.datetime.fromtimestamp(seconds, dt.UTC).date().isoformat()


def _file_name(url: str) -> str:
    return PurePosixPath(urlsplit(url).path).name
