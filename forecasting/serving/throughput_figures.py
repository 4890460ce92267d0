"""What a throughput implies, measured or modelled: the price of a token, tokens a megawatt, and the
utilisation of a chip's peak.
"""

from __future__ import annotations

from typing import Any

from forecasting.arrays import FloatArray
from forecasting.compute_cost.chip_hours import SERVER_POWER_FACTOR
from forecasting.laws.law_inputs import checked_coefficient, checked_coefficients
from forecasting.serving.replica import checked_share
from forecasting.units import SECONDS_PER_HOUR


def usd_per_million_tokens(
    tokens_per_s_per_chip: float | FloatArray, usd_per_chip_hour: float, utilisation: float = 1.0
) -> Any:
    """Dollars for a million tokens: 10⁶ p/(3600 r u).

    Parameters
    ----------
    tokens_per_s_per_chip : array of floats
        Tokens a second and chip at full load, r.
    usd_per_chip_hour : float
        What a chip costs an hour, p.
    utilisation : float
        The share of full load at which chips run, u, above 0 and at most 1.
    """
    price = checked_coefficient("usd_per_chip_hour", usd_per_chip_hour, zero_allowed=True)
    busy = checked_share("utilisation", utilisation)
    rate = checked_coefficients("tokens_per_s_per_chip", tokens_per_s_per_chip)
    return 1e6 * price / (SECONDS_PER_HOUR * rate * busy)


def tokens_per_s_per_megawatt(
    tokens_per_s_per_chip: float | FloatArray,
    tdp_watts: float,
    *,
    server_power_factor: float = SERVER_POWER_FACTOR,
    pue: float = 1.0,
) -> Any:
    """Tokens a second for a megawatt of the data centre: 10⁶ r/(P s PUE). Chips at full load draw
    less than their thermal design power, so it is a lower bound.

    Parameters
    ----------
    tokens_per_s_per_chip : array of floats
        Tokens a second and chip, r.
    tdp_watts : float
        The chip's thermal design power, P.
    server_power_factor : float
        Power of a server per power of its chips, s; 1 counts chips alone.
    pue : float
        Power of the data centre per power of its servers.
    """
    watts = checked_coefficient("tdp_watts", tdp_watts)
    watts *= checked_coefficient("server_power_factor", server_power_factor)
    watts *= checked_coefficient("pue", pue)
    return 1e6 * checked_coefficients("tokens_per_s_per_chip", tokens_per_s_per_chip) / watts


def implied_mfu(
    tokens_per_s_per_chip: float | FloatArray, *, active_params: float, peak_flop_per_s: float
) -> Any:
    """The share of a peak that so many tokens a second take: 2 N_a r/F. Above 1 where the peak is
    another precision's.

    Parameters
    ----------
    tokens_per_s_per_chip : array of floats
        Tokens a second and chip, r, written or read.
    active_params : float
        Parameters that a token uses, N_a.
    peak_flop_per_s : float
        The peak, F.
    """
    flop = 2.0 * checked_coefficient("active_params", active_params)
    rate = checked_coefficients("tokens_per_s_per_chip", tokens_per_s_per_chip)
    return flop * rate / checked_coefficient("peak_flop_per_s", peak_flop_per_s)
