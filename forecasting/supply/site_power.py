r"""Power of one run from the sites that are built and projected.

.. math:: P_\mathrm{run}(t) = s\cdot\max_i P_i(t - d_i)\cdot g^{\max(0,\ t - t_0 - 2)}

P_i is the facility power of site i, or of all sites of owner i: as built up to the table's last
date t_0, after it as projected, each site d_i years late; s is the share of it that one run uses.
Projections reach about two years ahead, as long as a site takes to build; beyond them it grows by g
a year.

    site_power([2026.0, 2027.0]).mean(axis=0)      # MW
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import results_of
from forecasting.scenario import Inputs, SeededInputs, quantity
from forecasting.stats.distribution import Distribution, RangeBounds
from forecasting.stats.sampling import above_zero, stratified_normals
from forecasting.supply.site_table import SiteStates, site_states
from forecasting.supply.years_asked import draws_asked, years_asked

DRAWS = 1000
#: Projected states are used for so many years after the last that was seen.
PROJECTED_YEARS = 2.0
#: How much of a site's delay it shares with all others; the rest is its own.
SHARED_DELAY = 0.5
STREAM_KEY = 2044
STREAMS = ("site_share", "site_delay_years", "site_growth")


class SiteFields(Inputs):
    """How much of a site a run has, how late sites are, and how they grow beyond what is known."""

    site_share: Annotated[
        Distribution, RangeBounds(0.0, 1.0, above=True, because="A share is at most 100%.")
    ] = quantity(
        Distribution(0.4, 1.0, 0.9, "uniform"),
        unit="1",
        label="Share of a site for one run",
        why=(
            "Known runs, in H100 equivalents of the largest site that their developer used when"
            " they began: Gemini Ultra 38% (it ran on several), Grok 3 80%, Grok 4 all, GPT-6 Astra"
            " 57%."
        ),
    )
    site_delay_years: Annotated[Distribution, RangeBounds(0.0, 20.0)] = quantity(
        Distribution(0.02, 0.9, 0.8),
        unit="years",
        label="Sites are late by (years)",
        why=(
            "Of 34 states that Epoch AI projected in November 2025, 80% have come, or are now"
            " expected, 0 to 0.9 years late, with a median of 0.14. Half of the delay is assumed to"
            " be shared by all sites."
        ),
    )
    site_growth: Annotated[Distribution, RangeBounds(0.5, 20.0)] = quantity(
        Distribution(1.25, 2.0, 0.8),
        unit="×/year",
        label="Growth of later sites",
        why=(
            "From two years after the table's last date on. Upper edge of the states built since"
            " 2018: 1.5× a year, 80% range 1.25 to 2.0."
        ),
    )


class SitePowerInputs(SiteFields, SeededInputs):
    """Inputs of the power of one run from sites."""

    TABLES: ClassVar[tuple[str, ...]] = ("data_center_timelines",)

    site_of: Literal["site", "owner"] = quantity(
        "site",
        unit="name",
        label="A run uses",
        why=(
            "The largest site, or all sites of the owner with the most power, connected by a"
            " network."
        ),
    )


def site_power(
    years: ArrayLike,
    scenario: SitePowerInputs | None = None,
    *,
    draws: int = DRAWS,
    data: DataOrContext | None = None,
) -> FloatArray:
    """Draws of the power that one run can have, MW at the facility, of shape (draws, years).

    Parameters
    ----------
    years : array-like of floats, shape (years,)
        Decimal years, from the first site with power to 2100.
    scenario : SitePowerInputs or None
        The inputs; None: their defaults.
    draws : int
        How many draws.
    data : DataSet, Context or None
        The tables; None: the bundled ones.

    Raises
    ------
    InputError
        For what is no year, a year before any site had power or after 2100, and a number of draws
        below 1 or above 100,000.
    """
    inputs = scenario or SitePowerInputs()
    power, share = _drawn(inputs, inputs.site_of, years, draws_asked(draws), data)
    return power * share[:, None]


def largest_site(
    years: FloatArray, scenario: SitePowerInputs, *, draws: int = DRAWS, data: DataSet
) -> FloatArray:
    """Draws of the largest site itself, or of the largest owner's sites, MW, (draws, years).

    Parameters
    ----------
    years : array of floats, shape (years,)
        Decimal years.
    scenario : SitePowerInputs
        The inputs.
    draws : int
        How many draws.
    data : DataSet
        The tables.
    """
    return _drawn(scenario, scenario.site_of, years, draws, data)[0]


def run_watts(
    fields: SiteFields, of: str, years: FloatArray, draws: int, seed: int, data: DataSet
) -> FloatArray:
    """The power of one run in W for a plan, of shape (draws, years), computed once for the inputs.

    Parameters
    ----------
    fields : SiteFields
        Share, delay and growth.
    of : str
        "site" or "owner".
    years : array of floats, shape (years,)
        Decimal years.
    draws : int
        How many draws.
    seed : int
        Seed of the draws.
    data : DataSet
        The tables.
    """
    given = {name: getattr(fields, name) for name in SiteFields.model_fields}
    inputs = SitePowerInputs(seed=seed, site_of=of, **given)
    key = ("power of one run", inputs, draws, tuple(years.tolist()))
    return results_of(data).get(
        key, lambda: 1e6 * site_power(years, inputs, draws=draws, data=data)
    )


def _drawn(
    fields: SitePowerInputs,
    of: str,
    asked: ArrayLike,
    draws: int,
    data: DataOrContext | None,
) -> tuple[FloatArray, FloatArray]:
    """Draws of the largest power, (draws, years), and of the share of it, (draws,)."""
    states = site_states(context_of(data).data)
    first = float(states.dates[states.mw > 0.0].min())
    years = years_asked(asked, first, "a site of the table first had power")
    seeds = [fields.seed, STREAM_KEY]
    normals = dict(zip(STREAMS, stratified_normals(len(STREAMS), draws, seeds), strict=True))
    own = np.random.default_rng([*seeds, 1]).standard_normal((draws, len(states.names)))
    shared = normals["site_delay_years"][:, None]
    late = above_zero(
        fields.site_delay_years,
        np.sqrt(SHARED_DELAY) * shared + np.sqrt(1.0 - SHARED_DELAY) * own,
    )
    growth = above_zero(fields.site_growth, normals["site_growth"])[:, None]
    share = np.minimum(above_zero(fields.site_share, normals["site_share"]), 1.0)
    until = states.as_of + PROJECTED_YEARS
    known = _largest(states, of, np.minimum(years, until), late)
    power: FloatArray = known * growth ** np.maximum(years - until, 0.0)
    return power, share


def _largest(states: SiteStates, of: str, years: FloatArray, late: FloatArray) -> FloatArray:
    """The largest power at each year, by draw, as built and then as projected and late."""
    built = states.built(years)
    if (years <= states.as_of).all():
        return np.broadcast_to(states.largest(built, of), (late.shape[0], years.size))
    power = np.repeat(built[:, None, :], late.shape[0], axis=1)
    for at in np.flatnonzero(states.projected):
        site = states.site[at]
        reached = states.dates[at] + late[:, site, None] <= years
        power[site][reached] = states.mw[at]
    return states.largest(power, of)
