"""When a machine's answer costs less than a person's: dates, never and already, the spread between
fits.
"""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecasting as fc
from forecasting.inference.human_parity import human_parity, parity_date, years_to_parity
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.inference.parity_cases import parity_cases
from forecasting.inference.token_prices import list_prices, price_declines
from forecasting.reporting.inference_answers import month_words, parity_evidence, percent
from forecasting.reporting.inference_notes import decline_words

START = dt.date(2024, 12, 20)
factors = st.floats(0.2, 1000.0)


@pytest.mark.parametrize(
    ("decline", "day"),
    [(9.24, dt.date(2027, 5, 9)), (50.0, dt.date(2026, 4, 28)), (851.0, dt.date(2025, 10, 2))],
)
def test_the_published_dates_to_the_day(decline: float, day: dt.date) -> None:
    found = parity_date(machine_usd=1000, human_usd=5, start=START, price_decline=decline)
    assert found is not None
    assert abs((found - day).days) <= 1


def test_never_where_tokens_grow_as_fast_as_prices_fall_and_wages_rise() -> None:
    for decline, tokens, wages in (
        (1.0, 1.0, 1.0),
        (2.0, 2.0, 1.0),
        (2.0, 3.0, 1.5),
        (0.5, 1.0, 1.0),
    ):
        case = {"machine_usd": 10.0, "human_usd": 5.0, "start": START}
        assert (
            parity_date(**case, price_decline=decline, token_growth=tokens, wage_growth=wages)
            is None
        )  # type: ignore[arg-type]


def test_already_where_the_machine_costs_no_more() -> None:
    assert parity_date(machine_usd=5, human_usd=5, start=START, price_decline=0.5) == START


def test_a_pace_that_hardly_moves_ends_beyond_the_calendar_as_never() -> None:
    assert parity_date(machine_usd=1000, human_usd=5, start=START, price_decline=1.0001) is None


@given(st.floats(1.001, 1e6), factors, factors, factors, st.floats(1.0, 3.0))
def test_faster_falls_and_wages_never_delay_and_more_tokens_never_hasten(
    ratio: float, decline: float, tokens: float, wages: float, times: float
) -> None:
    def years(r: float, g: float, w: float) -> float:
        one = (np.array([value]) for value in (ratio, 1.0, r, g, w))
        return float(years_to_parity(*one)[0])

    base = years(decline, tokens, wages)
    assert years(decline * times, tokens, wages) <= base
    assert years(decline, tokens, wages * times) <= base
    assert years(decline, tokens * times, wages) >= base


@given(st.floats(1.001, 1e6), st.floats(1.1, 1000.0), st.floats(0.5, 1.0), st.floats(1.0, 1.1))
def test_at_the_date_both_cost_the_same(
    ratio: float, decline: float, tokens: float, wages: float
) -> None:
    years = float(
        years_to_parity(*(np.array([v]) for v in (ratio, 1.0, decline, tokens, wages)))[0]
    )
    assert ratio * (tokens / decline) ** years == pytest.approx(wages**years, rel=1e-6)


def test_twenty_one_fits_with_their_own_intervals(tables: fc.DataSet) -> None:
    declines = price_declines(tables)
    assert declines.factor.size == 21
    assert declines.median == pytest.approx(46, abs=0.5)
    assert (declines.factor.min(), declines.factor.max()) == (
        pytest.approx(9.24, abs=0.01),
        pytest.approx(851, abs=0.5),
    )
    assert declines.straddling == 2
    wide, narrow = (
        declines.draw(4200, np.random.default_rng(1), own_intervals=own) for own in (True, False)
    )
    assert (wide < 1.0).any()
    assert not (narrow < 1.0).any()
    assert np.unique(narrow.round(6)).size == np.unique(declines.factor.round(6)).size
    assert np.log(wide).std() > np.log(narrow).std()


def test_draws_within_a_fit_have_its_interval(tables: fc.DataSet) -> None:
    one = price_declines(tables, "HumanEval")
    draws = one.draw(20_000, np.random.default_rng(2))
    first = np.sort(draws)
    assert first[0] < one.low.min()
    mixture = np.mean((draws > one.low.min()) & (draws < one.high.max()))
    assert mixture > 0.9


def test_the_spread_between_fits_reaches_the_date(tables: fc.DataSet) -> None:
    result = human_parity(InferenceScenario(), data=tables)
    assert result.crossing.low < 2026.0 < result.crossing.value < 2027.5 < result.crossing.high
    assert result.moves[0].name == "fall of prices"
    assert 0.005 < result.not_by_horizon < 0.05
    assert result.never > 0.0


def test_fixed_inputs_give_the_closed_form(tables: fc.DataSet) -> None:
    known = {name: fc.Distribution.fixed(1.0) for name in ("token_growth", "wage_growth")}
    result = human_parity(
        InferenceScenario(price_decline="own", own_decline=fc.Distribution.fixed(50.0), **known),
        data=tables,
    )  # type: ignore[arg-type]
    assert month_words(result.crossing.value) == "April 2026"
    assert result.crossing.low == result.crossing.high == result.crossing.value
    assert result.moves == ()


def test_list_prices_as_they_are_hardly_fall(tables: fc.DataSet) -> None:
    prices = list_prices(tables)
    assert 0.5 < prices.factor < 3.0
    assert prices.left_out > 0
    assert prices.table["usd_per_mtok"].min() > 0.0
    result = human_parity(InferenceScenario(price_decline="list"), data=tables)
    assert result.not_by_horizon > 0.5
    assert "does not cost less than a person's by 2040" in result.answer


def test_cases_come_from_the_tables(tables: fc.DataSet) -> None:
    cases = parity_cases(tables)
    assert cases["article"].machine_usd.median == 1000.0
    assert cases["article"].human_usd.median == 5.0
    assert cases["post"].machine_usd.median == 20.0
    assert cases["leaderboard"].machine_usd.median == 200.0
    assert (cases["leaderboard"].human_usd.low, cases["leaderboard"].human_usd.high) == (3.0, 17.0)


def test_a_machine_that_is_cheaper_already_is_said_to_be(tables: fc.DataSet) -> None:
    result = human_parity(InferenceScenario(parity_case="gpt5"), data=tables)
    assert result.already > 0.99
    assert "already" in result.answer


def test_every_case_and_source_of_decline_answers(tables: fc.DataSet) -> None:
    for case in ("article", "post", "leaderboard", "gpt5", "own"):
        for decline in ("fits", "values", "list", "own"):
            result = human_parity(
                InferenceScenario(parity_case=case, price_decline=decline), data=tables
            )
            assert result.answer.endswith((".", ")."))
            assert "nan" not in result.answer + parity_evidence(result)
            assert (np.diff(result.cheaper_by) >= 0).all()
            assert result.table["probability_cheaper"].between(0, 1).all()


def test_the_leaderboard_is_held_against_the_forecast(tables: fc.DataSet) -> None:
    assert "$200" in parity_evidence(
        human_parity(InferenceScenario(parity_case="leaderboard"), data=tables)
    )
    result = human_parity(InferenceScenario(parity_case="article"), data=tables)
    board = "ARC Prize leaderboard of August 2025"
    assert parity_evidence(result) == f"On the {board} no machine reaches 88% at a stated cost."
    assert result.lines[0] == (
        f"Not measured yet: no machine on the {board} scores 88% or more for $5 per task or less."
    )
    own = human_parity(InferenceScenario(parity_case="own"), data=tables)
    assert parity_evidence(own) == ""
    assert not own.lines[0].startswith("Measured")


@pytest.mark.parametrize("field", ["token_growth", "wage_growth", "own_decline"])
def test_factors_that_may_be_zero_are_refused(field: str) -> None:
    for bad in (
        fc.Distribution.fixed(0.0),
        fc.Distribution(0.1, 1.0, 0.5, "uniform"),
        fc.Distribution(1.0, 9.0, 0.5, "normal"),
    ):
        with pytest.raises(fc.InputError, match=field):
            human_parity(InferenceScenario(**{field: bad}))  # type: ignore[arg-type]


def test_an_unknown_benchmark_gets_the_known_ones(tables: fc.DataSet) -> None:
    with pytest.raises(fc.UnknownNameError, match="MMLU"):
        human_parity(InferenceScenario(decline_benchmark="MLU"), data=tables)


def test_months_and_chances_in_words() -> None:
    assert (month_words(-math.inf), month_words(math.inf), month_words(2500.0)) == (
        "already",
        "never",
        "after 2100",
    )
    assert (percent(0.0), percent(0.001), percent(0.5), percent(0.999)) == (
        "under 1%",
        "under 1%",
        "50%",
        "over 99%",
    )
    assert decline_words(46.2) == "falls 46.2-fold per year"
    assert decline_words(0.8) == "rises 25% per year"


@pytest.mark.parametrize(
    ("growth", "month"),
    [
        (InferenceScenario().token_growth, "August 2026"),
        (fc.Distribution(1.0, 5.0, 0.9), "October 2026"),
        (fc.Distribution.fixed(5.0), "August 2027"),
    ],
)
def test_the_months_that_the_reasons_for_the_growth_of_tokens_name(
    growth: fc.Distribution, month: str
) -> None:
    assert (
        f"from {month} on"
        in human_parity(InferenceScenario(parity_case="article", token_growth=growth)).answer
    )
    why = InferenceScenario.model_fields["token_growth"].json_schema_extra["why"]  # type: ignore[index,call-overload]
    assert "about 5×" in why
    assert "moves from August to October 2026" in why
