"""Runs of a known law, and the files that people would make of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from forecasting.ingest.runs import ParsedRuns

CASES = Path(__file__).parents[2] / "fixtures" / "runs" / "cases"
SIZES = (60e6, 150e6, 400e6, 1.1e9, 1.6e9, 2.6e9)
RATIOS = (6, 24, 96)
RUNS = tuple((N, N * ratio) for N in SIZES for ratio in RATIOS)


def loss_of(N: float, D: float) -> float:
    """The law that the files are made of, in nats per token."""
    return 1.7 + 400.0 / N**0.34 + 410.0 / D**0.28


def csv_of(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A CSV."""
    lines = [",".join(header), *(",".join(str(cell) for cell in row) for row in rows)]
    return "\n".join(lines) + "\n"


def assert_are_the_runs(runs: ParsedRuns, loss_factor: float = 1.0) -> None:
    """Sizes, tokens and losses are those of RUNS, to the digits that files give."""
    table = runs.table.sort_values(["params", "tokens"]).to_dict("list")
    np.testing.assert_allclose(table["params"], [N for N, _ in RUNS], rtol=2e-3)
    np.testing.assert_allclose(table["tokens"], [D for _, D in RUNS], rtol=2e-3)
    np.testing.assert_allclose(
        table["loss"], [loss_of(N, D) * loss_factor for N, D in RUNS], rtol=2e-3
    )
