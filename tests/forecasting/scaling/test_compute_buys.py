from __future__ import annotations

import math

import pytest

import forecasting as fc
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.compute_buys import compute_buys_chart
from forecasting.fitting.law_choice import own_law
from forecasting.fitting.scaling_fit import fit_scaling_law
from forecasting.formatting import significant
from forecasting.reporting.scaling_answers import generation_sentence
from forecasting.scaling.scaling_scenario import ScalingScenario
from tests.dashboard.figures import checked


def test_chinchillas_compute_buys_the_proven_optimum_with_ranges() -> None:
    result = fc.compute_buys(ScalingScenario())
    assert result.params.value == pytest.approx(7.319e10, rel=1e-3)
    assert result.tokens.value == pytest.approx(1.3117e12, rel=1e-3)
    assert result.law.law.params_exponent == pytest.approx(0.5139, abs=1e-4)
    low, high = result.params.interval(0.8)
    assert low < result.params.value < high
    assert "73 billion" in result.lines[0]
    assert "likely" in result.answer


def test_the_printed_and_the_unrounded_coefficients_differ_by_a_quarter() -> None:
    bought = {one.name: one.params for one in fc.compute_buys(ScalingScenario()).others}
    assert bought["chinchilla"] == pytest.approx(4.0e10, rel=0.02)
    assert bought["chinchilla_printed"] == pytest.approx(3.2e10, rel=0.02)


def test_a_hundredfold_compute_is_no_hundredfold_of_everything() -> None:
    result = fc.compute_buys(ScalingScenario(law="custom:1.69,406.4,410.7,0.336,0.283"))
    assert "8.2 times the parameters and 12 times the data" in generation_sentence(result)
    assert not result.law.has_range
    assert "without ranges" in result.full_answer


def test_the_table_holds_the_scenarios_compute_between_orders_of_magnitude() -> None:
    table = fc.compute_buys(ScalingScenario()).table
    row = table[table["training_flop"] == 5.76e23].iloc[0]
    assert row["params_q10"] < row["params"] < row["params_q90"]
    assert (table["loss_nats_per_token"].diff().dropna() < 0).all()


def test_a_law_that_this_session_does_not_hold_is_said() -> None:
    with pytest.raises(fc.ForecastingError, match="not here"):
        fc.compute_buys(ScalingScenario(law="s:0123"))


def test_with_a_law_of_own_runs_they_are_shown_and_the_distance_is_counted_from_them(
    tables,
) -> None:
    runs = tables["runs_chinchilla"].sort_values("training_flop").iloc[:120]
    law = own_law(fit_scaling_law(runs, bootstrap=60), "0123456789abcdef")
    result = fc.compute_buys(
        ScalingScenario(law="yours"), data=fc.Context(tables, laws={"yours": law})
    )
    assert result.runs is law.runs
    assert result.beyond_oom == pytest.approx(
        math.log10(5.76e23 / float(law.runs.training_flop.max()))
    )
    assert (
        "The largest run behind the law used"
        f" {significant(10.0**result.beyond_oom, 2)} times less compute."
    ) in result.lines
    chart = checked(compute_buys_chart(result, ChartBuilder(levels=(0.8,))))
    assert "your runs" in [trace.name for trace in chart.data]
    assert "Chinchilla figure" not in str(chart.to_dict())
