"""Work that can be stopped: long loops look at each step whether the budget of those who asked is
spent.

    with within(Budget(30.0)):
        forecast(...)  # raises TookTooLongError soon after 30 seconds

Outside of any budget, as in a notebook, nothing is stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from forecasting.errors import TookTooLongError


class StoppedError(BaseException):
    """Work is over before its end, by this budget. No Exception: what replaces a result that can't
    be computed by a remark or by another one must not take this for one.
    """

    def __init__(self, budget: Budget) -> None:
        super().__init__()
        self.budget = budget


class Budget:
    """What a piece of work may take, from its creation on.

    Parameters
    ----------
    seconds : float
        The time by the clock, in seconds; infinite: as long as it takes.
    look : function of no arguments
        Called at each step of the work; may raise to end it, such as when those who asked for it
        have gone.
    """

    def __init__(self, seconds: float, look: Callable[[], None] = lambda: None) -> None:
        self.seconds = seconds
        self.ends = time.monotonic() + seconds
        self.is_cancelled = False
        self._look = look

    def cancel(self) -> None:
        """End the work at its next step; safe from any thread."""
        self.is_cancelled = True

    def check(self) -> None:
        """Raises StoppedError once the time is over or the work was cancelled."""
        if self.is_cancelled or time.monotonic() > self.ends:
            raise StoppedError(self)
        self._look()


_current: ContextVar[tuple[Budget, ...]] = ContextVar("budgets of the work", default=())


def has_budget() -> bool:
    """Whether the work of this thread has a budget."""
    return bool(_current.get())


def check_budget() -> None:
    """A step of a long loop: raises StoppedError where the work is to end."""
    for budget in _current.get():
        budget.check()


@contextmanager
def within(budget: Budget) -> Iterator[None]:
    """The work inside has this budget, beside those around it. Raises TookTooLongError where it is
    stopped for its time; where it was cancelled, StoppedError goes on.
    """
    token = _current.set((*_current.get(), budget))
    try:
        yield
    except StoppedError as stopped:
        if stopped.budget is not budget or budget.is_cancelled:
            raise
        raise TookTooLongError(budget.seconds) from None
    finally:
        _current.reset(token)
