"""Every trend estimator with 500 block replicates on the 413 GPUs, against the plain statsmodels
loop.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

import forecasting as fc
from forecasting.units import decimal_years

REPLICATES = 500
REFERENCE_FITS = 10


def run() -> None:
    import statsmodels.api as sm

    table = fc.bundled()["gpu_prices"]
    dates = decimal_years(table["release_date"].to_numpy())
    values = (table["fp32_flop_per_s"] / table["price_2020_usd"]).to_numpy()
    y, design = np.log10(values), np.column_stack([np.ones(dates.size), dates - dates.mean()])
    peers: dict[str, Callable[[], object]] = {
        "ols": lambda: sm.OLS(y, design).fit(),
        "robust": lambda: sm.RLM(y, design, M=sm.robust.norms.HuberT()).fit(),
        "frontier": lambda: sm.QuantReg(y, design).fit(q=0.9),
    }
    print(
        f"trend estimators: {REPLICATES} block replicates on {dates.size} points; the peer's time"
        f" is {REPLICATES} × the median of one fit"
    )
    for method in ("ols", "robust", "frontier", "record"):
        ours = _median(
            lambda method=method: fc.fit_trend(dates, values, method=method, replicates=REPLICATES),
            7,
        )
        line = f"  {method:9s} {ours * 1e3:6.1f} ms"
        if method in peers:
            line += (
                "  | statsmodels loop takes"
                f" {REPLICATES * _median(peers[method], REFERENCE_FITS) / ours:.0f}× as long"
            )
        print(line)
    print(f"  structural break {_median(lambda: fc.find_break(dates, values), 5) * 1e3:.1f} ms")


def _median(function: Callable[[], object], runs: int) -> float:
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        function()
        times.append(time.perf_counter() - started)
    return statistics.median(times)
