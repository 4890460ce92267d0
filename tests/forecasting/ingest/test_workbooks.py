"""Workbooks of Excel, Parquet files and archives: what they hold, and what they may cost."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import forecasting as fc
from forecasting.ingest import archives, parquet_tables, workbooks
from forecasting.ingest.runs import open_runs, read_runs
from forecasting.user_runs.own_files import read_own_file
from tests.forecasting.ingest.made_runs import RUNS, assert_are_the_runs, csv_of, loss_of

HEADER = ("params", "tokens", "loss")
ROWS = [(N, D, loss_of(N, D)) for N, D in RUNS]
CSV = csv_of(HEADER, ROWS).encode()


def workbook(
    sheets: Mapping[str, Sequence[Sequence[object]]],
    change: Callable[[openpyxl.Workbook], object] = lambda book: None,
) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def parquet(columns: Mapping[str, object], **options: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, **options)
    return out.getvalue()


def zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_workbook_is_read_with_its_title_dates_and_hidden_sheets_set_aside() -> None:
    rows = [
        ["Our runs"], [], [*HEADER, "date"], *([*row, dt.datetime(2026, 1, 2)] for row in ROWS)
    ]  # fmt: skip

    def change(book: openpyxl.Workbook) -> None:
        book.create_sheet("old").append(["params", "tokens", "loss"])
        book["old"].sheet_state = "hidden"

    runs = read_runs(workbook({"Runs": rows}, change))
    assert_are_the_runs(runs)
    assert set(runs.table["date"]) == {"2026-01-02"}
    assert any("Rows 1 to 2 stand above the header" in note for note in runs.notes)


def test_of_several_sheets_the_only_one_with_runs_is_read_and_named() -> None:
    content = workbook(
        {"Notes": [["written by hand"]], "Data": [HEADER, *ROWS], "Chips": [["chip"], ["H100"]]}
    )
    runs = read_runs(content)
    assert_are_the_runs(runs)
    assert any(
        "the sheet “Data” is read, the only one with runs; not read: “Notes”, “Chips”" in note
        for note in runs.notes
    )


def test_of_several_sheets_with_runs_the_user_says_which_or_all() -> None:
    content = workbook({"first": [HEADER, *ROWS[:9]], "second": [HEADER, *ROWS[9:]]})
    with pytest.raises(fc.ReadingQuestionError, match="Several sheets") as caught:
        read_runs(content)
    one, two, both = (answer.change for answer in caught.value.answers)
    assert [len(read_runs(content, change)) for change in (one, two, both)] == [9, 9, 18]
    assert_are_the_runs(read_runs(content, both))
    assert read_runs(content, two).mapping.as_dict["sheet"] == "second"
    assert len(read_runs(content, read_runs(content, both).mapping)) == 18
    with pytest.raises(fc.UnknownNameError, match="first"):
        read_runs(content, {"sheet": "third"})
    with pytest.raises(fc.ReadingQuestionError):
        _ = open_runs(content).mapping


def test_merged_cells_count_for_all_rows_that_they_span() -> None:
    rows: list[list[object]] = [["params", "tokens", "loss"]]
    for at, (N, D, L) in enumerate(ROWS):
        rows.append([N if at % 3 == 0 else None, D, L])

    def change(book: openpyxl.Workbook) -> None:
        for top in range(2, 20, 3):
            book.worksheets[0].merge_cells(f"A{top}:A{top + 2}")

    runs = read_runs(workbook({"Runs": rows}, change))
    assert_are_the_runs(runs)
    assert "Merged cells are filled downwards: 12." in runs.notes


def test_formulas_give_their_saved_value_and_are_named_without_one() -> None:
    rows = [[*HEADER, "C"], *([*row, f"=6*A{at}*B{at}"] for at, row in enumerate(ROWS, start=2))]
    runs = read_runs(workbook({"Runs": rows}))
    assert_are_the_runs(runs)
    assert any("18 cells of the sheet Runs hold formulas without" in note for note in runs.notes)
    content = workbook({"Runs": rows})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    given = iter([1.1 * 6 * N * D for N, D in RUNS])
    path = "xl/worksheets/sheet1.xml"
    saved = re.sub(rb"<v ?/>|<v></v>", lambda _: f"<v>{next(given)!r}</v>".encode(), parts[path])
    runs = read_runs(zipped({**parts, path: saved}))
    assert not any("formulas" in note for note in runs.notes)
    np.testing.assert_allclose(runs.table["training_flop"], [6.6 * N * D for N, D in RUNS])


def test_prices_in_a_workbook_are_prices() -> None:
    content = workbook({"a": [["x"], ["y"]], "b": [["chip", "usd_per_chip_hour"], ["H100", 2.1]]})
    prices = read_own_file(content, data=fc.bundled())
    assert isinstance(prices, fc.OwnPrices)
    assert prices.contracts[0].usd_per_chip_hour == 2.1


def test_parquet_is_read_with_numbers_words_and_missing_values() -> None:
    N, D, L = (np.array(values) for values in zip(*ROWS, strict=True))
    content = parquet(
        {
            "run": pa.array([f"run, {at}" for at in range(18)]).dictionary_encode(),
            "params": N.astype(np.int64),
            "tokens": D,
            "val_loss": pa.array([None, *L[1:]]),
            "curve": [[1.0, 2.0]] * 18,
            "created": pa.array([dt.datetime(2026, 1, 2)] * 18),
            "done": [True] * 18,
        }
    )
    runs = read_runs(content)
    assert len(runs) == 17
    np.testing.assert_array_equal(runs.table["loss"], L[1:])
    assert runs.table["run"].iloc[0] == "run, 1"
    assert runs.problems[0].row == 2
    assert any("“curve”" in note for note in runs.notes)
    assert len(read_runs(gzip.compress(content))) == 17


def test_an_archive_of_one_file_is_read_and_of_several_refused_by_name() -> None:
    assert_are_the_runs(read_runs(zipped({"runs/a.csv": CSV, "__MACOSX/._a.csv": b"x"})))
    assert_are_the_runs(read_runs(zipped({"a.xlsx": workbook({"Runs": [HEADER, *ROWS]})})))
    with pytest.raises(fc.InputError, match=r"2 files .*a\.csv.*Unpack it"):
        read_runs(zipped({"a.csv": CSV, "b.csv": CSV}))
    with pytest.raises(fc.InputError, match="within an archive"):
        read_runs(zipped({"a.zip": zipped({"a.csv": CSV})}))
    with pytest.raises(fc.InputError, match="OpenDocument"):
        read_runs(zipped({"mimetype": b"x", "content.xml": b"<x/>"}))


@pytest.mark.parametrize("share", [0.01, 0.3, 0.9])
def test_damage_is_a_sentence(share: float) -> None:
    files = (workbook({"Runs": [HEADER, *ROWS]}), parquet({"params": [1.0]}), zipped({"a": CSV}))
    for content in files:
        size = int(share * len(content))
        for damaged in (content[:size], content[: len(content) // 2] + bytes(size)):
            with pytest.raises(fc.ForecastingError):
                read_runs(damaged)


def test_parts_and_cells_have_limits_that_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    content = workbook({"Runs": [HEADER, *ROWS]})
    for module, limit, most, said in (
        (workbooks, "MAX_CELLS", 20, "more than 20 cells"),
        (workbooks, "MAX_WORKBOOK_BYTES", 999, "Give at most 999 bytes"),
        (workbooks, "MAX_TEXT_BYTES", 99, "in a workbook"),
        (workbooks, "MAX_TAGS", 2, "marks in"),
        (workbooks, "MAX_SHEETS", 0, "1 sheets"),
        (archives, "MAX_ENTRIES", 3, "an archive of"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(module, limit, most)
            with pytest.raises(fc.InputError, match=said):
                read_runs(content)
    monkeypatch.setattr(parquet_tables, "MAX_VALUES", 5)
    monkeypatch.setattr(parquet_tables, "MAX_VALUES_A_BYTE", 0)
    with pytest.raises(fc.InputError, match="values"):
        read_runs(parquet({"params": [1.0] * 9, "loss": [1.0] * 9}))
    many = pa.DictionaryArray.from_arrays(pa.array(np.zeros(2_000_001, np.int32)), pa.array(["x"]))
    with pytest.raises(fc.InputError, match="2,000,001 rows"):
        read_runs(parquet({"loss": many}))


def test_a_cell_far_off_and_entities_cost_nothing() -> None:
    far = workbook({"Runs": [HEADER, *ROWS]}, lambda book: book.worksheets[0].cell(1_048_576, 9, 1))
    assert_are_the_runs(read_runs(far))
    with zipfile.ZipFile(io.BytesIO(far)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + parts["xl/workbook.xml"]
    with pytest.raises(fc.InputError, match="damaged"):
        read_runs(zipped({**parts, "xl/workbook.xml": bomb}))


def test_empty_members_of_gzip_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = gzip.compress(b"")
    assert_are_the_runs(read_runs(empty * 50 + gzip.compress(CSV[:100]) + gzip.compress(CSV[100:])))
    monkeypatch.setattr(archives, "MAX_GZIP_MEMBERS", 40)
    with pytest.raises(fc.InputError, match="more than 40 parts"):
        read_runs(empty * 50 + gzip.compress(CSV))
