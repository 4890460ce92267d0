"""The score sheet of reading own files: the cases, files as people write them, and six tables
written in many ways. Each is read right, asked about, said, refused or, the worst, wrong without a
word.
"""

from __future__ import annotations

import time

from tests.forecasting.ingest.reading_scores import (
    counted,
    scores_of_cases,
    scores_of_mutations,
    scores_of_peoples_files,
)

VERDICTS = ("right", "asked", "said", "refused", "wrong")


def run() -> None:
    for title, scores in (
        ("cases", scores_of_cases),
        ("files as people write them", scores_of_peoples_files),
        ("six tables, each written in many ways", scores_of_mutations),
    ):
        started = time.perf_counter()
        counts, wrong = counted(scores())
        told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS)
        print(f"{title}: {counts.total()}: {told} ({time.perf_counter() - started:.0f} s)")
        for name in wrong:
            print(f"  WRONG {name}")
