"""The page Plan in Streamlit's own test harness."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import forecasting as fc
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.plan_limits import plan_limits_chart
from dashboard.charts.plan_size import plan_size_chart
from dashboard.charts.plan_split import free_place, plan_split_chart
from dashboard.export.exports import page_export, report_of
from dashboard.pages.plan import PlanDisplay
from dashboard.pages.plan.years import CHARTS, difference_table, plan_numbers
from dashboard.pages.registry import PAGES
from dashboard.ui.progressive import FEW_DRAWS, full, quick
from forecasting.planning.goal_seek import goal_seek
from forecasting.planning.plan_scenario import PRESETS, preset
from tests.dashboard.figures import checked
from tests.dashboard.harness import page_alone, presets_of, tables_of, text_of

PLAN = "plan"
CURRENT = str(fc.PlanScenario.VERSION)


def plan_page(query: dict[str, str] | None = None) -> AppTest:
    return page_alone(PLAN, query)


#: Chips and power of the largest published runs.
OF_RUNS: Mapping[str, str] = {"chips_from": "trend", "power_from": "trend"}


def test_few_draws_answer_first_and_the_page_says_so() -> None:
    test = plan_page({"v": CURRENT, "budget_usd": "123000000"})
    assert fc.plan(fc.PlanScenario(budget_usd=1.23e8, draws=FEW_DRAWS)).answer in text_of(test)
    assert f"From {FEW_DRAWS} draws; computing all 1,000" in text_of(test)


def test_a_forecast_made_in_full_is_shown_in_full() -> None:
    scenario = fc.PlanScenario(budget_usd=2.34e8)
    assert quick(fc.plan, scenario, fc.bundled()).is_rough
    whole = full(fc.plan, scenario, fc.bundled())
    assert quick(fc.plan, scenario, fc.bundled()).result is whole
    test = plan_page({"v": CURRENT, "budget_usd": "234000000"})
    assert whole.answer in text_of(test)
    assert "computing all" not in text_of(test)


def test_the_budget_of_a_goal_comes_from_few_draws_first() -> None:
    query = {"v": CURRENT, "view": "goal", "goal_year": "2031"}
    test = plan_page(query)
    scenario = fc.PlanScenario(goal_year=2031)
    assert goal_seek(scenario.replaced(draws=FEW_DRAWS)).answer in text_of(test)
    assert f"From {FEW_DRAWS} draws; computing all 1,000" in text_of(test)
    whole = full(goal_seek, scenario, fc.bundled())
    assert whole.answer in text_of(plan_page(query))


def test_a_plan_that_all_draws_refuse_is_said_and_not_tried_again() -> None:
    # So tight that few draws still serve the demand; more of them do not.
    refused = fc.PlanScenario(budget_usd=1e6, requests_per_day=1e9)
    with pytest.raises(fc.InputError):
        full(fc.plan, refused, fc.bundled())
    with pytest.raises(fc.InputError):
        quick(fc.plan, refused, fc.bundled())


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_fills_the_inputs_and_answers(name: str) -> None:
    test = plan_page({"v": CURRENT, "budget_usd": "77000000"})
    presets_of(test).set_value(name).run()
    assert not test.exception
    assert presets_of(test).value == name
    assert test.select_slider(key="plan.budget_usd").value == preset(name).budget_usd
    # The rough answer comes first, unless another visitor has had the full one made.
    assert any(
        fc.plan(preset(name).replaced(draws=draws)).answer in text_of(test)
        for draws in (FEW_DRAWS, preset(name).draws)
    )


def test_moving_a_widget_changes_answer_and_address() -> None:
    test = plan_page()
    test.select_slider(key="plan.budget_usd").set_value(1e10).run()
    assert fc.plan(fc.PlanScenario(budget_usd=1e10, draws=FEW_DRAWS)).answer in text_of(test)
    assert test.query_params["budget_usd"] == "10000000000"


def test_pinned_plans_stand_beside_the_current_one_with_their_differences() -> None:
    test = plan_page({"v": CURRENT})
    test.button(key="plan.pin").click().run()
    presets_of(test).set_value("startup").run()
    assert "p1" in test.query_params
    assert any("A frontier lab" in button.label for button in test.button)
    differing, table = tables_of(test)[:2]
    assert "Budget" in list(differing["Differs in"])
    assert list(table["Plan"]) == ["Current", "Pin 1"]
    assert table["Quality against this plan"][1].startswith("+")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            {"budget_usd": "1000000", "requests_per_day": "1000000000"},
            "can't serve 1 billion requests per day",
        ),
        ({"first_year": "2019"}, "2019"),
        ({"last_year": "2028", "first_year": "2030"}, "a plan looks ahead"),
        ({"requests_per_day": "-3"}, "requests_per_day"),
        (
            {
                "budget_usd": "1000000",
                "requests_per_day": "100",
                "chips_from": "own",
                "own_chips": "100000",
            },
            "costs",
        ),
        ({"view": "goal", "goal_year": "2045"}, "a year of the plan"),
        ({"view": "cluster", "cluster_chip": "Abacus"}, "Abacus"),
        ({"demand_growth": "three"}, "demand_growth"),
        ({"law": "custom:1,2"}, "custom:E,A,B,alpha,beta"),
        ({"law": "yours"}, "runs that are not here"),
        ({"p1": "v=1&budget_usd=1&requests_per_day=1e12"}, "can't serve"),
    ],
)
def test_bad_input_is_said_in_a_sentence_and_the_page_stays(
    query: dict[str, str], said: str
) -> None:
    test = plan_page({"v": CURRENT} | query)
    assert not test.exception
    assert said in text_of(test)
    assert test.title


def test_no_demand_is_a_plan_too() -> None:
    test = plan_page({"v": CURRENT, "requests_per_day": "0"})
    assert not test.exception
    assert not test.error
    assert "no requests to answer" in text_of(test)


def result_with(**changes) -> fc.PlanResult:
    return fc.plan(fc.PlanScenario(**{"draws": 50} | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"text": "unlimited"},
        {"last_year": 2027},
        {"requests_per_day": 0.0},
        {"last_year": 2045},
    ],
)
def test_charts_hold_for_every_shape_of_plan(changes: dict) -> None:
    result = result_with(**changes)
    for log in (True, False):
        checked(plan_size_chart(result, ChartBuilder(levels=(0.8, 0.5), log=log, pins=[result])))
    checked(plan_split_chart(result, ChartBuilder(levels=(0.95,), pins=[result])))
    chart = checked(plan_limits_chart(result))
    assert sum(float(bar.y[0]) for bar in chart.data) == pytest.approx(1.0)


def test_a_plan_of_one_year_draws_points_with_bars_and_its_goal_has_no_slider() -> None:
    chart = checked(plan_split_chart(result_with(last_year=2027), ChartBuilder(levels=(0.8,))))
    assert [trace.mode for trace in chart.data if trace.name == "share of inference"] == ["markers"]
    band = next(trace for trace in chart.data if trace.name == "80% band")
    assert band.y[0] < band.y[1]
    assert sum(str(note.text).endswith("%") for note in chart.layout.annotations) == 1
    test = plan_page({"v": CURRENT, "view": "goal", "last_year": "2027", "goal_year": "2027"})
    assert not test.exception


def test_the_first_and_last_bars_of_what_binds_lie_inside_the_axis() -> None:
    low, high = checked(plan_limits_chart(result_with())).layout.xaxis.range
    assert low <= 2026.5 + 0.06
    assert high >= 2032.5 - 0.06


def test_generations_say_the_bases_of_their_costs_and_what_a_class_is() -> None:
    said = text_of(plan_page({"v": CURRENT, "view": "ladder", "need": "money"}))
    assert "amortised cost of hardware and energy in 2023 USD" in said
    assert "not the product GPT-5" in said


def test_the_numbers_have_a_row_a_year_without_e_notation() -> None:
    for shown in CHARTS:
        table = plan_numbers(result_with(), shown)
        assert list(table["Year"]) == [str(year) for year in range(2027, 2033)]
        assert "e+" not in table.to_string()


def test_the_numbers_of_what_binds_are_those_of_its_chart() -> None:
    result = result_with()
    table = plan_numbers(result, "limits")
    for limit, at in (("Money", 0), ("Text", 1), ("Power", 2), ("Chips", 3)):
        shares = [f"{share:.0%}" for share in result.binding[at]]
        assert list(table[f"Limited by {limit.lower()}"]) == shares


@pytest.mark.parametrize(
    ("group", "label"),
    [
        ("Money", "Failed runs and research"),
        ("Demand", "Growth of demand (× per year)"),
        ("Law, worth of thinking", "Worth of thinking 10× longer"),
        ("Text, chips, power, days", "Share of the web fit to train on"),
    ],
)
def test_a_group_of_inputs_unfolds_and_folds_away(group: str, label: str) -> None:
    test = plan_page({"v": CURRENT})
    assert label not in labels_of(test)
    test.button_group(key="plan.group").set_value(group).run()
    assert not test.exception
    assert label in labels_of(test)
    test.button_group(key="plan.group").set_value(None).run()
    assert label not in labels_of(test)


def labels_of(test: AppTest) -> list[str]:
    return [widget.label for widget in (*test.text_input, *test.number_input)]


def test_no_preset_is_marked_once_an_input_differs() -> None:
    test = plan_page({"v": CURRENT})
    assert presets_of(test).value == "frontier"
    test.select_slider(key="plan.budget_usd").set_value(1e10).run()
    assert presets_of(test).value is None
    test.select_slider(key="plan.budget_usd").set_value(1e9).run()
    assert presets_of(test).value == "frontier"


def test_where_every_input_is_at_its_median_and_the_plan_differs_the_page_says_why() -> None:
    said = text_of(plan_page({"v": CURRENT, "view": "matters"} | OF_RUNS))
    result = fc.plan(fc.PlanScenario(**OF_RUNS))
    assert (
        f"the plan's own {result.range_at('inference_share', 2032).value:.0%}, the dashed line"
        in said
    )
    assert "has every input at its median" in said


def test_the_labels_of_the_split_stand_clear_of_all_lines() -> None:
    years = np.arange(2026.0, 2033.0)
    split, top = np.linspace(0.54, 0.77, 7), np.linspace(0.66, 0.96, 7)
    year, height = free_place(years, split, [split, top], is_above=True, avoid=2028) or (0.0, 0.0)
    assert year not in (2026.0, 2028.0, 2032.0)
    assert height > top[int(year - 2026)]
    assert free_place(years, np.full(7, 0.99), [], is_above=True, avoid=None) is None


def test_the_difference_of_a_plan_to_itself_is_nothing() -> None:
    result = result_with()
    assert list(difference_table(result, [result])["Quality against this plan"]) == [
        "–",
        "+0.00 OOM",
    ]


def test_the_report_holds_answer_assumptions_and_sources() -> None:
    scenario = fc.PlanScenario(draws=50)
    export = page_export(
        PAGES["plan"], scenario, PlanDisplay(), fc.bundled(), base="http://here", query="v=1"
    )
    report = report_of(export)
    assert report.startswith("# Compute plan 2027–2032")
    assert fc.plan(scenario).answer in report.replace("\\", "")
    for part in (
        "## Assumptions",
        "## Sources",
        "Epoch AI",
        "Growth of demand",
        "http://here/plan?v=1",
        "| 2032 |",
    ):
        assert part in report
    assert "e+" not in report
    assert len(report.splitlines()) < 110
