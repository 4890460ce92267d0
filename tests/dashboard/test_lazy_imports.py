"""What a start and the pages' defaults must not pay for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_a_fresh_start_imports_no_statsmodels() -> None:
    """Its import takes seconds: it waits until someone asks for what it computes."""
    code = (
        "import sys; import dashboard.server.app;"
        " from dashboard.server.warm_up import import_heavy_modules; import_heavy_modules();"
        " from dashboard.pages.registry import PAGES;"
        " [section.load() for page in PAGES.values() for section in page.sections];"
        " import forecasting as fc; fc.price_trend(fc.CostScenario());"
        " print('statsmodels' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False"]
