from __future__ import annotations

import gc
import weakref

from streamlit import config

from dashboard.server.garbage import FEW, collect_if_due


class Cycle:
    """What refers to itself."""

    def __init__(self) -> None:
        self.itself = self


def test_garbage_in_cycles_goes_once_work_was_done_and_nothing_is_looked_for_before() -> None:
    gc.collect()
    cycle = weakref.ref(Cycle())
    assert not collect_if_due()
    assert cycle() is not None
    made = [[] for _ in range(2 * FEW)]
    assert collect_if_due()
    assert cycle() is None
    assert len(made) == 2 * FEW


def test_streamlit_does_not_collect_after_each_run() -> None:
    assert config.get_option("runner.postScriptGC") is False
