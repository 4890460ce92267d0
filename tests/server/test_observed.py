from __future__ import annotations

import json
import logging
import os
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard import metrics
from dashboard.api.routes import answered
from dashboard.server import app, observed
from dashboard.server.logs import JsonLines
from dashboard.server.observed import RequestLog, observed_routes, route_of
from dashboard.server.settings import server_settings
from dashboard.store import StoreError, shared_links
from dashboard.unexpected import told


async def fails(_request: Request) -> Response:
    raise RuntimeError("nobody expected this")


async def works(_request: Request) -> Response:
    return PlainTextResponse("yes")


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("COMPUTE_FORECAST_STORE", str(tmp_path / "shared.sqlite3"))
    monkeypatch.setenv("COMPUTE_FORECAST_LOG", "json")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    shared_links.cache_clear()
    server_settings.cache_clear()
    routes = [*observed_routes(), Route("/fails", answered(fails)), Route("/works", works)]
    with TestClient(Starlette(routes=routes, middleware=[Middleware(RequestLog)])) as opened:
        yield opened
    with suppress(StoreError):
        shared_links().close()
    shared_links.cache_clear()
    server_settings.cache_clear()


def metric(client: TestClient, line: str) -> float:
    """The number of a line of the metrics, 0 where it is not there."""
    found = re.search(rf"^{re.escape(line)} (\S+)$", client.get("/metrics").text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_metrics_are_lines_that_prometheus_reads(client: TestClient) -> None:
    with metrics.timed("compute_forecast_rerun_seconds", page='a "page"'):
        pass
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    label = r'\w+="(\\.|[^"\\])*"'
    line = re.compile(rf"# (HELP|TYPE) \w+ .+|\w+(\{{{label}(,{label})*\}})? [-+\d.e]+")
    wrong = [each for each in answer.text.splitlines() if not line.fullmatch(each)]
    assert wrong == []
    for name in (*metrics.COUNTED, *metrics.TIMED, "compute_forecast_cache_bytes"):
        assert f"# TYPE {name} " in answer.text
    assert r'compute_forecast_rerun_seconds_bucket{page="a \"page\"",le="+Inf"} 1' in answer.text


def test_requests_are_counted_by_status(client: TestClient) -> None:
    line = 'compute_forecast_http_requests_total{status="200"}'
    before = metric(client, line)
    client.get("/works")
    assert metric(client, line) == before + 2  # with the look before it


def test_a_histogram_counts_each_time_in_all_buckets_that_it_fits() -> None:
    with metrics.timed("compute_forecast_forecast_seconds", function="quick"):
        pass
    lines = [each for each in metrics.exposition({}).splitlines() if 'function="quick"' in each]
    assert [each.rpartition(" ")[2] for each in lines if "_bucket" in each] == ["1"] * 8


def test_metrics_of_several_workers_have_one_head_and_the_place_of_each() -> None:
    texts = {
        "1a": '# HELP a Old words.\n# TYPE a counter\na{s="2 0}0"} 1\n# TYPE b gauge\nb 2.5\n',
        "2b": '# HELP a New words.\n# TYPE a counter\na{s="404"} 3\n# TYPE c gauge\nc 4\n',
    }
    assert metrics.merged(texts).splitlines() == [
        "# HELP a Old words.",
        "# TYPE a counter",
        'a{worker="1a",s="2 0}0"} 1',
        'a{worker="2b",s="404"} 3',
        "# TYPE b gauge",
        'b{worker="1a"} 2.5',
        "# TYPE c gauge",
        'c{worker="2b"} 4',
    ]


def test_an_unexpected_error_of_the_api_has_an_id_that_the_log_has_too(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get("/fails")
    assert answer.status_code == 500
    number = re.search(r"error ([0-9a-f]{8}):", answer.json()["detail"])
    assert number is not None
    found = [each for each in caplog.records if getattr(each, "error_id", "") == number[1]]
    assert len(found) == 1
    assert "nobody expected" not in answer.text
    assert "nobody expected this" in JsonLines().format(found[0])


def test_the_sentence_of_an_unexpected_error_tells_nothing_of_it() -> None:
    assert "secret" not in told(ValueError("secret"), "page")


def test_ready_says_whether_the_store_answers_and_caches_are_warm(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    warmed = threading.Event()
    monkeypatch.setattr(observed, "warmed", warmed)
    assert client.get("/ready").json() == {"ready": True, "store": "answers", "warm": False}
    warmed.set()
    assert client.get("/ready").json() == {"ready": True, "store": "answers", "warm": True}
    shared_links().close()
    shared_links.cache_clear()
    monkeypatch.setenv("COMPUTE_FORECAST_STORE", "/proc/no/such/store.sqlite3")
    answer = client.get("/ready")
    assert answer.status_code == 503
    assert "can't be" in answer.json()["store"]
    assert metric(client, "compute_forecast_store_silent") == 1


def test_the_log_of_a_request_has_no_query_id_or_address(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "dashboard.server.observed"):
        client.get("/works?law=s:secret")
    line = json.loads(JsonLines().format(caplog.records[-1]))
    assert line["message"] == "request"
    assert line["process"] == os.getpid()
    assert (line["method"], line["route"], line["status"]) == ("GET", "/works", 200)
    assert "secret" not in json.dumps(line)
    assert "testclient" not in json.dumps(line)


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/cost", "/cost"),
        ("/s/abcdefghijklmnopqrstuv", "/s/…"),
        ("/s/abc/delete", "/s/…"),
        ("/base/_stcore/upload_file/session/file", "/base/_stcore/upload_file/…"),
    ],
)
def test_ids_are_left_out_of_routes(path: str, route: str) -> None:
    assert route_of(path) == route


def test_an_unexpected_error_of_a_page_is_a_sentence_with_its_id(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shown: list[str] = []
    monkeypatch.setattr(app.st, "error", lambda text, icon: shown.append(f"{icon} {text}"))
    assert app.show_unexpected(RuntimeError("nobody expected this"))
    assert vars(caplog.records[-1])["error_id"] in shown[0]
    assert "nobody" not in shown[0]
