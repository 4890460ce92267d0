"""No default path lies below what the shipped tables already hold: at the date of each known
training set and run the median of the default is at least as high.
"""

from __future__ import annotations

import numpy as np
import pytest

import forecasting as fc
from forecasting.arrays import FloatArray
from forecasting.planning.supplies import drawn_supply, supply_trend
from forecasting.supply.chip_stock import run_h100
from forecasting.supply.site_power import run_watts
from forecasting.supply.site_table import known_shares
from forecasting.text_limits.text_dataset_growth import disclosed_sizes
from forecasting.text_limits.text_demand import (
    log_compute_at,
    log_compute_demand_at,
    log_history_demand_at,
)
from forecasting.text_limits.text_scenario import TextScenario, preset
from forecasting.units import decimal_years
from tests.vintage import shipped

#: What is known before this year is behind every path.
SINCE = 2023.0
#: The table of chips is complete from here on.
FIRST_STOCK_YEAR = 2024.25
D = fc.Distribution


def known_runs() -> tuple[FloatArray, FloatArray, list[str]]:
    """Dates, log10 of training FLOP and names of the runs of ai_models since 2023."""
    table = shipped()["ai_models"].dropna(subset=["training_flop", "date"])
    dates = decimal_years(table["date"].to_numpy())
    recent = dates >= SINCE
    flop = table["training_flop"].to_numpy(dtype=np.float64)
    return dates[recent], np.log10(flop[recent]), list(table["model"][recent])


def compute_path(years: FloatArray, quantile_z: float = 0.0, shift: float = 0.0) -> FloatArray:
    """log10 of the largest run's FLOP by Besiroglu et al. 2022, shifted."""
    return log_compute_at(years, np.array([quantile_z]))[:, 0] + shift


def test_no_known_run_lies_above_the_median_of_the_default_compute_path() -> None:
    years, flop, names = known_runs()
    shift = TextScenario().compute_shift_oom.median
    above = flop - compute_path(years, shift=shift)
    assert above.max() <= 0.0, names[int(above.argmax())]
    assert above.max() > -0.05, "the shift is more than the known runs ask for"
    unshifted = flop - compute_path(years)
    assert unshifted.max() > 0.5


@pytest.mark.parametrize("path", [log_history_demand_at, log_compute_demand_at])
def test_no_disclosed_training_set_lies_above_the_median_of_the_default_demand(path) -> None:  # type: ignore[no-untyped-def]
    sizes = disclosed_sizes(shipped())
    scenario = TextScenario()
    given = {"data": shipped()} if path is log_history_demand_at else {}

    def above(of: TextScenario) -> FloatArray:
        return np.log10(sizes.tokens) - np.median(path(of, sizes.dates, **given), axis=1)

    worst = above(scenario)
    assert worst.max() <= 0.0, sizes.names[int(worst.argmax())]
    assert above(preset("epoch_2024")).max() > 0.0
    assert sizes.tokens.max() == 45e12 == scenario.anchor_tokens.high
    by_then = sizes.tokens[sizes.dates <= scenario.anchor_year + 0.1]
    assert by_then.max() == scenario.anchor_tokens.low == 36e12


def test_no_run_lies_above_the_default_path_of_the_power_of_one_run() -> None:
    plan = fc.PlanScenario()
    assert plan.power_from == "site"
    runs = supply_trend("power", shipped())
    recent = runs.dates >= SINCE
    path = run_watts(plan, "site", runs.dates[recent], 400, 0, shipped())
    assert (runs.values[recent] <= np.median(path, axis=0)).all()


def test_no_run_and_no_site_has_more_chips_than_one_buyer_by_default() -> None:
    plan = fc.PlanScenario()
    assert plan.chips_from == "stock"
    runs = [each for each in known_shares(shipped()) if each.date >= FIRST_STOCK_YEAR]
    path = run_h100(plan, np.array([each.date for each in runs]), 400, 0, shipped())
    assert len(runs) == 3
    assert (np.array([each.run_h100 for each in runs]) < np.median(path, axis=0)).all()
    sites = shipped()["data_center_timelines"]
    largest = sites[sites["projected"] == 0]["h100_equivalents"].max()
    assert largest < np.median(run_h100(plan, np.array([2026.6]), 400, 0, shipped()))


@pytest.mark.parametrize(("key", "source"), [("chips", "trend"), ("power", "sites")])
def test_no_run_and_no_site_lies_above_the_trend_of_a_supply(key: str, source: str) -> None:
    known = supply_trend("sites" if source == "sites" else key, shipped())
    path = drawn_supply(
        key,
        source,
        fc.PlanScenario().own_chips,
        known.dates,
        np.zeros(400),
        np.random.default_rng(0),
        shipped(),
    )
    assert (known.values <= np.median(path, axis=0) * (1.0 + 1e-9)).all()


def test_the_largest_sites_have_the_power_that_is_known_and_more_than_runs_published() -> None:
    sites, runs = supply_trend("sites", shipped()), supply_trend("power", shipped())
    for date, megawatts in ((2025.5, 478.0), (2026.01, 751.0), (2026.6, 1276.0)):
        assert sites.values[sites.dates <= date].max() == pytest.approx(1e6 * megawatts)
    years = np.array([2026.5])
    by_runs = np.median(runs.draws(years, 400, np.random.default_rng(0)))
    assert by_runs < 0.5 * sites.largest[1]
    assert "Epoch AI's data centres, 198 states of sites to August 2026" in sites.source


@pytest.mark.parametrize(
    ("model", "published", "known"),
    [("Grok 3", 26.23, 26.54), ("GPT-4.5", 26.25, 26.58), ("Grok 4", 26.49, 26.70)],
)
def test_the_runs_of_2025_lie_above_the_95_percent_line_of_the_published_path(
    model: str, published: float, known: float
) -> None:
    years, flop, names = known_runs()
    at = names.index(model)
    line = compute_path(years[[at]], 1.6448536269514722)[0]
    assert line == pytest.approx(published, abs=0.01)
    assert flop[at] == pytest.approx(known, abs=0.01)
    assert flop[at] > line


def test_a_shift_of_the_published_path_puts_grok_4_on_its_median_and_moves_the_date() -> None:
    years, flop, names = known_runs()
    at = names.index("Grok 4")
    assert compute_path(years[[at]], shift=0.52)[0] == pytest.approx(flop[at], abs=0.01)
    then = preset("epoch_2024")
    before = fc.text_exhaustion(then, data=shipped())
    after = fc.text_exhaustion(then.replaced(compute_shift_oom=D.fixed(0.52)), data=shipped())
    assert before.median_year == pytest.approx(2029.80, abs=0.01)
    assert after.median_year == pytest.approx(2029.34, abs=0.01)
    assert before.interval(0.8)[1] == pytest.approx(35.7 + 2000, abs=0.1)
    assert after.interval(0.8)[1] == pytest.approx(33.8 + 2000, abs=0.1)


def test_the_default_says_what_it_starts_from_and_the_preset_of_2024_what_was_published() -> None:
    result = fc.text_exhaustion(TextScenario(), data=shipped())
    assert result.median_year == pytest.approx(2028.65, abs=0.1)
    assert result.interval(0.8) == pytest.approx((2026.9, 2033.4), abs=0.2)
    assert result.lines[-1] == (
        "Demand starts from what is known in 2026: the largest disclosed training sets, 36–45"
        " trillion tokens, and the largest known runs, 10²⁷ FLOP in 2026."
    )
    by_compute = fc.text_exhaustion(TextScenario(demand="compute"), data=shipped())
    assert "trillion" not in by_compute.lines[-1]
    then = fc.text_exhaustion(preset("epoch_2024"), data=shipped())
    assert then.lines[-1] == (
        "These are the inputs of Epoch AI in June 2024, who published 2028, likely"
        " 2026–2032 (80%); the date above is our run of them."
    )
    own = fc.text_exhaustion(TextScenario(anchor_year=2026.0), data=shipped())
    assert not any("Demand starts" in line for line in own.lines)
