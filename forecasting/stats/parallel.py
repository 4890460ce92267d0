"""The same function over many items, on as many processes or machines as a setting names; results
in order, the same wherever they ran.

FORECASTING_JOBS      how many at once on this machine (default 1: in this process)
FORECASTING_BACKEND   a back-end of joblib: loky (default, processes), multiprocessing, threading
FORECASTING_DASK      tcp://… of a Dask scheduler: spread over its workers instead (needs the
                      package `distributed`); the workers must find
                      this package: start them with its folder in PYTHONPATH
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any, TypeVar

from forecasting.errors import InputError, UnknownNameError
from forecasting.stats.budget import check_budget

Item = TypeVar("Item")
Result = TypeVar("Result")

BACKENDS = ("loky", "multiprocessing", "threading")
_inside: ContextVar[bool] = ContextVar("inside the work of a map", default=False)


def parallel_map(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    jobs: int | None = None,
    backend: str | None = None,
    dask: str | None = None,
) -> list[Result]:
    """`[function(item) for item in items]`, in the order of the items, spread over processes or
    machines.

    Parameters
    ----------
    function : function of one item
        What is computed; it and the items can be pickled where they go to other processes.
    items : iterable
        What it is computed for.
    jobs : int or None
        How many at once on this machine, 1: in this process; None: as FORECASTING_JOBS says.
    backend : str or None
        A back-end of joblib: "loky", "multiprocessing" or "threading"; None: as FORECASTING_BACKEND
        says.
    dask : str or None
        Address of a Dask scheduler to spread over instead, "": none; None: as FORECASTING_DASK
        says.

    Raises
    ------
    InputError
        For settings that can't be used, naming the setting.
    """
    return list(_each(function, items, jobs, backend, dask, return_as="generator"))


def parallel_each(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    jobs: int | None = None,
    backend: str | None = None,
    dask: str | None = None,
    in_order: bool = False,
) -> Iterator[Result]:
    """The results of `parallel_map` one by one, each as soon as it is there. Few items are taken
    ahead of their turn, and each goes out by itself.

    Parameters
    ----------
    function : function of one item
        As for `parallel_map`, and so are all others.
    items : iterable
        What it is computed for.
    jobs : int or None
        How many at once on this machine.
    backend : str or None
        A back-end of joblib.
    dask : str or None
        Address of a Dask scheduler.
    in_order : bool
        Whether each waits for those before it; else they come in any order.

    Raises
    ------
    InputError
        For settings that can't be used, naming the setting.
    """
    how = "generator" if in_order else "generator_unordered"
    return _each(function, items, jobs, backend, dask, return_as=how, batch_size=1)


def _each(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    jobs: int | None,
    backend: str | None,
    dask: str | None,
    **options: Any,
) -> Iterator[Result]:
    dask = os.environ.get("FORECASTING_DASK", "") if dask is None else dask
    backend = os.environ.get("FORECASTING_BACKEND", "loky") if backend is None else backend
    jobs = _jobs(os.environ.get("FORECASTING_JOBS", "1")) if jobs is None else jobs
    if backend not in BACKENDS:
        raise UnknownNameError("FORECASTING_BACKEND", backend, BACKENDS)
    if _inside.get() or (not dask and jobs == 1):
        yield from map(function, _looked_at(items))
        return
    import joblib

    client: Any = _client(dask) if dask else nullcontext()
    with client, joblib.parallel_config("dask" if dask else backend, n_jobs=-1 if dask else jobs):
        # In a tuple, which joblib sends with the task: it leaves large arrays with one worker, and
        # what that worker held can't be computed once it has died.
        calls = (joblib.delayed(_Inside(function))((item,)) for item in items)
        if backend == "multiprocessing" and not dask:
            # This one gives all results at once.
            yield from joblib.Parallel()(calls)
            return
        with _ended(joblib.Parallel(**options)(calls)) as done:
            yield from _looked_at(done)


class _Inside:
    """A function that runs within the work of another map: its own maps stay where it is, since a
    worker that waited for others would keep them from its place.
    """

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function

    def __call__(self, items: tuple[Any]) -> Any:
        """The function of the one item."""
        token = _inside.set(True)
        try:
            return self._function(*items)
        finally:
            _inside.reset(token)


@contextmanager
def _ended(results: Any) -> Iterator[Any]:
    """A generator of joblib, of which nothing is computed any more afterwards, used up or not."""
    try:
        yield results
    finally:
        with warnings.catch_warnings():
            # That results were computed and not used: they are of work that was stopped.
            warnings.simplefilter("ignore", UserWarning)
            results.close()


def _looked_at(each: Iterable[Item]) -> Iterator[Item]:
    """The same, with a look at the budget of the work before each."""
    for one in each:
        check_budget()
        yield one


def _jobs(text: str) -> int:
    try:
        jobs = int(text)
    except ValueError:
        jobs = 0
    if jobs == 0 or jobs < -1:
        raise InputError(
            "FORECASTING_JOBS", text, "Give a whole number of at least 1, or -1 for all cores."
        )
    return jobs


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise InputError(
            "FORECASTING_DASK",
            address,
            "Dask needs the package distributed: pip install distributed.",
        ) from None
    try:
        return Client(address, timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise InputError(
            "FORECASTING_DASK",
            address,
            f"No Dask scheduler answers there ({type(error).__name__}).",
        ) from None
