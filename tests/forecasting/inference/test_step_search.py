from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecasting as fc
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.reporting.inference_answers import step_limits

DRAWS = 60_000
CASES = [(8, 0.8, 0.9, 0.2), (5, 0.6, 0.7, 0.4), (6, 0.7, 0.3, 0.6)]


def problem(length: int, p: float, t: float, f: float) -> fc.StepProblem:
    return fc.StepProblem(
        steps=length, step_right=p, verifier=fc.BinaryVerifier(true_positive=t, false_positive=f)
    )


def within(mean: float, expected: float, draws: int = DRAWS) -> bool:
    return abs(mean - expected) < 4.5 * np.sqrt(max(expected * (1 - expected), 1e-4) / draws)


def drawn_retries(rng: np.random.Generator, case: tuple, most: int) -> tuple[float, float]:
    """Accuracy and cost of retried steps, step by step as one would do it."""
    length, p, t, f = case
    right_so_far, cost = np.ones(DRAWS, bool), np.zeros(DRAWS)
    for _ in range(length):
        done, right = np.zeros(DRAWS, bool), np.zeros(DRAWS, bool)
        for _ in range(most):
            live = ~done
            cost += live
            this = (rng.random(DRAWS) < p) & right_so_far
            right = np.where(live, this, right)
            done |= live & (rng.random(DRAWS) < np.where(this, t, f))
        right_so_far &= right
    return right_so_far.mean(), cost.mean()


def drawn_best_of(rng: np.random.Generator, case: tuple, chains: int) -> float:
    length, p, t, f = case
    right = np.cumprod(rng.random((DRAWS, chains, length)) < p, axis=2).astype(bool)
    accepted = (rng.random(right.shape) < np.where(right, t, f)).sum(axis=2) + 0.5 * rng.random(
        (DRAWS, chains)
    )
    return right[np.arange(DRAWS), accepted.argmax(axis=1), -1].mean()


def drawn_beam(rng: np.random.Generator, case: tuple, width: int, continuations: int) -> float:
    length, p, t, f = case
    right = np.ones((DRAWS, width), bool)
    for step in range(length):
        each = (rng.random((DRAWS, width * continuations)) < p) & np.repeat(
            right, continuations, axis=1
        )
        rank = (rng.random(each.shape) < np.where(each, t, f)) + 0.5 * rng.random(each.shape)
        kept = np.argsort(-rank, axis=1)[:, : width if step < length - 1 else 1]
        right = np.take_along_axis(each, kept, axis=1)
    return right[:, 0].mean()


def test_with_perfect_verifiers_steps_take_33_and_whole_answers_708() -> None:
    perfect = problem(30, 0.9, 1.0, 0.0)
    assert round(perfect.perfect_retried_steps) == 33
    assert round(perfect.perfect_whole_answers) == 708
    by_steps, by_answers = (
        perfect.retried_steps(500),
        perfect.whole_answers(perfect.verifier, 10**6),
    )
    assert by_steps.accuracy == pytest.approx(1)
    assert by_answers.accuracy == pytest.approx(1)
    assert by_steps.cost == pytest.approx(perfect.perfect_retried_steps)
    assert by_answers.cost == pytest.approx(perfect.perfect_whole_answers)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("most", [1, 3])
def test_retried_steps_agree_with_draws(rng, case: tuple, most: int) -> None:
    accuracy, cost = drawn_retries(rng, case, most)
    exact = problem(*case).retried_steps(most)
    assert within(accuracy, exact.accuracy)
    assert cost == pytest.approx(exact.cost, rel=0.01)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("chains", [1, 2, 6])
def test_best_of_n_chains_agrees_with_draws(rng, case: tuple, chains: int) -> None:
    assert within(drawn_best_of(rng, case, chains), problem(*case).best_of_chains(chains).accuracy)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("width", "continuations"), [(1, 3), (2, 2), (3, 1), (3, 3)])
def test_beams_agree_with_draws(rng, case: tuple, width: int, continuations: int) -> None:
    assert within(
        drawn_beam(rng, case, width, continuations),
        problem(*case).beam(width, continuations).accuracy,
    )


@pytest.mark.parametrize("case", CASES)
def test_whole_answers_are_a_verifier_of_chains(rng, case: tuple) -> None:
    length, p, t, f = case
    right = rng.random((DRAWS, 4)) < p**length
    accepted = rng.random((DRAWS, 4)) < np.where(right, t, f)
    first = (accepted + 0.5 * rng.random((DRAWS, 4))).argmax(axis=1)
    exact = problem(*case).whole_answers(fc.BinaryVerifier(true_positive=t, false_positive=f), 4)
    assert within(right[np.arange(DRAWS), first].mean(), exact.accuracy)
    tries = np.where(accepted.any(axis=1), accepted.argmax(axis=1) + 1, 4)
    assert tries.mean() * length == pytest.approx(exact.cost, rel=0.01)


@given(
    length=st.integers(1, 40),
    p=st.floats(0.05, 1.0),
    t=st.floats(0, 1),
    f=st.floats(0, 1),
    m=st.integers(1, 12),
)
def test_a_beam_of_width_one_is_as_right_as_retried_steps(
    length: int, p: float, t: float, f: float, m: int
) -> None:
    one = problem(length, p, t, f)
    assert one.beam(1, m).accuracy == pytest.approx(one.retried_steps(m).accuracy, abs=1e-9)


@given(
    length=st.integers(1, 30),
    p=st.floats(0.05, 1.0),
    t=st.floats(0, 1),
    f=st.floats(0, 1),
    width=st.integers(1, 5),
)
def test_every_way_without_effort_is_a_chain(
    length: int, p: float, t: float, f: float, width: int
) -> None:
    one = problem(length, p, t, f)
    chain = one.chain()
    for way in (
        one.retried_steps(1),
        one.best_of_chains(1),
        one.whole_answers(one.verifier, 1),
        one.beam(1, 1),
    ):
        assert way.accuracy == pytest.approx(chain.accuracy, abs=1e-9)
        assert way.cost == pytest.approx(chain.cost)
    assert 0.0 <= one.beam(width, 2).accuracy <= 1.0 + 1e-9


@given(p=st.floats(0.3, 0.99), t=st.floats(0, 1), f=st.floats(0, 1))
def test_more_chains_and_more_retries_move_towards_their_ceilings(
    p: float, t: float, f: float
) -> None:
    one = problem(10, p, t, f)
    ceiling = one.retried_steps_ceiling()
    assert (
        abs(one.retried_steps(400).accuracy - ceiling) <= abs(one.chain().accuracy - ceiling) + 1e-9
    )
    if t > f:
        assert one.best_of_chains(50).accuracy >= one.chain().accuracy - 1e-9


def test_judging_has_a_cost_where_it_is_given_one() -> None:
    free = problem(10, 0.9, 0.9, 0.1)
    paid = fc.StepProblem(steps=10, step_right=0.9, verifier=free.verifier, verification_cost=0.25)
    for way in ("retried_steps", "best_of_chains"):
        assert getattr(paid, way)(3).cost == pytest.approx(1.25 * getattr(free, way)(3).cost)
    assert paid.chain().cost == free.chain().cost


def test_the_forecast_compares_costs_at_equal_accuracy() -> None:
    result = fc.step_comparison(InferenceScenario(true_positive=1.0, false_positive=0.0))
    steps, answers = result.cheapest["retried steps"], result.cheapest["whole answers"]
    assert steps is not None
    assert answers is not None
    assert answers.cost / steps.cost > 5
    assert "Checking whole answers only takes" in result.full_answer
    assert "33 steps step by step, 710 steps by whole answers" in step_limits(result)


def test_a_target_above_every_ceiling_is_said() -> None:
    assert (
        "No search reaches 99.5%"
        in fc.step_comparison(InferenceScenario(target_accuracy=0.995)).answer
    )
    bad = fc.step_comparison(InferenceScenario(step_true_positive=0.1, step_false_positive=0.9))
    assert bad.ceilings["retried steps"] < bad.chain.accuracy


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"steps": 0}, "steps"),
        ({"steps": 1.5}, "steps"),
        ({"step_right": 0.0}, "step_right"),
        ({"verification_cost": -1.0}, "verification_cost"),
    ],
)
def test_what_cannot_be_is_said(inputs: dict, said: str) -> None:
    valid = {
        "steps": 5,
        "step_right": 0.5,
        "verifier": fc.BinaryVerifier(true_positive=0.9, false_positive=0.1),
    }
    with pytest.raises(fc.InputError, match=said):
        fc.StepProblem(**(valid | inputs))


def test_counts_that_cannot_be_are_said() -> None:
    one = problem(5, 0.5, 0.9, 0.1)
    with pytest.raises(fc.InputError, match="most_tries"):
        one.retried_steps(0)
    with pytest.raises(fc.InputError, match="512"):
        one.beam(64, 64)


@pytest.mark.parametrize(("p", "t"), [(0.5628907397622372, 0.5), (0.9958713200138092, 0.296875)])
def test_a_verifier_that_accepts_all_that_is_wrong_gives_numbers(p: float, t: float) -> None:
    one = problem(2, p, t, 1.0)
    assert one.beam(1, 1).accuracy == pytest.approx(one.chain().accuracy, abs=1e-9)
