"""Where shared links are kept: SQLite beside the server, or PostgreSQL for several of them. Nothing
comes here without a click on Share.
"""

from dashboard.store.errors import DamagedError, LimitError, NotFoundError, StoreError
from dashboard.store.records import Saved, Share, Stored
from dashboard.store.settings import StoreSettings, shared_links
from dashboard.store.shared_links import SharedLinks

__all__ = [
    "DamagedError",
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
