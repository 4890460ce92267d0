"""How recent the data are: on every page, in an embedded chart, in what leaves a page, and on Data
and methods.
"""

from __future__ import annotations

import json
from unittest.mock import PropertyMock, patch

import pytest

from dashboard.export import exports
from dashboard.export.exports import PageExport, page_export
from dashboard.pages.registry import PAGES
from forecasting.data.age import stale_tables
from forecasting.data.dataset import bundled
from forecasting.data.today import TODAY_VARIABLE
from tests.dashboard.harness import page_alone, tables_of, text_of

OVERDUE = "“US consumer prices” (monthly) ends in January 2025, 22 months ago"


@pytest.fixture
def nine_months_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TODAY_VARIABLE, "2026-11-29")


@pytest.mark.usefixtures("nine_months_later")
def test_a_page_names_what_is_older_than_its_rhythm() -> None:
    said = text_of(page_alone("cost"))
    assert OVERDUE in said
    assert said.index("Data to ") < said.index(OVERDUE)


@pytest.mark.usefixtures("nine_months_later")
def test_a_section_does_not_speak_of_tables_that_it_does_not_read() -> None:
    said = text_of(page_alone("scaling"))
    assert "Data to April 2024." in said
    assert "consumer prices" not in said


@pytest.mark.usefixtures("nine_months_later")
def test_an_embedded_chart_says_it_in_its_caption() -> None:
    with patch(
        "streamlit.runtime.context.ContextProxy.is_embedded",
        new_callable=PropertyMock,
        return_value=True,
    ):
        test = page_alone("cost")
    source = next(each.value for each in test.caption if each.value.startswith("Source:"))
    assert OVERDUE in source.replace("\\", "")


def shown_of(name: str) -> PageExport:
    page = PAGES[name]
    scenario, display = page.scenario(), page.display()
    return page_export(page, scenario, display, bundled(), base="http://here", query="v=1")


@pytest.mark.usefixtures("nine_months_later")
def test_exports_carry_the_date_and_what_is_overdue() -> None:
    shown = shown_of("cost")
    content = json.loads(exports.json_of(shown))
    assert content["data_as_of"] == max(source["date"] for source in content["sources"])
    assert {"table": "us_consumer_prices", "title": "US consumer prices"}.items() <= (
        content["stale"][0].items()
    )
    expected = stale_tables(data=bundled(), names=shown.section.sources)
    assert [each["table"] for each in content["stale"]] == [age.table for age in expected]
    comments = [line for line in exports.table_csv(shown).decode().splitlines() if line[0] == "#"]
    assert OVERDUE in comments[3]
    assert OVERDUE in exports.report_of(shown)
    assert b"#" not in exports.table_csv(shown, comments=False)[:1]


def test_exports_of_tables_in_time_have_an_empty_list() -> None:
    content = exports.content(shown_of("scaling"))
    assert (content["data_as_of"], content["stale"]) == ("2024-04", [])


@pytest.mark.usefixtures("nine_months_later")
def test_the_list_of_tables_begins_with_the_oldest_and_marks_what_is_overdue() -> None:
    (listed,) = tables_of(page_alone("data"))
    listed = listed.rename(columns=str.strip)
    assert listed.iloc[0][["Table", "Age", "Renewed", "Newer data from"]].tolist() == [
        "US consumer prices",
        "22 months, overdue",
        "monthly",
        "api.bls.gov",
    ]
    changing = listed[listed["Renewed"] != ""]
    assert len(changing) == 13
    assert listed.index[listed["Renewed"] != ""].tolist() == list(range(13))
    assert changing["Newer data from"].str.len().min() > 5
    overdue = [words for words in listed["Age"] if words.endswith("overdue")]
    assert len(overdue) == len(stale_tables(data=bundled()))


def test_a_table_of_its_own_says_where_newer_data_come_from() -> None:
    test = page_alone("data", {"v": "1", "table_name": "us_consumer_prices"})
    assert bundled().catalogue["us_consumer_prices"].refresh.url in text_of(test)
    test = page_alone("data", {"v": "1", "table_name": "gpu_prices"})
    assert "Newer data. The figures of a publication" in text_of(test).replace("**", "")
