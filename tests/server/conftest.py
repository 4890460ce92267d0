"""Pages that tests of the server open in Streamlit's harness, and a database for its links."""

from __future__ import annotations

from tests.dashboard.conftest import packages_scanned_once
from tests.store.conftest import postgresql, postgresql_url

__all__ = ["packages_scanned_once", "postgresql", "postgresql_url"]
