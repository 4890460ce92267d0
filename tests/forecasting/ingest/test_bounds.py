"""Memory and time of reading grow with the file, not with its shape; `python -m
benchmarks hostile_uploads` measures large ones.
"""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

import forecasting as fc
from forecasting.ingest import own_prices, sample_counts, wide_cells
from forecasting.ingest.cell_numbers import OddCells, number_of, numbers_of
from forecasting.ingest.csv_bytes import MIB, Limits
from forecasting.ingest.runs import open_runs, read_runs
from forecasting.user_runs import epoch_tables
from forecasting.user_runs.own_files import read_own_file

SIZE = 2 * MIB


def rows_of(header: str, row: str) -> bytes:
    return f"{header}\n".encode() + row.encode() * (SIZE // len(row))


def curves(count: int) -> bytes:
    header = ",".join(["tokens", *(f"7M-{at} - val_loss" for at in range(count))])
    return rows_of(header, ",".join(["3"] * (count + 1)) + "\n")


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: curves(800), id="curves", marks=pytest.mark.soak),
        pytest.param(
            lambda: rows_of("run,step,params,tokens,loss", "b,2,1,1,1\na,1,1,1,1\n"), id="log"
        ),
        pytest.param(lambda: rows_of("params,tokens,loss", "1,1,1\n"), id="runs"),
        pytest.param(lambda: gzip.compress(rows_of("params,tokens,loss", "\n")), id="empty rows"),
        pytest.param(
            lambda: rows_of(",".join(f"loss {at}" for at in range(800)), "1," * 799 + "1\n"),
            id="columns",
            marks=pytest.mark.soak,
        ),
    ],
)
def test_memory_grows_with_the_bytes_of_a_file_whatever_its_shape(
    make: Callable[[], bytes],
) -> None:
    content = make()
    tracemalloc.start()
    arrow = pa.total_allocated_bytes()
    try:
        read_runs(content, name="7M")
    except fc.ForecastingError:
        pass
    finally:
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    # Of 200 MiB that any file may take, 60 do for these: a piece of a file is read at a time.
    assert most + pa.total_allocated_bytes() - arrow < 4 * SIZE + 60 * MIB


def test_of_curves_the_last_loss_is_taken_across_pieces_of_the_file() -> None:
    steps = np.arange(40_000)[::-1]  # the last one stands first
    header = "tokens,70M - val_loss,160M - val_loss"
    rows = "".join(f"{10 * s + 1e9:.0f},{3 + s / 1e6:.6f},{2 + s / 1e6:.6f}\n" for s in steps)
    content = f"{header}\n{rows}"
    assert len(content) > MIB
    runs = read_runs(content)
    assert runs.table["loss"].tolist() == [3.039999, 2.039999]
    assert runs.table["tokens"].tolist() == [1e9 + 399_990.0] * 2
    lowest = read_runs(content, {"take": "lowest"})
    assert lowest.table["loss"].tolist() == [3.0, 2.0]
    smoothed = read_runs(content, {"take": "smoothed"})
    assert smoothed.table["loss"].tolist() == pytest.approx([3.0379995, 2.0379995], rel=1e-12)


def test_losses_to_average_have_a_limit_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wide_cells, "MAX_LOSSES", 10)
    with pytest.raises(fc.InputError, match="Take the last or the lowest"):
        read_runs(curves(20), {"take": "smoothed"})


@pytest.mark.parametrize(
    ("limits", "content", "said"),
    [
        (Limits(short_rows=5), "params,tokens,loss\n" + "1,1,1\n" * 10, "more than 5 rows"),
        (Limits(runs=1), "params,tokens,loss\n" + "1e6,1e9,3\n" * 11, "more than 10 rows"),
        (Limits(runs=1), "tokens,1M,2M\n" + "1e9,3,3\n" * 6, "more than 10 cells"),
        (
            Limits(runs=1),
            "run,params,tokens,loss\n" + "".join(f"r{i},1e6,1e9,3\n" for i in range(11)),
            "more than 10 names",
        ),
        (
            Limits(odd_cells=3),
            "params,tokens,loss\n" + "".join(f"{i} x 10^6,1e9,3\n" for i in range(1, 5)),
            "more than 3 cells such as “1 x 10\\^6”",
        ),
    ],
)
def test_what_is_refused_says_which_limit(limits: Limits, content: str, said: str) -> None:
    with pytest.raises(fc.InputError, match=said):
        open_runs(content, limits=limits).read()


def test_short_rows_are_limited_and_long_ones_by_the_size_of_the_file_alone() -> None:
    limits = Limits()
    assert limits.most_rows(10 * MIB) == 2_000_000
    assert limits.most_rows(200 * 10**6) == 6_666_666  # three million rows of a log have 66 bytes
    assert replace(limits, rows=100).most_rows(200 * 10**6) == 100


def test_tables_and_prices_have_a_limit_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, limit in (
        (epoch_tables, "MAX_ROWS"),
        (own_prices, "MAX_ROWS"),
        (sample_counts, "MAX_PROBLEMS"),
    ):
        monkeypatch.setattr(module, limit, 3)
    header = "Model,Publication date,Training compute (FLOP),Domain,Link,Epochs,a,b,c,d"
    with pytest.raises(fc.InputError, match="more than 3 rows"):
        read_own_file(header + "\nx,2024-01-01,1e20,,,,,,,\n" * 4, data=fc.bundled())
    prices = "chip,usd_per_chip_hour\n" + "H100,2\n" * 4
    with pytest.raises(fc.InputError, match="more than 3 rows"):
        read_own_file(prices, data=fc.bundled())
    with pytest.raises(fc.TableError, match=r"rows\. Use 3"):
        read_own_file("problem,samples,correct\n" + "a,1,1\n" * 4, data=fc.bundled())


@pytest.mark.parametrize(
    "cell",
    [
        "6.79B", "1.4 T", ".5k", "7.m", "-3 bn", "20%", "1,234", "1,234.5", "12'345'678",
        "7’000", "7 000 000", "1e3k", "12,34", "1'23", "3.14159 trillion", "2P", "1_000",
    ],
)  # fmt: skip
def test_a_column_and_a_cell_are_read_alike(cell: str) -> None:
    one = number_of(cell)
    values, bad = numbers_of(pa.array([cell, "x"]), ".", OddCells())
    assert bad.tolist() == [one is None, True]
    assert one is None or values[0] == one
