"""A worker as small as can be, for tests of what stands around workers: it says which process
answers, holds sockets open as a page does, and is warm at once.

    python -m tests.server.small_worker PORT

SMALL_WORKER_FAILS, where it names a file that exists, lets it end before it listens.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ENDS = threading.Event()
#: Of RFC 6455: what a server adds to the key of a websocket before it gives its hash back.
WEBSOCKET = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.headers.get("Upgrade") == "websocket":
            self._hold()
            return
        if "/slow" in self.path:
            time.sleep(1.0)
        if self.path == "/metrics":
            self._say(f"# TYPE process gauge\nprocess {os.getpid()}\n")
            return
        facts = {"ready": True, "store": "answers", "warm": True, "process": os.getpid()}
        facts |= {name.lower(): self.headers.get_all(name) for name in set(self.headers)}
        self._say(json.dumps(facts))

    def _say(self, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def _hold(self) -> None:
        """As a websocket: the number of the process, then silence until either side ends."""
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        key = self.headers["Sec-WebSocket-Key"] + WEBSOCKET
        accepted = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        self.send_header("Sec-WebSocket-Accept", accepted)
        self.end_headers()
        self.wfile.write(f"{os.getpid()}\n".encode())
        self.connection.settimeout(0.1)
        while not ENDS.is_set():
            try:
                if not self.connection.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def main() -> None:
    if Path(os.environ.get("SMALL_WORKER_FAILS") or "/nowhere").exists():
        raise SystemExit(3)
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answers)
    server.daemon_threads = False

    def end(_number: int, _frame: object) -> None:
        ENDS.set()
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, end)
    server.serve_forever(poll_interval=0.05)
    server.server_close()


if __name__ == "__main__":
    main()
