"""What links show today, appended to the released links: `python -m tests.tools.release_links
'plan?v=4' …`.

To be run when a version of a page is released; `tests/dashboard/test_released_links.py` says of
the fixture what is written.
"""

from __future__ import annotations

import json
import math
import sys
from typing import Any

from starlette.applications import Starlette
from starlette.testclient import TestClient

import tests.vintage  # noqa: F401
from dashboard.server.app import middleware, routes
from tests.dashboard.test_released_links import PARTS, RELEASED, is_number

DIGITS = 10


def rounded(cell: Any) -> Any:
    """A cell to ten digits."""
    return float(f"{cell:.{DIGITS}g}") if isinstance(cell, float) else cell


def shown(client: TestClient, link: str) -> dict[str, Any]:
    """What a link, page and query, shows."""
    page, _, query = link.partition("?")
    got = client.get(f"/api/v1/{page}.json?{query}")
    got.raise_for_status()
    body = got.json()
    rows = body["rows"]
    sums = []
    for column in zip(*rows, strict=True):
        numbers = [cell for cell in column if is_number(cell)]
        sums.append([len(numbers), rounded(math.fsum(numbers))] if numbers else None)
    return {
        "page": page,
        "query": query,
        "section": body["section"],
        "answer": body["answer"],
        "figures": {
            name: [rounded(figure[part]) for part in PARTS]
            for name, figure in body["figures"].items()
        },
        "columns": body["columns"],
        "row_count": len(rows),
        "rows": [[rounded(cell) for cell in rows[at]] for at in (0, len(rows) // 2, -1)],
        "sums": sums,
    }


def main(links: list[str]) -> None:
    """Append a line a link."""
    kept = json.loads(RELEASED.read_text(encoding="utf-8"))
    app = Starlette(routes=routes, middleware=middleware)
    with TestClient(app, follow_redirects=False) as client:
        kept += [shown(client, link) for link in links]
    lines = ",\n".join(json.dumps(each, ensure_ascii=False, separators=(",", ":")) for each in kept)
    RELEASED.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
