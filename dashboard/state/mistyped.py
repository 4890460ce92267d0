"""Values of widgets that no browser of ours sends: of another type than the widget has, or that it
cannot read.

Streamlit reads each with a function of its widget, whose errors end the run in a traceback. Here
such a value counts as not sent, so that the widget keeps what it held.
"""

from __future__ import annotations

import logging
from functools import wraps
from typing import Any

from streamlit.runtime.state.session_state import Serialized, WStates

logger = logging.getLogger(__name__)
_MARK = "_lets_mistyped_values_go"


def let_mistyped_values_go() -> None:
    """Have Streamlit's state of widgets leave out what it cannot read; doing so again changes
    nothing.
    """
    read = WStates.__getitem__
    if hasattr(read, _MARK):
        return

    @wraps(read)
    def lenient(states: WStates, key: str) -> Any:
        sent, widget = states.states.get(key), states.widget_metadata.get(key)
        if isinstance(sent, Serialized) and widget is not None:
            kind = sent.value.WhichOneof("value")
            # Streamlit would go on with the type that was sent, and write what it holds as that.
            if kind is not None and kind != widget.value_type:
                raise KeyError(key)
        try:
            return read(states, key)
        except KeyError:
            raise
        except (TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
            logger.info("A widget was sent a value that it cannot have: %s", type(error).__name__)
            raise KeyError(key) from None

    setattr(lenient, _MARK, True)
    WStates.__getitem__ = lenient  # type: ignore[method-assign]
