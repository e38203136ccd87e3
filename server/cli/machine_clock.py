"""Says what this machine's clock shows, and if anything keeps it: certificates and relays go by it."""

from __future__ import annotations

import ctypes
import sys
from datetime import UTC, datetime

from server.cli.finding import Finding

_UNSYNCHRONISED = 5
"""TIME_ERROR of adjtimex(2): the kernel has not heard of any time source."""


class _Timex(ctypes.Structure):
    """The argument of adjtimex(2): no modes ask, and change nothing. The kernel writes no more than 208 bytes."""

    _fields_ = (("modes", ctypes.c_uint), ("rest", ctypes.c_byte * 508))


def clock() -> Finding:
    """Return the finding. A clock that nothing keeps is no fault by itself: some machines get theirs from a host."""
    kept = "" if kept_by_ntp() else ", and the kernel knows of nothing that keeps it (timedatectl set-ntp true)"
    return Finding(f"the clock shows {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC{kept}")


def kept_by_ntp() -> bool:
    """Return True where the kernel says so, or where it can't be asked."""
    if sys.platform != "linux":
        return True
    libc = ctypes.CDLL(None)
    return bool(libc.adjtimex(ctypes.byref(_Timex())) != _UNSYNCHRONISED)
