"""Saving and opening shared links with own runs: 1,000 of each, on SQLite. `python -m benchmarks
shares`

What is saved is what a page saves: a result of the cost page as JSON, a law with 4,000 draws, and
240 cleaned runs.
"""

from __future__ import annotations

import gzip
import tempfile
import time
from pathlib import Path

from benchmarks.servers import percentile
from dashboard.export import exports
from dashboard.export.exports import PageExport
from dashboard.state.own_data import StoredRuns
from dashboard.store import Share, StoreSettings, shared_runs
from forecasting.compute_cost.compute_cost import model_cost
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.data.dataset import bundled
from forecasting.fitting.law_choice import LawInUse, chinchilla_runs
from forecasting.fitting.scaling_fit import fit_scaling_law

LINKS = 1000


def run() -> None:
    tables = bundled()
    runs = chinchilla_runs(tables)
    fit = fit_scaling_law(runs, bootstrap=4000)
    law = LawInUse("yours", "My runs", fit.law, fit.draws, "own runs", is_yours=True)
    result = model_cost(CostScenario())
    shown = PageExport(
        "cost",
        "model",
        "Cost of compute",
        result.answer,
        result.table,
        CostScenario(),
        tables,
        "http://127.0.0.1/cost",
    )
    table = tables["runs_chinchilla"].head(240)
    with tempfile.TemporaryDirectory() as folder:
        store = StoreSettings(file=Path(folder) / "shared.sqlite3", links_an_hour=10**6).open()
        saves, opens, ids = [], [], []
        for number in range(LINKS):
            started = time.perf_counter()
            # Every link has runs of its own, so that nothing is saved by storing equal contents
            # once.
            own = StoredRuns(
                table.assign(loss=table["loss"] + number * 1e-9), {"loss": "loss"}, {"delta": 1e-3}
            )
            parts = {
                "result": gzip.compress(exports.json_of(shown), 6, mtime=0),
                **shared_runs.packed(law, own),
            }
            saved = store.save(
                Share("cost", "v=2", result.answer, shown.data_version, "cost.2", parts)
            )
            saves.append(time.perf_counter() - started)
            ids.append(saved.id)
        for share_id in ids:
            started = time.perf_counter()
            assert shared_runs.unpacked(share_id, store.open(share_id).parts) is not None
            opens.append(time.perf_counter() - started)
        store.close()
    print(f"shared links with runs, {LINKS} of each on SQLite (packing and unpacking included)")
    for name, times in (("save", saves), ("open", opens)):
        print(
            f"  {name}: p50 {percentile(times, 0.5) * 1e3:.1f} ms, p95"
            f" {percentile(times, 0.95) * 1e3:.1f} ms"
        )
