"""Who stands in front of the server: proxies by address and network, in either family's writing."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard.api import routes as api
from dashboard.server.middleware import Forwarded
from dashboard.server.settings import (
    PROXIES,
    PUBLIC_ADDRESS,
    WARM_UP,
    ServerSettings,
    SettingError,
    address_of,
)
from tests.server.served import ROOT, free_port, wait_until_healthy


def settings(proxies: str = "", public: str = "") -> ServerSettings:
    return ServerSettings.from_environment({PROXIES: proxies, PUBLIC_ADDRESS: public})


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("::FFFF:7f00:1", "127.0.0.1"),
        ("::1", "::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("203.0.113.7:5000", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::1"),
        ("localhost", None),
        ("127.0.0.1.evil.example", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_is_one_however_it_is_written(text: str | None, address: str | None) -> None:
    found = address_of(text)
    assert (None if found is None else str(found)) == address


@pytest.mark.parametrize(
    ("proxies", "peer", "is_trusted"),
    [
        ("127.0.0.1", "::ffff:127.0.0.1", True),
        ("::ffff:127.0.0.1", "127.0.0.1", True),
        ("::ffff:10.0.0.0/104", "10.9.9.9", True),
        ("10.0.0.0/8, ::1", "10.200.3.4", True),
        ("10.0.0.0/8, ::1", "::1", True),
        ("10.0.0.0/8, ::1", "11.0.0.1", False),
        ("2001:db8::/32", "2001:db8:1::5", True),
        ("0.0.0.0/0", "::1", False),
        ("", "127.0.0.1", False),
        ("127.0.0.1", None, False),
    ],
)
def test_a_proxy_is_known_by_address_or_network(
    proxies: str, peer: str | None, is_trusted: bool
) -> None:
    assert settings(proxies).trusts(peer) is is_trusted


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("::ffff:127.0.0.1", "203.0.113.7", "203.0.113.7"),
        # What a client writes into the header itself stands before what the proxy adds.
        ("127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "203.0.113.7, 10.0.0.3", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1, nonsense, 10.0.0.3", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        # A client that asks directly names nobody else.
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("203.0.113.7", "203.0.113.7, 198.51.100.1", "203.0.113.7"),
        ("testclient", "198.51.100.1", None),
    ],
)
def test_the_client_is_the_last_address_that_no_proxy_of_ours_has(
    peer: str, forwarded: str, client: str | None
) -> None:
    assert settings("127.0.0.1, 10.0.0.0/8").client(peer, forwarded) == client


@pytest.mark.parametrize(
    ("peer", "seen"),
    [("::ffff:127.0.0.1", ["203.0.113.7", "https"]), ("198.51.100.9", ["198.51.100.9", "http"])],
)
def test_routes_see_the_client_and_the_scheme_behind_a_proxy_that_is_believed(
    peer: str, seen: list[str]
) -> None:
    def told(request: Request) -> JSONResponse:
        assert request.client is not None
        return JSONResponse([request.client.host, request.url.scheme])

    app = Starlette(
        routes=[Route("/", told)],
        middleware=[Middleware(Forwarded, settings=settings("127.0.0.1"))],
    )
    headers = {"x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https"}
    with TestClient(app, client=(peer, 5000)) as client:
        assert client.get("/", headers=headers).json() == seen


@pytest.mark.parametrize("text", ["127.0.0.1/33", "nginx", "10.0.0.1/8", "127.0.0.1;10.0.0.1"])
def test_a_proxy_that_is_no_address_is_refused_with_what_would_be_right(text: str) -> None:
    with pytest.raises(SettingError, match=r"TRUSTED_PROXIES holds “.*such as 127\.0\.0\.1"):
        settings(text)


@pytest.mark.parametrize(
    "text",
    [
        "forecast.example.org",
        "javascript:alert(1)",
        "https://",
        "https://a@b.example",
        "https://example.org/?x=1",
        "https://exam ple.org",
        "https://example.org:99999",
        "https://[::1",
    ],
)
def test_a_public_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="COMPUTE_FORECAST_PUBLIC_ADDRESS is “"):
        settings(public=text)


def test_a_public_address_loses_the_slash_at_its_end() -> None:
    assert settings(public="https://example.org/forecast/").public_address == (
        "https://example.org/forecast"
    )


def test_a_word_that_says_no_warm_up_is_refused() -> None:
    with pytest.raises(SettingError, match=r"COMPUTE_FORECAST_WARM_UP is “some”.*“quick”"):
        ServerSettings.from_environment({WARM_UP: "some"})


@pytest.mark.parametrize(
    ("word", "warmed"), [("", ["quick", "slow"]), ("quick", ["quick"]), ("off", [])]
)
def test_a_server_computes_the_forecasts_that_its_setting_names(
    word: str, warmed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashboard.server import warm_up

    got: list[str] = []
    sections = [
        SimpleNamespace(name="slow", is_slow=True),
        SimpleNamespace(name="quick", is_slow=False),
    ]
    monkeypatch.setattr(warm_up, "PAGES", {"page": SimpleNamespace(sections=sections)})
    monkeypatch.setattr(warm_up, "warm", lambda section, context: got.append(section.name))
    monkeypatch.setattr(warm_up, "first_paint", lambda page, pairs: None)
    named = ServerSettings.from_environment({WARM_UP: word})
    monkeypatch.setattr(warm_up, "server_settings", lambda: named)
    warm_up.warm_caches()
    assert got == warmed


def test_answers_that_any_cache_may_keep_have_links_to_the_public_address_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from dashboard.server import request_parts

    with TestClient(Starlette(routes=api.api_routes())) as client:
        asked = {"host": "evil.example"}
        own = client.get("/api/v1/cost.json?v=3", headers=asked)
        assert own.headers["cache-control"] == "private, max-age=300"
        public = settings(public="https://forecast.example.org")
        for module in (request_parts, api):
            monkeypatch.setattr(module, "server_settings", lambda: public)
        got = client.get("/api/v1/cost.json?v=3", headers=asked)
    assert got.headers["cache-control"] == "public, max-age=300"
    assert got.json()["link"].startswith("https://forecast.example.org/cost?")
    assert "evil.example" not in got.text


@pytest.mark.soak
@pytest.mark.parametrize("name", [PROXIES, PUBLIC_ADDRESS, "COMPUTE_FORECAST_RETENTION_DAYS"])
def test_the_server_does_not_start_with_a_wrong_setting(name: str) -> None:
    command = [sys.executable, "-m", "compute_forecast", "serve", f"--port={free_port()}"]
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {name: "wrong"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 1
    assert f"{name} " in ended.stderr
    assert "Starting" not in ended.stdout
    assert "Traceback" not in ended.stderr


@pytest.mark.soak
def test_a_socket_for_both_families_knows_its_proxy(tmp_path: Path) -> None:
    """As `make run ADDRESS=::` listens: a peer of IPv4 has an address of IPv6 there."""
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no socket for both families")
    port = free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "compute_forecast", "serve"),
            *(f"--port={port}", "--address=::"),
        ],
        cwd=ROOT,
        env=os.environ
        | {PROXIES: "127.0.0.1", "COMPUTE_FORECAST_STORE": str(tmp_path / "links.sqlite3")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}")
        asked = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/v1/cost.json",
            headers={"x-forwarded-proto": "https", "host": "forecast.example.org"},
        )
        got = json.load(urllib.request.urlopen(asked, timeout=120))
        assert got["link"].startswith("https://forecast.example.org/cost?")
    finally:
        process.terminate()
        process.wait(60)


def test_the_log_and_the_connections_of_a_client_are_set_by_the_environment() -> None:
    unset = ServerSettings.from_environment({})
    assert (unset.log, unset.connections_a_client) == ("text", 200)
    environment = {"COMPUTE_FORECAST_LOG": "JSON", "COMPUTE_FORECAST_CONNECTIONS_A_CLIENT": "5000"}
    given = ServerSettings.from_environment(environment)
    assert (given.log, given.connections_a_client) == ("json", 5000)


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("COMPUTE_FORECAST_LOG", "xml", "Write text or json"),
        ("COMPUTE_FORECAST_CONNECTIONS_A_CLIENT", "0", "from 1 to 1,000,000"),
        ("COMPUTE_FORECAST_CONNECTIONS_A_CLIENT", "many", "from 1 to 1,000,000"),
    ],
)
def test_a_log_or_a_number_of_connections_that_is_none_is_refused(
    name: str, value: str, remedy: str
) -> None:
    with pytest.raises(SettingError, match=f"{name} is “{value}”.*{remedy}"):
        ServerSettings.from_environment({name: value})
