"""The package chinchilla on a CSV of runs, its own way. Run by scaling_speed under a Python that
has the package.

python chinchilla_peer.py runs.csv example|huber     prints one line of JSON

"example": grid of starts and loss function of the package's own README. "huber": the same grid, but
our objective (its log_huber with δ = 0.001), so that the two optima can be compared.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

DELTA = 1e-3


def main(path: str, settings: str) -> None:
    import matplotlib as mpl
    import numpy as np

    mpl.use("Agg")
    from chinchilla import Chinchilla
    from chinchilla._metrics import log_huber

    folder = Path(tempfile.mkdtemp())
    (folder / "df.csv").write_text(Path(path).read_text())
    other = (
        {}
        if settings == "example"
        else {"loss_fn": lambda true, predicted: log_huber(true, predicted, delta=DELTA)}
    )
    grid = {
        "E": np.linspace(1, 2, 5),
        "a": np.linspace(1, 10, 5),
        "b": np.linspace(1, 10, 5),
        "alpha": np.linspace(0.1, 0.7, 5),
        "beta": np.linspace(0.1, 0.7, 5),
    }
    fit = Chinchilla(str(folder), param_grid=grid, log_level=40, **other)
    started, used = time.perf_counter(), time.process_time()
    fit.fit(parallel=False)
    law = {name: float(getattr(fit, name)) for name in ("E", "A", "B", "alpha", "beta")}
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - started,
                "cpu_seconds": time.process_time() - used,
                "law": law,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:3])
