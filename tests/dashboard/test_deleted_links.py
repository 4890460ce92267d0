"""A shared link that is deleted, here or on another server, is gone from every cache within a
second.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from dashboard.pages.registry import PAGES
from dashboard.state import own_data
from dashboard.state.own_data import StoredRuns
from dashboard.store import (
    NotFoundError,
    Saved,
    Share,
    SharedLinks,
    StoreError,
    StoreSettings,
    shared_links,
    shared_runs,
)
from forecasting.data.dataset import bundled
from forecasting.fitting.law_choice import LawInUse, chinchilla_runs
from forecasting.fitting.scaling_fit import fit_scaling_law
from tests.dashboard import law_page
from tests.dashboard.harness import script_alone, text_of

PAGE = "tests/dashboard/law_page.py"


@pytest.fixture
def other_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SharedLinks]:
    """The store as another server has it open."""
    monkeypatch.setenv("COMPUTE_FORECAST_STORE", str(tmp_path / "shared.sqlite3"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    shared_links.cache_clear()
    monkeypatch.setitem(PAGES, law_page.PAGE.name, law_page.PAGE)
    other = StoreSettings.from_environment().open()
    yield other
    other.close()
    shared_links().close()
    shared_links.cache_clear()


@pytest.fixture(scope="module")
def parts() -> dict[str, bytes]:
    tables = bundled()
    fit = fit_scaling_law(chinchilla_runs(tables), bootstrap=20)
    law = LawInUse("yours", "Runs of a colleague", fit.law, fit.draws, "own runs", is_yours=True)
    runs = StoredRuns(tables["runs_chinchilla"].head(40), {"loss": "loss"}, {"delta": 1e-3})
    return shared_runs.packed(law, runs)


def saved(parts: dict[str, bytes]) -> Saved:
    link = Saved()
    query = f"v=1&law=s:{link.id}"
    share = Share("law", query, "It is a law.", "0032533d", "law.1/0.3.0", parts)
    return shared_links().save(share, saved=link)


def within_a_second(is_so: Callable[[], bool]) -> bool:
    started = time.monotonic()
    while time.monotonic() - started < 1:
        if is_so():
            return True
        time.sleep(0.05)
    return False


def test_a_law_answers_from_no_cache_once_another_server_has_deleted_its_link(
    other_server: SharedLinks, parts: dict[str, bytes]
) -> None:
    link = saved(parts)
    law = shared_runs.stored_law(link.id)
    assert law is not None
    assert shared_runs.stored_law(link.id) is law, "it is cached"
    other_server.delete(link.id, link.delete_token)

    def is_refused() -> bool:
        try:
            shared_runs.stored_law(link.id)
        except NotFoundError:
            return True
        return False

    assert within_a_second(is_refused)


def test_a_session_lets_go_of_a_law_and_of_what_a_deleted_link_kept(
    other_server: SharedLinks, parts: dict[str, bytes]
) -> None:
    link = saved(parts)
    test = script_alone(PAGE, {"v": "1", "law": f"s:{link.id}", "s": link.id})
    assert not test.exception
    assert "Runs of a colleague" in text_of(test)
    assert "It is a law" not in text_of(test)
    other_server.delete(link.id, link.delete_token)
    time.sleep(shared_runs.BELIEVED_S)
    test.run()
    assert not test.exception
    assert "There is no such shared link" in text_of(test)
    assert "Runs of a colleague" not in text_of(test)
    assert dict(test.session_state[own_data.KEY].stored) == {}


def test_a_law_that_is_in_use_goes_on_while_the_store_is_away(
    other_server: SharedLinks, parts: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    link = saved(parts)
    assert shared_runs.stored_law(link.id) is not None

    def away(_share_id: str) -> bool:
        raise StoreError("away") from OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr(shared_links(), "is_there", away)
    assert shared_runs.stored_law(link.id) is not None
