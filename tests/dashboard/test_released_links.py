"""Released links keep their numbers: what each showed on the day of its release is in a fixture.

tests/fixtures/released_links.json holds a link per line. Of its table it has the first, middle and
last row, and per column how many cells are numbers, and their sum; all to ten digits. `answer` is
there to be read, not compared: its wording may change, and so may `inputs`, `sources`, `link` and
`data_version`. `loose` names the few figures and columns that differ by more than a millionth from
one processor or number of BLAS threads to another, with how far; `slow` marks what is left to soak:
more than three seconds, or more than one where another link to its section is tested. The page Data
is left out: it lists the tables there are.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard.server.app import middleware, routes

RELEASED = Path(__file__).parents[1] / "fixtures" / "released_links.json"
LINKS: list[dict[str, Any]] = json.loads(RELEASED.read_text(encoding="utf-8"))

#: Solvers end up to 2e-7 apart on different processors.
RELATIVE = 1e-6
#: Gains in orders of magnitude are differences of scores of about 30: below this, only rounding.
OOM_NOISE = 1e-12
PARTS = ("value", "low", "high")
LONGEST_ID = 90


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """A client of the routes; no released link here opens the store."""
    app = Starlette(routes=routes, middleware=middleware)
    with TestClient(app, follow_redirects=False) as opened:
        yield opened


def as_case(link: dict[str, Any]) -> Any:
    """A link as a case of its own, by page and query."""
    name = f"{link['page']}?{link['query']}"[:LONGEST_ID]
    return pytest.param(link, id=name, marks=[pytest.mark.soak] if link.get("slow") else [])


def is_number(cell: Any) -> bool:
    """Whether a cell is a number; truth values are none, infinite ones are words."""
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def is_same(got: Any, kept: Any, relative: float, absolute: float = 0.0) -> bool:
    """Whether two cells agree: numbers within the tolerance, all else exactly."""
    if is_number(got) and is_number(kept):
        return math.isclose(got, kept, rel_tol=relative, abs_tol=absolute)
    return type(got) is type(kept) and got == kept


def wrong_figures(body: dict[str, Any], link: dict[str, Any]) -> list[str]:
    """The key figures that differ, each in a line."""
    kept = link["figures"]
    # There may be figures that the release did not have.
    if not set(kept) <= set(body["figures"]):
        return [f"figures: {list(body['figures'])}, released {list(kept)}"]
    return [
        f"{part} of {name}: {body['figures'][name][part]!r}, released {cell!r}"
        for name, cells in kept.items()
        for part, cell in zip(PARTS, cells, strict=True)
        if not is_same(body["figures"][name][part], cell, link.get("loose", {}).get(name, RELATIVE))
    ]


def wrong_column(name: str, cells: Sequence[Any], link: dict[str, Any], at: int) -> list[str]:
    """What differs in the column `at` of the table: cells of the kept rows, count, sum."""
    relative = link.get("loose", {}).get(name, RELATIVE)
    noise = OOM_NOISE if "oom" in name else 0.0
    wrong = []
    for row, kept_row in zip((0, len(cells) // 2, -1), link["rows"], strict=bool(cells)):
        if not is_same(cells[row], kept_row[at], relative, noise):
            wrong.append(f"{name} in row {row}: {cells[row]!r}, released {kept_row[at]!r}")
    numbers = [cell for cell in cells if is_number(cell)]
    count, total = link["sums"][at] or (0, 0)
    # Where numbers of both signs cancel each other, the sum is as sure as they are.
    absolute = relative * math.fsum(map(abs, numbers)) + noise * count
    if len(numbers) != count:
        wrong.append(f"{name}: {len(numbers)} cells are numbers, released {count}")
    elif not is_same(math.fsum(numbers), total, relative, absolute):
        wrong.append(f"sum of {name}: {math.fsum(numbers)!r}, released {total!r}")
    return wrong


@pytest.mark.parametrize("link", [as_case(link) for link in LINKS])
def test_a_released_link_shows_the_numbers_that_it_showed_when_released(
    client: TestClient,
    link: dict[str, Any],
) -> None:
    got = client.get(f"/api/v1/{link['page']}.json?{link['query']}")
    assert got.status_code == 200, got.text
    body = got.json()
    assert body["section"] == link["section"]
    # A table may have gained columns and, below those of the release, rows.
    assert set(body["columns"]) >= set(link["columns"])
    assert len(body["rows"]) >= link["row_count"]
    released_rows = body["rows"][: link["row_count"]]
    wrong = wrong_figures(body, link)
    for at, name in enumerate(link["columns"]):
        column = body["columns"].index(name)
        wrong += wrong_column(name, [row[column] for row in released_rows], link, at)
    assert not wrong, "\n".join(wrong)
