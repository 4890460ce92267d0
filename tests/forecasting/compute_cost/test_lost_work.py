"""Work lost to preemption: the intervals of Young and Daly against a simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forecasting.compute_cost.lost_work import (
    LostWorkFields,
    daly_interval,
    lost_share,
    young_interval,
)

CHECKPOINT, RESTART, BETWEEN_STOPS = 2.0, 15.0, 240.0


def simulated_share(interval: float, steps: int, seed: int = 0) -> float:
    """The share of time lost by a run that is stopped at random until it has done `steps` steps."""
    rng = np.random.default_rng(seed)
    paid, step = 0.0, interval + CHECKPOINT
    for _ in range(steps):
        while True:
            until_stop = rng.exponential(BETWEEN_STOPS)
            if until_stop >= step:
                paid += step
                break
            paid += until_stop
            # A restart may itself be cut short.
            while (stopped := rng.exponential(BETWEEN_STOPS)) < RESTART:
                paid += stopped
            paid += RESTART
    return 1.0 - steps * interval / paid


@pytest.mark.parametrize("interval", [10.0, 31.0, 90.0])
def test_the_share_lost_is_that_of_a_simulation(interval: float) -> None:
    formula = lost_share(interval, CHECKPOINT, RESTART, BETWEEN_STOPS)
    assert simulated_share(interval, 20_000) == pytest.approx(formula, abs=0.005)


def test_youngs_interval_is_the_root_of_twice_checkpoint_and_time_between_stops() -> None:
    assert young_interval(CHECKPOINT, BETWEEN_STOPS) == pytest.approx(math.sqrt(960.0))


def test_dalys_interval_loses_least() -> None:
    best = daly_interval(CHECKPOINT, BETWEEN_STOPS)
    grid = np.linspace(5.0, 120.0, 2301)
    least = grid[np.argmin([lost_share(t, CHECKPOINT, RESTART, BETWEEN_STOPS) for t in grid])]
    assert best == pytest.approx(least, rel=0.005)
    # Young's is within a few percent of it where checkpoints are short.
    assert young_interval(CHECKPOINT, BETWEEN_STOPS) == pytest.approx(least, rel=0.07)


def test_a_checkpoint_longer_than_the_time_between_stops_is_written_once_between_them() -> None:
    assert daly_interval(10.0, 4.0) == 4.0


def test_a_run_that_is_never_stopped_loses_its_checkpoints_alone() -> None:
    assert lost_share(98.0, 2.0, 15.0, math.inf) == 0.02
    assert LostWorkFields(preemptions_per_day=0.0).lost_share == pytest.approx(2.0 / 1442.0)


def test_a_run_that_is_stopped_at_once_loses_everything() -> None:
    assert lost_share(1e6, 2.0, 15.0, 1.0) == 1.0


def test_the_interval_that_is_given_goes_before_the_best_one() -> None:
    assert LostWorkFields(checkpoint_interval_minutes=30.0).interval_minutes == 30.0
    best = LostWorkFields()
    assert best.interval_minutes == pytest.approx(daly_interval(2.0, 1440.0))
    assert best.lost_share < LostWorkFields(checkpoint_interval_minutes=30.0).lost_share
