"""Newer tables in the folder of a running server: what is taken up, what is refused, and what goes
with the old ones.
"""

from __future__ import annotations

import gc
import json
import logging
import shutil
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from benchmarks.hot_swap import newer_files, replace
from dashboard.api.openapi import description
from dashboard.forecasts import forecast
from dashboard.server.table_watch import TableWatch
from dashboard.state import own_data
from forecasting.compute_cost.compute_cost import model_cost
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.context import context_of
from forecasting.data.catalogue import CATALOGUE_FILE
from forecasting.data.change_log import CHANGES_FILE
from forecasting.data.dataset import DataSet, bundled, take_up
from forecasting.data.result_cache import results_of
from forecasting.data.schema import sha256_of
from forecasting.reporting.refresh_log import refresh_log
from tests.dashboard.harness import page_alone, text_of
from tests.vintage import VINTAGE_FOLDER, shipped

NOTE = "Newer tables have arrived since this page was opened"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(VINTAGE_FOLDER, tmp_path / "tables"))


@pytest.fixture
def watch(folder: Path) -> Iterator[TableWatch]:
    before = bundled()
    yield TableWatch(folder)
    take_up(before)


def test_the_tables_of_the_folder_are_in_use_from_the_start(
    watch: TableWatch, folder: Path
) -> None:
    assert bundled().folder == folder
    assert not watch.look()


def test_newer_tables_are_in_use_after_one_look(watch: TableWatch, folder: Path) -> None:
    old = bundled()
    replace(folder)
    assert bundled() is old
    assert watch.look()
    assert len(bundled()["ai_models"]) == len(old["ai_models"]) - 1
    assert bundled()["gpu_prices"].equals(old["gpu_prices"])
    assert not watch.look()


def test_the_old_set_stays_what_it_was_even_where_it_had_not_been_read(
    watch: TableWatch, folder: Path
) -> None:
    old = bundled()
    replace(folder)
    watch.look()
    assert len(old["ai_models"]) == len(DataSet(VINTAGE_FOLDER)["ai_models"])
    assert len(bundled()["ai_models"]) == len(old["ai_models"]) - 1


def test_the_log_of_refreshes_belongs_to_its_set(watch: TableWatch, folder: Path) -> None:
    old = bundled()
    assert refresh_log(old).changes == ()
    shutil.copy(shipped().folder / CHANGES_FILE, folder)
    replace(folder)
    watch.look()
    assert refresh_log(old).changes == ()
    assert refresh_log(bundled()).changes == refresh_log(shipped()).changes != ()


def half_written(folder: Path) -> None:
    files = newer_files(folder)
    (folder / CATALOGUE_FILE).write_bytes(files[CATALOGUE_FILE])


def without_a_file(folder: Path) -> None:
    replace(folder)
    (folder / "ml_chips.csv").unlink()


def not_json(folder: Path) -> None:
    (folder / CATALOGUE_FILE).write_text('{"resources": [')


def without_catalogue(folder: Path) -> None:
    (folder / CATALOGUE_FILE).unlink()


def without_a_table(folder: Path) -> None:
    package = json.loads((folder / CATALOGUE_FILE).read_bytes())
    package["resources"] = package["resources"][1:]
    (folder / CATALOGUE_FILE).write_text(json.dumps(package))


def without_a_column(folder: Path) -> None:
    package = json.loads((folder / CATALOGUE_FILE).read_bytes())
    del package["resources"][1]["schema"]["fields"][-1]
    (folder / CATALOGUE_FILE).write_text(json.dumps(package))


def against_its_schema(folder: Path) -> None:
    package = json.loads((folder / CATALOGUE_FILE).read_bytes())
    for resource in package["resources"]:
        if resource["name"] == "us_consumer_prices":
            content = (folder / resource["path"]).read_bytes() + b"2025,a lot,12\n"
            (folder / resource["path"]).write_bytes(content)
            resource["sha256"] = sha256_of(content)
    (folder / CATALOGUE_FILE).write_text(json.dumps(package))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (half_written, "is not the file that the catalogue describes"),
        (without_a_file, "can't be read"),
        (not_json, "is not JSON"),
        (without_catalogue, "can't be read"),
        (without_a_table, "lacks its entry"),
        (without_a_column, "lacks its columns"),
        (against_its_schema, "a lot"),
    ],
)
def test_a_set_that_is_not_whole_is_refused_with_one_line_and_the_old_one_goes_on(
    damage: Callable[[Path], None],
    words: str,
    watch: TableWatch,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    old = bundled()
    damage(folder)
    with caplog.at_level(logging.WARNING, "dashboard.server.table_watch"):
        assert not watch.look()
        assert not watch.look()
    assert bundled() is old
    (line,) = caplog.messages
    assert words in line
    assert len(old["ai_models"]) > 700


def test_a_set_that_becomes_whole_is_taken_up(watch: TableWatch, folder: Path) -> None:
    half_written(folder)
    assert not watch.look()
    for name, content in newer_files_of_vintage().items():
        (folder / name).write_bytes(content)
    assert watch.look()


def newer_files_of_vintage() -> dict[str, bytes]:
    files = newer_files(VINTAGE_FOLDER)
    return {name: content for name, content in files.items() if name != CATALOGUE_FILE}


def test_a_server_started_on_half_written_tables_takes_up_the_whole_set(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = bundled()
    half_written(folder)
    try:
        watch = TableWatch(folder)
        assert "is not the file that the catalogue describes" in caplog.text
        for name, content in newer_files_of_vintage().items():
            (folder / name).write_bytes(content)
        assert watch.look()
        assert bundled().folder == folder
    finally:
        take_up(before)


def test_old_tables_and_their_results_go_once_no_session_has_them(
    watch: TableWatch, folder: Path
) -> None:
    old = bundled()
    result = weakref.ref(forecast(model_cost, CostScenario(), context_of()))
    assert len(results_of(old)) > 0
    description()
    results, tables = weakref.ref(results_of(old)), weakref.ref(old)
    replace(folder)
    watch.look()
    gc.collect()
    assert result() is not None
    del old
    gc.collect()
    assert (tables(), results(), result()) == (None, None, None)


def test_an_open_page_stays_with_its_tables_and_says_that_there_are_newer_ones(
    watch: TableWatch, folder: Path
) -> None:
    query = {"v": "2", "model": "GPT-3"}
    page = page_alone("cost", query)
    before = text_of(page)
    assert "Data to March 2026." in before
    link = dict(page.query_params)
    replace(folder)
    watch.look()
    assert NOTE in text_of(page.run())
    assert text_of(page).replace(f" {NOTE}: reload it to use them.", "") == before
    anew = text_of(page_alone("cost", query))
    assert "Data to January 2027." in anew
    assert NOTE not in anew
    linked = text_of(page_alone("cost", {name: value[0] for name, value in link.items()}))
    assert "The tables behind this page have changed since this link was made" in linked


def test_an_open_page_with_own_data_stays_with_its_tables(watch: TableWatch, folder: Path) -> None:
    old = bundled()
    page = AppTest.from_function(change_own_data, default_timeout=300).run()
    replace(folder)
    watch.look()
    assert bundled() is not old
    assert page.run().session_state[own_data.KEY].context.data is old


def change_own_data() -> None:
    # AppTest runs the source of this function alone.
    from dashboard.state import own_data

    own_data.change(prices=None)
