"""pass@k at scale against the textbook loop, and the extrapolation check: 100 tries a problem, what
do the laws say of 10,000?
"""

from __future__ import annotations

import time

import numpy as np

import forecasting as fc
from forecasting.arrays import FloatArray
from forecasting.inference.coverage import by_size
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.inference.repeated_sampling import coverage_of, tries_grid
from forecasting.ingest.sample_counts import ProblemCounts, bundled_counts

PROBLEMS, SAMPLES, NUMBERS_OF_TRIES = 10_000, 10_000, 30
SEEN, RESAMPLES, RESAMPLES_OF_BANDS = 100, 100, 20


def run() -> None:
    speed()
    extrapolation()


def speed() -> None:
    """Unbiased pass@k of 10,000 problems at 30 k, in CPU time; the loop is timed on 100 of the
    problems.
    """
    rng = np.random.default_rng(0)
    correct = rng.binomial(SAMPLES, rng.beta(0.2, 2.0, PROBLEMS)).astype(float)
    samples = np.full(PROBLEMS, float(SAMPLES))
    k = tries_grid(SAMPLES, 36)[:NUMBERS_OF_TRIES]
    times = []
    for _ in range(5):
        started = time.process_time()
        ours = fc.pass_at_k(samples=samples, correct=correct, k=k)
        times.append(time.process_time() - started)
    few = 100
    started = time.process_time()
    for c in correct[:few]:
        for each in k:
            textbook(SAMPLES, int(c), int(each))
    loop = (time.process_time() - started) * PROBLEMS / few
    check = np.mean(
        [[textbook(SAMPLES, int(c), int(each)) for each in k] for c in correct[:few]], axis=0
    )
    apart = np.abs(
        fc.pass_at_k(samples=samples[:few], correct=correct[:few], k=k) / check - 1
    ).max()
    print(
        f"pass@k: {PROBLEMS:,} problems × {k.size} k in {min(times) * 1e3:.0f} ms (limit 100 ms);"
        f" the textbook loop takes {loop:.0f} s"
    )
    print(
        f"  largest relative difference {apart:.1e}; mean coverage at most tries"
        f" {np.asarray(ours)[-1]:.4f}"
    )


def textbook(n: int, c: int, k: int) -> float:
    """As in the paper that introduced it (Chen et al. 2021)."""
    return 1.0 if n - c < k else 1.0 - float(np.prod(1.0 - k / np.arange(n - c + 1, n + 1)))


def extrapolation() -> None:
    """Errors at 10,000 tries from 100 of them, each law on every size; how often the page's 80%
    band holds what was counted.
    """
    print(
        f"extrapolation: {RESAMPLES} times {SEEN} of 10,000 tries a problem; absolute error at"
        " 10,000 in points, median (80% range)"
    )
    tables, wins, held, bands = fc.bundled(), 0, 0, 0
    for model in by_size(tables):
        counts = bundled_counts(model, tables)
        most = np.array([float(counts.fewest_samples)])
        truth = float(coverage_of(counts, most)[0])
        rng = np.random.default_rng(1)
        errors = np.array(
            [errors_of(counts.thinned(SEEN, rng), most, truth) for _ in range(RESAMPLES)]
        )
        power, beta, scaled = np.median(np.abs(errors), axis=0)
        wins += bool(power < beta)
        inside = [in_band(model, seed, most, truth) for seed in range(RESAMPLES_OF_BANDS)]
        held, bands = held + sum(inside), bands + len(inside)
        ends = [
            f"{np.quantile(np.abs(column), 0.1):.1f} to {np.quantile(np.abs(column), 0.9):.1f}"
            for column in errors.T
        ]
        print(
            f"  {model:12s} counted {100 * truth:5.2f}%  power law {power:4.1f} ({ends[0]}) "
            f" beta-binomial {beta:4.1f} ({ends[1]})  scaled {scaled:4.1f} ({ends[2]})  band holds"
            f" it {sum(inside)} of {len(inside)}"
        )
    print(
        f"  the power law is closer than the beta-binomial on {wins} of 7 sizes; the 80% band of"
        f" both holds what came in {held / bands:.0%}"
    )


def errors_of(seen: ProblemCounts, most: FloatArray, truth: float) -> list[float]:
    laws = (fc.fit_power_law(seen), fc.fit_beta_binomial(seen), fc.fit_scaled_beta_binomial(seen))
    return [100 * (float(law.coverage(most)[0, 0]) - truth) for law in laws]


def in_band(model: str, seed: int, most: FloatArray, truth: float) -> bool:
    result = fc.coverage(InferenceScenario(sampled_model=model, tries_seen=SEEN, seed=seed))
    low, high = (
        float(np.interp(np.log(most[0]), np.log(result.extended), end))
        for end in result.bands.interval(0.8)
    )
    return low <= truth <= high
