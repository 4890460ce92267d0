"""What can go wrong with the store, each as a sentence."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from dashboard.store.records import Share
from forecasting.errors import ForecastingError

#: What a database says of itself, and how that is told.
_CAUSES = {
    "database is locked": "another program holds it locked",
    "disk is full": "its disk is full",
    "No space left": "its disk is full",
    "readonly database": "it may only be read",
    "read-only transaction": "it may only be read",
    "unable to open database": "its file can't be opened",
    "malformed": "its file is damaged",
    "not a database": "its file is no SQLite database",
    "disk I/O error": "its disk fails",
    "seal": "it could not be upgraded yet",
    "connection": "its database does not answer",
}


class StoreError(ForecastingError):
    """The store cannot be used; str() says what to do."""


class NotFoundError(StoreError):
    """No link of that id: never made, deleted, or expired."""


class DamagedError(StoreError):
    """What is stored of a link is not what was saved. `share` has its page and query where these
    are whole, without any parts.
    """

    def __init__(self, what: str, share: Share | None = None) -> None:
        self.share = share
        super().__init__(
            f"This shared link is damaged: {what} in the store, so that nothing of it is shown."
            " Other links are not affected; who runs this server may restore it from a backup."
        )


class LimitError(StoreError):
    """A limit on size or number was reached."""


def unusable(error: Exception) -> StoreError:
    """The error for what the database raised."""
    text = str(error.orig if isinstance(error, DBAPIError) else error)
    cause = next((said for known, said in _CAUSES.items() if known in text), type(error).__name__)
    return StoreError(
        f"The store of shared links can't be used just now ({cause}): try again in a moment, which"
        " does nothing twice, or copy the plain link."
    )
