"""A shared link opened later: the same numbers, or then and now side by side."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.export import exports
from dashboard.export.exports import page_export
from dashboard.pages.cost import CostDisplay
from dashboard.pages.registry import PAGES
from dashboard.state import own_data
from dashboard.state.page_state import PageState
from dashboard.store import Share, SharedLinks, shared_links
from dashboard.store.sharing import MADE_WITH, RESULT, model_version, own_in
from forecasting.compute_cost.compute_cost import model_cost
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.data.dataset import bundled
from forecasting.ingest.own_prices import OwnPrices
from tests.dashboard.harness import page_alone, text_of

COST = "cost"
SCENARIO = CostScenario(model="GPT-3", year=2033)
QUERY = f"v={SCENARIO.VERSION}&model=GPT-3&year=2033"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SharedLinks]:
    monkeypatch.setenv("COMPUTE_FORECAST_STORE", str(tmp_path / "shared.sqlite3"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    shared_links.cache_clear()
    yield shared_links()
    shared_links().close()
    shared_links.cache_clear()


def share() -> Share:
    shown = page_export(
        PAGES["cost"], SCENARIO, CostDisplay(), bundled(), base="http://here", query=QUERY
    )
    parts = {RESULT: gzip.compress(exports.json_of(shown), mtime=0)}
    return Share("cost", QUERY, shown.answer, shown.data_version, model_version(SCENARIO), parts)


def opened(store: SharedLinks, saved: Share, **query: str):
    share_id = store.save(saved).id
    return page_alone(
        COST, {"v": str(SCENARIO.VERSION), "model": "GPT-3", "year": "2033", **query, "s": share_id}
    )


def test_a_link_that_still_holds_says_so(store: SharedLinks) -> None:
    test = opened(store, share())
    assert "Tables and model are the same today" in text_of(test)
    assert "Then:" not in text_of(test)


def test_a_link_still_holds_in_another_section_that_reads_other_tables(store: SharedLinks) -> None:
    test = opened(store, share(), view="price")
    assert "Tables and model are the same today" in text_of(test)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"data_version": "00000000"}, "the tables changed"),
        ({"model_version": "cost.1/0.0.1"}, "the model changed"),
    ],
)
def test_what_has_changed_is_said_and_the_answer_of_then_is_shown(
    store: SharedLinks, changed: dict[str, str], words: str
) -> None:
    test = opened(store, replace(share(), answer="It cost $1 then.", **changed))
    assert not test.exception
    assert words in text_of(test)
    assert "Then: It cost $1 then." in text_of(test).replace("**", "")
    assert model_cost(SCENARIO).answer in text_of(test)


def test_a_link_of_another_state_claims_nothing(store: SharedLinks) -> None:
    test = opened(store, share(), year="2040")
    assert "same today" not in text_of(test)


def test_contents_that_can_no_longer_be_read_leave_the_page_whole(store: SharedLinks) -> None:
    test = opened(store, replace(share(), data_version="00000000", parts={RESULT: b"broken"}))
    assert not test.exception
    assert "can no longer be read" in text_of(test)
    assert model_cost(SCENARIO).answer in text_of(test)


def test_a_link_that_is_gone_is_said(store: SharedLinks) -> None:
    test = page_alone(COST, {"v": "2", "s": "a" * 22})
    assert "There is no such shared link" in text_of(test)
    assert not test.exception


def test_a_link_made_with_an_own_table_says_that_it_does_not_keep_it(store: SharedLinks) -> None:
    made = share()
    behind = json.dumps(["a table in place of “AI models”", "prices"]).encode()
    test = opened(store, replace(made, parts={**made.parts, MADE_WITH: behind}))
    said = text_of(test)
    assert "had own data behind it: a table in place of “AI models”, prices." in said
    assert "A link does not keep them" in said
    assert "Then:" in said
    assert "Tables and model are the same today" not in said


def test_a_share_notes_the_own_tables_and_prices_that_its_section_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = bundled()
    frames = {name: data[name] for name in ("ai_models", "ml_chips", "runs_chinchilla")}
    held = own_data.OwnData(frames=frames, prices=OwnPrices())
    monkeypatch.setattr(own_data, "own", lambda: held)
    named = own_in(PageState(SCENARIO, CostDisplay()))
    assert f"a table in place of “{data.catalogue['ai_models'].title}”" in named
    assert "prices" in named
    assert not any(data.catalogue["runs_chinchilla"].title in each for each in named)
