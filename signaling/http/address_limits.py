"""Decides how much one address may do, and how much a whole IPv6 /48, which one customer may have."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_network

from signaling.rate_limits import Rate, RateLimiter

SITE_FACTOR = 10
"""Times as much as one address (of IPv6: one /64) may do, a /48 of 65536 such addresses may."""


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
