"""FastRTC's and Pipecat's bots in a real call: which of them, with which recogniser, and what a listener hears."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.latency import judged_calls, peer_bots
from bench.latency.judging import JudgedTurn
from bench.latency.peer_bots import Bot
from bench.real_call.ways import STOCK, TARGET, recogniser
from bench.talk import server_process
from testing.bundled_recogniser import BundledRecogniser
from testing.real_material import LANGUAGE, WEIGHTS
from testing.spoken_turns import Turn

LEAST_S = 5.0
"""Time behind a turn in which silence means nothing: a padded pass over it may still be under way."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A framework, the settings of its bot (`bench.peers`), and the recogniser inside: stock, or our short windows."""

    framework: str
    settings: str
    windows: str


PEERS = {
    f"{framework}-{name}": Peer(framework, settings, windows)
    for framework in ("fastrtc", "pipecat")
    for name, settings, windows in (
        ("stock", "defaults", STOCK),
        ("short", "defaults", "short"),
        ("best", "best", "short"),
    )
}
"""Bots as they ship, the same with our recogniser, and with the best settings that were found for them."""


def engines(windows: str) -> str:
    """Return the engines inside a bot, as `bench.peers.engine_host` takes them."""
    stt = f"stock:{WEIGHTS}" if windows == STOCK else recogniser(windows)
    return json.dumps({"stt": stt, "mt": "apertium", "tts": "espeak"})


def converse(
    peer: Peer, turns: Mapping[str, Sequence[Turn]], patience_s: float, ear: BundledRecogniser
) -> dict[str, list[JudgedTurn]]:
    """Say all turns to a bot, and return them judged, by kind. Raises Failed where it does not start."""
    bot = Bot(peer.framework, peer.settings, LANGUAGE, f"real-{peer.windows}")
    bot.log.write_bytes(b"")
    calls: dict[str, Any] = {}
    for kind, of in turns.items():
        with peer_bots.running(bot, engines(peer.windows)) as server:
            name = f"{bot.stem}-{kind}"
            calls[kind] = server_process.talk(server, "bot", name, [of], patience_s, share=1.0, least=LEAST_S)
    return {kind: judged_calls.of_bot(turns[kind], of, bot.spoken(), ear, own_words=True) for kind, of in calls.items()}


def heading(name: str) -> str:
    """Return what a reader must know of a peer, in a few words."""
    peer = PEERS[name]
    windows = "stock faster-whisper" if peer.windows == STOCK else "our short windows"
    return f"{peer.framework}'s bot, {peer.settings}, {windows}, to {TARGET}"
