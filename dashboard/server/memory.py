"""One heap for all threads: glibc makes one for each that computes, and what sessions leave behind
in them stays with the process.
"""

from __future__ import annotations

import ctypes
import os

VARIABLE = "MALLOC_ARENA_MAX"
#: The parameter of mallopt, of <malloc.h>.
M_ARENA_MAX = -8


def use_one_heap() -> bool:
    """Whether the C library has taken it; MALLOC_ARENA_MAX, where it is set, says otherwise.

    The variable itself is read when a process starts, before any code of ours.
    """
    if os.environ.get(VARIABLE):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library
        return False
    mallopt.argtypes, mallopt.restype = (ctypes.c_int, ctypes.c_int), ctypes.c_int
    return bool(mallopt(M_ARENA_MAX, 1))
