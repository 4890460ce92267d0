"""Settings of the server, from the environment: who stands in front of it, under which address
it is known, what it computes before anyone asks, what one client may hold, and its log.

TRUSTED_PROXIES                    addresses and networks (comma separated) whose X-Forwarded-For
                                   and X-Forwarded-Proto are believed; default none
COMPUTE_FORECAST_PUBLIC_ADDRESS    the address of the dashboard as its readers know it, such as
                                   https://forecast.example.org; default what a browser asks for
COMPUTE_FORECAST_WARM_UP           which default forecasts are computed after the start: all
                                   (default), quick (without those that take seconds) or off
COMPUTE_FORECAST_CONNECTIONS_A_CLIENT  connections that one address may hold; default 200
COMPUTE_FORECAST_LOG               how the log is written: text (default) or json
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from forecasting.errors import ForecastingError, shown

PROXIES, PUBLIC_ADDRESS = "TRUSTED_PROXIES", "COMPUTE_FORECAST_PUBLIC_ADDRESS"
WARM_UP = "COMPUTE_FORECAST_WARM_UP"
WARM_UPS = ("all", "quick", "off")
CONNECTIONS, LOG = "COMPUTE_FORECAST_CONNECTIONS_A_CLIENT", "COMPUTE_FORECAST_LOG"
LOGS = ("text", "json")
MAX_CONNECTIONS = 1_000_000

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class SettingError(ForecastingError):
    """A setting that cannot be used; names the variable, the value and what would be right."""


@dataclass(frozen=True)
class ServerSettings:
    """Which proxies are believed, the public address without a slash at its end, "" for none, which
    default forecasts are computed after the start, one of `WARM_UPS`, how many connections an
    address may hold, and how the log is written, one of `LOGS`.
    """

    proxies: tuple[Network, ...] = ()
    public_address: str = ""
    warm_up: str = "all"
    connections_a_client: int = 200
    log: str = "text"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> ServerSettings:
        """The settings; raises SettingError."""
        given = os.environ if environment is None else environment
        named = filter(None, (part.strip() for part in given.get(PROXIES, "").split(",")))
        return cls(
            tuple(map(_network, named)),
            _public(given.get(PUBLIC_ADDRESS, "").strip()),
            _warm_up(given.get(WARM_UP, "").strip().lower()),
            _connections(given.get(CONNECTIONS, "").strip()),
            _log(given.get(LOG, "").strip().lower()),
        )

    def trusts(self, address: str | None) -> bool:
        """Whether this is the address of a proxy that is believed."""
        found = address_of(address)
        return found is not None and any(
            found.version == network.version and found in network for network in self.proxies
        )

    def client(self, peer: str | None, forwarded: str) -> str | None:
        """The client's address: the peer's, or where that is a proxy that is believed, the last
        address of X-Forwarded-For (`forwarded`) that is none; None where neither is an address.
        """
        if not self.trusts(peer):
            return _text(address_of(peer))
        hops = [address_of(part) for part in forwarded.split(",")]
        # What stands before something that is no address may be anybody's invention.
        for hop in reversed(hops):
            if hop is None or not self.trusts(str(hop)):
                return _text(hop) or _text(address_of(peer))
        return _text(address_of(peer))


@cache
def server_settings() -> ServerSettings:
    """The settings of this process."""
    return ServerSettings.from_environment()


def address_of(text: str | None) -> Address | None:
    """The IP address that a text holds, with a port or in brackets too; one of IPv4 written as IPv6
    (::ffff:127.0.0.1), as sockets for both have it, is the one of IPv4. None for what is none.
    """
    plain = (text or "").strip()
    if plain.startswith("["):
        plain = plain[1:].partition("]")[0]
    elif plain.count(":") == 1:
        plain = plain.partition(":")[0]
    try:
        found = ipaddress.ip_address(plain.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _text(address: Address | None) -> str | None:
    return None if address is None else str(address)


def _network(text: str) -> Network:
    try:
        found = ipaddress.ip_network(text)
    except ValueError as error:
        raise SettingError(
            f"{PROXIES} holds {shown(text)}, which is neither an address nor a network ({error})."
            " Write addresses and networks with commas between them, such as 127.0.0.1, ::1,"
            " 10.0.0.0/8."
        ) from None
    if isinstance(found, ipaddress.IPv6Network) and found.prefixlen >= 96:
        mapped = found.network_address.ipv4_mapped
        if mapped is not None:
            return ipaddress.IPv4Network((mapped, found.prefixlen - 96))
    return found


def _connections(text: str) -> int:
    if not text:
        return ServerSettings.connections_a_client
    if text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_CONNECTIONS:
        return int(text)
    raise SettingError(
        f"{CONNECTIONS} is {shown(text)}. Write a whole number from 1 to {MAX_CONNECTIONS:,}."
    )


def _log(text: str) -> str:
    if text and text not in LOGS:
        raise SettingError(f"{LOG} is {shown(text)}. Write {' or '.join(LOGS)}.")
    return text or ServerSettings.log


def _public(text: str) -> str:
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        is_address = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        parts, is_address = urlsplit(""), False
    more = parts.query or parts.fragment or "@" in parts.netloc or set(text) & set(" \"'<>\\")
    if not is_address or parts.scheme not in ("http", "https") or more:
        raise SettingError(
            f"{PUBLIC_ADDRESS} is {shown(text)}. Write the address at which readers find the"
            " dashboard, such as https://forecast.example.org or https://example.org/forecast."
        )
    return text.rstrip("/")


def _warm_up(text: str) -> str:
    if text and text not in WARM_UPS:
        raise SettingError(
            f"{WARM_UP} is {shown(text)}. Write “all”, “quick” or “off”, or unset it."
        )
    return text or "all"
