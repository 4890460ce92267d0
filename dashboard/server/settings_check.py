"""All settings of the environment, checked before the server starts: one that ignored a wrong one
would let through what it was to keep out.
"""

from __future__ import annotations

from dashboard.server.settings import server_settings
from dashboard.store.settings import StoreSettings


def check_settings() -> None:
    """Raise ForecastingError, which names variable, value and what would be right, for the first
    setting that cannot be used.
    """
    server_settings()
    StoreSettings.from_environment().check()
