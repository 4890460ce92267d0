"""`python -m benchmarks [name …]`: trends, server, capacity, browser; all of them without a name. `server:cost` times one page alone."""

from __future__ import annotations

import sys

from benchmarks import browser_speed, page_speed, trend_estimators

BENCHMARKS = {"trends": trend_estimators.run}
BENCHMARKS_OF_PAGES = {"server": page_speed.run, "capacity": page_speed.run_capacity, "browser": browser_speed.run}

for wanted in sys.argv[1:] or [*BENCHMARKS, *BENCHMARKS_OF_PAGES]:
    name, _, page = wanted.partition(":")
    if name in BENCHMARKS:
        BENCHMARKS[name]()
    else:
        BENCHMARKS_OF_PAGES[name](page or None)
