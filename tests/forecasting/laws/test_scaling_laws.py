"""The laws themselves: published figures, inverses, optima, limits and what they refuse."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.errors import InputError, UnknownNameError
from forecasting.laws.chinchilla_law import ChinchillaLaw
from forecasting.laws.kaplan_law import KaplanLaw, PowerLine
from forecasting.laws.law_inputs import LossBelowFloorError
from forecasting.laws.overtraining_law import OverTrainingLaw
from forecasting.laws.published_laws import published_law, published_laws
from forecasting.laws.repeated_data_law import R_D_STAR, R_N_STAR, RepeatedDataLaw

laws = st.builds(
    ChinchillaLaw,
    E=st.floats(0.0, 3.0),
    A=st.floats(10.0, 3000.0),
    B=st.floats(10.0, 6000.0),
    alpha=st.floats(0.15, 0.6),
    beta=st.floats(0.15, 0.6),
)
sizes = st.floats(1e6, 1e13)
budgets = st.floats(1e15, 1e28)


def test_the_refit_gives_the_published_optimum_at_the_chinchilla_budget() -> None:
    law = published_law("refit").law
    params, tokens = law.optimal(training_flop=5.76e23)
    assert params == pytest.approx(7.319e10, rel=1e-4)
    assert tokens == pytest.approx(1.3117e12, rel=1e-4)
    assert law.params_exponent == pytest.approx(0.5139, abs=5e-5)


def test_printed_and_unrounded_chinchilla_differ_by_a_quarter_in_optimal_parameters() -> None:
    printed, _ = published_law("chinchilla_printed").law.optimal(5.76e23)
    unrounded, _ = published_law("chinchilla").law.optimal(5.76e23)
    assert printed == pytest.approx(3.2e10, rel=0.01)
    assert unrounded == pytest.approx(4.0e10, rel=0.01)
    assert unrounded / printed == pytest.approx(1.25, rel=0.01)


def test_every_published_law_names_source_and_date() -> None:
    for name, entry in published_laws().items():
        assert entry.name == name
        assert "arXiv" in entry.source
        assert len(entry.published) == 10
        assert 1.0 < entry.law.loss(params=7e9, tokens=2e12) < 3.0


def test_an_unknown_law_gets_the_nearest_names() -> None:
    with pytest.raises(UnknownNameError, match="chinchilla"):
        published_law("chinchila")


def test_muennighoff_constants_are_the_published_ones() -> None:
    law = published_law("muennighoff").law
    assert isinstance(law, RepeatedDataLaw)
    assert (law.r_d_star, law.r_n_star) == (R_D_STAR, R_N_STAR) == (15.387756, 5.309743)
    assert law.base.alpha == law.base.beta == 0.3526596
    assert (math.log(law.base.A), math.log(law.base.B)) == pytest.approx((6.255414, 7.3049974))
    assert math.log(law.base.E) == pytest.approx(0.6254804)


def test_muennighoff_coefficients_predict_their_own_runs_low(tables) -> None:
    runs = tables["runs_repeated_data"]
    predicted = published_law("muennighoff").law.loss(
        runs["params"], runs["tokens"], runs["unique_tokens"]
    )
    assert np.median(np.log(predicted / runs["loss"])) == pytest.approx(-0.085, abs=5e-4)


@pytest.mark.parametrize(
    ("name", "training_set"),
    [("gadre_redpajama", "rpj"), ("gadre_c4", "c4_original"), ("gadre_refinedweb", "rw_original")],
)
def test_the_printed_overtraining_coefficients_are_those_of_their_five_small_runs(
    tables, name: str, training_set: str
) -> None:
    from tests.forecasting.fitting.test_scaling_fit import five_small_runs_fit

    printed, fitted = (
        published_law(name).law,
        five_small_runs_fit(tables, training_set).overtraining_law,
    )
    assert isinstance(printed, OverTrainingLaw)
    assert (round(fitted.E, 2), round(fitted.eta, 3)) == (printed.E, printed.eta)
    assert (fitted.a, fitted.b) == pytest.approx((printed.a, printed.b), abs=0.5)


def test_kaplan_lines_pass_through_their_published_constants() -> None:
    law = KaplanLaw()
    assert law.by_params.loss(8.8e13) == pytest.approx(1.0)
    assert law.by_tokens.loss(5.4e13) == pytest.approx(1.0)
    assert law.loss_at_compute(3.1e8 * 8.64e19) == pytest.approx(1.0)
    assert (law.by_params.exponent, law.by_tokens.exponent, law.by_pf_days.exponent) == (
        0.076,
        0.095,
        0.050,
    )


def test_a_trillion_parameters_on_one_example_do_not_work() -> None:
    law = KaplanLaw()
    assert law.loss(params=1e12, tokens=1000) > 1.5 * law.loss(params=1e8, tokens=1e9)


@given(st.floats(1e5, 1e12), st.floats(1e6, 1e13), budgets)
def test_kaplan_joint_form_meets_its_lines_inverts_and_its_optimum_is_one(
    params: float, tokens: float, flop: float
) -> None:
    law = KaplanLaw()
    assert law.loss(params, np.inf) == pytest.approx(law.by_params.loss(params), rel=1e-12)
    assert law.loss(np.inf, tokens) == pytest.approx(law.by_tokens.loss(tokens), rel=1e-12)
    loss = law.loss(params, tokens)
    assert law.loss(params, law.tokens_for_loss(loss, params)) == pytest.approx(loss, rel=1e-9)
    assert law.loss(law.params_for_loss(loss, tokens), tokens) == pytest.approx(loss, rel=1e-9)
    assert law.loss_at_compute(law.compute_for_loss(loss)) == pytest.approx(loss, rel=1e-9)
    best, data = law.optimal(flop)
    assert 6 * best * data == pytest.approx(flop)
    for factor in (0.9, 1.1):
        assert law.loss(best * factor, data / factor) > law.loss(best, data)


@given(laws, sizes, sizes)
def test_more_parameters_and_more_tokens_lower_the_loss(
    law: ChinchillaLaw, params: float, tokens: float
) -> None:
    assert law.loss(2 * params, tokens) < law.loss(params, tokens)
    assert law.loss(params, 2 * tokens) < law.loss(params, tokens)
    assert law.loss(params, tokens) > law.E


@given(laws, budgets, st.floats(1.02, 50.0))
def test_the_optimal_split_is_the_best_on_its_budget(
    law: ChinchillaLaw, flop: float, factor: float
) -> None:
    params, tokens = law.optimal(training_flop=flop)
    assert 6 * params * tokens == pytest.approx(flop)
    least = law.loss(params, tokens)
    assert law.loss(params * factor, tokens / factor) > least
    assert law.loss(params / factor, tokens * factor) > least
    assert law.loss_at_compute(flop) == pytest.approx(least, rel=1e-10)
    assert law.params_of_optimal_tokens(tokens) == pytest.approx(params, rel=1e-9)


@given(laws, budgets)
def test_the_compute_for_a_loss_inverts_the_loss_at_a_compute(
    law: ChinchillaLaw, flop: float
) -> None:
    loss = law.loss_at_compute(flop)
    if loss - law.E > 1e-6:
        assert law.loss_at_compute(law.compute_for_loss(loss)) == pytest.approx(loss, rel=1e-12)
        assert law.compute_for_loss(loss) == pytest.approx(flop, rel=1e-4)


@given(laws, sizes, sizes)
def test_tokens_and_parameters_for_a_loss_invert_it(
    law: ChinchillaLaw, params: float, tokens: float
) -> None:
    loss = law.loss(params, tokens)
    assert law.loss(params, law.tokens_for_loss(loss, params)) == pytest.approx(loss, rel=1e-9)
    assert law.loss(law.params_for_loss(loss, tokens), tokens) == pytest.approx(loss, rel=1e-9)


@given(laws, sizes, sizes)
def test_with_unlimited_data_the_repeated_data_law_is_its_base_up_to_excess_parameters(
    law: ChinchillaLaw, params: float, tokens: float
) -> None:
    plain = RepeatedDataLaw(law, r_n_star=math.inf)
    assert plain.loss(params, tokens) == pytest.approx(law.loss(params, tokens), rel=1e-9)
    assert plain.loss(params, tokens, unique_tokens=tokens) == pytest.approx(
        law.loss(params, tokens), rel=1e-9
    )
    limited = RepeatedDataLaw(law)
    fed = min(params, law.params_of_optimal_tokens(tokens))
    assert limited.loss(fed, tokens) == pytest.approx(law.loss(fed, tokens), rel=1e-9)


@given(laws, sizes, sizes, st.floats(1e6, 1e13))
def test_repeating_never_helps_as_much_as_new_text_and_never_hurts(
    law: ChinchillaLaw, params: float, tokens: float, unique: float
) -> None:
    repeated = RepeatedDataLaw(law)
    loss = repeated.loss(params, tokens, unique)
    slack = 1e-12 * loss
    assert loss >= repeated.loss(params, tokens) - slack
    assert repeated.loss(params, 2 * tokens, unique) <= loss + slack
    assert repeated.loss(2 * params, tokens, unique) <= loss + slack
    assert repeated.loss(params, tokens, 2 * unique) <= loss + slack
    assert loss >= repeated.floor(unique) - slack
    effective = repeated.effective_tokens(tokens, unique)
    assert (
        min(tokens, unique) * (1 - 1e-12)
        <= effective
        <= min(tokens, unique * (1 + R_D_STAR)) * (1 + 1e-12)
    )


def test_four_epochs_are_almost_as_good_as_new_text_and_forty_are_not() -> None:
    law = published_law("muennighoff").law
    assert law.effective_tokens(4e9, 1e9) == pytest.approx(3.73e9, rel=0.01)
    assert law.effective_tokens(1e15, 1e9) == pytest.approx((1 + R_D_STAR) * 1e9, rel=1e-9)


@pytest.mark.parametrize("unique", [1e10, 1e11, 1e12, math.inf])
@pytest.mark.parametrize("flop", [1e20, 5.76e23, 1e26])
def test_the_repeated_data_optimum_is_the_best_on_its_budget(unique: float, flop: float) -> None:
    law = RepeatedDataLaw(published_law("refit").law)
    params, tokens = law.optimal(flop, unique)
    assert 6 * params * tokens == pytest.approx(flop)
    others = params * np.geomspace(0.01, 100, 401)
    assert law.loss(others, flop / 6 / others, unique).min() >= law.loss(params, tokens, unique) * (
        1 - 1e-12
    )
    base_params, base_tokens = law.base.optimal(flop)
    if base_tokens <= unique:
        assert (params, tokens) == pytest.approx((base_params, base_tokens))
        assert law.params_exponent_at(flop, unique * 2) == pytest.approx(
            law.base.params_exponent, rel=1e-6
        )


def test_the_compute_for_a_loss_on_limited_text_inverts_and_exceeds_the_unlimited() -> None:
    law = RepeatedDataLaw(published_law("refit").law)
    flop = law.compute_for_loss(2.0, unique_tokens=1e11)
    assert flop > law.base.compute_for_loss(2.0)
    assert law.loss_at_compute(flop, 1e11) == pytest.approx(2.0, abs=1e-9)
    assert law.compute_for_loss(2.5, 1e12) == law.base.compute_for_loss(2.5)


def test_a_loss_that_limited_text_never_reaches_is_refused_with_the_lowest() -> None:
    law = RepeatedDataLaw(published_law("refit").law)
    with pytest.raises(
        LossBelowFloorError, match=r"lowest loss that this much distinct text allows"
    ) as caught:
        law.compute_for_loss(1.9, unique_tokens=1e10)
    assert caught.value.floor == law.floor(1e10)


@given(
    st.floats(0.5, 2.5),
    st.floats(1.0, 900.0),
    st.floats(1.0, 900.0),
    st.floats(0.05, 0.3),
    sizes,
    sizes,
)
def test_the_overtraining_law_is_a_chinchilla_law_with_equal_exponents(
    E: float, a: float, b: float, eta: float, N: float, D: float
) -> None:
    law = OverTrainingLaw(E, a, b, eta)
    assert law.loss(N, D) == pytest.approx(law.loss_at(6 * N * D, D / N), rel=1e-9)
    again = OverTrainingLaw.from_chinchilla(law.as_chinchilla())
    assert (again.a, again.b, again.eta) == pytest.approx((a, b, eta))
    params, tokens = law.optimal(1e22)
    assert tokens / params == pytest.approx(law.best_tokens_per_param, rel=1e-9)
    loss = law.loss_at(1e22, 20 * law.best_tokens_per_param)
    assert loss >= law.loss_at_compute(1e22)
    if loss - E > 1e-6:
        assert law.compute_for_loss(loss, 20 * law.best_tokens_per_param) == pytest.approx(
            1e22, rel=1e-4
        )


def test_laws_take_arrays_and_give_floats_for_numbers() -> None:
    law = ChinchillaLaw(E=1.69, A=406.4, B=410.7, alpha=0.336, beta=0.283)
    assert isinstance(law.loss(params=7e9, tokens=2e12), float)
    assert law.loss(np.array([[1e9], [1e10]]), np.array([1e11, 1e12, 1e13])).shape == (2, 3)
    params, tokens = law.optimal(np.array([1e20, 1e22]))
    assert params.shape == tokens.shape == (2,)


def test_a_loss_below_the_floor_is_refused_with_the_floor() -> None:
    with pytest.raises(
        LossBelowFloorError,
        match=r"`loss` is 1\.5\. No run reaches it: this law's irreducible loss is 1\.81722",
    ) as caught:
        published_law("refit").law.compute_for_loss(1.5)
    assert caught.value.floor == pytest.approx(1.8172181, abs=1e-7)


def test_a_loss_below_what_the_size_allows_is_refused() -> None:
    law = published_law("refit").law
    with pytest.raises(LossBelowFloorError, match="this size with unlimited data"):
        law.tokens_for_loss(2.0, params=1e8)
    with pytest.raises(LossBelowFloorError, match="unlimited size on these tokens"):
        law.params_for_loss(2.0, tokens=1e9)


@pytest.mark.parametrize("budget", [0, -1.0, math.nan, math.inf, "a lot"])
def test_a_budget_that_buys_nothing_is_refused(budget: object) -> None:
    with pytest.raises(InputError, match="training_flop"):
        published_law("refit").law.optimal(training_flop=budget)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value"),
    [("E", -1.0), ("A", math.nan), ("alpha", 0.0), ("beta", math.inf), ("B", "big")],
)
def test_a_law_refuses_coefficients_that_are_none(name: str, value: object) -> None:
    coefficients = {"E": 1.7, "A": 400.0, "B": 400.0, "alpha": 0.3, "beta": 0.3, name: value}
    with pytest.raises(InputError, match=f"`{name}`"):
        ChinchillaLaw(**coefficients)  # type: ignore[arg-type]


def test_a_line_without_floor_reaches_every_loss_above_zero() -> None:
    line = PowerLine(1e9, 0.1)
    assert line.loss(line.reaches(0.5)) == pytest.approx(0.5)
    with pytest.raises(InputError, match="above 0"):
        line.reaches(0.0)
