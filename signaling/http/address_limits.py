"""Decides how much one address may do, and how much a whole IPv6 /48, which one customer may have."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TypeAlias

from signaling.rate_limits import Rate, RateLimiter

Address: TypeAlias = IPv4Address | IPv6Address

SITE_FACTOR = 10
"""Times as much as one address (of IPv6: one /64) may do, a /48 of 65536 such addresses may."""


def parsed(text: str | None) -> Address | None:
    """Return the address of a text; an IPv4 address that IPv6 carries is one of IPv4. None for any other text."""
    try:
        address = ip_address((text or "").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def counted_as(address: Address) -> str:
    """Return what an address is counted as: of IPv6 the /64, which one subscriber has at least."""
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else str(address)


def site_of(address: str) -> str:
    """Return the /48 of an IPv6 /64; an IPv4 address is a site by itself."""
    if not address.endswith("/64"):
        return address
    return str(ip_network(address).supernet(new_prefix=48))


class AddressLimit:
    """A rate for each address, and `SITE_FACTOR` times that for each /48."""

    def __init__(self, limiter: Callable[[str, Rate], RateLimiter], name: str, rate: Rate) -> None:
        """`limiter` makes the limiter of a name, such as `guests_of_address`."""
        self._of_address = limiter(f"{name}_of_address", rate)
        self._of_site = limiter(f"{name}_of_site", Rate(rate.count * SITE_FACTOR, rate.seconds))

    def consume(self, address: str, now: float) -> float:
        """Count an event that is allowed. Return the seconds until it will be: 0 if it is."""
        wait, site = self._of_address.consume(address, now), site_of(address)
        return wait if wait > 0 or site == address else self._of_site.consume(site, now)

    def wait(self, address: str, now: float) -> float:
        """Return the seconds until an event of the address will be allowed: 0 if it is."""
        return max(self._of_address.wait(address, now), self._of_site.wait(site_of(address), now))
