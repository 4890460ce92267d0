"""Judges the peers of the track record where no row is on record yet, on the tables that are
shipped and on those that certified numbers are tested on: python -m tests.tools.precompute_peers

Run it after the tables have changed; rows of tables that are neither go.
"""

from __future__ import annotations

import json

from forecasting.data.dataset import BUNDLED_FOLDER, DataSet
from forecasting.errors import NotEnoughDataError
from forecasting.evaluation.all_records import PEER_METHODS, fresh_row
from forecasting.evaluation.peer_records import FILE, fingerprint, shipped_row
from forecasting.evaluation.tracked_series import tracked_series
from tests.vintage import VINTAGE_FOLDER

DIGITS = 10


def main() -> None:
    rows = {}
    for folder in (BUNDLED_FOLDER, VINTAGE_FOLDER):
        data = DataSet(folder)
        for series in tracked_series(data).values():
            for method in PEER_METHODS:
                try:
                    record = shipped_row(series, method) or fresh_row(series, method)
                except NotEnoughDataError:
                    continue
                rows[fingerprint(series), method] = {
                    "series": series.key,
                    "points_are": fingerprint(series),
                    "peer": method,
                    "record": {
                        name: float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
                        for name, value in record.items()
                    },
                }
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows.values())
    FILE.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    print(f"{len(rows)} rows")


if __name__ == "__main__":
    main()
