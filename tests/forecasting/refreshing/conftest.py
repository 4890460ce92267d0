"""A copy of the product's tables, and a server that answers as their sources would."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from forecasting.data.dataset import BUNDLED_FOLDER
from forecasting.data.replacement import WORK_FOLDER
from forecasting.data.today import TODAY_VARIABLE
from tests.forecasting.refreshing.source_bodies import bodies
from tests.forecasting.refreshing.source_server import SourceServer, serving
from tests.vintage import shipped

TODAY = "2026-11-29"


@cache
def _bodies() -> dict[str, bytes]:
    return bodies(shipped())


@pytest.fixture(autouse=True)
def day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TODAY_VARIABLE, TODAY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "tables"
    shutil.copytree(BUNDLED_FOLDER, place, ignore=shutil.ignore_patterns(WORK_FOLDER))
    return place


@pytest.fixture
def server() -> Iterator[SourceServer]:
    with serving(_bodies()) as running:
        yield running
