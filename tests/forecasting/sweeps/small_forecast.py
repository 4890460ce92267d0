"""A forecast that takes no time, for sweeps in tests; run as a program it is slow."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.context import DataOrContext
from forecasting.errors import ForecastingError
from forecasting.scenario import SeededInputs, quantity
from forecasting.stats.bands import Range
from forecasting.sweeps.sweep import sweep

PAUSE_S = 0.02


class SmallInputs(SeededInputs):
    """A budget and names."""

    budget_usd: float = quantity(1.0, unit="USD", label="Budget", gt=0)
    names: tuple[str, ...] = quantity((), unit="name", label="Names")


@dataclass(frozen=True)
class SmallResult:
    """Draws around the budget."""

    scenario: SmallInputs
    table: pd.DataFrame
    total: Range

    @property
    def answer(self) -> str:
        """The budget in words."""
        return f"It costs ${self.scenario.budget_usd:g}."


def small(scenario: SmallInputs, *, data: DataOrContext | None = None) -> SmallResult:
    """Two years, drawn with the scenario's seed."""
    del data
    if scenario.budget_usd > 1e6:
        raise ForecastingError("The budget is too large for this forecast.")
    if scenario.budget_usd > 1e5:
        raise ZeroDivisionError
    drawn = scenario.budget_usd * np.random.default_rng(scenario.seed).lognormal(size=2)
    table = pd.DataFrame({"year": [2027, 2028], "usd": drawn, "names": len(scenario.names)})
    return SmallResult(scenario, table, Range(float(drawn.mean()), *drawn, unit="USD"))


def slow(scenario: SmallInputs, *, data: DataOrContext | None = None) -> SmallResult:
    """The same, after a while."""
    time.sleep(PAUSE_S)
    return small(scenario, data=data)


if __name__ == "__main__":
    from tests.forecasting.sweeps import small_forecast

    sweep(sys.argv[1], small_forecast.slow, output=sys.argv[2], rows_a_part=5)
