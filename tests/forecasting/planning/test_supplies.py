from __future__ import annotations

import numpy as np
import pytest

from forecasting.planning.supplies import supply_trend


@pytest.mark.parametrize(("key", "largest"), [("chips", "Grok 4"), ("power", "Grok 3")])
def test_a_supply_starts_from_the_largest_run_known_and_grows(
    tables, key: str, largest: str
) -> None:
    trend = supply_trend(key, tables)
    date, amount, name = trend.largest
    assert name == largest
    paths = trend.draws(np.array([date - 1.0, date, date + 5.0]), 400, np.random.default_rng(0))
    assert paths[:, :2] == pytest.approx(np.full((400, 2), amount))
    low, high = trend.growth_per_year.interval(0.8)
    assert np.quantile(paths[:, 2], 0.5) == pytest.approx(
        amount * trend.growth_per_year.value**5, rel=0.25
    )
    assert 1.3 < low < high < 4.0
    assert largest in trend.source
