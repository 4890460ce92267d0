"""Calls to a database that may hang: each ends within a time, and after one that did not, others
fail at once for a while instead of waiting too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from dashboard.store.errors import StoreError

T = TypeVar("T")

#: Calls at a time, and how long the breaker is open after one that took too long.
AT_A_TIME, OPEN_S = 10, 5.0


class Breaker:
    """Threads of its own for the calls, so that those which hang hold up nothing else."""

    def __init__(self, open_s: float = OPEN_S) -> None:
        self.open_s = open_s
        self._lock = threading.Lock()
        self._open_until: float | None = None
        self._is_tried = False
        self._pool = ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="store")

    @property
    def is_open(self) -> bool:
        """Whether the last call took too long, and none has been answered since."""
        return self._open_until is not None

    def call(self, work: Callable[[], T], seconds: float) -> T:
        """What `work` returns or raises within so many seconds; StoreError where it takes longer,
        or another call has just. Then one call at a time finds out whether there are answers again.
        """
        with self._lock:
            is_trial = self._open_until is not None
            if self._open_until is not None:
                if self._is_tried or time.monotonic() < self._open_until:
                    raise _silent()
                self._is_tried = True
        future = self._pool.submit(work)
        try:
            wait([future], seconds)
            if not future.done():
                future.cancel()
                self._open_until = time.monotonic() + self.open_s
                raise _silent()
            self._open_until = None
            return future.result()
        finally:
            if is_trial:
                self._is_tried = False


def _silent() -> StoreError:
    return StoreError(
        "The store of shared links can't be used just now (its database does not answer): try again"
        " in a moment, which does nothing twice, or copy the plain link."
    )
