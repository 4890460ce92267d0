"""The page Track record in Streamlit's own test harness."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from forecasting.evaluation.track_record import track_record
from forecasting.evaluation.track_record_scenario import TrackRecordScenario
from forecasting.reporting.evaluation_answers import record_answer
from tests.dashboard.harness import page_alone, text_of


def record_page(query: dict[str, str] | None = None) -> AppTest:
    return page_alone("track-record", query)


def test_the_page_shows_one_forecast_of_the_past_by_default() -> None:
    test = record_page()
    assert not test.exception
    assert track_record(TrackRecordScenario()).answer in text_of(test)
    assert record_answer(track_record(TrackRecordScenario())) in text_of(test)


def test_dragging_the_cut_off_changes_answer_and_address() -> None:
    test = record_page()
    test.slider(key="track-record.cut_off_year").set_value(2017).run()
    assert track_record(TrackRecordScenario(cut_off_year=2017)).answer in text_of(test)
    assert test.query_params["cut_off_year"] == "2017"


@pytest.mark.parametrize("view", ["horizon", "all", "laws"])
def test_every_section_opens_from_a_link(view: str) -> None:
    test = record_page({"v": "1", "view": view})
    assert not test.exception
    assert not test.error
    expected = {
        "horizon": "80% bands of this method held",
        "all": "What fails",
        "laws": "Fitted to the smaller runs",
    }[view]
    assert expected in text_of(test)


def test_a_cut_off_outside_the_series_is_said_and_the_nearest_is_shown() -> None:
    test = record_page({"v": "1", "series": "operation_cost", "cut_off_year": "2019"})
    assert not test.exception
    assert "can be judged from 1944 to 2001" in text_of(test)
    assert "on 1 January 1997" in text_of(test)


@pytest.mark.parametrize(
    "query",
    [{"series": "gold"}, {"method": "oracle"}, {"cut_off_year": "soon"}, {"years_ahead": "-3"}],
)
def test_a_bad_link_is_said_in_one_line_and_the_default_is_shown(query: dict[str, str]) -> None:
    test = record_page({"v": "1"} | query)
    assert not test.exception
    assert next(iter(query.values())) in " ".join(
        warning.value for warning in test.warning
    ).replace("\\", "")
    assert track_record(TrackRecordScenario()).answer in text_of(test)


def test_the_cost_page_says_how_often_its_bands_held() -> None:
    test = page_alone("cost", {"v": "2", "view": "price"})
    assert "80% bands of this method held 80% of 4,364 later points" in text_of(test)
