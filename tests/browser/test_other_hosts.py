"""Nothing that a page, an embed or a download does contacts another host, and nothing offers to."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from dashboard.pages.registry import PAGES
from tests.browser.harness import Opened, settle

pytestmark = pytest.mark.browser
CHARTS = """() => [...document.querySelectorAll('.js-plotly-plot')].map((each) => ({
  server: each._context.plotlyServerURL,
  cloud: each._context.showSendToCloud,
  link: each._context.showLink,
  buttons: [...each.querySelectorAll('.modebar-btn')].map((button) => button.dataset.title),
}))"""
BUTTONS = {
    "Download plot as a PNG",
    "Download plot",
    "Zoom",
    "Pan",
    "Zoom in",
    "Zoom out",
    "Reset axes",
    "Full screen",
}


def assert_alone_with(server: str, opened: Opened) -> None:
    """The page has asked that server alone, and its charts offer no upload."""
    assert opened.hosts - {""} == {urlsplit(server).netloc}
    for chart in opened.page.evaluate(CHARTS):
        assert chart["server"] == ""
        assert not chart["cloud"]
        assert not chart["link"]
        assert set(chart["buttons"]) <= BUTTONS


def test_a_page_asks_only_its_own_server_and_offers_no_upload(opened: Opened, server: str) -> None:
    assert opened.page.evaluate(CHARTS)
    assert_alone_with(server, opened)


@pytest.mark.soak
@pytest.mark.parametrize("embed", ["", "?embed=true"])
@pytest.mark.parametrize("name", PAGES)
def test_no_page_asks_another_server_or_offers_an_upload(
    name: str, embed: str, page: Page, server: str
) -> None:
    opened = Opened(page)
    page.goto(f"{server}/{'' if name == 'overview' else name}{embed}")
    settle(page, chart=name not in ("overview", "data"))
    assert_alone_with(server, opened)


@pytest.mark.soak
def test_a_chart_has_its_few_buttons(page: Page, server: str) -> None:
    page.goto(f"{server}/cost")
    settle(page)
    chart, *_ = page.evaluate(CHARTS)
    assert {"Zoom", "Pan", "Zoom in", "Zoom out", "Reset axes", "Full screen"} < set(
        chart["buttons"]
    )


def loaded_by(document: bytes) -> list[str]:
    """What an office document takes from elsewhere, other than links that a reader may follow."""
    with zipfile.ZipFile(io.BytesIO(document)) as parts:
        relations = [
            relation
            for name in parts.namelist()
            if name.endswith(".rels")
            for relation in re.findall(r"<Relationship [^>]*>", parts.read(name).decode("utf-8"))
        ]
    return [each for each in relations if "External" in each and "/hyperlink" not in each]


def test_no_file_of_the_zip_loads_anything(gpt_3: Page, tmp_path: Path) -> None:
    gpt_3.get_by_role("button", name="Export").click()
    with gpt_3.expect_download() as waiting:
        gpt_3.get_by_role("button", name=re.compile("zip")).click()
    gpt_3.keyboard.press("Escape")
    waiting.value.save_as(tmp_path / "all.zip")
    with zipfile.ZipFile(io.BytesIO((tmp_path / "all.zip").read_bytes())) as archive:
        for name in archive.namelist():
            text = archive.read(name).decode("utf-8", errors="replace")  # pictures, documents
            assert not re.search(r"<(script|link|img|iframe)\b|plotly\.com|chart-studio", text), (
                name
            )
            if name.endswith((".docx", ".xlsx")):
                assert not loaded_by(archive.read(name)), name
