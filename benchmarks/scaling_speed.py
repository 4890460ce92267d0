"""The scaling fit against its peers in one run: speed, memory, and who finds the lower objective;
then cost by runs and by resamples.

python -m benchmarks scaling_speed The peer chinchilla 0.2.0 has requirements of its own: give it a
Python of its own, and name it (without it the peer is skipped, loudly):
  python3 -m venv peer && peer/bin/pip install chinchilla==0.2.0
  CHINCHILLA_PYTHON=peer/bin/python python -m benchmarks scaling_speed
Everything runs on one core, with one thread a library.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.scaling_designs import DESIGNS, OUTLYING, TRUTH, simulated
from forecasting.data.dataset import bundled
from forecasting.fitting.law_choice import chinchilla_runs
from forecasting.fitting.scaling_fit import fit_scaling_law, replicates_within
from forecasting.fitting.training_runs import TrainingRuns
from forecasting.laws.chinchilla_law import ChinchillaLaw

DELTA = 1e-3
REPLICATES = 4000
MAX_SECONDS, MAX_MIB, MAX_MIB_LARGE = 1.5, 150, 300
SYNTHETIC_SETS = 200
ALLOWED = 1e-9
PEER_SECONDS = 1800
#: Resamples that a peer refits, from its optimum, to tell what 4,000 would take.
PEER_REPLICATES = 12
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def run() -> None:
    runs = chinchilla_runs(bundled())
    print(
        f"scaling speed: multi-start fit and {REPLICATES:,} resamples of the {len(runs)} Chinchilla"
        " runs, one core"
    )
    own = in_a_process(f"fit_scaling_law(chinchilla_runs(bundled()), bootstrap={REPLICATES})")
    ok = own["cpu_seconds"] <= MAX_SECONDS and own["mib"] <= MAX_MIB
    print(
        f"  ours            {own['cpu_seconds']:8.2f} s, {own['mib']:.0f} MiB above import"
        f" {verdict(ok)}"
    )
    objective = fit_scaling_law(runs, bootstrap=0).objective
    for name, peer in PEERS.items():
        started = time.process_time()
        worst = peer(runs, FULL_STARTS[name])
        starts = time.process_time() - started
        started = time.process_time()
        rng = np.random.default_rng(0)
        for _ in range(PEER_REPLICATES):
            peer(runs.take(rng.integers(0, len(runs), len(runs))), 1)
        each = (time.process_time() - started) / PEER_REPLICATES
        total = starts + REPLICATES * each
        print(
            f"  {name:15} {total:8.1f} s ({FULL_STARTS[name]} starts {starts:.1f} s, a resample"
            f" {1e3 * each:.0f} ms), {total / own['cpu_seconds']:.0f}× ours; its objective"
            f" {worst / objective - 1:+.1e} against ours"
        )
    chinchilla_package(runs, objective, own["cpu_seconds"])
    objectives()
    by_runs()
    by_replicates()


def verdict(ok: bool) -> str:
    return "(within the budget)" if ok else "(OVER THE BUDGET)"


def peak_mib() -> float:
    """The most memory that this process has held. getrusage would count the parent's, which a child
    inherits.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return float(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1024**2 if sys.platform == "darwin" else 1024
    )


def in_a_process(call: str) -> dict[str, float]:
    """CPU seconds, and MiB of peak memory above import, of a call in a fresh process."""
    code = f"""
import json, time
from benchmarks.scaling_speed import bundled, chinchilla_runs, fit_scaling_law, peak_mib, scattered
bundled()["runs_chinchilla"]
before, started = peak_mib(), time.process_time()
{call}
used = time.process_time() - started
print(json.dumps({{"cpu_seconds": used, "mib": peak_mib() - before}}))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | ONE_THREAD,
        capture_output=True,
        text=True,
        check=True,
    )
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


# --- scipy, driven the plain way: E, ln A, ln B, α, β; numerical derivatives; starts on the grid of
# Hoffmann et al. 2022, appendix D.


def residuals(
    theta: np.ndarray, log_n: np.ndarray, log_d: np.ndarray, log_loss: np.ndarray
) -> np.ndarray:
    floor, a, b, alpha, beta = theta
    parts = np.stack([a - alpha * log_n, b - beta * log_d, np.full(log_n.size, floor)])
    top = parts.max(axis=0)
    result: np.ndarray = np.log(np.exp(parts - top).sum(axis=0)) + top - log_loss
    return result


def huber(r: np.ndarray) -> float:
    inside = np.clip(r, -DELTA, DELTA)
    return float((inside * (r - 0.5 * inside)).sum())


def hoffmann_starts(count: int) -> np.ndarray:
    """`count` starts of the grid: ln E −1 to 1, ln A and ln B 0 to 25, α and β 0 to 2; one alone is
    at the published law.
    """
    if count == 1:
        return np.array([[np.log(1.69), np.log(406.4), np.log(410.7), 0.34, 0.28]])
    axes = (
        np.linspace(-1, 1, 5),
        np.linspace(0, 25, 6),
        np.linspace(0, 25, 6),
        np.linspace(0, 2, 5),
        np.linspace(0, 2, 5),
    )
    grid = np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1)
    return grid if count >= len(grid) else np.random.default_rng(0).permutation(grid)[:count]


def l_bfgs_b(runs: TrainingRuns, starts: int) -> float:
    from scipy.optimize import minimize

    data = (np.log(runs.params), np.log(runs.tokens), np.log(runs.loss))
    found = [
        minimize(lambda theta: huber(residuals(theta, *data)), start, method="L-BFGS-B")
        for start in hoffmann_starts(starts)
    ]
    return float(min(one.fun for one in found if np.isfinite(one.fun)))


def least_squares(runs: TrainingRuns, starts: int) -> float:
    from scipy import optimize

    data = (np.log(runs.params), np.log(runs.tokens), np.log(runs.loss))
    settings = {"loss": "huber", "f_scale": DELTA, "args": data, "max_nfev": 400}
    return float(
        min(
            optimize.least_squares(residuals, start, **settings).cost
            for start in hoffmann_starts(starts)
        )
    )


PEERS: dict[str, Callable[[TrainingRuns, int], float]] = {
    "L-BFGS-B": l_bfgs_b,
    "least_squares": least_squares,
}
#: Starts of the timed run: Hoffmann's whole grid, and what least_squares gets through in a like
#: time.
FULL_STARTS = {"L-BFGS-B": 4500, "least_squares": 500}
FEW_STARTS = {"L-BFGS-B": 20, "least_squares": 12}


# --- the package


def chinchilla_package(runs: TrainingRuns, objective: float, own_seconds: float) -> None:
    python = os.environ.get("CHINCHILLA_PYTHON") or (
        sys.executable if importlib.util.find_spec("chinchilla") else None
    )
    if python is None:
        print(
            "  chinchilla 0.2.0 SKIPPED: NOT INSTALLED. "
            + " ".join((__doc__ or "").splitlines()[3:6])
        )
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runs.csv"
        columns = np.stack([runs.training_flop, runs.params, runs.tokens, runs.loss], axis=1)
        np.savetxt(path, columns, delimiter=",", header="C,N,D,loss", comments="", fmt="%.12g")
        script = str(Path(__file__).with_name("chinchilla_peer.py"))
        for settings in ("example", "huber"):
            command = [python, script, str(path), settings]
            try:
                done = subprocess.run(
                    command,
                    cwd=folder,
                    env=os.environ | ONE_THREAD,
                    capture_output=True,
                    text=True,
                    timeout=PEER_SECONDS,
                    check=True,
                )
            except (subprocess.SubprocessError, OSError) as error:
                print(f"  chinchilla 0.2.0 ({settings}) FAILED: {error}")
                continue
            found = json.loads(done.stdout.splitlines()[-1])
            theirs = huber(
                np.log(ChinchillaLaw(**found["law"]).loss(runs.params, runs.tokens) / runs.loss)
            )
            what = (
                "its example's settings"
                if settings == "example"
                else "its example's starts, our objective"
            )
            print(
                f"  chinchilla 0.2.0 {found['cpu_seconds']:7.1f} s for one fit without resamples"
                f" ({what}), {found['cpu_seconds'] / own_seconds:.0f}× ours with {REPLICATES:,};"
                f" our objective at its law is {theirs / objective - 1:+.1e} against ours"
            )


# --- who finds the lower objective


def bundled_sets() -> Iterator[tuple[str, TrainingRuns]]:
    tables = bundled()
    yield "Chinchilla, 240 runs", chinchilla_runs(tables)
    yield "Chinchilla, all 245", chinchilla_runs(tables, 0)
    over = tables["runs_overtraining"]
    for name in sorted(over["training_set"].unique()):
        rows = over[over["training_set"] == name]
        yield (
            f"over-training, {name}",
            TrainingRuns(rows["params"], rows["tokens"], rows["loss_c4"]),
        )
    repeated = tables["runs_repeated_data"]
    yield "repeated data", TrainingRuns.of(repeated)
    yield "repeated data, one epoch", TrainingRuns.of(repeated[repeated["epochs"] <= 1.001])


def synthetic_sets(count: int) -> Iterator[tuple[str, TrainingRuns]]:
    for seed in range(count):
        rng = np.random.default_rng((seed, 7))
        design = DESIGNS[seed % (len(DESIGNS) - 1)]
        noise = (0.0005, 0.002, 0.01)[seed % 3]
        law = ChinchillaLaw(
            E=rng.uniform(0.5, 2.2),
            A=rng.uniform(100, 2000),
            B=rng.uniform(300, 5000),
            alpha=rng.uniform(0.25, 0.5),
            beta=rng.uniform(0.25, 0.5),
        )
        yield (
            f"synthetic {seed} ({design})",
            simulated(design, noise, OUTLYING * (seed % 2), rng, law),
        )


def objectives() -> None:
    print(
        f"objectives: ours against the best of each peer ({FEW_STARTS}), relative; never worse by"
        f" more than {ALLOWED:g}"
    )
    for title, sets in (
        ("bundled", bundled_sets()),
        (f"{SYNTHETIC_SETS} synthetic", synthetic_sets(SYNTHETIC_SETS)),
    ):
        worst = dict.fromkeys(PEERS, (-np.inf, ""))
        beaten = dict.fromkeys(PEERS, 0)
        seen = 0
        for label, runs in sets:
            seen += 1
            ours = fit_scaling_law(runs, bootstrap=0).objective
            for name, peer in PEERS.items():
                with np.errstate(all="ignore"):
                    theirs = peer(runs, FEW_STARTS[name])
                gap = ours / theirs - 1.0
                beaten[name] += gap < -ALLOWED
                worst[name] = max(worst[name], (gap, label))
        for name, (gap, label) in worst.items():
            print(
                f"  {title:14} {seen} sets, {name:14} worst {gap:+.1e} ({label})"
                f" {verdict(gap <= ALLOWED)}; the peer ends higher on {beaten[name]}",
                flush=True,
            )


# --- cost


def scattered(count: int) -> TrainingRuns:
    """Runs of many sizes and tokens, with noise."""
    rng = np.random.default_rng(0)
    params, tokens = 10 ** rng.uniform(7.5, 10, count), 10 ** rng.uniform(9, 11.5, count)
    return TrainingRuns(
        params, tokens, TRUTH.loss(params, tokens) * np.exp(0.003 * rng.standard_normal(count))
    )


def by_runs() -> None:
    print("cost by number of runs, with the resamples that keep a fit within 5 s:")
    for count in (100, 1000, 10_000, 100_000):
        replicates = min(replicates_within(5.0, count), REPLICATES)
        used = in_a_process(f"fit_scaling_law(scattered({count}), bootstrap={replicates})")
        each = 1e6 * used["cpu_seconds"] / replicates / count
        ok = used["cpu_seconds"] <= 5.0 and used["mib"] <= MAX_MIB_LARGE
        print(
            f"  {count:7,} runs {replicates:5,} resamples {used['cpu_seconds']:6.2f} s, {each:5.2f}"
            f" µs a resample and run, {used['mib']:4.0f} MiB above import {verdict(ok)}"
        )


def by_replicates() -> None:
    print("cost by number of resamples of the 240 runs:")
    for count in (500, 1000, 2000, 4000, 8000, 16_000):
        used = in_a_process(f"fit_scaling_law(chinchilla_runs(bundled()), bootstrap={count})")
        print(
            f"  {count:7,} resamples {used['cpu_seconds']:6.2f} s,"
            f" {1e6 * used['cpu_seconds'] / count:5.0f} µs each, {used['mib']:4.0f} MiB"
        )


if __name__ == "__main__":
    run()
