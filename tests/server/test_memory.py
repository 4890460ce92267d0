from __future__ import annotations

import subprocess
import sys

import pytest

from dashboard.server.memory import use_one_heap

#: Twenty threads, each with memory of its own at once; then the heaps that glibc has made.
HEAPS = """
import ctypes, threading
from dashboard.server.memory import use_one_heap
use_one_heap() if {limited} else None
barrier = threading.Barrier(20)
def work():
    held = [bytearray(n) for n in range(1000, 9000, 100)]
    barrier.wait()
threads = [threading.Thread(target=work) for _ in range(20)]
[t.start() for t in threads]; [t.join() for t in threads]
import os
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
file = libc.fopen(b"/dev/stdout", b"w")
libc.malloc_info(0, ctypes.c_void_p(file)); libc.fflush(ctypes.c_void_p(file))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc alone has such heaps")
def test_threads_share_one_heap() -> None:
    def heaps(limited: bool) -> int:
        done = subprocess.run(
            [sys.executable, "-c", HEAPS.format(limited=limited)],
            capture_output=True,
            text=True,
            check=True,
            env={"PATH": ""},
        )
        return done.stdout.count("<heap nr=")

    assert heaps(limited=True) == 1
    assert heaps(limited=False) > 1


def test_a_variable_of_the_environment_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_ARENA_MAX", "4")
    assert not use_one_heap()
