"""Shared links: save, open, delete, expire. One small interface over SQLite and PostgreSQL.

Contents are stored once by hash with a count of the links that hold them; every save has its own id
and its own delete token, so that one person's deletion never breaks another's link. Each operation
is one transaction: a link is there whole or not at all.
"""

from __future__ import annotations

import hmac
import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from dashboard.store.database import Database
from dashboard.store.errors import (
    DamagedError,
    LimitError,
    NotFoundError,
    StoreError,
)
from dashboard.store.quota import Quota
from dashboard.store.records import Saved, Share, Stored
from dashboard.store.schema import VERSION, contents, saves, share_contents, shares
from dashboard.store.seals import seal_of, sha256
from dashboard.store.sqlite_file import IN_PLACE, LACKS_ROOM, WAIT_MS
from dashboard.store.steady_clock import SteadyClock

logger = logging.getLogger(__name__)
SECONDS_PER_DAY = 86_400.0
SECONDS_PER_HOUR = 3_600.0
#: Opening a link is noted at most this often, so that reading seldom writes.
NOTED_EVERY_S = 6 * SECONDS_PER_HOUR
#: How long a reader waits for another writer to note it.
NOTING_WAIT_MS = 250
#: The part of all links that may expire at once, and how many are removed in one transaction.
MAX_EXPIRED_AT_ONCE, MAX_REMOVED_TOGETHER = 0.1, 500
#: By how much clocks of several servers may differ.
MAX_SKEW_S = 300.0
#: How often a link is saved into a file that is replaced meanwhile.
MAX_ATTEMPTS = 3
_ID = re.compile(r"[A-Za-z0-9_-]{22}")


@dataclass(frozen=True)
class Limits:
    """What one link may hold, how many a client may save in an hour, how long a link lasts after it
    was last opened, and what the whole store may take.
    """

    bytes_a_link: int = 20 * 2**20
    links_an_hour: int = 60
    retention_days: float = 180.0
    bytes_in_all: int = 10 * 2**30


class SharedLinks:
    """The store. `engine` is SQLAlchemy's; `clock` gives seconds since 1970. Safe to use from
    several threads and servers.
    """

    def __init__(
        self, engine: Engine, limits: Limits | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.engine = engine
        self.limits = limits or Limits()
        self.clock = clock
        self.database = Database(engine)
        self.quota = Quota()
        self._notes = True
        self._expiry_stopped = SteadyClock()

    def save(self, share: Share, clients: Sequence[str] = (), saved: Saved | None = None) -> Saved:
        """Store the share, under a new id or that of `saved`: who tries again with the same one
        after an error makes no second link. `clients` name who saves, for the limit by the hour.

        Raises LimitError for too large a share or too many of them, StoreError where the store
        can't be used.
        """
        size = sum(map(len, share.parts.values())) + len(share.query) + len(share.answer)
        if size > self.limits.bytes_a_link:
            raise LimitError(
                f"This link would hold {size / 2**20:.1f} MiB, the limit is"
                f" {self.limits.bytes_a_link / 2**20:.0f} MiB: share fewer runs, or only the plain"
                " link."
            )
        saved = saved or Saved()
        for _ in range(MAX_ATTEMPTS):
            self._save(share, saved, clients)
            if not self.database.was_replaced:
                break
        return saved

    def _save(self, share: Share, saved: Saved, clients: Sequence[str]) -> None:
        token_sha256 = sha256(saved.delete_token.encode())
        now = self.clock()
        row = {
            "id": saved.id,
            "page": share.page,
            "query": share.query,
            "answer": share.answer,
            "data_version": share.data_version,
            "model_version": share.model_version,
            "created_at": now,
        }
        seal = seal_of(row, {kind: sha256(data) for kind, data in share.parts.items()})
        with self.database.writes() as connection:
            held = select(shares.c.delete_sha256).where(shares.c.id == saved.id)
            if connection.execute(held).scalar() == token_sha256:
                return
            self._count_save(connection, clients, now)
            more = sum(map(len, share.parts.values()))
            self.quota.check(connection, more, self.limits.bytes_in_all)
            connection.execute(
                shares.insert().values(**row, delete_sha256=token_sha256, opened_at=now, seal=seal)
            )
            for kind, data in sorted(share.parts.items(), key=lambda part: sha256(part[1])):
                self._hold(connection, saved.id, kind, data)

    def open(self, share_id: str) -> Stored:
        """The share of that id; its time of expiry starts anew. Raises NotFoundError, and
        DamagedError where it is not what was saved.
        """
        if not _ID.fullmatch(share_id):
            raise NotFoundError(no_link())
        now = self.clock()
        try:
            with self.database.reads() as connection:
                row, parts = self._found(connection, share_id)
        except StoreError as error:
            if "malformed" in str(error.__cause__) or "decode" in str(error.__cause__):
                raise DamagedError("it can't be read") from error
            raise
        except (TypeError, ValueError):
            raise DamagedError("it can't be read") from None
        if row is None:
            raise NotFoundError(no_link())
        stored = _checked(row, parts)
        if now - row["opened_at"] > NOTED_EVERY_S:
            self._note_opened(share_id, now)
        return stored

    def _found(
        self, connection: Connection, share_id: str
    ) -> tuple[Mapping[str, Any] | None, dict[str, tuple[str, bytes | None]]]:
        """The row of a link, and its parts by kind, each with the checksum it was saved under."""
        row = connection.execute(self.select_share(share_id)).mappings().first()
        joined = select(share_contents.c.kind, share_contents.c.sha256, contents.c.data).join(
            contents, contents.c.sha256 == share_contents.c.sha256, isouter=True
        )
        found = connection.execute(joined.where(share_contents.c.share_id == share_id))
        return None if row is None else dict(row), {
            kind: (key, None if data is None else bytes(data)) for kind, key, data in found
        }

    def is_there(self, share_id: str) -> bool:
        """Whether there still is a link of that id, whose time of expiry starts anew; raises
        StoreError where the store can't say.
        """
        now = self.clock()
        with self.database.reads() as connection:
            wanted = select(shares.c.opened_at).where(shares.c.id == share_id)
            opened_at = connection.execute(wanted).scalar()
        if opened_at is not None and now - opened_at > NOTED_EVERY_S:
            self._note_opened(share_id, now)
        return opened_at is not None

    def select_share(self, share_id: str) -> Select[Any]:
        """The query for the row of a link, without the columns that an older store lacks."""
        known = [c for c in shares.c if self.database.version >= VERSION or c is not shares.c.seal]
        return select(*known).where(shares.c.id == share_id)

    def _note_opened(self, share_id: str, now: float) -> None:
        """Start the time of expiry anew; a store that can't be written to opens links all the
        same.
        """
        try:
            with self.database.writes(**{WAIT_MS: NOTING_WAIT_MS}) as connection:
                connection.execute(
                    shares.update().where(shares.c.id == share_id).values(opened_at=now)
                )
            self._notes = True
        except StoreError as error:
            if self._notes:
                logger.warning("Openings of shared links are not noted: %s", error)
            self._notes = False

    def delete(self, share_id: str, delete_token: str) -> None:
        """Delete one link; raises NotFoundError for an unknown id and for a wrong token alike."""
        try:
            self._delete(share_id, delete_token)
        except StoreError as error:
            file = self.database.file
            lacks_room = any(words in str(error.__cause__) for words in LACKS_ROOM)
            if file is None or not lacks_room or not file.give_up_reserve():
                raise
            try:
                self._delete(share_id, delete_token, **{IN_PLACE: True})
            finally:
                file.regain_reserve(self.engine)

    def _delete(self, share_id: str, delete_token: str, **options: int) -> None:
        with self.database.writes(**options) as connection:
            wanted = select(shares.c.delete_sha256).where(shares.c.id == share_id)
            known = connection.execute(wanted).scalar()
            given = sha256(delete_token.encode())
            if known is None or not hmac.compare_digest(known, given):
                raise NotFoundError(
                    "There is no link with this id and this delete token; nothing was deleted."
                )
            self._remove(connection, [share_id])

    def expire(self) -> int:
        """Remove links that were not opened within the time they are kept; gives how many. More
        than a tenth of the store at once, but for a single link, may be a clock that has jumped:
        then nothing is removed, and the log says so, until the clock has run evenly for a week.
        """
        now = self.clock()
        is_old = shares.c.opened_at < now - self.limits.retention_days * SECONDS_PER_DAY
        with self.database.writes() as connection:
            connection.execute(delete(saves).where(~_within_an_hour(now)))
            count = select(func.count()).select_from(shares)
            total = connection.execute(count).scalar_one()
            old = connection.execute(count.where(is_old)).scalar_one()
        if old > max(1, total * MAX_EXPIRED_AT_ONCE):
            if not self._expiry_stopped.ran_evenly(now):
                logger.warning(
                    "Expiry of shared links was stopped: %d of %d would go at once. If the clock of"
                    " this machine is wrong, set it; if it is right, they go in a week.",
                    old,
                    total,
                )
                return 0
        else:
            self._expiry_stopped.forget()
        removed = 0
        while True:
            with self.database.writes() as connection:
                some = select(shares.c.id).where(is_old).limit(MAX_REMOVED_TOGETHER)
                ids = connection.execute(some).scalars().all()
                self._remove(connection, ids)
            removed += len(ids)
            if len(ids) < MAX_REMOVED_TOGETHER:
                return removed

    def counts(self) -> tuple[int, int]:
        """(links, contents) in the store."""
        with self.database.reads() as connection:
            links = connection.execute(select(func.count()).select_from(shares)).scalar_one()
            held = connection.execute(select(func.count()).select_from(contents)).scalar_one()
        return int(links), int(held)

    def close(self) -> None:
        """Let go of all connections; the next use makes new ones."""
        self.database.close()

    def _count_save(self, connection: Connection, clients: Sequence[str], now: float) -> None:
        for client in map(sha256, (name.encode() for name in clients)):
            recent = select(func.count()).where(
                saves.c.client_sha256 == client, _within_an_hour(now)
            )
            if connection.execute(recent).scalar_one() >= self.limits.links_an_hour:
                raise LimitError(
                    f"{self.limits.links_an_hour} links were saved from here within an hour, which"
                    " is the limit: wait a while, or copy the plain link."
                )
            connection.execute(saves.insert().values(client_sha256=client, at=now))

    def _hold(self, connection: Connection, share_id: str, kind: str, data: bytes) -> None:
        key = sha256(data)
        insert = (postgresql if self.engine.dialect.name == "postgresql" else sqlite).insert(
            contents
        )
        held = insert.values(sha256=key, data=data, bytes=len(data), links=1)
        connection.execute(
            held.on_conflict_do_update(
                index_elements=["sha256"], set_={"links": contents.c.links + 1}
            )
        )
        # Equal contents that were damaged meanwhile are whole again.
        connection.execute(
            contents.update()
            .where(contents.c.sha256 == key, contents.c.data != data)
            .values(data=data, bytes=len(data))
        )
        connection.execute(share_contents.insert().values(share_id=share_id, kind=kind, sha256=key))

    @staticmethod
    def _remove(connection: Connection, ids: Sequence[str]) -> None:
        for share_id in ids:
            held = (
                connection.execute(
                    select(share_contents.c.sha256).where(share_contents.c.share_id == share_id)
                )
                .scalars()
                .all()
            )
            connection.execute(delete(share_contents).where(share_contents.c.share_id == share_id))
            connection.execute(delete(shares).where(shares.c.id == share_id))
            for key in sorted(held):
                connection.execute(
                    contents.update()
                    .where(contents.c.sha256 == key)
                    .values(links=contents.c.links - 1)
                )
                connection.execute(
                    delete(contents).where(contents.c.sha256 == key, contents.c.links <= 0)
                )


def _within_an_hour(now: float) -> ColumnElement[bool]:
    """Saves of the last hour; a clock that was ahead for a while has left some in the future."""
    return saves.c.at.between(now - SECONDS_PER_HOUR, now + MAX_SKEW_S)


def _checked(row: Mapping[str, Any], parts: Mapping[str, tuple[str, bytes | None]]) -> Stored:
    """The share of that row with those parts; raises DamagedError where a checksum differs."""
    names = ("page", "query", "answer", "data_version", "model_version", "id", "created_at")
    stored = Stored(**{name: row[name] for name in names})
    seal = row.get("seal")
    if seal is not None and seal != seal_of(row, {kind: key for kind, (key, _) in parts.items()}):
        raise DamagedError("it was changed")
    whole = {
        kind: data
        for kind, (key, data) in parts.items()
        if data is not None and sha256(data) == key
    }
    if damaged := sorted(parts.keys() - whole.keys()):
        raise DamagedError(f"its part “{'”, “'.join(damaged)}” was changed", stored)
    return replace(stored, parts=whole)


def no_link() -> str:
    """What is said of a link that is not there."""
    return (
        "There is no such shared link: it was mistyped, deleted by its owner, or has expired"
        " because it was not opened for too long."
    )
