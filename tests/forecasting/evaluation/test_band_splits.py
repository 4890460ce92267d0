from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import forecasting as fc
from forecasting.evaluation.backtest import CutOffs
from forecasting.evaluation.band_splits import (
    Learner,
    SeriesRecord,
    goals,
    judge_series,
    learned_prior,
    local_part,
    loss,
    quantile_score,
    random_splits,
    record_of,
)
from forecasting.evaluation.development_series import DevelopmentSeries, development_series
from forecasting.trends.local_trend import GROWTH_CHANGES, SHOCKS, TrendPrior, seen_by_year
from forecasting.trends.pooled_trend import PooledSettings, pooled_forecast

PLAN = CutOffs(first_share=0.6)


def made(name: str, seed: int, change: float = 0.02) -> DevelopmentSeries:
    rng = np.random.default_rng(seed)
    dates = 2000.0 + np.arange(60) / 4.0
    growth = 0.2 + np.cumsum(rng.normal(0.0, change / 2.0, 60))
    return DevelopmentSeries(
        name, name, dates, 10.0 ** (np.cumsum(growth) / 4.0 + rng.normal(0.0, 0.1, 60))
    )


@pytest.fixture(scope="module")
def judged():
    return [judge_series(made(f"series {seed}", seed), plan=PLAN) for seed in range(4)]


def test_the_fast_record_is_that_of_the_method_itself(judged) -> None:
    settings = PooledSettings()
    for each in judged:
        fast = record_of(each, local_part(each, settings.prior), settings)
        slow = fc.backtest(
            each.series.dates,
            each.series.values,
            plan=PLAN,
            method=lambda years, logs, ahead: pooled_forecast(years, logs).draws(
                ahead, "observation"
            ),
        )
        assert fast.held_80 == pytest.approx(slow.coverage(0.8).value, abs=0.05)
        textbook = fc.backtest(each.series.dates, each.series.values, plan=PLAN, method="textbook")
        assert fast.against["textbook"] == pytest.approx(
            slow.mean_crps / textbook.mean_crps, abs=0.03
        )


def test_no_family_is_in_both_halves_and_the_same_seed_gives_the_same_splits(judged) -> None:
    splits, again = (random_splits(judged, count=2, seed=3) for _ in range(2))
    for records in splits.unseen:
        assert len(records) == 2
        assert len({each.name for each in records}) == 2
    assert splits.table.equals(again.table)
    assert len(splits.released_table) == 2


def test_constants_are_learned_from_their_own_half_alone(judged) -> None:
    mine = Learner(judged).learn([0, 1])
    other = judge_series(made("another", 9, change=0.5), plan=PLAN)
    assert Learner([judged[0], judged[1], other]).learn([0, 1]) == mine


def test_the_prior_learns_how_much_growth_changes() -> None:
    sizes = {}
    for change in (0.002, 0.2):
        many = [made("x", seed, change) for seed in range(8)]
        evidence = np.array(
            [seen_by_year(each.dates, np.log10(each.values), 0)[0].evidence for each in many]
        )
        prior = learned_prior(evidence, np.ones(8))
        assert sum(prior.shock_shares) == pytest.approx(1.0)
        sizes[change] = prior.change_log10
    assert sizes[0.2] > sizes[0.002] + 0.5
    assert len(PooledSettings().prior.shock_shares) == len(SHOCKS)
    assert isinstance(PooledSettings().prior, TrendPrior)
    assert GROWTH_CHANGES[0] < 0.01 < GROWTH_CHANGES[-1]


def test_the_quantile_score_of_a_normal_is_its_crps(rng) -> None:
    from scipy.special import ndtri

    shares = np.arange(1, 40) / 40.0
    score = quantile_score(np.tile(ndtri(shares)[:, None], 4000), rng.normal(size=4000)).mean()
    assert score == pytest.approx(1.0 / np.sqrt(np.pi), rel=0.05)


def record(held: float, score: float = 0.8) -> SeriesRecord:
    return SeriesRecord("x", 0.5, held, 0.95, held, {"textbook": score})


def test_goals_count_series_and_the_loss_prefers_bands_that_hold() -> None:
    row = goals([record(0.8), record(0.72), record(0.5), record(0.9)])
    assert row["80_within_75_85"] == 0.25
    assert row["80_within_70_90"] == 0.75
    assert row["lowest_80"] == 0.5
    good, bad, poor = ([record(*pair)] for pair in ((0.8,), (0.6,), (0.8, 1.2)))
    assert loss(good, np.ones(1)) < loss(bad, np.ones(1))
    assert loss(good, np.ones(1)) < loss(poor, np.ones(1))


def test_development_series_have_names_of_their_own_and_positive_sorted_points(tables) -> None:
    every = development_series(tables)
    names = [each.name for each in every]
    assert len(set(names)) == len(names) >= 80
    assert len({each.family for each in every}) >= 20
    for each in every:
        assert each.dates.size >= 15
        assert (np.diff(each.dates) >= 0.0).all()
        assert (each.values > 0.0).all()


def test_a_further_file_adds_its_series_and_one_without_the_columns_is_refused(
    tables, tmp_path: Path
) -> None:
    file = tmp_path / "more.csv"
    file.write_text(
        "series,decimal_year,value\n"
        + "".join(f"Discs,{2000 + year},{0.5**year}\n" for year in range(20))
    )
    assert development_series(tables, file)[-1].name == "Discs"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(fc.InputError, match="columns series, decimal_year, value"):
        development_series(tables, file)
