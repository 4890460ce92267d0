from __future__ import annotations

from types import SimpleNamespace

import pytest

from dashboard.server.clients import client_of
from dashboard.store import sharing


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
        ("testclient", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_client_is_an_address_of_ipv4_or_a_network_of_ipv6(
    address: str | None, client: str
) -> None:
    assert client_of(address) == client


@pytest.mark.parametrize(
    ("address", "client"),
    [("2001:db8:1:2::9", "2001:db8:1:2::/64"), (None, "127.0.0.1")],
    ids=["another machine", "this machine"],
)
def test_saves_are_counted_by_client_whatever_the_session(
    address: str | None, client: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = SimpleNamespace(ip_address=address)
    monkeypatch.setattr(sharing, "st", SimpleNamespace(context=context))
    assert sharing.clients() == [f"address {client}"]
