"""What uploaded files may take in memory, in all and for each client, from their first byte until a
page has read them; and files that no page reads. Of several workers, all have one allowance.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from dataclasses import dataclass, field

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from dashboard.server.clients import client_of
from dashboard.server.upload_ledger import UploadLedger

MIB = 2**20
#: What uploads may take at a time: two of the largest file for one client.
MAX_BYTES, MAX_BYTES_A_CLIENT = 1024 * MIB, 520 * MIB
#: A page reads a file as soon as it is there: what is left after that is asked for by none.
MAX_AGE_S = 600.0
#: How often it is looked what pages have read: other workers wait for it.
LOOK_EVERY_S = 1.0
_ADDRESS = re.compile(r"/_stcore/upload_file/(?P<session>[^/]+)/(?P<file>[^/]+)$")


class _TooMuchError(Exception):
    """No more may be held; str() says why."""


@dataclass(eq=False)
class _Upload:
    """One upload: its session and file, whose it is, its bytes so far, when it began, and whether
    all of it has come.
    """

    place: tuple[str, str]
    client: str
    bytes: int = 0
    begun: float = field(default_factory=time.monotonic)
    is_whole: bool = False


class UploadLimits:
    """Refuses uploads beyond the limits with 503, before they are read where their length is
    announced.
    """

    def __init__(
        self,
        app: ASGIApp,
        max_bytes: int = MAX_BYTES,
        max_bytes_a_client: int = MAX_BYTES_A_CLIENT,
        max_age_s: float = MAX_AGE_S,
        ledger: UploadLedger | None = None,
    ) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.max_bytes_a_client = max_bytes_a_client
        self.max_age_s = max_age_s
        self.ledger = ledger or UploadLedger()
        self._uploads: list[_Upload] = []
        self._looking: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; count its bytes where it is an upload."""
        named = _ADDRESS.search(scope.get("path", ""))
        if scope["type"] != "http" or scope["method"] != "PUT" or named is None:
            await self.app(scope, receive, send)
            return
        client = client_of(scope["client"][0] if scope.get("client") else None)
        upload = _Upload((named["session"], named["file"]), client)
        read = status = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            self._take(upload, read)
            return message

        async def watched(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        self._drop_what_is_gone()
        self._uploads.append(upload)
        try:
            self._take(upload, _announced(scope))
            await self.app(scope, counted, watched)
        except _TooMuchError as reason:
            self._drop(upload)  # now: the refusal waits until the rest of the request has come
            refusal = PlainTextResponse(f"{reason}\n", 503, {"retry-after": "60"})
            await refusal(scope, receive, send)
        finally:
            if status in (200, 204):
                self._keep(upload)
            else:
                self._drop(upload)

    @property
    def held_bytes(self) -> int:
        """What all uploads take now, those that are still coming too."""
        return sum(each.bytes for each in self._uploads)

    def _keep(self, upload: _Upload) -> None:
        """All of it has come, in the place of what was there before."""
        before = [each for each in self._uploads if each.is_whole and each.place == upload.place]
        self._drop(*before)
        upload.is_whole = True
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_until_none_is_left())

    def _drop(self, *uploads: _Upload) -> None:
        self._uploads = [each for each in self._uploads if each not in uploads]
        self._write()

    def _take(self, upload: _Upload, size: int) -> None:
        if size <= upload.bytes:
            return
        upload.bytes = size
        here = self._write()
        own, everyone = self.ledger.held_by_others(upload.client)
        own += here[upload.client]
        if own > self.max_bytes_a_client:
            raise _TooMuchError(
                f"Your uploads would take {own / MIB:,.0f} MiB at once, the limit is"
                f" {self.max_bytes_a_client / MIB:,.0f} MiB. Try again once the others are read."
            )
        if everyone + self.held_bytes > self.max_bytes:
            raise _TooMuchError(
                f"The uploads of all visitors take the {self.max_bytes / MIB:,.0f} MiB that this"
                " server has for them. Try again in a minute."
            )

    def _write(self) -> Counter[str]:
        """Bytes by client in this process, as other workers are told of them."""
        here: Counter[str] = Counter()
        for each in self._uploads:
            here[each.client] += each.bytes
        self.ledger.write(here)
        return here

    async def _look_until_none_is_left(self) -> None:
        while self._uploads:
            await asyncio.sleep(LOOK_EVERY_S)
            self._drop_what_is_gone()

    def _drop_what_is_gone(self) -> None:
        """Forget what pages have read or sessions have left; remove what none has asked for."""
        manager = _manager()
        now = time.monotonic()
        gone = []
        for upload in self._uploads:
            if not upload.is_whole:
                continue
            session, file = upload.place
            is_held = bool(manager and manager.get_files(session, [file]))
            if is_held and manager and now - upload.begun > self.max_age_s:
                manager.remove_file(session, file)
                is_held = False
            if not is_held:
                gone.append(upload)
        self._drop(*gone)


def held_bytes() -> int:
    """What uploaded files take now that have come whole."""
    manager = _manager()
    if manager is None:
        return 0
    stats = manager.get_stats().values()
    return sum(int(each.byte_length) for family in stats for each in family)


def _announced(scope: Scope) -> int:
    text = dict(scope["headers"]).get(b"content-length", b"0")
    return int(text) if text.isdigit() and len(text) < 16 else 0


def _manager() -> MemoryUploadedFileManager | None:
    """Where the server holds uploaded files; None before it runs."""
    if not Runtime.exists():
        return None
    manager = Runtime.instance().uploaded_file_mgr
    return manager if isinstance(manager, MemoryUploadedFileManager) else None
