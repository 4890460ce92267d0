"""Each warning has a case that raises it and one that does not, and stays silent on clean synthetic
runs.
"""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest

from forecasting.fitting.fit_warnings import distinct_sizes, extrapolation, undetermined
from forecasting.fitting.next_run import next_run
from forecasting.fitting.scaling_fit import ScalingFit, fit_scaling_law, replicates_within
from forecasting.fitting.training_runs import TrainingRuns
from forecasting.laws.chinchilla_law import ChinchillaLaw
from tests.forecasting.fitting.test_scaling_fit import (
    TRUTH,
    chinchilla_fit,
    chinchilla_runs,
    synthetic,
)


def kinds(fit: ScalingFit) -> set[str]:
    return {warning.kind for warning in fit.warnings}


def warning_of(fit: ScalingFit, kind: str):
    return next(warning for warning in fit.warnings if warning.kind == kind)


def test_well_designed_runs_raise_no_warning(rng) -> None:
    assert kinds(fit_scaling_law(synthetic(rng, budgets=8, sizes=12), bootstrap=200)) == set()


def test_the_chinchilla_runs_with_the_cut_ones_raise_it_and_without_them_do_not(tables) -> None:
    every = fit_scaling_law(tables["runs_chinchilla"], bootstrap=0)
    warning = warning_of(every, "cut_before_decay")
    assert warning.numbers["suspected"] == 4
    assert "2.98 billion parameters, 516 million tokens, loss 4.67" in warning.sentence
    assert "cut_before_decay" not in kinds(chinchilla_fit())


def test_runs_that_end_low_are_not_taken_for_cut_ones(rng) -> None:
    runs = synthetic(rng)
    loss = runs.loss.copy()
    loss[[0, 9, 17]] *= 0.85
    assert "cut_before_decay" not in kinds(
        fit_scaling_law(TrainingRuns(runs.params, runs.tokens, loss), bootstrap=0)
    )


def test_overtraining_runs_bend_with_the_undertrained_ones_and_do_not_without_them(tables) -> None:
    runs = tables["runs_overtraining"]
    runs = runs[runs["training_set"] == "rpj"]
    every, trained = (
        fit_scaling_law(TrainingRuns(rows["params"], rows["tokens"], rows["loss_c4"]), bootstrap=0)
        for rows in (runs, runs[runs["chinchilla_multiplier"] >= 1])
    )
    assert warning_of(every, "curvature").numbers["share_explained"] > 0.3
    assert kinds(every) == {"curvature", "cut_before_decay"}
    assert kinds(trained) == set()


def test_the_chinchilla_runs_bend() -> None:
    assert "Far extrapolation will err" in warning_of(chinchilla_fit(), "curvature").sentence


def test_no_warning_is_written_in_e_notation(tables) -> None:
    fits = [
        chinchilla_fit(),
        fit_scaling_law(tables["runs_chinchilla"], bootstrap=0),
        flat_fit(lambda N, D: 3.0 + 0.0 * N),
    ]
    for warning in (warning for fit in fits for warning in fit.warnings):
        assert not re.search(r"\de[+-]?\d", warning.sentence), warning.sentence
    assert "with a probability under 0.001" in warning_of(chinchilla_fit(), "curvature").sentence


def flat_fit(loss) -> ScalingFit:
    params, tokens = np.repeat([1e8, 2e8, 4e8, 8e8], 3), np.tile([1e9, 4e9, 16e9], 4)
    return fit_scaling_law(TrainingRuns(params, tokens, loss(params, tokens)), bootstrap=0)


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (lambda N, D: 3.0 + 0.0 * N, "does not fall with parameters or with tokens"),
        (
            lambda N, D: 1.0 + N**0.1 / 10.0 + D**0.1 / 10.0,
            "does not fall with parameters or with tokens",
        ),
        (lambda N, D: 1.7 + 400.0 / N**0.34, "does not fall with tokens"),
        (lambda N, D: 1.7 + 400.0 / D**0.28, "does not fall with parameters"),
    ],
)
def test_runs_whose_loss_does_not_fall_determine_no_law(loss, said: str) -> None:
    why = undetermined(flat_fit(loss))
    assert why is not None
    assert said in why.sentence


def test_runs_that_follow_a_law_determine_it(rng) -> None:
    assert undetermined(chinchilla_fit()) is None
    assert undetermined(flat_fit(lambda N, D: 1.7 + 400.0 / N**0.34 + 400.0 / D**0.28)) is None
    assert undetermined(fit_scaling_law(synthetic(rng), bootstrap=0)) is None


def test_few_model_sizes_do_not_identify_alpha_and_many_do(rng) -> None:
    params = np.repeat([1e8, 1e9, 4e9], 8)
    tokens = np.tile(np.geomspace(1e9, 1e11, 8), 3)
    fit = fit_scaling_law(
        TrainingRuns(
            params, tokens, TRUTH.loss(params, tokens) * np.exp(0.003 * rng.standard_normal(24))
        ),
        bootstrap=200,
    )
    warning = warning_of(fit, "not_identified")
    assert warning.numbers["distinct"] == 3
    assert (
        "3 different model sizes (100 million to 4 billion): alpha is not identified"
        in warning.sentence
    )
    assert "not_identified" not in kinds(chinchilla_fit())


def test_a_narrow_span_does_not_pin_down_an_exponent(rng) -> None:
    params, tokens = np.repeat(np.geomspace(1e9, 2e9, 6), 6), np.tile(np.geomspace(1e9, 1e11, 6), 6)
    loss = TRUTH.loss(params, tokens) * np.exp(0.003 * rng.standard_normal(36))
    fit = fit_scaling_law(TrainingRuns(params, tokens, loss), bootstrap=300)
    assert "do not pin down alpha" in warning_of(fit, "not_identified").sentence


def test_a_law_without_floor_is_at_the_bound_and_one_with_a_floor_is_not(rng) -> None:
    none = ChinchillaLaw(E=0.0, A=30.0, B=60.0, alpha=0.12, beta=0.14)
    runs = synthetic(rng, noise=0.0, law=none)
    steeper = TrainingRuns(runs.params, runs.tokens, runs.loss**1.3)
    assert (
        "no irreducible loss"
        in warning_of(fit_scaling_law(steeper, bootstrap=0), "at_bound").sentence
    )
    assert "at_bound" not in kinds(chinchilla_fit())


def test_few_runs_are_named(rng) -> None:
    fit = fit_scaling_law(synthetic(rng, budgets=3, sizes=4), bootstrap=100)
    assert warning_of(fit, "few_runs").numbers == {"runs": 12, "coefficients": 5, "needed": 20}
    assert "few_runs" not in kinds(fit_scaling_law(synthetic(rng, budgets=5, sizes=4), bootstrap=0))


def test_far_predictions_are_named_with_their_distance_and_near_ones_not() -> None:
    runs = chinchilla_runs()
    warning = extrapolation(runs, 1e12, 2e13)
    assert warning is not None
    assert warning.numbers["training_flop_oom"] == pytest.approx(
        np.log10(1.2e26 / runs.training_flop.max())
    )
    assert "orders of magnitude of training compute outside the runs" in warning.sentence
    assert extrapolation(runs, 1e10, 2e11) is None
    assert any(
        warning.kind == "extrapolation" for warning in chinchilla_fit().warnings_for(1e12, 2e13)
    )


def test_starts_that_disagree_and_resamples_that_fail_are_named() -> None:
    from dataclasses import replace

    fit = chinchilla_fit()
    assert {"starts_disagree", "resamples_failed"} & kinds(fit) == set()
    assert (
        "Only 1 of 144 starts"
        in warning_of(replace(fit, agreeing_starts=1), "starts_disagree").sentence
    )
    assert (
        "5% of the resamples"
        in warning_of(replace(fit, failed_replicates=50), "resamples_failed").sentence
    )


def test_losses_that_rise_with_tokens_are_taken_for_last_ones(tables) -> None:
    fit = fit_scaling_law(tables["runs_repeated_data"], bootstrap=0)
    warning = warning_of(fit, "last_or_lowest")
    assert warning.numbers["rising"] == 5
    assert "1.1 billion parameters, 12 billion tokens, loss 8.14" in warning.sentence
    assert "last_or_lowest" not in kinds(chinchilla_fit())


def overtraining_with_and_without_embeddings(tables) -> TrainingRuns:
    """Over-training runs with 12·layers·width² parameters of their transformer blocks as a
    label.
    """
    rows = tables["runs_overtraining"]
    rows = rows[
        (rows["training_set"] == "rpj")
        & rows["model"].str.startswith("d=")
        & (rows["chinchilla_multiplier"] >= 1)
    ]
    shape = rows["model"].str.extract(r"d=(\d+)_l=(\d+)").astype(float)
    return TrainingRuns(
        rows["params"],
        rows["tokens"],
        rows["loss_c4"],
        {"non_embedding_params": 12 * shape[1] * shape[0] ** 2},
    )


def test_small_models_are_mostly_embeddings_and_alpha_depends_on_the_count(tables) -> None:
    fit = fit_scaling_law(overtraining_with_and_without_embeddings(tables), bootstrap=0)
    warning = warning_of(fit, "params_counted")
    assert warning.numbers["smallest"] == pytest.approx(0.084, abs=0.001)
    assert warning.numbers["largest"] > 0.7
    assert warning.numbers["alpha_other"] < 0.8 * warning.numbers["alpha"]
    assert (
        "without embeddings are 8% of `params` in the smallest run (10.6 million)"
        in warning.sentence
    )


def test_compute_that_is_six_n_d_says_nothing_of_embeddings_and_other_compute_does(tables) -> None:
    chinchilla = TrainingRuns.of(tables["runs_chinchilla"])
    assert "training_flop" in chinchilla.labels
    assert "params_counted" not in kinds(fit_scaling_law(chinchilla, bootstrap=0))
    flop = 6 * (chinchilla.params + 3e7) * chinchilla.tokens
    counted = fit_scaling_law(
        TrainingRuns(
            chinchilla.params, chinchilla.tokens, chinchilla.loss, {"training_flop": flop}
        ),
        bootstrap=0,
    )
    assert "as training_flop implies" in warning_of(counted, "params_counted").sentence


def test_labels_that_are_no_numbers_say_nothing_of_embeddings() -> None:
    runs = chinchilla_runs()
    labels = {"non_embedding_params": np.array(["?"] * len(runs))}
    assert "params_counted" not in kinds(
        fit_scaling_law(TrainingRuns(runs.params, runs.tokens, runs.loss, labels), bootstrap=0)
    )


def test_runs_of_one_ratio_cannot_tell_the_exponents_apart(rng) -> None:
    params = np.geomspace(5e7, 5e9, 24)
    tokens = 20 * params * rng.uniform(0.9, 1.1, 24)
    fit = fit_scaling_law(
        TrainingRuns(
            params, tokens, TRUTH.loss(params, tokens) * np.exp(0.002 * rng.standard_normal(24))
        ),
        bootstrap=0,
    )
    assert any(
        "at a single ratio, alpha and beta can't be distinguished" in warning.sentence
        for warning in fit.warnings
    )
    assert fit.condition_number > 100
    assert "not_identified" not in kinds(chinchilla_fit())


def test_resamples_that_time_does_not_allow_are_named(rng) -> None:
    runs = synthetic(rng)
    fit = fit_scaling_law(runs, bootstrap=50_000, most_seconds=1.0)
    assert len(fit.draws) == replicates_within(1.0, len(runs)) < 50_000
    assert (
        "50,000 resamples of 48 runs would take longer than this fit may, so only"
        f" {len(fit.draws):,} were" in warning_of(fit, "fewer_resamples").sentence
    )
    none = fit_scaling_law(runs, bootstrap=100, most_seconds=0.1)
    assert "none was drawn: there are no intervals" in warning_of(none, "fewer_resamples").sentence
    assert "fewer_resamples" not in kinds(fit_scaling_law(runs, bootstrap=100, most_seconds=5.0))


def test_sizes_within_five_percent_count_as_one() -> None:
    assert distinct_sizes(np.array([1e9, 1.02e9, 1.049e9, 2e9, 2.2e9])) == 3


def false_alarms(repeats: int) -> Counter:
    found: Counter = Counter()
    for seed in range(repeats):
        rng = np.random.default_rng(seed)
        runs = synthetic(
            rng, noise=(0.002, 0.005, 0.01)[seed % 3], budgets=5 + seed % 4, sizes=5 + seed % 5
        )
        found.update(kinds(fit_scaling_law(runs, bootstrap=100)))
    return found


def test_clean_runs_raise_few_false_alarms() -> None:
    assert all(count <= 1 for count in false_alarms(12).values())


@pytest.mark.soak
def test_clean_runs_raise_each_warning_in_at_most_one_case_of_twenty() -> None:
    alarms = false_alarms(600)
    assert all(count <= 30 for count in alarms.values()), alarms


def test_compute_counted_otherwise_is_said_and_used(rng) -> None:
    runs = synthetic(rng, budgets=5, sizes=6)
    flop = 0.25 * runs.training_flop
    own = TrainingRuns(runs.params, runs.tokens, runs.loss, flop=flop)
    fit = fit_scaling_law(own, bootstrap=100)
    assert "0.25 times 6·N·D" in warning_of(fit, "own_flop").sentence
    target = (1e12, 2e13)
    far = next(w for w in fit.warnings_for(*target) if w.kind == "extrapolation")
    assert far.numbers["training_flop_oom"] == pytest.approx(
        np.log10(0.25 * 6 * 1e12 * 2e13 / flop.max())
    )
    assert fit.product_flop(1e21) == pytest.approx(4e21)
    advice = next_run(fit, budget_flop=1e21, target_params=1e11, target_tokens=2e12)
    assert advice.training_flop <= 1e21 * 1.000001
    assert 6 * advice.params * advice.tokens == pytest.approx(4 * advice.training_flop)


def test_compute_within_rounding_of_six_n_d_is_no_own_count(rng) -> None:
    runs = synthetic(rng, budgets=5, sizes=6)
    own = TrainingRuns(runs.params, runs.tokens, runs.loss, flop=runs.training_flop * (1 + 1e-9))
    assert own.flop is None
    near = TrainingRuns(runs.params, runs.tokens, runs.loss, flop=runs.training_flop * 1.1)
    assert near.training_flop == pytest.approx(1.1 * runs.training_flop)
    assert "own_flop" not in kinds(fit_scaling_law(near, bootstrap=100))
