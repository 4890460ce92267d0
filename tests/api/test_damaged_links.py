"""What a damaged shared link says to who opens it."""

from __future__ import annotations

from sqlalchemy import text
from starlette.testclient import TestClient

from dashboard.store import Share, shared_links

SHARE = Share("cost", "v=2&model=GPT-3", "It costs $1.", "0032533d", "cost.2", {"runs": b"damaged"})


def changed(statement: str) -> str:
    """The id of a link that was changed in the store after it was saved."""
    saved = shared_links().save(SHARE)
    with shared_links().engine.begin() as connection:
        connection.execute(text(statement), {"id": saved.id})
    return saved.id


def test_a_damaged_part_is_named_and_the_inputs_are_offered_alone(client: TestClient) -> None:
    share_id = changed(
        "UPDATE contents SET data = X'00' WHERE sha256 IN"
        " (SELECT sha256 FROM share_contents WHERE share_id = :id)"
    )
    said = client.get(f"/s/{share_id}")
    assert said.status_code == 500
    assert "its part “runs” was changed in the store" in said.text
    assert 'href="/cost?v=2&amp;model=GPT-3"' in said.text
    assert said.headers["cache-control"] == "no-store"


def test_a_damaged_row_offers_nothing(client: TestClient) -> None:
    share_id = changed("UPDATE shares SET query = 'v=2&model=GPT-2' WHERE id = :id")
    said = client.get(f"/s/{share_id}")
    assert said.status_code == 500
    assert "This shared link is damaged" in said.text
    assert "GPT-2" not in said.text


def test_a_law_behind_a_damaged_link_gives_no_numbers(client: TestClient) -> None:
    share_id = changed("UPDATE shares SET answer = 'It costs $9.' WHERE id = :id")
    said = client.get(f"/api/v1/scaling.json?law=s:{share_id}")
    assert said.status_code >= 400
    assert "This shared link is damaged" in said.text
