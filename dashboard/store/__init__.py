"""Where shared links are kept: SQLite beside the server, or PostgreSQL for several of them. Nothing
comes here without a click on Share.
"""

from dashboard.store.settings import StoreSettings, shared_links
from dashboard.store.shared_links import (
    LimitError,
    NotFoundError,
    Saved,
    Share,
    SharedLinks,
    Stored,
    StoreError,
)

__all__ = [
    "LimitError",
    "NotFoundError",
    "Saved",
    "Share",
    "SharedLinks",
    "StoreError",
    "StoreSettings",
    "Stored",
    "shared_links",
]
