"""IsoFLOP curves: where each budget's loss is lowest, how that moves with compute, and when
there is no answer.
"""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.isoflop_coverage import EXPONENTS, PLACES, law_of, marin_runs, simulated
from forecasting.errors import InputError, NotEnoughDataError
from forecasting.fitting.isoflop import isoflop_analysis
from forecasting.fitting.training_runs import TrainingRuns
from tests.forecasting.fitting.test_scaling_fit import TRUTH, chinchilla_runs, synthetic


def test_the_chinchilla_runs_give_the_published_isoflop_exponent() -> None:
    analysis = isoflop_analysis(chinchilla_runs())
    assert analysis.params_exponent is not None
    # Published by this approach: 0.49; the law fitted to the same runs has 0.514.
    assert analysis.params_exponent.value == pytest.approx(0.49, abs=0.025)
    low, high = analysis.params_exponent.interval(0.9)
    assert low < 0.49 < high
    params, _ = analysis.optimal(5.76e23)
    low, high = params.interval(0.9)
    assert low < 6.3e10 < high


@pytest.mark.parametrize(
    ("corpus", "all_sizes", "curve"),
    [("comma", 0.405, 0.345), ("dclm", 0.424, 0.371), ("nemotron", 0.422, 0.379)],
)
def test_real_budgets_of_wide_grids_agree_with_the_law_of_all_runs_and_not_with_parabolas(
    corpus: str, all_sizes: float, curve: float
) -> None:
    """`all_sizes` is what numpy.polyfit gives, `curve` Chinchilla's law by scipy's least squares
    with Huber's loss on ln L.
    """
    analysis = isoflop_analysis(marin_runs()[corpus])
    assert len(analysis.usable) == 7
    assert analysis.parabola_exponent == pytest.approx(all_sizes, abs=0.0006)
    assert analysis.params_exponent is not None
    assert analysis.params_exponent.value == pytest.approx(curve, abs=0.015)
    low, high = analysis.params_exponent.interval(0.95)
    assert low < curve < high < all_sizes


def test_parabolas_that_have_no_lowest_point_inside_the_sizes_give_no_exponent() -> None:
    sizes = np.tile(np.geomspace(1e7, 1e9, 6), 2)
    flop = np.repeat([1e18, 1e19], 6)
    falling = TrainingRuns(sizes, flop / (6.0 * sizes), 5.0 - 0.1 * np.log(sizes))
    assert isoflop_analysis(falling).parabola_exponent is None


def test_curves_find_the_optimum_of_the_law_that_made_the_runs(rng) -> None:
    analysis = isoflop_analysis(synthetic(rng, noise=0.001, budgets=6, sizes=10))
    assert len(analysis.usable) == 6
    for part in analysis.usable:
        assert part.params is not None
        expected, _ = TRUTH.optimal(part.training_flop)
        assert part.params.value == pytest.approx(expected, rel=0.15)
        low, high = part.params.interval(0.9)
        assert low < part.params.value < high
        assert part.curve is not None
        assert part.curve.loss(np.array([part.params.value]))[0] == pytest.approx(part.loss)
    assert analysis.params_exponent is not None
    assert analysis.params_exponent.value == pytest.approx(TRUTH.params_exponent, abs=0.02)


def test_a_budget_whose_lowest_loss_lies_outside_the_sizes_is_refused_with_the_reason(rng) -> None:
    runs = synthetic(rng, noise=0.0005, budgets=4, sizes=12)
    best, _ = TRUTH.optimal(runs.training_flop)
    low = np.isclose(runs.training_flop, runs.training_flop.min())
    kept = ~low | (runs.params < 0.8 * best)
    analysis = isoflop_analysis(runs.take(kept))
    refused = [part for part in analysis.slices if part.refused]
    assert len(refused) == 1
    assert refused[0].params is None
    assert "is that of the largest size run" in refused[0].refused
    assert "run larger ones" in refused[0].refused
    assert len(analysis.usable) == 3


def test_runs_at_scattered_compute_have_no_budgets(rng) -> None:
    params, tokens = 10 ** rng.uniform(8, 9, 8), np.geomspace(1e9, 1e13, 8)
    with pytest.raises(
        NotEnoughDataError, match="several model sizes at the same training compute"
    ):
        isoflop_analysis(TrainingRuns(params, tokens, TRUTH.loss(params, tokens)))


def test_one_usable_budget_has_no_line(rng) -> None:
    analysis = isoflop_analysis(synthetic(rng, budgets=1, sizes=10))
    assert analysis.params_exponent is None
    with pytest.raises(NotEnoughDataError, match="Add budgets"):
        analysis.optimal(1e22)


def test_too_few_draws_are_refused() -> None:
    with pytest.raises(InputError, match="at least 100"):
        isoflop_analysis(chinchilla_runs(), bootstrap=10)


@pytest.mark.parametrize("flop", [0.0, -1.0, np.inf])
def test_the_optimum_of_no_compute_is_refused(flop: float) -> None:
    with pytest.raises(InputError, match="training_flop"):
        isoflop_analysis(chinchilla_runs(), bootstrap=100).optimal(flop)


def test_a_budget_of_few_sizes_is_refused_with_the_count() -> None:
    params = np.tile([1e8, 2e8, 4e8], 4)
    flop = np.repeat([1e19, 1e21], 6)
    tokens = flop / (6 * params)
    analysis = isoflop_analysis(
        TrainingRuns(params, tokens, TRUTH.loss(params, tokens)), bootstrap=100
    )
    assert [part.refused.split(" at ")[0] for part in analysis.slices if part.refused] == [
        "Only 3 model sizes",
        "Only 3 model sizes",
    ]
    assert analysis.usable == ()


def test_losses_that_only_bend_down_have_no_lowest_point() -> None:
    params = np.geomspace(1e8, 1e10, 9)
    analysis = isoflop_analysis(
        TrainingRuns(params, 1e20 / (6 * params), 3.0 - 0.1 * np.log(params / 1e9) ** 2 / 5),
        bootstrap=100,
    )
    assert analysis.slices[0].refused is not None
    assert "size run" in analysis.slices[0].refused
    assert analysis.usable == ()


def test_a_lowest_loss_inside_the_sizes_is_used_however_far_others_lie() -> None:
    """Sizes over five orders of magnitude, the small ones far above any law."""
    params = np.geomspace(1e5, 1e10, 11)
    flop = np.repeat([1e17, 3e17, 1e18], params.size)
    sizes = np.tile(params, 3)
    tokens = flop / (6 * sizes)
    best = np.sqrt(flop / 120)
    distance = np.log(sizes / best)
    loss = 3.0 + 0.02 * distance**2 + np.where(sizes < 0.03 * best, 1.5 + 0.1 * distance, 0.0)
    analysis = isoflop_analysis(TrainingRuns(sizes, tokens, loss))
    assert len(analysis.usable) == 3
    assert analysis.params_exponent is not None
    assert analysis.params_exponent.value == pytest.approx(0.5, abs=0.05)


def test_losses_flat_to_the_noise_leave_the_lowest_point_open(rng) -> None:
    params = np.geomspace(1e8, 1e10, 7)
    loss = 3.0 + 0.03 * rng.standard_normal(7)
    loss[3] = 2.9
    part = isoflop_analysis(TrainingRuns(params, 1e20 / (6 * params), loss)).slices[0]
    assert part.lowest_run == pytest.approx(1e9)
    if part.params is None:
        assert part.refused is not None
        assert "at 1 billion parameters" in part.refused
    else:
        low, high = part.params.interval(0.9)
        assert high > 100.0 * low


def test_budgets_that_differ_by_rounding_are_one_budget(rng) -> None:
    runs = synthetic(rng, noise=0.001, budgets=5, sizes=9)
    rounded = TrainingRuns(runs.params, runs.tokens * rng.uniform(0.94, 1.06, 45), runs.loss)
    assert [part.sizes.size for part in isoflop_analysis(rounded, bootstrap=100).slices] == [9] * 5


def test_runs_are_grouped_by_the_compute_that_their_authors_count() -> None:
    """Counted without embeddings, a small model's compute is a fraction of 6·N·D: by 6·N·D the
    budgets fall apart.
    """
    flop = np.repeat(np.geomspace(1e18, 1e20, 5), 9)
    best = (flop / 120) ** 0.5
    params = best * np.tile(np.geomspace(0.15, 6, 9), 5)
    counted = params / (params + 30.0 * params**0.8)
    tokens = flop / (6 * params * counted)
    loss = 2.0 + 0.05 * np.log(params / best) ** 2
    table = {"params": params, "tokens": tokens, "loss": loss, "training_flop": flop}
    analysis = isoflop_analysis(table, bootstrap=200)
    assert len(analysis.usable) == 5
    assert analysis.params_exponent is not None
    assert analysis.params_exponent.value == pytest.approx(0.5, abs=0.005)
    size, data = analysis.optimal(1e19)
    factor = analysis.flop_factor.at(size.value)
    assert 6 * size.value * data.value * factor == pytest.approx(1e19)
    assert factor < 0.7
    by_product = isoflop_analysis(
        {name: table[name] for name in ("params", "tokens", "loss")}, bootstrap=200
    )
    found = by_product.params_exponent
    assert found is None or abs(found.value - 0.5) > 0.02


@pytest.mark.parametrize("place", ["centred", "drifting"])
@pytest.mark.parametrize("exponents", [(0.34, 0.34), (0.5, 0.2)])
def test_the_exponent_has_no_bias_and_its_interval_holds_it(
    exponents: tuple[float, float], place: str
) -> None:
    law, held, errors = law_of(*exponents), [], []
    for seed in range(12):
        runs = simulated(law, 3.0, PLACES[place], np.random.default_rng(seed))
        exponent = isoflop_analysis(runs, bootstrap=200, seed=seed).params_exponent
        assert exponent is not None
        low, high = exponent.interval(0.95)
        held.append(low <= law.params_exponent <= high)
        errors.append(exponent.value - law.params_exponent)
    # Of 12 intervals of 95%, 9 or fewer hold the truth in one of 500 tries.
    assert sum(held) >= 10
    assert abs(float(np.mean(errors))) < 0.005


@pytest.mark.soak
@pytest.mark.parametrize("place", list(PLACES))
@pytest.mark.parametrize("span", [1.0, 2.0, 3.0])
@pytest.mark.parametrize("exponents", EXPONENTS)
def test_the_intervals_of_every_design_hold_the_exponent_as_often_as_they_say(
    exponents: tuple[float, float], span: float, place: str
) -> None:
    law, held = law_of(*exponents), []
    for seed in range(300):
        runs = simulated(law, span, PLACES[place], np.random.default_rng(seed))
        exponent = isoflop_analysis(runs, bootstrap=400, seed=seed).params_exponent
        assert exponent is not None
        low, high = exponent.interval(0.95)
        held.append(low <= law.params_exponent <= high)
    assert 0.90 <= float(np.mean(held)) <= 0.985


def test_shapes_closer_than_the_first_grid_are_told_apart_where_runs_can() -> None:
    """Between two of its shapes, what the nearest one misses is no noise: the interval of the
    exponent is about as wide as its error, not a third wider.
    """
    law, widths, errors = law_of(0.46, 0.31), [], []
    for seed in range(30):
        runs = simulated(law, 3.0, PLACES["high"], np.random.default_rng(seed))
        exponent = isoflop_analysis(runs, bootstrap=200, seed=seed).params_exponent
        assert exponent is not None
        low, high = exponent.interval(0.95)
        widths.append(high - low)
        errors.append(exponent.value - law.params_exponent)
    assert float(np.median(widths)) < 0.0115
    assert float(np.std(errors)) < 0.0035


def test_intervals_of_the_exponent_hold_the_truth_about_as_often_as_they_say() -> None:
    hits = []
    for seed in range(40):
        analysis = isoflop_analysis(
            synthetic(np.random.default_rng(seed), noise=0.002, budgets=7, sizes=9),
            bootstrap=200,
            seed=seed,
        )
        assert analysis.params_exponent is not None
        low, high = analysis.params_exponent.interval(0.9)
        hits.append(low <= TRUTH.params_exponent <= high)
    assert 0.75 <= np.mean(hits) <= 1.0
