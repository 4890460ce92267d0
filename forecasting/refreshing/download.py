"""Downloads from the sources that the catalogue lists, and from nowhere else.

    client = Client(hosts={"epoch.ai"})
    client.fetch("https://epoch.ai/data/ml_hardware.csv").body

Only https and listed hosts, redirects included; with time limits, a size limit, retries for what
may pass (time-outs, lost connections, 429 and 5xx) and conditional requests. What goes wrong is a
DownloadError whose text is a sentence.
"""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import forecasting
from forecasting.errors import ForecastingError

if TYPE_CHECKING:
    import urllib3

USER_AGENT = f"compute-forecast/{forecasting.__version__} (refresh of tables; by hand or weekly)"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
MAX_REDIRECTS = 5
#: Statuses that may pass when asked again.
PASSING = (408, 425, 429, 500, 502, 503, 504)
_CHUNK = 64 * 1024
_REDIRECTS = (301, 302, 303, 307, 308)


class DownloadError(ForecastingError):
    """Nothing usable came; `body` is what did, if anything."""

    def __init__(self, sentence: str, body: bytes = b"") -> None:
        self.body = body
        super().__init__(sentence)


@dataclass(frozen=True)
class DownloadLimits:
    """How long and how much: seconds to connect, between two pieces and in all; how often to try;
    the pause after the first try, doubled each time; the largest body, unpacked.
    """

    connect_seconds: float = 10.0
    read_seconds: float = 30.0
    total_seconds: float = 180.0
    attempts: int = 4
    pause_seconds: float = 1.0
    max_pause_seconds: float = 30.0
    max_bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True)
class Remembered:
    """What the server said of the body that was last used, to ask for a newer one only."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True)
class Downloaded:
    """A body, None where it has not changed since the one remembered; and what to remember."""

    url: str
    body: bytes | None
    remember: Remembered


class _Passing(Exception):  # noqa: N818
    """A failure that may pass; `pause` is how long the server asks to wait, `host_is_down` whether
    there was no connection at all.
    """

    def __init__(
        self, sentence: str, pause: float | None = None, *, host_is_down: bool = False
    ) -> None:
        self.pause = pause
        self.host_is_down = host_is_down
        super().__init__(sentence)


class Client:
    """Fetches from `hosts` over https; with `allow_loopback` from this machine over http too."""

    def __init__(
        self,
        hosts: Collection[str],
        limits: DownloadLimits | None = None,
        *,
        allow_loopback: bool = False,
    ) -> None:
        self.hosts = frozenset(hosts)
        self.limits = limits or DownloadLimits()
        self.allow_loopback = allow_loopback
        #: Why hosts could not be connected to: their other addresses are not waited for.
        self._down: dict[str, str] = {}

    def fetch(self, url: str, remembered: Remembered | None = None) -> Downloaded:
        """The body at `url`, following redirects among the listed hosts; raises DownloadError."""
        pause = self.limits.pause_seconds
        host = urlsplit(url).netloc
        if host in self._down:
            raise DownloadError(self._down[host])
        for attempt in range(1, self.limits.attempts + 1):
            try:
                return self._once(url, remembered or Remembered())
            except _Passing as error:
                if attempt == self.limits.attempts:
                    tries = f" ({attempt} attempts)" if attempt > 1 else ""
                    sentence = f"{error}{tries}. Try again later."
                    if error.host_is_down:
                        self._down[host] = sentence
                    raise DownloadError(sentence) from None
                asked = error.pause if error.pause is not None else pause
                time.sleep(min(asked, self.limits.max_pause_seconds))
                pause *= 2
        raise AssertionError("attempts is at least 1")

    def _once(self, url: str, remembered: Remembered) -> Downloaded:
        import urllib3

        asked = url
        headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", "Accept": "*/*"}
        if remembered.etag:
            headers["If-None-Match"] = remembered.etag
        if remembered.last_modified:
            headers["If-Modified-Since"] = remembered.last_modified
        until = time.monotonic() + self.limits.total_seconds
        with self._pool(url) as pool:
            for _ in range(MAX_REDIRECTS + 1):
                self._allowed(url, asked)
                try:
                    response = pool.request(
                        "GET", url, headers=headers, preload_content=False, redirect=False
                    )
                except (
                    urllib3.exceptions.ConnectTimeoutError,
                    urllib3.exceptions.NewConnectionError,
                    urllib3.exceptions.ProxyError,
                ) as error:
                    raise _Passing(
                        f"{urlsplit(url).netloc} can't be reached ({_cause(error)})",
                        host_is_down=True,
                    ) from None
                except urllib3.exceptions.TimeoutError:
                    raise _Passing(f"{asked} did not answer in time") from None
                except urllib3.exceptions.SSLError as error:
                    raise DownloadError(
                        f"{asked}: the certificate can't be trusted ({error})."
                    ) from None
                except urllib3.exceptions.HTTPError as error:
                    raise _Passing(f"{asked} can't be reached ({_cause(error)})") from None
                try:
                    if response.status in _REDIRECTS and response.headers.get("Location"):
                        url = urljoin(url, response.headers["Location"])
                        continue
                    return self._read(asked, response, remembered, until)
                finally:
                    response.close()
        raise DownloadError(f"{asked} redirects more than {MAX_REDIRECTS} times.")

    def _read(
        self,
        asked: str,
        response: urllib3.BaseHTTPResponse,
        remembered: Remembered,
        until: float,
    ) -> Downloaded:
        if response.status == 304:
            return Downloaded(asked, None, remembered)
        if response.status in PASSING:
            waits = response.headers.get("Retry-After", "")
            raise _Passing(
                f"{asked} answered {response.status}", float(waits) if waits.isdigit() else None
            )
        if response.status != 200:
            raise DownloadError(
                f"{asked} answered {response.status}: the source has moved or is no longer public."
                " Correct its address in datapackage.json, or give the file with --from."
            )
        body = self._body(asked, response, until)
        if _is_page(body):
            raise DownloadError(
                f"{asked} answered with a web page in place of data. Open the address to see why,"
                " or give the file with --from.",
                body,
            )
        return Downloaded(
            asked,
            body,
            Remembered(response.headers.get("ETag", ""), response.headers.get("Last-Modified", "")),
        )

    def _body(self, asked: str, response: urllib3.BaseHTTPResponse, until: float) -> bytes:
        import urllib3

        body = bytearray()
        try:
            for piece in response.stream(_CHUNK, decode_content=True):
                body += piece
                if len(body) > self.limits.max_bytes:
                    raise DownloadError(
                        f"{asked} sends more than {self.limits.max_bytes // 2**20} MiB, far more"
                        " than this table needs. None of it was used."
                    )
                if time.monotonic() > until:
                    raise _Passing(f"{asked} takes more than {self.limits.total_seconds:g} s")
        except urllib3.exceptions.DecodeError:
            raise DownloadError(f"{asked} sends a body that can't be unpacked.") from None
        except urllib3.exceptions.TimeoutError:
            raise _Passing(f"{asked} stopped in the middle") from None
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _Passing(f"{asked} broke off in the middle ({_cause(error)})") from None
        return bytes(body)

    def _allowed(self, url: str, asked: str) -> None:
        """Raise DownloadError for an address that the catalogue does not list."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if self.allow_loopback and parts.scheme == "http" and host in LOOPBACK:
            return
        if parts.scheme == "https" and host in self.hosts:
            return
        where = f"{parts.scheme}://{host}"
        via = "" if url == asked else f"{asked} redirects to {where}: "
        raise DownloadError(
            f"{via}only https and the hosts in datapackage.json are asked"
            f" ({', '.join(sorted(self.hosts))}), not {where}."
        )

    def _pool(self, url: str) -> urllib3.PoolManager:
        import urllib3

        options: dict[str, Any] = {
            "timeout": urllib3.Timeout(
                connect=self.limits.connect_seconds, read=self.limits.read_seconds
            ),
            "retries": False,
        }
        host = urlsplit(url).hostname or ""
        proxy = urllib.request.getproxies().get("https")
        if proxy and host not in LOOPBACK and not urllib.request.proxy_bypass(host):
            return urllib3.ProxyManager(proxy, **options)
        return urllib3.PoolManager(**options)


def _is_page(body: bytes) -> bool:
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].lower()
    return start.startswith((b"<!doctype html", b"<html"))


def _cause(error: BaseException) -> str:
    """The plain reason at the end of a chain of exceptions."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return str(getattr(error, "strerror", "") or error).strip(". ") or type(error).__name__
