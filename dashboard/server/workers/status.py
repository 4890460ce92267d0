"""`/metrics` and `/ready` of all workers together, answered by the supervisor's process: HAProxy
sends both to a socket in its private folder.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer
from typing import Any, TypeVar, cast

from dashboard import metrics
from dashboard.server.workers.worker import Worker

#: How long a worker may take to answer: Prometheus waits for ten seconds.
ANSWER_S = 8.0
NO_WORKER = "No worker serves: they are being started."

#: The workers that visitors are sent to or finish with, by place, such as 2a.
Serving = Mapping[str, Worker]
#: What stands at a number now, with its meaning, by name.
Numbers = Mapping[str, tuple[str, float]]
Said = TypeVar("Said")


def metrics_of(serving: Serving, own: Numbers) -> str:
    """The metrics of each worker with its place, and those of the supervisor."""
    texts = _of_each(serving, lambda worker: worker.metrics(ANSWER_S))
    answered = {place: text for place, text in texts.items() if text is not None}
    meaning = "Workers that visitors are sent to and that answered this question."
    counted = {"compute_forecast_workers_answering": (meaning, len(answered))}
    return metrics.merged(answered) + metrics.gauge_text({**own, **counted})


def readiness_of(serving: Serving) -> dict[str, Any]:
    """Whether all workers that visitors are sent to are ready, and what each of them says."""
    said = _of_each(serving, lambda worker: worker.readiness(ANSWER_S))
    wrong = [each.store for each in said.values() if not each.is_ready]
    return {
        "ready": bool(said) and not wrong,
        "store": wrong[0] if wrong else "answers" if said else NO_WORKER,
        "warm": bool(said) and all(each.is_warm for each in said.values()),
        "workers": {
            place: {"ready": each.is_ready, "store": each.store, "warm": each.is_warm}
            for place, each in said.items()
        },
    }


def _of_each(serving: Serving, what: Callable[[Worker], Said]) -> dict[str, Said]:
    """What each worker says, all of them asked at once."""
    with ThreadPoolExecutor(max(1, len(serving))) as threads:
        return dict(zip(serving, threads.map(what, serving.values()), strict=True))


class StatusServer(ThreadingUnixStreamServer):
    """Answers at a socket of this machine, in threads of its own.

    Parameters
    ----------
    path : Path
        Where the socket is made.
    serving : callable
        Gives the workers to ask.
    own : callable
        Gives the supervisor's own metrics.
    """

    daemon_threads = True

    def __init__(
        self,
        path: Path,
        serving: Callable[[], Serving],
        own: Callable[[], Numbers],
    ) -> None:
        self.serving, self.own = serving, own
        super().__init__(str(path), _Answers)
        threading.Thread(target=self.serve_forever, name="status", daemon=True).start()


class _Answers(BaseHTTPRequestHandler):
    timeout = ANSWER_S

    def do_GET(self) -> None:
        """Metrics, readiness, or nothing of that name."""
        server = cast(StatusServer, self.server)
        path = self.path.partition("?")[0]
        if path.endswith("/metrics"):
            text = metrics_of(server.serving(), server.own())
            self._say(HTTPStatus.OK, metrics.TEXT_FORMAT, text)
        elif path.endswith("/ready"):
            said = readiness_of(server.serving())
            status = HTTPStatus.OK if said["ready"] else HTTPStatus.SERVICE_UNAVAILABLE
            self._say(status, "application/json", json.dumps(said))
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _say(self, status: HTTPStatus, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a scrape is no event."""
