"""The store on both databases: every test of this folder that takes `store` runs on each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from dashboard.store import SharedLinks, StoreSettings
from tests.store.postgresql_server import programs, running

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL cluster; where it is not installed, no test asks for this."""
    folder = programs()
    assert folder is not None
    with running(folder) as cluster:
        yield cluster.address


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'shared.sqlite3'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def postgresql_url(postgresql: str) -> str:
    """The address of an empty database of PostgreSQL."""
    name = f"test_{os.urandom(6).hex()}"
    engine = create_engine(
        postgresql.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return str(make_url(postgresql).set(database=name).render_as_string(hide_password=False))


class Clock:
    """A clock that the test moves."""

    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_days(self, days: float) -> None:
        self.now += 86_400 * days


@pytest.fixture
def clock() -> Clock:
    return Clock()


Opener = Callable[[StoreSettings], SharedLinks]


@pytest.fixture
def open_store() -> Iterator[Opener]:
    """Opens stores, and lets go of their connections at the end."""
    opened: list[SharedLinks] = []

    def opener(settings: StoreSettings) -> SharedLinks:
        opened.append(settings.open())
        return opened[-1]

    yield opener
    for one in opened:
        one.close()


@pytest.fixture
def store(database_url: str, clock: Clock, open_store: Opener) -> SharedLinks:
    opened = open_store(StoreSettings(database_url=database_url))
    opened.clock = clock
    opened.limits = replace(opened.limits, links_an_hour=1000)
    return opened
