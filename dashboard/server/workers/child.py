"""What a process that a supervisor starts does first."""

from __future__ import annotations

import ctypes
import signal
import sys

#: Of <sys/prctl.h>: the signal that a process gets when its parent dies.
PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def ends_with_parent() -> None:
    """Let this process end when its parent is killed, which then can't end it. Linux alone."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
