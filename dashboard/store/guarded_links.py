"""The store behind a breaker, for a database on another machine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Engine

from dashboard.store.breaker import Breaker
from dashboard.store.records import Saved, Share, Stored
from dashboard.store.shared_links import Limits, SharedLinks

#: How long a visitor waits for the database, in seconds.
READ_S, WRITE_S = 5.0, 15.0


class GuardedLinks(SharedLinks):
    """The same store; what visitors wait for ends within the breaker's time."""

    def __init__(
        self, engine: Engine, limits: Limits | None = None, breaker: Breaker | None = None
    ) -> None:
        super().__init__(engine, limits)
        self.breaker = breaker or Breaker()

    def save(self, share: Share, clients: Sequence[str] = (), saved: Saved | None = None) -> Saved:
        """Store the share; raises StoreError where the database does not answer, whereupon the same
        `saved` makes no second link.
        """
        return self.breaker.call(partial(super().save, share, clients, saved), WRITE_S)

    def open(self, share_id: str) -> Stored:
        """The share of that id."""
        return self.breaker.call(partial(super().open, share_id), READ_S)

    def is_there(self, share_id: str) -> bool:
        """Whether there still is a link of that id."""
        return self.breaker.call(partial(super().is_there, share_id), READ_S)

    def delete(self, share_id: str, delete_token: str) -> None:
        """Delete one link."""
        self.breaker.call(partial(super().delete, share_id, delete_token), WRITE_S)

    def counts(self) -> tuple[int, int]:
        """(links, contents) in the store."""
        return self.breaker.call(super().counts, READ_S)
