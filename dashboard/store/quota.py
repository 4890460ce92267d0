"""How much the whole store may hold: told in the log before it is full, and to who saves once it
is.
"""

from __future__ import annotations

import logging

from sqlalchemy import Connection, text

from dashboard.store.errors import LimitError

logger = logging.getLogger(__name__)
#: The shares of the quota from which on the log tells of it, and who saves.
NEARLY_FULL = 0.8
TOLD_TO_SAVERS = 0.9
MIB = 2**20


class Quota:
    """The size of the store as of the last save, its `share` of what it may hold, and whether the
    log has told of it.
    """

    def __init__(self) -> None:
        self.used_bytes = 0
        self.share = 0.0
        self._told = False

    def check(self, connection: Connection, more_bytes: int, most_bytes: int) -> None:
        """Raises LimitError where so much more does not fit into `most_bytes`; from NEARLY_FULL on
        the log has a line, once until there is room again.
        """
        self.used_bytes = size_of(connection)
        used = self.used_bytes + more_bytes
        self.share = used / most_bytes
        is_nearly_full = used > NEARLY_FULL * most_bytes
        if is_nearly_full and not self._told:
            logger.warning(
                "The store of shared links holds %.0f of its %.0f MiB: raise"
                " COMPUTE_FORECAST_MIB_IN_ALL, or shorten COMPUTE_FORECAST_RETENTION_DAYS.",
                used / MIB,
                most_bytes / MIB,
            )
        self._told = is_nearly_full
        if used > most_bytes:
            raise LimitError(
                f"The store of shared links is full: its {most_bytes / MIB:,.0f} MiB are taken."
                " Copy the plain link, or ask who runs this server for room."
            )

    @property
    def warning(self) -> str:
        """What who saves is told before the store is full, "" where there is room."""
        if self.share <= TOLD_TO_SAVERS:
            return ""
        return (
            f"The store of shared links is nearly full ({100.0 * self.share:.0f}%): once it is,"
            " nothing more can be saved. Delete links that you no longer need, or tell who runs"
            " this server."
        )


def size_of(connection: Connection) -> int:
    """The bytes that the database takes, without what deleted links have left free."""
    if connection.dialect.name == "sqlite":
        pages, free, size = (
            int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())
            for name in ("page_count", "freelist_count", "page_size")
        )
        return (pages - free) * size
    tables = "pg_total_relation_size('contents') + pg_total_relation_size('shares')"
    return int(connection.execute(text(f"SELECT {tables}")).scalar_one())
