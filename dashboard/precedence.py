"""Visitors of pages come first: work for the API waits while a page computes, for up to half of its
own time, so that it still gets on on a busy server.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

#: How long one wait is; then the work looks again.
WAIT_S = 0.002


class Precedence:
    """Who computes for a visitor now, and who gives way to them. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._visitors = 0

    @contextmanager
    def visitor(self) -> Iterator[None]:
        """The work inside is for a visitor of a page."""
        with self._lock:
            self._visitors += 1
        try:
            yield
        finally:
            with self._lock:
                self._visitors -= 1

    @property
    def is_taken(self) -> bool:
        """Whether a page computes now."""
        return self._visitors > 0


class GivingWay:
    """One piece of work that waits at its steps while `precedence` is taken, for at most as long as
    it has worked so far.
    """

    def __init__(self, precedence: Precedence) -> None:
        self.precedence = precedence
        self.begun = time.monotonic()
        self.waited = 0.0

    def __call__(self) -> None:
        """A step of the work."""
        now = time.monotonic()
        while self.precedence.is_taken and 2.0 * self.waited < now - self.begun:
            time.sleep(WAIT_S)
            self.waited += time.monotonic() - now
            now = time.monotonic()


#: That of this process.
pages = Precedence()
