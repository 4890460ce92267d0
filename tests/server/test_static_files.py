"""Scripts, styles and fonts as the server sends them."""

from __future__ import annotations

import gzip
import io
import re
from pathlib import Path

import brotli
import plotly
import pytest
from fontTools.ttLib import TTFont
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.testclient import TestClient

from dashboard.server.app import middleware, routes
from dashboard.server.middleware import SecurityHeaders
from dashboard.server.static_files import (
    CUT_FONTS,
    CompressedFiles,
    StaticFiles,
    encoding_for,
    imports_of,
    scripts_of,
    static_folder,
)
from dashboard.ui.chart_element import LIBRARY, LIBRARY_ADDRESS, SCRIPT, SCRIPT_ADDRESS
from tests.tools.cut_fonts import glyphs_by_name, icons, original

SCRIPTS = static_folder() / "static" / "js"


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = StaticFiles(Starlette(routes=routes))
    return TestClient(SecurityHeaders(app))


def index() -> Path:
    (found,) = SCRIPTS.glob("index.D*.js")
    return found


ADDRESSES = {
    f"/static/js/{index().name}": index().read_bytes(),
    LIBRARY_ADDRESS: LIBRARY.read_bytes(),
    SCRIPT_ADDRESS: SCRIPT.encode("utf-8"),
}


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
def test_a_script_is_sent_in_the_encoding_asked_for_and_kept_for_good(
    address: str, encoding: str, client: TestClient
) -> None:
    with client.stream("GET", address, headers={"accept-encoding": encoding}) as response:
        sent = b"".join(response.iter_raw())
    unpacked = {"br": brotli.decompress, "gzip": gzip.decompress}.get(encoding, bytes)(sent)
    assert unpacked == ADDRESSES[address]
    assert response.headers.get("content-encoding", "identity") == encoding
    assert response.headers["vary"] == "accept-encoding"
    assert "immutable" in response.headers["cache-control"]
    assert response.headers["content-type"].startswith("text/javascript")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert encoding == "identity" or len(sent) < 0.4 * len(unpacked)


def test_the_headers_of_a_script_are_few_since_a_first_visit_asks_for_a_hundred() -> None:
    with TestClient(Starlette(routes=routes, middleware=middleware)) as server:
        headers = server.get(f"/static/js/{index().name}").headers
    assert sum(len(name) + len(value) for name, value in headers.items()) < 300


@pytest.mark.parametrize("name", ["js/none.js", "js/../index.html", "%2e%2e/index.html", "js/"])
def test_what_is_no_file_there_is_left_to_streamlit(name: str, client: TestClient) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_the_best_encoding_is_taken_that_a_client_takes() -> None:
    for accepted, best in {
        "gzip, deflate, br": "br",
        "gzip;q=1.0, br;q=0": "gzip",
        "deflate": "",
        "": "",
    }.items():
        assert encoding_for(Headers({"accept-encoding": accepted})) == best


def test_a_file_compressed_well_is_kept_for_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "script.js"
    file.write_bytes(next(SCRIPTS.glob("Slider.*.js")).read_bytes())
    first = CompressedFiles(tmp_path / "kept")
    quick = first.get(file, "br")
    first.compress_well(file)
    (kept,) = (tmp_path / "kept").iterdir()
    assert len(kept.read_bytes()) <= len(quick)
    assert CompressedFiles(tmp_path / "kept").get(file, "br") == kept.read_bytes()
    kept.write_bytes(kept.read_bytes()[:10])
    assert (
        brotli.decompress(CompressedFiles(tmp_path / "kept").get(file, "br")) == file.read_bytes()
    )


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    file = tmp_path / "script.js"
    file.write_text("const answer = 42;\n")
    files = CompressedFiles(tmp_path / "file" / "below")
    files.compress_well(file)
    assert brotli.decompress(files.get(file, "br")) == file.read_bytes()


def test_scripts_asked_for_ahead_come_with_all_that_they_import() -> None:
    scripts = scripts_of(["Slider", "Table"])
    assert set(imports_of(SCRIPTS, scripts)) == set(scripts)
    table = next(at for at, name in enumerate(scripts) if name.startswith("Table."))
    assert scripts[0].startswith("Slider.")
    assert set(scripts[:table]) == set(imports_of(SCRIPTS, scripts[:1]))
    assert any(name.startswith("Quiver.") for name in scripts[table:])
    assert scripts_of(["NoSuchElement"]) == ()
    assert imports_of(SCRIPTS, ["none.js"]) == ()


def test_the_icon_font_has_every_icon_that_a_source_names() -> None:
    start, cut = next(iter(CUT_FONTS.items()))
    there = set(glyphs_by_name(TTFont(cut)))
    known = set(glyphs_by_name(TTFont(original(start))))
    assert icons() & known <= there
    assert icons() - known <= {"star_filled"}


def test_the_text_font_has_the_letters_of_texts() -> None:
    letters = set(TTFont(CUT_FONTS["SourceSansVF-Upright."]).getBestCmap())
    assert set(map(ord, "AZaz09äöüéßñçøłαβγδΩ“”‘’–—…×÷±≤≥≈≠∞→−·⁰¹²³⁴⁵⁶⁷⁸⁹⁻₁₂€$%½✓")) <= letters


def test_cut_fonts_stand_in_place_of_whole_ones(client: TestClient) -> None:
    for start, cut in CUT_FONTS.items():
        address = f"/static/media/{original(start).name}"
        response = client.get(address)
        assert response.content == cut.read_bytes()
        assert len(response.content) < original(start).stat().st_size / 3
        assert TTFont(io.BytesIO(response.content)).flavor == "woff2"
        again = client.get(address, headers={"if-none-match": response.headers["etag"]})
        assert again.status_code == 304


def test_the_library_is_the_one_that_charts_are_checked_against() -> None:
    whole = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    version = re.compile(r"plotly\.js (?:\([^)]*\) )?v([\d.]+)")
    ours, theirs = (
        version.search(file.read_text(encoding="utf-8")[:300]) for file in (LIBRARY, whole)
    )
    assert ours
    assert theirs
    assert ours.group(1) == theirs.group(1)
    assert LIBRARY.with_name("LICENSE").exists()
