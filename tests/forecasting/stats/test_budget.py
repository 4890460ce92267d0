from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

import forecasting as fc
from forecasting.data.dataset import bundled
from forecasting.data.result_cache import ResultCache
from forecasting.errors import TookTooLongError
from forecasting.evaluation.law_track_record import LawTrackRecord, law_track_record
from forecasting.fitting.law_choice import chinchilla_runs
from forecasting.stats.budget import Budget, StoppedError, check_budget, has_budget, within
from forecasting.stats.parallel import parallel_map


class Steps:
    """A look that counts the steps of the work, and ends it after `most`."""

    def __init__(self, most: float = float("inf")) -> None:
        self.count, self.most = 0, most
        self.budget = Budget(600.0, self)

    def __call__(self) -> None:
        self.count += 1
        if self.count >= self.most:
            self.budget.cancel()


def test_work_without_a_budget_is_never_stopped() -> None:
    assert not has_budget()
    check_budget()


def test_work_that_takes_too_long_is_stopped_at_its_next_step_with_a_sentence() -> None:
    with (
        pytest.raises(TookTooLongError, match="longer than -1 seconds and was stopped"),
        within(Budget(-1.0)),
    ):
        check_budget()
    assert not has_budget()


def test_an_inner_budget_ends_its_own_part_alone() -> None:
    with within(Budget(600.0)):
        with pytest.raises(TookTooLongError), within(Budget(-1.0)):
            check_budget()
        check_budget()


def test_an_outer_budget_ends_what_an_inner_one_allows() -> None:
    with (
        pytest.raises(TookTooLongError, match="longer than -1 seconds"),
        within(Budget(-1.0)),
        within(Budget(600.0)),
    ):
        check_budget()


def test_cancelled_work_ends_without_an_error_for_the_user() -> None:
    budget = Budget(600.0)
    budget.cancel()
    with pytest.raises(StoppedError), within(budget):
        check_budget()


def fitted() -> object:
    return fc.fit_scaling_law(chinchilla_runs(bundled()), bootstrap=200)


def judged() -> LawTrackRecord:
    return law_track_record(bundled())


def mapped() -> list[int]:
    return parallel_map(abs, range(50), jobs=1)


@pytest.mark.parametrize("work", [fitted, judged, mapped])
def test_long_work_ends_at_the_step_at_which_it_is_cancelled(work: Callable[[], object]) -> None:
    steps = Steps(most=20)
    with pytest.raises(StoppedError), within(steps.budget):
        work()
    assert steps.count == 20


def test_work_spread_over_threads_ends_too() -> None:
    steps = Steps(most=5)
    with pytest.raises(StoppedError), within(steps.budget):
        parallel_map(abs, range(50), jobs=2, backend="threading")
    assert steps.count == 5


def test_who_waits_for_the_result_of_another_can_stop_waiting() -> None:
    cache, begun, may_end = ResultCache(), threading.Event(), threading.Event()

    def compute() -> int:
        begun.set()
        may_end.wait(60)
        return 7

    other = threading.Thread(target=cache.get, args=("key", compute))
    other.start()
    begun.wait(60)
    with pytest.raises(TookTooLongError), within(Budget(0.05)):
        cache.get("key", compute)
    may_end.set()
    other.join()
    assert cache.get("key", lambda: 0) == 7


def test_stopped_work_leaves_no_result_and_the_next_caller_computes_it() -> None:
    cache = ResultCache()

    def stopped() -> int:
        with within(Budget(-1.0)):
            check_budget()
        return 1

    with pytest.raises(TookTooLongError):
        cache.get("key", stopped)
    assert cache.get("key", lambda: 2) == 2
