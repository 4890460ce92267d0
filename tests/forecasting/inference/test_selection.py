from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecasting as fc
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.inference.selection import averaged, checked_rates

DRAWS = 100_000
SHARES = st.floats(0.0, 1.0)


def within(draws: np.ndarray, expected: float) -> bool:
    """Whether a mean of yes-or-no draws is within 4.5 standard errors of what is expected."""
    return abs(draws.mean() - expected) < 4.5 * np.sqrt(
        max(expected * (1 - expected), 1e-4) / draws.size
    )


def test_the_numbers_of_the_yes_or_no_verifier() -> None:
    verifier = fc.BinaryVerifier(true_positive=0.8, false_positive=0.2)
    once, thrice = verifier.accuracy([0.3], [1, 3])[0]
    assert once == pytest.approx(0.300, abs=1e-12)
    # By hand: (0.24/0.38)·(1 − 0.62³) + 0.06·0.62² = 0.50412. METHODS rounds a simulation to 0.505.
    assert thrice == pytest.approx(0.24 / 0.38 * (1 - 0.62**3) + 0.3 * 0.2 * 0.62**2, abs=1e-12)
    assert thrice == pytest.approx(0.505, abs=0.001)
    assert verifier.ceiling([0.3])[0] == pytest.approx(0.24 / 0.38)


@pytest.mark.parametrize("tries", [1, 2, 5, 20])
@pytest.mark.parametrize(
    ("p", "t", "f"),
    [(0.3, 0.8, 0.2), (0.3, 0.2, 0.8), (0.1, 1.0, 0.0), (0.5, 0.0, 0.0), (0.02, 0.9, 0.01)],
)
def test_the_yes_or_no_verifier_agrees_with_draws(
    rng, p: float, t: float, f: float, tries: int
) -> None:
    right = rng.random((DRAWS, tries)) < p
    accepted = rng.random((DRAWS, tries)) < np.where(right, t, f)
    chosen = (accepted + 0.5 * rng.random((DRAWS, tries))).argmax(axis=1)
    expected = fc.BinaryVerifier(true_positive=t, false_positive=f).accuracy([p], [tries])[0, 0]
    assert within(right[np.arange(DRAWS), chosen], expected)


@pytest.mark.parametrize("tries", [1, 2, 5, 20])
@pytest.mark.parametrize(("p", "separation"), [(0.3, 1.0), (0.3, -1.0), (0.05, 3.0), (0.5, 0.0)])
def test_the_score_verifier_agrees_with_draws(rng, p: float, separation: float, tries: int) -> None:
    right = rng.random((DRAWS, tries)) < p
    chosen = (rng.standard_normal((DRAWS, tries)) + separation * right).argmax(axis=1)
    expected = fc.ScoreVerifier(separation=separation).accuracy([p], [tries])[0, 0]
    assert within(right[np.arange(DRAWS), chosen], expected)


@pytest.mark.parametrize("tries", [1, 2, 7, 10])
@pytest.mark.parametrize("p", [0.3, 0.5, 0.55])
def test_the_majority_vote_agrees_with_draws(rng, p: float, tries: int) -> None:
    votes = rng.binomial(tries, p, DRAWS)
    won = np.where(votes * 2 == tries, rng.random(DRAWS) < 0.5, votes * 2 > tries)
    assert within(won, fc.MajorityVote().accuracy([p], [tries])[0, 0])


@given(p=SHARES, t=SHARES, f=SHARES, n=st.integers(1, 10**6))
def test_one_try_is_p_and_many_tries_move_towards_the_ceiling(
    p: float, t: float, f: float, n: int
) -> None:
    verifier = fc.BinaryVerifier(true_positive=t, false_positive=f)
    once, many = verifier.accuracy([p], [1, n])[0]
    ceiling = float(verifier.ceiling([p])[0])
    assert once == pytest.approx(p, abs=1e-9)
    assert min(p, ceiling) - 1e-9 <= many <= max(p, ceiling) + 1e-9


@given(p=SHARES, t=SHARES, f=SHARES, n=st.integers(1, 1000), separation=st.floats(-4, 6))
def test_no_way_to_choose_beats_a_perfect_checker(
    p: float, t: float, f: float, n: int, separation: float
) -> None:
    best = fc.PerfectVerifier().accuracy([p], [n])[0, 0]
    for selector in (
        fc.BinaryVerifier(true_positive=t, false_positive=f),
        fc.ScoreVerifier(separation=separation),
        fc.MajorityVote(),
    ):
        assert selector.accuracy([p], [n])[0, 0] <= best + 1e-6


def test_a_verifier_worse_than_chance_has_its_ceiling_below_one_try() -> None:
    verifier = fc.BinaryVerifier(true_positive=0.2, false_positive=0.6)
    assert verifier.is_worse_than_chance
    assert verifier.ceiling([0.3])[0] < 0.3
    falling = verifier.accuracy([0.3], [1, 2, 4, 100])[0]
    assert (np.diff(falling) < 0).all()
    said = fc.best_of_many(InferenceScenario(true_positive=0.2, false_positive=0.6)).full_answer
    assert "worse than chance" in said
    assert "With its verdicts reversed, it would help." in said


def test_a_blind_verifier_changes_nothing() -> None:
    verifier = fc.BinaryVerifier(true_positive=0.4, false_positive=0.4)
    np.testing.assert_allclose(verifier.accuracy([0.3], [1, 5, 500])[0], 0.3)
    assert (
        "does not help"
        in fc.best_of_many(InferenceScenario(true_positive=0.4, false_positive=0.4)).answer
    )


def test_a_verifier_that_never_accepts_gives_any_of_the_answers() -> None:
    verifier = fc.BinaryVerifier(true_positive=0.0, false_positive=0.0)
    np.testing.assert_allclose(verifier.accuracy([0.3], [1, 50])[0], 0.3)
    assert verifier.ceiling([0.3])[0] == 0.3


def test_the_score_verifiers_ceiling_is_told_by_the_sign_of_the_separation() -> None:
    for separation, ceiling in ((1.0, 1.0), (0.0, 0.3), (-1.0, 0.0)):
        assert fc.ScoreVerifier(separation=separation).ceiling([0.3])[0] == ceiling


def test_averages_are_over_problems_not_of_them() -> None:
    rates = np.array([0.0, 0.6])
    accuracy, ceiling = averaged(
        fc.BinaryVerifier(true_positive=1.0, false_positive=0.0), rates, [10]
    )
    assert accuracy[0] == pytest.approx((1 - 0.4**10) / 2)
    assert ceiling == pytest.approx(0.5)


def test_one_problem_and_the_problems_of_a_model_can_both_be_asked_for() -> None:
    one = fc.best_of_many(
        InferenceScenario(solve_rates="one", solve_rate=0.3, true_positive=0.8, false_positive=0.2)
    )
    assert one.curve("binary").ceiling == pytest.approx(0.24 / 0.38)
    many = fc.best_of_many(InferenceScenario(sampled_model="Pythia 12B"))
    assert many.one_try == pytest.approx(0.0232, abs=5e-5)
    assert {name: n for name, n, _ in many.published} == {
        "ORM best-of-N": 1860,
        "PRM best-of-N": 1860,
        "majority vote": 1860,
    }


def test_the_perfect_checker_over_counted_problems_is_the_coverage_that_was_counted() -> None:
    chosen, covered = fc.best_of_many(InferenceScenario()), fc.coverage(InferenceScenario())
    perfect = chosen.curve("perfect")
    assert (
        perfect.accuracy[-1]
        == pytest.approx(covered.counted[-1], abs=1e-12)
        == pytest.approx(0.875)
    )
    assert perfect.accuracy[-1] <= perfect.ceiling + 1e-12
    assert "A perfect checker would reach 88% with 10,000 tries" in chosen.full_answer
    assert "of 10,000 tries 88%" in covered.full_answer


def test_the_perfect_checker_ends_where_own_tries_end_and_the_verifier_goes_on() -> None:
    own = fc.problem_counts(
        pd.DataFrame({"problem": ["a", "b", "c"], "samples": [50, 50, 80], "correct": [5, 0, 20]})
    )
    result = fc.best_of_many(
        InferenceScenario(sampled_model="own"), data=fc.Context(fc.bundled(), counts=own)
    )
    perfect = result.curve("perfect")
    assert result.tries[perfect.last] <= 50 < result.tries[perfect.last + 1]
    assert np.isnan(perfect.accuracy[perfect.last + 1 :]).all()
    assert np.isfinite(result.curve("binary").accuracy).all()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: fc.BinaryVerifier(true_positive=1.1, false_positive=0.2), "true_positive"),
        (
            lambda: fc.BinaryVerifier(true_positive=0.5, false_positive=float("nan")),
            "false_positive",
        ),
        (lambda: fc.ScoreVerifier(separation=float("inf")), "separation"),
        (lambda: fc.MajorityVote().accuracy([0.5], [0]), "tries"),
        (lambda: fc.MajorityVote().accuracy([0.5], [1.5]), "tries"),
        (lambda: checked_rates([0.5, 1.2]), "1.2"),
    ],
)
def test_what_cannot_be_is_said(make, said: str) -> None:
    with pytest.raises(fc.InputError, match=said):
        make()
