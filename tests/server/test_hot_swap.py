"""The tables of a running server replaced while sessions rerun over the websocket."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from dataclasses import replace as changed
from pathlib import Path

from benchmarks.hot_swap import MARK, PAGE, Swap, copied, swapped
from benchmarks.servers import Session, served
from dashboard.server.settings import WARM_UP
from forecasting.data.dataset import TABLES_VARIABLE
from tests.examples import SOAK

#: How long sessions rerun before the tables are replaced, and after.
SECONDS = 3.0 if SOAK else 1.0
CHANGED = "The tables behind this page have changed since this link was made"


def test_no_session_is_dropped_old_pages_stay_and_new_ones_have_the_newer_tables(
    tmp_path: Path,
) -> None:
    folder = copied(tmp_path)
    settings = {
        TABLES_VARIABLE: str(folder),
        "COMPUTE_FORECAST_STORE": str(tmp_path / "shared.sqlite3"),
        WARM_UP: "quick" if SOAK else "off",
    }
    swap, linked, before, after = Swap(), "", "", ""

    async def replaced() -> None:
        nonlocal swap, linked, before, after
        with served(PAGE, settings=settings) as server:
            before = version(server.port)
            swap = await swapped(server, folder, sessions=3, before_s=SECONDS, after_s=SECONDS)
            after = version(server.port)
            with_link = await Session(changed(PAGE, query=swap.old_query)).open(server.port)
            linked = " ".join(with_link.words)
            await with_link.close()

    asyncio.run(replaced())
    assert swap.dropped == []
    assert len(swap.after_s) >= 3
    assert MARK in swap.new_words
    assert CHANGED not in swap.new_words
    assert swap.taken_up_after_s < 60.0
    assert len(swap.open_words) == 3
    for words in swap.open_words:
        assert "Data to March 2026" in words
        assert "Newer tables have arrived since this page was opened" in words
    assert MARK in linked
    assert CHANGED in linked
    assert after != before


def version(port: int) -> str:
    """The fingerprint of the tables that the API answers from."""
    address = f"http://127.0.0.1:{port}/api/v1/version.json"
    return str(json.loads(urllib.request.urlopen(address, timeout=10).read())["tables"])
