"""The OpenAPI description, held against the server."""

from __future__ import annotations

import json
from functools import cache
from importlib import import_module
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from dashboard.api.formats import FORMATS
from dashboard.api.openapi import description
from dashboard.pages.registry import PAGES
from dashboard.server.app import routes
from tests.examples import examples

WITHOUT_INPUTS = [("GET", "/api/v1/version.json"), ("GET", "/api/v1/openapi.json")]
#: Method and path of every operation, named without making the description at collection.
WITH_INPUTS = [
    *(
        ("GET", f"/api/v1/{page.name}.{kind}")
        for page in PAGES.values()
        for kind, each in FORMATS.items()
        if each.is_of(page)
    ),
    *(("POST", f"/api/v1/{name}/batch") for name in PAGES),
]


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


def test_every_operation_that_is_described_is_tried() -> None:
    described = {
        (method.upper(), path)
        for path, methods in description()["paths"].items()
        for method in methods
    }
    assert {*WITHOUT_INPUTS, *WITH_INPUTS} == described


@cache
def schema() -> Any:
    """The description as schemathesis reads it, with a server of the routes."""
    import schemathesis
    from starlette.applications import Starlette

    read = schemathesis.openapi.from_dict(description())
    read.app = Starlette(routes=routes)
    return read


@pytest.mark.soak
@pytest.mark.parametrize(
    ("kind", "method", "path"),
    [
        *(("positive", *operation) for operation in WITHOUT_INPUTS + WITH_INPUTS),
        *(("negative", *operation) for operation in WITH_INPUTS),
    ],
)
@examples(quick=5, soak=15, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_input_that_the_description_allows_or_forbids_breaks_the_server(
    kind: str, method: str, path: str, data: st.DataObject
) -> None:
    from schemathesis import GenerationMode

    case = data.draw(schema()[path][method].as_strategy(GenerationMode(kind)))
    # The server stops a forecast after 30 seconds itself, and says so.
    response = case.call(timeout=60)
    assert response.status_code < 500 or response.status_code == 503
    case.validate_response(response, checks=list(conformance()))


@cache
def conformance() -> tuple[Any, ...]:
    """What each answer is held to: a status, a media type and a schema that are described."""
    from schemathesis.specs.openapi import checks

    return (
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_schema_conformance,
    )


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/v1/version.json", ""),
        ("/api/v1/cost.json", ""),
        ("/api/v1/cost.json", "model=&year=nonsense"),
        ("/api/v1/text.json", "draws=-1"),
    ],
)
def test_an_answer_has_the_schema_that_is_described_for_its_status(
    path: str, query: str, client: TestClient
) -> None:
    answer = client.get(f"{path}?{query}")
    described = description()["paths"][path]["get"]["responses"][str(answer.status_code)]
    (media,) = described["content"]
    assert answer.headers["content-type"].partition(";")[0] == media
    whole = {
        "$ref": f"#/described{described['content'][media]['schema']['$ref'].removeprefix('#')}",
        "described": {"components": description()["components"]},
    }
    text = json.dumps(whole).replace('"#/components', '"#/described/components')
    # It comes with schemathesis, and has no types.
    jsonschema = import_module("jsonschema")
    jsonschema.Draft202012Validator(json.loads(text)).validate(answer.json())
