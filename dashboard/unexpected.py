"""Errors that no code of ours expected: a visitor sees an id, and the log has it with the
traceback.
"""

from __future__ import annotations

import logging
import secrets

from dashboard.metrics import count

logger = logging.getLogger(__name__)


def told(error: Exception, where: str) -> str:
    """The sentence for the visitor; the log gets the traceback under the same id.

    Parameters
    ----------
    error : Exception
        What was raised.
    where : str
        “page” or “api”, for the count of errors.
    """
    number = secrets.token_hex(4)
    count("compute_forecast_errors_total", where=where)
    logger.error("Error %s", number, exc_info=error, extra={"error_id": number})
    return (
        f"Something went wrong here that should not. It is in the log of this server as error"
        f" {number}: tell it to who runs it, and try other inputs meanwhile."
    )
