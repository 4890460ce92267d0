"""What moves the cost of owning: each assumption at both ends of its range."""

from __future__ import annotations

import pytest

from forecasting.stats.distribution import Distribution
from forecasting.supply.ownership import rent_or_own
from forecasting.supply.ownership_drivers import PLAUSIBLE, PUBLISHED, ownership_drivers
from forecasting.supply.ownership_inputs import OwnershipScenario
from tests.vintage import shipped


def test_each_default_lies_within_its_plausible_range() -> None:
    defaults = OwnershipScenario()
    for field, (low, high) in PLAUSIBLE.items():
        value = getattr(defaults, field)
        ends = (value.low, value.high) if isinstance(value, Distribution) else (value, value)
        assert low <= ends[0] <= ends[1] <= high, field
    assert set(PUBLISHED) <= set(PLAUSIBLE)


def test_both_ends_are_what_rent_or_own_says_of_them() -> None:
    found = {each.field: each for each in ownership_drivers(OwnershipScenario(), data=shipped())}
    assert set(found) == set(PLAUSIBLE)
    for field in ("hosting_usd_per_kw_month", "resale_share"):
        for at, end in enumerate(PLAUSIBLE[field]):
            value = Distribution.fixed(end) if field == "resale_share" else end
            alone = rent_or_own(OwnershipScenario(**{field: value}), data=shipped())
            driver = found[field]
            assert driver.owned_usd[at] == pytest.approx(alone.owned_usd.value, rel=2e-3)
            assert driver.break_even is not None
            assert driver.break_even[at] == pytest.approx(
                alone.break_even_utilisation.value, rel=2e-3
            )


def test_the_widest_swing_stands_first() -> None:
    swings = [each.swing_usd for each in ownership_drivers(OwnershipScenario(), data=shipped())]
    assert swings == sorted(swings, reverse=True)
    assert swings[0] > 0.1 * 400_000


def test_an_assumption_that_a_quote_replaces_is_left_out() -> None:
    quoted = OwnershipScenario(system_usd_per_chip=15_000.0)
    fields = {each.field for each in ownership_drivers(quoted, data=shipped())}
    assert fields == set(PLAUSIBLE) - {"server_overhead", "interconnect_share"}


def test_a_commitment_has_no_break_even_use() -> None:
    committed = ownership_drivers(OwnershipScenario(contract="one_year"), data=shipped())
    assert {each.break_even for each in committed} == {None}
