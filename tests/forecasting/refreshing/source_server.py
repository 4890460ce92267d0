"""A server on this machine that stands in for the sources, and misbehaves when told to."""

from __future__ import annotations

import gzip
import hashlib
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler, bytes], None]


class SourceServer:
    """Answers each path with its body, or as `misbehaves[path]` does; counts requests."""

    def __init__(self, bodies: Mapping[str, bytes]) -> None:
        self.bodies = dict(bodies)
        self.misbehaves: dict[str, Answer] = {}
        self.requests: Counter[str] = Counter()
        self.not_modified = 0
        self.headers: dict[str, str] = {}
        self.address = ""


@contextmanager
def serving(bodies: Mapping[str, bytes]) -> Iterator[SourceServer]:
    """Run the server in a thread."""
    state = SourceServer(bodies)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            state.requests[path] += 1
            state.headers = dict(self.headers)
            body = state.bodies.get(path, b"")
            if path in state.misbehaves:
                state.misbehaves[path](self, body)
                self.close_connection = True
                return
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if self.headers.get("If-None-Match") == etag:
                state.not_modified += 1
                answer(self, 304, b"")
            elif path in state.bodies:
                answer(self, 200, body, ETag=etag)
            else:
                answer(self, 404, b"not here")

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # the client went away, as it should

    server = Server(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def status(code: int, body: bytes = b"", **headers: str) -> Answer:
    return lambda handler, _: answer(handler, code, body, **headers)


def body_of(change: Callable[[bytes], bytes]) -> Answer:
    """A whole answer whose body has been changed."""
    return lambda handler, body: answer(handler, 200, change(body))


def first(times: int, bad: Answer) -> Answer:
    """Misbehave so many times, then answer well."""
    left = [times]

    def misbehave(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        left[0] -= 1
        if left[0] >= 0:
            bad(handler, body)
        else:
            answer(handler, 200, body)

    return misbehave


def silent(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    """Do not answer."""
    time.sleep(1.5)


def reset_in_the_middle(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    """Send half, then reset the connection."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])
    handler.wfile.flush()
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def cut_short(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    """Promise more than is sent."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: len(body) // 2])


def zipped(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    answer(handler, 200, gzip.compress(body), Content_Encoding="gzip")


def bomb(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    """Gzip that unpacks to 200 MB."""
    packed = gzip.compress(bytes(1_000_000)) * 200
    answer(handler, 200, packed, Content_Encoding="gzip")


def endless(handler: BaseHTTPRequestHandler, body: bytes) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(4000):
        handler.wfile.write(bytes(64 * 1024))
