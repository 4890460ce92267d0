"""How methods have done on the tracked series, computed when the tables are released: all series
take seconds by this product's methods, and each takes seconds by a peer from statsmodels.

own_records.json and peer_records.json have a row a series and method with a fingerprint of the
points that it was computed from. A row whose points are not those in use is not used;
`python -m tests.tools.precompute` computes what is missing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from forecasting.evaluation.tracked_series import TrackedSeries

OWN_FILE = Path(__file__).with_name("own_records.json")
PEER_FILE = Path(__file__).with_name("peer_records.json")
_HEX_DIGITS = 16


def fingerprint(series: TrackedSeries) -> str:
    """The same for the same points, to ten digits: 16 hex digits."""
    points = np.column_stack([series.dates, series.values])
    text = "\n".join(f"{date:.9f} {value:.9e}" for date, value in points.tolist())
    return hashlib.sha256(text.encode()).hexdigest()[:_HEX_DIGITS]


def shipped_row(series: TrackedSeries, method: str) -> dict[str, Any] | None:
    """The row of a series and method, where there is one for these points."""
    row = _rows().get((fingerprint(series), method))
    return None if row is None else {**row, "chosen_on_it": series.chosen_on}


@cache
def _rows() -> dict[tuple[str, str], dict[str, Any]]:
    found = {}
    for file in (OWN_FILE, PEER_FILE):
        read = json.loads(file.read_text(encoding="utf-8"))
        for points, method, cells in read["rows"]:
            found[points, method] = dict(zip(read["columns"], cells, strict=True))
    return found


def write(file: Path, rows: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
    """Replace the rows of a file, given by the fingerprint of the points and the method."""
    columns = list(next(iter(rows.values())))
    lines = ",\n".join(
        json.dumps([*key, [row[name] for name in columns]]) for key, row in rows.items()
    )
    text = f'{{"columns": {json.dumps(columns)},\n"rows": [\n{lines}\n]}}\n'
    file.write_text(text, encoding="utf-8")
    _rows.cache_clear()
