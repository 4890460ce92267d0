"""The HTML of every address: what is read where no script runs."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from dashboard.first_paint import markup, routes
from dashboard.first_paint.content import first_paint
from dashboard.first_paint.index import LIVE_SCRIPTS, document, elements, elements_of_all
from dashboard.pages.registry import PAGES
from dashboard.server.content_policy import policy
from dashboard.ui.progressive import full
from forecasting.data.dataset import bundled
from tests.tools.sections import EVERY

#: Two pages whose forecasts take little; the others are for the soak.
QUICK = ("cost", "text")
EVERY_PAGE = [
    pytest.param(name, marks=[] if name in QUICK else [pytest.mark.soak]) for name in PAGES
]
#: Elements of which one section shows the first, another the second.
TWO = ("Table", "Slider")
OWN_LAW = "custom:1.69,406.4,410.7,0.336,0.283"


class Read(HTMLParser):
    """The tags of a document, what its meta tags say, and the text of each class."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.meta: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        if tag == "meta":
            name = given.get("property") or given.get("name") or ""
            self.meta[name] = given.get("content") or ""
        self._open.append(given.get("class") or tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        where = self._open[-1] if self._open else ""
        self.texts[where] = self.texts.get(where, "") + data


def path_of(name: str) -> str:
    return f"/{PAGES[name].path}"


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is."""
    monkeypatch.setattr(routes, "MAX_SECONDS", 120.0)


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_a_page_says_question_answer_chart_and_sources(name: str, client: TestClient) -> None:
    page = PAGES[name]
    section = page.section(page.scenario(), page.display())
    full(section.forecast, page.scenario(), bundled())
    response = client.get(path_of(name))
    known = client.get(f"/api/v1/{name}.json").json()
    answer = known["answer"]
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    read = Read(response.text)
    assert read.texts["question"] == page.question
    assert read.texts["box answer"] == answer
    # The Overview's cards say what its lines say.
    for line in () if name == "overview" else known["answer_lines"]:
        assert f"<p>{html.escape(line)}</p>" in response.text
    assert answer.startswith(read.meta["description"].removesuffix(" …"))
    assert read.meta["og:description"] == read.meta["description"]
    name = page.menu_title if page.path else "Overview"
    assert read.meta["og:title"] == f"{name} · Compute Forecast"
    assert read.meta["og:url"] == f"http://testserver/{page.path}"
    assert ("svg" in read.tags) == bool(section.figure)
    assert ("og:image" in read.meta) == bool(section.figure)
    for source in section.sources:
        assert html.escape(bundled().catalogue[source].title) in response.text


def test_its_picture_is_there(client: TestClient) -> None:
    address = Read(client.get("/cost").text).meta["og:image"]
    picture = client.get(address)
    assert picture.headers["content-type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")


def test_a_state_is_named_in_title_address_and_picture(client: TestClient) -> None:
    read = Read(client.get("/cost?view=price").text)
    assert read.meta["og:title"] == "Cost of compute: Price of compute · Compute Forecast"
    assert "view=price" in read.meta["og:url"]
    assert "view=price" in read.meta["og:image"]


def test_numbers_from_few_draws_are_said_to_be_so(client: TestClient) -> None:
    rough = Read(client.get("/plan?v=6&budget_usd=12345678&first_year=2027&last_year=2028").text)
    assert "From 100 draws" in rough.texts["small"]
    said = first_paint(PAGES["plan"], [("budget_usd", "12345678")])
    page = PAGES["plan"]
    scenario = page.scenario(budget_usd=12345678)
    full(said.section.forecast, scenario, bundled())
    assert said.rough
    assert not first_paint(page, [("budget_usd", "12345678")]).rough


def test_an_input_that_cannot_be_used_is_said(client: TestClient) -> None:
    text = client.get("/cost?year=tomorrow&colour=red").text
    assert "“year” is “tomorrow”." in text
    assert "This page has no input “colour” (value “red”). It is ignored." in text


@pytest.mark.parametrize(
    "address",
    [
        "/cost?model=%3Cscript%3Ealert(1)%3C/script%3E&%3Cb%3E=1",
        "/cost?view=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "/%3Cscript%3Ealert(1)%3C/script%3E",
        "/%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
        "/x';alert(1);'",
    ],
)
def test_nothing_of_an_address_is_markup(address: str, client: TestClient) -> None:
    plain, hostile = client.get("/cost"), client.get(address)
    scripts = re.findall(r"<script[^>]*>", hostile.text)
    assert len(scripts) == len(re.findall(r"<script[^>]*>", plain.text))
    assert "onerror" not in re.sub(r'"[^"]*"', "", hostile.text)
    assert "<b>" not in hostile.text


def test_an_unknown_address_is_a_404_that_names_the_nearest_page(client: TestClient) -> None:
    response = client.get("/plam")
    assert response.status_code == 404
    assert "Did you mean “Plan”?" in response.text
    assert Read(response.text).meta["robots"] == "noindex"
    nowhere = client.get("/qqqqqq/zzz")
    assert nowhere.status_code == 404
    assert "The pages are listed at the top." in nowhere.text
    assert 'href="../plan"' in nowhere.text
    assert client.get("/nothing.txt").headers["content-type"].startswith("text/plain")


def test_search_engines_may_ask_for_pages_and_not_for_what_serves_them(client: TestClient) -> None:
    response = client.get("/robots.txt")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain")
    assert response.text == "User-agent: *\nDisallow: /_stcore/\n"


def hashes_of(policy: str) -> set[str]:
    return set(re.findall(r"'sha256-([^']+)'", policy))


def directive(policy: str, name: str) -> str:
    return next(part for part in policy.split("; ") if part.startswith(f"{name} "))


@pytest.mark.parametrize("address", ["/cost", "/", "/plan?embed=true", "/nowhere/at/all"])
def test_a_document_runs_its_own_scripts_alone_and_asks_its_own_server_alone(
    address: str, client: TestClient
) -> None:
    response = client.get(address)
    policy = response.headers["content-security-policy"]
    scripts = directive(policy, "script-src")
    assert "unsafe-inline" not in scripts
    assert "unsafe-eval" not in scripts
    inline = re.findall(r"<script>(.*?)</script>", response.text, re.S)
    assert len(inline) == 3 + len(LIVE_SCRIPTS)
    for script in inline:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert digest in hashes_of(scripts)
    host = str(client.base_url.netloc.decode())
    assert directive(policy, "connect-src") == f"connect-src 'self' ws://{host} wss://{host}"


def test_nothing_of_the_live_page_is_asked_for_before_the_words_are_painted(
    client: TestClient,
) -> None:
    text = client.get("/cost").text
    asked = text.replace("data-rel=", "")
    assert 'rel="modulepreload"' not in asked
    assert 'rel="prefetch"' not in asked
    assert 'type="module"' not in text
    assert text.count('id="live-page"') == 1
    assert text.count('data-rel="modulepreload"') > 20


def test_a_script_that_got_into_the_words_of_a_page_does_not_run(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markup, "body_of", lambda *_, **__: "<script>alert(1)</script>")
    response = client.get("/cost")
    assert "<script>alert(1)</script>" in response.text
    digest = base64.b64encode(hashlib.sha256(b"alert(1)").digest()).decode()
    policy = response.headers["content-security-policy"]
    assert digest not in hashes_of(directive(policy, "script-src"))


@pytest.mark.parametrize("address", ["/cost", "/cost?embed=1"])
def test_pages_may_be_framed_by_this_server_alone(address: str, client: TestClient) -> None:
    policy = client.get(address).headers["content-security-policy"]
    assert directive(policy, "frame-ancestors") == "frame-ancestors 'self'"


def test_pages_made_to_be_framed_may_be_framed_by_anybody_files_included(
    client: TestClient,
) -> None:
    headers = client.get("/cost?embed=true").headers
    assert "script-src" in headers["content-security-policy"]
    assert "frame-ancestors" not in headers["content-security-policy"]
    assert "x-frame-options" not in headers


def test_a_host_that_is_none_adds_nothing_to_the_policy() -> None:
    for host in ("evil.example; script-src *", "a b", "'none'", ""):
        assert directive(policy(host), "connect-src") == "connect-src 'self'"
    assert "wss://[::1]:8501" in policy("[::1]:8501")


@pytest.mark.parametrize("query", [f"law={OWN_LAW}", "s=AAAAAAAAAAAAAAAAAAAAAA"])
def test_what_somebody_shared_is_kept_by_no_cache_and_listed_nowhere(
    query: str, client: TestClient
) -> None:
    response = client.get(f"/plan?{query}")
    assert response.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers
    assert response.headers["x-robots-tag"] == "noindex"
    read = Read(response.text)
    assert read.meta["robots"] == "noindex"
    assert 'rel="canonical"' not in response.text


def test_its_picture_is_kept_by_no_cache_either(client: TestClient) -> None:
    shared = client.get(f"/api/v1/scaling.json?law={OWN_LAW}")
    assert shared.headers["cache-control"] == "no-store"
    assert shared.headers["x-robots-tag"] == "noindex"
    assert "max-age=300" in client.get("/api/v1/scaling.json").headers["cache-control"]


def test_a_shared_link_that_is_gone_says_so(client: TestClient) -> None:
    assert "There is no such shared link" in client.get("/cost?s=AAAAAAAAAAAAAAAAAAAAAA").text


def test_what_has_not_changed_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/cost")
    again = client.get("/cost", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert not again.content
    assert first.headers["cache-control"] == "no-cache"
    assert client.head("/cost").headers["etag"] == first.headers["etag"]


def test_a_page_that_takes_too_long_comes_without_its_answer(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "MAX_SECONDS", 0.0)
    response = client.get("/cost?v=3&year=2031")
    assert response.status_code == 200
    assert "The answer is being computed" in response.text
    assert response.headers["cache-control"] == "no-store"
    assert '<meta http-equiv="refresh"' in response.text


def test_of_too_many_at_once_none_is_computed(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "workers", routes.Workers(most=1, most_waiting=-1))
    assert "The answer is being computed" in client.get("/cost?v=3&year=2032").text


def test_an_embedded_page_has_answer_and_chart_alone(client: TestClient) -> None:
    chart = client.get("/cost?embed=true").text
    table = client.get("/cost?embed=true&part=table").text
    assert '<div id="first-paint" class="embedded chart"' in chart
    assert "<figure>" in chart
    assert '<div id="first-paint" class="embedded table"' in table
    assert "<figure>" not in table
    assert "<details open>" in table
    assert "Epoch AI (CC BY 4.0)" in chart
    assert 'class="embedded' not in client.get("/cost").text


def test_addresses_of_the_server_itself_are_left_to_it(client: TestClient) -> None:
    for path in ("/_stcore/nothing", "/media/x.png", "/static/js/none.js", "/component/a/b"):
        assert not client.get(path).text.startswith("<!DOCTYPE html>")


def test_a_document_asks_ahead_for_the_scripts_of_what_its_section_shows_first() -> None:
    assert elements().keys() <= EVERY.keys()
    with_table, without = (
        document("", "", section=each).decode() for each in ("data/tables", "plan/plan")
    )
    table, slider = (rf'modulepreload" crossorigin href="./static/js/{each}\.' for each in TWO)
    assert re.search(table, with_table)
    assert not re.search(slider, with_table)
    assert re.search(slider, without)
    assert not re.search(table, without)


def test_a_document_of_no_section_asks_ahead_for_what_all_have() -> None:
    common = elements_of_all()
    assert common
    assert all(each in section for section in elements().values() for each in common)
    assert re.search(r"static/js/ButtonGroup\.", document("", "").decode())
