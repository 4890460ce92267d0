from __future__ import annotations

import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from forecasting.data.dataset import DataSet, bundled
from forecasting.data.result_cache import ResultCache, cached_with, results_of
from forecasting.data.result_size import result_bytes


@cached_with
def rows(name: str, data: DataSet) -> list[int]:
    return [len(data[name])]


def test_a_cached_function_computes_once_for_a_data_set_however_it_is_called() -> None:
    first = rows("ml_chips", bundled())
    assert rows("ml_chips", bundled()) is first
    assert rows("ml_chips", data=bundled()) is first
    fewer = bundled().replaced(ml_chips=bundled()["ml_chips"].iloc[1:])
    assert rows("ml_chips", fewer) == [first[0] - 1]


def test_results_go_with_their_data_set() -> None:
    data = bundled().replaced(ml_chips=bundled()["ml_chips"].iloc[1:])
    rows("ml_chips", data)
    gone, cache = weakref.ref(data), weakref.ref(results_of(data))
    del data
    gc.collect()
    assert gone() is None
    assert cache() is None


def test_the_result_used_longest_ago_goes_first() -> None:
    cache = ResultCache(2)
    for key in ("a", "b", "a", "c"):
        cache.get(key, lambda key=key: [key])  # type: ignore[misc]
    assert len(cache) == 2
    assert cache.get("a", lambda: ["anew"]) == ["a"]
    assert cache.get("b", lambda: ["anew"]) == ["anew"]


def test_results_beyond_the_bytes_allowed_go_the_oldest_first_and_the_newest_stays() -> None:
    cache = ResultCache(max_bytes=25_000)
    for key in ("a", "b", "c"):
        cache.get(key, lambda: np.zeros(1_000))
    assert [key in cache for key in "abc"] == [True, True, True]
    assert cache.held_bytes == 24_000
    cache.get("a", lambda: np.zeros(0))
    cache.get("d", lambda: np.zeros(1_000))
    assert [key in cache for key in "abcd"] == [True, False, True, True]
    cache.get("large", lambda: np.zeros(10_000))
    assert len(cache) == 1
    assert "large" in cache
    assert cache.held_bytes == 80_000


def test_a_result_let_go_holds_no_bytes() -> None:
    cache = ResultCache()
    for key in ("a", "b"):
        cache.get(key, lambda: np.zeros(1_000))
    cache.discard("a")
    assert cache.held_bytes == 8_000


@dataclass
class Part:
    draws: np.ndarray
    same: np.ndarray
    more: dict[str, tuple[np.ndarray, ...]]


def test_the_size_of_a_result_counts_each_array_in_it_once() -> None:
    draws, other = np.zeros(10_000), np.zeros(5_000)
    part = Part(draws, draws[:10], {"x": (other, other)})
    assert result_bytes(part) == pytest.approx(120_000, abs=2_000)
    assert result_bytes([part, part]) == pytest.approx(120_000, abs=2_000)
    table = pd.DataFrame({"a": draws})
    assert result_bytes(table) == pytest.approx(80_000, abs=2_000)


def test_what_two_threads_ask_for_is_computed_once() -> None:
    cache, begun, may_end, calls = ResultCache(), threading.Event(), threading.Event(), []

    def compute() -> int:
        calls.append(1)
        begun.set()
        may_end.wait(5)
        return 7

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(cache.get, "key", compute)
        begun.wait(5)
        second = pool.submit(cache.get, "key", compute)
        may_end.set()
        assert (first.result(5), second.result(5)) == (7, 7)
    assert len(calls) == 1


def test_who_waited_for_a_failed_computation_tries_it_anew() -> None:
    cache = ResultCache()

    def fail() -> int:
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            cache.get("key", fail)
    assert cache.get("key", lambda: 3) == 3
