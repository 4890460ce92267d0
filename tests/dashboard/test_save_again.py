"""*Share* tried again after a failure: the same link, once; and what it says of a store that fills
up.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st

from dashboard.export.exports import page_export
from dashboard.pages.registry import PAGES
from dashboard.state.page_state import PageState
from dashboard.store import Saved, StoreError, shared_links
from dashboard.ui import display_bar
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.data.dataset import bundled


def test_a_save_whose_answer_was_lost_shows_the_same_link_when_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPUTE_FORECAST_STORE", str(tmp_path / "shared.sqlite3"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(st, "session_state", {})
    shared_links.cache_clear()
    store, tried = shared_links(), list[Saved]()
    save = store.save

    def answer_lost(share: object, clients: object, saved: Saved) -> Saved:
        tried.append(save(share, clients, saved))  # type: ignore[arg-type]
        if len(tried) == 1:
            raise StoreError("The store does not answer.")
        return saved

    monkeypatch.setattr(store, "save", answer_lost)
    page = PAGES["cost"]
    state = PageState(CostScenario(model="GPT-3"), page.display())
    shown = page_export(page, state.scenario, state.display, bundled(), base="", query="v=3")
    display_bar._save(state, shown)
    assert st.session_state["share:failure"] == "The store does not answer."
    display_bar._save(state, shown)
    assert tried[0] == tried[1]
    assert tried[0] in st.session_state.values()
    assert store.counts()[0] == 1
    store.close()
    shared_links.cache_clear()


@pytest.mark.parametrize(("share", "said"), [(0.94, ["94%"]), (0.5, [])])
def test_who_shares_is_told_that_the_store_is_nearly_full(
    share: float, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPUTE_FORECAST_STORE", str(tmp_path / "shared.sqlite3"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(st, "session_state", {})
    shared_links.cache_clear()
    shared_links().quota.share = share
    warnings = list[str]()
    monkeypatch.setattr(st, "warning", warnings.append)
    page = PAGES["cost"]
    state = PageState(CostScenario(model="GPT-3"), page.display())
    shown = page_export(page, state.scenario, state.display, bundled(), base="", query="v=3")
    display_bar.save_form(state, shown, key="save")
    assert len(warnings) == len(said)
    assert all("nearly full" in warning and said[0] in warning for warning in warnings)
    shared_links().close()
    shared_links.cache_clear()
