"""What takes long says so on stderr, where it does not mix with the numbers on stdout."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

#: What is done sooner says nothing.
SILENT_S = 0.5
REPEAT_S = 1.0


@contextmanager
def progress(what: str, *, quiet: bool = False) -> Iterator[None]:
    """Write `what`, with the seconds so far on a terminal, until the block ends."""
    if quiet:
        yield
        return
    done = threading.Event()
    thread = threading.Thread(target=_report, args=(what, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _report(what: str, done: threading.Event) -> None:
    start = time.monotonic()
    if done.wait(SILENT_S):
        return
    if not sys.stderr.isatty():
        print(f"{what} …", file=sys.stderr, flush=True)
        return
    while True:
        print(f"\r{what} … {time.monotonic() - start:.0f} s", end="", file=sys.stderr, flush=True)
        if done.wait(REPEAT_S):
            break
    print("\r\x1b[K", end="", file=sys.stderr, flush=True)
