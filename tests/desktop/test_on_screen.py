"""The desktop client on a real desktop: sound is captioned over a window, clicks go through, and words are typed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clients.desktop.dictation import Typed
from clients.desktop.place import Place, default
from testing.hotel_dialogue import GUEST, record
from testing.words import share_heard
from tests.kit.desktop_screen import HEIGHT, SPEAKERS, VOICE, WIDTH, DesktopScreen, desktop_screen, write_png
from tests.kit.extent import LONG, extent
from tests.kit.process_facts import children, processor_s

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

UNDERSTOOD = 0.8  # of the words
NOTE = "Notes:\n"
OVERLAY = default(Place(0, 0, WIDTH, HEIGHT))
CENTRE = OVERLAY.x + OVERLAY.width // 2, OVERLAY.y + OVERLAY.height // 2
IDLE_S = extent(1.0, 20.0)
MOST_IDLE = 0.05
"""Share of a core that the client may take while nobody speaks."""
CONNECTED = '"event": "connected"'
RUN = [sys.executable, "-m", "server.cli.main"]


@dataclass
class Scene:
    """A client on a desktop, two editors, and the sentences as recordings."""

    desktop: DesktopScreen
    client: subprocess.Popen[bytes]
    notes: str
    other: str
    wavs: list[Path]

    @property
    def caption(self) -> str:
        file = self.desktop.folder / "caption.txt"
        return file.read_text("utf-8") if file.exists() else ""

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Return the subtitle messages until now."""
        text = (self.desktop.folder / "subtitles.jsonl").read_text("utf-8")
        return [json.loads(line) for line in text.splitlines() if line.endswith("}")]

    def saved(self, name: str = "notes.txt") -> str:
        return (self.desktop.folder / name).read_text("utf-8")

    def choose(self, keys: str) -> None:
        """Choose by the keys of the menu, then give the focus back."""
        self.desktop.activate(self.desktop.window("^Dragoman: "))
        self.desktop.xdo("key", keys)


def start(desktop: DesktopScreen, server: str) -> Scene:
    """Start the client of somebody who is alone, and two editors."""
    folder = desktop.folder
    wavs = record(GUEST, folder)
    client = desktop.run(
        *RUN, "desktop", "--server", server, "--language", "en", "--into", "es", "--sound", "system",
        "--captions-file", str(folder / "caption.txt"),
        "--subtitles", str(folder / "subtitles.jsonl"), name="client",
    )  # fmt: skip
    (folder / "notes.txt").write_text(NOTE)
    (folder / "other.txt").write_text(NOTE)
    for name in ("other.txt", "notes.txt"):
        desktop.run("l3afpad", str(folder / name), name=name)
    notes, other = desktop.window("notes.txt"), desktop.window("other.txt")
    for window, x, y, width, height in ((notes, 60, 80, 1100, 680), (other, 0, 0, 400, 200)):
        desktop.xdo("windowsize", window, str(width), str(height))
        desktop.xdo("windowmove", window, str(x), str(y))
    desktop.wait_for(lambda: CONNECTED in desktop.log("client") or client.poll() is not None, "the client is connected")
    assert client.poll() is None, desktop.log("client")
    return Scene(desktop, client, notes, other, wavs)


@pytest.fixture(scope="module")
def scene(server_url: str) -> Iterator[Scene]:
    if shutil.which("pulseaudio") is None:
        pytest.skip("THE DESKTOP CLIENT IS NOT TESTED ON A SCREEN: pulseaudio is not installed (scripts/setup test)")
    with desktop_screen() as desktop:
        one = start(desktop, server_url)
        yield one
        one.client.terminate()
        assert one.client.wait(30) == 0, desktop.log("client")
        assert "Traceback" not in desktop.log("client")


def darkness(scene: Scene) -> float:
    """Return how dark the darkest tenth of the overlay's place is: 0 black, 255 white, over a white window."""
    picture = scene.desktop.picture()
    part = picture[OVERLAY.y : OVERLAY.y + OVERLAY.height, OVERLAY.x : OVERLAY.x + OVERLAY.width].mean(axis=2)
    return float(np.quantile(part, 0.1))


def test_what_the_computer_plays_is_captioned_over_the_window_and_clicks_go_through(
    scene: Scene, tmp_path: Path
) -> None:
    desktop, sentence = scene.desktop, GUEST.sentences[2]
    desktop.activate(scene.notes)
    desktop.wait_for(lambda: darkness(scene) > 200, "the editor is white, and nothing stands over it")
    desktop.play(scene.wavs[2], SPEAKERS)
    desktop.wait_for(lambda: share_heard(sentence.translation, scene.caption) >= UNDERSTOOD, "the caption")
    desktop.wait_for(lambda: darkness(scene) < 120, "the caption is on the screen")
    assert darkness(scene) > 20  # black at 70 % over white: what is below shines through
    write_png(tmp_path / "caption.png", desktop.picture())

    desktop.activate(scene.other)
    desktop.xdo("mousemove", str(CENTRE[0]), str(CENTRE[1]), "click", "1")
    desktop.wait_for(lambda: desktop.xdo("getactivewindow") == scene.notes, "the window below got the click")
    if LONG:
        desktop.wait_for(lambda: not scene.caption, "the caption goes after its time")
        desktop.wait_for(lambda: darkness(scene) > 200, "nothing is left of it")


def texts(scene: Scene, since: int, typed: Typed, final: bool) -> dict[str, list[str]]:
    """Return what was said, or what it became, by utterance and segment: final texts or others, since a message."""
    kind, text = ("transcription", "text") if typed is Typed.SPOKEN else ("translation", "translatedText")
    found: dict[str, list[str]] = {}
    for one in scene.messages[since:]:
        if one["type"] == kind and one["final"] == final:
            found.setdefault(f"{one['utteranceId']} {one.get('segment', 0)}", []).append(one[text])
    return found


def understood(scene: Scene, since: int, typed: Typed, wanted: str) -> str:
    """Return what was said, or what it became, once all of it is final; nothing before."""
    final = texts(scene, since, typed, True)
    text = " ".join(final[name][-1] for name in sorted(final))
    whole = texts(scene, since, typed, False).keys() <= final.keys()
    return text if whole and share_heard(wanted, text) >= UNDERSTOOD else ""


def take_up(scene: Scene, typed: Typed) -> None:
    """Choose voice typing, and put the cursor at the end of the notes."""
    for keys in ("ctrl+2", "ctrl+3", "ctrl+5" if typed is Typed.SPOKEN else "ctrl+6"):
        scene.choose(keys)
    scene.desktop.activate(scene.notes)
    scene.desktop.xdo("key", "ctrl+End")


def is_changed(scene: Scene) -> bool:
    """Return True if the editor marks the notes as changed. A key that asks it would end the sentence."""
    return scene.desktop.xdo("getwindowname", scene.notes).startswith("*")


SHORT = ((Typed.SPOKEN, 5, "us"),)
ALL = (
    *SHORT,
    (Typed.SPOKEN, 1, "us"),
    (Typed.SPOKEN, 4, "ru"),
    (Typed.TRANSLATED, 2, "us"),
    (Typed.TRANSLATED, 2, "fr"),
)


@pytest.mark.parametrize(("typed", "number", "layout"), extent(SHORT, ALL))
def test_what_i_say_is_typed_where_the_cursor_is_and_nothing_else(
    scene: Scene, typed: Typed, number: int, layout: str
) -> None:
    desktop, sentence = scene.desktop, GUEST.sentences[number]
    wanted = sentence.text if typed is Typed.SPOKEN else sentence.translation
    take_up(scene, typed)
    before, since = scene.saved(), len(scene.messages)
    desktop.ask("setxkbmap", layout)
    desktop.xdo("keydown", "F9")
    time.sleep(0.3)  # a recording is another program: its first sound comes late, too
    desktop.play(scene.wavs[number], VOICE)
    desktop.xdo("keyup", "F9")
    desktop.wait_for(lambda: understood(scene, since, typed, wanted), "it is understood")
    final = understood(scene, since, typed, wanted)
    if typed is Typed.SPOKEN:
        revisions = texts(scene, since, typed, False).values()
        assert any(len(set(one)) >= 2 for one in revisions), "no revision came in between"
    time.sleep(1.0)  # a key of ours while it types would end its sentence
    desktop.ask("setxkbmap", "us")

    def stands() -> bool:
        desktop.xdo("key", "ctrl+s")
        return scene.saved().rstrip("\n") == (before.rstrip("\n") + ("\n" if before == NOTE else "") + final)

    desktop.wait_for(stands, f"{final!r} is typed")
    desktop.activate(scene.other)
    desktop.xdo("key", "ctrl+s")
    time.sleep(0.3)
    assert scene.saved("other.txt") == NOTE
    assert desktop.log("client").count(CONNECTED) == 1, "it has connected again"
    assert not scene.caption


def test_a_click_elsewhere_ends_the_sentence_there_and_types_none_of_it_here(scene: Scene) -> None:
    desktop, sentence = scene.desktop, GUEST.sentences[3]
    take_up(scene, Typed.SPOKEN)
    before, since, there = scene.saved(), len(scene.messages), scene.saved("other.txt")
    desktop.xdo("keydown", "F9")
    desktop.run("paplay", f"--device={VOICE}", str(scene.wavs[3]))
    desktop.wait_for(lambda: is_changed(scene), "the first words are typed")
    desktop.xdo("mousemove", "350", "60", "click", "1")
    desktop.wait_for(lambda: desktop.xdo("getactivewindow") == scene.other, "the other editor has the focus")
    desktop.wait_for(lambda: understood(scene, since, Typed.SPOKEN, sentence.text), "it is understood")
    desktop.xdo("keyup", "F9")
    time.sleep(1.0)
    desktop.xdo("key", "ctrl+s")
    desktop.activate(scene.notes)
    desktop.xdo("key", "ctrl+s")
    time.sleep(0.3)
    assert scene.saved("other.txt") == there
    typed = scene.saved().rstrip("\n").removeprefix(before.rstrip("\n"))
    assert 0 < len(typed) < len(understood(scene, since, Typed.SPOKEN, sentence.text))


def test_starting_over_takes_back_what_was_typed(scene: Scene) -> None:
    desktop = scene.desktop
    take_up(scene, Typed.SPOKEN)
    before, since = scene.saved(), len(scene.messages)
    desktop.xdo("keydown", "F9")
    playing = desktop.run("paplay", f"--device={VOICE}", str(scene.wavs[3]))
    desktop.wait_for(lambda: is_changed(scene), "the first words are typed")
    playing.kill()
    desktop.xdo("key", "F8")
    desktop.xdo("keyup", "F9")
    over = ("utterance_end", "refused", "start_over")

    def dropped() -> bool:
        new = scene.messages[since:]
        return over in [(one["type"], one.get("outcome"), one.get("reason")) for one in new]

    desktop.wait_for(dropped, "the server drops the sentence")
    time.sleep(1.0)
    desktop.xdo("key", "ctrl+s")
    time.sleep(0.3)
    assert scene.saved().rstrip("\n") == before.rstrip("\n")


def test_a_quiet_client_takes_little_of_the_processor(scene: Scene) -> None:
    scene.choose("ctrl+1")
    scene.choose("ctrl+4")

    def taken(span_s: float) -> float:
        """Return the share of a core that it takes in a time."""
        pids = scene.client.pid, *children(scene.client.pid)
        before = sum(map(processor_s, pids))
        time.sleep(span_s)
        return (sum(map(processor_s, pids)) - before) / span_s

    def is_quiet() -> bool:
        with suppress(FileNotFoundError):  # the program that records has changed
            return taken(0.5) <= MOST_IDLE
        return False

    scene.desktop.wait_for(is_quiet, "what was chosen is drawn, and the last sentence done")
    share = taken(IDLE_S)
    print(f"processor of a quiet client: {share:.1%} of a core")
    assert share <= MOST_IDLE


def test_the_captions_are_moved_by_keys_and_by_the_pointer_and_let_clicks_through_again(scene: Scene) -> None:
    desktop = scene.desktop
    window = desktop.xdo("search", "--name", "^Dragoman captions$").splitlines()[-1]

    def position() -> tuple[int, int]:
        shown = dict(line.split("=") for line in desktop.xdo("getwindowgeometry", "--shell", window).splitlines())
        return int(shown["X"]), int(shown["Y"])

    x, y = position()
    scene.choose("ctrl+m")
    desktop.wait_for(lambda: darkness(scene) < 120, "it shows where it is")
    desktop.xdo("key", "--clearmodifiers", "Up", "Up", "Left")
    desktop.wait_for(lambda: position() == (x - 10, y - 20), "the keys move it")
    desktop.xdo("mousemove", str(x + 50), str(y), "mousedown", "1")
    desktop.xdo("mousemove", str(x + 60), str(y + 20), "mouseup", "1")
    desktop.wait_for(lambda: position() == (x, y), "the pointer moves it")
    desktop.xdo("key", "Return")
    desktop.activate(scene.other)

    def clicked() -> bool:
        desktop.xdo("mousemove", str(CENTRE[0]), str(CENTRE[1]), "click", "1")
        return desktop.xdo("getactivewindow") == scene.notes

    desktop.wait_for(clicked, "clicks go through again")
