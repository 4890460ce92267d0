"""What an attacker would write into every parameter, name and cell: nothing is executed, no server
error, nothing found by guessing.
"""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from dashboard.pages.registry import PAGES
from dashboard.store import Share, shared_links

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' OR 1=1; DROP TABLE shares; --",
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "x\r\nSet-Cookie: stolen=1",
    "{{7*7}}${7*7}",
    '=HYPERLINK("http://example.org")',
    "\x00\x01",
    "𝕊" * 100,
    "custom:" + "9" * 300,
    "s:" + "a" * 22,
)


def is_harmless(response) -> None:
    assert response.status_code < 500
    assert "stolen" not in str(response.headers)
    if response.headers.get("content-type", "").startswith("text/html"):
        assert "<script>alert" not in response.text
        assert "<img src=x" not in response.text
    for header in ("content-security-policy", "x-content-type-options"):
        assert header in response.headers


@pytest.mark.parametrize("payload", PAYLOADS)
def test_in_every_input_of_every_page(client: TestClient, payload: str) -> None:
    for page, parts in PAGES.items():
        query = "&".join(
            f"{name}={quote(payload, safe='')}"
            for name in (*parts.scenario.model_fields, *parts.display.model_fields)
        )
        is_harmless(client.get(f"/api/v1/{page}.json?{query[:7500]}"))
        is_harmless(client.get(f"/api/v1/{page}.csv?law={quote(payload, safe='')}"))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_in_ids_tokens_and_paths(client: TestClient, payload: str) -> None:
    text = quote(payload, safe="")
    for path in (
        f"/s/{text}",
        f"/s/{text}/delete?token={text}",
        f"/api/v1/{text}.json",
        f"/api/v1/cost.json?s={text}&p1={text}&d={text}&v={text}",
    ):
        is_harmless(client.get(path))
    is_harmless(client.post(f"/s/{text}/delete", data={"token": payload}))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_in_cells_and_names_of_a_batch(client: TestClient, payload: str) -> None:
    cell = '"' + payload.replace('"', '""') + '"'
    is_harmless(client.post("/api/v1/cost/batch", content=f"model\n{cell}\n".encode()))
    is_harmless(client.post("/api/v1/cost/batch", content=f"{cell}\nGPT-3\n".encode()))


def test_links_cannot_be_found_by_changing_one_that_is_known(client: TestClient) -> None:
    saved = shared_links().save(
        Share("cost", "v=2&model=GPT-3", "It costs $1.", "0032533d", "cost.2", {"result": b"x"})
    )
    assert client.get(f"/s/{saved.id}").status_code == 302
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for place in range(0, 22, 3):
        other = (
            saved.id[:place]
            + next(c for c in alphabet if c != saved.id[place])
            + saved.id[place + 1 :]
        )
        assert client.get(f"/s/{other}").status_code == 404
    assert client.get(f"/s/{saved.id[:-1]}").status_code == 404


def test_a_link_leads_to_this_server_only(client: TestClient) -> None:
    saved = shared_links().save(
        Share("cost", "v=2&model=GPT-3", "It costs $1.", "0032533d", "cost.2", {"result": b"x"})
    )
    location = client.get(f"/s/{saved.id}").headers["location"]
    assert re.match(r"/cost\?v=2&model=GPT-3&s=", location)
    elsewhere = shared_links().save(
        Share("//example.org", "v=2", "", "0032533d", "cost.2", {"result": b"x"})
    )
    assert client.get(f"/s/{elsewhere.id}").status_code == 404


def test_the_delete_page_asks_and_deletes_nothing_by_being_looked_at(client: TestClient) -> None:
    saved = shared_links().save(
        Share("cost", "v=2", "It costs $1.", "0032533d", "cost.2", {"result": b"x"})
    )
    asked = client.get(f"/s/{saved.id}/delete?token={saved.delete_token}")
    assert asked.status_code == 200
    assert client.get(f"/s/{saved.id}").status_code == 302
    assert (
        client.post(f"/s/{saved.id}/delete", data={"token": saved.delete_token}).status_code == 200
    )
    assert client.get(f"/s/{saved.id}").status_code == 404
