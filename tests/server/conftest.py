"""Pages that tests of the server open in Streamlit's harness."""

from __future__ import annotations

from tests.dashboard.conftest import packages_scanned_once

__all__ = ["packages_scanned_once"]
