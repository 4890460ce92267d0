"""When text runs out: 10,000 draws × 120 quarters with every factor in play, and the page's whole
forecasts; time and memory.
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable

import numpy as np

import forecasting as fc
from forecasting.stats.bands import QUANTILES
from forecasting.stats.crossing import first_crossing
from forecasting.stats.quantiles import quantile_of
from forecasting.text_limits.text_demand import log_compute_demand_at, log_history_demand_at
from forecasting.text_limits.text_exhaustion import mixture_of
from forecasting.text_limits.text_factors import DRAWS
from forecasting.text_limits.text_stock import text_stock

QUARTERS = 2020.0 + np.arange(120) / 4.0
REPEATS = 15
#: Every factor uncertain, the added supplies and over-training among them.
EVERYTHING = fc.TextScenario(
    repetition_by="law",
    epochs=fc.Distribution(2.0, 6.0, 0.8),
    multimodal=fc.Distribution(0.5, 10.0, 0.8),
    private=fc.Distribution(0.1, 2.0, 0.8),
    synthetic=fc.Distribution(0.1, 3.0, 0.8),
    overtraining=fc.Distribution(1.0, 10.0, 0.8),
    compute_shift_oom=fc.Distribution(-0.5, 0.5, 0.8, "normal"),
)


def quarterly() -> None:
    """Paths of stock and both demands at every quarter, their crossings, P(exhausted by quarter),
    and the bands of all three.
    """
    tables = fc.bundled()
    stock = text_stock(EVERYTHING, data=tables).log_tokens_at(QUARTERS)
    demands = (
        log_history_demand_at(EVERYTHING, QUARTERS, data=tables),
        log_compute_demand_at(EVERYTHING, QUARTERS),
    )
    dates = mixture_of(
        EVERYTHING, *(first_crossing(QUARTERS, (stock - demand).T) for demand in demands)
    )
    dates.share_by(QUARTERS)
    for logs in (stock, *demands):
        quantile_of(logs.T, QUANTILES)


def run() -> None:
    print(f"text exhaustion: {DRAWS:,} draws, medians of {REPEATS}, CPU time")
    for name, function in (
        (f"{QUARTERS.size} quarters, every factor, crossings and bands", quarterly),
        ("forecast of the page, default", lambda: fc.text_exhaustion(fc.TextScenario())),
        ("forecast of the page, every factor", lambda: fc.text_exhaustion(EVERYTHING)),
        ("what moves the date, default", lambda: fc.text_sensitivity(fc.TextScenario())),
    ):
        first = _timed(function)
        times = [_timed(function) for _ in range(REPEATS)]
        tracemalloc.start()
        function()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        print(
            f"  {name:54s} {statistics.median(times) * 1e3:6.1f} ms (first {first * 1e3:.0f} ms) "
            f" peak {peak / 2**20:.0f} MiB"
        )


def _timed(function: Callable[[], object]) -> float:
    started = time.process_time()
    function()
    return time.process_time() - started
