"""Who asks, for limits that hold for each client: its address, and of IPv6 the network of its
connection, of which one client has every address.
"""

from __future__ import annotations

import ipaddress

from dashboard.server.settings import address_of

#: The part of an IPv6 address that a provider gives to one customer.
IPV6_PREFIX = 64
LOOPBACK, UNKNOWN = "127.0.0.1", "unknown"


def client_of(address: str | None) -> str:
    """What all that comes from one client has in common: the IPv4 address, or the /64 of an IPv6
    address; “unknown” for what is no address.
    """
    found = address_of(address)
    if found is None:
        return UNKNOWN
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False))
