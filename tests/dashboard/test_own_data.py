"""What is a session's own: its law on every page, links that carry it as coefficients, and nothing
that outlives the session.
"""

from __future__ import annotations

import gc
import importlib
import inspect
import pkgutil
import weakref

import pytest
from streamlit.testing.v1 import AppTest

import forecasting
from dashboard.forecasts import forecast
from dashboard.pages.registry import PAGES
from dashboard.state.display import Display
from dashboard.state.own_data import OwnData, StoredRuns
from dashboard.state.page_state import PageState, portable
from forecasting.compute_cost.compute_cost import model_cost
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.compute_cost.price_trend import price_trend
from forecasting.context import Context, DataOrContext, context_of, law_in_use
from forecasting.data.dataset import bundled
from forecasting.fitting.law_choice import (
    DEFAULT_LAW,
    YOURS,
    LawInUse,
    custom_name,
    own_law,
)
from forecasting.fitting.scaling_fit import fit_scaling_law
from tests.dashboard import law_page
from tests.dashboard.harness import script_alone, text_of
from tests.dashboard.law_page import LawScenario

LAW_PAGE = "tests/dashboard/law_page.py"


@pytest.fixture(autouse=True)
def page_of_a_law(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page of these tests among the pages."""
    monkeypatch.setitem(PAGES, law_page.PAGE.name, law_page.PAGE)


@pytest.fixture(scope="module")
def law() -> LawInUse:
    runs = bundled()["runs_chinchilla"].sort_values("loss").iloc[:60]
    return own_law(fit_scaling_law(runs, bootstrap=200), "0123456789abcdef")


def uses_law(scenario: LawScenario, *, data: DataOrContext) -> tuple[LawScenario, DataOrContext]:
    return scenario, data


def held(law: LawInUse) -> OwnData:
    runs = StoredRuns(bundled()["runs_chinchilla"], {}, {})
    return OwnData(law=law, behind_law=runs, context=Context(bundled(), laws={YOURS: law}))


def page_with_own_law(law: LawInUse, query: dict[str, str] | None = None) -> AppTest:
    test = script_alone(LAW_PAGE)
    test.query_params.clear()
    for name, value in (query or {}).items():
        test.query_params[name] = value
    test.session_state["own:data"] = held(law)
    del test.session_state["law:memory"]
    return test.run()


def test_a_page_opened_after_the_click_uses_the_own_law_and_says_so(law: LawInUse) -> None:
    test = page_with_own_law(law)
    assert not test.exception
    assert "data 01234567" in text_of(test)
    assert test.session_state["law:memory"].state.scenario.law == YOURS


def test_the_address_carries_the_coefficients_and_never_the_name(law: LawInUse) -> None:
    test = page_with_own_law(law)
    assert test.query_params["law"] in (custom_name(law.law), [custom_name(law.law)])


def test_a_link_that_names_a_law_keeps_it(law: LawInUse) -> None:
    test = page_with_own_law(law, {"v": "1", "law": "besiroglu"})
    assert test.session_state["law:memory"].state.scenario.law == "besiroglu"


def test_a_link_with_the_own_coefficients_is_the_own_law_with_its_range(law: LawInUse) -> None:
    test = page_with_own_law(law, {"v": "1", "law": custom_name(law.law)})
    assert test.session_state["law:memory"].state.scenario.law == YOURS


def test_undo_brings_the_law_before_back(law: LawInUse) -> None:
    test = page_with_own_law(law)
    test.button(key="law.drop-own-law").click().run()
    assert not test.exception
    assert test.session_state["law:memory"].state.scenario.law == DEFAULT_LAW
    assert "data 01234567" not in text_of(test)


def test_reset_keeps_the_own_law(law: LawInUse) -> None:
    test = page_with_own_law(law, {"v": "1", "law": "besiroglu"})
    test.button(key="law.reset").click().run()
    assert test.session_state["law:memory"].state.scenario.law == YOURS


def test_pins_travel_with_coefficients_too(law: LawInUse) -> None:
    own = LawScenario(law=YOURS)
    state = PageState(LawScenario(), Display(), (own,), context=held(law).context)
    assert YOURS not in state.link
    assert state.uses_own_law
    assert portable(own, context_of()) == own


def test_a_forecast_with_own_data_goes_when_its_tables_go(law: LawInUse) -> None:
    tables = Context(bundled(), laws={YOURS: law})
    first = forecast(uses_law, LawScenario(law=YOURS), tables)
    assert forecast(uses_law, LawScenario(law=YOURS), tables) is first
    assert forecast(model_cost, CostScenario(), tables) is forecast(
        model_cost, CostScenario(), bundled()
    )
    law_in_use(DEFAULT_LAW, tables)
    gone = weakref.ref(tables)
    del first, tables
    gc.collect()
    assert gone() is None


def test_replaced_tables_are_held_by_no_cache_of_the_process() -> None:
    chips = bundled()["ml_chips"]
    tables = bundled().replaced(ml_chips=chips[chips["chip"] != "NVIDIA H100 SXM5"])
    assert tables is not bundled()
    forecast(model_cost, CostScenario(), tables)
    gone = weakref.ref(tables)
    del tables
    gc.collect()
    assert gone() is None


def test_what_does_not_depend_on_own_laws_is_computed_once_for_all_sessions(law: LawInUse) -> None:
    context = Context(bundled(), laws={YOURS: law})
    assert forecast(price_trend, CostScenario(), context) is forecast(
        price_trend, CostScenario(), bundled()
    )


def test_a_context_without_user_data_has_the_same_tables_and_shares_their_results(
    law: LawInUse,
) -> None:
    data = bundled().replaced(ml_chips=bundled()["ml_chips"].iloc[1:])
    context = Context(data, laws={YOURS: law})
    plain = context.without_user_data()
    assert context.has_user_data
    assert not plain.has_user_data
    assert plain.data is data
    assert plain.results is Context(data).results
    assert plain.results is not context.results


def test_no_cache_of_the_process_is_keyed_by_tables() -> None:
    held = []
    for module in pkgutil.iter_modules(forecasting.__path__, "forecasting."):
        for name, function in vars(importlib.import_module(module.name)).items():
            if hasattr(function, "cache_info") and {"tables", "data"} & set(
                inspect.signature(function).parameters
            ):
                held.append(f"{module.name}.{name}")
    assert held == [], (
        "use cached_with: a cache of the process would hold a user's own tables after the session"
    )
