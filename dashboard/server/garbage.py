"""Garbage in cycles is collected once a second, not after each run of a page, as Streamlit does
unless `runner.postScriptGC` is off: a collection holds up all sessions, and takes the longer the
more of them there are.
"""

from __future__ import annotations

import gc
import threading
import time

EVERY_S = 1.0
#: New objects without which there is nothing to look for: nobody has moved.
FEW = 500


def collect_regularly() -> None:
    """Collect in a thread for as long as the process lives."""
    threading.Thread(target=_collect, name="garbage", daemon=True).start()


def _collect() -> None:
    while True:
        time.sleep(EVERY_S)
        collect_if_due()


def collect_if_due() -> bool:
    """Collect where objects were made since the last time; whether it did."""
    newest, *looked_through = gc.get_count()
    is_due = newest > FEW or any(looked_through)
    if is_due:
        gc.collect()
    return is_due
