"""Requests as clients really send them, over a socket: bodies that are too large, clients that go,
addresses with a slash too many.
"""

from __future__ import annotations

import http.client
import logging
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.server.app import middleware, routes
from dashboard.server.middleware import _Body

LARGE = 3_000_000


async def uploaded(request: Request) -> Response:
    """Reads its body to the end, as Streamlit's own route for uploads does."""
    await request.body()
    return Response("whole")


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server with our routes, our middleware and a route that reads uploads."""
    app = Starlette(
        routes=[*routes, Route("/upload", uploaded, methods=["PUT"])], middleware=middleware
    )
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()


def answer_to(
    port: int, method: str, path: str, size: int, *, chunked: bool, closes: bool
) -> tuple[int, dict[str, str], str]:
    """Status, headers and text that a client hears who sends all it has before it listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    body = (b"x" * 65_536 for _ in range(-(-size // 65_536)))
    lengths = (
        {"transfer-encoding": "chunked"}
        if chunked
        else {"content-length": str(-(-size // 65_536) * 65_536)}
    )
    connection.request(
        method,
        path,
        body,
        lengths | ({"connection": "close"} if closes else {}),
        encode_chunked=chunked,
    )
    response = connection.getresponse()
    heard = (
        response.status,
        {name.lower(): value for name, value in response.getheaders()},
        response.read().decode(),
    )
    connection.close()
    return heard


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("closes", [False, True])
@pytest.mark.parametrize(
    ("method", "path", "status", "words"),
    [
        ("POST", "/api/v1/cost/batch", 413, "At most 256 KiB are read."),
        ("POST", "/api/v1/cost.json", 405, "POST is not answered here. Use GET."),
        ("POST", "/api/v1/nothing", 404, "No such address"),
        ("POST", "/s/none/delete", 413, "at most 4,096 bytes"),
        ("PUT", "/upload", 200, "whole"),
    ],
)
def test_whoever_sends_too_much_hears_why(
    port: int, method: str, path: str, status: int, words: str, chunked: bool, closes: bool
) -> None:
    for _ in range(5):
        got, _, text = answer_to(port, method, path, LARGE, chunked=chunked, closes=closes)
        assert got == status
        assert words in text


def test_a_client_that_waits_to_be_asked_is_not_asked_for_what_is_too_large(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(
            b"POST /api/v1/cost/batch HTTP/1.1\r\nhost: x\r\nexpect:"
            b" 100-continue\r\ncontent-length: 3000000\r\n\r\n"
        )
        heard = client.recv(65_536)
    assert heard.startswith(b"HTTP/1.1 413")
    assert b"100 Continue" not in heard


def test_a_client_that_goes_in_the_middle_of_an_upload_leaves_no_traceback(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for path in (b"/upload", b"/nowhere"):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(
                b"PUT "
                + path
                + b" HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n"
                + b"x" * 1000
            )
            time.sleep(0.1)
    time.sleep(0.2)
    assert answer_to(port, "PUT", "/upload", 10, chunked=False, closes=True)[0] == 200
    assert not [
        record for record in caplog.records if record.exc_info or record.levelno >= logging.WARNING
    ]


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("//cost", "/cost"),
        ("///api//v1/cost.json?year=2030", "/api/v1/cost.json?year=2030"),
        ("//example.org/cost", "/example.org/cost"),
    ],
)
def test_a_slash_too_many_leads_to_the_address_that_was_meant(
    port: int, asked: str, meant: str
) -> None:
    status, headers, _ = answer_to(port, "GET", asked, 0, chunked=False, closes=True)
    assert (status, headers["location"]) == (308, meant)


@pytest.mark.parametrize("asked", ["//\\example.org", "/\\/example.org", "/x\\\\y//z"])
def test_a_backslash_leads_nowhere(port: int, asked: str) -> None:
    status, headers, _ = answer_to(port, "GET", asked, 0, chunked=False, closes=True)
    assert status >= 400
    assert "location" not in headers


def test_an_answer_to_a_client_that_sends_too_slowly_has_the_security_headers(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Body, "PART_S", 0.1)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(b"PUT /upload HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\nx")
        response = http.client.HTTPResponse(client)
        response.begin()
        assert response.status == 408
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "default-src" in response.headers["content-security-policy"]
