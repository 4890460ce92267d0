"""How the peers from statsmodels have done on the tracked series, computed when the tables are
released: they take seconds a series.

peer_records.json has a row a series and peer with a fingerprint of the points that it was computed
from. A row whose points are not those in use is not used; `python -m tests.tools.precompute`
computes what is missing.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from forecasting.evaluation.tracked_series import TrackedSeries

FILE = Path(__file__).with_name("peer_records.json")
_HEX_DIGITS = 16


def fingerprint(series: TrackedSeries) -> str:
    """The same for the same points, to ten digits: 16 hex digits."""
    points = np.column_stack([series.dates, series.values])
    text = "\n".join(f"{date:.9f} {value:.9e}" for date, value in points.tolist())
    return hashlib.sha256(text.encode()).hexdigest()[:_HEX_DIGITS]


def shipped_row(series: TrackedSeries, method: str) -> dict[str, Any] | None:
    """The row of a series and peer, where there is one for these points."""
    return _rows().get((fingerprint(series), method))


@cache
def _rows() -> dict[tuple[str, str], dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return {(row["points_are"], row["peer"]): row["record"] for row in rows}
