"""The server of the API's tests, which has the routes of documents too."""

from __future__ import annotations

from tests.api.conftest import client, patient_api

__all__ = ["client", "patient_api"]
