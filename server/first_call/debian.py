"""Installs Debian packages where whoever runs this may, and names the command for anybody else."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Sequence

INSTALL = ("apt-get", "install", "--no-install-recommends")
_PATIENCE_S = 600.0
_QUIET = ("-qq", "-o", "DPkg::Lock::Timeout=60", "-o", "Dpkg::Use-Pty=0")


class NotInstalled(Exception):
    """Packages that could not be installed: the reason, in one sentence."""


def command(packages: Sequence[str]) -> str:
    """Return the command by which root installs the packages."""
    return " ".join([*INSTALL, *packages])


def may_install() -> bool:
    """Return True if this is Debian, and we are root or may become it without a password."""
    if shutil.which("apt-get") is None:
        return False
    if os.geteuid() == 0:
        return True
    if shutil.which("sudo") is None:
        return False
    return subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False, timeout=10).returncode == 0


async def install(packages: Sequence[str]) -> None:
    """Install the packages, looking for newer lists first where that is possible. Raises NotInstalled."""
    sudo = () if os.geteuid() == 0 else ("sudo", "-n")
    as_root = (*sudo, "env", "DEBIAN_FRONTEND=noninteractive")
    await _run([*as_root, "apt-get", *_QUIET, "update"])  # without it, the lists that are here
    status, said = await _run([*as_root, *INSTALL[:2], *_QUIET, "-y", *INSTALL[2:], *packages])
    if status:
        last = (said.strip().splitlines() or ["apt-get said nothing"])[-1][:300]
        raise NotInstalled(f"apt-get could not install {' '.join(packages)} ({last})")


async def _run(given: Sequence[str]) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *given,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(_PATIENCE_S):
            said, _ = await process.communicate()
    except TimeoutError:
        return 1, f"it took longer than {_PATIENCE_S:.0f} s"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, said.decode("utf-8", "replace")
