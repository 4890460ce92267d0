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


def nested(numbers: list[float]) -> list[float]:
    """A map within the work of another."""
    return parallel_map(math.sqrt, numbers, dask="nowhere")


def test_maps_within_a_map_stay_where_they_are() -> None:
    """Workers that wait for each other would never end."""
    found = parallel_map(nested, [[1.0, 4.0], [9.0]], jobs=2, backend="threading")
    assert found == [[1.0, 2.0], [3.0]]
    with pytest.raises(fc.InputError, match="FORECASTING_DASK"):
        nested([1.0])


def refused(number: int) -> int:
    """What can't be computed."""
    raise fc.NotEnoughDataError(number, 5, "Give more.")


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_an_error_comes_back_as_it_was_raised(backend: str) -> None:
    with pytest.raises(fc.NotEnoughDataError) as raised:
        parallel_map(refused, [3], jobs=2, backend=backend)
    assert (raised.value.found, raised.value.needed) == (3, 5)
    assert str(raised.value) == str(fc.NotEnoughDataError(3, 5, "Give more."))
