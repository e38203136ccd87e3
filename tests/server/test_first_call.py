"""Choice of the engines for a machine's first call: by tables, and step by step where something can't be had."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from models import ModelError, Trouble
from models.catalogue import Model, catalogue
from models.pull import Silent
from models.store import ModelStore
from pipeline.engines.registry import parse
from server.cli.main import main
from server.engine_choice.from_settings import specs
from server.first_call import debian, facts, fetching
from server.first_call.debian import NotInstalled
from server.first_call.facts import Facts, apertium_pairs, gathered, hub_trouble
from server.first_call.fetching import FirstCall, engines
from server.first_call.ladder import RECOGNISERS, Choice, choose
from server.first_call.sentences import better, described
from server.settings import Settings, read
from tests.kit.installed_models import lay

EN_ES = frozenset({("en", "es"), ("es", "en")})
OPUS = frozenset({"opus-mt-en-es", "opus-mt-es-en"})
VOICES = frozenset({"piper-en-us-ljspeech-medium", "piper-es-es-davefx-medium"})
SMALL = Facts(cores=2, memory_gb=4)
"""Two cores, no hub, PyPI."""
LARGE = Facts(cores=16, memory_gb=64, hub=True, converts=True, piper=True)

TABLE: dict[str, tuple[Facts, str]] = {
    # the recognisers of English and of Spanish, the translator, the voice
    "a GPU": (replace(LARGE, gpu=True), "whisper-large-v3-turbo whisper-large-v3-turbo ctranslate piper"),
    "a large CPU": (LARGE, "whisper-small whisper-small ctranslate piper"),
    "little memory": (replace(LARGE, memory_gb=3), "whisper-base whisper-base ctranslate piper"),
    "four cores": (replace(LARGE, cores=4), "whisper-base whisper-base ctranslate piper"),
    "two cores": (replace(LARGE, cores=2), "whisper-tiny whisper-tiny ctranslate piper"),
    "no torch": (replace(LARGE, converts=False), "whisper-small whisper-small starter piper"),
    "no torch but Apertium": (
        replace(LARGE, converts=False, apertium=EN_ES), "whisper-small whisper-small apertium piper",
    ),
    "no Piper": (replace(LARGE, piper=False), "whisper-small whisper-small ctranslate espeak"),
    "no hub but Apertium": (replace(SMALL, apertium=EN_ES), "whisper-tiny-en starter apertium espeak"),
    "no hub, root": (replace(SMALL, debian=True), "whisper-tiny-en starter apertium espeak"),
    "no hub": (SMALL, "whisper-tiny-en starter starter espeak"),
    "neither hub nor PyPI": (replace(SMALL, pypi=False), "starter starter starter espeak"),
    "no hub, but all is here": (
        replace(SMALL, piper=True, installed=frozenset({"whisper-tiny"}) | OPUS | VOICES),
        "whisper-tiny whisper-tiny ctranslate piper",
    ),
    "one direction is here": (
        replace(SMALL, installed=frozenset({"opus-mt-en-es"})), "whisper-tiny-en starter starter espeak",
    ),
    "what is here is too slow": (
        replace(SMALL, installed=frozenset({"whisper-small"})), "whisper-tiny-en starter starter espeak",
    ),
    "a recogniser that failed": (
        replace(LARGE, failed=frozenset({"whisper-small"})), "whisper-base whisper-base ctranslate piper",
    ),
    "a translator that failed": (
        replace(LARGE, failed=frozenset({"opus-mt-en-es"})), "whisper-small whisper-small starter piper",
    ),
}  # fmt: skip


def ear_of(choice: Choice, language: str) -> str:
    (part,) = [part for part in choice.recognisers if language in part.languages]
    return part.models[0] if part.models else part.engine


@pytest.mark.parametrize("name", TABLE)
def test_a_machine_gets_what_fits_it(name: str) -> None:
    machine, wanted = TABLE[name]
    choice = choose(machine, ("en", "es"), catalogue())
    found = ear_of(choice, "en"), ear_of(choice, "es"), choice.translator.engine, choice.voice.engine
    assert " ".join(found) == wanted
    assert choice.unheard == () and choice.untranslated == ()


def test_a_better_machine_never_gets_a_worse_recogniser() -> None:
    """Over all machines of the tables' steps: more cores, memory, a GPU or a hub never lead down."""
    order = [rung.model for rung in RECOGNISERS] + ["starter"]
    steps = [(1, 2, 4, 8), (1.0, 2.0, 4.0, 8.0), (False, True), (False, True), (False, True)]
    names = ("cores", "memory_gb", "gpu", "hub", "pypi")
    rank = {}
    for values in itertools.product(*steps):
        machine = Facts(**dict(zip(names, values, strict=True)))  # type: ignore[arg-type]
        rank[values] = order.index(ear_of(choose(machine, ("en", "es"), catalogue()), "en"))
    for values, place in rank.items():
        for index, (value, step) in enumerate(zip(values, steps, strict=True)):
            if value != step[-1]:
                more = list(values)
                more[index] = step[step.index(value) + 1]  # type: ignore[attr-defined]
                assert rank[tuple(more)] <= place, (values, more)


def test_who_is_not_heard_and_what_is_not_translated_is_said() -> None:
    machine = replace(SMALL, apertium=EN_ES)
    choice = choose(machine, ("en", "es", "fr"), catalogue())
    assert choice.unheard == ("fr",)
    assert set(choice.untranslated) == {("en", "fr"), ("fr", "en"), ("es", "fr"), ("fr", "es")}
    told = " ".join(described(choice, machine, catalogue()))
    assert "French: not recognised here" in told and "types" in told
    assert "apt-get install --no-install-recommends apertium-fr-es" in told
    assert "whisper-tiny-en" in told and "the gist is right" in told and "espeak-ng" in told
    assert "phrasebook" in told, "Spanish"
    assert any("dragoman models pull standard" in line for line in better(choice, machine))


def test_packages_that_bring_a_pair_are_asked_for_once_and_together() -> None:
    root = replace(SMALL, debian=True)
    assert choose(root, ("en", "es"), catalogue()).translator.packages == ("apertium", "apertium-eng-spa")
    three = choose(root, ("en", "es", "fr"), catalogue())
    assert set(three.translator.packages) == {"apertium", "apertium-eng-spa", "apertium-fr-es"}
    assert three.untranslated == ()
    assert choose(replace(root, apertium=EN_ES), ("en", "es"), catalogue()).translator.packages == ()
    failed = replace(root, failed=frozenset({"apertium-eng-spa"}))
    assert choose(failed, ("en", "es"), catalogue()).translator.engine == "starter"


class Machine:
    """A machine on which `broken` can't be had; notes what is asked for, and what people are told."""

    def __init__(self, facts: Facts, broken: dict[str, Trouble] | None = None) -> None:
        self.broken = broken or {}
        self.asked: list[str] = []
        self.told: list[str] = []
        self.first = FirstCall(
            facts,
            ("en", "es"),
            catalogue(),
            self.fetch,
            self.install,
            lambda: EN_ES,
            self,  # type: ignore[arg-type]
        )

    def say(self, text: str) -> None:
        self.told.append(text)

    async def fetch(self, model: Model) -> None:
        self.asked.append(model.name)
        if model.name in self.broken:
            raise ModelError(self.broken[model.name], f"{model.name} is out of reach")

    async def install(self, names: tuple[str, ...]) -> None:
        self.asked += names
        if self.broken.keys() & set(names):
            raise NotInstalled("apt-get could not install it")


async def test_it_steps_down_and_says_so() -> None:
    machine = Machine(LARGE, {"whisper-small": Trouble.NOT_ON_HUB, "opus-mt-en-es": Trouble.NOT_CONVERTED})
    choice = await machine.first.get_ready()
    assert ear_of(choice, "en") == "whisper-base" and choice.translator.engine == "starter"
    assert machine.asked[:2] == ["whisper-small", "whisper-base"]
    assert sum("Stepping down" in line for line in machine.told) == 2
    assert len(machine.asked) == len(set(machine.asked)), "nothing is asked for twice"


async def test_a_hub_that_goes_away_is_not_asked_again() -> None:
    machine = Machine(LARGE, {"whisper-small": Trouble.NO_HUB})
    choice = await machine.first.get_ready()
    assert machine.asked == ["whisper-small", "whisper-tiny-en"]
    assert ear_of(choice, "en") == "whisper-tiny-en" and ear_of(choice, "es") == "starter"


async def test_packages_are_installed_and_then_used() -> None:
    machine = Machine(replace(SMALL, debian=True))
    choice = await machine.first.get_ready()
    assert machine.asked == ["whisper-tiny-en", "apertium", "apertium-eng-spa"]
    assert (choice.translator.engine, choice.translator.packages) == ("apertium", ())
    failing = Machine(replace(SMALL, debian=True), {"apertium": Trouble.NO_HUB})
    assert (await failing.first.get_ready()).translator.engine == "starter"
    assert any("could not install" in line for line in failing.told)


async def test_what_is_here_is_not_fetched() -> None:
    machine = Machine(replace(SMALL, apertium=EN_ES, installed=frozenset({"whisper-tiny-en"})))
    await machine.first.get_ready()
    assert machine.asked == [] and machine.told == []


async def test_an_engine_that_is_set_by_hand_is_left_alone() -> None:
    machine = Machine(SMALL)
    machine.first.kinds = frozenset({"mt", "tts"})
    await machine.first.get_ready()
    assert machine.asked == []


@pytest.mark.parametrize("name", TABLE)
def test_every_choice_makes_engines_that_the_registry_knows(name: str, tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "models")
    machine = TABLE[name][0]
    choice = choose(machine, ("en", "es"), catalogue())
    lay(store, *(model for part in choice.parts for model in part.models))
    made = engines(choice, store, gpu=machine.gpu)
    parsed = {kind: parse(kind, text) for kind, text in made.items()}
    assert set(parsed) == {"stt", "mt", "tts"}
    assert ("device" in parsed["stt"].options) == machine.gpu
    assert specs(Settings(data=tmp_path, **made))  # type: ignore[arg-type]


def test_ears_of_two_kinds_are_one_engine_by_language(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "models")
    lay(store, "whisper-tiny-en")
    made = engines(choose(replace(SMALL, apertium=EN_ES), ("en", "es"), catalogue()), store)
    name, _, rest = made["stt"].partition(":")
    assert name == "by_language"
    recognisers = json.loads(rest)["engines"]
    assert [one.partition(":")[0] for one in recognisers] == ["whisper", "starter"]
    assert json.loads(recognisers[0].partition(":")[2])["silent_tail"] == 3000, (
        "the weights that were measured run short"
    )
    assert (made["mt"], made["tts"]) == ("apertium", "espeak")


async def test_a_hub_that_is_not_there_costs_seconds() -> None:
    async with asyncio.timeout(60):
        assert "can't be reached" in await hub_trouble("http://127.0.0.1:9")
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            assert await hub_trouble(f"http://127.0.0.1:{deaf.getsockname()[1]}", patience_s=0.3)


def test_the_facts_of_this_machine(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "models")
    lay(store, "whisper-tiny-en")
    found = gathered(Settings(data=tmp_path), store, hub=False)
    assert found.cores >= 1 and found.memory_gb > 0.1
    assert found.installed == {"whisper-tiny-en"} and not found.hub


def test_apertium_without_its_programs_translates_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "eng-spa.mode").touch()
    monkeypatch.setattr(facts.shutil, "which", lambda name: "/usr/bin/lt-proc")
    assert apertium_pairs(tmp_path) == {("en", "es")}
    monkeypatch.setattr(facts.shutil, "which", lambda name: None)
    assert apertium_pairs(tmp_path) == set()


async def test_packages_are_installed_by_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small program stands for apt-get; it is asked as root asks it, or by way of sudo."""
    log = tmp_path / "log"
    for name, line in (("apt-get", f'echo "$*" >>{log}; [ "$1" != install ]'), ("sudo", 'shift; exec "$@"')):
        (tmp_path / name).write_text(f"#!/bin/sh\n{line}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert debian.may_install()
    with pytest.raises(NotInstalled, match="apertium-eng-spa"):
        await debian.install(("apertium-eng-spa",))
    update, installed = log.read_text().splitlines()
    assert update.endswith("update") and installed.startswith("install") and installed.endswith("apertium-eng-spa")


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        (["--fetch", "--models", "standard"], "--fetch chooses the models"),
        (["--languages", "tlh"], "--languages: it must be a list such as en,es,fr"),
    ],
)
def test_what_does_not_go_together_is_refused(
    given: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", *given]) == 2
    assert complaint in capsys.readouterr().err


async def test_settings_by_hand_go_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "gathered", lambda settings, store, hub: replace(SMALL, hub=hub))
    environment = {"DRAGOMAN_DATA": str(tmp_path), "DRAGOMAN_HUB": "http://127.0.0.1:9", "DRAGOMAN_STT": "scripted"}
    made = await fetching.first_call(read(environment), Silent())
    assert (made.stt, made.mt, made.tts) == ("scripted", "starter", "espeak")
