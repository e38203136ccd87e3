"""An office behind one address opens the page at once, by HTTP/2 through nginx: files are late, none is refused."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from ipaddress import ip_network
from pathlib import Path

import pytest

from signaling.config import SignalingLimits, SignalingOptions
from tests.kit.certificates import Certificates
from tests.kit.free_port import free_port
from tests.kit.http2_requests import statuses_of
from tests.kit.reverse_proxies import NAME, Site, running_proxy
from tests.kit.signaling_server import open_front

pytestmark = pytest.mark.real_time

VISITORS, FILES = 11, 100
"""Browsers, and files of each at a time: nginx takes 128 on a connection."""


async def test_no_file_of_theirs_is_refused_and_nobody_waits_for_calls(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web/app.js").write_text("export {};")
    certificates = Certificates.make(tmp_path, NAME)
    options = SignalingOptions(limits=SignalingLimits(), trusted_proxies=(ip_network("127.0.0.1/32"),))
    async with open_front(options, web_root=tmp_path / "web") as front, asyncio.timeout(60):
        site = Site(tmp_path, free_port(), free_port(), front.url.removeprefix("http://"), certificates)

        async def ask(path: str, count: int) -> list[int]:
            trusted = ssl.create_default_context(cafile=certificates.authority)
            return await statuses_of(site.port, trusted, NAME, path, count)

        with running_proxy("nginx", site):
            files = asyncio.gather(*(ask("/app.js", FILES) for _ in range(VISITORS)))
            await asyncio.sleep(0.3)
            assert await asyncio.wait_for(ask("/api/v1/languages", 20), 2) == [200] * 20
            assert not files.done(), "they wait"
            counted = Counter(status for one in await files for status in one)
            assert counted == {200: VISITORS * FILES}
