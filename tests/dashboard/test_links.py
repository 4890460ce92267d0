from __future__ import annotations

from typing import Any, ClassVar, Literal
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.links import MAX_WARNINGS, open_link, parse_query, query_of, warning_lines
from dashboard.pages.cost import CostDisplay
from dashboard.pages.declaration import Page
from dashboard.pages.inference import InferenceDisplay
from dashboard.pages.registry import PAGES
from dashboard.state.display import Display
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.data.dataset import bundled
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.scenario import Scenario
from tests.dashboard.scenarios import scenarios_of

#: What training GPT-3 costs in 2030, hardware alone, as version 1 of the cost page said it: low,
#: median, high.
NUMBERS_OF_VERSION_1 = (86600.56618299274, 281241.1899190183, 946698.7594214221)


def opened(
    query: str,
    scenario_class: type[Scenario] = CostScenario,
    display_class: type[Display] = CostDisplay,
):
    return open_link(parse_query(query), scenario_class, display_class, bundled())


@pytest.mark.parametrize("page", sorted(PAGES))
@given(data=st.data())
def test_any_state_survives_the_round_trip_through_its_link(page: str, data: st.DataObject) -> None:
    parts = PAGES[page]
    scenario = data.draw(scenarios_of(parts.scenario))
    display = data.draw(scenarios_of(parts.display))
    pins = tuple(data.draw(st.lists(scenarios_of(parts.scenario), max_size=4)))
    link = opened(
        query_of(scenario, display, pins, tables=bundled()), parts.scenario, parts.display
    )
    assert link.warnings == ()
    assert (link.scenario, link.display, link.pins) == (scenario, display, pins)
    assert not link.tables_changed


def test_a_link_to_the_defaults_holds_only_version_and_data() -> None:
    assert [
        name for name, _ in parse_qsl(query_of(CostScenario(), CostDisplay(), tables=bundled()))
    ] == ["v", "d"]


def test_a_link_holds_only_what_differs() -> None:
    assert dict(parse_qsl(query_of(CostScenario(model="GPT-3", year=2031)))) == {
        "v": str(CostScenario.VERSION),
        "model": "GPT-3",
        "year": "2031",
    }


def test_numbers_survive_to_the_last_digit() -> None:
    scenario = CostScenario(budget_usd=0.1 + 0.2, params=1.2345678901234567e11)
    assert opened(query_of(scenario)).scenario == scenario


@pytest.mark.parametrize(
    ("query", "parameter", "value", "substitute"),
    [
        ("year=1999", "year", "1999", "2030"),
        ("year=soon", "year", "soon", "2030"),
        ("year=2030.5", "year", "2030.5", "2030"),
        ("budget_usd=0", "budget_usd", "0", "1 million"),
        ("budget_usd=-5", "budget_usd", "-5", "1 million"),
        ("budget_usd=nan", "budget_usd", "nan", "1 million"),
        ("budget_usd=1e999", "budget_usd", "1e999", "1 million"),
        ("model=GPT-9000", "model", "GPT-9000", "GPT-4"),
        ("series=gold", "series", "gold", "gpu"),
        ("rental_chip=Abacus", "rental_chip", "Abacus", "any"),
        ("convention=stolen", "convention", "stolen", "rented"),
        ("flop_doubt=perhaps", "flop_doubt", "perhaps", "True"),
        ("from_year=2020&to_year=2010", "from_year", "2020", "none"),
        ("halving_months_low=12", "halving_months_low", "12", "5"),
        ("view=sideways", "view", "sideways", "model"),
        ("bands=33", "bands.0", "33", "80"),
        ("seed=-1", "seed", "-1", "0"),
        ("v=99", "v", "99", f"version {CostScenario.VERSION}"),
        ("v=x", "v", "x", f"version {CostScenario.VERSION}"),
        ("colour=red", "colour", "red", "ignored"),
    ],
)
def test_a_bad_value_is_named_with_what_is_used_instead(
    query: str, parameter: str, value: str, substitute: str
) -> None:
    (warning,) = opened(query).warnings
    for part in (parameter.split(".")[0], value, substitute):
        assert part in warning


def test_good_values_beside_a_bad_one_are_kept() -> None:
    link = opened("v=1&year=9999&model=GPT-3&convention=owned")
    assert (link.scenario.model, link.scenario.convention, link.scenario.year) == (
        "GPT-3",
        "owned",
        2030,
    )


def test_an_unknown_model_gets_the_nearest_names() -> None:
    (warning,) = opened("model=GPT3").warnings
    assert "GPT-3" in warning


def test_a_repeated_parameter_is_said_and_the_last_one_used() -> None:
    link = opened("year=2027&year=2028")
    assert link.scenario.year == 2028
    assert "more than once" in link.warnings[0]


def test_more_than_five_warnings_end_in_a_count() -> None:
    lines = warning_lines(opened("&".join(f"x{i}=1" for i in range(12))).warnings)
    assert len(lines) == MAX_WARNINGS + 1
    assert "7 more" in lines[-1]


def test_a_link_from_other_tables_says_so() -> None:
    assert opened("v=1&d=00000000").tables_changed
    assert not opened(
        f"v=1&d={bundled().fingerprint(PAGES['cost'].page_wide_tables)}"
    ).tables_changed


def test_a_link_tells_of_the_tables_of_the_section_in_view_alone() -> None:
    display = InferenceDisplay(view="tries")
    query = query_of(InferenceScenario(), display, tables=bundled())
    assert dict(parse_qsl(query))["d"] == bundled().fingerprint(["repeated_sampling_counts"])
    counts, prices = (bundled()[name] for name in ("repeated_sampling_counts", "gpu_prices"))
    for newer, has_changed in (
        (bundled().replaced(gpu_prices=prices.iloc[1:]), False),
        (bundled().replaced(repeated_sampling_counts=counts.iloc[1:]), True),
    ):
        link = open_link(parse_query(query), InferenceScenario, InferenceDisplay, newer)
        assert link.tables_changed == has_changed


@pytest.mark.parametrize("page", PAGES.values(), ids=lambda page: page.name)
def test_a_link_from_when_a_page_had_one_fingerprint_still_holds(page: Page) -> None:
    for section in page.sections:
        tables = page.page_wide_tables or section.sources
        query = urlencode({"d": bundled().fingerprint(tables), **page.query(section)})
        assert not opened(query, page.scenario, page.display).tables_changed


def test_a_bad_value_inside_a_pin_names_the_pin() -> None:
    (warning,) = opened(urlencode({"p1": "v=1&year=1066"})).warnings
    assert "pin p1" in warning
    assert "1066" in warning


@given(st.text(max_size=400) | st.binary(max_size=400).map(lambda raw: raw.decode("latin-1")))
@example("%ff%fe=%00&v=&d=&p1=p1%3Dp1%253D&year=" + "9" * 5000)
@example("&".join(["year=2030"] * 1000))
@example("model[]=1&model=%F0%9F%92%B8&\ud800=1")
@example("budget_usd=1e-400&mfu=0x1p3&tokens=1_000&year=٢٠٣٠")
def test_any_query_at_all_gives_a_valid_page(query: str) -> None:
    for scenario_class, display_class in (
        (parts.scenario, parts.display) for parts in PAGES.values()
    ):
        link = opened(query, scenario_class, display_class)
        assert isinstance(link.scenario, scenario_class)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [*CostScenario.model_fields, *CostDisplay.model_fields, "v", "d", "p1", "p9"]
            ),
            st.text(max_size=60),
        ),
        max_size=30,
    )
)
def test_any_values_of_known_names_give_a_valid_page(pairs: list[tuple[str, str]]) -> None:
    link = open_link(pairs, CostScenario, CostDisplay, bundled())
    assert opened(query_of(link.scenario, link.display, link.pins)).scenario == link.scenario


class NextCostScenario(CostScenario):
    """The cost page as it would be after a default changed and a field was renamed."""

    VERSION: ClassVar[int] = CostScenario.VERSION + 1
    PREVIOUS_DEFAULTS: ClassVar[dict[int, Any]] = {
        **CostScenario.PREVIOUS_DEFAULTS,
        CostScenario.VERSION: {"mfu": 0.375, "price_trend": "mixed"},
    }
    MIGRATIONS: ClassVar[dict[int, Any]] = {
        1: lambda raw: {("year" if name == "when" else name): text for name, text in raw.items()}
    }

    mfu: float = 0.5
    price_trend: Literal["mixed", "gpu", "chips", "rental"] = "gpu"


def test_a_version_1_link_keeps_version_1_defaults_after_they_change() -> None:
    old = opened("v=1&model=GPT-3", NextCostScenario)
    assert (old.scenario.mfu, old.scenario.price_trend, old.scenario.model) == (
        0.375,
        "mixed",
        "GPT-3",
    )
    new = opened(f"v={NextCostScenario.VERSION}&model=GPT-3", NextCostScenario)
    assert (new.scenario.mfu, new.scenario.price_trend) == (0.5, "gpu")


def test_a_version_1_link_still_gives_version_1_numbers() -> None:
    from forecasting.compute_cost.compute_cost import model_cost

    then = model_cost(CostScenario(model="GPT-3", method="ols", price_method="ols"))
    now = model_cost(CostScenario(**dict(opened("v=1&model=GPT-3", NextCostScenario).scenario)))
    assert then.hardware_at_year == now.hardware_at_year


def test_a_link_of_version_1_keeps_the_least_squares_line_and_its_numbers() -> None:
    from forecasting.compute_cost.compute_cost import model_cost

    old = opened("v=1&model=GPT-3").scenario
    assert (old.method, old.price_method) == ("ols", "ols")
    figure = model_cost(old).hardware_at_year
    assert (figure.low, figure.value, figure.high) == pytest.approx(NUMBERS_OF_VERSION_1, rel=1e-9)
    assert (opened("v=2&model=GPT-3").scenario.method, CostScenario().price_method) == (
        "calibrated",
        "pooled",
    )


def test_an_old_name_of_a_field_is_migrated() -> None:
    link = opened("v=1&when=2035", NextCostScenario)
    assert link.scenario.year == 2035
    assert link.warnings == ()


def test_a_link_of_an_old_scenario_opened_anew_is_written_in_the_new_version() -> None:
    old = opened("v=1", NextCostScenario).scenario
    again = opened(query_of(old), NextCostScenario)
    assert again.scenario == old
