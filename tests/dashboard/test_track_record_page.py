"""The page Track record in Streamlit's own test harness."""

from __future__ import annotations

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.forecast_ledger import MAX_SHOWN, entries_shown, ledger_chart
from dashboard.pages.track_record.ledger import open_table, scored_table
from forecasting.data.dataset import bundled
from forecasting.evaluation.forecast_ledger import ForecastLedger, forecast_ledger
from forecasting.evaluation.track_record import track_record
from forecasting.evaluation.track_record_scenario import TrackRecordScenario
from forecasting.evaluation.tracked_series import tracked_series
from forecasting.reporting.evaluation_answers import record_lines
from tests.dashboard.figures import checked
from tests.dashboard.harness import page_alone, tables_of, text_of
from tests.vintage import shipped


def record_page(query: dict[str, str] | None = None) -> AppTest:
    return page_alone("track-record", query)


def test_the_page_shows_one_forecast_of_the_past_by_default() -> None:
    test = record_page()
    assert not test.exception
    assert track_record(TrackRecordScenario()).answer in text_of(test)
    assert record_lines(track_record(TrackRecordScenario()))[0] in text_of(test)


def test_dragging_the_cut_off_changes_answer_and_address() -> None:
    test = record_page()
    test.slider(key="track-record.cut_off_year").set_value(2017).run()
    assert track_record(TrackRecordScenario(cut_off_year=2017)).answer in text_of(test)
    assert test.query_params["cut_off_year"] == "2017"


@pytest.mark.parametrize(
    "view",
    [
        "horizon",
        pytest.param("all", marks=pytest.mark.soak),
        pytest.param("laws", marks=pytest.mark.soak),
        "ledger",
    ],
)
def test_every_section_opens_from_a_link(view: str) -> None:
    test = record_page({"v": "1", "view": view})
    assert not test.exception
    assert not test.error
    expected = {
        "horizon": "80% ranges up to five years ahead contained",
        "all": "Needs care",
        "laws": "Fitted to the smaller runs",
        "ledger": "Of 28 forecasts on record",
    }[view]
    assert expected in text_of(test)


def test_a_cut_off_outside_the_series_is_said_and_the_nearest_is_shown() -> None:
    test = record_page({"v": "1", "series": "operation_cost", "cut_off_year": "2019"})
    assert not test.exception
    assert "can be evaluated from 1944 to 2001" in text_of(test)
    assert "on 1 January 1997" in text_of(test)


@pytest.mark.parametrize(
    "query",
    [{"series": "gold"}, {"method": "oracle"}, {"cut_off_year": "soon"}, {"years_ahead": "-3"}],
)
def test_a_bad_link_is_said_in_one_line_and_the_default_is_shown(query: dict[str, str]) -> None:
    test = record_page({"v": "2"} | query)
    assert not test.exception
    assert next(iter(query.values())) in " ".join(
        warning.value for warning in test.warning
    ).replace("\\", "")
    assert track_record(TrackRecordScenario()).answer in text_of(test)


def test_the_cost_page_says_how_often_its_bands_held() -> None:
    test = page_alone("cost", {"v": "2", "view": "price"})
    assert "80% ranges contained 80% of 4,364 later points" in text_of(test)


def test_the_forecasts_we_made_stand_with_what_was_measured_and_with_what_is_open() -> None:
    test = record_page({"v": "1", "view": "ledger"})
    result = forecast_ledger()
    assert result.answer in text_of(test)
    assert len(result.resolved) + len(result.open) == len(result.entries)
    scored, waiting = scored_table(result), open_table(result)
    assert len(scored) == len(result.resolved) > 0
    assert len(waiting) == len(result.open) > 0
    shown = {tuple(table.columns) for table in tables_of(test)} | {
        tuple(table.value.columns) for table in test.dataframe
    }
    assert {tuple(scored.columns), tuple(waiting.columns)} <= shown
    row = waiting[waiting["Quantity"] == "Chips for GPT-4's run, rented, 1 January 2027"].iloc[0]
    assert row["Forecast"] == "$44.2 million ($6.57–295 million)"
    assert row["Made"] == "2026-02-28, in retrospect"


def test_the_chart_has_a_mark_for_each_measured_forecast_at_its_multiple_of_the_median() -> None:
    result = forecast_ledger(data=shipped())
    figure = checked(ledger_chart(result, ChartBuilder()))
    measured = [trace for trace in figure.data if str(trace.name).startswith("measured")]
    assert sorted(trace.x[0] for trace in measured) == pytest.approx(
        sorted(entry.measured / entry.range.value for entry in entries_shown(result))
    )
    inside = [trace.name == "measured, inside the 80% range" for trace in measured]
    assert sum(inside) == result.inside < len(measured)


def test_the_chart_shows_open_forecasts_while_none_is_measured_and_never_too_many() -> None:
    ledger = bundled()["forecast_ledger"]
    later = ledger.assign(resolves_on=ledger["resolves_on"] + pd.Timedelta(days=3650))
    result = forecast_ledger(data=bundled().replaced(forecast_ledger=later))
    assert not result.resolved
    assert len(entries_shown(result)) == len(later)
    assert not any(
        str(trace.name).startswith("measured")
        for trace in checked(ledger_chart(result, ChartBuilder())).data
    )
    many = ForecastLedger(forecast_ledger(data=shipped()).entries * 8)
    assert len(entries_shown(many)) == MAX_SHOWN < len(many.resolved)


def test_an_own_table_whose_rows_share_one_date_is_answered_in_a_sentence() -> None:
    data = bundled()
    same = data["ai_models"].assign(date=pd.Timestamp(2024, 3, 1))
    tables = data.replaced(ai_models=same)
    series = tracked_series(tables).items()
    at_once = [key for key, each in series if each.dates[0] == each.dates[-1]]
    assert at_once
    for key in at_once:
        for year in ("2024", "2025"):
            query = {"v": "1", "series": key, "cut_off_year": year}
            test = page_alone("track-record", query, tables)
            assert not test.exception
            assert test.error or test.info
