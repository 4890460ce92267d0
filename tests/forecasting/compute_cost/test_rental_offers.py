"""One series of rents from two tables: who is counted, how often, and what is not known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import forecasting as fc
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.price_trend import price_trend_chart
from dashboard.pages.cost import CostDisplay
from dashboard.pages.cost.price import price_trend_note
from forecasting.compute_cost.rental_offers import (
    COMMITMENT_LABELS,
    gap_of_offers,
    offers_on_terms,
    recent_moves,
    rental_offers,
    rented_chips,
)
from forecasting.data.dataset import DataSet
from tests.dashboard.figures import checked
from tests.dashboard.harness import words_on
from tests.vintage import shipped

H100, B200 = "NVIDIA H100 SXM5 80GB", "NVIDIA B200"
AUGUST = 2026 + 212 / 365
CPI_2024, CPI_2026 = 313.689, 331.655


def in_august(chip: str) -> pd.DataFrame:
    """On-demand offers for a chip in August 2026."""
    offers = rental_offers(shipped())
    kept = (offers["chip"] == chip) & (offers["terms"] == "on_demand") & (offers["date"] > AUGUST)
    return offers[kept]


def test_a_vendor_counts_once_a_month_and_amazon_not_at_all() -> None:
    offers = rental_offers(shipped())
    recent = offers[offers["date"] > 2026]
    month = np.floor((recent["date"] - 2026) * 12)
    assert not recent.assign(month=month).duplicated(["month", "chip", "vendor", "terms"]).any()
    assert "aws" not in set(recent["vendor"])
    assert "Amazon Web Services" not in set(recent["vendor"])
    assert {"RunPod", "Lambda Labs", "Google Cloud"} <= set(recent["vendor"])


def test_prices_of_august_2026_are_medians_over_vendors() -> None:
    b200 = in_august(B200)
    assert (b200["vendor"].nunique(), b200["usd_per_chip_hour"].median()) == (11, 6.79)
    h100 = in_august(H100)
    assert (h100["vendor"].nunique(), h100["usd_per_chip_hour"].median()) == (9, 3.25)
    units = shipped()["chip_unit_costs"].set_index("chip")["h100_equivalents"]
    assert 6.79 / units["NVIDIA GB200"] == pytest.approx(2.69, abs=0.005)


def test_a_chip_named_without_its_form_has_a_rate_only_where_the_forms_agree() -> None:
    chips = rented_chips(shipped())
    assert "NVIDIA H100" not in chips
    assert {"NVIDIA A100", "NVIDIA A100 PCIe 80 GB", B200, H100} <= set(chips)
    assert "NVIDIA H100" in set(rental_offers(shipped())["chip"])
    series = fc.price_trend(fc.CostScenario(series="rental"), data=shipped()).points
    assert "NVIDIA H100" in series.left_out


@pytest.mark.parametrize("terms", list(COMMITMENT_LABELS))
def test_each_kind_of_terms_has_offers(terms: str) -> None:
    quotes = offers_on_terms(shipped(), terms)
    assert len(quotes) > 10
    assert np.isfinite(quotes["usd_per_chip_hour"]).all()


def test_committed_is_every_term() -> None:
    counts = {terms: len(offers_on_terms(shipped(), terms)) for terms in COMMITMENT_LABELS}
    assert counts["committed"] == counts["one_year"] + counts["three_year"]


def test_forecasts_start_from_the_newest_quarter_deflated() -> None:
    result = fc.model_cost(fc.CostScenario(chip=H100, price_year=2024), data=shipped())
    assert result.chip_hour.date == 2026.625
    assert "10 vendors in 2026 Q3, in 2024 USD" in result.chip_hour.basis
    quotes = offers_on_terms(shipped(), "on_demand")
    newest = quotes[(quotes["chip"] == H100) & (quotes["date"] > 2026.5) & quotes["newest"]]
    assert len(newest) == newest["vendor"].nunique() == 10
    assert result.chip_hour.usd_per_hour == pytest.approx(
        newest["usd_per_chip_hour"].median() * CPI_2024 / CPI_2026
    )


@pytest.mark.parametrize(("year", "before", "now"), [(2026, 57e6, 54.7e6), (2027, 44e6, 46e6)])
def test_rented_gpt_4_before_and_with_the_prices_of_summer_2026(
    tables: DataSet, year: int, before: float, now: float
) -> None:
    # As certified, by the method of then.
    scenario = fc.CostScenario(
        model="GPT-4", year=year, chip=H100, price_year=2024, price_method="calibrated"
    )
    assert fc.model_cost(scenario, data=tables).hardware_at_year.value == pytest.approx(
        before, rel=0.01
    )
    assert fc.model_cost(scenario, data=shipped()).hardware_at_year.value == pytest.approx(
        now, rel=0.01
    )


def test_the_best_widely_rented_chip_is_now_a_b200() -> None:
    assert fc.model_cost(fc.CostScenario(), data=shipped()).chip_hour.chip == B200


def test_what_the_same_vendors_ask_has_risen_and_the_answer_says_so() -> None:
    moves = recent_moves(shipped())
    assert moves is not None
    assert (moves.offers, moves.rose, moves.fell) == (139, 16, 3)
    assert (moves.offers_since, moves.rose_since, moves.fell_since) == (11, 8, 2)
    said = fc.price_trend(fc.CostScenario(series="rental"), data=shipped()).full_answer
    assert "In August 2026 rents rose: of 139 comparable on-demand offers, 16 rose in price" in said
    assert "Since early 2025, 8 of 11 comparable offers rose in price" in said


def test_rents_that_fell_are_said_to_have_fallen() -> None:
    table = shipped()["chip_rental_prices_2026"].copy()
    august = table["first_seen"] >= "2026-08-01"
    table.loc[august, "usd_per_chip_hour"] *= 0.5
    cheaper = shipped().replaced(chip_rental_prices_2026=table)
    said = fc.price_trend(fc.CostScenario(series="rental"), data=cheaper).full_answer
    assert "In August 2026 rents fell" in said


def test_the_gap_between_the_tables_is_said_and_drawn() -> None:
    gap = gap_of_offers(shipped())
    assert gap == pytest.approx((2025.205, 2026.507), abs=0.001)
    result = fc.price_trend(fc.CostScenario(series="rental"), data=shipped())
    assert result.points.gap == gap
    assert not ((result.points.dates > gap[0] + 1e-9) & (result.points.dates < gap[1])).any()
    said = price_trend_note(result, "trend")
    assert "Between March 2025 and July 2026 no openly licensed offers are known." in said
    chart = checked(price_trend_chart(result, ChartBuilder.of(CostDisplay()), new_observation=True))
    assert "no offers known" in words_on(chart)
    assert any((shape.x0, shape.x1) == gap for shape in chart.layout.shapes)
    solid = [trace for trace in chart.data if trace.name == "trend" and trace.line.dash == "solid"]
    assert max(trace.x[-1] for trace in solid) <= gap[0]


def test_before_the_snapshots_there_is_no_gap_and_nothing_recent(tables: DataSet) -> None:
    assert gap_of_offers(tables) is None
    assert recent_moves(tables) is None
    result = fc.price_trend(fc.CostScenario(series="rental"), data=tables)
    assert (len(result.points.dates), result.points.gap, result.recent) == (206, None, None)
