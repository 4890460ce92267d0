"""What the API stops: work beyond its time, and work whose client has gone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient
from starlette.types import Message

from dashboard.api import routes
from dashboard.api.problems import ProblemError
from forecasting.stats.budget import check_budget

DEAR = "/api/v1/runs.json?delta=0.000001&resamples=20000&seed=424242"


def test_a_forecast_beyond_its_time_is_stopped_and_says_so(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "SECONDS", 0.05)
    answer = client.get(DEAR)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    assert "stopped after" in answer.json()["detail"]
    # Its slot is free because its work has ended.
    assert routes.queue.running.total() == 0


def test_rows_that_a_batch_has_no_time_for_say_so_and_the_others_are_answered(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.api.batch.MAX_SECONDS", 0.2)
    body = "delta,resamples,seed\n0.000001,20000,77\n0.001,100,0\n"
    answer = client.post("/api/v1/runs/batch", content=body)
    assert answer.status_code == 200
    assert answer.text.count("Not computed") == 2


class Work:
    """Endless work with steps; `ended` once it was stopped."""

    def __init__(self) -> None:
        self.begun, self.ended = threading.Event(), threading.Event()

    def __call__(self) -> Response:
        self.begun.set()
        try:
            while not self.ended.wait(0.001):
                check_budget()
        finally:
            self.ended.set()
        return Response()


@pytest.fixture
def work() -> Iterator[Work]:
    made = Work()
    yield made
    made.ended.set()


def test_work_is_stopped_when_its_client_goes(work: Work) -> None:
    async def receive() -> Message:
        while not work.begun.is_set():
            await asyncio.sleep(0.001)
        return {"type": "http.disconnect"}

    request = Request({"type": "http", "client": ("192.0.2.1", 1), "headers": []}, receive)
    with pytest.raises(ProblemError):
        asyncio.run(routes.computed(request, work))
    assert work.ended.is_set()
    assert routes.queue.running.total() == 0
