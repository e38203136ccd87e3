"""`dragoman doctor`: checks for each thing that a call needs, and says how to get it."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import socket
import struct
from collections.abc import AsyncIterator, Collection
from typing import Any

import ifaddr

from media.rtp.opus import Encoder
from pipeline.engines import EngineError
from pipeline.engines.translation.apertium_pairs import packages
from pipeline.lanes.lane import Lane
from pipeline.speech import VOICE_RATE, Synthesize, Transcribe, Translate
from server.cli.certificate_findings import of_the_page, of_the_relay
from server.cli.finding import Finding
from server.cli.machine_clock import clock
from server.cli.model_selection.samples import SENTENCES, language_among, pair_among
from server.cli.state_findings import of_the_state
from server.cli.suppression_cost import suppression_cost
from server.cli.turn_probe import Relay, RelayProblem, probe
from server.engine_choice.from_settings import engine_set, plain_specs
from server.engine_choice.places import WORKERS
from server.engine_choice.short_windows import decided
from server.settings import Settings
from storage.sqlite import SqliteSessions, StoreError
from turn.credentials import newest

_WORKERS_S = 5.0
"""Time in which a worker that is there is found."""
_STUN_BINDING, _STUN_SUCCESS, _STUN_COOKIE = 0x0001, 0x0101, 0x2112A442


async def examine(settings: Settings) -> int:
    """Print every finding; 0 when nothing is wrong."""
    wrong = 0
    async for finding in _findings(settings):
        wrong += bool(finding.remedy)
        print(f"{'BAD' if finding.remedy else 'ok ':3}  {finding.what}{': ' if finding.remedy else ''}{finding.remedy}")
    print("all is well" if not wrong else f"{wrong} to mend")
    return 1 if wrong else 0


async def _findings(settings: Settings) -> AsyncIterator[Finding]:
    yield _opus()
    yield _espeak()
    yield _port(settings)
    if settings.processes > 1:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        yield examine_processes(settings.processes, cores)
    yield _addresses(settings)
    yield clock()
    async for finding in of_the_page(settings):
        yield finding
    yield await _data(settings)
    async for finding in of_the_state(settings, len(settings.media_addresses or _outside())):
        yield finding
    for finding in await _engines(settings):
        yield finding
    if settings.noise_suppression:
        yield suppression_cost(settings.noise_suppression)
    if found := short_windows(settings):
        yield found
    for url in settings.turn_urls:
        if url.startswith("turns:"):
            yield await of_the_relay(url)
        yield await (_stun(url) if url.startswith("stun") else _relay(url, settings))


def _opus() -> Finding:
    try:
        Encoder(VOICE_RATE)
    except OSError as error:
        return Finding("libopus", str(error))
    return Finding("libopus")


def _espeak() -> Finding:
    missing = shutil.which("espeak-ng") is None
    return Finding("espeak-ng", "not found; apt-get install espeak-ng" if missing else "")


def _port(settings: Settings) -> Finding:
    what = f"TCP {settings.host}:{settings.port} is free"
    try:
        with socket.create_server((settings.host, settings.port)):
            return Finding(what)
    except OSError as error:
        return Finding(what, f"{error.strerror}; set DRAGOMAN_PORT")


def examine_processes(processes: int, cores: int) -> Finding:
    """Return if there is a core for the event loop of each process."""
    what = f"{processes} processes on {cores} cores, each with engines of its own in memory"
    return Finding(what, "" if processes <= cores else f"set DRAGOMAN_PROCESSES to {cores} or fewer")


def _addresses(settings: Settings) -> Finding:
    announced = f", told as {', '.join(settings.advertised_addresses)}" if settings.advertised_addresses else ""
    if settings.media_addresses:
        return Finding("media on " + ", ".join(settings.media_addresses) + announced)
    if outside := _outside():
        return Finding("media on " + ", ".join(outside) + announced)
    return Finding("media addresses", "only loopback; set DRAGOMAN_MEDIA_ADDRESSES or bring an interface up")


def _outside() -> list[str]:
    """This machine's IPv4 addresses but for loopback."""
    found = [str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4]
    return [address for address in found if not address.startswith("127.")]


async def _data(settings: Settings) -> Finding:
    try:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        async with SqliteSessions(settings.data / "doctor.sqlite"):
            pass
        for left in settings.data.glob("doctor.sqlite*"):
            left.unlink()
    except (OSError, StoreError) as error:
        return Finding(f"{settings.data} can be written", f"{error}; set DRAGOMAN_DATA")
    return Finding(f"{settings.data} can be written")


async def _engines(settings: Settings) -> list[Finding]:
    """Each engine loaded and given one small job."""
    findings = []
    async with engine_set(settings) as stages:
        for lane in stages.engines:
            what = f"engine {lane.spec.kind} {lane.spec.name}"
            try:
                async with asyncio.timeout(_WORKERS_S if lane.spec.name == WORKERS else None):
                    await lane.wait_ready()
                await lane.do(_job(lane, settings.languages))
            except TimeoutError:
                findings.append(Finding(what, f"{lane.fault}; is DRAGOMAN_REDIS_URL right, and a worker there?"))
            except EngineError as error:
                findings.append(Finding(what, str(error)))
            else:
                findings.append(Finding(what))
            if (lane.spec.kind, lane.spec.name) == ("mt", "apertium"):
                findings += untranslated(lane.pairs, settings.languages)
    return findings


def short_windows(settings: Settings) -> Finding | None:
    """Return the decision about the recogniser's short windows. Windows that are padded are no fault."""
    found = decided(plain_specs(settings)["stt"], settings)
    if not found.why:
        return None
    later = f"; the server judges it, or: dragoman models check-trim {found.order.path} --keep" if found.order else ""
    return Finding(f"{found.why}{later}")


def untranslated(pairs: Collection[tuple[str, str]], wanted: Collection[str]) -> list[Finding]:
    """Return the pairs of the wanted languages that Apertium doesn't translate here, with their Debian packages."""
    findings = []
    for source, target in itertools.permutations(wanted, 2):
        if (source, target) not in pairs:
            needed = packages(source, target)
            remedy = f"apt-get install {' '.join(needed)}" if needed else "no Debian package; set another DRAGOMAN_MT"
            findings.append(Finding(f"Apertium {source} → {target}", remedy))
    return findings


def _job(lane: Lane[Any, Any], wanted: Collection[str]) -> Transcribe | Translate | Synthesize:
    """Something small that this engine can do."""
    if lane.spec.kind == "mt":
        source, target = pair_among(lane.pairs, wanted)
        return Translate(SENTENCES.get(source, "1"), source, target)
    language = language_among(lane.languages, wanted)
    return Transcribe(bytes(32_000), language) if lane.spec.kind == "stt" else Synthesize("1", language)


async def _relay(url: str, settings: Settings) -> Finding:
    """Check that the relay admits only our credentials, and relays to no address but ours."""
    media = settings.advertised_addresses or settings.media_addresses or tuple(_outside())
    try:
        probed = await probe(url, newest(settings.turn_secret or ""), media, settings.turn_seconds)
    except RelayProblem as problem:
        return Finding(url, str(problem))
    rest = f"; {probed.clock}" if probed.clock else ""
    return Finding(f"{url} relays to the media server, and refused {probed.refused} attempts at anything else{rest}")


async def _stun(url: str) -> Finding:
    relay = Relay.at(url)
    host, port = relay.host, relay.port
    if relay.transport == "tcp":
        return await _reaches_tcp(url, host, port)
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[bytes] = loop.create_future()

    class Probe(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: object) -> None:
            if not answer.done():
                answer.set_result(data)

    try:
        transport, _ = await loop.create_datagram_endpoint(Probe, remote_addr=(host, port))
    except OSError as error:
        return Finding(url, f"{error}; check DRAGOMAN_TURN_URLS")
    try:
        transport.sendto(struct.pack("!HHI12s", _STUN_BINDING, 0, _STUN_COOKIE, b"dragoman-doc"))
        async with asyncio.timeout(3):
            kind = struct.unpack_from("!H", await answer)[0]
    except TimeoutError:
        return Finding(url, "no answer in 3 s; is coturn running, is its UDP port open?")
    finally:
        transport.close()
    return Finding(f"{url} answers", "" if kind == _STUN_SUCCESS else "it answers, but not as a STUN server")


async def _reaches_tcp(url: str, host: str, port: int) -> Finding:
    try:
        async with asyncio.timeout(3):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return Finding(url, "its TCP port can't be reached; is coturn running, is the port open?")
    writer.close()
    return Finding(f"{url} can be reached")
