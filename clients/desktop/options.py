"""The command line of `dragoman desktop`."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from clients.desktop.dictation import Typed
from clients.desktop.modes import Mode, Sound
from clients.options import session_code

DEFAULT_KEY, DEFAULT_START_OVER_KEY = "F9", "F8"


@dataclass(frozen=True, slots=True)
class DesktopOptions:
    """The options of the desktop client."""

    server: str
    language: str
    into: str
    """Language of the captions, and of typed translations."""
    call: bool = False
    """True in a call with a partner; false alone."""
    code: str | None = None
    """Code of the call to join. None: a call of my own."""
    name: str | None = None
    mode: Mode = Mode.CAPTIONS
    sound: Sound = Sound.MICROPHONE
    typed: Typed = Typed.SPOKEN
    key: str = DEFAULT_KEY
    start_over_key: str = DEFAULT_START_OVER_KEY
    programs: Mapping[Sound, str] = field(default_factory=dict)
    place_file: Path | None = None
    """File that keeps the overlay's place. None: in the user's folder for settings."""
    code_file: Path | None = None
    subtitles: Path | None = None
    """File to which each subtitle message goes, as JSON lines."""
    captions_file: Path | None = None
    """File that holds the caption that is shown now, as a program for streams reads it."""
    insecure: bool = False


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command."""
    parser = argparse.ArgumentParser(
        prog="dragoman desktop",
        description="Captions over all windows, of the microphone or of what this computer plays, and voice typing.",
        epilog="docs/desktop.md tells what each desktop can do.",
    )
    add = parser.add_argument
    add("--server", required=True, metavar="URL", help="the server, as http:// or https:// address")
    add("--language", required=True, metavar="TAG", help="what is spoken (BCP-47)")
    add("--into", metavar="TAG", help="language of the captions and of typed translations (as spoken)")
    place = parser.add_mutually_exclusive_group()
    place.add_argument("--create", action="store_true", help="open a call; its code goes to the output")
    place.add_argument("--code", type=session_code, metavar="N", help="join the call with this code")
    add("--name", help="the name that the partner sees")
    add("--mode", type=Mode, choices=list(Mode), default=Mode.CAPTIONS, help="at the start (captions)")
    add("--sound", type=Sound, choices=list(Sound), default=Sound.MICROPHONE, help="at the start (microphone)")
    add("--typed", type=Typed, choices=list(Typed), default=Typed.SPOKEN, help="which words are typed (spoken)")
    add("--key", default=DEFAULT_KEY, metavar="NAME", help=f"the push-to-talk key of voice typing ({DEFAULT_KEY})")
    add("--start-over-key", default=DEFAULT_START_OVER_KEY, metavar="NAME", help=f"({DEFAULT_START_OVER_KEY})")
    for sound in Sound:
        add(
            f"--{sound.value}-program", metavar="COMMAND",
            help=f"program that captures the {sound.value}: s16le, 48 kHz, mono on its standard output",
        )  # fmt: skip
    add("--place-file", type=Path, metavar="FILE", help="file that keeps the overlay's place and size")
    add("--code-file", type=Path, metavar="FILE", help="with --create: the code, once it is known")
    add("--subtitles", type=Path, metavar="FILE", help="each subtitle message, as JSON lines")
    add("--captions-file", type=Path, metavar="FILE", help="file that holds the caption that is shown now, for OBS")
    add("--insecure", action="store_true", help="accept any TLS certificate")
    return parser


def parse(argv: list[str] | None) -> DesktopOptions:
    """Parse the command line. Exits with status 2 when it is wrong."""
    arguments = parser()
    given = arguments.parse_args(argv)
    if not given.server.startswith(("http://", "https://")):
        arguments.error("--server must be an http:// or https:// address")
    if given.code_file and not given.create:
        arguments.error("--code-file needs --create")
    if given.key == given.start_over_key:
        arguments.error("--key and --start-over-key must be two keys")
    commands = {Sound.MICROPHONE: given.microphone_program, Sound.SYSTEM: given.system_program}
    return DesktopOptions(
        server=given.server,
        language=given.language,
        into=given.into or given.language,
        call=bool(given.create or given.code),
        code=given.code,
        name=given.name,
        mode=given.mode,
        sound=given.sound,
        typed=given.typed,
        key=given.key,
        start_over_key=given.start_over_key,
        programs={sound: command for sound, command in commands.items() if command},
        place_file=given.place_file,
        code_file=given.code_file,
        subtitles=given.subtitles,
        captions_file=given.captions_file,
        insecure=given.insecure,
    )
