r"""One big run under a law: its tokens, compute, hours of chips, cost, days on a cluster, and loss.

.. math:: D_\mathrm{opt}(N) = \frac{1}{N} \left(\frac{N}{G}\right)^{(\alpha+\beta)/\beta},
    \qquad C = 6ND

with :math:`G = (\alpha A / \beta B)^{1/(\alpha+\beta)}`: the tokens for which a model of N
parameters is the best use of its compute (Hoffmann et al. 2022, arXiv:2203.15556, approach 3,
solved for D). Hours of chips are C over peak and MFU, dollars at the price of compute in a year.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.compute_cost.compute_price import ComputePriceDraws
from forecasting.fitting.scaling_fit import ScalingFit
from forecasting.laws.law_draws import LawDraws
from forecasting.stats.bands import Range
from forecasting.units import HOURS_PER_DAY, SECONDS_PER_HOUR

#: The share of draws inside a range.
LEVEL = 0.8


@dataclass(frozen=True, eq=False)
class BigRun:
    """A run of `target_params` parameters on `target_tokens` tokens, on `cluster_chips` chips of
    the kind `chip`.

    `target_flop` is its compute, counted as that of the fitted runs, `target_loss` the loss of one
    new run of that size, `optimal_tokens` the tokens for which
    its parameters are the best use of compute. Ranges hold 80%.
    """

    target_params: float
    target_tokens: float
    target_flop: float
    target_loss: Range
    optimal_tokens: Range
    target_chip_hours: Range
    target_usd: Range
    target_days: Range
    chip: str
    cluster_chips: int

    @property
    def tokens_per_param(self) -> float:
        """Tokens per parameter."""
        return self.target_tokens / self.target_params


def big_run(
    fit: ScalingFit,
    params: float,
    tokens: float,
    price: ComputePriceDraws,
    cluster_chips: int,
    *,
    seed: int,
) -> BigRun:
    """The run with all that follows from its size.

    Parameters
    ----------
    fit : ScalingFit
        The law with its draws.
    params, tokens : float
        Its parameters and training tokens.
    price : ComputePriceDraws
        The price of compute in the year of training, in its first column.
    cluster_chips : int
        How many chips it trains on.
    seed : int
        Fixes the noise of one new run.
    """
    predicted = fit.forecast(params, tokens, kind="run", seed=seed)
    flop = float(fit.runs.flop_of(params, tokens))
    chip_hours = flop / (price.chip_hour.peak_flop_per_s * price.mfu * SECONDS_PER_HOUR)
    best = float(compute_optimal_tokens(LawDraws.of_law(fit.law), params)[0])
    return BigRun(
        target_params=params,
        target_tokens=tokens,
        target_flop=flop,
        target_loss=about(float(predicted.loss[0]), predicted.draws[:, 0], "nats per token"),
        optimal_tokens=about(best, compute_optimal_tokens(fit.draws, params), "tokens"),
        target_chip_hours=Range.of_draws(chip_hours, "chip-hours", LEVEL),
        target_usd=Range.of_draws(flop * price.usd_per_flop[:, 0], "USD", LEVEL),
        target_days=Range.of_draws(chip_hours / cluster_chips / HOURS_PER_DAY, "days", LEVEL),
        chip=price.chip_hour.chip,
        cluster_chips=cluster_chips,
    )


def compute_optimal_tokens(laws: LawDraws, params: float) -> FloatArray:
    """The tokens for which a model of so many parameters is the best use of its compute, one of
    each law; none or without limit where a law puts all compute on one side.

    Parameters
    ----------
    laws : LawDraws
        The laws.
    params : float
        Parameters.
    """
    with np.errstate(all="ignore"):
        log_product = (np.log(params) - laws.log_G) / laws.params_exponent
        tokens: FloatArray = np.exp(log_product - np.log(params))
    return np.where(np.isnan(tokens), np.inf, tokens)


def about(value: float, draws: FloatArray, unit: str) -> Range:
    """The value of the best fit with the range of the draws, which it always lies in.

    Parameters
    ----------
    value : float
        Of the best fit.
    draws : array of floats
        Of the fits to resampled runs.
    unit : str
        Of both.
    """
    return Range.of_draws(draws, unit).around(value)
