"""What is told after a reload of the browser: that own runs were held in a session that is gone.

A session ends with its connection, and a reload begins another. A mark in the tab's own storage
outlives it; the session that finds the mark of an earlier one says what is gone.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

_SESSION, _DISMISSED = "marker:session", "marker:dismissed"
_SHARE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")

_marker = st.components.v2.component(
    "compute_forecast_session_marker",
    js=Path(__file__).with_name("session_marker.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class LostRuns:
    """What an earlier session of this tab held: so many `runs`, kept by the shared link `share`
    ("": by none).
    """

    runs: int
    share: str


def lost_runs(held: int, share: str) -> LostRuns | None:
    """Mark the tab, and tell what an earlier session of it held; None where that is nothing.

    Parameters
    ----------
    held : int
        How many own runs this session holds.
    share : str
        The shared link that keeps them; "" where there is none.
    """
    session = st.session_state.setdefault(_SESSION, secrets.token_urlsafe(9))
    dismissed = bool(st.session_state.get(_DISMISSED))
    result = _marker(
        key="session-marker",
        data={"session": session, "runs": held, "share": share, "dismissed": dismissed},
        on_lost_change=lambda: None,
    )
    return None if held or dismissed else mark_in(getattr(result, "lost", None))


def dismiss() -> None:
    """Do not tell it again; for callbacks."""
    st.session_state[_DISMISSED] = True


def mark_in(value: Any) -> LostRuns | None:
    """What the mark of a browser says, checked; None where it says nothing."""
    if not hasattr(value, "get"):
        return None
    runs, share = value.get("runs"), value.get("share")
    if not isinstance(runs, int) or isinstance(runs, bool) or runs <= 0:
        return None
    is_id = isinstance(share, str) and _SHARE_ID.fullmatch(share) is not None
    return LostRuns(runs, share if is_id else "")
