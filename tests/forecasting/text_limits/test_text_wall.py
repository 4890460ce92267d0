from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecasting as fc
from forecasting.laws.published_laws import published_law
from forecasting.laws.repeated_data_law import RepeatedDataLaw
from forecasting.text_limits.limited_text import floors, limited_text, repeated_bands, wall_flop
from forecasting.text_limits.text_corpus import text_corpus
from forecasting.text_limits.text_scenario import TextScenario
from forecasting.text_limits.text_wall import text_wall

LAW = RepeatedDataLaw(published_law("refit").law)


def test_at_the_wall_the_compute_optimal_run_needs_exactly_all_the_text() -> None:
    _, tokens = LAW.base.optimal(wall_flop(LAW, 1.5e14))
    assert tokens == pytest.approx(1.5e14, rel=1e-9)


def test_below_the_wall_all_curves_are_one_and_beyond_it_they_part_in_order() -> None:
    curves = limited_text(LAW, 1e13)
    before = curves.training_flop <= curves.wall_flop
    np.testing.assert_allclose(curves.repeated[before], curves.unlimited[before], rtol=1e-9)
    np.testing.assert_allclose(curves.once[before], curves.unlimited[before], rtol=1e-9)
    beyond = curves.training_flop > curves.wall_flop * 2
    assert np.all(curves.unlimited[beyond] < curves.repeated[beyond])
    assert np.all(curves.repeated[beyond] < curves.once[beyond])
    assert np.all(curves.epochs[~before] > 1)


def test_the_floors_of_draws_are_those_of_each_law() -> None:
    laws = fc.law_in_use("refit", fc.bundled()).draws
    repeated, once = floors(laws, np.full(len(laws), 2e13))
    for row in (0, 7, 500):
        law = RepeatedDataLaw(laws.law(row))
        assert repeated[row] == pytest.approx(law.floor(2e13), rel=1e-9)
        assert once[row] == pytest.approx(float(law.loss(1e30, 2e13, 2e13)), rel=1e-9)


def test_bands_of_the_loss_come_from_the_quantiles_of_the_text() -> None:
    text = np.geomspace(1e13, 1e15, 1001)
    flop = np.array([1e27, 1e29])
    bands = repeated_bands(LAW, text, flop)
    np.testing.assert_allclose(bands.median, LAW.loss_at_compute(flop, 1e14), rtol=1e-6)
    assert np.all(np.diff(bands.values, axis=0) >= -1e-12)


def test_after_the_wall_repetition_buys_more_than_reading_once_and_less_than_fresh_text() -> None:
    wall = text_wall(TextScenario())
    assert 0 < wall.gain_once.value < wall.gain_repeated.value < wall.gain_unlimited.value
    assert wall.training_flop.low < wall.training_flop.value < wall.training_flop.high
    assert wall.year == 2028
    table = wall.table
    assert list(table["compute_times_wall"]) == [1, 10, 100, 1000, math.inf]
    losses = table[
        [
            "loss_unlimited_text_nats_per_token",
            "loss_repeated_nats_per_token",
            "loss_read_once_nats_per_token",
        ]
    ].to_numpy()
    assert np.all(np.diff(losses, axis=1) >= -1e-12)
    assert np.all(np.diff(losses, axis=0) <= 1e-12)
    assert "likely" in wall.answer


def test_the_law_in_use_changes_the_wall() -> None:
    refit, hoffmann = (text_wall(TextScenario(law=name)) for name in ("refit", "chinchilla"))
    assert hoffmann.training_flop.value < refit.training_flop.value / 3
    assert refit.law.has_range
    assert not hoffmann.law.has_range


def test_a_corpus_feeds_a_run_and_twelve_epochs_are_worth_half_or_more() -> None:
    corpus = text_corpus(TextScenario(corpus_tokens=1e11, corpus_flop=1e22))
    assert corpus.once_flop.value == pytest.approx(6 * corpus.once_params.value * 1e11)
    _, tokens = corpus.law.law.optimal(corpus.once_flop.value)
    assert tokens == pytest.approx(1e11, rel=1e-9)
    assert corpus.worthwhile_epochs == 12
    assert corpus.epoch_worth[3] == pytest.approx(
        15.387756 * (math.exp(-2 / 15.387756) - math.exp(-3 / 15.387756)), rel=1e-9
    )
    assert 1 < corpus.run_epochs < 4
    assert corpus.floor < corpus.run_loss
    assert corpus.run_loss > corpus.run_loss_unlimited
    assert corpus.worthwhile_flop > corpus.once_flop.value


def test_more_compute_than_a_corpus_can_use_is_said() -> None:
    corpus = text_corpus(TextScenario(corpus_tokens=1e9, corpus_flop=1e26))
    assert "more compute than this corpus can use" in corpus.full_answer
    assert (
        "needs only" in text_corpus(TextScenario(corpus_tokens=1e15, corpus_flop=1e20)).full_answer
    )


@given(
    tokens=st.floats(1e6, 1e17),
    more=st.floats(1.0, 10.0),
    law=st.sampled_from(["refit", "chinchilla", "besiroglu", "muennighoff"]),
)
def test_more_text_never_feeds_a_smaller_run_nor_raises_the_floor(
    tokens: float, more: float, law: str
) -> None:
    small, large = (
        text_corpus(TextScenario(corpus_tokens=each, law=law)) for each in (tokens, tokens * more)
    )
    assert large.once_flop.value >= small.once_flop.value
    assert large.floor <= small.floor + 1e-12
    assert large.run_loss <= small.run_loss + 1e-9


@pytest.mark.parametrize("law", ["custom:1.8,400,2000,0.35,0.36", "muennighoff"])
def test_every_kind_of_law_gives_a_wall_and_a_corpus(law: str) -> None:
    assert text_wall(TextScenario(law=law)).gain_repeated.value > 0
    assert text_corpus(TextScenario(law=law)).worthwhile_epochs >= 1


def test_the_worth_of_an_epoch_decides_how_many_are_worthwhile() -> None:
    counts = [
        text_corpus(TextScenario(corpus_worth=share)).worthwhile_epochs for share in (0.9, 0.5, 0.1)
    ]
    assert counts[0] < counts[1] < counts[2]
    assert counts[0] == 3


def test_a_law_without_a_term_for_text_is_refused_in_words() -> None:
    with pytest.raises(fc.InputError, match="text never runs out"):
        text_wall(TextScenario(law="custom:1.8,400,0,0.35,0.36"))


def test_the_law_of_own_runs_is_found_in_the_tables() -> None:
    tables = fc.bundled()
    own = fc.law_in_use("chinchilla", tables)
    session = fc.Context(tables, laws={"yours": own})
    mine = TextScenario(law="yours", repetition_by="law")
    assert (
        text_wall(mine, data=session).training_flop
        == text_wall(mine.replaced(law="chinchilla"), data=tables).training_flop
    )
    assert (
        text_corpus(mine, data=session).once_params
        == text_corpus(mine.replaced(law="chinchilla"), data=tables).once_params
    )
    assert fc.text_exhaustion(mine, data=session).median_year > 2025
    with pytest.raises(fc.ForecastingError, match="runs that are not here"):
        text_wall(mine)
