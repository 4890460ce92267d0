"""How often does the 95% interval of the IsoFLOP exponent hold the truth? Runs simulated from laws
of equal and of unequal exponents, grids about the best size and beside it, one to three orders of
magnitude wide; and how far published exponents are where the tables have the runs.

python -m benchmarks isoflop_coverage          (a minute)
python -m benchmarks.isoflop_coverage 400      (repeats a cell; standard error of a share of 0.95:
                                               1.1 points)
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.data.dataset import bundled
from forecasting.fitting.isoflop import isoflop_analysis
from forecasting.fitting.law_choice import chinchilla_runs
from forecasting.fitting.training_runs import TrainingRuns
from forecasting.laws.chinchilla_law import ChinchillaLaw

LEVEL, ALLOWED = 0.95, (0.90, 0.98)
REPEATS, DRAWS = 100, 500
NOISE, BUDGETS, SIZES = 0.002, 5, 9
#: α and β: equal, Chinchilla's, and two that lean further.
EXPONENTS = ((0.34, 0.34), (0.34, 0.28), (0.46, 0.31), (0.5, 0.2))
SPANS_OOM = (1.0, 2.0, 3.0)
#: Where a grid's middle lies from the best size, as a share of its span, at the least and at the
#: largest budget.
PLACES = {
    "centred": (0.0, 0.0),
    "high": (0.25, 0.25),
    "low": (-0.25, -0.25),
    "drifting": (-0.25, 0.25),
}
MARIN = Path(__file__).parents[1] / "tests/fixtures/isoflop/marin_2026_03.csv"
PUBLISHED = {"Chinchilla, approach 2 (Hoffmann et al. 2022)": 0.49}


def law_of(alpha: float, beta: float) -> ChinchillaLaw:
    """A law of these exponents with 20 tokens per parameter and 0.8 nats above E at 1e20 FLOP."""
    params = np.sqrt(1e20 / 120.0)
    height = 0.8 / (1.0 / alpha + 1.0 / beta)
    return ChinchillaLaw(
        E=1.8,
        A=height / alpha * params**alpha,
        B=height / beta * (20.0 * params) ** beta,
        alpha=alpha,
        beta=beta,
    )


def marin_runs() -> dict[str, TrainingRuns]:
    """Runs of three text corpora, each at seven budgets of sizes up to 75 times apart."""
    return {
        str(corpus): TrainingRuns.of(rows.drop(columns="dataset"))
        for corpus, rows in pd.read_csv(MARIN).groupby("dataset")
    }


def simulated(
    law: ChinchillaLaw,
    span_oom: float,
    place: tuple[float, float],
    rng: np.random.Generator,
    *,
    noise: float = NOISE,
    sizes: int = SIZES,
) -> TrainingRuns:
    """Runs of `law` at 5 budgets, `sizes` each, over `span_oom` orders of magnitude of size."""
    flop = np.geomspace(1e18, 1e21, BUDGETS)
    best = np.array([law.optimal(each)[0] for each in flop])
    off = np.linspace(*place, BUDGETS) * span_oom
    grid = np.linspace(-0.5, 0.5, sizes) * span_oom
    params = (best[:, None] * 10.0 ** (off[:, None] + grid)).ravel()
    tokens = np.repeat(flop, sizes) / (6.0 * params)
    error = np.exp(noise * rng.standard_normal(params.size))
    return TrainingRuns(params, tokens, law.loss(params, tokens) * error)


def run(repeats: int = REPEATS) -> None:
    print(
        f"isoflop coverage: share of {100 * LEVEL:.0f}% intervals that hold the exponent, %;"
        f" {repeats} repeats a cell, noise {100 * NOISE:.1f}%, {BUDGETS} budgets of {SIZES} runs"
    )
    print(f"  {'α, β':12}{'span':>6}  {'grid':10}{'holds':>7}{'bias':>9}{'width':>8}{'refused':>9}")
    start, outside = time.perf_counter(), 0
    for alpha, beta in EXPONENTS:
        law = law_of(alpha, beta)
        for span in SPANS_OOM:
            for word, place in PLACES.items():
                held, errors, widths, refused = [], [], [], 0
                for seed in range(repeats):
                    # The same noise in every cell, so that cells differ by their design alone.
                    runs = simulated(law, span, place, np.random.default_rng(seed))
                    analysis = isoflop_analysis(runs, bootstrap=DRAWS, seed=seed)
                    refused += BUDGETS - len(analysis.usable)
                    if analysis.params_exponent is None:
                        continue
                    low, high = analysis.params_exponent.interval(LEVEL)
                    held.append(low <= law.params_exponent <= high)
                    errors.append(analysis.params_exponent.value - law.params_exponent)
                    widths.append(high - low)
                share = float(np.mean(held))
                is_outside = not ALLOWED[0] <= share <= ALLOWED[1]
                outside += is_outside
                print(
                    f"  {alpha:.2f}, {beta:.2f}  {span:4.0f}    {word:10}{100 * share:6.0f}%"
                    f"{np.mean(errors):+9.4f}{np.median(widths):8.3f}"
                    f"{100 * refused / BUDGETS / repeats:8.1f}%{'  OUTSIDE' if is_outside else ''}"
                )
    cells = len(EXPONENTS) * len(SPANS_OOM) * len(PLACES)
    print(
        f"  outside {100 * ALLOWED[0]:.0f}–{100 * ALLOWED[1]:.0f}%: {outside} of {cells} cells;"
        f" {1e3 * (time.perf_counter() - start) / repeats / cells:.0f} ms an analysis"
    )
    for name, published in PUBLISHED.items():
        exponent = isoflop_analysis(chinchilla_runs(bundled())).params_exponent
        assert exponent is not None
        low, high = exponent.interval(LEVEL)
        print(
            f"  {name}: published {published}, here {exponent.value:.3f} ({low:.3f} to {high:.3f})"
        )
    for corpus, runs in marin_runs().items():
        analysis = isoflop_analysis(runs)
        exponent, parabolas = analysis.params_exponent, analysis.parabola_exponent
        assert exponent is not None
        assert parabolas is not None
        low, high = exponent.interval(LEVEL)
        print(
            f"  Marin, {corpus}: parabolas through all sizes {parabolas:.3f}, here"
            f" {exponent.value:.3f} ({low:.3f} to {high:.3f}), {len(analysis.usable)} of"
            f" {len(analysis.slices)} budgets"
        )


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else REPEATS)
