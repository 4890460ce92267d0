"""Which group scales best: exponents with intervals, where one passes another, and when that is not
determined.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from forecasting.data.dataset import bundled
from forecasting.errors import InputError, UnknownNameError
from forecasting.fitting.group_comparison import GroupComparison, compare_groups
from forecasting.fitting.learning_curves import LearningCurve, fit_learning_curve
from forecasting.fitting.scaling_fit import ScalingFit, fit_scaling_law
from forecasting.fitting.training_runs import TrainingRuns
from forecasting.laws.chinchilla_law import ChinchillaLaw
from tests.forecasting.fitting.test_learning_curves import translation, vision
from tests.forecasting.fitting.test_scaling_fit import TRUTH, synthetic


@cache
def vision_groups() -> GroupComparison:
    return compare_groups(
        {name: vision(name) for name in ("ViT/B/16", "BiT/50/1", "BiT/101/3", "MiX/L/16")}
    )


def test_the_transformer_passes_the_small_convolutional_network_inside_the_data() -> None:
    crossover = vision_groups().crossover("ViT/B/16", "BiT/50/1", above=5e7)
    assert crossover.value == pytest.approx(3e8, rel=0.1)
    assert crossover.verdict == "inside"
    assert (crossover.better, crossover.worse) == ("ViT/B/16", "BiT/50/1")
    assert "at about 290 million examples" in crossover.answer
    assert "beyond the data" not in crossover.answer


def test_where_it_passes_the_large_one_is_undetermined_and_said_so() -> None:
    crossover = vision_groups().crossover("BiT/101/3", "ViT/B/16", above=5e7)
    assert crossover.value == pytest.approx(3e10, rel=0.15)
    assert crossover.verdict == "undetermined"
    low, high = crossover.interval(0.9)
    assert high / low > 5
    assert "no reliable crossover" in crossover.answer


def test_groups_come_ranked_by_exponent_with_intervals() -> None:
    table = vision_groups().table
    assert table["group"].iloc[0] == "BiT/101/3"
    assert (table["exponent_low"] < table["exponent"]).all()
    assert (table["exponent"] < table["exponent_high"]).all()
    assert vision_groups().probability_scales_better("BiT/101/3", "ViT/B/16") > 0.99
    assert vision_groups().probability_lower_at(1e9, "ViT/B/16", "BiT/50/1") > 0.99


def test_the_recurrent_decoder_has_the_higher_floor_and_never_passes() -> None:
    attention, recurrent = translation("6 Enc, 6 Dec"), translation("TEnc-LSTM")
    assert attention.curve.floor == pytest.approx(0.297, abs=5e-4)
    assert recurrent.curve.floor == pytest.approx(0.352, abs=5e-4)
    crossover = compare_groups({"attention": attention, "recurrent": recurrent}).crossover(
        "attention", "recurrent"
    )
    assert crossover.verdict == "none"
    assert math.isinf(crossover.value)
    assert "does not pass" in crossover.answer


def test_scaling_fits_are_compared_along_their_optimum(rng) -> None:
    steep = TRUTH.__class__(E=1.8, A=3000.0, B=12000.0, alpha=0.43, beta=0.45)
    fits = {
        name: fit_scaling_law(synthetic(rng, law=law), bootstrap=300)
        for name, law in (("shallow", TRUTH), ("steep", steep))
    }
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


def made(curve: LearningCurve, seed: int, noise: float = 0.003, high: float = 1e9) -> object:
    x = np.geomspace(1e6, high, 40)
    losses = curve.loss(x) * np.exp(noise * np.random.default_rng(seed).standard_normal(40))
    return fit_learning_curve(x, losses, bootstrap=400, seed=seed)


SHALLOW, STEEP = LearningCurve(20.0, 0.2, 0.1), LearningCurve(200.0, 0.35, 0.1)
#: Where STEEP passes SHALLOW: (200/20)^(1/0.15).
MEETING = 10 ** (1 / 0.15)


def test_a_crossing_inside_the_data_is_found_with_its_interval() -> None:
    crossover = compare_groups({"shallow": made(SHALLOW, 1), "steep": made(STEEP, 2)}).crossover(
        "shallow", "steep"
    )
    assert (crossover.better, crossover.worse, crossover.verdict) == ("steep", "shallow", "inside")
    assert crossover.value == pytest.approx(MEETING, rel=0.1)
    low, high = crossover.interval(0.9)
    assert low < MEETING < high
    assert crossover.share_crossing > 0.99


def test_the_order_of_the_names_does_not_matter() -> None:
    comparison = compare_groups({"shallow": made(SHALLOW, 1), "steep": made(STEEP, 2)})
    first, second = (
        comparison.crossover("shallow", "steep"),
        comparison.crossover("steep", "shallow"),
    )
    assert (first.better, first.value, first.verdict) == (
        second.better,
        second.value,
        second.verdict,
    )
    assert (
        comparison.probability_scales_better("steep", "shallow")
        + comparison.probability_scales_better("shallow", "steep")
        == 1.0
    )


def test_a_crossing_just_outside_is_called_an_extrapolation() -> None:
    far = LearningCurve(200.0 * 10**0.45, 0.35, 0.1)
    crossover = compare_groups(
        {"shallow": made(SHALLOW, 1, 0.0005), "steep": made(far, 2, 0.0005)}
    ).crossover("shallow", "steep")
    assert crossover.value == pytest.approx(MEETING * 10**3, rel=0.2)
    assert crossover.verdict == "outside"
    assert crossover.answer.endswith("beyond the data.")


def test_curves_of_one_law_have_even_chances_and_no_certain_crossing() -> None:
    chances, verdicts = [], []
    for seed in range(12):
        comparison = compare_groups(
            {"a": made(SHALLOW, 2 * seed, 0.01), "b": made(SHALLOW, 2 * seed + 1, 0.01)}
        )
        chances.append(comparison.probability_scales_better("a", "b"))
        verdicts.append(comparison.crossover("a", "b").verdict)
    assert 0.2 < np.mean(chances) < 0.8
    assert {"undetermined", "none"} & set(verdicts)


def test_intervals_of_a_crossing_hold_the_truth_about_as_often_as_they_say() -> None:
    hits = []
    for seed in range(40):
        low, high = (
            compare_groups({"shallow": made(SHALLOW, 100 + seed), "steep": made(STEEP, 300 + seed)})
            .crossover("shallow", "steep")
            .interval(0.9)
        )
        hits.append(low <= MEETING <= high)
    assert 0.8 <= np.mean(hits) <= 0.98


@cache
def two_families() -> dict[str, ScalingFit]:
    """Fits of N and D: a family that is better at small compute, and one whose loss falls
    faster.
    """
    shallow = ChinchillaLaw(E=1.8, A=120.0, B=300.0, alpha=0.28, beta=0.28)
    steep = ChinchillaLaw(E=1.8, A=1500.0, B=6000.0, alpha=0.40, beta=0.40)
    rng = np.random.default_rng(5)
    return {
        name: fit_scaling_law(
            synthetic(rng, noise=0.001, law=law, budgets=8, sizes=10), bootstrap=300
        )
        for name, law in (("early", shallow), ("late", steep))
    }


def test_laws_of_params_and_tokens_cross_in_compute() -> None:
    fits = two_families()
    comparison = compare_groups(fits)
    crossover = comparison.crossover("early", "late")
    assert crossover.quantity == "FLOP of training compute"
    assert crossover.better == "late"
    if math.isfinite(crossover.value):
        losses = [fit.law.loss_at_compute(crossover.value) for fit in fits.values()]
        assert losses[0] == pytest.approx(losses[1], rel=1e-3)
    assert comparison.groups["late"].exponent.value == pytest.approx(fits["late"].law.gamma)
    assert list(comparison.table["group"]) == ["late", "early"]
    assert comparison.table["from"].min() == pytest.approx(6e18)


def test_the_bundled_training_sets_compare_as_scaling_laws() -> None:
    table = bundled()["runs_overtraining"]
    table = table[table["chinchilla_multiplier"] >= 1]
    fits = {}
    for name, rows in table.groupby("training_set"):
        fits[str(name)] = fit_scaling_law(
            TrainingRuns(rows["params"], rows["tokens"], rows["loss_c4"]),
            shared_exponent=True,
            bootstrap=300,
        )
    comparison = compare_groups(fits)
    chance = comparison.probability_scales_better("rpj", "c4_original")
    assert 0.0 <= chance <= 1.0
    assert comparison.probability_lower_at(1e21, "c4_original", "rpj") > 0.95
    assert comparison.crossover("c4_original", "rpj").answer


@pytest.mark.parametrize("above", [0.0, -5.0])
def test_a_crossing_sought_from_nothing_is_refused(above: float) -> None:
    with pytest.raises(InputError, match=r"`above` is .* Give examples above 0"):
        vision_groups().crossover("ViT/B/16", "BiT/50/1", above=above)


def test_curves_and_laws_do_not_mix() -> None:
    with pytest.raises(InputError, match="learning curves with each other"):
        compare_groups({"a": vision("ViT/B/16"), "b": two_families()["early"]})  # type: ignore[dict-item]


def test_no_groups_at_all_are_refused() -> None:
    with pytest.raises(InputError, match="needs two groups"):
        compare_groups({})
