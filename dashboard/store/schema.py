"""The tables of the store, their version, and how an older store becomes a newer one.

store_version   one row: the version of this schema
contents        what links hold, once by sha256, with the number of links that point to it
shares          a saved link each: page, query, answer, versions, the hash of its delete token, its
                seal (see seals.py)
share_contents  which contents a link holds, by kind
saves           when each client saved, for the limit by the hour
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError, SQLAlchemyError

from dashboard.store import sqlite_file
from dashboard.store.seals import seal_of

logger = logging.getLogger(__name__)

VERSION = 2
Step = str | Callable[[Connection], None]
metadata = MetaData()
store_version = Table("store_version", metadata, Column("version", Integer, primary_key=True))
contents = Table(
    "contents",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("links", Integer, nullable=False),
)
shares = Table(
    "shares",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("delete_sha256", String(64), nullable=False),
    Column("page", String(40), nullable=False),
    Column("query", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("data_version", String(16), nullable=False),
    Column("model_version", String(40), nullable=False),
    Column("created_at", Float, nullable=False),
    Column("opened_at", Float, nullable=False),
    # None: saved by a server of the first version after the store was upgraded.
    Column("seal", String(64)),
    Index("shares_by_opened_at", "opened_at"),
)
share_contents = Table(
    "share_contents",
    metadata,
    Column("share_id", String(32), ForeignKey("shares.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("sha256", String(64), ForeignKey("contents.sha256"), nullable=False, index=True),
)
saves = Table(
    "saves",
    metadata,
    Column(
        "number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("client_sha256", String(64), nullable=False),
    Column("at", Float, nullable=False),
    Index("saves_by_client", "client_sha256", "at"),
)


def seal_all(connection: Connection) -> None:
    """Seal the links that have no seal, as they are."""
    parts: dict[str, dict[str, str]] = {}
    for share_id, kind, key in connection.execute(select(share_contents)):
        parts.setdefault(share_id, {})[kind] = key
    unsealed = select(*(column for column in shares.c if column is not shares.c.seal))
    rows = connection.execute(unsealed.where(shares.c.seal.is_(None))).mappings().all()
    for row in rows:
        seal = seal_of(dict(row), parts.get(row["id"], {}))
        connection.execute(shares.update().where(shares.c.id == row["id"]).values(seal=seal))


#: For each older version, the steps that make the next one of it.
UPGRADES: Mapping[int, Sequence[Step]] = {
    1: ("ALTER TABLE shares ADD COLUMN seal VARCHAR(64)", seal_all)
}


class NewerStoreError(Exception):
    """The store was made by a newer version of this product."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(
            f"The store of shared links has version {found}; this server supports versions up to"
            f" {known}. Start a newer server, or point it at another store."
        )


def prepare(
    engine: Engine, version: int = VERSION, upgrades: Mapping[int, Sequence[Step]] | None = None
) -> int:
    """Make the tables where there are none, upgrade an older store; gives the version that the
    store has then. That is an older one where it can't be upgraded since it may only be read or its
    disk is full. Raises NewerStoreError. Safe when several servers start at once.
    """
    if engine.dialect.name == "sqlite":
        sqlite_file.listen(engine)
    if not inspect(reading(engine)).has_table("store_version"):
        _create(engine, version)
    with reading(engine).begin() as connection:
        found = found_version(connection)
    if found > version:
        raise NewerStoreError(found, version)
    if found == version:
        return version
    try:
        with engine.begin() as connection:
            # Of several servers that start at once, the first one upgrades.
            found = int(connection.execute(select(store_version).with_for_update()).scalar_one())
            for older in range(found, version):
                for step in (UPGRADES if upgrades is None else upgrades)[older]:
                    if isinstance(step, str):
                        connection.execute(text(step))
                    else:
                        step(connection)
            if found < version:
                connection.execute(store_version.update().values(version=version))
    except SQLAlchemyError as error:
        logger.warning("The store of shared links could not be upgraded: %s", error)
        return found
    return version


def reading(engine: Engine) -> Engine:
    """The engine for transactions that only read: each sees the store at one moment, and on SQLite
    none waits for a writer.
    """
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{sqlite_file.ONLY_READS: True})
    return engine.execution_options(isolation_level="REPEATABLE READ")


def _create(engine: Engine, version: int) -> None:
    try:
        with engine.begin() as connection:
            metadata.create_all(connection)
            if connection.execute(select(store_version.c.version)).first() is None:
                connection.execute(store_version.insert().values(version=version))
    except (IntegrityError, OperationalError, ProgrammingError):
        # Another server made them in the same moment.
        if not inspect(reading(engine)).has_table("store_version"):
            raise


def found_version(connection: Connection) -> int:
    """The version of the schema that the store has."""
    return int(connection.execute(select(store_version.c.version)).scalar_one())
