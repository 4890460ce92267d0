"""Saves and deletes a link in processes that are killed at the first, the second, the third … step
of it: before and after each statement and each commit. Prints the links that were tried, as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import asdict

from sqlalchemy import event

from dashboard.store import Saved, Share, SharedLinks, StoreSettings

MAX_STEPS = 500
PARTS = {"result": b"numbers of this link", "runs": b"runs of all links" * 500, "law": b"{}"}
#: Of another link, which is there before and holds some of the same parts.
OTHER = Share("cost", "v=1", "Other.", "0032533d", "cost.1", PARTS | {"result": b"other numbers"})


def share_of(number: int) -> Share:
    return Share("cost", f"v=1&year={number}", f"In {number}.", "0032533d", "cost.1", PARTS)


def kill_at(store: SharedLinks, step: int) -> None:
    """End this process at once when that step is reached."""
    passed = 0

    def count(*_arguments: object) -> None:
        nonlocal passed
        passed += 1
        if passed == step:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(store.engine, name, count)
    event.listen(store.engine.pool, "checkin", count)


def in_a_process(url: str, work: str, saved: Saved, step: int) -> bool:
    """Whether the work was done before that step was reached."""
    child = os.fork()
    if child == 0:
        store = StoreSettings(database_url=url).open()
        store.counts()
        kill_at(store, step)
        if work == "save":
            store.save(share_of(step), clients=["a", "b"], saved=saved)
        else:
            store.delete(saved.id, saved.delete_token)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return status == 0


def main(url: str, work: str, stride: str) -> None:
    store = StoreSettings(database_url=url).open()
    store.save(OTHER, saved=Saved("other" * 4 + "AA", "token"))
    for step in range(1, MAX_STEPS, int(stride)):
        saved = Saved()
        if work == "delete":
            store.save(share_of(step), saved=saved)
        store.close()
        done = in_a_process(url, work, saved, step)
        print(json.dumps({**asdict(saved), "step": step, "done": done}), flush=True)
        if done:
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
