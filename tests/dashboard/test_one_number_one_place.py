"""Each quantity has one value, wherever a page shows it with its defaults: on pages, on the
Overview, in the claims of the article and in memos.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import pytest

import forecasting as fc
from dashboard.export.memo import memo_of
from dashboard.forecasts import forecast
from dashboard.pages.registry import PAGES
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.context import Context, context_of
from forecasting.formatting import in_dollars, significant
from forecasting.inference.compute_map import ComputeMap
from forecasting.inference.exchange_rate import exchange_rates
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.inference.serve_at_scale import ServeAtScale
from forecasting.planning.cluster import cluster
from forecasting.planning.plan_scenario import PlanScenario
from forecasting.reporting.article_claims import judged_claims
from forecasting.reporting.overview import KeyFigure, OverviewScenario, overview
from forecasting.serving.rented_chips import RentedChip, rented_chip
from forecasting.serving.served_demand import served_demand
from forecasting.stats.bands import Range
from forecasting.stats.key_figures import key_figures
from forecasting.supply.supply_scenario import SupplyScenario
from forecasting.text_limits.text_scenario import TextScenario
from tests.dashboard.section_figures import state_of

#: Key figures whose field and unit are those of others that are something else: of one run, of one
#: corpus, of one service, of one purchase.
OTHER_THINGS = {
    ("owned_usd", "USD"): "what is bought differs: one server, or as many chips as were quoted",
    ("params", "parameters"): "of the run at the wall, of a service, of a budget for own runs",
    ("tokens", "tokens"): "of a service, of a budget for own runs",
    ("loss", "nats per token"): "of the run at the wall, of a budget for own runs",
    ("train_share", "share"): "of one budget, of one service",
    ("total_usd", "USD"): "of a service, of a plan",
}
INFER = InferenceScenario()
H100, H100_SOLD = "NVIDIA H100 SXM", "NVIDIA H100 SXM5 80GB"


@pytest.fixture(scope="module")
def context() -> Context:
    return context_of(None)


def default_figures(context: Context) -> Iterator[tuple[str, str, Range]]:
    """The key figures of every section of every page: place, name, figure."""
    for page in PAGES.values():
        for section in page.sections:
            if section.is_slow:
                continue
            result = forecast(section.forecast, state_of(page, section).scenario, context)
            for name, figure in key_figures(result).items():
                yield f"{page.name}/{section.name}", name, figure


def test_a_key_figure_of_one_name_and_unit_has_one_value(context: Context) -> None:
    found: dict[tuple[str, str], dict[str, float]] = {}
    for place, name, figure in default_figures(context):
        found.setdefault((name, figure.unit), {})[place] = figure.value
    two = {
        quantity: places
        for quantity, places in found.items()
        if quantity not in OTHER_THINGS and len({significant(x, 6) for x in places.values()}) > 1
    }
    assert two == {}


def of_overview(context: Context, label: str) -> KeyFigure:
    figures = forecast(overview, OverviewScenario(), context).figures
    return next(figure for figure in figures if label in figure.label)


def _axes_rent(context: Context) -> RentedChip:
    rent = forecast(fc.compute_map, INFER, context).rent
    assert rent is not None
    return rent


@cache
def _claims(context: Context) -> Mapping[str, str]:
    return {each.claim: each.judgement.figure for each in judged_claims(context)}


Place = Callable[[Context], float]
#: Quantities that several pages show, each with its values by place.
QUANTITIES: Mapping[str, Mapping[str, Place]] = {
    "public text is used up, year": {
        "text": lambda c: forecast(fc.text_exhaustion, TextScenario(), c).used_up.value,
        "overview": lambda c: of_overview(c, "Public text is used up").figure.value,
    },
    "worth of thinking ten times longer, × training": {
        "inference": lambda c: 10.0 ** exchange_rates(c.data)["language"].middle[0],
        "axes": lambda c: 10.0 ** forecast(fc.compute_map, InferenceScenario(), c).rate.middle[0],
        "overview": lambda c: of_overview(c, "10× the compute per answer").figure.value,
        "plan": lambda c: 10.0 ** PlanScenario().exchange_rate.median,
    },
    "an H100 on demand, USD an hour": {
        "rental table": lambda c: rented_chip(H100, "on_demand", c.data).usd_per_chip_hour,
        "serving": lambda c: forecast(served_demand, INFER, c).rent.usd_per_chip_hour,
        "axes": lambda c: _axes_rent(c).usd_per_chip_hour,
        "serve": lambda c: forecast(fc.serve_at_scale, INFER, c).rent.usd_per_chip_hour,
        "function serve": lambda c: fc.serve(fc.ServeScenario(), data=c).rent.usd_per_chip_hour,
        "function ComputePrices": lambda _: fc.ComputePrices().usd_per_chip_hour,
    },
    "an H100 on demand, dollars of the price year an hour": {
        "cost": lambda c: (
            forecast(fc.model_cost, CostScenario(chip=H100_SOLD), c).chip_hour.usd_per_hour
        ),
        "cluster": lambda c: forecast(cluster, PlanScenario(), c).rent_usd_per_chip_hour,
        "supply": lambda c: (
            forecast(fc.rent_or_own, SupplyScenario(), c).rented_usd_per_chip_hour.value
        ),
    },
    "GPT-4's quality at the start of 2026, USD": {
        "cost": lambda c: (
            forecast(fc.model_cost, CostScenario(year=2026), c).with_algorithms_at_year.value
        ),
        "overview": lambda c: of_overview(c, "GPT-4-class run in 2026").figure.value,
    },
    "compute per dollar doubles, years": {
        "cost": lambda c: forecast(fc.price_trend, CostScenario(), c).doubling[0],
        "overview": lambda c: of_overview(c, "doubles every").figure.value,
    },
    "GPT-2's latest measured cost, USD": {
        "claim": lambda c: forecast(fc.gpt2_claim, CostScenario(), c).latest.cost_usd,
        "overview": lambda c: of_overview(c, "GPT-2 for $30").figure.value,
    },
    "text limits the plan, year": {
        "plan": lambda c: forecast(fc.plan, PlanScenario(), c).starts["text"].value,
        "overview": lambda c: of_overview(c, "What limits the plan first").figure.value,
    },
}


@pytest.mark.parametrize("name", QUANTITIES)
def test_a_quantity_is_the_same_on_every_page_that_shows_it(name: str, context: Context) -> None:
    values = {place: value(context) for place, value in QUANTITIES[name].items()}
    assert len({significant(value, 4) for value in values.values()}) == 1, values


def test_the_claims_and_the_memo_say_the_numbers_of_the_pages(context: Context) -> None:
    claim = forecast(fc.gpt2_claim, CostScenario(), context)
    said = _claims(context)
    gpt2 = next(figure for words, figure in said.items() if words.startswith("GPT-2 can be"))
    assert in_dollars(claim.latest.cost_usd) in gpt2
    used_up = forecast(fc.text_exhaustion, TextScenario(), context).used_up
    text = next(figure for words, figure in said.items() if words.startswith("All text data"))
    assert f"by our forecast, {int(used_up.value)}" in text
    memo = memo_of(_export(context))
    assert memo.answer == forecast(fc.plan, PlanScenario(), context).answer


@pytest.mark.parametrize("section", ["axes", "serve"])
def test_the_price_of_an_h100_hour_is_the_only_one_that_a_section_says(
    section: str, context: Context
) -> None:
    from forecasting.reporting.inference_notes import chip_hour_price_words

    market = in_dollars(rented_chip(H100, "on_demand", context.data).usd_per_chip_hour)
    result: ComputeMap | ServeAtScale = (
        forecast(fc.compute_map, INFER, context)
        if section == "axes"
        else forecast(fc.serve_at_scale, INFER, context)
    )
    assert result.rent is not None
    said = f"{result.full_answer} {chip_hour_price_words(result.rent)}"
    prices = re.findall(r"(\$[\d.]+) per (?:chip-hour|hour)", said)
    assert prices
    assert set(prices) == {market}
    assert f"{H100} on demand" in said


def test_no_page_has_a_price_of_a_chip_hour_of_its_own_by_default() -> None:
    own = {
        (page.name, name): value
        for page in PAGES.values()
        for name, value in page.scenario.defaults().items()
        if "usd_per_chip_hour" in name and value is not None
    }
    # A plan takes it only where its `price` is "own", which is not the default.
    assert PlanScenario().price != "own"
    own.pop(("plan", "usd_per_chip_hour"))
    assert own == {}


def _export(context: Context) -> Any:
    from dashboard.export.exports import page_export

    page = PAGES["plan"]
    return page_export(page, PlanScenario(), page.display(), context, base="", query="")
