"""Computes the results that are shipped, on the tables of the product and on those that certified
numbers are tested on: python -m tests.tools.precompute

The track record of all series by this product's methods, and by peers where no row is on record
yet; the record of scaling laws; the rows of the reference sets. Run it after the tables have
changed, or what computes these; results of tables that are neither go.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from forecasting.data.dataset import BUNDLED_FOLDER, DataSet
from forecasting.errors import NotEnoughDataError
from forecasting.evaluation import law_track_record, shipped_records
from forecasting.evaluation.all_records import PEER_METHODS, SHIPPED_METHODS, fresh_row
from forecasting.evaluation.shipped_records import OWN_FILE, PEER_FILE, fingerprint, shipped_row
from forecasting.evaluation.tracked_series import tracked_series
from forecasting.scaling import set_overview
from tests.vintage import VINTAGE_FOLDER

DIGITS = 10


def main() -> None:
    """Write all files."""
    both = [DataSet(folder) for folder in (BUNDLED_FOLDER, VINTAGE_FOLDER)]
    law_track_record.SHIPPED.write([(data, _law_records(data)) for data in both])
    set_overview.SHIPPED.write([(data, _set_rows(data)) for data in both])
    print(f"{write_own(both)} rows of own methods, {write_peers(both)} rows of peers")


def _law_records(data: DataSet) -> dict[str, Any]:
    record = law_track_record.law_track_record(data)
    return {"checks": [asdict(check) for check in record.checks], "left_out": record.left_out}


def _set_rows(data: DataSet) -> list[dict[str, Any]]:
    return [asdict(row) for row in set_overview.set_rows(set_overview.SetOverviewInputs(), data)]


def write_own(both: list[DataSet]) -> int:
    """Write the rows of this product's methods; gives how many."""
    rows = {
        (fingerprint(series), method): fresh_row(series, method)
        for data in both
        for series in tracked_series(data).values()
        for method in SHIPPED_METHODS
    }
    shipped_records.write(OWN_FILE, rows)
    return len(rows)


def write_peers(both: list[DataSet]) -> int:
    """Write the rows of the peers; gives how many."""
    rows = {}
    for data in both:
        for series in tracked_series(data).values():
            for method in PEER_METHODS:
                try:
                    record = shipped_row(series, method) or fresh_row(series, method)
                except NotEnoughDataError:
                    continue
                rows[fingerprint(series), method] = {
                    name: float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
                    for name, value in record.items()
                }
    shipped_records.write(PEER_FILE, rows)
    return len(rows)


if __name__ == "__main__":
    main()
