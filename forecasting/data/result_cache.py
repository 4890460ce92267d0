"""Results that are computed once for a data set and go when it goes.

    @cached_with
    def model_names(data: DataSet) -> tuple[str, ...]: ...   # computed once for each data set

    results_of(data).get(key, compute)                       # the same for a key of one's own

A cache of the module (functools.cache) would hold a user's own tables after the session has ended;
here each owner has a cache of its own, which is found through a weak reference.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from functools import wraps
from inspect import signature
from typing import Any, NamedTuple, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from cachetools import LRUCache

from forecasting.data.dataset import DataSet, bundled
from forecasting.data.result_size import result_bytes
from forecasting.stats.budget import check_budget

MAX_RESULTS, MAX_BYTES = 512, 256 * 2**20
#: How often a thread that waits for another's result looks whether it should go on waiting.
LOOK_EVERY_S = 0.1

P = ParamSpec("P")
R = TypeVar("R")


class _Held(NamedTuple):
    """A result, and its size when it was computed."""

    result: Any
    bytes: int


class ResultCache:
    """The results used last, at most `max_results` and of `max_bytes` together, but for the newest;
    safe to share between threads, of which one computes a result and the others wait for it.
    """

    def __init__(self, max_results: int = MAX_RESULTS, max_bytes: int = MAX_BYTES) -> None:
        self.max_results = max_results
        # The newest is held whatever its size: it counts as all there may be, and stands alone.
        self._results: LRUCache[Hashable, _Held] = LRUCache(
            max_bytes, getsizeof=lambda held: min(held.bytes, max_bytes)
        )
        self._in_progress: dict[Hashable, threading.Event] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._results)

    def __contains__(self, key: Hashable) -> bool:
        with self._lock:
            return key in self._results

    def discard(self, key: Hashable) -> None:
        """Let go of a result."""
        with self._lock:
            self._results.pop(key, None)

    def get(self, key: Hashable, compute: Callable[[], R]) -> R:
        """What `compute` returns, computed once for each key. An error is raised and not stored.

        Raises StoppedError where the budget of this thread is spent.
        """
        check_budget()
        while True:
            with self._lock:
                if key in self._results:
                    found: R = self._results[key].result
                    return found
                in_progress = self._in_progress.get(key)
                if in_progress is None:
                    done = self._in_progress[key] = threading.Event()
                    break
            # Another thread computes it. Should that fail, this one tries and meets the error
            # itself.
            while not in_progress.wait(LOOK_EVERY_S):
                check_budget()
        try:
            result = compute()
            self._hold(key, result)
            return result
        finally:
            with self._lock:
                del self._in_progress[key]
            done.set()

    def _hold(self, key: Hashable, result: object) -> None:
        held = _Held(result, result_bytes(result))
        with self._lock:
            self._results[key] = held
            while len(self._results) > self.max_results:
                self._results.popitem()

    @property
    def held_bytes(self) -> int:
        """The size of its results when they were computed."""
        with self._lock:
            if len(self._results) == 1:  # it may be larger than it counts
                return next(iter(self._results.values())).bytes
            return int(self._results.currsize)


_caches: WeakKeyDictionary[DataSet, ResultCache] = WeakKeyDictionary()
_caches_lock = threading.Lock()


def results_of(data: DataSet) -> ResultCache:
    """The cache of this data set. A result must not refer to the data set, or neither goes."""
    with _caches_lock:
        cache = _caches.get(data)
        if cache is None:
            cache = _caches[data] = ResultCache()
        return cache


def cached_with(function: Callable[P, R]) -> Callable[P, R]:
    """Makes a function of hashable arguments and a data set, its last argument, store its results
    in the cache of that data set; of the bundled one where it is None or left out.
    """
    count = len(signature(function).parameters)

    @wraps(function)
    def cached(*args: P.args, **kwargs: P.kwargs) -> R:
        by_place = "data" not in kwargs and len(args) + len(kwargs) == count
        data: Any = args[-1] if by_place else kwargs.get("data")
        return results_of(bundled() if data is None else data).get(
            (function, args[:-1] if by_place else args, *_hashable(kwargs)),
            lambda: function(*args, **kwargs),
        )

    return cached


def _hashable(kwargs: dict[str, Any]) -> tuple[tuple[str, Hashable], ...]:
    return tuple(item for item in kwargs.items() if item[0] != "data")
