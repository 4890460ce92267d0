"""The content security policy lets everything of ours through, and nothing else."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Page, expect

from dashboard.pages.registry import PAGES
from tests.browser.harness import settle

pytestmark = pytest.mark.browser
#: In `make test`; all pages in soak.
QUICK = ("/runs",)
ADDRESSES = (
    *QUICK,
    "/cost?embed=true",
    *(f"/{page.path}" for page in PAGES.values() if page.name != "runs"),
)


@pytest.mark.parametrize(
    "address",
    [pytest.param(each, marks=[] if each in QUICK else [pytest.mark.soak]) for each in ADDRESSES],
)
def test_a_page_works_without_a_word_of_its_policy_in_the_console(
    page: Page, server: str, address: str
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if _is_bad(message.type) else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(server + address)
    settle(page, chart=not address.startswith("/data"))
    assert [each for each in said if "Security Policy" in each or "Refused" in each] == []
    assert not any("Error" in each for each in said), said


def test_a_script_from_outside_does_not_run(gpt_3: Page) -> None:
    gpt_3.evaluate(
        "() => { const script = document.createElement('script');"
        " script.textContent = 'window.stolen = 1'; document.body.append(script); }"
    )
    assert gpt_3.evaluate("() => window.stolen") is None
    blocked = "() => fetch('https://evil.example/').then(() => 'sent', () => 'blocked')"
    assert gpt_3.evaluate(blocked) == "blocked"


@contextlib.contextmanager
def other_site(folder: Path) -> Iterator[str]:
    """Another site, which shows what stands in a folder: browsers let no invented one ask this
    machine.
    """
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("localhost", 0), handler) as site:
        Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://localhost:{site.server_port}"
        site.shutdown()


def test_only_an_embed_is_shown_within_a_frame_of_another_site(
    page: Page, server: str, tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text(
        f'<iframe id="whole" src="{server}/data"></iframe>'
        f'<iframe id="embed" src="{server}/cost?embed=true" width="900" height="700"></iframe>'
    )
    refused: list[str] = []
    page.on("requestfailed", lambda request: refused.append(request.url))
    with other_site(tmp_path) as address:
        page.goto(address)
        embedded = page.frame_locator("#embed")
        expect(embedded.get_by_test_id("stAlert").first).to_be_visible()
        whole = page.frame_locator("#whole")
        expect(whole.get_by_role("heading", name="Data and methods")).to_have_count(0)
    assert f"{server}/data" in refused
    assert f"{server}/cost?embed=true" not in refused


def _is_bad(kind: str) -> bool:
    return kind in ("error", "warning")
