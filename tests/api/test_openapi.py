"""The OpenAPI description, held against the server."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck
from starlette.testclient import TestClient

from dashboard.api.openapi import description
from dashboard.pages.registry import PAGES
from dashboard.server.app import routes
from tests.examples import examples


def test_it_names_every_input_of_every_page_with_bounds_and_meaning() -> None:
    paths = description()["paths"]
    for page, parts in PAGES.items():
        parameters = {
            each["name"]: each for each in paths[f"/api/v1/{page}.json"]["get"]["parameters"]
        }
        assert set(parts.scenario.model_fields) <= set(parameters)
        assert all(each["description"] for each in parameters.values())
    year = next(
        each for each in paths["/api/v1/cost.json"]["get"]["parameters"] if each["name"] == "year"
    )
    assert year["schema"] == {"type": "integer", "minimum": 2010, "maximum": 2045, "default": 2030}


def test_the_server_gives_it(client: TestClient) -> None:
    assert client.get("/api/v1/openapi.json").json() == description()


def app():
    from starlette.applications import Starlette

    return Starlette(routes=routes)


schema = schemathesis.openapi.from_dict(description())
schema.app = app()


@pytest.mark.soak
@schema.parametrize()
@examples(quick=5, soak=25, suppress_health_check=list(HealthCheck))
def test_no_input_that_the_description_allows_or_forbids_breaks_the_server(
    case: schemathesis.Case,
) -> None:
    # The server stops a forecast after 30 seconds itself, and says so.
    response = case.call(timeout=60)
    assert response.status_code < 500 or response.status_code == 503
