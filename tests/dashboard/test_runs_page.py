"""The page Your runs: what comes in, what is asked, what is said, and what goes out."""

from __future__ import annotations

import gc
import weakref
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecasting as fc
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.own_law import own_law_chart
from dashboard.pages.runs.report import run_report
from dashboard.state import own_data
from dashboard.store import shared_runs
from dashboard.ui.progressive import full
from forecasting.compute_cost.compute_cost import model_cost
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.ingest.runs import read_runs
from forecasting.user_runs.own_runs import RunsScenario, group_table, own_runs
from tests.dashboard.figures import checked
from tests.dashboard.harness import page_alone, tables_of, text_of
from tests.dashboard.runs_page import FIXTURES, PAGE, QUICK, drop, selected, typed, uploaded
from tests.examples import draws_a_page


def test_without_own_runs_the_example_answers() -> None:
    whole = full(own_runs, RunsScenario(), fc.bundled())
    test = page_alone(PAGE)
    assert not test.exception
    assert whole.answer in text_of(test)
    assert not any(button.key == "runs.use" for button in test.button)


@pytest.mark.parametrize("view", ["law", "next"])
def test_few_resamples_answer_first_and_no_law_is_used_from_them(view: str) -> None:
    version = str(RunsScenario.VERSION)
    test = page_alone(PAGE, {"v": version, "resamples": "300", "view": view})
    drop(test, "wandb_runs.csv")
    assert not test.exception
    context = test.session_state[own_data.KEY].context
    assert own_runs(RunsScenario(resamples=100), data=context).answer in text_of(test)
    assert "From 100 resamples; computing all 300" in text_of(test)
    assert test.button(key="runs.use").disabled
    whole = full(own_runs, RunsScenario(resamples=300), context)
    test.run()
    assert whole.answer in text_of(test)
    assert "computing all" not in text_of(test)
    assert not test.button(key="runs.use").disabled


@pytest.mark.parametrize("view", ["law", "residuals", "published", "next"])
def test_every_section_opens_from_a_link(view: str) -> None:
    test = page_alone(PAGE, {"v": "1", "view": view, "budget_in": "flop", "resamples": "100"})
    assert not test.exception
    assert not test.error


def test_a_file_is_read_fitted_and_its_bad_rows_are_named() -> None:
    test = uploaded("wandb_runs.csv")
    assert not test.exception
    runs = read_runs(FIXTURES / "wandb_runs.csv")
    assert own_runs(
        RunsScenario(resamples=100), data=fc.Context(fc.bundled(), runs=runs)
    ).answer in text_of(test)
    assert "2 problems" in text_of(test)
    assert "crashed" in text_of(test)


def test_several_files_are_one_set_of_runs() -> None:
    test = uploaded("guess_perplexity_no.csv", "guess_decimal_comma_no.csv")
    assert not test.exception
    assert "Your 40 runs" in text_of(test)


def test_a_suspected_accuracy_is_offered_and_taken_on_a_click() -> None:
    test = uploaded("guess_accuracy_yes.csv")
    assert "Read them as accuracy?" in text_of(test)
    test.button(key="runs.guess.0").click().run()
    assert not test.exception
    assert "1 − accuracy takes the place of the loss" in text_of(test)


def test_two_candidates_are_asked_about_and_the_choice_is_taken() -> None:
    rows = "".join(
        f"{n}e8,{k * n}e9,{4 - n / 10 - k / 90},{4.2 - n / 10 - k / 90}\n"
        for n in range(1, 6)
        for k in (5, 20, 60)
    )
    test = uploaded(("two.csv", ("params,tokens,val_loss,eval_loss\n" + rows).encode()))
    assert not test.exception
    assert "Which column holds the loss?" in text_of(test)
    selected(test, "Role of eval_loss").set_value("loss").run()
    assert not test.exception
    assert "Your 15 runs" in text_of(test)
    assert test.session_state["own:data"].runs.mapping.loss == "eval_loss"


def test_tokens_per_step_are_asked_for_and_used() -> None:
    test = uploaded("wandb_chart.csv")
    assert "give the tokens per step" in text_of(test)
    typed(test, "Tokens per step").set_value("many").run()
    assert typed(test, "Tokens per step").value == "many"
    assert "Write a number, such as" in text_of(test)
    typed(test, "Tokens per step").set_value("524,288").run()
    assert "Your 10 runs" in text_of(test)


def test_a_unit_in_doubt_is_asked_about_and_taken_on_a_click() -> None:
    test = uploaded("cases/no_units.csv")
    assert not test.exception
    assert "params 60 to 2,600" in text_of(test)
    test.button(key="runs.answer.0").click().run()
    assert not test.exception
    assert "Your 18 runs predict" in text_of(test)


def test_a_sweep_is_named_and_its_lowest_losses_are_taken_on_a_click() -> None:
    test = uploaded("cases/sweep_of_learning_rates.csv")
    assert "72 runs have only 18 pairs of size and tokens" in text_of(test)
    test.button(key="runs.choice.0.0").click().run()
    assert not test.exception
    assert "Your 18 runs" in text_of(test)


def test_columns_are_told_with_unit_and_reason_and_a_unit_can_be_changed_and_taken_back() -> None:
    test = uploaded("cases/sweep_of_learning_rates.csv")
    assert "360000000, 360000000, 360000000" in text_of(test)
    assert "no unit is named; the numbers fit plain ones" in text_of(test)
    assert selected(test, "Unit of tokens").value == "ones"
    selected(test, "Unit of tokens").set_value("thousands").run()
    assert not test.exception
    assert selected(test, "Unit of tokens").value == "thousands"
    assert "unit as you chose" in text_of(test)
    test.button(key="runs.undo").click().run()
    assert selected(test, "Unit of tokens").value == "ones"
    assert "unit as you chose" not in text_of(test)
    assert not any(button.key == "runs.undo" for button in test.button)


def test_groups_that_differ_are_warned_of_and_the_choice_of_one_is_in_sight() -> None:
    test = uploaded("cases/two_groups.csv")
    assert "Fit one group at a time" in text_of(test)
    choice = next(box for box in test.selectbox if box.label == "Group")
    choice.set_value(1).run()
    assert not test.exception
    assert "Your 24 runs" in text_of(test)
    assert "Fit one group at a time" not in text_of(test)
    assert any(box.label == "Group" for box in test.selectbox)


def test_losses_per_byte_are_set_apart_from_those_of_published_laws() -> None:
    runs = read_runs(FIXTURES / "cases" / "bits_per_byte.csv")
    result = own_runs(RunsScenario(resamples=100), data=fc.Context(fc.bundled(), runs=runs))
    assert result.loss_unit == "nats per byte"
    figure = checked(own_law_chart(result, ChartBuilder()))
    assert figure.layout.yaxis.title.text == "Loss in nats per byte"


def test_rows_that_were_taken_away_are_counted_by_reason() -> None:
    test = uploaded("cases/checkpoints_by_steps.csv")
    assert "54 rows: Checkpoints of runs" in text_of(test)
    test.button(key="runs.choice.0.0").click().run()
    assert "Your 60 runs" in text_of(test)


def test_a_quantity_is_typed_beside_its_slider_and_both_are_in_step() -> None:
    test = page_alone(PAGE, QUICK)
    typed(test, "Big run: parameters, typed").set_value("30B").run()
    typed(test, "Big run: tokens, typed").set_value("0.6T").run()
    assert not test.exception
    assert "30 billion parameters on 600 billion tokens (20 per parameter)" in text_of(test)
    assert test.select_slider(key="runs.target_tokens").value == 600e9
    assert float(test.query_params["target_tokens"]) == 600e9
    test.select_slider(key="runs.target_tokens").set_value(1e12).run()
    assert typed(test, "Big run: tokens, typed").value == "1 trillion"
    typed(test, "Budget (USD), typed").set_value("$1.3e7").run()
    assert "$13 million of compute" in text_of(test)
    assert typed(test, "Budget (USD), typed").value == "$13 million"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("six hundred", "Write a number, such as 75e9"),
        ("12", "Use 1,000 or more"),
        ("", "Write a number"),
    ],
)
def test_a_quantity_that_can_not_be_used_stays_in_its_field_and_is_said(
    text: str, said: str
) -> None:
    test = page_alone(PAGE, QUICK)
    typed(test, "Big run: tokens, typed").set_value(text).run()
    assert not test.exception
    assert typed(test, "Big run: tokens, typed").value == text
    assert said in text_of(test)
    assert "70 billion parameters on 1.4 trillion tokens" in text_of(test)


def test_the_big_run_takes_a_ratio_or_the_best_tokens_of_its_size() -> None:
    test = page_alone(PAGE, {**QUICK, "target_by": "ratio", "target_tokens_per_param": "100"})
    assert "on 7 trillion tokens (100 per parameter)" in text_of(test)
    test.segmented_control(key="runs.target_by").set_value("optimum").run()
    assert not test.exception
    told = next(table for table in tables_of(test) if "The big run" in table)
    told = told.set_index("The big run")
    assert told.loc["Best tokens at this size", "Value"] == "1.3 trillion"
    assert "Days on 1,024 chips" in told.index


def test_pasted_rows_are_read() -> None:
    test = page_alone(PAGE)
    test.text_area[0].set_value((FIXTURES / "guess_perplexity_no.csv").read_text())
    next(button for button in test.button if button.label == "Read").click().run()
    assert "Your 20 runs" in text_of(test)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04 workbook", "Excel"),
        (b"params,tokens,loss\n1e9,2e10,3\n2e9,2e10,2.9\n", "Only 2 points are left"),
        (
            b"params,tokens,loss\n"
            + b"".join(b"1e9,%de10,%f\n" % (i * i, 3 - i / 20) for i in range(1, 9)),
            "1 billion in all 8 runs",
        ),
        (b"params,tokens\n1e9,2e10\n", "Name a column loss"),
        (b"", "empty"),
    ],
)
def test_what_can_not_be_used_is_said_and_the_page_stays(content: bytes, said: str) -> None:
    test = uploaded(("bad.csv", content))
    assert not test.exception
    assert said in text_of(test)
    assert test.file_uploader


def test_a_good_file_is_used_beside_an_empty_one_which_is_named() -> None:
    test = uploaded("guess_perplexity_no.csv", ("empty.csv", b""))
    assert not test.exception
    assert "Your 20 runs" in text_of(test)
    assert "empty.csv" in text_of(test)


FLAT = (
    "flat.csv",
    (
        "params,tokens,loss\n"
        + "".join(f"{n}e8,{k}e9,3.0\n" for n in (1, 2, 4, 8) for k in (1, 4, 16))
    ).encode(),
)


def test_runs_that_determine_no_law_are_told_so_and_theirs_is_not_offered() -> None:
    test = uploaded(FLAT)
    assert not test.exception
    assert (
        "Your 12 runs do not determine a law: the loss does not fall with parameters or with tokens"
        in text_of(test)
    )
    assert "no limit to no limit" not in text_of(test)
    assert test.button(key="runs.use").disabled
    assert "is off" in text_of(test)


def test_of_runs_that_determine_no_law_only_what_stands_is_shown() -> None:
    test = uploaded(FLAT)
    for view, sentence in (
        ("law", "Points are runs; dotted grey lines are published laws."),
        ("residuals", "Without a law there are no residuals."),
        ("published", "A law's level depends on the tokenizer"),
        ("next", "These runs do not determine a law: the loss does not fall"),
    ):
        test.segmented_control(key="runs.view").set_value(view).run()
        assert not test.exception, view
        assert sentence in text_of(test)
        assert "This fit" not in " ".join(str(table.value) for table in test.dataframe)
        assert "The numbers" not in [expander.label for expander in test.expander]
        assert not any(slider.key == "runs.next_flop" for slider in test.select_slider)


def test_of_runs_that_determine_no_law_neither_chart_nor_report_shows_a_fit() -> None:
    runs = read_runs(FLAT[1])
    result = own_runs(RunsScenario(resamples=100), data=fc.Context(fc.bundled(), runs=runs))
    assert "this fit" not in str(checked(own_law_chart(result, ChartBuilder(levels=(0.8,)))).layout)
    assert "## Formula" not in run_report(result, None, link="")


def test_the_next_run_is_by_default_one_that_tells_something() -> None:
    test = page_alone(PAGE, {"v": "2", "view": "next"})
    assert not test.exception
    assert "Train 34 billion parameters on 640 billion tokens next" in text_of(test)
    slider = test.select_slider(key="runs.next_flop")
    assert slider.value is None
    assert slider.options[0].startswith("10 × the largest run, 1.3 × 10²³")
    slider.set_value(1e22).run()
    assert not test.exception
    assert "10²² FLOP): it should narrow" in text_of(test)
    old = page_alone(PAGE, {"v": "1", "view": "next"})
    assert "No single run within this compute says much" in text_of(old)


def test_losses_without_measure_are_named_by_row() -> None:
    rows = "".join(f"{n}e8,{k}e9,{n + k}e200\n" for n in (1, 2, 4, 8) for k in (1, 4, 16))
    test = uploaded(("huge.csv", ("params,tokens,loss\n" + rows).encode()))
    assert not test.exception
    assert "No run ends at such a loss" in text_of(test)


@cache
def in_use(file: str | tuple[str, bytes]) -> own_data.OwnData:
    """What a session holds once the law of that file is in use."""
    test = uploaded(file)
    test.button(key="runs.use").click().run()
    held: own_data.OwnData = test.session_state["own:data"]
    return held


def test_the_law_is_used_everywhere_and_given_back() -> None:
    test = uploaded("wandb_runs.csv")
    test.button(key="runs.use").click().run()
    assert not test.exception
    assert "Your law is in use on every page that computes with such a law" in text_of(test)
    held = test.session_state["own:data"]
    assert held.law.is_yours
    assert held.behind_law.fit_settings["resamples"] == 100
    assert len(held.behind_law.table) == 18
    assert test.button(key="runs.drop").label == "Stop using this law"
    test.button(key="runs.drop").click().run()
    assert not test.exception
    assert test.session_state["own:data"].law is None
    assert test.button(key="runs.use").label == "Use this law everywhere"


@pytest.mark.parametrize(("page", "view"), [("scaling", "compute"), ("inference", "axes")])
def test_any_page_that_uses_the_law_gives_it_back(page: str, view: str) -> None:
    query = {"v": "1", "view": view}
    test = page_alone(page, query, own=in_use("wandb_runs.csv"))
    assert "law of your 18 runs" in text_of(test)
    test.button(key=f"{page}.drop-own-law").click().run()
    assert not test.exception
    assert test.session_state["own:data"].law is None
    assert test.info[0].value == page_alone(page, query).info[0].value


@pytest.mark.parametrize(
    ("page", "query", "said"),
    [
        ("overview", {}, "the figures here use the published one"),
        ("scaling", {"v": "1", "view": "architectures"}, "this section shows published runs"),
        ("scaling", {"v": "1", "view": "compute"}, ""),
        ("inference", {"v": "1", "view": "tries"}, "this section needs no scaling law"),
        ("plan", {"view": "cluster"}, "this section needs no scaling law"),
    ],
)
def test_a_section_that_does_not_use_the_law_says_so(
    page: str, query: dict[str, str], said: str
) -> None:
    elsewhere = page_alone(page, query, own=in_use("wandb_runs.csv"))
    assert not elsewhere.exception
    assert ("Your law is in use elsewhere" in text_of(elsewhere)) == bool(said)
    assert said in text_of(elsewhere)


FLOORLESS = (
    "floorless.csv",
    (
        "params,tokens,loss\n"
        + "".join(
            f"{n}e7,{k}e8,{9e2 * (n * 1e7) ** -0.4 + 4e2 * (k * 1e8) ** -0.3}\n"
            for n in (1, 3, 10, 30, 100)
            for k in (2, 9, 40, 200, 900)
        )
    ).encode(),
)


@pytest.mark.parametrize(
    ("page", "view"), [("plan", "plan"), ("scaling", "compute"), ("inference", "axes")]
)
def test_a_law_that_is_not_to_be_extrapolated_says_so_on_every_page_that_uses_it(
    page: str, view: str
) -> None:
    query = {"v": "1", "view": view}
    assert "do not extrapolate it" not in text_of(page_alone(page, query))
    elsewhere = page_alone(page, query, own=in_use(FLOORLESS))
    assert not elsewhere.exception
    assert "do not extrapolate it" in text_of(elsewhere)
    assert "Why: Your runs" in [link.proto.label for link in elsewhere.get("page_link")]


def test_runs_that_say_little_of_a_floor_are_warned_of() -> None:
    assert "Do not extrapolate it" in text_of(uploaded(FLOORLESS))


def test_a_stored_law_keeps_its_runs_and_its_warning() -> None:
    held = in_use(FLOORLESS)
    law, _ = shared_runs.unpacked(
        "0123", shared_runs.packed(held.law, held.behind_law)
    ) or pytest.fail("nothing was stored")
    assert law.warning == held.law.warning != ""
    assert law.runs is not None
    assert list(law.runs.loss) == list(held.law.runs.loss)


def test_removing_the_data_removes_all_of_it() -> None:
    test = uploaded("wandb_runs.csv")
    test.button(key="runs.use").click().run()
    test.button(key="runs.forget").click().run()
    assert not test.exception
    held = test.session_state["own:data"]
    assert (held.law, held.behind_law, held.runs) == (None, None, None)
    assert "runs:intake" not in test.session_state
    assert "The example's 240 runs" in text_of(test)


def test_own_prices_are_used_on_other_pages_and_given_back() -> None:
    test = uploaded(
        ("prices.csv", b"chip,term,date,usd_per_chip_hour\nH100,1 year,2026-01-01,1.23\n")
    )
    assert not test.exception
    assert "at $1.23 per hour, 1 year" in text_of(test)
    prices = test.session_state["own:data"].prices
    cost = page_alone("cost")
    cost.session_state["own:data"] = test.session_state["own:data"]
    cost.run()
    assert not cost.exception
    assert model_cost(
        CostScenario(), data=fc.Context(fc.bundled(), prices=prices)
    ).answer in text_of(cost)
    assert "Your data" in text_of(cost)
    cost.button(key="cost.drop-prices").click().run()
    assert model_cost(CostScenario()).answer in text_of(cost)


def test_a_newer_table_is_offered_with_what_it_changes_and_used_on_a_click() -> None:
    test = uploaded(("ml_hardware.csv", (FIXTURES.parent / "epoch" / "hardware.csv").read_bytes()))
    assert not test.exception
    assert "161 before, 162 now" in text_of(test)
    test.button(key="runs.newer.ml_chips").click().run()
    assert not test.exception
    assert "A newer chip" in set(test.session_state["own:data"].context.data["ml_chips"]["chip"])
    test.button(key="runs.drop.ml_chips").click().run()
    assert test.session_state["own:data"].context.data is fc.bundled()


def test_own_counts_are_taken_too() -> None:
    rows = "".join(f"p{n};100;{n}\n" for n in range(12))
    test = page_alone(PAGE)
    test.file_uploader[0].upload(
        "counts.csv", ("problem;samples;correct\n" + rows).encode(), "text/csv"
    )
    test.run()
    assert not test.exception
    assert any("Your counts of 12 problems are used" in element.value for element in test.success)
    assert len(test.session_state["own:data"].context.counts) == 12


def test_after_removing_nothing_holds_the_own_tables() -> None:
    test = uploaded("wandb_runs.csv")
    test.button(key="runs.use").click().run()
    gone = weakref.ref(test.session_state["own:data"].context)
    test.button(key="runs.forget").click().run()
    test.run()  # the values of the run before last are let go
    gc.collect()
    assert gone() is None


def test_markup_in_names_is_shown_as_text() -> None:
    rows = (FIXTURES / "guess_perplexity_no.csv").read_text().splitlines()
    table = [
        "run,group," + rows[0],
        *("<img src=x onerror=alert(1)>,[x](javascript:alert(1))," + row for row in rows[1:]),
    ]
    test = uploaded(("x.csv", "\n".join([*table, "<b>bad</b>,=cmd(),x,1,2"]).encode()))
    assert not test.exception
    raw = " ".join(
        element.value
        for kind in (test.markdown, test.warning, test.success, test.info)
        for element in kind
    )
    assert "<img" not in raw
    assert "<b>" not in raw.replace("\\<b", "")


def test_the_report_has_formula_figures_hash_and_no_live_markup() -> None:
    runs = read_runs(FIXTURES / "wandb_runs.csv")
    result = own_runs(RunsScenario(resamples=100), data=fc.Context(fc.bundled(), runs=runs))
    report = run_report(result, runs, link="http://here/runs?v=1")
    assert runs.data_hash in report
    assert "L(N, D) = " in report
    assert "| α |" in report
    assert "Only 18 runs" in report


def test_a_budget_in_flop_is_split_as_the_law_says() -> None:
    result = own_runs(RunsScenario(budget_in="flop", budget_flop=5.76e23))
    assert (result.params.value, result.tokens.value) == pytest.approx(result.law.optimal(5.76e23))
    assert result.params.low < result.params.value < result.params.high
    again = own_runs(RunsScenario(budget_in="flop", budget_flop=1e22))
    assert again.fit is result.fit


def test_no_link_carries_a_name_from_the_file() -> None:
    rows = (FIXTURES / "guess_perplexity_no.csv").read_text().splitlines()
    table = [
        "arch," + rows[0],
        *(f"secret-{number % 2}," + row for number, row in enumerate(rows[1:])),
    ]
    test = page_alone(PAGE, {**QUICK, "group": "2"})
    test.file_uploader[0].upload("x.csv", "\n".join(table).encode(), "text/csv")
    test.run()
    assert not test.exception
    assert "Your 10 runs" in text_of(test)
    assert "secret" not in str(dict(test.query_params))


def test_groups_are_set_side_by_side() -> None:
    table = group_table(RunsScenario(example="overtraining", resamples=100))
    assert list(table["Group"]) == ["c4_original", "rpj", "rw_original"]
    assert table["α"].str.contains(" to ").all()
    test = page_alone(PAGE, {**QUICK, "example": "overtraining", "view": "published"})
    assert not test.exception
    assert any("c4_original" in str(frame.to_numpy()) for frame in tables_of(test))


def test_a_group_is_fitted_alone_and_an_unknown_one_is_named() -> None:
    result = own_runs(RunsScenario(example="overtraining", group=2, resamples=100))
    assert set(result.frame["group"]) == {"rpj"}
    with pytest.raises(fc.InputError, match="no groups"):
        own_runs(RunsScenario(group=3))


@draws_a_page
@given(st.binary(max_size=200), st.integers(0, 600))
def test_no_file_makes_the_page_raise(damage: bytes, at: int) -> None:
    good = (FIXTURES / "guess_perplexity_no.csv").read_bytes()
    test = uploaded(("x.csv", good[:at] + damage + good[at + len(damage) :]))
    assert not test.exception
    assert test.file_uploader
