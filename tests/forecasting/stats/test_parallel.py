from __future__ import annotations

import math

import pytest

import forecasting as fc
from forecasting.stats.parallel import parallel_map


def test_one_job_runs_here_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORECASTING_DASK", raising=False)
    assert parallel_map(math.sqrt, [1.0, 4.0, 9.0]) == [1.0, 2.0, 3.0]


def test_the_environment_names_jobs_and_back_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORECASTING_JOBS", "2")
    monkeypatch.setenv("FORECASTING_BACKEND", "threading")
    assert parallel_map(math.sqrt, [1.0, 4.0, 9.0]) == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("FORECASTING_JOBS", "many", "whole number of at least 1"),
        ("FORECASTING_JOBS", "0", "whole number of at least 1"),
        ("FORECASTING_BACKEND", "telepathy", "loky"),
    ],
)
def test_settings_that_cannot_be_used_are_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(fc.InputError, match=said):
        parallel_map(math.sqrt, [1.0])


def test_a_dask_scheduler_that_does_not_answer_is_said() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(fc.InputError, match="FORECASTING_DASK"):
        parallel_map(math.sqrt, [1.0], dask="nonsense")
