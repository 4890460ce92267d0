"""Reference of command line, HTTP API and Python package, from their own descriptions."""

from __future__ import annotations

import os
from functools import cache
from itertools import groupby
from typing import Any

import forecasting
from compute_forecast.main import COMMANDS, parser_for
from dashboard.api import openapi
from docs.generate.markdown import cell, prose
from forecasting.formatting import in_words

WIDTH = 96
PACKAGES = {
    "compute_cost": "Cost of compute",
    "supply": "Supply and contracts",
    "scaling": "Scaling laws: forecasts",
    "text_limits": "Running out of text",
    "serving": "Serving a model",
    "inference": "Train or infer",
    "planning": "Plan",
    "user_runs": "Own runs and tables",
    "evaluation": "Track record",
    "reporting": "Overview",
    "fitting": "Fits to runs",
    "laws": "Laws",
    "trends": "Trends",
    "ingest": "Reading files",
    "data": "Data set",
    "sweeps": "Many scenarios at once",
    "refreshing": "Refresh of tables",
    "stats": "Ranges and draws",
    "": "Scenario, context, errors",
}


def cli() -> str:
    """The help of every command, as it prints it."""
    parts = [
        "# Command line",
        "`pip install .` gives the command `compute-forecast`; in a checkout,"
        " `.venv/bin/python -m compute_forecast` is the same. What follows is its own `--help`.",
        _help(None),
    ]
    for name, command in COMMANDS.items():
        parts += [f"## {name}", prose(command.summary[:1].upper() + command.summary[1:] + ".")]
        parts.append(_help(name))
    return "\n\n".join(parts) + "\n"


def _help(name: str | None) -> str:
    columns = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = str(WIDTH)  # the only setting that argparse reads its width from
    try:
        parser = parser_for(name)
        if name is not None:
            [commands] = [each for each in parser._actions if each.dest == "command"]
            parser = commands.choices[name]  # type: ignore[index, assignment]
        return f"```text\n{parser.format_help().rstrip()}\n```"
    finally:
        if columns is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = columns


def http() -> str:
    """The HTTP API in words, from its OpenAPI description."""
    described = openapi.description()
    parts = [
        "# HTTP API",
        prose(described["info"]["description"]),
        "A running server gives this description for machines at `/api/v1/openapi.json`"
        " (OpenAPI 3.1). The addresses of a page all take the same inputs.",
    ]
    for name, group in groupby(described["paths"].items(), key=lambda item: _page_in(item[0])):
        paths = dict(group)
        parts += [f"## {name}", _addresses(paths)]
        parameters = {
            each["name"]: each
            for operations in paths.values()
            for operation in operations.values()
            for each in operation.get("parameters", ())
        }
        if parameters:
            parts.append(_parameters(list(parameters.values())))
    return "\n\n".join(parts) + "\n"


def _page_in(path: str) -> str:
    name = path.removeprefix("/api/v1/").partition("/")[0].partition(".")[0]
    return "description and version" if name in ("version", "openapi") else name


def _addresses(paths: dict[str, Any]) -> str:
    rows = ["| address | answer |", "|---|---|"]
    for path, operations in paths.items():
        for method, operation in operations.items():
            rows.append(f"| `{method.upper()} {path}` | {cell(operation['summary'])} |")
    return "\n".join(rows)


def _parameters(parameters: list[dict[str, Any]]) -> str:
    rows = ["| input | type | default | meaning |", "|---|---|---|---|"]
    for each in parameters:
        schema = each["schema"]
        bounds = [
            f"{sign} {in_words(schema[key])}"
            for key, sign in (
                ("minimum", "≥"),
                ("exclusiveMinimum", ">"),
                ("maximum", "≤"),
                ("exclusiveMaximum", "<"),
            )
            if key in schema
        ]
        choices = ", ".join(f"`{choice}`" for choice in schema.get("enum", ())[:12])
        more = ", …" if len(schema.get("enum", ())) > 12 else ""
        kind = choices + more or ", ".join([schema.get("type", "string"), *bounds])
        default = f"`{schema['default']}`" if "default" in schema else ""
        rows.append(f"| `{each['name']}` | {kind} | {default} | {cell(each['description'])} |")
    return "\n".join(rows)


@cache
def python_pages() -> dict[str, str]:
    """The public names of the engine, a page for each of its packages."""
    names: dict[str, list[str]] = {package: [] for package in PACKAGES}
    for name, (module, original) in forecasting._modules().items():
        if name in forecasting.__all__ and name == original:
            package = module.split(".")[1] if module.count(".") > 1 else ""
            names[package].append(f"{module}.{original}")
    made = {
        f"reference/python/{package or 'base'}.md": (
            f"# {title}\n\n" + "\n\n".join(f"::: {name}" for name in names[package]) + "\n"
        )
        for package, title in PACKAGES.items()
    }
    return {"reference/python/index.md": _python_index(names), **made}


def _python_index(names: dict[str, list[str]]) -> str:
    lines = []
    for package, title in PACKAGES.items():
        links = ", ".join(
            f"[`{name.rpartition('.')[2]}`]({package or 'base'}.md#{name})"
            for name in names[package]
        )
        lines.append(f"- **{title}**: {links}")
    return (
        "# Python\n\n"
        "`import forecasting as fc` gives every name below; each is imported when it is first"
        " used. A forecast is a function of a scenario, its result a record with `.answer`, the"
        " figures with their ranges, and mostly `.table`, a pandas DataFrame with units or"
        " quantiles in the names of its columns. Every error is a `ForecastingError`.\n\n"
        + "\n".join(lines)
        + "\n"
    )
