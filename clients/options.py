"""The command line of `dragoman call`."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from pathlib import Path

from clients.exit_status import EXIT_CODES, Expectation


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a call. Times are s."""

    server: str
    language: str
    code: str | None = None  # None: create a session
    name: str | None = None
    wavs: tuple[Path, ...] = ()
    at: tuple[float, ...] = ()
    start_after: float = 1.0
    gap: float = 1.5
    linger: float = 20.0
    stay: float = 0.0
    wait: float = 600.0
    grace: float = 45.0
    out: Path | None = None
    original_out: Path | None = None
    subtitles: Path | None = None
    report: Path | None = None
    code_file: Path | None = None
    one_line: bool = False
    relay: bool = False
    dtx: bool = False
    leave: bool = True
    insecure: bool = False
    expect: Expectation = Expectation.AUTO
    solo: str | None = None
    """Language in which I read my own words, alone in the session. None: a call with a partner."""

    @property
    def m_lines(self) -> int:
        """Number of audio m-lines to offer."""
        return 1 if self.one_line else 2


def seconds(text: str) -> float:
    """Parse a time that is not negative; `inf` is allowed."""
    value = float(text)
    if math.isnan(value) or value < 0:
        raise ValueError(text)
    return value


def session_code(text: str) -> str:
    """Check that a session code has 6 to 10 decimal digits."""
    if not (6 <= len(text) <= 10 and text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError("a session code has 6 to 10 digits")
    return text


def parser() -> argparse.ArgumentParser:
    """Return the parser; its help names each exit status."""
    codes = "\n".join(f"  {code}  {meaning}" for code, meaning in EXIT_CODES.items())
    parser = argparse.ArgumentParser(
        prog="dragoman call",
        description="Take part in an interpreted call without a browser: say WAVs, record what is heard.",
        epilog=f"exit status:\n{codes}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--server", required=True, metavar="URL", help="the server, as http:// or https:// address")
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--create", action="store_true", help="open a session; its code goes to the output")
    place.add_argument("--code", type=session_code, metavar="N", help="join the session with this code")
    add("--language", required=True, metavar="TAG", help="what I speak and hear (BCP-47)")
    add("--name", help="the name that the partner sees")
    _add_speaking(parser)
    _add_hearing(parser)
    _add_coming_and_going(parser)
    connection = parser.add_argument_group("connection")
    connection.add_argument("--one-line", action="store_true", help="offer one audio line, without the original voice")
    connection.add_argument("--relay", action="store_true", help="use the server's TURN relay only")
    connection.add_argument("--insecure", action="store_true", help="accept any TLS certificate")
    return parser


def _add_speaking(parser: argparse.ArgumentParser) -> None:
    speak = parser.add_argument_group("speaking")
    speak.add_argument("--wav", type=Path, action="append", default=[], metavar="FILE", help="say this (repeatable)")
    speak.add_argument(
        "--at", type=seconds, action="append", default=[], metavar="S",
        help="start of each WAV in seconds after the pairing (repeatable, one for each WAV)",
    )  # fmt: skip
    speak.add_argument(
        "--start-after", type=seconds, default=1.0, metavar="S",
        help="without --at: the first WAV starts this long after both sides' media are up (default 1)",
    )  # fmt: skip
    speak.add_argument(
        "--gap", type=seconds, default=1.5, metavar="S", help="without --at: pause between WAVs (default 1.5)"
    )
    speak.add_argument("--dtx", action="store_true", help="send nothing in the pauses, instead of silence")


def _add_hearing(parser: argparse.ArgumentParser) -> None:
    hear = parser.add_argument_group("hearing")
    hear.add_argument("--out", type=Path, metavar="FILE", help="the interpreter's line, as WAV from the pairing")
    hear.add_argument("--original-out", type=Path, metavar="FILE", help="the partner's own voice, likewise")
    hear.add_argument("--subtitles", type=Path, metavar="FILE", help="each subtitle message, as JSON lines")
    hear.add_argument("--report", type=Path, metavar="FILE", help="what was measured, as JSON")
    hear.add_argument(
        "--expect", choices=[expectation.value for expectation in Expectation], default="auto",
        help="what has to be heard for exit status 0; auto: what the server's messages announced",
    )  # fmt: skip


def _add_coming_and_going(parser: argparse.ArgumentParser) -> None:
    stay = parser.add_argument_group("coming and going")
    stay.add_argument("--code-file", type=Path, metavar="FILE", help="with --create: the code, once it is known")
    stay.add_argument(
        "--wait",
        type=seconds,
        default=600.0,
        metavar="S",
        help="how long to wait for the partner (default 600)",
    )
    stay.add_argument(
        "--linger", type=seconds, default=20.0, metavar="S",
        help="the longest stay after the last WAV; shorter when all it said is interpreted (default 20)",
    )  # fmt: skip
    stay.add_argument(
        "--stay", type=seconds, default=0.0, metavar="S",
        help="do not leave earlier than this after the pairing; inf: the partner ends the call",
    )  # fmt: skip
    stay.add_argument(
        "--grace", type=seconds, default=45.0, metavar="S",
        help="how long to try to come back (default 45: the server's 30, and what it takes to notice)",
    )  # fmt: skip
    stay.add_argument("--no-leave", action="store_true", help="vanish at the end, instead of leaving")


def parse(argv: list[str] | None) -> Options:
    """Parse the command line. Exits with status 2 when it is wrong."""
    arguments = parser()
    given = arguments.parse_args(argv)
    if not given.server.startswith(("http://", "https://")):
        arguments.error("--server must be an http:// or https:// address")
    if given.at and len(given.at) != len(given.wav):
        arguments.error("as many --at as --wav, or none")
    if given.code_file and not given.create:
        arguments.error("--code-file needs --create")
    return Options(
        server=given.server,
        language=given.language,
        code=given.code,
        name=given.name,
        wavs=tuple(given.wav),
        at=tuple(given.at),
        start_after=given.start_after,
        gap=given.gap,
        linger=given.linger,
        stay=given.stay,
        wait=given.wait,
        grace=given.grace,
        out=given.out,
        original_out=given.original_out,
        subtitles=given.subtitles,
        report=given.report,
        code_file=given.code_file,
        one_line=given.one_line,
        relay=given.relay,
        dtx=given.dtx,
        leave=not given.no_leave,
        insecure=given.insecure,
        expect=Expectation(given.expect),
    )
