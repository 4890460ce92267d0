"""Power of one run from sites: what stood on a date, what is projected, how late that comes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import forecasting as fc
from forecasting.data.dataset import DataSet
from forecasting.stats.distribution import Distribution
from forecasting.supply.site_power import SitePowerInputs, largest_site, run_watts, site_power
from forecasting.supply.site_table import known_shares, site_delays, site_states
from tests.vintage import shipped

WHOLE = Distribution.fixed(1.0)
ON_TIME = Distribution.fixed(0.0)


def of_states(*states: tuple[str, str, int, float]) -> DataSet:
    """Tables in which sites have these states: name, date, projected, MW."""
    table = shipped()["data_center_timelines"].iloc[: len(states)].copy()
    names, dates, projected, mw = zip(*states, strict=True)
    table["data_center"], table["owner"] = names, [name.split()[0] for name in names]
    table["date"] = pd.to_datetime(list(dates)).astype("datetime64[s]")
    table["projected"], table["facility_power_mw"] = projected, mw
    return shipped().replaced(data_center_timelines=table)


@pytest.mark.parametrize(("year", "mw"), [(2025.4971, 478.0), (2026.0, 751.0), (2026.5863, 1276.0)])
def test_the_largest_site_is_what_stood_on_the_date(year: float, mw: float) -> None:
    drawn = largest_site(np.array([year]), SitePowerInputs(), data=shipped())
    assert np.unique(drawn).tolist() == [mw]


def test_a_run_has_the_share_of_the_site_that_is_asked_for() -> None:
    half = SitePowerInputs(site_share=Distribution.fixed(0.5))
    assert np.unique(site_power([2026.0, 2026.6], half, data=shipped())).tolist() == [375.5, 638.0]


def test_projected_states_on_time_are_those_of_the_table() -> None:
    on_time = SitePowerInputs(site_delay_years=ON_TIME, site_share=WHOLE)
    drawn = site_power([2027.0, 2028.0, 2028.5], on_time, data=shipped())
    assert np.unique(drawn, axis=0).tolist() == [[1276.0, 2262.0, 2715.0]]


def test_later_sites_give_less_power() -> None:
    years = np.array([2028.0])
    medians = [
        float(
            np.median(
                site_power(
                    years,
                    SitePowerInputs(site_delay_years=Distribution(low, high, 0.8)),
                    data=shipped(),
                )
            )
        )
        for low, high in ((0.001, 0.01), (0.02, 0.9), (1.0, 2.0))
    ]
    assert medians[0] > medians[1] > medians[2]


def test_beyond_the_projections_power_grows_by_the_rate_that_is_given() -> None:
    inputs = SitePowerInputs(
        site_share=WHOLE, site_delay_years=ON_TIME, site_growth=Distribution.fixed(1.5)
    )
    until = site_states(shipped()).as_of + 2.0
    first, later = site_power([until, until + 3.0], inputs, data=shipped())[0]
    assert later == pytest.approx(first * 1.5**3)


def test_the_sites_of_one_owner_are_added() -> None:
    data = of_states(
        ("A east", "2025-01-01", 0, 100.0),
        ("A west", "2025-01-01", 0, 80.0),
        ("B", "2025-01-01", 0, 150.0),
        ("B", "2026-06-01", 1, 400.0),
    )
    inputs = SitePowerInputs(site_share=WHOLE, site_delay_years=ON_TIME)
    assert site_power([2025.0, 2026.5], inputs, data=data)[0].tolist() == [150.0, 400.0]
    together = inputs.replaced(site_of="owner")
    assert site_power([2025.0, 2026.5], together, data=data)[0].tolist() == [180.0, 400.0]


def test_a_site_that_shrinks_counts_with_its_later_power_and_is_named() -> None:
    data = of_states(
        ("A", "2024-01-01", 0, 300.0), ("A", "2025-01-01", 0, 200.0), ("A", "2026-01-01", 1, 90.0)
    )
    inputs = SitePowerInputs(site_share=WHOLE, site_delay_years=ON_TIME)
    assert site_power([2024.5, 2025.0, 2026.5], inputs, data=data)[0].tolist() == [300, 200, 90]
    assert site_states(data).shrunk == ("A",)
    assert site_states(shipped()).shrunk == ("Colossus 1",)


def test_projections_of_november_2025_came_late_by_what_the_default_says() -> None:
    delays = site_delays(shipped())
    assert delays is not None
    assert len(delays.years) == 34
    low, middle, high = delays.quantiles((0.1, 0.5, 0.9))
    assert (low, middle, high) == pytest.approx((0.0, 0.144, 0.903), abs=0.005)
    default = SitePowerInputs().site_delay_years
    assert default.median == pytest.approx(middle, abs=0.02)
    assert default.high == pytest.approx(high, abs=0.02)
    # What had been due by August 2026: four of 18 were not yet built.
    assert (int(delays.due.sum()), int((delays.due & delays.still_projected).sum())) == (18, 4)


def test_how_much_of_its_site_each_known_run_used() -> None:
    shares = {each.model: each for each in known_shares(shipped())}
    assert (shares["Grok 3"].site, shares["Grok 3"].share) == ("Colossus 1", 0.8)
    assert shares["Grok 4"].share == 1.0
    assert shares["GPT-6 Astra"].share == pytest.approx(0.567, abs=0.001)
    default = SitePowerInputs().site_share
    assert default.low <= min(each.share for each in shares.values()) + 0.025
    assert default.high == 1.0


def test_a_plan_draws_the_same_power_once_for_the_same_inputs() -> None:
    given = (SitePowerInputs(), "site", np.array([2026.5, 2030.5]), 50, 3, shipped())
    assert run_watts(*given) is run_watts(*given)
    expected = site_power([2026.5, 2030.5], SitePowerInputs(seed=3), draws=50, data=shipped())
    np.testing.assert_allclose(run_watts(*given), 1e6 * expected)


@pytest.mark.parametrize(
    "year", [1999.0, 2101.0, float("nan"), float("inf"), "soon", None, [], [[2026.0]]]
)
def test_a_year_without_sites_is_answered_in_a_sentence(year: Any) -> None:
    with pytest.raises(fc.InputError, match="Use years from 2021, when a site"):
        site_power(year, data=shipped())


@pytest.mark.parametrize("draws", [0, -1, 1.5, 10**9, "many"])
def test_a_number_of_draws_that_cannot_be_drawn_is_answered_in_a_sentence(draws: Any) -> None:
    with pytest.raises(fc.InputError, match=r"`draws` is .* draws from 1 to 100,000"):
        site_power([2026.0], draws=draws, data=shipped())


def test_a_share_above_all_of_a_site_is_refused() -> None:
    with pytest.raises(fc.InputError, match="A share is at most 100%"):
        SitePowerInputs(site_share=Distribution.fixed(1.2))


def test_tables_without_a_built_site_are_answered_in_a_sentence() -> None:
    with pytest.raises(fc.NotEnoughDataError, match="a state with power that is not projected"):
        site_power([2026.0], data=of_states(("A", "2026-01-01", 1, 90.0)))
