"""Learning curves: published floors and misses, inverses, held-out points, and what is refused."""

from __future__ import annotations

import time
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.data.dataset import bundled
from forecasting.errors import InputError, NotEnoughDataError
from forecasting.fitting.learning_curves import (
    CurveFit,
    LearningCurve,
    SaturatingCurve,
    fit_learning_curve,
)
from forecasting.laws.law_inputs import LossBelowFloorError


@cache
def vision(model: str, form: str = "M2") -> CurveFit:
    table = bundled()["vision_learning_curves"]
    rows = table[
        (table["model"] == model) & (table["training"] == 1) & (table["seen_examples"] >= 5e7)
    ]
    return fit_learning_curve(rows["seen_examples"], rows["error_rate"], form=form)


@cache
def translation(model: str, form: str = "M2") -> CurveFit:
    table = bundled()["translation_learning_curves"]
    rows = table[(table["model"] == model) & (table["training"] == 1)]
    return fit_learning_curve(rows["seen_examples"], rows["loss"], form=form, bootstrap=300)


@pytest.mark.parametrize(
    ("model", "floor"),
    [("BiT/50/1", 0.40), ("BiT/101/3", 0.23), ("MiX/L/16", 0.17), ("ViT/B/16", 0.13)],
)
def test_vision_floors_are_the_expected_ones(model: str, floor: float) -> None:
    assert round(vision(model).curve.floor, 2) == floor


MISSES = {
    "6 Enc, 6 Dec": 0.262,
    "28 Enc, 6 Dec": 0.171,
    "6 Enc, 28 Dec": 0.234,
    "Dec-only": 0.252,
    "TEnc-LSTM": 0.190,
}


@pytest.mark.parametrize(("model", "miss"), MISSES.items())
def test_curves_without_floor_miss_the_largest_translation_set_as_published(
    tables, model: str, miss: float
) -> None:
    table = tables["translation_learning_curves"]
    later = table[(table["model"] == model) & (table["training"] == 0)]
    assert later["seen_examples"].tolist() == [512e6]
    assert translation(model, "M1").miss(later["seen_examples"], later["loss"]) == pytest.approx(
        miss, abs=6e-4
    )
    assert translation(model, "M2").miss(later["seen_examples"], later["loss"]) < miss


def test_the_saturating_form_extrapolates_vision_at_least_as_well(tables) -> None:
    table = tables["vision_learning_curves"]
    later = table[(table["model"] == "ViT/B/16") & (table["training"] == 0)]
    misses = [
        vision("ViT/B/16", form).miss(later["seen_examples"], later["error_rate"])
        for form in ("M1", "M2", "M4")
    ]
    assert misses[2] < misses[1] < misses[0]


curves = st.builds(
    LearningCurve,
    scale=st.floats(0.1, 1e4),
    exponent=st.floats(0.05, 1.0),
    floor=st.floats(0.0, 1.0),
)


@given(curves, st.floats(1e3, 1e10))
def test_a_learning_curve_falls_to_its_floor_and_inverts(
    curve: LearningCurve, examples: float
) -> None:
    loss = curve.loss(examples)
    assert curve.floor < loss
    assert curve.loss(2 * examples) < loss
    assert curve.loss(np.inf) == curve.floor
    assert curve.loss(curve.examples_for_loss(loss)) == pytest.approx(loss, rel=1e-9)


@given(
    st.floats(1.0, 1e4),
    st.floats(0.1, 1.0),
    st.floats(0.0, 0.4),
    st.floats(0.5, 1.5),
    st.floats(0.0, 2.5),
    st.floats(1e3, 1e11),
)
def test_a_saturating_curve_lies_between_start_and_floor_and_inverts(
    scale, exponent, floor, start, bend, examples
) -> None:
    curve = SaturatingCurve(scale, exponent, floor, start, bend)
    loss = curve.loss(examples)
    assert floor <= loss <= start * (1 + 1e-12)
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
    assert (fit.curve.scale, fit.curve.exponent, fit.curve.floor) == pytest.approx(
        (120.0, 0.35, 0.2), rel=1e-6
    )


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


def test_the_recurrent_decoder_has_the_higher_floor() -> None:
    assert translation("6 Enc, 6 Dec").curve.floor == pytest.approx(0.297, abs=5e-4)
    assert translation("TEnc-LSTM").curve.floor == pytest.approx(0.352, abs=5e-4)


@pytest.mark.parametrize("form", ["M1", "M2", "M4"])
def test_every_form_hides_its_upper_half_and_says_how_far_it_misses(form: str) -> None:
    check = vision("ViT/B/16", form).held_out
    assert check is not None
    seen = vision("ViT/B/16", form).examples
    assert check.examples.min() > seen.max() / 2
    assert len(check.losses) == int((seen > seen.max() / 2).sum())
    assert check.miss == pytest.approx(np.sqrt(np.mean(check.errors**2)))
    assert f"misses them by {100 * check.miss:.1f}%" in check.answer


def test_too_few_points_have_no_held_out_check() -> None:
    assert (
        fit_learning_curve([1e6, 2e6, 4e6, 8e6], [3.0, 2.0, 1.5, 1.3], bootstrap=0).held_out is None
    )


def test_a_curve_without_noise_predicts_its_hidden_half() -> None:
    truth = LearningCurve(120.0, 0.35, 0.2)
    x = np.geomspace(1e5, 1e9, 20)
    check = fit_learning_curve(x, truth.loss(x), bootstrap=0).held_out
    assert check is not None
    assert check.miss < 1e-5


def test_the_saturating_form_is_fitted_in_a_fraction_of_a_second() -> None:
    x = np.geomspace(1e5, 1e8, 10)
    noise = np.random.default_rng(3).standard_normal(10)
    losses = (0.2 + 3.0 * x**-0.25) * np.exp(0.01 * noise)
    start = time.process_time()
    fit = fit_learning_curve(x, losses, form="M4")
    assert time.process_time() - start < 1.0  # 0.1 on a quiet machine, formerly 1.5 to 5.7
    assert fit.objective == pytest.approx(9.231635e-4, rel=1e-5)
