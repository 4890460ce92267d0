"""Numbers by URL: the same as on the page, to the last digit; errors in the page's words."""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from hypothesis import Phase, given, reject
from hypothesis import strategies as st
from starlette.testclient import TestClient

from dashboard import forecasts
from dashboard.api.openapi import description
from dashboard.export.exports import answer_of
from dashboard.export.static.theme import COLOURS
from dashboard.links import parse_query, query_of
from dashboard.pages.declaration import Page, Section
from dashboard.pages.registry import PAGES
from forecasting.compute_cost.compute_cost import model_cost
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.data.age import data_as_of, stale_tables
from forecasting.data.dataset import bundled
from forecasting.data.today import TODAY_VARIABLE
from forecasting.errors import ForecastingError
from forecasting.scenario import Scenario
from forecasting.stats.range_level import level_of_bands, range_level
from tests.dashboard.harness import SECTIONS
from tests.dashboard.scenarios import scenarios_of
from tests.examples import examples

#: The files of a section with a chart in the zip, by their endings.
FILES = ("csv", "docx", "json", "pdf", "png", "svg", "xlsx")


def numbers(table: pd.DataFrame) -> list[list[Any]]:
    """The cells of a table, missing ones as None."""
    return [
        [None if not isinstance(cell, str) and pd.isna(cell) else cell for cell in row]
        for row in table.itertuples(index=False)
    ]


def from_json(cell: Any) -> Any:
    return (
        {"Infinity": math.inf, "-Infinity": -math.inf}.get(cell, cell)
        if isinstance(cell, str)
        else cell
    )


def result_or_reason(forecast: Callable[..., Any], scenario: Scenario) -> Any:
    """The result as the page has it, or the sentence that says why there is none."""
    try:
        return forecasts.forecast(forecast, scenario, bundled())
    except ForecastingError as error:
        return str(error)


@pytest.mark.parametrize(
    "page",
    [
        # Each of its scenarios takes seconds.
        pytest.param(name, marks=[pytest.mark.soak] if name == "track-record" else [])
        for name in sorted(PAGES)
    ],
)
@examples(quick=2, soak=150, phases=[Phase.explicit, Phase.generate])
@given(data=st.data())
def test_json_csv_and_the_pages_table_agree_to_the_last_digit(
    client: TestClient, page: str, data: st.DataObject
) -> None:
    parts = PAGES[page]
    scenario, display = (
        data.draw(scenarios_of(parts.scenario)),
        data.draw(scenarios_of(parts.display)),
    )
    query = query_of(scenario, display, tables=bundled())
    got = client.get(f"/api/v1/{page}.json?{query}")
    result = result_or_reason(parts.section(scenario, display).forecast, scenario)
    if got.status_code == 503:
        reject()  # the server was too slow for its own limit
    if isinstance(result, str):
        assert got.status_code == 422
        assert got.json()["errors"] == [result]
        return
    assert got.status_code == 200, got.text
    body = got.json()
    table: pd.DataFrame = result.table
    with range_level(level_of_bands(display.levels)):
        assert body["answer"] == answer_of(result)
    assert body["columns"] == [str(name) for name in table.columns]
    in_json = [[from_json(cell) for cell in row] for row in body["rows"]]
    for got_row, row in zip(in_json, numbers(table), strict=True):
        for got_cell, cell in zip(got_row, row, strict=True):
            if isinstance(cell, float):
                assert got_cell == cell
            else:
                assert (
                    got_cell is None
                    if cell is None
                    else str(got_cell) == str(cell)[:10] or got_cell == cell
                )
    as_csv = pd.read_csv(io.StringIO(client.get(f"/api/v1/{page}.csv?{query}&comments=0").text))
    for name in table.columns:
        if pd.api.types.is_float_dtype(table[name]):
            pd.testing.assert_series_equal(
                as_csv[str(name)].astype(float),
                table[name].reset_index(drop=True),
                check_exact=True,
            )
    # The link of the answer opens the same page.
    link = body["link"].partition("?")[2]
    assert client.get(f"/api/v1/{page}.json?{link}").json()["rows"] == body["rows"]


@pytest.mark.parametrize(("page", "section"), SECTIONS)
def test_every_section_has_an_answer_a_table_and_sources(
    client: TestClient, page: Page, section: Section
) -> None:
    # Computed first: one may take longer than the API gives a forecast.
    forecasts.forecast(section.forecast, section.inputs(), bundled())
    body = client.get(f"/api/v1/{page.name}.json", params=page.query(section)).json()
    assert body["section"] == section.export_name
    assert len(body["answer"]) > 40
    assert body["rows"]
    assert {source["table"] for source in body["sources"]} == set(section.sources)
    assert [each["name"] for each in body["inputs"]] == list(section.inputs.model_fields)


def test_answers_carry_the_date_of_their_data_and_what_is_overdue(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = description()["components"]["schemas"]
    for path, schema, names in (
        ("cost", "Result", PAGES["cost"].sections[0].sources),
        ("version", "Version", None),
    ):
        body = client.get(f"/api/v1/{path}.json").json()
        assert set(known[schema]["required"]) == set(body)
        assert body["stale"][0]["table"] == "us_consumer_prices"
        assert set(body["stale"][0]) == set(known["StaleTable"]["required"])
        assert [each["table"] for each in body["stale"]] == [
            age.table for age in stale_tables(names=names)
        ]
    assert body["data_as_of"] == data_as_of(bundled(), bundled().names)
    monkeypatch.setenv(TODAY_VARIABLE, "2025-02-15")
    assert client.get("/api/v1/version.json").json()["stale"] == []
    batch = client.post("/api/v1/cost/batch", content="model\nGPT-3\n")
    (row,) = pd.read_csv(io.BytesIO(batch.content), keep_default_na=False).to_dict("records")
    assert (row["data_as_of"], row["stale"]) == ("2026-03", "")


def test_figures_carry_their_range_and_unit(client: TestClient) -> None:
    figure = client.get("/api/v1/cost.json?model=GPT-3").json()["figures"]["hardware_at_year"]
    expected = model_cost(CostScenario(model="GPT-3")).hardware_at_year
    assert figure == {
        "value": expected.value,
        "low": expected.low,
        "high": expected.high,
        "level": 0.8,
        "unit": "USD",
    }


def test_bad_values_are_refused_in_the_pages_words_and_nothing_is_used_instead(
    client: TestClient,
) -> None:
    got = client.get("/api/v1/cost.json?model=GPX&year=1066&nonsense=1")
    assert got.status_code == 422
    assert got.headers["content-type"] == "application/problem+json"
    errors = got.json()["errors"]
    assert any("“model” is “GPX”. Use a known name" in error for error in errors)
    assert any("“year” is “1066”. Use 2010 or more." in error for error in errors)
    assert any("no input “nonsense”" in error for error in errors)
    assert "instead" not in got.text


def test_an_unknown_address_names_the_known_ones(client: TestClient) -> None:
    got = client.get("/api/v1/moore.json")
    assert got.status_code == 404
    assert "/api/v1/cost.json" in got.json()["detail"]


def test_too_long_a_query_is_refused(client: TestClient) -> None:
    assert client.get("/api/v1/cost.json?model=" + "x" * 9000).status_code == 414


def test_the_csv_says_what_it_is_unless_asked_not_to(client: TestClient) -> None:
    lines = client.get("/api/v1/cost.csv?model=GPT-3").text.splitlines()
    assert [line[:1] for line in lines[:5]] == ["#", "#", "#", "#", "y"]
    assert client.get("/api/v1/cost.csv?model=GPT-3&comments=0").text.splitlines() == lines[4:]


def test_an_unchanged_answer_is_not_sent_twice(client: TestClient) -> None:
    first = client.get("/api/v1/cost.json")
    again = client.get("/api/v1/cost.json", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_the_zip_holds_table_metadata_and_readme(client: TestClient) -> None:
    got = client.get("/api/v1/cost.zip?model=GPT-3")
    archive = zipfile.ZipFile(io.BytesIO(got.content))
    stem = "cost-model-2030-gpt-3"
    assert sorted(archive.namelist()) == ["README.md", *(f"{stem}.{each}" for each in FILES)]
    assert json.loads(archive.read(f"{stem}.json"))["rows"]
    assert archive.read(f"{stem}.png").startswith(b"\x89PNG")
    assert b"## Sources" in archive.read("README.md")


def test_a_batch_answers_row_by_row_and_names_what_is_wrong_in_a_row(client: TestClient) -> None:
    sent = "model,year\nGPT-3,2030\nGPT-9,2030\nGPT-2,2028\n"
    got = pd.read_csv(io.StringIO(client.post("/api/v1/cost/batch", content=sent).text))
    assert list(got["model"]) == ["GPT-3", "GPT-9", "GPT-2"]
    assert got["answer"].isna().tolist() == [False, True, False]
    assert "Use a known name" in got["error"][1]
    assert (
        got["hardware_at_year_value"][2]
        == model_cost(CostScenario(model="GPT-2", year=2028)).hardware_at_year.value
    )


@pytest.mark.parametrize(
    ("sent", "status", "words"),
    [
        (b"", 422, "has no rows"),
        (b"model\n", 422, "has no rows"),
        (b"nonsense\n1\n", 422, "not an input of this page"),
        (b"model,model\n1,2\n", 422, "appears twice"),
        (b"model,year\nGPT-3\n", 422, "Row 2 has 1 cells"),
        (b"\xff\xfe\x00", 422, "not a UTF-8 CSV"),
        (b"model\n" + b"GPT-3\n" * 201, 413, "at most 200"),
        (b"x" * 300_000, 413, "At most 256 KiB"),
    ],
)
def test_a_batch_that_cannot_be_read_is_refused_with_the_reason(
    client: TestClient, sent: bytes, status: int, words: str
) -> None:
    got = client.post("/api/v1/cost/batch", content=sent)
    assert got.status_code == status
    assert words in got.text


def test_cells_that_a_spreadsheet_would_run_are_guarded(client: TestClient) -> None:
    got = client.post("/api/v1/cost/batch", content="model\n=HYPERLINK(1)\n").text
    assert "\n'=HYPERLINK(1)," in got


@examples(quick=15, soak=1000)
@given(query=st.text(max_size=300), page=st.sampled_from(sorted(PAGES)))
def test_any_query_at_all_gives_an_answer_or_a_reason(
    client: TestClient, query: str, page: str
) -> None:
    from urllib.parse import quote

    got = client.get(f"/api/v1/{page}.json?{quote(query, safe='=&%~')}")
    assert got.status_code in (200, 414, 422)
    assert parse_query(query) is not None
    if got.status_code == 422:
        assert got.json()["errors"]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("cost.json", "GET, HEAD, OPTIONS"),
        ("cost.csv", "GET, HEAD, OPTIONS"),
        ("openapi.json", "GET, HEAD, OPTIONS"),
        ("cost/batch", "POST, OPTIONS"),
    ],
)
def test_other_methods_are_told_which_is_answered(
    client: TestClient, path: str, allowed: str
) -> None:
    for method in ("POST", "GET", "PUT", "PATCH", "DELETE"):
        if method not in allowed:
            got = client.request(method, f"/api/v1/{path}")
            assert (got.status_code, got.headers["allow"]) == (405, allowed)
            assert got.headers["content-type"] == "application/problem+json"
            assert f"Use {allowed.split(',')[0]}." in got.json()["detail"]


@pytest.mark.parametrize(("path", "method"), [("cost.json", "GET"), ("cost/batch", "POST")])
def test_a_page_of_another_origin_may_ask(client: TestClient, path: str, method: str) -> None:
    asks = {
        "origin": "https://example.org",
        "access-control-request-method": method,
        "access-control-request-headers": "content-type",
    }
    first = client.options(f"/api/v1/{path}", headers=asks)
    assert first.status_code == 204
    assert first.headers["access-control-allow-origin"] == "*"
    assert method in first.headers["access-control-allow-methods"]
    assert "Content-Type" in first.headers["access-control-allow-headers"]
    then = client.request(
        method,
        f"/api/v1/{path}",
        headers={"origin": "https://example.org"},
        content="model\nGPT-3\n" if method == "POST" else None,
    )
    assert then.status_code == 200
    assert then.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in then.headers


def test_the_chart_of_a_page_is_had_by_its_address(client: TestClient) -> None:
    query = "view=plan&first_year=2027&last_year=2029&budget_usd=40000000&draws=100"
    for ending, media, start in (
        ("svg", "image/svg+xml", b"<svg "),
        ("png", "image/png", b"\x89PNG"),
    ):
        got = client.get(f"/api/v1/plan.{ending}?{query}")
        assert got.status_code == 200
        assert got.headers["content-type"].partition(";")[0] == media
        assert got.content.startswith(start)
        assert got.headers["content-disposition"].startswith("inline;")
        assert f'"plan-2027-2029-40M.{ending}"' in got.headers["content-disposition"]
        assert client.get(f"/api/v1/plan.{ending}?{query}").content == got.content
    picture = client.get(f"/api/v1/plan.svg?{query}&theme=dark&width=400").text
    assert 'width="400"' in picture
    assert COLOURS["dark"].ground in picture
    for words in ("In 2027, spend", "$40 million", "Sources: ", "budget_usd=40000000", "2028"):
        assert words in picture


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("plan.svg?theme=blue", "Use light or dark"),
        ("plan.png?width=12", "from 320 to 2000"),
        ("plan.png?width=wide&theme=", "from 320 to 2000"),
        ("plan.svg?budget_usd=-1", "budget_usd"),
        ("runs.svg?view=published", "has no chart"),
    ],
)
def test_a_picture_that_cannot_be_drawn_says_why(
    client: TestClient, address: str, said: str
) -> None:
    got = client.get(f"/api/v1/{address}")
    assert got.status_code == 422
    assert said in got.json()["detail"]


def test_a_page_without_charts_has_no_address_for_one(client: TestClient) -> None:
    assert client.get("/api/v1/data.svg").status_code == 404
    assert client.get("/api/v1/data.csv").status_code == 200


def test_every_section_has_a_chart_or_is_known_to_have_none() -> None:
    """A new section names its figure, or belongs here."""
    without = {
        ("runs", "published"), ("track-record", "all"), ("track-record", "laws"),
        ("data", "tables"), ("data", "methods"), ("data", "glossary"), ("data", "cite"),
    }  # fmt: skip
    assert without == {
        (page.name, section.name)
        for page in PAGES.values()
        for section in page.sections
        if not section.figure
    }
