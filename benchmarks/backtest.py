"""The track record in numbers: coverage, score and width of the default method, of other cut-offs,
of series that it was not chosen on.

    python -m benchmarks backtest

Prints: the textbook line and every method on all series; the default at four choices of cut-offs;
leave-one-series-out: the constants of the method are chosen on seven of the eight series (out of
CANDIDATES, by three sets of cut-offs) and judged on the eighth, eight times; and CPU times of one
core.
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from functools import partial

import numpy as np

import forecasting as fc
from forecasting.arrays import FloatArray
from forecasting.errors import ForecastingError
from forecasting.evaluation.backtest import Backtest, CutOffs, backtest
from forecasting.evaluation.tracked_series import TrackedSeries, tracked_series
from forecasting.trends.calibrated_trend import calibrated_forecast
from forecasting.trends.drifting_line import LineSettings
from forecasting.trends.past_errors import ErrorSettings

#: By choice of cut-offs, one a series.
Records = dict[str, list[Backtest]]

PLANS = {
    "protocol": CutOffs(),
    "from 20%": CutOffs(first_share=0.2),
    "from 50%": CutOffs(first_share=0.5),
    "half a year later": CutOffs(shift_years=0.5),
}
PEERS = ("ets", "local_linear_trend")
METHODS = ("calibrated", "ols", "robust", "textbook", "no_change", "drift", *PEERS)


@dataclass(frozen=True)
class Candidate:
    """One set of constants of the method, as a forecaster."""

    line: LineSettings
    errors: ErrorSettings

    def __call__(self, years: FloatArray, logs: FloatArray, ahead: FloatArray) -> FloatArray:
        return calibrated_forecast(years, logs, line=self.line, errors=self.errors).draws(
            ahead, "observation"
        )


CANDIDATES = [
    Candidate(
        LineSettings(alikeness=alikeness, shock_fades_years=fades, spread_half_life_years=spread),
        ErrorSettings(years_to_widen=widen, start=start),
    )
    for alikeness, fades, spread, widen, start in itertools.product(
        (0.0, 0.04), (0.5, 0.7, 1.0, 1.5), (2.0, 4.0), (0.5, 2.0), (0.94, 1.0)
    )
]
#: Cut-offs by which constants are chosen: several, since one set of dates is luck.
CHOSEN_BY = ("protocol", "from 20%", "half a year later")


def run() -> None:
    series = tracked_series(fc.bundled())
    chosen_on = [each for each in series.values() if each.chosen_on]
    _all_series(list(series.values()))
    _cut_offs(chosen_on)
    _leave_one_out(chosen_on)


def _all_series(series: list[TrackedSeries]) -> None:
    print(
        "coverage of the 80% band at all horizons, beyond two years; CRPS against the textbook"
        " line; width against hindsight"
    )
    times = dict.fromkeys(METHODS, 0.0)
    slowest = 0.0
    for each in series:
        line = f"  {each.label:34s} "
        textbook = backtest(each.dates, each.values, method="textbook")
        for method in METHODS:
            started = time.process_time()
            try:
                record = backtest(each.dates, each.values, method=method)
            except ForecastingError:
                line += f"| {method[:11]} – "
                continue
            taken = time.process_time() - started
            if each.chosen_on:
                times[method] += taken
                slowest = max(slowest, taken if method not in PEERS else 0.0)
            line += (
                f"| {method[:11]} {record.coverage(0.8).value:.2f} {_far(record):.2f}"
                f" {record.mean_crps / textbook.mean_crps:.2f} "
            )
            line += f"{record.median_width() / max(record.hindsight_width(), 1e-12):.2f} "
        print(line, flush=True)
    own = sum(taken for method, taken in times.items() if method not in PEERS)
    print(
        f"CPU on one core, the eight series: own methods {own:.1f} s (slowest series and method"
        f" {slowest:.2f} s),",
        end=" ",
    )
    print(
        "of which default "
        + f"{times['calibrated']:.2f} s; peers "
        + ", ".join(f"{name} {times[name]:.1f} s" for name in PEERS)
    )


def _cut_offs(series: list[TrackedSeries]) -> None:
    print("the default method at other choices of cut-offs, on the eight series")
    for name, plan in PLANS.items():
        records = [backtest(each.dates, each.values, plan=plan) for each in series]
        plain = [backtest(each.dates, each.values, plan=plan, method="textbook") for each in series]
        print(f"  {name:18s} {_summary(records, plain)}", flush=True)
        print(f"  {'… textbook line':18s} {_summary(plain, plain)}", flush=True)


def _leave_one_out(series: list[TrackedSeries]) -> None:
    print(
        f"leave one series out: constants chosen among {len(CANDIDATES)} on the other seven, judged"
        " on the eighth"
    )
    plain = {
        plan: [
            backtest(each.dates, each.values, plan=PLANS[plan], method="textbook")
            for each in series
        ]
        for plan in CHOSEN_BY
    }
    table = {
        candidate: {
            plan: [
                backtest(each.dates, each.values, plan=PLANS[plan], method=candidate)
                for each in series
            ]
            for plan in CHOSEN_BY
        }
        for candidate in CANDIDATES
    }
    judged: list[Backtest] = []
    for left, each in enumerate(series):
        others = [at for at in range(len(series)) if at != left]
        best = min(CANDIDATES, key=partial(_loss_on, others, table, plain))
        judged.append(table[best]["protocol"][left])
        line = best.line
        print(
            f"  {each.label:34s} {line.alikeness} {line.shock_fades_years}"
            f" {line.spread_half_life_years} {best.errors}",
            flush=True,
        )
    print(f"  judged on the series left out: {_summary(judged, plain['protocol'])}")
    print(
        "  all constants as released:    "
        f" {_summary([backtest(each.dates, each.values) for each in series], plain['protocol'])}"
    )


def _loss_on(
    others: list[int], table: dict[Candidate, Records], plain: Records, candidate: Candidate
) -> float:
    """The mean over the choices of cut-offs."""
    chosen = table[candidate]
    return float(
        np.mean(
            [
                _loss([chosen[plan][at] for at in others], [plain[plan][at] for at in others])
                for plan in CHOSEN_BY
            ]
        )
    )


def _loss(records: list[Backtest], plain: list[Backtest]) -> float:
    """What the choice minimises: distance of coverage from 75–85% (all horizons twice, far ones
    once) and the score against textbook.
    """
    near = [max(0.0, abs(record.coverage(0.8).value - 0.8) - 0.05) for record in records]
    far = [max(0.0, abs(_far(record) - 0.79) - 0.11) for record in records]
    ratios = np.log(
        [record.mean_crps / other.mean_crps for record, other in zip(records, plain, strict=True)]
    )
    return float(
        2 * np.mean(near)
        + np.mean(far)
        + 0.5 * np.mean(ratios)
        + 2 * np.mean(np.maximum(ratios - 0.02, 0.0))
    )


def _summary(records: list[Backtest], plain: list[Backtest]) -> str:
    shares = np.array([record.coverage(0.8).value for record in records])
    far = np.array([_far(record) for record in records])
    ratios = np.array(
        [record.mean_crps / other.mean_crps for record, other in zip(records, plain, strict=True)]
    )
    widths = np.array([record.median_width() / record.hindsight_width() for record in records])
    return (
        f"coverage {' '.join(f'{share:.2f}' for share in shares)} (75–85%:"
        f" {((shares >= 0.75) & (shares <= 0.85)).sum()}, 70–90%:"
        f" {((shares >= 0.7) & (shares <= 0.9)).sum()}) | beyond two years"
        f" {' '.join(f'{share:.2f}' for share in far)} (68–90%:"
        f" {((far >= 0.68) & (far <= 0.9)).sum()}) | CRPS"
        f" {' '.join(f'{ratio:.2f}' for ratio in ratios)} (mean {ratios.mean():.3f}, most"
        f" {ratios.max():.3f}) | width against hindsight at most {widths.max():.2f}"
    )


def _far(record: Backtest) -> float:
    return record.coverage(0.8, 2.0).value if (record.horizon > 2.0).any() else float("nan")
