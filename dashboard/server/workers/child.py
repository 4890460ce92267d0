"""What a process that a supervisor starts does first."""

from __future__ import annotations

import ctypes
import signal
import sys

#: Of <sys/prctl.h>: the signal that a process gets when its parent dies.
PR_SET_PDEATHSIG = 1
#: Looked up here: between fork and exec no lock may be asked for that another thread may hold.
_PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def ends_with_parent() -> None:
    """Let this process end when its parent is killed, which then can't end it. Linux alone."""
    if _PRCTL is not None:
        _PRCTL(PR_SET_PDEATHSIG, signal.SIGTERM)
