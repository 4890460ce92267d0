"""How good have forecasts been? Rolling origin: refit at each cut-off on what was known then,
forecast, score what came later.

    record = backtest(dates, values, method="default")
    record.coverage(0.8).value, record.mean_crps, record.by_horizon

Cut-offs are the 30% quantile of the dates and every full year after it; known is what is dated up
to the cut-off (at least 15 points), later what comes in the 5 years after it (at least 3 points);
hits are pooled over all cut-offs. A forecast is given the known points and nothing else, so it
can't peek. Errors and scores are in orders of magnitude (log10).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from forecasting.answers import Noted
from forecasting.arrays import BoolArray, FloatArray
from forecasting.errors import ForecastingError, InputError, NotEnoughDataError, UnknownNameError
from forecasting.evaluation.baselines import Forecaster
from forecasting.evaluation.forecast_scores import Share, crps_of_draws, share_of
from forecasting.evaluation.forecasters import TREND_METHODS, forecaster, trend_draws
from forecasting.stats.bands import LEVELS, QUANTILES, central_rows, quantile_columns
from forecasting.stats.budget import check_budget
from forecasting.stats.dated_series import checked_series
from forecasting.stats.parallel import parallel_map
from forecasting.stats.quantiles import quantile_of
from forecasting.trends.trend import DEFAULT_METHOD, Kind

MIN_BEFORE_FIRST = 10
#: A short series that the protocol can't judge is judged from this many points on.
MIN_KNOWN = 8
#: Of fewer points the protocol's first cut-off leaves too few before it.
SHORT_SERIES = 35
#: A year's median is scored where it rests on this many points.
MIN_A_YEAR = 3
HORIZON_EDGES = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
_SLACK = 1e-9


@dataclass(frozen=True)
class CutOffs:
    """Which dates to forecast from: the `first_share` quantile of the dates, moved by
    `shift_years`, and every `step_years` after it.

    At least `fewest_known` points must be known and `fewest_later` come within `years_ahead`.
    """

    first_share: float = 0.3
    shift_years: float = 0.0
    step_years: float = 1.0
    years_ahead: float = 5.0
    fewest_known: int = 15
    fewest_later: int = 3

    def __post_init__(self) -> None:
        if not 0.0 < self.first_share < 1.0:
            raise InputError(
                "first_share",
                self.first_share,
                "Give a share between 0 and 1 (exclusive), such as 0.3.",
            )
        for name in ("step_years", "years_ahead"):
            if not 0.0 < getattr(self, name) <= 100.0:
                raise InputError(name, getattr(self, name), "Give years above 0, at most 100.")
        if self.fewest_known < MIN_KNOWN:
            raise InputError(
                "fewest_known",
                self.fewest_known,
                f"Give at least {MIN_KNOWN}: fewer show no trend.",
            )
        if self.fewest_later < 1:
            raise InputError("fewest_later", self.fewest_later, "Give at least 1.")

    @classmethod
    def of_few_points(cls, points: int) -> CutOffs:
        """Cut-offs for a short series, such as one of yearly values: from the date of its eighth
        point on, with two to come.

        Parameters
        ----------
        points : int
            How many the series has, at least 10.

        Raises
        ------
        NotEnoughDataError
            For fewer.
        """
        if points < MIN_KNOWN + 2:
            raise NotEnoughDataError(
                points,
                MIN_KNOWN + 2,
                f"{MIN_KNOWN} points to forecast from and 2 that come later make the shortest"
                " series that can be judged.",
            )
        return cls(
            first_share=(MIN_KNOWN - 0.5) / (points - 1), fewest_known=MIN_KNOWN, fewest_later=2
        )


@dataclass(frozen=True)
class LeftOut(Noted):
    """A cut-off (decimal year) that could not be used; its subclasses say why."""

    cut_off: float

    @property
    def reason(self) -> str:
        """Why it could not be used, in words."""
        return self.sentence


@dataclass(frozen=True)
class TooFewKnown(LeftOut):
    """Fewer points were `known` at the cut-off than the `needed`."""

    known: int
    needed: int


@dataclass(frozen=True)
class TooFewLater(LeftOut):
    """Only so many `later` points came in the `years_ahead` after it; `is_gap` where the series
    goes on after those years.
    """

    later: int
    years_ahead: float
    is_gap: bool


@dataclass(frozen=True)
class NotFitted(LeftOut):
    """The method can't be fitted to what was known, for the reason that `error` gives."""

    error: str


@dataclass(frozen=True, eq=False)
class Backtest:
    """What was forecast and what came. Arrays have one entry a scored point of a cut-off, length m;
    `logs` are log10.

    `quantiles` (7, m) are at bands.QUANTILES, `rank` is the share of the forecast below what came,
    `crps` the score.
    """

    method: str
    kind: Kind
    plan: CutOffs
    cut_offs: FloatArray
    left_out: tuple[LeftOut, ...]
    cut_off: FloatArray
    date: FloatArray
    logs: FloatArray
    quantiles: FloatArray
    rank: FloatArray
    crps: FloatArray

    @property
    def horizon(self) -> FloatArray:
        """Years from cut-off to point."""
        result: FloatArray = self.date - self.cut_off
        return result

    @property
    def mean_crps(self) -> float:
        """The mean score in orders of magnitude; lower is better."""
        return float(self.crps.mean())

    @property
    def bias(self) -> float:
        """Median of forecast less what came, in orders of magnitude: above 0 the forecasts were too
        high.
        """
        return float(np.median(self.quantiles[QUANTILES.index(0.5)] - self.logs))

    def hits(self, level: float) -> BoolArray:
        """Which points lie inside the central band of `level` (0.5, 0.8 or 0.95)."""
        low, high = self._ends(level)
        result: BoolArray = (self.logs >= low) & (self.logs <= high)
        return result

    def coverage(
        self, level: float = 0.8, longer_than: float = 0.0, up_to: float = np.inf
    ) -> Share:
        """The share of points inside the band; its error comes from resampling years.

        Parameters
        ----------
        level : float
            The central band: 0.5, 0.8 or 0.95.
        longer_than : float
            Points at horizons of more than so many years count.
        up_to : float
            Horizons up to so many years count.

        Raises
        ------
        NotEnoughDataError
            Where no point has such a horizon.
        """
        keep = (self.horizon > longer_than) & (self.horizon <= up_to)
        if not keep.any():
            raise NotEnoughDataError(
                0,
                1,
                f"No point lies {longer_than:g} to {up_to:g} years after a cut-off: choose other"
                " horizons.",
            )
        return share_of(self.hits(level)[keep], np.floor(self.date[keep]).astype(np.int64))

    def median_width(self, level: float = 0.8) -> float:
        """The median width of the band in orders of magnitude."""
        low, high = self._ends(level)
        return float(np.median(high - low))

    def hindsight_width(self, level: float = 0.8) -> float:
        """The narrowest constant width, about the middle of each forecast's band, that would have
        reached the same coverage.
        """
        low, high = self._ends(level)
        size = np.sort(np.abs(self.logs - (low + high) / 2.0))
        inside = int(self.hits(level).sum())
        return 2.0 * float(size[max(inside, 1) - 1])

    @property
    def by_horizon(self) -> pd.DataFrame:
        """One row a year of horizon: points, coverage at 50, 80 and 95% with the 80% interval of
        its sampling error, width, CRPS, bias.
        """
        rows = []
        for above, upto in pairwise(HORIZON_EDGES):
            keep = (self.horizon > above) & (self.horizon <= upto)
            if not keep.any():
                continue
            row: dict[str, float] = {
                "years_ahead_above": above,
                "years_ahead_up_to": upto,
                "points": float(keep.sum()),
            }
            for level in LEVELS:
                share = self.coverage(level, above, upto)
                row |= {
                    f"coverage_{level:.0%}": share.value,
                    f"coverage_{level:.0%}_q10": share.low,
                    f"coverage_{level:.0%}_q90": share.high,
                }
            low, high = self._ends(0.8)
            row["width_80_oom"] = float(np.median((high - low)[keep]))
            row["crps_oom"] = float(self.crps[keep].mean())
            row["bias_oom"] = float(
                np.median((self.quantiles[QUANTILES.index(0.5)] - self.logs)[keep])
            )
            rows.append(row)
        return pd.DataFrame(rows)

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a scored point: cut-off, date, what came and the quantiles of the forecast, in
        the unit of the series.
        """
        columns: dict[str, FloatArray] = {
            "cut_off_year": self.cut_off,
            "date_year": self.date,
            "came": 10.0**self.logs,
        }
        return pd.DataFrame(
            columns | quantile_columns("forecast", 10.0**self.quantiles) | {"crps_oom": self.crps}
        )

    def _ends(self, level: float) -> tuple[FloatArray, FloatArray]:
        return central_rows(self.quantiles, level)


def cut_offs_of(years: FloatArray, plan: CutOffs) -> tuple[FloatArray, tuple[LeftOut, ...]]:
    """The cut-offs that can be used on sorted `years`, and those that can't with the reason.

    Raises NotEnoughDataError where fewer than 10 points (or the plan's `fewest_known`, if less)
    come before the first cut-off, or no cut-off can be used.
    """
    first = float(np.quantile(years, plan.first_share)) + plan.shift_years if years.size else 0.0
    before = int((years <= first + _SLACK).sum())
    needed = min(MIN_BEFORE_FIRST, plan.fewest_known)
    if before < needed:
        raise NotEnoughDataError(
            before,
            needed,
            f"Points before the first cut-off ({first:.1f}) are counted: the series is too short to"
            " evaluate.",
        )
    used: list[float] = []
    left_out: list[LeftOut] = []
    for cut_off in np.arange(first, float(years[-1]), plan.step_years):
        known = int((years <= cut_off + _SLACK).sum())
        later = int((years <= cut_off + plan.years_ahead + _SLACK).sum()) - known
        if known < plan.fewest_known:
            left_out.append(TooFewKnown(float(cut_off), known, plan.fewest_known))
        elif later < plan.fewest_later:
            is_gap = bool(years[-1] > cut_off + plan.years_ahead)
            left_out.append(TooFewLater(float(cut_off), later, plan.years_ahead, is_gap))
        else:
            used.append(float(cut_off))
    if not used:
        reasons = left_out[-1].reason if left_out else "the dates end at the first cut-off"
        raise NotEnoughDataError(
            0,
            1,
            f"No cut-off of this series can be evaluated: {reasons}. Use a longer series or other"
            " cut-offs.",
        )
    return np.array(used), tuple(left_out)


def _plan_for(years: FloatArray) -> CutOffs:
    """The protocol's cut-offs; for a short series that they can't judge those for few points."""
    protocol = CutOffs()
    if MIN_KNOWN + 2 <= years.size < SHORT_SERIES:
        try:
            cut_offs_of(years, protocol)
        except NotEnoughDataError:
            return CutOffs.of_few_points(years.size)
    return protocol


def backtest(
    dates: ArrayLike,
    values: ArrayLike,
    *,
    method: str | Forecaster = "default",
    plan: CutOffs | None = None,
    kind: Kind = "observation",
) -> Backtest:
    """Judge a method on a dated series of positive values, as the module's docstring says.

    Parameters
    ----------
    dates : array-like of datetime64, ISO strings or decimal years, shape (n,)
        Dates in any order.
    values : array-like of floats, shape (n,)
        Values above 0.
    method : str or Forecaster
        A name of METHODS, "default", or a forecaster of one's own (see baselines.py).
    plan : CutOffs or None
        Where the series is cut and how far ahead it is forecast; None: the defaults, or for a
        series of fewer than 35 points that they can't judge, `CutOffs.of_few_points`.
    kind : str
        "observation" scores every later point; "trend" scores the band of the trend line on the
        medians of later years, allowing for their sampling error.

    Raises
    ------
    InputError
        For a date or value that is missing or can't be used.
    NotEnoughDataError
        For a series too short to judge.
    """
    if kind not in get_args(Kind):
        raise UnknownNameError("kind", kind, get_args(Kind))
    predict = forecaster(method) if isinstance(method, str) else method
    name = (
        (DEFAULT_METHOD if method == "default" else method)
        if isinstance(method, str)
        else getattr(method, "__name__", "own")
    )
    if kind == "trend" and name not in TREND_METHODS:
        raise InputError(
            "kind", kind, f"The band of a trend line exists for {', '.join(TREND_METHODS)} only."
        )
    years, numbers = checked_series(dates, values)
    order = np.lexsort((numbers, years))
    years, logs = years[order], np.log10(numbers[order])
    plan = _plan_for(years) if plan is None else plan
    cut_offs, left_out = cut_offs_of(years, plan)
    parts = []
    skipped = list(left_out)
    for cut_off in cut_offs:
        check_budget()
        known = int(np.searchsorted(years, cut_off + _SLACK, side="right"))
        end = int(np.searchsorted(years, cut_off + plan.years_ahead + _SLACK, side="right"))
        # Copies: whatever a method does, it never holds a later point.
        then, seen = years[:known].copy(), logs[:known].copy()
        ahead, came = years[known:end], logs[known:end]
        try:
            if kind == "trend":
                ahead, came, points = _medians(ahead - cut_off, came, cut_off)
                draws = (
                    trend_draws(name, then, seen, ahead, points) if ahead.size else np.empty((1, 0))
                )
            else:
                draws = predict(then, seen, ahead)
        except ForecastingError as error:
            skipped.append(NotFitted(float(cut_off), str(error)))
            continue
        if ahead.size:
            parts.append((float(cut_off), ahead, came, draws))
    if not parts:
        raise NotEnoughDataError(
            0,
            1,
            (
                "No cut-off could be evaluated:"
                f" {skipped[-1].reason if skipped else 'no later points'}"
            ),
        )
    return Backtest(
        method=name,
        kind=kind,
        plan=plan,
        cut_offs=np.array([part[0] for part in parts]),
        left_out=tuple(skipped),
        cut_off=np.concatenate([np.full(ahead.size, cut_off) for cut_off, ahead, _, _ in parts]),
        date=np.concatenate([ahead for _, ahead, _, _ in parts]),
        logs=np.concatenate([came for _, _, came, _ in parts]),
        quantiles=np.concatenate(
            [quantile_of(draws, QUANTILES) for _, _, _, draws in parts], axis=1
        ),
        rank=np.concatenate([(draws < came).mean(axis=0) for _, _, came, draws in parts]),
        crps=np.concatenate([crps_of_draws(draws, came) for _, _, came, draws in parts]),
    )


@dataclass(frozen=True)
class Task:
    """One series to be judged by one method; `dates` and `values` as for `backtest`."""

    name: str
    dates: FloatArray
    values: FloatArray
    method: str = "default"
    plan: CutOffs | None = None
    kind: Kind = "observation"


def backtest_many(
    tasks: Sequence[Task],
    *,
    jobs: int | None = None,
    backend: str | None = None,
    dask: str | None = None,
) -> list[Backtest | ForecastingError]:
    """Judge many series, in the order of `tasks`. A series that can't be judged gives its error.

    Parameters
    ----------
    tasks : sequence of Task
        The series and methods.
    jobs : int or None
        How many at once on this machine; None: as the environment says.
    backend : str or None
        A back-end of joblib; None: as the environment says.
    dask : str or None
        Address of a Dask scheduler to spread over; None: as the environment says. See parallel.py.
    """
    return parallel_map(_judged, tasks, jobs=jobs, backend=backend, dask=dask)


def _judged(task: Task) -> Backtest | ForecastingError:
    try:
        return backtest(task.dates, task.values, method=task.method, plan=task.plan, kind=task.kind)
    except ForecastingError as error:
        return (
            NotEnoughDataError(error.found, error.needed, f"{task.name}: {error.remedy}")
            if isinstance(error, NotEnoughDataError)
            else InputError("series", task.name, str(error))
        )


def _medians(
    ahead: FloatArray, came: FloatArray, cut_off: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Of the years after a cut-off with enough points: mean dates, medians, numbers of points."""
    year = np.ceil(ahead - _SLACK)
    kept = [each for each in np.unique(year) if (year == each).sum() >= MIN_A_YEAR]
    dates = np.array([cut_off + ahead[year == each].mean() for each in kept])
    medians = np.array([np.median(came[year == each]) for each in kept])
    return dates, medians, np.array([float((year == each).sum()) for each in kept])
