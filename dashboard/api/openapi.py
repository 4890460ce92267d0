"""The OpenAPI description, made from the scenario models: every input with type, bounds, unit,
default and meaning.
"""

from __future__ import annotations

from typing import Any, get_args, get_origin

from pydantic import BaseModel

from dashboard import links
from dashboard.api.formats import FORMATS
from dashboard.pages.declaration import Page
from dashboard.pages.registry import PAGES
from forecasting.data.age import DAYS_ALLOWED
from forecasting.data.dataset import DataSet, bundled
from forecasting.data.result_cache import cached_with
from forecasting.stats.distribution import Distribution, RangeBounds

VERSION = "1"


def description() -> dict[str, Any]:
    """The whole description, for the tables in use; made once for them."""
    return _description(bundled())


@cached_with
def _description(data: DataSet) -> dict[str, Any]:
    paths: dict[str, Any] = {
        "/api/v1/version.json": {
            "get": _operation(
                "version", "The version of the tables in use", "application/json", [], "Version"
            )
        },
        "/api/v1/openapi.json": {
            "get": _operation("openapi", "This description", "application/json", [])
        },
    }
    for page in PAGES.values():
        parameters = _parameters(page, data)
        for kind, format_ in FORMATS.items():
            if not format_.is_of(page):
                continue
            summary = f"{page.title}: {page.question}"
            operation = _operation(
                f"{page.name}_{kind}",
                summary,
                format_.media_type.partition(";")[0],
                [*parameters, *format_.parameters],
                "Result" if kind == "json" else "",
            )
            paths[f"/api/v1/{page.name}.{kind}"] = {"get": operation}
        batch = _operation(
            f"{page.name}_batch", f"{page.title}: many scenarios at once", "text/csv", []
        )
        batch["requestBody"] = {
            "required": True,
            "description": (
                "A header line with names of inputs, then one row per scenario (at most 200)."
            ),
            "content": {"text/csv": {"schema": {"type": "string"}}},
        }
        batch["responses"]["413"] = _problem("Too large, or too many rows")
        paths[f"/api/v1/{page.name}/batch"] = {"post": batch}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Compute Forecast",
            "version": VERSION,
            "description": (
                "Every page's result as JSON, CSV or zip, and its chart as SVG or PNG, by the"
                " page's own query string. Figures carry 80% ranges; column names end in their unit"
                " or quantile. Scripts of any origin may call it (CORS): answers depend on the"
                " address and the body alone, and no cookie is read."
            ),
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {
                "Problem": _PROBLEM,
                "Result": _RESULT,
                "StaleTable": _STALE_TABLE,
                "Version": _VERSION,
            }
        },
    }


_PROBLEM = {
    "type": "object",
    "required": ["title", "status", "detail", "errors"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "string"}},
    },
}
_STALE_TABLE = {
    "type": "object",
    "required": ["table", "title", "date", "rhythm"],
    "properties": {
        "table": {"type": "string"},
        "title": {"type": "string"},
        "date": {"type": "string", "description": "How recent it is: a year, month or day."},
        "rhythm": {"type": "string", "enum": list(DAYS_ALLOWED)},
    },
}
_RECENCY = {
    "data_as_of": {
        "type": ["string", "null"],
        "description": (
            "The newest date (a year, month or day) of the tables that were read; null where none"
            " were."
        ),
    },
    "stale": {
        "type": "array",
        "description": (
            "The tables among them whose newer data are overdue, oldest first: "
            + ", ".join(f"{rhythm} ones after {days} days" for rhythm, days in DAYS_ALLOWED.items())
            + "."
        ),
        "items": {"$ref": "#/components/schemas/StaleTable"},
    },
}
_VERSION = {
    "type": "object",
    "required": ["tables", *_RECENCY],
    "properties": {
        "tables": {"type": "string", "description": "Fingerprint over all tables."},
        **_RECENCY,
    },
}
_TEXT, _LIST, _RECORD = {"type": "string"}, {"type": "array"}, {"type": "object"}
_RESULT_PARTS = {
    "product": _TEXT,
    "page": _TEXT,
    "section": _TEXT,
    "title": _TEXT,
    "answer": {
        "type": "string",
        "description": "The answer at the top of the page, in one sentence.",
    },
    "answer_lines": {
        "type": "array",
        "description": "Up to three lines below the answer, one fact each.",
        "items": _TEXT,
    },
    "figures": {"type": "object", "description": "Key figures by name, with 80% ranges."},
    "columns": {"type": "array", "items": _TEXT},
    "rows": {"type": "array", "items": _LIST},
    "inputs": {"type": "array", "items": _RECORD},
    "scenario_version": {"type": "integer"},
    "data_version": {
        "type": "string",
        "description": "Fingerprint over the tables that were read; the `d` of links.",
    },
    **_RECENCY,
    "sources": {"type": "array", "items": _RECORD},
    "link": _TEXT,
}
_RESULT = {"type": "object", "required": list(_RESULT_PARTS), "properties": _RESULT_PARTS}


def _operation(
    name: str, summary: str, media: str, parameters: list[dict[str, Any]], answer: str = ""
) -> dict[str, Any]:
    schema: dict[str, str] = {"type": "object" if media == "application/json" else "string"}
    if answer:
        schema = {"$ref": f"#/components/schemas/{answer}"}
    return {
        "operationId": name,
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": {"description": "The result", "content": {media: {"schema": schema}}},
            "304": {"description": "Not changed since the given ETag"},
            "405": _problem("Another method: `Allow` names those that are answered"),
            "414": _problem("The query is too long"),
            "422": _problem("Inputs that can't be used, as the page words it"),
            "500": _problem("An error that nobody expected; the log has it under the id it names"),
            "503": _problem("Too busy, or stopped since it took too long; try again"),
        },
    }


def _problem(words: str) -> dict[str, Any]:
    return {
        "description": words,
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
        },
    }


def _parameters(page: Page, data: DataSet) -> list[dict[str, Any]]:
    found = [
        {
            "name": "v",
            "in": "query",
            "required": False,
            "description": (
                "Version of the scenario whose defaults apply to inputs that are not given."
            ),
            "schema": {"type": "integer", "minimum": 1, "maximum": page.scenario.VERSION},
        }
    ]
    for record in (page.scenario, page.display):
        properties = record.model_json_schema()["properties"]
        found += [_parameter(record, name, properties[name], data) for name in record.model_fields]
    return found


def _parameter(
    record: type[BaseModel], name: str, whole: dict[str, Any], data: DataSet
) -> dict[str, Any]:
    info = record.model_fields[name]
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    words = [f"{info.description or name}."]
    if extra.get("unit"):
        words.append(f"Unit: {extra['unit']}.")
    if extra.get("why"):
        words.append(str(extra["why"]))
    default = info.get_default()
    schema = _schema(record, name, whole, data)
    if default is not None:
        schema["default"] = links.value_text(default) if schema["type"] == "string" else default
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": " ".join(words),
        "schema": schema,
    }


def _schema(
    record: type[BaseModel], name: str, whole: dict[str, Any], data: DataSet
) -> dict[str, Any]:
    """The JSON schema of an input as it stands in a query; `whole` is the record's own of it."""
    info = record.model_fields[name]
    annotation = info.annotation
    if isinstance(annotation, type) and issubclass(annotation, Distribution):
        ends = next(
            (f"; {each.words}" for each in info.metadata if isinstance(each, RangeBounds)), ""
        )
        return {
            "type": "string",
            "description": f"low~high~share~shape, or a number alone for a fixed value{ends}",
        }
    if get_origin(annotation) is tuple:
        return {"type": "string", "description": "parts separated by commas"}
    choices = [part for part in whole.get("anyOf", [whole]) if part.get("type") != "null"]
    chosen = dict(choices[0]) if choices else {"type": "string"}
    schema = {
        key: chosen[key]
        for key in (
            "type",
            "enum",
            "minimum",
            "maximum",
            "exclusiveMinimum",
            "exclusiveMaximum",
            "maxLength",
        )
        if key in chosen
    }
    if "const" in chosen:
        schema["enum"] = [chosen["const"]]
    if schema.get("type") == "boolean":
        return {"type": "string", "enum": ["0", "1"]}
    known = getattr(record, "choices", lambda _name, _tables: None)(name, data)
    if known:
        schema["enum"] = list(known)
    if type(None) in get_args(annotation):
        schema = {"type": "string", "description": "empty for none, else " + str(schema)}
    return schema or {"type": "string"}
