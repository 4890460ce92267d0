"""`python -m benchmarks crowd WHAT`: many visitors at once.

batches    a visitor who moves a slider while twenty clients send batches to the API
capacity   visitors who each move once a second, by cores, as the table of docs/deploy.md; the bare
           app of the same figure beside it. Some six minutes; --workers 4 measures up to four
memory     what 5,000 sessions that were opened and closed leave behind; --sessions 500 for fewer

Kills of workers under visitors in real browsers: tests/server/test_kills.py.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from benchmarks import crowd_batches, crowd_capacity, crowd_memory


def run(arguments: Sequence[str] = ()) -> bool:
    """Run one of them, or all; whether each has reached what is asked of it."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks crowd",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", nargs="?", choices=("batches", "capacity", "memory"))
    parser.add_argument("--workers", type=int, default=2, metavar="N")
    parser.add_argument("--sessions", type=int, default=crowd_memory.SESSIONS, metavar="N")
    given = parser.parse_args(arguments)
    reached = True
    if given.what in (None, "batches"):
        crowd_batches.run()
    if given.what in (None, "capacity"):
        reached &= crowd_capacity.run(given.workers)
    if given.what in (None, "memory"):
        reached &= crowd_memory.run(given.sessions)
    return reached
