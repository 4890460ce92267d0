"""Who asks, for limits that hold for each client: its address, and of IPv6 the network of its
connection, of which one client has every address.
"""

from __future__ import annotations

import ipaddress

#: The part of an IPv6 address that a provider gives to one customer.
IPV6_PREFIX = 64
UNKNOWN = "unknown"


def client_of(address: str | None) -> str:
    """What all that comes from one client has in common: the IPv4 address, or the /64 of an IPv6
    address; “unknown” for what is no address.
    """
    try:
        found = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False))
