"""How bands do on series that nobody tuned them to: constants of the method "pooled" are learned on
a random half of the series and judged on the other half, many times.

    judged = [judge_series(each) for each in development_series(data)]
    splits = random_splits(judged, count=60)
    splits.table

Families of related series go into one half together. What is reported is the spread over splits,
not the best of them. A series is judged by the protocol of backtest.py: cut-offs at the 30%
quantile of its dates and every year after it, five years ahead. Everything that does not depend on
the constants is computed once a series; scores are the mean quantile loss at 39 levels, twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from forecasting.arrays import BoolArray, FloatArray, IntArray
from forecasting.evaluation.backtest import CutOffs, cut_offs_of
from forecasting.evaluation.development_series import DevelopmentSeries
from forecasting.evaluation.forecasters import forecaster
from forecasting.stats.quantiles import quantile_of
from forecasting.trends.local_trend import (
    GROWTH_CHANGES,
    SHOCKS,
    Seen,
    TrendPrior,
    seen_by_year,
)
from forecasting.trends.pooled_trend import (
    YEARS_BACK,
    OwnErrors,
    PooledSettings,
    YearlyErrors,
    few_points_factor,
    mixed,
    yearly_errors,
)

SHARES = np.arange(1, 40) / 40.0
#: Methods whose scores are divided by; "ets" needs statsmodels and seconds a series.
RIVALS = ("textbook", "ets")
_SLACK = 1e-9
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class JudgedCutOff:
    """One cut-off of a series: what was known, and what came at `years` (h,), in log10.

    `known` are the dates and values before it, `seen` what the local linear trend knew then and in
    earlier years, `other` the quantiles of the method "calibrated" at SHARES, shape (39, h).
    """

    known: tuple[FloatArray, FloatArray]
    seen: list[Seen]
    years: FloatArray
    came: FloatArray
    horizon: FloatArray
    other: FloatArray


@dataclass(frozen=True, eq=False)
class JudgedSeries:
    """A series with everything that does not depend on the constants; `rivals` are mean scores of
    other methods by name.
    """

    series: DevelopmentSeries
    cut_offs: tuple[JudgedCutOff, ...]
    rivals: dict[str, float]

    @cached_property
    def evidence(self) -> FloatArray:
        """The log likelihood of the whole series for every pair."""
        logs = np.log10(self.series.values)
        return seen_by_year(self.series.dates, logs, 0)[0].evidence

    @cached_property
    def came(self) -> FloatArray:
        """What came, over all cut-offs."""
        return np.concatenate([each.came for each in self.cut_offs])

    @cached_property
    def horizon(self) -> FloatArray:
        """Years from cut-off to point, over all cut-offs."""
        return np.concatenate([each.horizon for each in self.cut_offs])


def judge_series(
    series: DevelopmentSeries, rivals: Sequence[str] = ("textbook",), plan: CutOffs | None = None
) -> JudgedSeries:
    """Everything about a series that does not depend on the constants.

    Parameters
    ----------
    series : DevelopmentSeries
        The series.
    rivals : sequence of str
        Methods to score beside it.
    plan : CutOffs or None
        Where the series is cut; None: the protocol.

    Raises
    ------
    NotEnoughDataError
        For a series too short to judge.
    """
    plan = plan or CutOffs()
    years, logs = series.dates, np.log10(series.values)
    cut_offs = []
    scores: dict[str, list[FloatArray]] = {name: [] for name in rivals}
    for cut_off in cut_offs_of(years, plan)[0]:
        known = int(np.searchsorted(years, cut_off + _SLACK, side="right"))
        end = int(np.searchsorted(years, cut_off + plan.years_ahead + _SLACK, side="right"))
        ahead, came = years[known:end], logs[known:end]
        then = (years[:known].copy(), logs[:known].copy())
        cut_offs.append(
            JudgedCutOff(
                then,
                seen_by_year(*then, YEARS_BACK),
                ahead,
                came,
                ahead - cut_off,
                quantile_of(forecaster("calibrated")(*then, ahead), SHARES),
            )
        )
        for name in rivals:
            draws = forecaster(name)(*then, ahead)
            scores[name].append(quantile_score(quantile_of(draws, SHARES), came))
    return JudgedSeries(
        series,
        tuple(cut_offs),
        {name: float(np.concatenate(parts).mean()) for name, parts in scores.items()},
    )


def quantile_score(quantiles: FloatArray, came: FloatArray) -> FloatArray:
    """Twice the mean quantile loss at SHARES, which approximates the CRPS: shape (h,).

    `quantiles` has shape (39, h), `came` length h.
    """
    off = came - quantiles
    result: FloatArray = 2.0 * np.where(
        off >= 0.0, SHARES[:, None] * off, (SHARES[:, None] - 1.0) * off
    ).mean(axis=0)
    return result


@dataclass(frozen=True, eq=False)
class LocalPart:
    """The local linear trend at every later point of a series with a prior, before the constants
    that shape its bands: middles and standard deviations, length m, over all cut-offs; `cut_off`
    numbers each point's cut-off, `errors` are the past errors known at each.
    """

    middle: FloatArray
    deviation: FloatArray
    cut_off: IntArray
    errors: tuple[YearlyErrors, ...]

    def spread(self, errors: OwnErrors) -> FloatArray:
        """The standard deviations times the factor of the series' own errors, length m."""
        factors = np.array([each.factors(errors).observation for each in self.errors])
        result: FloatArray = self.deviation * factors[self.cut_off]
        return result


def local_part(judged: JudgedSeries, prior: TrendPrior) -> LocalPart:
    """The local linear trend of a series with that prior."""
    log_prior, largest = prior.log_weights(), OwnErrors().largest_error
    middles, deviations, numbers, errors = [], [], [], []
    for number, each in enumerate(judged.cut_offs):
        now, *past = each.seen
        middle, variance, noise = mixed(now, log_prior, each.years)
        middles.append(middle)
        deviations.append(np.sqrt(variance + noise))
        numbers.append(np.full(middle.size, number))
        errors.append(yearly_errors(*each.known, past, log_prior, largest))
    return LocalPart(
        np.concatenate(middles), np.concatenate(deviations), np.concatenate(numbers), tuple(errors)
    )


@dataclass(frozen=True)
class SeriesRecord:
    """How bands did on one series; `far` is that of the 80% band beyond two years, nan where no
    point is that far; `against` are scores over those of other methods.
    """

    name: str
    held_50: float
    held_80: float
    held_95: float
    far: float
    against: dict[str, float]


def record_of(judged: JudgedSeries, part: LocalPart, settings: PooledSettings) -> SeriesRecord:
    """Coverage and scores of the mean of the two forecasts.

    Parameters
    ----------
    judged : JudgedSeries
        The series.
    part : LocalPart
        The local linear trend with the prior of the settings.
    settings : PooledSettings
        The other constants.
    """
    other = np.concatenate([each.other for each in judged.cut_offs], axis=1)
    shape = settings.scale * stdtrit(settings.freedom, SHARES)[:, None]
    own = part.middle + shape * part.spread(settings.errors)
    mean = settings.share * own + (1.0 - settings.share) * other
    middle = mean[SHARES.size // 2]
    factors = np.array([few_points_factor(each.known[0].size) for each in judged.cut_offs])
    quantiles = middle + factors[part.cut_off] * (mean - middle)
    came = judged.came

    def inside(level: float) -> BoolArray:
        low = round(20 * (1.0 - level)) - 1
        hits: BoolArray = (came >= quantiles[low] - _ROUNDING) & (
            came <= quantiles[-1 - low] + _ROUNDING
        )
        return hits

    in_80, far = inside(0.8), judged.horizon > 2.0
    score = float(quantile_score(quantiles, came).mean())
    return SeriesRecord(
        judged.series.name,
        float(inside(0.5).mean()),
        float(in_80.mean()),
        float(inside(0.95).mean()),
        float(in_80[far].mean()) if far.any() else float("nan"),
        {name: score / rival for name, rival in judged.rivals.items()},
    )


#: What a search over constants tries, in this order.
TRIED_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
TRIED_ERRORS = (
    OwnErrors(),
    OwnErrors(years_to_move=1.0),
    OwnErrors(half_life_years=2.0, years_to_move=1.0),
    OwnErrors(least=1.0),
)


def learned_prior(evidence: FloatArray, weights: FloatArray) -> TrendPrior:
    """The prior under which many series are most likely: expectation and maximisation over the
    shares of shocks, a grid over the lognormal of growth's change.

    Parameters
    ----------
    evidence : array of floats, shape (series, pairs)
        Log likelihoods.
    weights : array of floats, shape (series,)
        What each series counts.
    """
    likelihood = np.exp(evidence - evidence.max(axis=1, keepdims=True))
    likelihood = likelihood.reshape(-1, GROWTH_CHANGES.size, len(SHOCKS))
    sizes = np.log10(GROWTH_CHANGES)
    best, found = -np.inf, TrendPrior(-1.0, 0.5, tuple([1.0 / len(SHOCKS)] * len(SHOCKS)))
    for centre, spread in product(np.arange(-2.0, 0.01, 0.1), (0.3, 0.45, 0.6, 0.8)):
        change = np.exp(-0.5 * ((sizes - centre) / spread) ** 2)
        by_shock = np.einsum("sgk,g->sk", likelihood, change / change.sum())
        shares = np.full(len(SHOCKS), 1.0 / len(SHOCKS))
        for _ in range(60):
            joint = by_shock * shares
            shares = weights @ (joint / joint.sum(axis=1, keepdims=True)) / weights.sum()
        fit = float(weights @ np.log(by_shock @ shares))
        if fit > best:
            best, found = (
                fit,
                TrendPrior(float(centre), float(spread), tuple(float(each) for each in shares)),
            )
    return found


def loss(records: Sequence[SeriesRecord], weights: FloatArray) -> float:
    """What constants are chosen by: distance of coverage from what bands promise, beyond two years
    once more, and scores, with a penalty where the textbook line was better.

    `weights` has a weight a record.
    """
    held = np.array([each.held_80 for each in records])
    far = np.array([each.far for each in records])
    half = np.array([each.held_50 for each in records])
    most = np.array([each.held_95 for each in records])
    ratio = np.log([each.against["textbook"] for each in records])
    off = (
        2.0 * np.maximum(np.abs(held - 0.8) - 0.05, 0.0)
        + np.nan_to_num(np.maximum(np.abs(far - 0.8) - 0.12, 0.0))
        + np.maximum(np.abs(half - 0.5) - 0.1, 0.0)
        + np.maximum(np.abs(most - 0.95) - 0.05, 0.0)
        + 0.5 * ratio
        + 2.0 * np.maximum(ratio - 0.05, 0.0)
    )
    return float(weights @ off / weights.sum())


def family_weights(judged: Sequence[JudgedSeries]) -> FloatArray:
    """Weights under which every family counts the same."""
    families = [each.series.family for each in judged]
    return np.array([1.0 / families.count(family) for family in families])


class Learner:
    """Learns constants on some series and judges them on others; keeps what both ask for again."""

    def __init__(self, judged: Sequence[JudgedSeries]) -> None:
        self.judged = list(judged)
        self.evidence = np.array([each.evidence for each in judged])
        self.weights = family_weights(judged)

    def learn(self, rows: Sequence[int]) -> PooledSettings:
        """The constants that do best on these series."""
        at = list(rows)
        prior = learned_prior(self.evidence[at], self.weights[at])
        parts = [local_part(self.judged[row], prior) for row in at]
        best, found = np.inf, PooledSettings(prior=prior)
        for errors in TRIED_ERRORS:
            start = PooledSettings(prior=prior, errors=errors)
            scale = self._scale(at, parts, start)
            for share in TRIED_SHARES:
                tried = replace(start, scale=scale, share=share)
                records = [
                    record_of(self.judged[row], part, tried)
                    for row, part in zip(at, parts, strict=True)
                ]
                size = loss(records, self.weights[at])
                if size < best:
                    best, found = size, tried
        return found

    def judge(self, rows: Sequence[int], settings: PooledSettings) -> list[SeriesRecord]:
        """How these constants do on these series."""
        return [
            record_of(self.judged[row], local_part(self.judged[row], settings.prior), settings)
            for row in rows
        ]

    def _scale(
        self, rows: Sequence[int], parts: Sequence[LocalPart], settings: PooledSettings
    ) -> float:
        """The scale of Student's t for which 80% bands hold 80% over all series."""
        sizes, counts = [], []
        for row, part in zip(rows, parts, strict=True):
            spread = np.maximum(part.spread(settings.errors), _ROUNDING)
            size = np.abs(self.judged[row].came - part.middle) / spread
            sizes.append(size)
            counts.append(np.full(size.size, self.weights[row] / size.size))
        size, count = np.concatenate(sizes), np.concatenate(counts)
        order = np.argsort(size)
        reached = np.cumsum(count[order]) / count.sum()
        return float(np.interp(0.8, reached, size[order]) / stdtrit(settings.freedom, 0.9))


@dataclass(frozen=True, eq=False)
class Splits:
    """Constants and records of every split, one row a split; `learned` are constants, `unseen` the
    records of the half that they were not learned on, `released` those of the constants in use on
    that half.
    """

    learned: tuple[PooledSettings, ...]
    unseen: tuple[tuple[SeriesRecord, ...], ...]
    released: tuple[tuple[SeriesRecord, ...], ...]

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a split: shares of unseen series within the goals, scores, constants."""
        rows = []
        for constants, records in zip(self.learned, self.unseen, strict=True):
            rows.append(
                goals(records)
                | {
                    "share_of_local_trend": constants.share,
                    "scale": constants.scale,
                    "growth_change_log10": constants.prior.change_log10,
                    "years_to_move": constants.errors.years_to_move,
                    "least": constants.errors.least,
                }
            )
        return pd.DataFrame(rows)

    @cached_property
    def released_table(self) -> pd.DataFrame:
        """A row a split: as `table`, by the constants in use."""
        return pd.DataFrame([goals(records) for records in self.released])


def goals(records: Sequence[SeriesRecord]) -> dict[str, float]:
    """Shares of series whose bands held within the goals, and scores."""

    def within(values: list[float], low: float, high: float) -> float:
        known = np.array([value for value in values if np.isfinite(value)])
        return float(((known >= low - _ROUNDING) & (known <= high + _ROUNDING)).mean())

    held = [each.held_80 for each in records]
    row = {
        "series": float(len(records)),
        "held_80": float(np.mean(held)),
        "80_within_70_90": within(held, 0.70, 0.90),
        "80_within_75_85": within(held, 0.75, 0.85),
        "far_within_68_92": within([each.far for each in records], 0.68, 0.92),
        "held_50": float(np.mean([each.held_50 for each in records])),
        "50_within_40_60": within([each.held_50 for each in records], 0.40, 0.60),
        "held_95": float(np.mean([each.held_95 for each in records])),
        "95_within_90_99": within([each.held_95 for each in records], 0.90, 0.99),
        "lowest_80": min(held),
        "highest_80": max(held),
    }
    for rival in RIVALS:
        ratios = [each.against[rival] for each in records if rival in each.against]
        if ratios:
            row[f"score_against_{rival}"] = float(np.mean(ratios))
            row[f"worst_against_{rival}"] = max(ratios)
            row[f"above_1.05_of_{rival}"] = float(np.mean(np.array(ratios) > 1.05))
    return row


def random_splits(judged: Sequence[JudgedSeries], count: int = 60, seed: int = 0) -> Splits:
    """Split the families into halves at random, learn on one half, judge on the other.

    Parameters
    ----------
    judged : sequence of JudgedSeries
        All series.
    count : int
        How many splits.
    seed : int
        Seed of the splits.
    """
    learner, rng = Learner(judged), np.random.default_rng(seed)
    families = sorted({each.series.family for each in judged})
    in_use = learner.judge(range(len(judged)), PooledSettings())
    learned, unseen, released = [], [], []
    for _ in range(count):
        half = set(rng.permutation(families)[: len(families) // 2].tolist())
        inside = [row for row, each in enumerate(judged) if each.series.family in half]
        outside = [row for row in range(len(judged)) if row not in set(inside)]
        constants = learner.learn(inside)
        learned.append(constants)
        unseen.append(tuple(learner.judge(outside, constants)))
        released.append(tuple(in_use[row] for row in outside))
    return Splits(tuple(learned), tuple(unseen), tuple(released))
