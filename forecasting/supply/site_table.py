"""AI data centres as the table has them: what is built, what is projected, how late projections of
an earlier edition came, and how much of its site each known run used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting.arrays import BoolArray, FloatArray, IntArray
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.errors import NotEnoughDataError
from forecasting.units import DAYS_PER_YEAR, HOURS_PER_YEAR, decimal_years

#: A state counts as reached at this share of its power: powers are revised by a megawatt or two.
REACHED = 0.99
#: Runs with fewer chips than this need no site of their own, and are not compared with one.
LARGE_RUN_CHIPS = 50_000
#: How long before its publication a run began, where its length is not known (years).
USUAL_RUN_YEARS = 120.0 / DAYS_PER_YEAR


@dataclass(frozen=True, eq=False)
class SiteStates:
    """States of sites by date, each site's in order: `site` and `owner` number the names in `names`
    and `owners`, `dates` are decimal years, `mw` the power of the whole facility. A site without a
    known owner is an owner of its own. `as_of` is the date of the last state that was seen,
    `shrunk` the sites of which a later state has less power.
    """

    names: tuple[str, ...]
    owners: tuple[str, ...]
    site: IntArray
    owner_of: IntArray
    dates: FloatArray
    mw: FloatArray
    projected: BoolArray
    as_of: float
    shrunk: tuple[str, ...]

    def built(self, years: FloatArray) -> FloatArray:
        """Power of each site as built by each of `years`, MW, of shape (sites, years)."""
        power = np.zeros((len(self.names), years.size))
        for at in np.flatnonzero(~self.projected):
            power[self.site[at], years >= self.dates[at]] = self.mw[at]
        return power

    def largest(self, power: FloatArray, of: str) -> FloatArray:
        """The largest site, or all sites of the largest owner.

        Parameters
        ----------
        power : array of floats, shape (sites, …)
            Power of each site.
        of : str
            "site" or "owner".
        """
        if of == "site":
            result: FloatArray = power.max(axis=0)
            return result
        total = np.zeros((len(self.owners), *power.shape[1:]))
        np.add.at(total, self.owner_of, power)
        largest: FloatArray = total.max(axis=0)
        return largest


@cached_with
def site_states(data: DataSet) -> SiteStates:
    """The states of the table; raises NotEnoughDataError where none with power was seen."""
    table = data["data_center_timelines"]
    table = table[table["facility_power_mw"].notna()]
    table = table.sort_values(["data_center", "date"], kind="stable")
    projected = table["projected"].to_numpy() == 1
    if not (~projected & (table["facility_power_mw"].to_numpy() > 0.0)).any():
        raise NotEnoughDataError(
            0, 1, "Give data_center_timelines a state with power that is not projected."
        )
    site, names = pd.factorize(table["data_center"].to_numpy(dtype=object))
    owner = table.groupby("data_center", sort=False)["owner"].first()
    owner_of, owners = pd.factorize(np.where(owner.isna(), names, owner.to_numpy(dtype=object)))
    dates = decimal_years(table["date"].to_numpy())
    mw = table["facility_power_mw"].to_numpy(dtype=np.float64)
    less = (np.diff(mw) < 0.0) & (np.diff(site) == 0)
    return SiteStates(
        names=tuple(map(str, names)),
        owners=tuple(map(str, owners)),
        site=site.astype(np.int64),
        owner_of=owner_of.astype(np.int64),
        dates=dates,
        mw=mw,
        projected=projected,
        as_of=float(dates[~projected].max()),
        shrunk=tuple(str(names[at]) for at in np.unique(site[1:][less])),
    )


@dataclass(frozen=True, eq=False)
class SiteDelays:
    """How late projected states came: `years` of each that is in both editions (negative: early),
    `still_projected` those that were not built by the later one, `due` those that should have been.
    """

    projected_on: float
    as_of: float
    years: FloatArray
    still_projected: BoolArray
    due: BoolArray

    def quantiles(self, q: tuple[float, ...], *, due: bool = False) -> tuple[float, ...]:
        """Quantiles of the delays, of all or of those that were `due`."""
        chosen = self.years[self.due] if due else self.years
        return tuple(float(x) for x in np.quantile(chosen, q))


@cached_with
def site_delays(data: DataSet) -> SiteDelays | None:
    """Of the projections of November 2025, the day on which the same power was reached, or is now
    expected, against the day on which it was due; None where no state is in both.
    """
    table, then = data["data_center_timelines"], data["site_projections_2025"]
    as_of = site_states(data).as_of
    dates, same = decimal_years(then["due_date"].to_numpy()), then["same_power_mw"].to_numpy()
    delays, still, due = [], [], []
    for name, due_date, mw in zip(then["data_center"], dates, same, strict=True):
        theirs = table[table["data_center"] == name].sort_values("date")
        later = theirs[theirs["facility_power_mw"] >= REACHED * float(mw)].iloc[:1]
        if later.empty:
            continue
        delays.append(float(decimal_years(later["date"].to_numpy())[0] - due_date))
        still.append(bool((later["projected"] == 1).all()))
        due.append(bool(due_date <= as_of))
    if not delays:
        return None
    return SiteDelays(
        projected_on=float(decimal_years(then["projected_on"].to_numpy()).max()),
        as_of=as_of,
        years=np.array(delays),
        still_projected=np.array(still),
        due=np.array(due),
    )


@dataclass(frozen=True)
class KnownShare:
    """How much of a site a run used: its chips over those of the largest site that its developer
    owned or used when it began, both in H100 equivalents.
    """

    model: str
    date: float
    site: str
    run_h100: float
    site_h100: float

    @property
    def share(self) -> float:
        """Share of the site, at most all of it."""
        return min(1.0, self.run_h100 / self.site_h100)


@cached_with
def known_shares(data: DataSet) -> tuple[KnownShare, ...]:
    """The large runs whose chips and whose developer's sites are both known, by date."""
    sites = data["data_center_timelines"]
    sites = sites[(sites["projected"] == 0) & sites["h100_equivalents"].notna()]
    whose = (sites["owner"].fillna("") + " " + sites["users"].fillna("")).str.casefold()
    began = decimal_years(sites["date"].to_numpy())
    worth = data["chip_unit_costs"].set_index("chip")["h100_equivalents"]
    models = data["ai_models"]
    models = models[models["hardware_quantity"] >= LARGE_RUN_CHIPS]
    dates = decimal_years(models["date"].to_numpy())
    lengths = (models["training_hours"] / HOURS_PER_YEAR).fillna(USUAL_RUN_YEARS)
    # A chip that is not named counts as an H100.
    chips = models["hardware_quantity"] * models["hardware"].map(worth).fillna(1.0)
    found = []
    for model, organization, date, length, h100 in zip(
        models["model"], models["organization"], dates, lengths, chips, strict=True
    ):
        developer = str(organization).split(",")[0].split(" ")[0].casefold()
        theirs = sites[
            whose.str.contains(developer, regex=False).to_numpy() & (began <= date - length)
        ]
        latest = theirs.sort_values("date").drop_duplicates("data_center", keep="last")
        largest = latest.sort_values("h100_equivalents").iloc[-1:]
        site_h100 = float(largest["h100_equivalents"].sum())
        if site_h100 > 0.0:
            site = str(largest["data_center"].to_numpy()[0])
            found.append(KnownShare(str(model), float(date), site, float(h100), site_h100))
    return tuple(sorted(found, key=lambda each: each.date))
