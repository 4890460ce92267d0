"""`python -m benchmarks [name …]`: trends, server, browser; all of them without a name."""

from __future__ import annotations

import sys

from benchmarks import browser_speed, page_speed, trend_estimators

BENCHMARKS = {"trends": trend_estimators.run, "server": page_speed.run, "browser": browser_speed.run}

for name in sys.argv[1:] or list(BENCHMARKS):
    BENCHMARKS[name]()
