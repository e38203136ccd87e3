"""TURN credentials expire, and calls go on: they live for three seconds here, and a connection that is lost long after
that comes back through the relay, with new ones."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.kit.headless_calls import begin, pairs
from tests.kit.lab_machines import world

pytestmark = pytest.mark.real_time


def play(folder: Path) -> Any:
    """The way to the relay is lost for a while, but not the one to the server: the WebSocket stays, and with it what
    `session_joined` had told."""
    with world(folder, DRAGOMAN_TURN_SECONDS="3", DRAGOMAN_MODELS="scripted") as here:
        router = here.lab.nat("home")
        ana = here.lab.behind(router, "ana")
        stay = ("--stay", "22")
        talk = begin(here, "long", ana, here.lab.host("ben"), for_ana=("--relay", *stay), for_ben=stay)
        time.sleep(max(0.0, talk.ben.paired() + 5 - time.time()))
        router.nft(
            "table inet cut { chain through { type filter hook forward priority filter - 1;\n"
            f"ip daddr {here.relay.host.address} drop;\nip saddr {here.relay.host.address} drop;\n}}\n}}"
        )
        time.sleep(6.5)
        router.nft("delete table inet cut")
        report, _ = talk.finish()
        return report, here.relay.log


def test_credentials_are_renewed_in_a_long_call(played: Any) -> None:
    report, log = played
    assert len(pairs(report)) == 2 and all(pair[0] == "relay" for pair in pairs(report))
    assert not any(error["code"] == "socket_lost" for error in report["errors"])
    assert "Cannot find credentials" not in log, "an expired credential was tried"
