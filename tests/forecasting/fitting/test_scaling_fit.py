"""Fits of the Chinchilla form: certified optima, intervals, extrapolation, checks, and what is
refused.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.data.dataset import bundled
from forecasting.errors import InputError, NotEnoughDataError, UnknownNameError
from forecasting.fitting.scaling_fit import ScalingFit, fit_scaling_law, replicates_within
from forecasting.fitting.training_runs import TrainingRuns
from forecasting.laws.chinchilla_law import ChinchillaLaw
from forecasting.laws.law_inputs import LossBelowFloorError
from forecasting.laws.published_laws import published_law
from tests.examples import examples

TRUTH = ChinchillaLaw(E=1.8, A=480.0, B=2100.0, alpha=0.35, beta=0.37)


@cache
def chinchilla_runs() -> TrainingRuns:
    """The 240 runs without the five highest losses."""
    return TrainingRuns.of(bundled()["runs_chinchilla"].sort_values("loss").iloc[:-5])


@cache
def chinchilla_fit() -> ScalingFit:
    return fit_scaling_law(chinchilla_runs(), bootstrap=1000)


def values(law: ChinchillaLaw) -> tuple[float, ...]:
    return (law.A, law.B, law.E, law.alpha, law.beta)


def synthetic(
    rng: np.random.Generator,
    *,
    noise: float = 0.003,
    law: ChinchillaLaw = TRUTH,
    budgets: int = 6,
    sizes: int = 8,
) -> TrainingRuns:
    flop = np.repeat(np.geomspace(6e18, 3e21, budgets), sizes)
    params = np.sqrt(flop / 120) * np.tile(np.geomspace(0.15, 6, sizes), budgets)
    tokens = flop / (6 * params)
    return TrainingRuns(
        params, tokens, law.loss(params, tokens) * np.exp(noise * rng.standard_normal(flop.size))
    )


def test_a_fit_resampled_later_is_the_one_that_was_resampled_at_once() -> None:
    optimum = fit_scaling_law(chinchilla_runs(), bootstrap=0)
    at_once = fit_scaling_law(
        chinchilla_runs(), bootstrap=50, bootstrap_by="params", resampling="counts", seed=3
    )
    later = optimum.resampled(50, bootstrap_by="params", resampling="counts", seed=3)
    assert values(later.law) == values(at_once.law)
    assert (later.draws.alpha == at_once.draws.alpha).all()
    assert len(optimum.draws) == 1
    assert later.resampled(0).held_out is later.held_out is optimum.held_out


def test_the_240_runs_have_the_certified_optimum_to_six_digits() -> None:
    fit = chinchilla_fit()
    assert fit.objective == pytest.approx(1.0182740178e-3, rel=1e-10)
    found, certified = values(fit.law), (477.826, 2143.417, 1.8172181, 0.3473105, 0.3671724)
    for value, expected, digits in zip(found, certified, (3, 3, 7, 7, 7), strict=True):
        assert round(value, digits) == expected
    assert (fit.agreeing_starts, fit.tried_starts) == (144, 144)


def test_the_default_law_is_that_optimum() -> None:
    assert values(published_law("refit").law) == pytest.approx(
        values(chinchilla_fit().law), rel=1e-9
    )


def test_the_fitted_optimum_at_the_chinchilla_budget() -> None:
    params, tokens = chinchilla_fit().optimal(training_flop=5.76e23)
    assert params.value == pytest.approx(7.319e10, rel=1e-4)
    assert tokens.value == pytest.approx(1.3117e12, rel=1e-4)
    assert chinchilla_fit().law.params_exponent == pytest.approx(0.5139, abs=5e-5)
    low, high = params.interval(0.8)
    assert low < params.value < high


def test_near_absolute_deviations_give_the_second_certified_row() -> None:
    law = fit_scaling_law(chinchilla_runs(), delta=1e-5, bootstrap=0).law
    assert values(law)[:2] == pytest.approx((481.39, 2081.38), abs=0.005)
    assert (law.E, law.alpha, law.beta) == pytest.approx((1.8167, 0.34774, 0.36576), abs=5e-5)


def test_least_absolute_deviations_give_the_published_coefficients() -> None:
    law = fit_scaling_law(chinchilla_runs(), loss_function="least_absolute", bootstrap=0).law
    assert values(law)[:2] == pytest.approx((482.01, 2085.43), rel=1e-4)
    assert (law.E, law.alpha, law.beta) == pytest.approx((1.8169, 0.34781, 0.36585), abs=5e-5)


def test_the_residual_scale_matters_more_than_the_optimiser() -> None:
    on_log = fit_scaling_law(chinchilla_runs(), loss_function="least_squares", bootstrap=0).law
    on_loss = fit_scaling_law(
        chinchilla_runs(), loss_function="least_squares", residuals="loss", bootstrap=0
    ).law
    assert on_log.beta == pytest.approx(0.406, abs=5e-4)
    assert on_loss.beta == pytest.approx(0.428, abs=5e-4)


PUBLISHED_INTERVALS = {
    "A": (285, 744),
    "B": (1042, 5810),
    "E": (1.769, 1.871),
    "alpha": (0.317, 0.373),
    "beta": (0.331, 0.415),
}


def assert_published_intervals(seeds: int, replicates: int, tolerance: float) -> None:
    found = {name: [] for name in PUBLISHED_INTERVALS}
    for seed in range(seeds):
        fit = fit_scaling_law(
            chinchilla_runs(),
            loss_function="least_absolute",
            resampling="counts",
            bootstrap=replicates,
            seed=seed,
        )
        for name, intervals in found.items():
            intervals.append(fit.interval(name, 0.95, kind="percentile"))
    for name, published in PUBLISHED_INTERVALS.items():
        assert np.median(found[name], axis=0) == pytest.approx(published, rel=tolerance), name


def test_bootstrap_intervals_are_the_published_ones() -> None:
    assert_published_intervals(seeds=3, replicates=600, tolerance=0.08)


@pytest.mark.soak
def test_full_bootstrap_intervals_are_the_published_ones_within_five_percent() -> None:
    assert_published_intervals(seeds=7, replicates=4000, tolerance=0.05)


def five_small_runs_fit(tables, training_set: str) -> ScalingFit:
    """Least squares on L with one exponent to the five small runs of Gadre et al. 2024."""
    runs = tables["runs_overtraining"]
    runs = runs[runs["training_set"] == training_set]
    small = ["d=96_l=8_h=4", "d=512_l=8_h=4", "d=576_l=24_h=8", "d=1024_l=24_h=8"]
    used = runs[
        (runs["model"].isin(small) & (runs["chinchilla_multiplier"] == 1))
        | ((runs["model"] == small[0]) & (runs["chinchilla_multiplier"] == 16))
    ]
    assert len(used) == 5
    return fit_scaling_law(
        TrainingRuns(used["params"], used["tokens"], used["loss_c4"]),
        loss_function="least_squares",
        residuals="loss",
        shared_exponent=True,
        bootstrap=0,
    )


def test_five_small_runs_predict_the_overtrained_and_the_large_run(tables) -> None:
    fit = five_small_runs_fit(tables, "rpj")
    runs = tables["runs_overtraining"]
    runs = runs[runs["training_set"] == "rpj"]
    law = fit.overtraining_law
    over = runs[runs["params"].between(1.2e9, 1.6e9)].sort_values("chinchilla_multiplier").iloc[-1]
    large = runs.sort_values("params").iloc[-1]
    assert over["tokens"] / over["params"] == pytest.approx(640, rel=0.01)
    errors = [
        abs(law.loss(run["params"], run["tokens"]) / run["loss_c4"] - 1) for run in (over, large)
    ]
    assert errors == pytest.approx([0.0071, 0.0073], abs=1e-4)


@examples(quick=4, soak=300)
@given(
    st.floats(0.2, 2.5),
    st.floats(100, 2000),
    st.floats(200, 6000),
    st.floats(0.22, 0.5),
    st.floats(0.22, 0.5),
    st.integers(0, 10**6),
)
def test_a_fit_to_runs_without_noise_finds_the_law_they_follow(
    E: float, A: float, B: float, alpha: float, beta: float, seed: int
) -> None:
    truth = ChinchillaLaw(E=E, A=A, B=B, alpha=alpha, beta=beta)
    fit = fit_scaling_law(synthetic(np.random.default_rng(seed), noise=0.0, law=truth), bootstrap=0)
    assert (fit.law.E, fit.law.alpha, fit.law.beta) == pytest.approx((E, alpha, beta), rel=1e-5)
    assert values(fit.law)[:2] == pytest.approx((A, B), rel=1e-4)


def test_the_order_of_the_runs_and_the_units_of_tokens_do_not_matter(rng) -> None:
    runs = synthetic(rng)
    law = fit_scaling_law(runs, bootstrap=0).law
    mixed = fit_scaling_law(runs.take(rng.permutation(len(runs))), bootstrap=0).law
    thousands = fit_scaling_law(
        TrainingRuns(runs.params, runs.tokens / 1e3, runs.loss), bootstrap=0
    ).law
    assert (mixed.A, mixed.B, mixed.E, mixed.alpha) == pytest.approx(
        (law.A, law.B, law.E, law.alpha), rel=1e-7
    )
    assert (thousands.beta, thousands.E) == pytest.approx((law.beta, law.E), rel=1e-7)
    assert thousands.B * 1e3**thousands.beta == pytest.approx(law.B, rel=1e-6)


@pytest.mark.parametrize("loss_function", ["huber", "least_squares", "least_absolute"])
def test_no_nearby_law_fits_better(rng, loss_function) -> None:
    fit = fit_scaling_law(synthetic(rng), loss_function=loss_function, bootstrap=0)
    problem, theta = fit._problem, fit._theta
    nearby = (
        theta + 0.01 * rng.standard_normal((2000, theta.size)) * rng.uniform(size=(2000, 1)) ** 3
    )
    lowest = (
        np.abs(problem.residuals_of(nearby)).sum(axis=1)
        if loss_function == "least_absolute"
        else problem.objective(nearby)
    )
    assert lowest.min() >= fit.objective * (1 - 1e-9)


def test_the_same_seed_gives_the_same_draws_and_another_one_others(rng) -> None:
    runs = synthetic(rng)
    first, same, other = (
        fit_scaling_law(runs, bootstrap=50, seed=seed).draws for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first.alpha, same.alpha)
    assert not np.array_equal(first.alpha, other.alpha)


def test_replicates_have_converged_and_no_cold_start_beats_them(rng) -> None:
    from forecasting.fitting.fit_bootstrap import resampled
    from forecasting.fitting.power_law_newton import minimise
    from forecasting.fitting.variable_projection import projected_starts

    fit = chinchilla_fit()
    weights = resampled(240, 100, None, "counts", rng)
    warm = minimise(fit._problem, np.repeat(fit._theta[None], 100, axis=0), weights)
    assert warm.converged.all()
    for start in projected_starts(fit._problem)[[0, 20, 60, 140]]:
        cold = minimise(fit._problem, np.repeat(start[None], 100, axis=0), weights)
        assert (warm.objective <= cold.objective * (1 + 1e-6)).all()


def test_draws_come_as_a_table_with_a_row_a_law() -> None:
    fit = chinchilla_fit()
    assert list(fit.draws.table.columns) == ["E", "A", "B", "alpha", "beta"]
    assert len(fit.draws) == len(fit.draws.table) == 1000
    law = fit.draws.law(7)
    assert fit.draws.loss(1e9, 1e11)[7] == pytest.approx(law.loss(1e9, 1e11))
    assert fit.draws.loss_at_compute(1e22)[7] == pytest.approx(law.loss_at_compute(1e22))
    assert fit.draws.optimal(1e22)[0][7] == pytest.approx(law.optimal(1e22)[0])
    assert fit.draws.compute_for_loss(2.5)[7] == pytest.approx(law.compute_for_loss(2.5))


def test_wider_levels_contain_narrower_ones_and_the_basic_kind_mirrors() -> None:
    fit = chinchilla_fit()
    for kind in ("bias_corrected", "percentile", "basic"):
        inner, outer = fit.interval("alpha", 0.8, kind=kind), fit.interval("alpha", 0.95, kind=kind)
        assert outer[0] < inner[0] < fit.law.alpha < inner[1] < outer[1]
    inner, (low, high) = (
        fit.interval("alpha", 0.8, kind="percentile"),
        fit.interval("alpha", 0.8, kind="basic"),
    )
    assert (low, high) == pytest.approx(
        (2 * fit.law.alpha - inner[1], 2 * fit.law.alpha - inner[0])
    )


@pytest.mark.parametrize("name", ["E", "alpha", "beta"])
def test_the_profile_agrees_with_the_bootstrap_on_well_designed_runs(rng, name: str) -> None:
    fit = fit_scaling_law(synthetic(rng, budgets=9, sizes=20), delta=0.01, bootstrap=800)
    profile = fit.profile(name)
    assert profile.statistic.min() == 0.0
    low, high = profile.interval(0.9)
    bootstrapped = fit.interval(name, 0.9)
    assert low < getattr(fit.law, name) < high
    assert (high - low) / (bootstrapped[1] - bootstrapped[0]) == pytest.approx(1.0, abs=0.35)


def test_resampling_whole_model_sizes_widens_intervals_when_sizes_err_together(rng) -> None:
    runs = synthetic(rng, noise=0.001)
    params = np.tile(np.geomspace(5e7, 5e9, 8), 6)
    together = np.tile(0.01 * rng.standard_normal(8), 6)
    loss = TRUTH.loss(params, runs.tokens) * np.exp(together + 0.001 * rng.standard_normal(48))
    clustered = TrainingRuns(params, runs.tokens, loss, {"family": np.repeat(list("abcdef"), 8)})
    by_row, by_size = (
        fit_scaling_law(clustered, bootstrap=500, bootstrap_by=by).interval("alpha")
        for by in ("row", "params")
    )
    assert by_size[1] - by_size[0] > 1.3 * (by_row[1] - by_row[0])
    assert len(fit_scaling_law(clustered, bootstrap=50, bootstrap_by="family").draws) == 50


def test_a_new_run_scatters_more_than_the_curve() -> None:
    fit = chinchilla_fit()
    curve, run = (fit.forecast(params=1e10, tokens=2e11, kind=kind) for kind in ("curve", "run"))
    assert curve.loss == run.loss == pytest.approx(fit.law.loss(1e10, 2e11))
    assert (
        run.interval(0.9)[0][0]
        < curve.interval(0.9)[0][0]
        < curve.loss[0]
        < curve.interval(0.9)[1][0]
        < run.interval(0.9)[1][0]
    )


def test_a_forecast_by_compute_is_at_the_optimum() -> None:
    fit = chinchilla_fit()
    params, tokens = fit.law.optimal(1e22)
    assert fit.forecast(training_flop=1e22).loss == pytest.approx(fit.forecast(params, tokens).loss)
    assert fit.forecast(params=1e9).loss == pytest.approx(fit.law.loss(1e9, np.inf))


def test_a_forecast_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="Give params and tokens, or training_flop alone"):
        chinchilla_fit().forecast()
    with pytest.raises(InputError, match="training_flop alone"):
        chinchilla_fit().forecast(params=1e9, training_flop=1e22)


def test_the_held_out_check_hides_the_largest_runs_and_shows_the_error() -> None:
    check = chinchilla_fit().held_out
    assert check is not None
    assert len(check.hidden) == 48
    assert check.hidden.training_flop.min() >= np.sort(chinchilla_runs().training_flop)[-49]
    assert 0.0 < check.median_error < 0.02
    assert "48 largest runs" in check.answer


@pytest.mark.parametrize("seconds", [0.5, 1.5, 5.0, 60.0])
def test_replicates_within_a_time_fall_with_the_runs(seconds: float) -> None:
    counts = [replicates_within(seconds, runs) for runs in (10, 240, 10_000, 100_000, 10**7)]
    assert counts == sorted(counts, reverse=True)
    assert all(0 <= count <= 100_000 for count in counts)
    assert counts[1] >= 4000 or seconds < 1.5
    assert replicates_within(seconds, 240, loss_function="least_absolute") <= counts[1]


def test_no_time_is_refused() -> None:
    with pytest.raises(InputError, match="`seconds` is 0"):
        replicates_within(0.0, 240)


def test_a_fit_of_thousands_of_runs_has_draws_in_the_time_it_is_given(rng) -> None:
    params, tokens = 10 ** rng.uniform(7.5, 10, 20_000), 10 ** rng.uniform(9, 11.5, 20_000)
    runs = TrainingRuns(
        params, tokens, TRUTH.loss(params, tokens) * np.exp(0.003 * rng.standard_normal(20_000))
    )
    fit = fit_scaling_law(runs, bootstrap=replicates_within(2.0, len(runs)))
    assert len(fit.draws) > 100
    assert fit.law.alpha == pytest.approx(TRUTH.alpha, rel=0.02)


def test_leverage_sums_to_the_number_of_coefficients_and_is_highest_at_the_ends() -> None:
    fit = chinchilla_fit()
    leverage = fit._problem.leverage(fit._theta)
    assert leverage.sum() == pytest.approx(5.0, rel=1e-6)
    assert ((leverage >= 0) & (leverage <= 1)).all()
    shared = fit_scaling_law(chinchilla_runs(), shared_exponent=True, bootstrap=0)
    assert shared._problem.leverage(shared._theta).sum() == pytest.approx(4.0, rel=1e-6)


def test_smooth_weights_of_runs_with_leverage_vary_more(rng) -> None:
    from forecasting.fitting.fit_bootstrap import resampled

    shapes = np.array([0.25, 1.0, 1.0, 1.0] * 10)
    weights = resampled(40, 20_000, None, "smooth", rng, shapes)
    assert weights.mean() == pytest.approx(1.0, abs=1e-6)
    variance = weights.var(axis=0)
    # Gamma variates of shape k have variance 1/k; that all weights of a resample sum to 40 takes a
    # little off.
    assert 2.5 < variance[0] < 4.0
    assert 0.8 < variance[1] < 1.2


def test_missing_values_are_left_out_and_counted() -> None:
    runs = chinchilla_runs()
    params = runs.params.copy()
    params[[3, 5]] = np.nan
    table = TrainingRuns(params, runs.tokens, runs.loss)
    assert (len(table), table.left_out) == (238, 2)


def test_fewer_than_six_runs_are_refused() -> None:
    with pytest.raises(
        NotEnoughDataError, match=r"Only 5 points are left and at least 6 are needed\. Add runs"
    ):
        fit_scaling_law(chinchilla_runs().take(np.arange(5)))


def test_rows_with_gaps_do_not_count_as_usable(rng) -> None:
    runs = synthetic(rng)
    loss = runs.loss[:9].copy()
    loss[:4] = np.nan
    with pytest.raises(NotEnoughDataError, match=r"Only 5 points are left and at least 6"):
        fit_scaling_law({"params": runs.params[:9], "tokens": runs.tokens[:9], "loss": loss})


def test_a_loss_below_the_fitted_floor_and_a_budget_of_zero_are_refused() -> None:
    fit = chinchilla_fit()
    with pytest.raises(LossBelowFloorError, match=r"this law's irreducible loss is 1\.81722"):
        fit.law.compute_for_loss(1.8)
    for ask in (fit.optimal, fit.law.optimal, lambda flop: fit.forecast(training_flop=flop)):
        with pytest.raises(InputError, match="`training_flop` is 0"):
            ask(0.0)


@pytest.mark.parametrize(
    ("column", "words"), [("params", "other model sizes"), ("tokens", "other amounts of data")]
)
def test_runs_of_one_size_are_refused(rng, column: str, words: str) -> None:
    runs = synthetic(rng)
    values = {name: getattr(runs, name).copy() for name in ("params", "tokens", "loss")}
    values[column][:] = 7e9
    with pytest.raises(InputError, match=f"`{column}` is “7 billion in all 48 runs”.*{words}"):
        fit_scaling_law(values)


@pytest.mark.parametrize("loss", [0.0, -2.0, np.inf])
def test_a_loss_that_no_run_has_is_refused_with_its_row(rng, loss: float) -> None:
    runs = synthetic(rng)
    losses = runs.loss.copy()
    losses[4] = loss
    with pytest.raises(InputError, match=r"`loss` is .* Row 5: give a finite number above 0"):
        fit_scaling_law({"params": runs.params, "tokens": runs.tokens, "loss": losses})


def test_a_table_without_the_columns_is_refused_with_what_it_has() -> None:
    with pytest.raises(InputError, match="missing: tokens, loss"):
        fit_scaling_law({"params": [1.0], "steps": [2.0]})
    with pytest.raises(InputError, match="Give a table"):
        fit_scaling_law(7)


@pytest.mark.parametrize(
    ("setting", "error"),
    [
        ({"delta": 0.0}, InputError),
        ({"loss_function": "hubert"}, UnknownNameError),
        ({"residuals": "ln"}, UnknownNameError),
        ({"resampling": "jackknife"}, UnknownNameError),
        ({"bootstrap": -1}, InputError),
        ({"bootstrap": 2.5}, InputError),
        ({"bootstrap_by": "family"}, InputError),
        ({"bootstrap_by": [1, 2]}, InputError),
    ],
)
def test_settings_that_are_none_are_refused(setting, error) -> None:
    with pytest.raises(error):
        fit_scaling_law(chinchilla_runs(), **{"bootstrap": 10, **setting})


def test_an_unknown_coefficient_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="alpha"):
        chinchilla_fit().interval("alhpa")
    with pytest.raises(UnknownNameError):
        chinchilla_fit().profile("A")


@pytest.mark.parametrize("scale", [1e-100, 1e100, 1e200])
def test_no_scale_of_the_losses_breaks_the_fit(scale: float) -> None:
    params, tokens = np.repeat([1e8, 2e8, 4e8, 8e8], 3), np.tile([1e9, 4e9, 16e9], 4)
    law = fit_scaling_law(
        TrainingRuns(params, tokens, scale * TRUTH.loss(params, tokens)), bootstrap=0
    ).law
    assert law.alpha == pytest.approx(TRUTH.alpha, rel=0.05)
    assert law.E / scale == pytest.approx(TRUTH.E, rel=0.05)
