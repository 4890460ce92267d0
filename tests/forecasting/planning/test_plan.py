from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecasting as fc
from forecasting.planning.plan import LIMITS, QUANTITIES
from forecasting.planning.plan_inputs import INPUTS, log_ceiling, plan_inputs, split_problem
from forecasting.planning.plan_scenario import PRESETS, preset, published_exchange
from forecasting.planning.split_solver import best_splits, splits_at_training_compute
from forecasting.reporting.plan_report import gain_lines
from tests.examples import examples

FIXED = fc.Distribution.fixed
#: Everything known exactly: the plan is one best split a year.
POINT = fc.PlanScenario(
    first_year=2026,
    price="own",
    usd_per_chip_hour=FIXED(2.0),
    price_decline=FIXED(1.3),
    mfu_factor=1.0,
    law="besiroglu",
    demand_growth=FIXED(2.0),
    requests_per_day=1e6,
    halving_months=FIXED(8.0),
    exchange_rate=FIXED(1.0),
    span_oom=FIXED(3.0),
    answer_mfu="own",
    text="own",
    own_tokens=FIXED(3e12),
    chips_from="unlimited",
    power_from="unlimited",
    days_per_run=FIXED(90.0),
    draws=20,
)


def test_a_plan_whose_ranges_are_points_is_the_best_split_of_each_year() -> None:
    result = fc.plan(POINT)
    law = fc.published_law("besiroglu").law
    peak = fc.model_cost(fc.CostScenario()).chip_hour.peak_flop_per_s
    for at, year in enumerate(result.years):
        since = year - result.years[0]
        prices = fc.ComputePrices(
            usd_per_chip_hour=2.0 * 1.3**-since,
            peak_flop_per_s=peak,
            mfu_train=0.4,
            mfu_input=0.4,
            mfu_output=0.05,
        )
        split = fc.best_split(
            law,
            budget_usd=1e9 * 2.5**since,
            unique_tokens=3e12,
            demand=fc.Demand(requests_per_day=1e6 * 2.0**since, days=365.25),
            prices=prices,
        )
        for name, value in (
            ("params", split.params),
            ("tokens", split.tokens),
            ("epochs", split.epochs),
            ("answer_compute", split.answer_compute),
            ("inference_share", 1 - split.train_share),
            ("loss", split.loss),
            ("score_oom", split.score + since * 12 / 8 * math.log10(2)),
        ):
            low, median, high = (
                float(x[at])
                for x in (*result.bands[name].interval(0.95), result.bands[name].median)
            )
            assert low == pytest.approx(value, rel=1e-5), name
            assert high == pytest.approx(median, rel=1e-9), name


def test_the_table_has_a_row_a_year_and_units_and_quantiles_in_its_columns() -> None:
    table = fc.plan(fc.PlanScenario(draws=50)).table
    assert list(table["year"]) == list(range(2027, 2033))
    for name in QUANTITIES:
        low, middle, high = (table[f"{name}_q{q}"] for q in (10, 50, 90))
        assert ((low <= middle) & (middle <= high)).all(), name
    assert table[[f"probability_{limit}_binds" for limit in LIMITS]].sum(
        axis=1
    ).to_numpy() == pytest.approx(np.ones(6))


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_has_a_plan_and_an_answer_in_one_sentence(name: str) -> None:
    result = fc.plan(preset(name).replaced(draws=100))
    assert result.answer.startswith("In 2027, spend ")
    assert "The inference share should " in result.full_answer
    growth = result.scenario.budget_growth.low
    assert f"growing by a factor of {growth:g} each year" in result.lines[0]
    assert result.answer.count(". ") == 0
    assert "e+" not in result.full_answer


def test_where_text_runs_short_the_best_split_moves_to_inference() -> None:
    ample = fc.plan(POINT.replaced(text="unlimited"))
    scarce = fc.plan(POINT)
    assert (scarce.bands["inference_share"].median > ample.bands["inference_share"].median).all()
    assert scarce.first_limit == ("text", 2026)
    assert ample.first_limit is None
    assert "Money is the limiting factor through" in ample.full_answer
    assert "Text becomes the limiting factor in the first year" in scarce.full_answer


def test_what_binds_first_is_said_with_the_range_of_its_start_and_no_second_chance() -> None:
    said = fc.plan(fc.PlanScenario(draws=200, first_year=2026)).full_answer
    assert (
        "Text becomes the limiting factor from about 2028, likely 2026 to after 2032 (80%)." in said
    )
    assert "chance" not in said


def test_where_keeping_the_split_costs_next_to_nothing_the_answer_says_so() -> None:
    result = fc.plan(fc.PlanScenario(draws=200))
    assert "; keeping the 2027 split loses almost nothing." in result.full_answer
    assert gain_lines(result)[1].endswith(" orders of magnitude of training compute (80%).")
    matters = fc.plan(preset("startup").replaced(draws=200))
    assert matters.bands["gain_over_first_split_oom"].median[-1] > 0.005
    assert "almost nothing" not in matters.full_answer
    assert len(gain_lines(fc.plan(POINT.replaced(last_year=2026)))) == 1


def test_tokens_that_are_mostly_repeats_are_said_to_be_repeats() -> None:
    repeated = fc.plan(POINT.replaced(own_tokens=FIXED(1e12)))
    epochs = repeated.range_at("epochs", 2026).value
    assert epochs > 2.0
    assert f"text is read about {epochs:.2g} times" in repeated.full_answer
    assert "text is read" not in fc.plan(POINT.replaced(text="unlimited")).full_answer


def test_spending_adds_up_to_the_budget() -> None:
    bands = fc.plan(POINT).bands
    spent = sum(bands[name].median for name in ("training_usd", "inference_usd", "unspent_usd"))
    assert spent == pytest.approx(bands["budget_usd"].median, rel=1e-6)


def test_little_power_holds_the_run_down_and_is_named() -> None:
    held = fc.plan(POINT.replaced(power_from="own", own_power_mw=FIXED(5.0), text="unlimited"))
    assert held.first_limit == ("power", 2026)
    assert held.bands["power_mw"].median == pytest.approx(np.full(7, 5.0), rel=1e-6)
    free = fc.plan(POINT.replaced(text="unlimited"))
    assert (held.bands["score_oom"].median < free.bands["score_oom"].median).all()


def test_an_own_cluster_says_how_long_its_runs_take() -> None:
    result = fc.plan(
        POINT.replaced(
            chips_from="own",
            own_chips=FIXED(50_000.0),
            text="unlimited",
            budget_usd=1e9,
            budget_growth=FIXED(1.0),
        )
    )
    days, flop = result.bands["training_days"].median[0], result.bands["training_flop"].median[0]
    since = 2026.5 - fc.model_cost(fc.CostScenario()).chip_hour.date
    slowest = flop / (50_000 * 989.4e12 * 0.4 * 86400)
    assert slowest / 1.6**since < days < slowest
    assert result.bands["chips"].median == pytest.approx(np.full(7, 50_000.0))


def test_the_best_split_is_never_worse_than_its_alternatives() -> None:
    bands = fc.plan(fc.PlanScenario(draws=200)).bands
    for name in ("gain_over_training_only_oom", "gain_over_first_split_oom"):
        assert bands[name].values.min() >= -1e-9
    assert bands["gain_over_first_split_oom"].values[:, 0] == pytest.approx(np.zeros(7), abs=1e-9)


@pytest.mark.parametrize("name", PRESETS)
def test_training_that_keeps_its_compute_keeps_its_split_to_the_last_digits(name: str) -> None:
    # Many of these optima lie where the text runs out or where answers reach their span: there an
    # error in ln D is one in the score.
    scenario = preset(name).replaced(draws=300)
    inputs = plan_inputs(scenario)
    problem, ceiling = split_problem(scenario, inputs), log_ceiling(inputs)
    best = best_splits(problem, ceiling)
    again = splits_at_training_compute(problem, best.n + best.d + math.log(6.0))
    assert again.score == pytest.approx(best.score, abs=1e-9)


def test_a_model_that_is_used_longer_pays_for_more_training() -> None:
    once, longer = (fc.plan(POINT.replaced(model_lifetime_years=years)) for years in (1.0, 3.0))
    assert (longer.bands["training_flop"].median > once.bands["training_flop"].median).all()
    assert (longer.bands["score_oom"].median > once.bands["score_oom"].median).all()


def test_without_demand_everything_goes_into_training() -> None:
    result = fc.plan(POINT.replaced(requests_per_day=0.0))
    assert "no requests to answer" in result.answer
    bands = result.bands
    assert bands["inference_share"].median == pytest.approx(np.zeros(7), abs=1e-12)
    assert bands["usd_per_answer"].median == pytest.approx(np.zeros(7))


#: By how many orders of magnitude a score may fall under each utilisation in answers. That of the
#: model moves with the plan, which counts with its slope at a size and length near the best.
MAY_FALL = {"own": 1e-9, "model": 0.1}


@pytest.mark.parametrize("answer_mfu", MAY_FALL)
@examples(quick=6, soak=500)
@given(st.floats(5, 11), st.floats(11, 14), st.floats(0, 6), st.floats(0, 3), st.floats(0.05, 1.5))
def test_more_budget_text_or_span_never_lowers_a_score(
    answer_mfu: str, budget: float, text: float, requests: float, span: float, more: float
) -> None:
    def scores(budget: float = budget, text: float = text, span: float = span) -> np.ndarray:
        scenario = fc.PlanScenario(
            budget_usd=10**budget,
            answer_mfu=answer_mfu,
            text="own",
            own_tokens=FIXED(10**text),
            requests_per_day=10**requests,
            span_oom=fc.Distribution(span, span + 1.0, 0.8, "normal"),
            least_params=1.0,
            last_year=2028,
            draws=20,
        )
        inputs = plan_inputs(scenario)
        return best_splits(split_problem(scenario, inputs)).score

    least = scores() - MAY_FALL[answer_mfu]
    assert (scores(budget=budget + more) >= least).all()
    assert (scores(text=text + more) >= least).all()
    assert (scores(span=span + more) >= least).all()


def test_few_draws_give_a_first_number_inside_the_final_80_percent_band() -> None:
    for name in PRESETS:
        first, final = fc.plan(preset(name).replaced(draws=100)), fc.plan(preset(name))
        for quantity in QUANTITIES:
            low, high = final.bands[quantity].interval(0.8)
            median = first.bands[quantity].median
            assert (median >= low - 1e-9 * np.abs(low)).all(), (name, quantity)
            assert (median <= high + 1e-9 * np.abs(high)).all(), (name, quantity)


def test_the_draws_of_one_input_do_not_depend_on_the_range_of_another() -> None:
    one, other = (
        plan_inputs(fc.PlanScenario(draws=50, exchange_rate=rate))
        for rate in (FIXED(1.0), fc.Distribution(0.5, 1.0))
    )
    for name in (
        "usd_per_training_flop",
        "unique_tokens",
        "requests",
        "log_gain",
        "span_oom",
        "days",
        "chips",
        "watts",
    ):
        assert (getattr(one, name) == getattr(other, name)).all(), name


@pytest.mark.parametrize("name", INPUTS)
def test_one_input_can_be_set_to_a_quantile_of_its_own(name: str) -> None:
    inputs = plan_inputs(fc.PlanScenario(draws=100, budget_growth=fc.Distribution(2.0, 3.0)))
    low, high = (inputs.at({name: q}).index_of(name, -1)[0] for q in (0.1, 0.9))
    assert low < high
    assert inputs.at({}).index_of(name, -1)[0] == pytest.approx(
        np.median(inputs.index_of(name, -1)), rel=0.05
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"budget_usd": 1e6, "requests_per_day": 1e9},
            r"can't serve 1 billion requests per day.*at most .* per day",
        ),
        (
            {"budget_usd": 1e8, "requests_per_day": 1e7, "demand_growth": FIXED(20.0)},
            r"`demand_growth`.*In 20.., .*can't serve",
        ),
        ({"first_year": 2030, "last_year": 2028}, "a plan looks ahead"),
        ({"first_year": 2019}, "2025 or more"),
        ({"budget_usd": 0.0}, "budget_usd"),
        ({"requests_per_day": -1.0}, "requests_per_day"),
        (
            {
                "budget_usd": 1e6,
                "requests_per_day": 1e3,
                "chips_from": "own",
                "own_chips": FIXED(1e5),
            },
            r"costs .*more than the \$1 million",
        ),
        ({"demand_growth": fc.Distribution(-1.0, 2.0, 0.9, "normal")}, "from 0.01 to 100"),
        ({"demand_growth": fc.Distribution(1.0, 500.0)}, "from 0.01 to 100"),
        ({"span_oom": fc.Distribution(1.0, 40.0)}, "from 0 to 12"),
        ({"text_share": fc.Distribution(0.5, 1.5, 0.9, "normal")}, "A share is at most 100%"),
        ({"law": "nobody's"}, "nobody's"),
        ({"chip": "Abacus"}, "Abacus"),
        ({"law": "custom:1.7,400,0,0.3,0.3"}, "A and B above 0"),
    ],
)
def test_contradictions_and_bad_values_are_said(changes: dict, said: str) -> None:
    with pytest.raises(fc.ForecastingError, match=said):
        fc.plan(fc.PlanScenario(**{"draws": 20} | changes))


@pytest.mark.parametrize(
    ("name", "rate", "span"),
    [
        ("language", (0.5, 1.0), (1.0, 2.0)),
        ("decomposable", (2 / 3, 1.0), (2.0, 3.0)),
        ("verified", (0.5, 0.8), (5.0, 6.0)),
        ("go", (1.0, 1.0), None),
    ],
)
def test_published_exchange_rates_fill_rate_and_span(
    tables, name: str, rate: tuple, span: tuple | None
) -> None:
    fields = published_exchange(name, tables)
    assert (fields["exchange_rate"].low, fields["exchange_rate"].high) == pytest.approx(rate)
    if span is not None:
        assert (fields["span_oom"].low, fields["span_oom"].high) == pytest.approx(span)
    assert fc.plan(fc.PlanScenario(draws=20, **fields)).answer


def test_ranges_whose_tails_reach_below_zero_give_a_plan() -> None:
    wide = fc.Distribution(0.1, 3.0, 0.5, "normal")
    result = fc.plan(
        fc.PlanScenario(
            draws=200, demand_growth=wide, budget_growth=wide, halving_months=wide, least_params=1.0
        )
    )
    assert np.isfinite(result.bands["params"].values).all()


def test_an_unknown_preset_is_said() -> None:
    with pytest.raises(fc.UnknownNameError, match="frontier"):
        preset("frontiers")
