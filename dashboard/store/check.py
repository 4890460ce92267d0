"""Whether everything in the store is what was saved, and the repair of what is not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from dashboard.store.schema import contents, seal_all, share_contents, shares
from dashboard.store.seals import seal_of, sha256
from dashboard.store.shared_links import SECONDS_PER_DAY, SharedLinks

#: Links that one sentence names.
MAX_NAMED = 3
#: What SQLite may say of a file.
MAX_FILE_PROBLEMS = 20


@dataclass(frozen=True)
class Problem:
    """One thing that is not as it should be.

    `kind` is “part” (its bytes differ from its checksum, or are gone), “link” (its row or list of
    parts was changed), “count” (a part held by more or fewer links than it says, or a part of no
    link), “seal” (a link without one), “time” (last opened in the future) or “file” (what SQLite
    says of its file); `subject` the part's checksum, the link's id or SQLite's words; `links` the
    links that do not open for it.
    """

    kind: str
    subject: str
    sentence: str
    links: tuple[str, ...] = ()


@dataclass
class StoreReport:
    """How many links and parts were read, how many bytes these are, and what is not as saved."""

    links: int = 0
    parts: int = 0
    bytes: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def damaged(self) -> tuple[str, ...]:
        """The links that do not open."""
        return tuple(sorted({link for problem in self.problems for link in problem.links}))


def check(store: SharedLinks) -> StoreReport:
    """Read everything in the store; raises StoreError where that is not possible."""
    report = StoreReport()
    with store.database.reads() as connection:
        report.problems += _of_file(connection)
        held: dict[str, dict[str, str]] = defaultdict(dict)
        for share_id, kind, key in connection.execute(select(share_contents)):
            held[share_id][kind] = key
        holders: dict[str, list[str]] = defaultdict(list)
        for share_id, parts in held.items():
            for key in parts.values():
                holders[key].append(share_id)
        counts = Counter({key: len(ids) for key, ids in holders.items()})
        known: dict[str, int] = dict(_rows(connection, contents.c.sha256, contents.c.links))
        for key in sorted(known.keys() | holders.keys()):
            data = _read(connection, select(contents.c.data).where(contents.c.sha256 == key))
            whole = data is not None and sha256(bytes(data["data"])) == key
            report.parts += data is not None
            report.bytes += 0 if data is None else len(data["data"])
            if not whole and key in holders:
                report.problems.append(_damaged_part(key, holders[key], is_there=data is not None))
            elif known.get(key) != counts[key]:
                report.problems.append(_wrong_count(key, known[key], counts[key]))
        ids = [share_id for (share_id,) in _rows(connection, shares.c.id)]
        report.links = len(ids)
        for share_id in sorted(ids):
            row = _read(connection, store.select_share(share_id))
            report.problems += _of_link(share_id, row, held.get(share_id, {}), store.clock())
        report.problems += [
            Problem("count", share_id, f"Parts are held for the link {share_id}, which is gone.")
            for share_id in sorted(held.keys() - set(ids))
        ]
    return report


def repair(
    store: SharedLinks, found: StoreReport, backup: SharedLinks | None = None
) -> StoreReport:
    """Mend what can be: damaged links from `backup`, whose parts and links count only where they
    have the checksums under which they were saved; counts, seals and indexes by themselves. Nothing
    of a link is removed. Gives the report of what is left.
    """
    kinds = {problem.kind for problem in found.problems}
    if "file" in kinds and store.engine.dialect.name == "sqlite":
        with store.database.writes() as connection:
            connection.execute(text("REINDEX"))
    if backup is not None and kinds & {"part", "link"}:
        with backup.database.reads() as source, store.database.writes() as connection:
            for problem in found.problems:
                if problem.kind == "link":
                    _restore_link(connection, source, problem.subject)
                elif problem.kind == "part":
                    _restore_part(connection, source, problem.subject)
    is_whole = not found.damaged or not check(store).damaged
    with store.database.writes() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("LOCK TABLE share_contents, contents IN EXCLUSIVE MODE"))
        links = (
            select(func.count())
            .where(share_contents.c.sha256 == contents.c.sha256)
            .scalar_subquery()
        )
        if is_whole:
            # What no link holds may be what a damaged one has lost.
            connection.execute(
                delete(share_contents).where(share_contents.c.share_id.not_in(select(shares.c.id)))
            )
            connection.execute(delete(contents).where(links == 0))
        counted = contents.update().where(contents.c.links != links, links > 0)
        connection.execute(counted.values(links=links))
        now = store.clock()
        connection.execute(
            shares.update().where(shares.c.opened_at > _latest(now)).values(opened_at=now)
        )
        seal_all(connection)
    return check(store)


def _latest(now: float) -> float:
    """When a link may have been last opened: a clock may be a little slow."""
    return now + SECONDS_PER_DAY


def _of_file(connection: Connection) -> Iterator[Problem]:
    if connection.dialect.name != "sqlite":
        return
    try:
        said = connection.execute(text(f"PRAGMA integrity_check({MAX_FILE_PROBLEMS})")).scalars()
        lines = [line for line in said.all() if line != "ok"]
    except SQLAlchemyError as error:
        lines = [str(error.__cause__ or error)]
    for line in lines:
        yield Problem("file", line, f"SQLite says of its file: {line}.")


def _of_link(
    share_id: str, row: Mapping[str, Any] | None, parts: Mapping[str, str], now: float
) -> Iterator[Problem]:
    try:
        if row is None:
            raise ValueError("can't be read")
        seal = seal_of(row, parts)
        is_late = row["opened_at"] > _latest(now)
    except (TypeError, ValueError):
        yield Problem("link", share_id, f"The link {share_id} can't be read.", (share_id,))
        return
    if row.get("seal") is None:
        yield Problem("seal", share_id, f"The link {share_id} has no seal yet.")
    elif row["seal"] != seal:
        sentence = f"The link {share_id} or its list of parts is not what was saved."
        yield Problem("link", share_id, sentence, (share_id,))
    if is_late:
        yield Problem("time", share_id, f"The link {share_id} was last opened in the future.")


def _damaged_part(key: str, holders: list[str], *, is_there: bool) -> Problem:
    named = ", ".join(sorted(holders)[:MAX_NAMED])
    more = f" and {len(holders) - MAX_NAMED} more" if len(holders) > MAX_NAMED else ""
    what = "is not what was saved" if is_there else "is gone"
    return Problem(
        "part", key, f"The part {key[:8]} of {named}{more} {what}.", tuple(sorted(holders))
    )


def _wrong_count(key: str, said: int, counted: int) -> Problem:
    if counted == 0:
        return Problem("count", key, f"The part {key[:8]} belongs to no link.")
    sentence = f"The part {key[:8]} is held by {counted} links, not by {said} as it says."
    return Problem("count", key, sentence)


def _rows(connection: Connection, *columns: Any) -> list[Any]:
    return list(connection.execute(select(*columns)).all())


def _read(connection: Connection, query: Any) -> Mapping[str, Any] | None:
    """The first row; None where there is none or it can't be read."""
    try:
        with connection.begin_nested():
            row = connection.execute(query).mappings().first()
            return None if row is None else dict(row)
    except (SQLAlchemyError, TypeError, ValueError):
        return None


def _restore_part(connection: Connection, source: Connection, key: str) -> None:
    row = _read(source, select(contents.c.data).where(contents.c.sha256 == key))
    if row is None or sha256(bytes(row["data"])) != key:
        return
    data = bytes(row["data"])
    changed = connection.execute(
        contents.update().where(contents.c.sha256 == key).values(data=data, bytes=len(data))
    )
    if not changed.rowcount:
        connection.execute(
            contents.insert().values(sha256=key, data=data, bytes=len(data), links=1)
        )


def _restore_link(connection: Connection, source: Connection, share_id: str) -> None:
    row = _read(source, select(shares).where(shares.c.id == share_id))
    sealed = _read(connection, select(shares.c.seal).where(shares.c.id == share_id))
    listed = select(share_contents.c.kind, share_contents.c.sha256)
    held = source.execute(listed.where(share_contents.c.share_id == share_id))
    parts: dict[str, str] = {kind: str(key) for kind, key in held}
    if row is None or sealed is None or seal_of(row, parts) != sealed["seal"]:
        return
    restored = {name: value for name, value in row.items() if name != "opened_at"}
    connection.execute(shares.update().where(shares.c.id == share_id).values(**restored))
    connection.execute(delete(share_contents).where(share_contents.c.share_id == share_id))
    for kind, key in parts.items():
        _restore_part(connection, source, key)
        connection.execute(share_contents.insert().values(share_id=share_id, kind=kind, sha256=key))
