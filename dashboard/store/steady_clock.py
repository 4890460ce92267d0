"""Whether the clock of this machine can be believed: the time of day may be set to any other, the
time since the machine was started only goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable

WEEK_S = 7 * 86_400.0
MAX_DIFFERENCE_S = 3_600.0


class SteadyClock:
    """How long the time of day has gone on as evenly as `steady`, the time since the start."""

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        self.steady = steady
        self._since: tuple[float, float] | None = None

    def ran_evenly(self, now: float) -> bool:
        """Whether `now`, in seconds since 1970, has not jumped for a week of asking; the first time
        it is asked begins the week.
        """
        steady = self.steady()
        if self._since is None:
            self._since = now, steady
        then, steady_then = self._since
        if abs((now - then) - (steady - steady_then)) > MAX_DIFFERENCE_S:
            self._since = now, steady
            return False
        return steady - steady_then > WEEK_S

    def forget(self) -> None:
        """Begin anew when next asked."""
        self._since = None
