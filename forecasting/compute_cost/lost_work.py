r"""Work lost to preemption: how long a run on chips that can be taken away really takes, and how
often it pays to save its state.

.. math:: \frac{T}{\tau} = \frac{e^{R/M}\,\big(e^{(\tau + C)/M} - 1\big)}{\tau/M},\qquad
    \mathrm{lost} = 1 - \frac{\tau}{T}

T is the time that τ of work takes where the run is stopped at random, on average every M, a
checkpoint takes C to write and a restart R (Daly 2006, for stops that follow a Poisson process).
Young (1974) saves every √(2CM); Daly adds two terms:

.. math:: \tau = \sqrt{2CM}\left(1 + \tfrac13\sqrt{\tfrac{C}{2M}} + \tfrac19\tfrac{C}{2M}\right) - C

and every M where C ≥ 2M.
"""

from __future__ import annotations

import math

from forecasting.scenario import Inputs, quantity

MINUTES_PER_DAY = 1440.0


def young_interval(checkpoint: float, between_stops: float) -> float:
    """Young's interval between checkpoints, √(2CM), in the unit of both.

    Parameters
    ----------
    checkpoint : float
        Time to write a checkpoint, above 0.
    between_stops : float
        Mean time between stops, above 0.
    """
    return math.sqrt(2.0 * checkpoint * between_stops)


def daly_interval(checkpoint: float, between_stops: float) -> float:
    """Daly's interval between checkpoints, in the unit of both.

    Parameters
    ----------
    checkpoint : float
        Time to write a checkpoint, above 0.
    between_stops : float
        Mean time between stops, above 0.
    """
    ratio = checkpoint / (2.0 * between_stops)
    if ratio >= 1.0:
        return between_stops
    root = math.sqrt(ratio)
    young = young_interval(checkpoint, between_stops)
    return young * (1.0 + root / 3.0 + ratio / 9.0) - checkpoint


def lost_share(interval: float, checkpoint: float, restart: float, between_stops: float) -> float:
    """The share of paid time that is lost to checkpoints, restarts and work done again.

    Parameters
    ----------
    interval : float
        Work between two checkpoints, a time above 0.
    checkpoint : float
        Time to write a checkpoint.
    restart : float
        Time to start again after a stop.
    between_stops : float
        Mean time between stops; infinite: never stopped.
    """
    if math.isinf(between_stops):
        return checkpoint / (interval + checkpoint)
    steps = (interval + checkpoint) / between_stops
    exponent = restart / between_stops + steps
    if exponent > 700.0:  # it never gets there
        return 1.0
    needed = math.exp(restart / between_stops) * math.expm1(steps)
    return 1.0 - (interval / between_stops) / needed


class LostWorkFields(Inputs):
    """How often spot chips are taken away, and what a stop costs."""

    preemptions_per_day: float = quantity(
        1.0,
        unit="1/day",
        label="Spot: interruptions of a run (per day)",
        why=(
            "For the whole run, since losing one machine stops it. AWS's Spot Advisor sorts"
            " machines from under 5% to over 20% reclaimed per month: 0.1 to 0.4 per day for 64 of"
            " them (512 chips). Faults come on top: 466 stops in 54 days of Llama 3 on 16,384 chips"
            " are 0.3 per day for 512. 1 is a cautious assumption."
        ),
        ge=0.0,
        le=1000.0,
    )
    checkpoint_minutes: float = quantity(
        2.0,
        unit="minutes",
        label="Time to write a checkpoint (minutes)",
        why=(
            "An assumption: half a minute to 5 are plausible. The checkpoint of BLOOM (176 billion"
            " parameters) has 2.3 TB: two minutes at 19 GB per second."
        ),
        gt=0.0,
        le=1440.0,
    )
    restart_minutes: float = quantity(
        15.0,
        unit="minutes",
        label="Time to restart (minutes)",
        why=(
            "An assumption: new machines, loading the checkpoint, warming up; 5 to 30 minutes are"
            " plausible."
        ),
        ge=0.0,
        le=10_000.0,
    )
    checkpoint_interval_minutes: float | None = quantity(
        None,
        unit="minutes",
        label="Interval between checkpoints (minutes)",
        why="If none is given: the interval of Young and Daly, which loses the least work.",
        gt=0.0,
        le=100_000.0,
    )

    @property
    def minutes_between_stops(self) -> float:
        """Mean time between two stops; infinite where there are none."""
        stops = self.preemptions_per_day
        return MINUTES_PER_DAY / stops if stops > 0.0 else math.inf

    @property
    def interval_minutes(self) -> float:
        """Work between two checkpoints: the one given, or Daly's; without stops a day."""
        if self.checkpoint_interval_minutes is not None:
            return self.checkpoint_interval_minutes
        if math.isinf(self.minutes_between_stops):
            return MINUTES_PER_DAY
        return daly_interval(self.checkpoint_minutes, self.minutes_between_stops)

    @property
    def lost_share(self) -> float:
        """The share of paid time that is lost."""
        return lost_share(
            self.interval_minutes,
            self.checkpoint_minutes,
            self.restart_minutes,
            self.minutes_between_stops,
        )
