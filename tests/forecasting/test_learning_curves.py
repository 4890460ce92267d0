"""Learning curves and routed models: published floors, misses and crossovers; comparisons of groups."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.errors import InputError, NotEnoughDataError, UnknownNameError
from forecasting.group_comparison import GroupComparison, compare_groups
from forecasting.law_inputs import LossBelowFloorError
from forecasting.learning_curves import CurveFit, LearningCurve, SaturatingCurve, fit_learning_curve
from forecasting.routing_law import fit_routing_law
from forecasting.scaling_fit import fit_scaling_law
from forecasting.tables import bundled


@cache
def vision(model: str, form: str = "M2") -> CurveFit:
    table = bundled()["vision_learning_curves"]
    rows = table[(table["model"] == model) & (table["training"] == 1) & (table["seen_examples"] >= 5e7)]
    return fit_learning_curve(rows["seen_examples"], rows["error_rate"], form=form)


@cache
def translation(model: str, form: str = "M2") -> CurveFit:
    table = bundled()["translation_learning_curves"]
    rows = table[(table["model"] == model) & (table["training"] == 1)]
    return fit_learning_curve(rows["seen_examples"], rows["loss"], form=form, bootstrap=300)


@cache
def vision_groups() -> GroupComparison:
    return compare_groups({name: vision(name) for name in ("ViT/B/16", "BiT/50/1", "BiT/101/3", "MiX/L/16")})


@pytest.mark.parametrize(("model", "floor"), [("BiT/50/1", 0.40), ("BiT/101/3", 0.23), ("MiX/L/16", 0.17), ("ViT/B/16", 0.13)])
def test_vision_floors_are_the_expected_ones(model: str, floor: float) -> None:
    assert round(vision(model).curve.floor, 2) == floor


def test_the_transformer_passes_the_small_convolutional_network_inside_the_data() -> None:
    crossover = vision_groups().crossover("ViT/B/16", "BiT/50/1", above=5e7)
    assert crossover.value == pytest.approx(3e8, rel=0.1)
    assert crossover.verdict == "inside"
    assert (crossover.better, crossover.worse) == ("ViT/B/16", "BiT/50/1")
    assert "near 290 million examples" in crossover.answer
    assert "inside the data" in crossover.answer


def test_where_it_passes_the_large_one_is_undetermined_and_said_so() -> None:
    crossover = vision_groups().crossover("BiT/101/3", "ViT/B/16", above=5e7)
    assert crossover.value == pytest.approx(3e10, rel=0.15)
    assert crossover.verdict == "undetermined"
    low, high = crossover.interval(0.9)
    assert high / low > 5
    assert "undetermined" in crossover.answer
    assert "orders of magnitude beyond the data" in crossover.answer


def test_groups_come_ranked_by_exponent_with_intervals() -> None:
    table = vision_groups().table
    assert table["group"].iloc[0] == "BiT/101/3"
    assert (table["exponent_low"] < table["exponent"]).all()
    assert (table["exponent"] < table["exponent_high"]).all()
    assert vision_groups().probability_scales_better("BiT/101/3", "ViT/B/16") > 0.99
    assert vision_groups().probability_lower_at(1e9, "ViT/B/16", "BiT/50/1") > 0.99


MISSES = {"6 Enc, 6 Dec": 0.262, "28 Enc, 6 Dec": 0.171, "6 Enc, 28 Dec": 0.234, "Dec-only": 0.252, "TEnc-LSTM": 0.190}


@pytest.mark.parametrize(("model", "miss"), MISSES.items())
def test_curves_without_floor_miss_the_largest_translation_set_as_published(tables, model: str, miss: float) -> None:
    table = tables["translation_learning_curves"]
    later = table[(table["model"] == model) & (table["training"] == 0)]
    assert later["seen_examples"].tolist() == [512e6]
    assert translation(model, "M1").miss(later["seen_examples"], later["loss"]) == pytest.approx(miss, abs=6e-4)
    assert translation(model, "M2").miss(later["seen_examples"], later["loss"]) < miss


def test_the_recurrent_decoder_has_the_higher_floor_and_never_passes() -> None:
    attention, recurrent = translation("6 Enc, 6 Dec"), translation("TEnc-LSTM")
    assert attention.curve.floor == pytest.approx(0.297, abs=5e-4)
    assert recurrent.curve.floor == pytest.approx(0.352, abs=5e-4)
    crossover = compare_groups({"attention": attention, "recurrent": recurrent}).crossover("attention", "recurrent")
    assert crossover.verdict == "none"
    assert math.isinf(crossover.value)
    assert "does not pass" in crossover.answer


def test_the_saturating_form_extrapolates_vision_at_least_as_well(tables) -> None:
    table = tables["vision_learning_curves"]
    later = table[(table["model"] == "ViT/B/16") & (table["training"] == 0)]
    misses = [vision("ViT/B/16", form).miss(later["seen_examples"], later["error_rate"]) for form in ("M1", "M2", "M4")]
    assert misses[2] < misses[1] < misses[0]


@pytest.mark.parametrize(("router", "low", "high"), [("Hash", 5e10, 1e11), ("RL-R", 5e10, 1.2e11), ("S-Base", 2e11, 9e11)])
def test_routing_stops_helping_at_the_published_order_of_magnitude(tables, router: str, low: float, high: float) -> None:
    table = tables["runs_routed_vs_dense"]
    rows = table[table["router"].isin([router, "Dense"])]
    experts = np.where(rows["router"] == "Dense", 1, rows["experts"])
    law = fit_routing_law(rows["dense_params"], experts, rows["loss_validation"])
    assert low < law.crossover_params < high
    assert law.loss(1e9, 64) < law.loss(1e9, 1)
    assert law.loss(100 * law.crossover_params, 64) > law.loss(100 * law.crossover_params, 1)
    assert law.effective_experts(1) == pytest.approx(law.e_start)


curves = st.builds(LearningCurve, scale=st.floats(0.1, 1e4), exponent=st.floats(0.05, 1.0), floor=st.floats(0.0, 1.0))


@given(curves, st.floats(1e3, 1e10))
def test_a_learning_curve_falls_to_its_floor_and_inverts(curve: LearningCurve, examples: float) -> None:
    loss = curve.loss(examples)
    assert curve.floor < loss
    assert curve.loss(2 * examples) < loss
    assert curve.loss(np.inf) == curve.floor
    assert curve.loss(curve.examples_for_loss(loss)) == pytest.approx(loss, rel=1e-9)


@given(st.floats(1.0, 1e4), st.floats(0.1, 1.0), st.floats(0.0, 0.4), st.floats(0.5, 1.5), st.floats(0.0, 2.5), st.floats(1e3, 1e11))
def test_a_saturating_curve_lies_between_start_and_floor_and_inverts(scale, exponent, floor, start, bend, examples) -> None:
    curve = SaturatingCurve(scale, exponent, floor, start, bend)
    loss = curve.loss(examples)
    assert floor <= loss <= start
    assert curve.loss(2 * examples) <= loss
    if floor * (1 + 1e-4) + 1e-9 < loss < start * (1 - 1e-4):
        assert curve.examples_for_loss(loss) == pytest.approx(examples, rel=1e-3)


def test_a_saturating_curve_without_bend_is_a_plain_one() -> None:
    plain, saturating = LearningCurve(50.0, 0.4, 0.1), SaturatingCurve(50.0, 0.4, 0.1, 5.0, 0.0)
    x = np.geomspace(1e4, 1e9, 20)
    np.testing.assert_allclose(saturating.loss(x), plain.loss(x), rtol=1e-9)


def test_fits_find_the_curve_that_points_without_noise_follow() -> None:
    truth = LearningCurve(120.0, 0.35, 0.2)
    x = np.geomspace(1e5, 1e9, 12)
    fit = fit_learning_curve(x, truth.loss(x), bootstrap=0)
    assert (fit.curve.scale, fit.curve.exponent, fit.curve.floor) == pytest.approx((120.0, 0.35, 0.2), rel=1e-6)


def test_scaling_fits_are_compared_along_their_optimum(rng) -> None:
    from tests.forecasting.test_scaling_fit import TRUTH, synthetic

    steep = TRUTH.__class__(E=1.8, A=3000.0, B=12000.0, alpha=0.43, beta=0.45)
    fits = {name: fit_scaling_law(synthetic(rng, law=law), bootstrap=300) for name, law in (("shallow", TRUTH), ("steep", steep))}
    comparison = compare_groups(fits)
    assert comparison.probability_scales_better("steep", "shallow") > 0.95
    assert comparison.groups["steep"].quantity == "FLOP of training compute"
    assert comparison.crossover("steep", "shallow").better == "steep"


def test_a_crossover_of_one_group_is_refused() -> None:
    with pytest.raises(InputError, match="needs two groups"):
        compare_groups({"ViT/B/16": vision("ViT/B/16")})
    with pytest.raises(InputError, match="two different groups"):
        vision_groups().crossover("ViT/B/16", "ViT/B/16")
    with pytest.raises(UnknownNameError, match="ViT/B/16"):
        vision_groups().crossover("ViT/B/16", "ViT-B-16")


def test_mixed_and_drawless_groups_are_refused() -> None:
    bare = fit_learning_curve([1e6, 1e7, 1e8, 1e9], [3.0, 2.0, 1.5, 1.3], bootstrap=0)
    with pytest.raises(InputError, match="bootstrap=1000"):
        compare_groups({"a": bare, "b": vision("ViT/B/16")})
    with pytest.raises(InputError, match="M1 or M2"):
        compare_groups({"a": vision("ViT/B/16", "M4"), "b": vision("BiT/50/1")})


@pytest.mark.parametrize(
    ("examples", "losses", "error", "words"),
    [
        ([1e6, 1e7], [2.0, 1.0], NotEnoughDataError, "at least 4"),
        ([1e6] * 5, [2.0] * 5, InputError, "more than one number of examples"),
        ([1e6, 1e7, 1e8, 1e9], [2.0, 1.0, 0.0, 0.5], InputError, "`losses` is 0.0"),
        ([1e6, 1e7, 1e8, -1e9], [2.0, 1.0, 0.8, 0.5], InputError, "`examples`"),
        ([1e6, 1e7], [2.0], InputError, "as many losses"),
    ],
)
def test_points_that_give_no_curve_are_refused(examples, losses, error, words: str) -> None:
    with pytest.raises(error, match=words):
        fit_learning_curve(examples, losses)


def test_a_loss_below_a_curves_floor_is_refused() -> None:
    with pytest.raises(LossBelowFloorError, match=r"this curve's floor is 0\.2"):
        LearningCurve(10.0, 0.3, 0.2).examples_for_loss(0.2)
    with pytest.raises(InputError, match="starts at"):
        SaturatingCurve(10.0, 0.3, 0.2, 1.0, 1.0).examples_for_loss(1.0)


def test_a_router_without_routed_runs_is_refused() -> None:
    with pytest.raises(InputError, match="add dense runs"):
        fit_routing_law(np.geomspace(1e7, 1e9, 9), np.ones(9), np.linspace(3, 2, 9))
    with pytest.raises(NotEnoughDataError):
        fit_routing_law([1e7], [1], [3.0])
