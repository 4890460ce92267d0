"""The bundled tables match their catalogue, and a table that does not is refused with a sentence
one can act on.
"""

import hashlib
import json
import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecasting.data.catalogue import read_catalogue
from forecasting.data.change_log import CHANGES_FILE, read_changes
from forecasting.data.dataset import BUNDLED_FOLDER, DataSet, TableInfo, bundled, check_table
from forecasting.data.replacement import WORK_FOLDER
from forecasting.data.schema import read_csv
from forecasting.errors import ForecastingError, TableError, UnknownNameError
from tests.vintage import shipped

NAMES = shipped().names
CATALOGUE = shipped().catalogue
EXTERNAL_ADDRESS = re.compile(r"https://[a-z0-9.-]+\.[a-z]+(/\S*)?")
#: The article that is restated has no address known to us; the ledger is this product's own.
NO_PUBLIC_ADDRESS = {"article_claims", "forecast_ledger"}

ITEMS = {
    "name": "items",
    "title": "Items",
    "description": "Made up.",
    "path": "items.csv",
    "rows": 2,
    "sha256": "",
    "sources": [{"title": "Made up"}],
    "licenses": [{"name": "none", "title": "None"}],
    "date": "2024",
    "notes": "None.",
    "schema": {
        "fields": [
            {
                "name": "item",
                "type": "string",
                "unit": "name",
                "description": "Its name",
                "constraints": {"required": True},
            },
            {
                "name": "kind",
                "type": "string",
                "unit": "kind",
                "description": "Its kind",
                "constraints": {"enum": ["big", "small"]},
            },
            {"name": "seen", "type": "date", "unit": "date", "description": "Day it was seen"},
            {
                "name": "price_usd",
                "type": "number",
                "unit": "USD",
                "description": "Its price",
                "constraints": {"minimum": 0},
            },
            {
                "name": "share",
                "type": "number",
                "unit": "1",
                "description": "A share",
                "constraints": {"maximum": 1},
            },
            {
                "name": "count",
                "type": "integer",
                "unit": "1",
                "description": "How many",
                "constraints": {"unique": True},
            },
            {"name": "year", "type": "year", "unit": "year", "description": "Its year"},
        ],
        "primaryKey": ["item"],
        "missingValues": [""],
    },
}
HEADER = "item,kind,seen,price_usd,share,count,year\n"
GOOD_ROWS = "a,big,2024-02-29,1.5,0.5,1,1999\n" + "b,,,,,,\n"
GOOD = (HEADER + GOOD_ROWS).encode()


def write_folder(folder: Path, content: bytes = GOOD) -> Path:
    (folder / "datapackage.json").write_text(
        json.dumps({"name": "test", "resources": [ITEMS]}), encoding="utf-8"
    )
    (folder / "items.csv").write_bytes(content)
    return folder


@pytest.fixture
def items(tmp_path: Path) -> TableInfo:
    return read_catalogue(write_folder(tmp_path) / "datapackage.json")["items"]


# The bundled tables


@pytest.mark.parametrize("name", NAMES)
def test_bundled_file_matches_its_schema_in_full(name: str) -> None:
    assert check_table(CATALOGUE[name], BUNDLED_FOLDER / CATALOGUE[name].file) == []


@pytest.mark.parametrize("name", NAMES)
def test_bundled_file_has_the_rows_and_the_sha256_that_the_catalogue_states(name: str) -> None:
    info = CATALOGUE[name]
    remedy = "run python tests/tools/refresh_catalogue.py once the change is meant"
    assert len(shipped()[name]) == info.rows, remedy
    assert hashlib.sha256((BUNDLED_FOLDER / info.file).read_bytes()).hexdigest() == info.sha256, (
        remedy
    )


@pytest.mark.parametrize("name", NAMES)
def test_bundled_file_is_plain_text_without_stray_spaces_or_line_breaks_in_cells(name: str) -> None:
    content = (BUNDLED_FOLDER / CATALOGUE[name].file).read_bytes()
    assert b"\r" not in content
    assert content.endswith(b"\n")
    assert not content.startswith(b"\xef\xbb\xbf")
    for column in shipped()[name].select_dtypes("str"):
        cells = shipped()[name][column].dropna()
        assert (cells == cells.str.strip()).all()
        assert not cells.str.contains(r"[\n\u00a0]").any()


@pytest.mark.parametrize("name", NAMES)
def test_bundled_file_lists_its_columns_in_the_order_of_the_catalogue(name: str) -> None:
    header = (BUNDLED_FOLDER / CATALOGUE[name].file).read_text(encoding="utf-8").split("\n", 1)[0]
    assert header.split(",") == [column.name for column in CATALOGUE[name].columns]


def test_every_csv_file_is_in_the_catalogue_and_every_entry_has_its_file() -> None:
    # The log of refreshes is no table: it has no source and no licence but ours.
    assert {path.name for path in BUNDLED_FOLDER.glob("*.csv")} - {CHANGES_FILE} == {
        info.file for info in CATALOGUE.values()
    }
    assert all(info.file == f"{name}.csv" for name, info in CATALOGUE.items())


def test_the_folder_of_tables_holds_only_tables_their_catalogue_and_licences() -> None:
    others = {path.name for path in BUNDLED_FOLDER.iterdir() if path.suffix != ".csv"}
    assert others - {WORK_FOLDER} == {"datapackage.json", "LICENSES.md"}


def test_the_log_of_refreshes_names_tables_and_days() -> None:
    changes = read_changes(BUNDLED_FOLDER)
    assert changes
    for each in changes:
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", each.day)
        assert re.fullmatch(r"\d{4}(-\d{2})?", each.since)
        named = {each.name} if each.kind == "table" else set(filter(None, each.by.split("; ")))
        assert named <= set(CATALOGUE)
        assert (each.kind == "figure") == bool(each.before and each.after)


@pytest.mark.parametrize("name", NAMES)
def test_every_table_states_source_licence_date_and_notes(name: str) -> None:
    info = CATALOGUE[name]
    assert info.title
    assert info.description.endswith(".")
    assert info.notes.endswith(".")
    assert re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", info.date)
    assert info.sources
    assert info.licences
    assert all(source.title for source in info.sources)
    assert all(licence.name and licence.title for licence in info.licences)
    links = [source.path for source in info.sources if source.path is not None]
    assert bool(links) != (name in NO_PUBLIC_ADDRESS)
    assert all(EXTERNAL_ADDRESS.fullmatch(link) for link in links)


@pytest.mark.parametrize("name", NAMES)
def test_every_column_states_its_unit_and_its_meaning(name: str) -> None:
    columns = CATALOGUE[name].columns
    assert len({column.name for column in columns}) == len(columns)
    assert all(column.unit.strip() and column.description.strip() for column in columns)


@pytest.mark.parametrize("name", NAMES)
def test_every_table_with_money_states_its_price_base_and_no_other_does(name: str) -> None:
    info = CATALOGUE[name]
    money = any(
        "usd" in column.name or "USD" in column.unit or "USD" in column.allowed
        for column in info.columns
    )
    stated = info.price_base is not None
    assert stated if money else (not stated or name in {"article_claims", "token_price_declines"})


@pytest.mark.parametrize("name", NAMES)
def test_a_table_is_typed_by_its_schema(name: str) -> None:
    frame = shipped()[name]
    for column in CATALOGUE[name].columns:
        expected = (
            "float64" if column.is_numeric else "datetime64[s]" if column.type == "date" else "str"
        )
        assert frame[column.name].dtype == expected, column.name


def test_products_of_large_counts_do_not_overflow() -> None:
    runs = shipped()["runs_overtraining"]
    np.testing.assert_allclose(
        6 * runs["params"] * runs["tokens"], runs["training_flop"], rtol=1e-9
    )


def test_spans_of_orders_of_magnitude_agree_with_their_text() -> None:
    table = shipped()["train_inference_tradeoffs"].set_index("technique")
    reverse = table.loc["headline 4: reverse direction"]
    assert reverse["train_oom"] == "-1 to -2"
    assert (reverse["train_oom_low"], reverse["train_oom_high"]) == (-2, -1)
    for end in ("train_oom", "inference_oom"):
        plain = table[table[f"{end}_low"] == table[f"{end}_high"]]
        assert (plain[end].astype(float) == plain[f"{end}_low"]).all()
        assert (table[f"{end}_low"] <= table[f"{end}_high"]).all()


def test_names_and_table_give_what_the_catalogue_and_the_brackets_give() -> None:
    tables = bundled()
    assert tables.names == tuple(tables.catalogue)
    assert tables.table("gpu_prices").equals(tables["gpu_prices"])
    assert bundled() is tables
    assert str(len(tables.names)) in repr(tables)


def test_a_column_can_be_asked_for_by_name() -> None:
    assert CATALOGUE["gpu_prices"].column("price_2020_usd").unit == "2020 USD"
    with pytest.raises(KeyError):
        CATALOGUE["gpu_prices"].column("price")


def test_an_unknown_table_is_answered_with_the_nearest_names() -> None:
    with pytest.raises(UnknownNameError, match="gpu_prices") as raised:
        bundled()["gpu_price"]
    assert raised.value.parameter == "table"
    with pytest.raises(UnknownNameError):
        bundled().fingerprint(["gpu_price"])
    with pytest.raises(UnknownNameError):
        bundled().replaced(gpu_price=pd.DataFrame())


def test_many_threads_read_the_same_tables() -> None:
    tables = DataSet()
    frames: list[pd.DataFrame] = []
    threads = [threading.Thread(target=lambda: frames.append(tables["ml_chips"])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(frames) == 8
    assert all(frame.equals(frames[0]) for frame in frames)


# Handed-out frames


def write_a_cell(frame: pd.DataFrame) -> None:
    frame.loc[0, "price_2020_usd"] = -1.0


def write_a_column(frame: pd.DataFrame) -> None:
    frame["price_2020_usd"] = 0.0


def delete_a_column(frame: pd.DataFrame) -> None:
    del frame["price_2020_usd"]


def rename_the_columns(frame: pd.DataFrame) -> None:
    frame.columns = pd.Index([str(number) for number in range(frame.shape[1])])


@pytest.mark.parametrize(
    "accident", [write_a_cell, write_a_column, delete_a_column, rename_the_columns]
)
def test_an_accident_with_a_handed_out_frame_does_not_reach_the_cache(
    accident: Callable[[pd.DataFrame], None],
) -> None:
    tables = DataSet()
    before = tables["gpu_prices"].copy(deep=True)
    accident(tables["gpu_prices"])
    pd.testing.assert_frame_equal(tables["gpu_prices"], before)


def test_arrays_of_a_handed_out_frame_are_read_only() -> None:
    values = bundled()["gpu_prices"]["price_2020_usd"].to_numpy()
    with pytest.raises(ValueError, match="read-only"):
        values[0] = -1.0


# Bad files


def test_a_good_file_has_no_problems(items: TableInfo, tmp_path: Path) -> None:
    assert check_table(items, GOOD) == []
    assert check_table(items, tmp_path / "items.csv") == []
    frame = DataSet(tmp_path)["items"]
    assert frame["kind"].isna().tolist() == [False, True]
    assert frame["seen"].tolist() == [pd.Timestamp("2024-02-29"), pd.NaT]
    assert frame["year"].iloc[0] == 1999.0


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(items: TableInfo) -> None:
    assert check_table(items, b"\xef\xbb\xbf" + GOOD.replace(b"\n", b"\r\n")) == []


def test_words_that_often_stand_for_nothing_are_kept_as_text(items: TableInfo) -> None:
    frame = read_csv(items, (HEADER + "None,,,,,,\nNA,,,,,,\n").encode())
    assert frame["item"].tolist() == ["None", "NA"]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        pytest.param(
            "item,kind,seen,share,count,year\na,big,,1,1,1999\n",
            ["row 1", "price_usd", "missing"],
            id="missing column",
        ),
        pytest.param(
            HEADER.strip() + ",colour\na,big,,1,1,1,1999,red\n",
            ["row 1", "“colour”", "Remove"],
            id="column too many",
        ),
        pytest.param(
            HEADER.replace("share", "item") + "a,big,,1,1,1,1999\n",
            ["row 1", "share is missing"],
            id="column twice",
        ),
        pytest.param(
            HEADER + "a,big,,cheap,,,\n",
            ["row 2", "price_usd", "“cheap”", "number"],
            id="text in a number column",
        ),
        pytest.param(
            HEADER + 'a,big,,"1,000",,,\n',
            ["row 2", "price_usd", "“1,000”", "thousands"],
            id="thousands separator",
        ),
        pytest.param(
            HEADER + "a,big,,nan,,,\n",
            ["row 2", "price_usd", "“nan”", "number"],
            id="nan as a word",
        ),
        pytest.param(
            HEADER + "a,big,,1e999,,,\n",
            ["row 2", "price_usd", "“1e999”", "number"],
            id="beyond the largest number",
        ),
        pytest.param(
            HEADER + "a,big,,1_000,,,\n",
            ["row 2", "price_usd", "“1_000”", "number"],
            id="underscore",
        ),
        pytest.param(
            HEADER + "a,,,,,1.5,\n",
            ["row 2", "count", "“1.5”", "whole"],
            id="fraction in an integer column",
        ),
        pytest.param(
            HEADER + GOOD_ROWS + "c,,2023-02-29,,,,\n",
            ["row 4", "seen", "“2023-02-29”", "calendar"],
            id="no such day",
        ),
        pytest.param(
            HEADER + "a,,29.02.2024,,,,\n",
            ["row 2", "seen", "“29.02.2024”", "year-month-day"],
            id="other way of dates",
        ),
        pytest.param(
            HEADER + "a,,20240229,,,,\n",
            ["row 2", "seen", "“20240229”", "year-month-day"],
            id="date without dashes",
        ),
        pytest.param(
            HEADER + GOOD_ROWS + "c,,,-2,,,\n",
            ["row 4", "price_usd", "-2", "at least 0 (USD)"],
            id="below the minimum",
        ),
        pytest.param(
            HEADER + "a,,,,1.5,,\n", ["row 2", "share", "1.5", "at most 1"], id="above the maximum"
        ),
        pytest.param(
            HEADER + "a,huge,,,,,\n",
            ["row 2", "kind", "“huge”", "big, small"],
            id="not in the list",
        ),
        pytest.param(
            HEADER + ",big,,,,,\n",
            ["row 2", "item", "an empty cell", "Its name"],
            id="required cell empty",
        ),
        pytest.param(
            HEADER + GOOD_ROWS + "a,,,,,,\n",
            ["row 4", "item", "“a”", "earlier row", "one row"],
            id="duplicate key",
        ),
        pytest.param(
            HEADER + "a,,,,,7,\nb,,,,,7,\n",
            ["row 3", "count", "7", "once"],
            id="duplicate in a unique column",
        ),
        pytest.param("", ["empty", "item, kind, seen"], id="empty file"),
        pytest.param(HEADER, ["row 2", "no rows"], id="header only"),
        pytest.param(HEADER + "a,big\n", ["row 2", "“a,big”", "2 cells", "Give 7"], id="short row"),
        pytest.param(
            HEADER + "a,big,,1,1,1,1999,9,9\n", ["row 2", "9 cells", "Give 7"], id="long row"
        ),
        pytest.param(HEADER + '"a,big\n', ["not a CSV", "quoted"], id="open quote"),
        pytest.param(
            HEADER.encode() + b"a,big,,,,,\ncaf\xe9,big,,,,,\n",
            ["row 3", "item", "“caf", "UTF-8", "0xe9"],
            id="not UTF-8",
        ),
        pytest.param(b"\xff\xfei\x00t\x00", ["row 1", "UTF-8", "0xff"], id="UTF-16"),
    ],
)
def test_a_bad_file_is_named_with_row_column_value_and_remedy(
    items: TableInfo, content: str | bytes, named: list[str]
) -> None:
    problems = check_table(items, content.encode() if isinstance(content, str) else content)
    assert problems
    assert problems[0].startswith("items.csv")
    assert problems[0].endswith(".")
    for part in named:
        assert any(part in problem for problem in problems), (part, problems)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty file"),
        pytest.param(b"\xff", id="not UTF-8"),
        pytest.param(b"item\na\n", id="missing columns"),
        pytest.param((HEADER + "a,,,cheap,,,\n").encode(), id="text in a number column"),
        pytest.param((HEADER + "a,,soon,,,,\n").encode(), id="text in a date column"),
    ],
)
def test_reading_a_bad_file_raises_an_error_that_names_the_table(
    tmp_path: Path, content: bytes
) -> None:
    tables = DataSet(write_folder(tmp_path, content))
    with pytest.raises(TableError, match=r"items can't be used: items\.csv") as raised:
        tables["items"]
    assert raised.value.table == "items"
    assert raised.value.problems == tuple(check_table(tables.catalogue["items"], content))


def test_a_column_full_of_bad_cells_is_counted_not_listed(items: TableInfo) -> None:
    content = HEADER + "".join(f"item {row},,,cheap,,,\n" for row in range(1000))
    problems = check_table(items, content.encode())
    assert len(problems) == 6
    assert "995 more" in problems[-1]


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    tables = DataSet(write_folder(tmp_path))
    (tmp_path / "items.csv").unlink()
    with pytest.raises(TableError, match=r"items\.csv can't be read"):
        tables["items"]
    assert "can't be read" in check_table(tables.catalogue["items"], tmp_path / "items.csv")[0]


@pytest.mark.parametrize(
    ("catalogue", "part"),
    [
        pytest.param(None, "does not exist", id="missing"),
        pytest.param("{", "is not JSON", id="not JSON"),
        pytest.param("[]", "lacks or misstates", id="a list"),
        pytest.param('{"resources": [{}]}', "'schema'", id="an empty entry"),
        pytest.param(
            json.dumps({"resources": [ITEMS]}).replace('"integer"', '"duration"'),
            "count.*duration",
            id="an unknown type",
        ),
    ],
)
def test_a_catalogue_that_cannot_be_read_is_an_error_that_says_why(
    tmp_path: Path, catalogue: str | None, part: str
) -> None:
    if catalogue is not None:
        (tmp_path / "datapackage.json").write_text(catalogue, encoding="utf-8")
    with pytest.raises(ForecastingError, match=part) as raised:
        DataSet(tmp_path).names  # noqa: B018 (the property is what is tried)
    assert "datapackage.json" in str(raised.value)


# Fingerprints


def test_a_fingerprint_is_eight_hex_digits_and_ignores_order_and_repetition() -> None:
    tables = bundled()
    fingerprint = tables.fingerprint(["gpu_prices", "ml_chips"])
    assert re.fullmatch(r"[0-9a-f]{8}", fingerprint)
    assert tables.fingerprint(["ml_chips", "gpu_prices", "ml_chips"]) == fingerprint
    assert tables.fingerprint(iter(("ml_chips", "gpu_prices"))) == fingerprint
    assert DataSet().fingerprint(["gpu_prices", "ml_chips"]) == fingerprint


def test_fingerprints_of_different_tables_differ() -> None:
    assert len({shipped().fingerprint([name]) for name in NAMES}) == len(NAMES)


def test_a_fingerprint_changes_with_one_cell_of_a_file(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(BUNDLED_FOLDER, tmp_path / "datasets"))
    assert DataSet(folder).fingerprint(["us_consumer_prices"]) == shipped().fingerprint(
        ["us_consumer_prices"]
    )
    file = folder / "us_consumer_prices.csv"
    file.write_bytes(file.read_bytes().replace(b"2024,313.689", b"2024,313.690"))
    assert DataSet(folder).fingerprint(["us_consumer_prices"]) != shipped().fingerprint(
        ["us_consumer_prices"]
    )
    assert DataSet(folder).fingerprint(["ml_chips"]) == shipped().fingerprint(["ml_chips"])


def test_a_fingerprint_changes_with_one_cell_of_a_replaced_table() -> None:
    tables = bundled()
    prices = tables["us_consumer_prices"].copy()
    prices.loc[24, "cpi_u_annual_average_1982_84_100"] = np.nextafter(313.689, 400)
    newer = tables.replaced(us_consumer_prices=prices)
    assert newer.fingerprint(["us_consumer_prices"]) != tables.fingerprint(["us_consumer_prices"])
    assert newer.fingerprint(["ml_chips"]) == tables.fingerprint(["ml_chips"])
    again = tables.replaced(us_consumer_prices=prices.copy())
    assert again.fingerprint(["us_consumer_prices"]) == newer.fingerprint(["us_consumer_prices"])


def test_replacing_a_table_by_an_equal_one_leaves_the_fingerprint_alone() -> None:
    tables = bundled()
    same = tables.replaced(**{name: tables[name].copy() for name in NAMES})
    assert same.fingerprint(NAMES) == tables.fingerprint(NAMES)


# Replaced tables


def test_a_replaced_table_is_seen_in_the_new_set_only() -> None:
    tables = bundled()
    few = tables["gpu_prices"].head(20)
    newer = tables.replaced(gpu_prices=few)
    assert len(newer["gpu_prices"]) == 20
    assert len(tables["gpu_prices"]) == CATALOGUE["gpu_prices"].rows
    assert newer["ml_chips"].equals(tables["ml_chips"])
    assert len(newer.replaced(ml_chips=tables["ml_chips"].head(3))["gpu_prices"]) == 20


def test_changing_a_frame_after_it_was_given_does_not_change_the_set() -> None:
    given = bundled()["gpu_prices"].head(20).copy()
    newer = bundled().replaced(gpu_prices=given)
    given.loc[:, "price_2020_usd"] = 1.0
    assert not (newer["gpu_prices"]["price_2020_usd"] == 1.0).any()


def test_a_replacement_may_hold_text_whole_numbers_dates_or_shuffled_columns() -> None:
    prices = bundled()["us_consumer_prices"]
    as_text = pd.DataFrame(
        {
            "cpi_u_annual_average_1982_84_100": ["172.2", "177.1"],
            "months_averaged": [12, 12],
            "year": [2000, 2001],
        },
        index=[7, 3],
    )
    pd.testing.assert_frame_equal(
        bundled().replaced(us_consumer_prices=as_text)["us_consumer_prices"], prices.head(2)
    )
    chips = bundled()["gpu_prices"].head(2)
    days = chips.assign(release_date=[day.date() for day in chips["release_date"]])
    pd.testing.assert_frame_equal(bundled().replaced(gpu_prices=days)["gpu_prices"], chips)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        pytest.param(
            lambda frame: frame.drop(columns="year"),
            ["column year is missing"],
            id="missing column",
        ),
        pytest.param(
            lambda frame: frame.assign(year=["soon"] * len(frame)),
            ["row 2", "year", "“soon”"],
            id="text",
        ),
        pytest.param(
            lambda frame: frame.assign(year=[True] * len(frame)),
            ["row 2", "year", "True"],
            id="truth values",
        ),
        pytest.param(
            lambda frame: frame.assign(year=[np.inf] * len(frame)),
            ["row 2", "year", "inf"],
            id="infinity",
        ),
        pytest.param(
            lambda frame: frame.assign(year=2000.0),
            ["row 3", "year", "2000", "earlier row"],
            id="duplicate key",
        ),
        pytest.param(
            lambda frame: frame.assign(
                cpi_u_annual_average_1982_84_100=-frame["cpi_u_annual_average_1982_84_100"]
            ),
            ["row 2", "cpi_u", "-172.2", "at least 0"],
            id="negative",
        ),
        pytest.param(lambda frame: frame.head(0), ["no rows"], id="no rows"),
    ],
)
def test_a_replacement_that_breaks_the_schema_is_refused(
    change: Callable[[pd.DataFrame], pd.DataFrame], named: list[str]
) -> None:
    with pytest.raises(TableError) as raised:
        bundled().replaced(us_consumer_prices=change(bundled()["us_consumer_prices"]))
    assert raised.value.table == "us_consumer_prices"
    for part in named:
        assert part in raised.value.problems[0]


def test_a_number_in_a_text_column_of_a_replacement_is_refused() -> None:
    frame = bundled()["levels_of_agi"].astype({"name": object})
    frame["name"] = [1, *frame["name"].tolist()[1:]]
    with pytest.raises(TableError, match="column name: 1 is not text"):
        bundled().replaced(levels_of_agi=frame)
