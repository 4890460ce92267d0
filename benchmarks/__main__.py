"""`python -m benchmarks [name …]`; all of them without a name. `server:cost` times one page
alone; `crowd capacity` is one of several (`crowd --help`).
"""

from __future__ import annotations

import sys

from benchmarks import (
    against,
    backtest,
    bands,
    bands_ceiling,
    browser_speed,
    changes,
    crowd,
    first_minute,
    first_paint,
    hostile_uploads,
    hot_swap,
    inference,
    install,
    isoflop_coverage,
    large_upload,
    next_run,
    page_speed,
    pictures,
    plan,
    reading,
    refresh,
    repeated_sampling,
    scaling_coverage,
    scaling_speed,
    serving,
    shared_links,
    short_series,
    structure,
    sweeps,
    text_exhaustion,
    trend_estimators,
)

BENCHMARKS = {
    "plan": plan.run,
    "trends": trend_estimators.run,
    "backtest": backtest.run,
    "bands": bands.run,
    "bands_ceiling": bands_ceiling.run,
    "short_series": short_series.run,
    "scaling_speed": scaling_speed.run,
    "scaling_coverage": scaling_coverage.run,
    "isoflop_coverage": isoflop_coverage.run,
    "next_run": next_run.run,
    "inference": inference.run,
    "text": text_exhaustion.run,
    "reading": reading.run,
    "large_upload": large_upload.run,
    "hostile_uploads": hostile_uploads.run,
    "hot_swap": hot_swap.run,
    "crowd": crowd.run,
    "shares": shared_links.run,
    "install": install.run,
    "repeated_sampling": repeated_sampling.run,
    "serving": serving.run,
    "structure": structure.run,
    "pictures": pictures.run,
    "refresh": refresh.run,
    "first_minute": first_minute.run,
    "sweeps": sweeps.run,
}
BENCHMARKS_OF_PAGES = {
    "against": against.run,
    "changes": changes.run,
    "server": page_speed.run,
    "capacity": page_speed.run_capacity,
    "browser": browser_speed.run,
    "first_paint": first_paint.run,
}

if sys.argv[1:2] == ["crowd"]:
    raise SystemExit(0 if crowd.run(sys.argv[2:]) else 1)

for wanted in sys.argv[1:] or [*BENCHMARKS, *BENCHMARKS_OF_PAGES]:
    name, _, page = wanted.partition(":")
    if name in BENCHMARKS:
        BENCHMARKS[name]()
    else:
        BENCHMARKS_OF_PAGES[name](page or None)
