"""A process that saves links as fast as it can and prints each one after it was handed out; killed
by a test at any moment.
"""

from __future__ import annotations

import json
import os
import sys
import threading

from dashboard.store import Share, StoreSettings

THREADS = 8


def main(url: str) -> None:
    store = StoreSettings(database_url=url, links_an_hour=1_000_000).open()
    lock = threading.Lock()

    def work(number: int) -> None:
        for turn in range(10_000):
            body = f"{number}-{turn}".encode() * 200
            parts = {"result": body, "runs": b"shared by all" * 500, "draws": os.urandom(2_000)}
            saved = store.save(
                Share(
                    "cost",
                    f"v=1&year={2010 + turn % 30}",
                    body.decode()[:50],
                    "0032533d",
                    "cost.1",
                    parts,
                )
            )
            with lock:
                print(json.dumps({"id": saved.id, "result": body.decode()}), flush=True)

    threads = [
        threading.Thread(target=work, args=(number,), daemon=True) for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(sys.argv[1])
