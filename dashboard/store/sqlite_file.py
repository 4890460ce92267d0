"""The file of a SQLite store: how connections to it behave, how links are read where nothing can be
written, room for deleting on a full disk, and a file that is moved or replaced under the server.

A disk that is full or may only be read can't hold the index of SQLite's journal, without which it
opens no file. Such a file is then read as one that does not change, or, where its journal holds
transactions, with the index in memory.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import OperationalError

logger = logging.getLogger(__name__)

#: Options of an engine: its transactions only read; how long they wait for another writer; whether
#: what is deleted need not be overwritten, for which a full disk has no room.
ONLY_READS, WAIT_MS, IN_PLACE = "only_reads", "wait_ms", "in_place"
SQLITE_WAIT_MS = 10_000
#: What SQLite says on a full disk; it opens no file there that it has not open yet.
LACKS_ROOM = ("disk is full", "disk I/O error", "unable to open database")
#: Held beside the file, and given up so that a link can be deleted on a full disk.
RESERVED_BYTES = 2**20
#: Room is reserved at first where so many times as much is free.
PLENTY = 8
JOURNALS = ("-wal", "-shm")

Identity = tuple[int, int] | None


def listen(engine: Engine) -> None:
    """Set up every connection of a SQLite engine, once."""
    if not event.contains(engine, "begin", _begin):
        event.listen(engine, "connect", _connected)
        event.listen(engine, "begin", _begin)


def _connected(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says
    connection.execute(f"PRAGMA busy_timeout = {SQLITE_WAIT_MS}")
    with contextlib.suppress(sqlite3.OperationalError):
        # A store that may only be read keeps the journal it has.
        connection.execute("PRAGMA journal_mode = WAL")
    # A link that was handed out must open after a power cut, too.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get(ONLY_READS):
        connection.exec_driver_sql("BEGIN")
        return
    overwrites = "FAST" if options.get(IN_PLACE) else "ON"
    connection.exec_driver_sql(f"PRAGMA secure_delete = {overwrites}")
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {options.get(WAIT_MS, SQLITE_WAIT_MS)}")
    # Writers queue at the beginning: two that had both begun to read could only fail.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


class SqliteFile:
    """The file at `place`, and what to do when it is full, read-only, moved or replaced."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.reserve = place.with_name(f"{place.name}-reserve")
        self._keeper: sqlite3.Connection | None = None
        self._files: dict[Path, Identity] = {}

    def hold(self) -> None:
        """Remember which file this is, and reserve room beside it; where that is not possible,
        deleting on a full disk isn't either.
        """
        self.release()
        keeper = sqlite3.connect(self.place, check_same_thread=False)
        # Reading makes it open the journal, through which alone `let_go` reaches a moved file's.
        keeper.execute("SELECT count(*) FROM sqlite_master").fetchone()
        self._keeper = keeper
        self._files = {path: _identity(path) for path in (self.place, *self._journals)}
        with contextlib.suppress(OSError):
            if shutil.disk_usage(self.place.parent).free > PLENTY * RESERVED_BYTES:
                self.make_reserve()

    def release(self) -> None:
        """Close what `hold` opened."""
        if self._keeper is not None:
            self._keeper.close()
        self._keeper = None

    @property
    def was_replaced(self) -> bool:
        """Whether another file, or none, is now where the one that is held was."""
        return self._keeper is not None and _identity(self.place) != self._files[self.place]

    def let_go(self) -> None:
        """Complete the file that was moved away from its journal, and take the journal away, which
        SQLite would apply to the file that is now in its place.
        """
        if self._keeper is None:
            return
        logger.warning(
            "The file of shared links %s was moved or replaced; what is there now is used.",
            self.place,
        )
        with contextlib.suppress(sqlite3.Error):
            self._keeper.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for path in self._journals:
            if _identity(path) == self._files[path]:
                path.unlink(missing_ok=True)
        self.release()

    def make_reserve(self) -> None:
        """Reserve the room, unless it is."""
        with contextlib.suppress(OSError):
            if not self.reserve.exists() or self.reserve.stat().st_size < RESERVED_BYTES:
                self.reserve.write_bytes(bytes(RESERVED_BYTES))

    def give_up_reserve(self) -> bool:
        """Make room on a full disk; False where there is none to make."""
        try:
            had = self.reserve.stat().st_size
            self.reserve.write_bytes(b"")
        except OSError:
            return False
        return had > 0

    def regain_reserve(self, engine: Engine) -> None:
        """Shrink the journal, and reserve the room again."""
        with contextlib.suppress(OperationalError), engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        self.make_reserve()

    def unwritten(self) -> Engine:
        """An engine that reads the file without writing anything beside it."""
        journal = self._journals[0]
        if not journal.exists() or journal.stat().st_size == 0:
            return self._engine("mode=ro&immutable=1")
        # The journal holds transactions: read it with its index in memory, or with the one that a
        # server has left on a disk that may only be read.
        try:
            with self.place.open("r+b"):
                return self._engine("mode=rw", "PRAGMA locking_mode = EXCLUSIVE")
        except OSError:
            return self._engine("mode=ro")

    def _engine(self, options: str, *statements: str) -> Engine:
        def connect() -> sqlite3.Connection:
            address = f"file:{quote(str(self.place.absolute()))}?{options}"
            connection = sqlite3.connect(address, uri=True, isolation_level=None)
            for statement in (f"PRAGMA busy_timeout = {SQLITE_WAIT_MS}", *statements):
                connection.execute(statement)
            return connection

        engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        return engine

    @property
    def _journals(self) -> list[Path]:
        return [self.place.with_name(f"{self.place.name}{ending}") for ending in JOURNALS]


def _identity(path: Path) -> Identity:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
