"""Transactions on the store's database, which is made ready before the first one; what goes wrong
with it becomes a sentence.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from dashboard.store.errors import StoreError, unusable
from dashboard.store.schema import VERSION, NewerStoreError, found_version, prepare, reading
from dashboard.store.sqlite_file import SqliteFile

#: After such an error other connections may do: another PostgreSQL server has taken over, or the
#: disk may be written to again.
CONNECT_ANEW = ("read-only transaction", "readonly database", "disk I/O error")


class Database:
    """The database behind `engine`. `version` is that of the schema found there."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.version = VERSION
        place = engine.url.database if engine.dialect.name == "sqlite" else None
        self.file = SqliteFile(Path(place)) if place else None
        self._ready = False
        self._preparing = threading.Lock()

    @contextmanager
    def writes(self, **options: int) -> Iterator[Connection]:
        """A transaction that writes, with options of `sqlite_file`; raises StoreError."""
        with _sentences(self):
            self._prepare(write=True)
            engine = self.engine.execution_options(**options) if options else self.engine
            with engine.begin() as connection:
                yield connection

    @contextmanager
    def reads(self) -> Iterator[Connection]:
        """A transaction that only reads, of the store as it is at one moment; raises StoreError."""
        with _sentences(self), self._readable().begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of all connections; the next use makes new ones."""
        self.engine.dispose()
        if self.file is not None:
            self.file.release()
        self._ready = False

    @property
    def was_replaced(self) -> bool:
        """Whether what was written last may have gone to a file that is no longer in its place."""
        return self.file is not None and self.file.was_replaced

    def _readable(self) -> Engine:
        """The engine to read from: where SQLite's file can't be opened as usual, since its disk is
        full or may only be read, one that writes nothing.
        """
        usual = reading(self.engine)
        if self.file is None:
            self._prepare(write=False)
            return usual
        try:
            self._prepare(write=False)
            with usual.begin() as connection:
                found_version(connection)
            return usual
        except OperationalError as error:
            # While it is locked it changes.
            if "locked" in str(error) or not self.file.place.is_file():
                raise
            unwritten = self.file.unwritten()
            with unwritten.begin() as connection:
                self.version = found_version(connection)
            return unwritten

    def _prepare(self, *, write: bool) -> None:
        with self._preparing:
            if self._ready and self.file is not None and self.file.was_replaced:
                # What is saved into a file that was taken away would be lost.
                self.engine.dispose()
                self.file.let_go()
                self.file.place.parent.mkdir(parents=True, exist_ok=True)
                self._ready = False
            if not self._ready or (write and self.version < VERSION):
                self.version = prepare(self.engine)
                if self.file is not None:
                    self.file.hold()
                self._ready = True


@contextmanager
def _sentences(database: Database) -> Iterator[None]:
    try:
        yield
    except NewerStoreError as error:
        raise StoreError(str(error)) from None
    except (SQLAlchemyError, OSError) as error:
        if any(words in str(error) for words in CONNECT_ANEW):
            database.close()
        raise unusable(error) from error
