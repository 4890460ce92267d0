"""A copy of the product's tables, and a server that answers as their sources would."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from forecasting.data.dataset import BUNDLED_FOLDER, DataSet
from forecasting.data.replacement import WORK_FOLDER
from forecasting.data.today import TODAY_VARIABLE
from forecasting.refreshing import effects
from forecasting.reporting.overview import OverviewScenario
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


Figures = list[tuple[str, str]]
FIGURES: dict[tuple[str, ...], Figures] = {}


@pytest.fixture(autouse=True)
def figures_of_a_data_set_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Computes the headline figures of equal tables once for all tests: they take a second."""
    compute = effects._figures

    def known(data: DataSet) -> Figures:
        names = OverviewScenario.TABLES
        key = (data.fingerprint(names), *(data.catalogue[name].date for name in names))
        if key not in FIGURES:
            FIGURES[key] = compute(data)
        return FIGURES[key]

    monkeypatch.setattr(effects, "_figures", known)
