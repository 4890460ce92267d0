"""kill -9 in the middle of concurrent saves, of one process and of several on one store: every link
that was handed out opens whole, none is half saved. Run by `make soak`.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from dashboard.store import StoreSettings
from dashboard.store.schema import contents, share_contents, shares
from tests.store.conftest import Opener

pytestmark = pytest.mark.soak

ROOT = Path(__file__).parents[2]
SAVES_BEFORE_THE_KILL = 200
KILLS = 5


def started(database_url: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.store.saver", database_url]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


@pytest.mark.parametrize("together", [1, 3])
def test_every_link_that_was_handed_out_before_a_kill_opens_whole(
    database_url: str, open_store: Opener, together: int
) -> None:
    handed_out: list[dict[str, str]] = []
    for _ in range(KILLS):
        # Those that are killed last find a store that others were killed on.
        for process in [started(database_url) for _ in range(together)]:
            assert process.stdout is not None
            first = [process.stdout.readline() for _ in range(SAVES_BEFORE_THE_KILL)]
            handed_out += map(json.loads, first)
            process.send_signal(signal.SIGKILL)
            handed_out += [json.loads(line) for line in process.stdout if line.endswith("}\n")]
            process.stdout.close()
            process.wait()

    store = open_store(StoreSettings(database_url=database_url))
    for link in handed_out:
        parts = store.open(link["id"]).parts
        assert set(parts) == {"result", "runs", "draws"}
        assert parts["result"].decode() == link["result"]
    with store.engine.connect() as connection:
        # Saves that were done but not yet handed out are whole too, and the count of links is
        # right.
        whole = connection.execute(select(func.count()).select_from(share_contents)).scalar_one()
        assert (
            whole == 3 * connection.execute(select(func.count()).select_from(shares)).scalar_one()
        )
        held = (
            select(share_contents.c.sha256, func.count().label("links"))
            .group_by(share_contents.c.sha256)
            .subquery()
        )
        wrong = select(func.count()).select_from(
            contents.outerjoin(held, held.c.sha256 == contents.c.sha256)
        )
        wrong = wrong.where(func.coalesce(held.c.links, 0) != contents.c.links)
        assert connection.execute(wrong).scalar_one() == 0
    assert len(handed_out) >= KILLS * SAVES_BEFORE_THE_KILL
