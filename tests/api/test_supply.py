"""Supply and contracts by URL: each section's numbers, and what cannot be meant."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.pages.registry import PAGES

SUPPLY = PAGES["supply"]


def got(client: TestClient, **query: str) -> Any:
    return client.get("/api/v1/supply.json", params=query)


@pytest.mark.parametrize("view", [section.name for section in SUPPLY.sections])
def test_each_section_is_answered_with_the_words_of_its_page(client: TestClient, view: str) -> None:
    reply = got(client, view=view, v=str(SUPPLY.scenario.VERSION))
    assert reply.status_code == 200
    body = reply.json()
    assert body["answer"]
    assert body["answer_lines"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"view": "own", "rent_usd_per_chip_hour": "-3"}, "Use more than 0"),
        ({"view": "own", "chip_usd": "nan"}, "Use a number"),
        ({"view": "own", "resale_share": "1.5"}, "can't sell for more than a new one"),
        ({"view": "own", "owned_years": "1e9"}, "Use 15 or less"),
        ({"view": "quotes", "quoted_chips": "many"}, "Use a whole number"),
        ({"view": "quotes", "quoted_tier": "free"}, "Use one of"),
        ({"view": "sites", "site_share": "2"}, "A share is at most 100%"),
        ({"view": "chips", "capital_usd": "0"}, "Use more than 0"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(
    client: TestClient, query: dict[str, str], words: str
) -> None:
    reply = got(client, **query)
    assert reply.status_code == 422
    assert words in reply.text


def test_chips_that_are_never_used_are_answered(client: TestClient) -> None:
    reply = got(client, view="own", utilisation="0")
    assert reply.status_code == 200
    assert "never used" in reply.json()["answer"]
