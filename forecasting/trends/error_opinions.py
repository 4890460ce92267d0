"""A second opinion on the errors of a trend, by the estimators of statsmodels, and diagnostics of
its residuals.

    log10 y(t) = a + b·t + e

opinions = error_opinions(dates, values)
opinions.table, opinions.diagnostics

The intervals of `fit_trend` resample whole years. Textbooks have other answers to errors that are
not independent: heteroscedasticity- and autocorrelation-consistent ones (HAC; Newey and West 1987,
lags by Andrews 1991) and ones clustered by year (Liang and Zeger 1986); and lines that outliers
pull less: Huber's (RLM), the median's and another quantile's (QuantReg; Koenker and Bassett 1978).
statsmodels takes seconds to import: it is imported when this is first asked for.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray
from forecasting.errors import InputError, NotEnoughDataError
from forecasting.stats.dated_series import checked_series, require_points

ErrorKind = Literal["plain", "hac", "by_year", "robust", "median", "quantile"]
MIN_POINTS, MIN_YEARS = 12, 5
#: A break is looked for between these shares of the points.
TRIMMED = 0.15
#: 5% critical value of the largest F for a break of two coefficients with 15% trimmed on each side
#: (Andrews 1993, 2003).
CRITICAL_SUP_F = 5.86


@dataclass(frozen=True)
class Opinion:
    """Growth per year with its 95% interval by one kind of errors."""

    kind: ErrorKind
    growth_per_year: float
    low: float
    high: float


@dataclass(frozen=True)
class Diagnostics:
    """Residuals of the least-squares line: the probability of so much correlation over `lags`
    points (Ljung and Box 1978) and of so far a wandering sum (CUSUM; Ploberger and Krämer 1992)
    were they independent; the largest F of a break in level and growth, at `break_year` (Chow 1960,
    Quandt 1960), beside its 5% critical value, for independent errors.
    """

    lags: int
    ljung_box_p: float
    cusum_p: float
    sup_f: float
    break_year: float
    critical_sup_f: float = CRITICAL_SUP_F


@dataclass(frozen=True)
class ErrorOpinions:
    """Opinions on one series, errors clustered by year only where there are 5 years or more;
    `hac_lags` points is how far HAC errors take residuals to go together.
    """

    opinions: tuple[Opinion, ...]
    hac_lags: int
    years: int
    diagnostics: Diagnostics

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row an opinion: kind, growth per year, 95% interval."""
        rows = [(each.kind, each.growth_per_year, each.low, each.high) for each in self.opinions]
        return pd.DataFrame(rows, columns=["errors", "growth_per_year", "low_95", "high_95"])


def error_opinions(
    dates: ArrayLike, values: ArrayLike, *, quantile: float | None = None
) -> ErrorOpinions:
    """The growth of a series with the errors of statsmodels' estimators, and what its residuals
    say.

    Parameters
    ----------
    dates : array-like of datetime64 or decimal years, shape (n,)
        When.
    values : array-like of floats above 0, shape (n,)
        What; in any unit.
    quantile : float or None
        The level of one more line, between 0 and 1, such as 0.9 for that of the best tenth.

    Raises
    ------
    NotEnoughDataError
        For fewer than 12 points.
    InputError
        For values that are no series, or another quantile.
    """
    if quantile is not None and not 0.0 < quantile < 1.0:
        raise InputError(
            "quantile", quantile, "Give a share between 0 and 1 (exclusive), such as 0.9."
        )
    import statsmodels.regression.linear_model as linear_model
    from statsmodels.regression.quantile_regression import QuantReg
    from statsmodels.robust.norms import HuberT
    from statsmodels.robust.robust_linear_model import RLM

    years, numbers = checked_series(dates, values)
    require_points(years)
    if years.size < MIN_POINTS:
        raise NotEnoughDataError(years.size, MIN_POINTS, "Widen the dates.")
    order = np.argsort(years, kind="stable")
    years, numbers = years[order], numbers[order]
    logs = np.log10(numbers)
    design = np.stack([np.ones(years.size), years - years.mean()], axis=1)
    model = linear_model.OLS(logs, design)
    plain = model.fit()
    lags = _lags(np.asarray(plain.resid))
    calendar = np.floor(years).astype(int)
    distinct = int(np.unique(calendar).size)
    fits: dict[ErrorKind, Any] = {
        "plain": plain,
        "hac": model.fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}),
    }
    if distinct >= MIN_YEARS:
        groups = {"groups": calendar}
        fits["by_year"] = model.fit(cov_type="cluster", cov_kwds=groups)
    with warnings.catch_warnings():
        # Points on one line leave a median line without a density to estimate.
        warnings.simplefilter("ignore")
        fits["robust"] = RLM(logs, design, M=HuberT()).fit()
        fits["median"] = QuantReg(logs, design).fit(q=0.5)
        if quantile is not None:
            fits["quantile"] = QuantReg(logs, design).fit(q=quantile)
    return ErrorOpinions(
        tuple(_opinion(kind, fit) for kind, fit in fits.items()),
        lags,
        distinct,
        _diagnostics(np.asarray(plain.resid), years, logs),
    )


def _opinion(kind: ErrorKind, fit: Any) -> Opinion:
    low, high = np.asarray(fit.conf_int(0.05))[1]
    return Opinion(kind, *(float(10.0**slope) for slope in (fit.params[1], low, high)))


def _lags(residuals: FloatArray) -> int:
    """How many lags errors take to be independent, for Bartlett weights and an autoregression of
    the residuals (Andrews 1991, equations 5.3 and 6.4).
    """
    total = float(residuals @ residuals)
    alike = float(residuals[1:] @ residuals[:-1]) / total if total > 0.0 else 0.0
    alike = min(max(alike, -0.97), 0.97)
    strength = 4.0 * alike**2 / ((1.0 - alike) ** 2 * (1.0 + alike) ** 2)
    width = math.ceil(1.1447 * float(strength * residuals.size) ** (1.0 / 3.0))
    return int(max(1, min(width, residuals.size // 3)))


def _diagnostics(residuals: FloatArray, years: FloatArray, logs: FloatArray) -> Diagnostics:
    from statsmodels.stats.diagnostic import acorr_ljungbox, breaks_cusumolsresid

    lags = min(10, residuals.size // 5)
    box = acorr_ljungbox(residuals, lags=[lags])
    sup_f, break_year = _sup_f(years, logs)
    return Diagnostics(
        lags=lags,
        ljung_box_p=float(box["lb_pvalue"].iloc[0]),
        cusum_p=float(breaks_cusumolsresid(residuals, ddof=2)[1]),
        sup_f=sup_f,
        break_year=break_year,
    )


def _sup_f(years: FloatArray, logs: FloatArray) -> tuple[float, float]:
    """The largest F of two lines against one, and the first year of the second."""
    n = years.size
    first, last = max(3, math.floor(TRIMMED * n)), min(n - 3, math.ceil((1.0 - TRIMMED) * n))
    whole = _squares(years, logs)
    best, at = 0.0, float(years[first])
    for split in range(first, last + 1):
        if years[split] == years[split - 1]:
            continue
        parts = _squares(years[:split], logs[:split]) + _squares(years[split:], logs[split:])
        statistic = (whole - parts) / 2.0 / max(parts / (n - 4), 1e-300)
        if statistic > best:
            best, at = statistic, float(years[split])
    return best, at


def _squares(x: FloatArray, y: FloatArray) -> float:
    """The sum of squared residuals about the line of y on x."""
    u, v = x - x.mean(), y - y.mean()
    spread = float(u @ u)
    explained = float(u @ v) ** 2 / spread if spread > 0.0 else 0.0
    return max(float(v @ v) - explained, 0.0)
