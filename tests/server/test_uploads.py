from __future__ import annotations

import asyncio
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from dashboard.server import uploads
from dashboard.server.upload_ledger import UploadLedger, forget
from dashboard.server.uploads import UploadLimits

#: The number of another process.
OTHER = 1


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> MemoryUploadedFileManager:
    made = MemoryUploadedFileManager("/upload")
    monkeypatch.setattr(uploads, "_manager", lambda: made)
    return made


class Server:
    """A server that holds what it reads, behind limits of 100 bytes in all and 60 a client."""

    def __init__(
        self,
        manager: MemoryUploadedFileManager,
        max_age_s: float = 600.0,
        folder: Path | None = None,
    ) -> None:
        self.manager = manager
        self.limits = UploadLimits(self._app, 100, 60, max_age_s, UploadLedger(folder))
        self.read = 0

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        data = b""
        while (message := await receive()).get("more_body"):
            data += message["body"]
            self.read += len(message["body"])
        session, file = scope["path"].split("/")[-2:]
        self.manager.add_file(session, UploadedFileRec(file, "a.csv", "text/csv", data))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def put(self, file: str, size: int, **how: Any) -> int:
        """The status with which a file of that size is answered."""
        return asyncio.run(self.upload(file, size, **how))

    async def upload(
        self, file: str, size: int, *, client: str = "192.0.2.1", announced: bool = True
    ) -> int:
        parts = [b"x" * 10] * (size // 10)
        sent: list[Message] = []

        async def receive() -> Message:
            await asyncio.sleep(0)
            if parts:
                return {"type": "http.request", "body": parts.pop(), "more_body": True}
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "PUT",
            "path": f"/_stcore/upload_file/session/{file}",
            "client": (client, 1),
            "headers": [(b"content-length", str(size).encode())] if announced else [],
        }
        await self.limits(scope, receive, send)
        return next(int(each["status"]) for each in sent if "status" in each)


def test_a_client_holds_no_more_than_its_share_and_others_may_still_upload(
    manager: MemoryUploadedFileManager,
) -> None:
    server = Server(manager)
    assert [server.put(name, 20) for name in "abcd"] == [204, 204, 204, 503]
    assert server.read == 60
    assert server.put("e", 30, client="192.0.2.2") == 204


def test_all_clients_together_hold_no_more_than_the_server_has_for_them(
    manager: MemoryUploadedFileManager,
) -> None:
    server = Server(manager)
    answers = [server.put(str(n), 40, client=f"192.0.2.{n}") for n in range(4)]
    assert answers == [204, 204, 503, 503]
    assert server.limits.held_bytes == 80


def test_a_file_whose_length_is_not_announced_is_cut_off_at_the_limit(
    manager: MemoryUploadedFileManager,
) -> None:
    server = Server(manager)
    assert server.put("a", 1000, announced=False) == 503
    assert server.read <= 60
    assert server.limits.held_bytes == 0


def test_what_a_page_has_read_counts_no_more(manager: MemoryUploadedFileManager) -> None:
    server = Server(manager)
    assert server.put("a", 60) == 204
    assert server.put("b", 60) == 503
    manager.remove_file("session", "a")
    assert server.put("b", 60) == 204


def test_what_no_page_asks_for_is_removed(manager: MemoryUploadedFileManager) -> None:
    server = Server(manager, max_age_s=0.0)
    assert server.put("a", 60) == 204
    assert server.put("b", 60) == 204
    assert [bool(manager.get_files("session", [name])) for name in "ab"] == [False, True]


def test_a_file_that_is_sent_again_counts_once(manager: MemoryUploadedFileManager) -> None:
    server = Server(manager)
    assert [server.put("a", 30) for _ in range(4)] == [204] * 4
    assert server.limits.held_bytes == 30


def test_a_file_that_is_sent_several_times_at_once_counts_each_time(
    manager: MemoryUploadedFileManager,
) -> None:
    server = Server(manager)

    async def at_once() -> list[int]:
        return await asyncio.gather(*(server.upload("a", 30) for _ in range(3)))

    assert sorted(asyncio.run(at_once())) == [204, 204, 503]


def test_what_a_page_has_read_is_forgotten_though_no_other_file_comes(
    manager: MemoryUploadedFileManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LOOK_EVERY_S", 0.01)
    server = Server(manager)

    async def forgotten() -> None:
        assert await server.upload("a", 60) == 204
        manager.remove_file("session", "a")
        while server.limits.held_bytes:
            await asyncio.sleep(0.01)

    asyncio.run(asyncio.wait_for(forgotten(), 10))


def test_what_workers_hold_counts_for_all_of_them(
    manager: MemoryUploadedFileManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Server(manager, folder=tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: OTHER)
        UploadLedger(tmp_path).write({"192.0.2.1": 40, "192.0.2.2": 20})
    assert here.put("a", 30) == 503
    assert here.put("a", 20) == 204
    assert here.put("b", 30, client="192.0.2.3") == 503
    assert "192.0.2" not in "".join(file.read_text() for file in tmp_path.iterdir())
    forget(tmp_path, OTHER)
    assert here.put("b", 40) == 204
    assert here.put("c", 40, client="192.0.2.3") == 204


def test_a_folder_that_is_gone_leaves_each_process_its_own_limits(
    manager: MemoryUploadedFileManager, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = Server(manager, folder=tmp_path / "gone")
    assert [server.put(name, 40) for name in "ab"] == [204, 503]
    assert "Other workers were not told of uploads" in caplog.text


def test_other_requests_pass(manager: MemoryUploadedFileManager) -> None:
    passed = SimpleNamespace(count=0)

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        passed.count += 1

    async def nothing(*_: object) -> Message:
        return {"type": "http.disconnect"}

    for scope in (
        {"type": "http", "method": "GET", "path": "/_stcore/upload_file/a/b"},
        {"type": "http", "method": "PUT", "path": "/elsewhere"},
        {"type": "lifespan"},
    ):
        asyncio.run(UploadLimits(app)(scope, nothing, nothing))  # type: ignore[arg-type]
    assert passed.count == 3
