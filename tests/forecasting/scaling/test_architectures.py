from __future__ import annotations

import numpy as np
import pytest

import forecasting as fc
from forecasting.data.dataset import DataSet
from forecasting.reporting.scaling_answers import sizes_sentence
from forecasting.scaling.architectures import form_misses
from forecasting.scaling.curve_sets import ARCHITECTURES, fitted_curve
from forecasting.scaling.routed_or_dense import routed_runs
from forecasting.scaling.scaling_scenario import ScalingScenario


@pytest.mark.parametrize(
    ("name", "floor"),
    [("BiT/50/1", 0.40), ("BiT/101/3", 0.23), ("MiX/L/16", 0.17), ("ViT/B/16", 0.13)],
)
def test_the_floors_of_the_vision_curves_are_those_expected(
    name: str, floor: float, tables: DataSet
) -> None:
    assert fitted_curve("vision", name, "M2", 5e7, 0, tables).estimate(
        "floor"
    ).value == pytest.approx(floor, abs=0.006)


def test_the_default_answers_the_source_article() -> None:
    result = fc.architectures(ScalingScenario())
    near, far = result.crossovers
    assert near.verdict == "inside"
    assert near.value == pytest.approx(3e8, rel=0.1)
    assert near.interval(0.9)[1] < 5e8
    assert far.verdict == "undetermined"
    assert far.value == pytest.approx(3e10, rel=0.2)
    for part in (
        "86 million",
        "388 million parameters, 4.5 times as many",
        "no reliable crossover",
        "(80%)",
    ):
        assert part in result.full_answer
    assert "never pool sizes" in sizes_sentence(result)


def test_the_slope_of_a_chart_decides_and_not_the_exponent_above_the_floor() -> None:
    model, small, _ = fc.architectures(ScalingScenario()).curves
    assert model.fit.estimate("exponent").value < small.fit.estimate("exponent").value
    assert model.slope_at.value > small.slope_at.value
    x = np.array([3e8, 3e8 * 1.0001])
    errors = np.log(model.fit.curve.loss(x))
    assert model.slope_at.value == pytest.approx(
        -np.diff(errors)[0] / np.diff(np.log(x))[0], rel=1e-3
    )


def test_translation_floors_stand_beside_the_lstm_decoder() -> None:
    result = fc.architectures(ScalingScenario(task="translation"))
    floors = {one.architecture.name: one.fit.estimate("floor").value for one in result.curves}
    assert floors == {
        "6 Enc, 6 Dec": pytest.approx(0.297, abs=0.001),
        "TEnc-LSTM": pytest.approx(0.352, abs=0.001),
    }
    assert result.crossovers[0].verdict == "none"
    assert "stays ahead" in result.answer


def test_a_power_law_alone_misses_the_held_out_translation_points_as_published() -> None:
    table = form_misses(ScalingScenario(task="translation")).set_index("architecture")[
        "M1_miss_rmse_ln"
    ]
    expected = {
        "6 Enc, 6 Dec": 0.262,
        "28 Enc, 6 Dec": 0.171,
        "6 Enc, 28 Dec": 0.234,
        "Dec-only": 0.252,
        "TEnc-LSTM": 0.190,
    }
    for name, miss in expected.items():
        assert table[name] == pytest.approx(miss, abs=0.001)


def test_a_crossover_asked_of_one_group_is_refused() -> None:
    for others in ((), ("ViT/B/16",)):
        with pytest.raises(fc.InputError, match="needs two groups"):
            fc.architectures(ScalingScenario(vision_others=others))


def test_an_unknown_architecture_is_refused_by_name() -> None:
    with pytest.raises(fc.InputError, match="vision_model"):
        ScalingScenario(vision_model="ViT/H/14")


def test_too_few_points_to_fit_are_said() -> None:
    with pytest.raises(fc.NotEnoughDataError, match="from fewer examples than 1 billion"):
        fc.architectures(ScalingScenario(from_examples=1e9))


def test_the_table_holds_every_architecture_with_its_size_and_its_source() -> None:
    every = tuple(ARCHITECTURES["vision"])
    table = fc.architectures(ScalingScenario(vision_model=every[0], vision_others=every[1:])).table
    assert list(table["architecture"]) == list(every)
    assert (table["params"] > 1e7).all()
    assert table["source_of_size"].str.contains("arXiv").all()
    assert (table["exponent_q5"] <= table["exponent"]).all()


@pytest.mark.parametrize(
    ("router", "low", "high"),
    [("Hash", 5e10, 9e10), ("RL-R", 7e10, 1e11), ("S-Base", 2.5e11, 7.5e11)],
)
@pytest.mark.parametrize("rows", ["one_expert", "half_routed", "all"])
def test_routing_stops_helping_at_the_expected_order_of_magnitude(
    router: str, low: float, high: float, rows: str, tables: DataSet
) -> None:
    from forecasting.laws.routing_law import fit_routing_law

    runs = routed_runs(router, rows, tables)  # type: ignore[arg-type]
    law = fit_routing_law(
        runs["dense_params"].to_numpy(),
        runs["experts"].to_numpy(),
        runs["loss_validation"].to_numpy(),
    )
    assert low < law.crossover_params < high


def test_routed_against_dense_gives_ranges_and_says_that_it_is_an_extrapolation() -> None:
    result = fc.routed_or_dense(
        ScalingScenario(task="routing", routers=("RL-R",), routed_rows="half_routed")
    )
    (one,) = result.routers
    low, high = one.crossover.interval(0.9)
    assert low < one.crossover.value < high
    assert "an extrapolation" in result.full_answer
    assert one.saved_line[0] > 0.0
    assert (one.saved.interval(0.8)[0] <= one.saved.interval(0.8)[1]).all()
    assert np.all(np.abs(one.saved.median - one.saved_line)[one.saved.x < 1e9] < 0.02)


def test_no_router_is_refused() -> None:
    with pytest.raises(fc.InputError, match="at least one"):
        fc.routed_or_dense(ScalingScenario(task="routing", routers=()))
