"""Settings of the store, from the environment.

DATABASE_URL                            PostgreSQL, as postgresql://user:password@host/name; without
                                        it SQLite
COMPUTE_FORECAST_STORE                  the SQLite file; default data/shared.sqlite3 beside app.py
                                        in a checkout, compute-forecast/shared.sqlite3 in
                                        XDG_DATA_HOME where installed; the folder is made
COMPUTE_FORECAST_RETENTION_DAYS         how long a link lasts after it was last opened; default 180
COMPUTE_FORECAST_LINKS_AN_HOUR          how many links a client may save in an hour; default 60
COMPUTE_FORECAST_MIB_A_LINK             how much one link may hold; default 20
COMPUTE_FORECAST_MIB_IN_ALL             how much the whole store may take; default 10,240
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import URL, create_engine, make_url
from sqlalchemy.exc import ArgumentError

from dashboard.store.errors import StoreError
from dashboard.store.guarded_links import GuardedLinks
from dashboard.store.shared_links import Limits, SharedLinks

CHECKOUT = Path(__file__).resolve().parents[2]


def default_file() -> Path:
    """Beside app.py in a checkout; where installed in the user's folder of data, since the next
    installation may replace the package's own.
    """
    if (CHECKOUT / "app.py").is_file():
        return CHECKOUT / "data" / "shared.sqlite3"
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "compute-forecast" / "shared.sqlite3"


class StoreSettings(BaseModel):
    """Where links are kept and within which limits."""

    model_config = ConfigDict(frozen=True)

    database_url: str = ""
    file: Path = Field(default_factory=default_file)
    retention_days: float = Field(180.0, gt=0, le=36_500)
    links_an_hour: int = Field(60, ge=1, le=1_000_000)
    mib_a_link: float = Field(20.0, gt=0, le=1024)
    mib_in_all: float = Field(10_240.0, gt=0, le=1e9)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> StoreSettings:
        """The settings; raises StoreError that names the variable and the value seen."""
        names = {
            "database_url": "DATABASE_URL",
            "file": "COMPUTE_FORECAST_STORE",
            "retention_days": "COMPUTE_FORECAST_RETENTION_DAYS",
            "links_an_hour": "COMPUTE_FORECAST_LINKS_AN_HOUR",
            "mib_a_link": "COMPUTE_FORECAST_MIB_A_LINK",
            "mib_in_all": "COMPUTE_FORECAST_MIB_IN_ALL",
        }
        given = os.environ if environment is None else environment
        values: dict[str, Any] = {
            field: given[name] for field, name in names.items() if given.get(name)
        }
        try:
            return cls(**values)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise StoreError(
                f"{names.get(str(first['loc'][0]))} is “{first['input']}”: {first['msg']}."
            ) from None

    @property
    def url(self) -> URL:
        """The address of the database; raises StoreError for one that is none."""
        if not self.database_url:
            return URL.create("sqlite", database=str(self.file))
        try:
            url = make_url(self.database_url)
        except (ArgumentError, ValueError):  # the latter for a port that is no number
            raise StoreError(
                "DATABASE_URL is not the address of a database: write"
                " postgresql://user:password@host/name."
            ) from None
        if url.drivername in ("postgres", "postgresql"):
            url = url.set(drivername="postgresql+psycopg")
        if not url.drivername.startswith(("postgresql", "sqlite")):
            raise StoreError(
                f"DATABASE_URL names {url.drivername}: only PostgreSQL and SQLite are supported."
            )
        return url

    @property
    def is_shared(self) -> bool:
        """Whether several processes on this machine see the same links."""
        url = self.url
        return url.drivername != "sqlite" or url.database not in (None, "", ":memory:")

    def check(self) -> None:
        """Raises StoreError where the address of the database is none, or what it needs is not
        installed; the database itself need not answer.
        """
        try:
            self.url.get_dialect().import_dbapi()
        except ModuleNotFoundError:
            raise _no_driver() from None

    def open(self) -> SharedLinks:
        """The store; a SQLite file's folder is made."""
        url = self.url
        if url.drivername == "sqlite" and url.database:
            try:
                Path(url.database).parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(
                    f"The folder of {url.database} can't be created ({error.strerror}): set"
                    " COMPUTE_FORECAST_STORE to a folder that can be written to."
                ) from None
        try:
            engine = create_engine(url, pool_size=10, max_overflow=10, **_waits(url))
        except ModuleNotFoundError:
            raise _no_driver() from None
        limits = Limits(
            int(self.mib_a_link * 2**20),
            self.links_an_hour,
            self.retention_days,
            int(self.mib_in_all * 2**20),
        )
        kind = SharedLinks if url.drivername == "sqlite" else GuardedLinks
        return kind(engine, limits)


def _no_driver() -> StoreError:
    return StoreError(
        "PostgreSQL needs psycopg: pip install -r requirements-postgresql.txt, or"
        " compute-forecast[postgresql]."
    )


def _waits(url: URL) -> dict[str, Any]:
    """How long to wait for a database on another machine, beside what the address itself says."""
    if url.drivername == "sqlite":
        return {}
    waits = {
        "connect_timeout": "5",
        "tcp_user_timeout": "10000",
        "options": "-c statement_timeout=15000 -c lock_timeout=5000",
    }
    given = {name: value for name, value in waits.items() if name not in url.query}
    return {"pool_pre_ping": True, "pool_timeout": 5, "connect_args": given}


@cache
def shared_links() -> SharedLinks:
    """The store of this process."""
    return StoreSettings.from_environment().open()
