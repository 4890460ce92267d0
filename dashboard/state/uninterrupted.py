"""Steps that are taken as a whole or not at all, though the next move may arrive in their midst.

Streamlit ends a run for the next move at any access to `st.session_state`, so that a state could be
kept in half: an address written that the page does not know as its own, a choice marked as used
that was never shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.safe_session_state import SafeSessionState

_MARK = "_is_uninterrupted"
_YIELD = "_yield_callback"
F = TypeVar("F", bound=Callable[..., Any])


def uninterrupted(function: F) -> F:
    """The function without ends of the run at its accesses to `st.session_state`: a move that
    arrives meanwhile ends the run at the next access or element after it.
    """

    @wraps(function)
    def whole(*args: Any, **kwargs: Any) -> Any:
        context = get_script_run_ctx(suppress_warning=True)
        if context is None:
            return function(*args, **kwargs)
        with _no_ends(context.session_state):
            return function(*args, **kwargs)

    return whole  # type: ignore[return-value]


def leave_callbacks_whole() -> None:
    """Have Streamlit call all callbacks uninterrupted, and look for the next move after them; doing
    so again changes nothing.
    """
    call = SafeSessionState.on_script_will_rerun
    if hasattr(call, _MARK):
        return

    @wraps(call)
    def whole(state: SafeSessionState, *args: Any, **kwargs: Any) -> None:
        getattr(state, _YIELD, _no_end)()
        with _no_ends(state):
            call(state, *args, **kwargs)

    setattr(whole, _MARK, True)
    SafeSessionState.on_script_will_rerun = whole  # type: ignore[assignment, method-assign]


@contextmanager
def _no_ends(state: SafeSessionState) -> Iterator[None]:
    ends = getattr(state, _YIELD, None)
    if ends is None:  # another Streamlit's: it runs as it does without us
        yield
        return
    # Its attributes are set as its own constructor does: by name they are the session's values.
    object.__setattr__(state, _YIELD, _no_end)
    try:
        yield
    finally:
        object.__setattr__(state, _YIELD, ends)


def _no_end() -> None:
    """Let the run go on."""
