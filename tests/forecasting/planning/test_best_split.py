from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecasting as fc
from forecasting.laws.data_limited_quality import DataLimitedQuality
from forecasting.laws.law_draws import NAMES, LawDraws
from forecasting.planning.split_solver import (
    LN10,
    SplitProblem,
    best_splits,
    splits_at_training_compute,
)
from tests.examples import SOAK
from tests.forecasting.planning.brute_force_split import brute_force_score

PRICES = fc.ComputePrices(
    usd_per_chip_hour=2.0, peak_flop_per_s=989e12, mfu_train=0.40, mfu_input=0.40, mfu_output=0.05
)
DEMAND = fc.Demand(requests_per_day=1e6, days=365, tokens_in=1000, tokens_out=500)
REFIT = fc.published_law("refit").law


def split(budget_usd: float, unique_tokens: float = math.inf, **changes) -> fc.BestSplit:
    inputs = {"demand": DEMAND, "prices": PRICES, "exchange_rate": 1.0, "span_oom": 3.0} | changes
    return fc.best_split(REFIT, budget_usd=budget_usd, unique_tokens=unique_tokens, **inputs)


@pytest.mark.parametrize(
    ("budget_usd", "unique_tokens", "train_share", "k", "epochs", "score"),
    [
        (1e8, math.inf, 0.326, 161, 1, 27.21),
        (1e8, 3e12, 0.288, 152, 10.0, 27.15),
        (1e9, math.inf, 0.327, 491, 1, 28.70),
        (1e9, 3e12, 0.190, 688, 26.2, 28.48),
        (1e10, 3e12, 0.242, 1000, 51.9, 29.38),
    ],
)
def test_the_proof_table(budget_usd, unique_tokens, train_share, k, epochs, score) -> None:
    found = split(budget_usd, unique_tokens)
    assert found.score == pytest.approx(score, abs=0.01)
    assert found.train_share == pytest.approx(train_share, rel=0.05)
    assert found.answer_compute == pytest.approx(k, rel=0.05)
    assert found.epochs == pytest.approx(epochs, rel=0.05)


def test_without_exchange_and_unlimited_text_it_is_the_cheapest_model_for_the_demand() -> None:
    found = split(1e8, exchange_rate=0.0)
    cheapest = fc.inference_aware_optimum(REFIT, loss=found.loss, demand=DEMAND, prices=PRICES)
    assert found.answer_compute == pytest.approx(1.0)
    assert found.params == pytest.approx(cheapest.params, rel=1e-4)
    assert found.tokens == pytest.approx(cheapest.tokens, rel=1e-4)
    assert found.spent_usd == pytest.approx(cheapest.total, rel=1e-6)


def test_without_demand_it_is_chinchilla() -> None:
    found = split(1e8, demand=None)
    training_flop = 1e8 / PRICES.usd_per_training_flop
    params, tokens = REFIT.optimal(training_flop)
    assert found.params == pytest.approx(params, rel=1e-4)
    assert found.tokens == pytest.approx(tokens, rel=1e-4)
    assert found.score == pytest.approx(math.log10(training_flop), abs=1e-9)
    assert found.train_share == 1.0
    assert found.answer_compute == 1.0


def test_without_demand_and_with_little_text_it_is_the_best_repeated_run() -> None:
    found = split(1e9, 1e12, demand=fc.Demand(requests_per_day=0.0))
    law = fc.law_in_use("refit", fc.bundled()).repeated
    assert found.loss == pytest.approx(
        law.loss_at_compute(1e9 / PRICES.usd_per_training_flop, 1e12), abs=1e-9
    )


def test_the_whole_budget_is_spent() -> None:
    for budget in (1e6, 1e8, 1e11):
        assert split(budget, 3e12).spent_usd == pytest.approx(budget, rel=1e-9)


def random_scenarios(
    count: int, size_elasticity: tuple[float, float] = (0.0, 0.0)
) -> tuple[SplitProblem, LawDraws]:
    rng = np.random.default_rng(7)
    laws = LawDraws(
        E=np.full(count, 1.8),
        A=10 ** rng.uniform(2, 3.5, count),
        B=10 ** rng.uniform(2.3, 4, count),
        alpha=rng.uniform(0.25, 0.45, count),
        beta=rng.uniform(0.25, 0.45, count),
    )
    unique = np.where(rng.random(count) < 0.2, np.inf, 10 ** rng.uniform(10, 15, count))
    budget, requests = 10 ** rng.uniform(4, 12, count), 10 ** rng.uniform(0, 9, count) * 365
    hour = 10 ** rng.uniform(-0.5, 1, count) / 3600 / 989e12
    read, written = 10 ** rng.uniform(1, 5, count), 10 ** rng.uniform(1, 5, count)
    problem = SplitProblem(
        quality=DataLimitedQuality.of_draws(laws, unique),
        log_budget=np.log(budget),
        log_train=np.log(6 * hour / 0.4),
        log_input=np.log(2 * requests * read * hour / rng.uniform(0.2, 0.6, count)),
        log_output=np.log(2 * requests * written * hour / rng.uniform(0.02, 0.6, count)),
        size_elasticity=np.random.default_rng(8).uniform(*size_elasticity, count),
        exchange_rate=np.where(rng.random(count) < 0.1, 0.0, rng.uniform(0, 1.5, count)),
        log_span=rng.uniform(0, 5, count) * LN10,
    )
    return problem, laws


def test_the_score_is_that_of_brute_force_on_random_scenarios() -> None:
    count = 200 if SOAK else 60
    problem, laws = random_scenarios(count)
    found = best_splits(problem)
    for row in range(count):
        brute = brute_force_score(
            laws.law(row),
            unique_tokens=float(np.exp(problem.quality.log_unique[row])),
            budget_usd=float(np.exp(problem.log_budget[row])),
            usd_per_6_flop=float(np.exp(problem.log_train[row])),
            input_usd_per_param=float(np.exp(problem.log_input[row])),
            output_usd_per_param=float(np.exp(problem.log_output[row])),
            exchange_rate=float(problem.exchange_rate[row]),
            span=float(np.exp(problem.log_span[row])),
        )
        assert found.score[row] == pytest.approx(brute, abs=1e-6), row


#: As the model of serving gives them: parameters are cheapest to serve in the middle sizes.
STEEP = (-0.65, 2.0)


def test_no_split_of_the_same_money_is_better_where_size_makes_answers_dearer() -> None:
    problem, _ = random_scenarios(100, STEEP)
    found = best_splits(problem)
    training = np.exp(found.n + found.d + problem.log_train)
    spent = training + problem.inference_usd(found.n, found.log_k)
    assert spent == pytest.approx(np.exp(problem.log_budget), rel=1e-9)
    for row in range(100):
        for reach in (4.0, 0.1, 0.005):
            n = found.n[row] + reach * np.linspace(-1.0, 1.0, 81)[:, None]
            log_k = found.log_k[row] + reach * np.linspace(-1.0, 1.0, 81)
            n, log_k = (x.ravel() for x in np.broadcast_arrays(n, log_k))
            log_k = np.clip(log_k, 0.0, problem.log_span[row])
            one = problem.rows(np.full(n.size, row))
            left = np.exp(one.log_budget) - one.inference_usd(n, log_k)
            paid = left > 0.0
            d = np.log(np.where(paid, left, 1.0)) - n - one.log_train
            scores = (one.quality.slopes(n, d).value + one.exchange_rate * log_k) / LN10
            assert found.score[row] >= scores[paid].max(initial=-np.inf) - 1e-9, (row, reach)


def test_splits_from_a_start_nearby_are_the_same() -> None:
    problem, _ = random_scenarios(100, STEEP)
    free = best_splits(problem)
    ceiling = free.n + free.d + np.log(6.0) + np.linspace(-1.5, 1.5, 100)
    usual = best_splits(problem, ceiling)
    for off in (0.0, 0.3, 5.0):
        found = best_splits(problem, ceiling, near=(usual.n + off, usual.log_k - off))
        assert found.score == pytest.approx(usual.score, abs=1e-9), off


@pytest.mark.parametrize("elasticity", [(0.0, 0.0), STEEP])
def test_under_a_ceiling_the_run_has_that_compute_and_the_rest_goes_into_answers(
    elasticity: tuple[float, float],
) -> None:
    problem, _ = random_scenarios(200, elasticity)
    free = best_splits(problem)
    ceiling = free.n + free.d + np.log(6.0) - 1.5
    capped = best_splits(problem, ceiling)
    assert capped.n + capped.d + np.log(6.0) == pytest.approx(ceiling)
    assert (capped.score <= free.score + 1e-9).all()
    training = np.exp(capped.n + capped.d + problem.log_train)
    spent = training + problem.inference_usd(capped.n, capped.log_k)
    assert (spent <= np.exp(problem.log_budget) * (1 + 1e-9)).all()
    for row in range(0, 200, 5):
        grid = capped.d[row] + np.linspace(-3, 3, 6001)
        n = ceiling[row] - np.log(6.0) - grid
        one = problem.rows(np.full(grid.size, row))
        left = np.exp(one.log_budget) - np.exp(n + grid + one.log_train)
        left = left / np.exp((1.0 + one.size_elasticity) * n) - np.exp(one.log_input)
        k = np.minimum(left / np.exp(one.log_output), np.exp(one.log_span))
        allowed = k >= 1.0
        scores = (
            one.quality.slopes(n, grid).value
            + one.exchange_rate * np.log(np.where(allowed, k, 1.0))
        ) / LN10
        assert capped.score[row] >= scores[allowed].max() - 1e-9, row
    higher = splits_at_training_compute(problem, ceiling + 1e-4)
    lower = splits_at_training_compute(problem, ceiling - 1e-4)
    slope = (higher.score - lower.score) / (2e-4 / LN10)
    binding = slope > 1e-3
    assert capped.worth_of_ceiling[binding] == pytest.approx(slope[binding], rel=2e-2, abs=1e-3)


def test_a_ceiling_above_the_optimum_changes_nothing() -> None:
    problem, _ = random_scenarios(50)
    free = best_splits(problem)
    same = best_splits(problem, free.n + free.d + np.log(6.0) + 0.1)
    assert (same.score == free.score).all()


def test_the_worth_of_text_is_what_more_text_adds() -> None:
    problem, laws = random_scenarios(100)
    found = best_splits(problem)
    finite = np.isfinite(problem.quality.log_unique)
    more = DataLimitedQuality.of_draws(laws, np.exp(problem.quality.log_unique + 1e-4))
    gained = (best_splits(problem.replaced(quality=more)).score - found.score) / (1e-4 / LN10)
    assert found.worth_of_text[finite] == pytest.approx(gained[finite], abs=2e-3)


AMOUNTS = st.floats(4, 12)


@given(AMOUNTS, st.floats(9, 15), st.floats(0, 2), st.floats(0, 4), st.floats(0, 8))
def test_more_budget_text_or_span_never_lowers_the_score(
    budget: float, text: float, rate: float, span: float, requests: float
) -> None:
    def score(budget: float = budget, text: float = text, span: float = span) -> float:
        demand = fc.Demand(requests_per_day=10**requests)
        return split(
            10**budget,
            10**text,
            demand=demand,
            exchange_rate=rate,
            span_oom=span,
            least_params=1e-9,
        ).score

    here = score()
    assert score(budget=budget + 0.2) >= here - 1e-9
    assert score(text=text + 0.2) >= here - 1e-9
    assert score(span=span + 0.2) >= here - 1e-9


@pytest.mark.parametrize("name", NAMES[1:])
def test_a_set_of_equal_laws_gives_the_split_of_the_law(name: str) -> None:
    law = fc.ChinchillaLaw(
        **{each: getattr(REFIT, each) * (1.01 if each == name else 1.0) for each in NAMES}
    )
    alone = fc.best_split(law, budget_usd=1e8, unique_tokens=1e12, demand=DEMAND, prices=PRICES)
    problem, _ = random_scenarios(3)
    laws = LawDraws(*(np.full(3, getattr(law, each)) for each in NAMES))
    same = problem.replaced(
        quality=DataLimitedQuality.of_draws(laws, np.full(3, 1e12)),
        log_budget=np.full(3, math.log(1e8)),
        log_train=np.full(3, math.log(6 * PRICES.usd_per_training_flop)),
        log_input=np.full(3, math.log(2 * DEMAND.read_tokens * PRICES.usd_per_input_flop)),
        log_output=np.full(3, math.log(2 * DEMAND.written_tokens * PRICES.usd_per_output_flop)),
        size_elasticity=np.zeros(3),
        exchange_rate=np.ones(3),
        log_span=np.full(3, 3 * LN10),
    )
    assert best_splits(same).score == pytest.approx(np.full(3, alone.score), abs=1e-9)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"budget_usd": 0.0}, "budget_usd"),
        ({"budget_usd": -5.0}, "budget_usd"),
        ({"budget_usd": math.inf}, "budget_usd"),
        ({"unique_tokens": 0.0}, "unique_tokens"),
        ({"exchange_rate": -1.0}, "exchange_rate"),
        ({"span_oom": math.nan}, "span_oom"),
    ],
)
def test_a_bad_value_is_said_with_its_name(changes: dict, said: str) -> None:
    with pytest.raises(fc.InputError, match=said):
        split(**({"budget_usd": 1e8} | changes))


def test_a_budget_that_cannot_serve_the_demand_says_how_much_it_could() -> None:
    with pytest.raises(
        fc.InputError, match=r"can't serve 1 billion requests per day.*at most .* per day"
    ):
        split(1e6, demand=fc.Demand(requests_per_day=1e9))


def test_a_law_without_a_term_for_text_is_refused() -> None:
    with pytest.raises(fc.InputError, match="A and B above 0"):
        fc.best_split(fc.ChinchillaLaw(E=1.7, A=400, B=0, alpha=0.3, beta=0.3), budget_usd=1e8)
