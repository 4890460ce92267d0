from __future__ import annotations

import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from forecasting.data.dataset import DataSet, bundled
from forecasting.data.result_cache import ResultCache, cached_with, results_of


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
