"""A desktop without a monitor: an X server, a window manager, a compositor, and a sound server with null sinks."""

from __future__ import annotations

import os
import struct
import subprocess
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 1280, 800
SPEAKERS, VOICE = "speakers", "voice"
"""Sinks: what the computer plays, and what is said into its microphone."""
PATIENCE_S = 60.0

Picture = NDArray[np.uint8]


class DesktopScreen:
    """Everything in `folder` (a short path: sockets lie in it). `environment` is for programs on the desktop."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
        for name in ("home", "run"):
            (folder / name).mkdir(mode=0o700)
        self.environment |= {
            "HOME": str(folder / "home"),
            "XDG_CONFIG_HOME": str(folder / "home" / "config"),
            "XDG_RUNTIME_DIR": str(folder / "run"),
            "PULSE_SERVER": f"unix:{folder}/pulse",
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
            "NO_AT_BRIDGE": "1",
            "GSETTINGS_BACKEND": "memory",
            "LANG": "C.UTF-8",
        }
        self.environment.pop("WAYLAND_DISPLAY", None)
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start all programs. Return once each answers."""
        reading, writing = os.pipe()
        size = f"{WIDTH}x{HEIGHT}x24"
        self.run(
            "Xvfb", "-displayfd", str(writing), "-screen", "0", size, "-fbdir", str(self.folder),
            "-nolisten", "tcp", "-noreset", pass_fds=(writing,),
        )  # fmt: skip
        os.close(writing)
        with os.fdopen(reading) as display:
            self.environment["DISPLAY"] = f":{display.readline().strip()}"
        (self.folder / "picom.conf").write_text("")
        self.run("openbox", "--sm-disable")
        self.run("picom", "--backend", "xrender", "--config", str(self.folder / "picom.conf"))
        sinks = [f"module-null-sink sink_name={name} rate=48000 channels=1" for name in (SPEAKERS, VOICE)]
        modules = [
            *sinks,
            f"module-remap-source source_name=microphone master={VOICE}.monitor",
            f"module-native-protocol-unix auth-anonymous=1 socket={self.folder}/pulse",
        ]
        options = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes", "--use-pid-file=no"]
        self.run("pulseaudio", *options, *(f"--load={module}" for module in modules))
        self.wait_for(lambda: self.succeeds("pactl", "set-default-sink", SPEAKERS), "the sound server answers")
        self.ask("pactl", "set-default-source", "microphone")
        self.wait_for(lambda: self.succeeds("xdotool", "get_desktop"), "the window manager answers")

    def stop(self) -> None:
        """End what is left, the last first."""
        for process in reversed(self._processes):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def run(self, *command: str, pass_fds: tuple[int, ...] = (), name: str = "") -> subprocess.Popen[bytes]:
        """Start a program on the desktop. Its output goes to a file of its name."""
        with (self.folder / f"{name or command[0]}.log").open("ab") as log:
            process = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=pass_fds
            )
        self._processes.append(process)
        return process

    def log(self, name: str) -> str:
        """Return what a program has said."""
        return (self.folder / f"{name}.log").read_text("utf-8", "replace")

    def ask(self, *command: str) -> str:
        """Run a command to its end. Return what it says; its failure is an error."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=PATIENCE_S)
        assert done.returncode == 0, f"{command}: {done.stderr or done.stdout}"
        return done.stdout.strip()

    def succeeds(self, *command: str) -> bool:
        """Return True if a command ends without an error."""
        done = subprocess.run(command, env=self.environment, capture_output=True, timeout=PATIENCE_S, check=False)
        return done.returncode == 0

    def wait_for(self, condition: Callable[[], object], what: str) -> None:
        """Wait until a condition holds; an error where it does not within a minute."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, f"{what}: not within {PATIENCE_S:.0f} s"
            time.sleep(0.05)

    def xdo(self, *arguments: str) -> str:
        """Act as a user: keys and the pointer."""
        return self.ask("xdotool", *arguments)

    def window(self, name: str) -> str:
        """Return the window whose title matches, once it is there."""
        self.wait_for(lambda: self.succeeds("xdotool", "search", "--onlyvisible", "--name", name), f"window {name}")
        return self.xdo("search", "--onlyvisible", "--name", name).splitlines()[0]

    def activate(self, window: str) -> None:
        """Give a window the focus."""
        self.xdo("windowactivate", "--sync", window)

    def play(self, file: Path, sink: str) -> None:
        """Play a recording to its end."""
        self.ask("paplay", f"--device={sink}", str(file))

    def picture(self) -> Picture:
        """Return what a monitor would show: height x width x RGB, from the X server's frame buffer (XWD)."""
        data = (self.folder / "Xvfb_screen0").read_bytes()
        fields = struct.unpack(">25I", data[:100])
        header, width, height, line, colours = fields[0], fields[4], fields[5], fields[12], fields[19]
        start = header + 12 * colours
        pixels = np.frombuffer(data, np.uint8, line * height, start).reshape(height, line // 4, 4)
        return pixels[:, :width, 2::-1].copy()


def write_png(file: Path, picture: Picture) -> None:
    """Write a picture as a PNG file (RFC 2083)."""
    height, width, _ = picture.shape

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = b"".join(b"\0" + row.tobytes() for row in picture)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    file.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )


@contextmanager
def desktop_screen() -> Iterator[DesktopScreen]:
    """Run a desktop, and end all that was started on it."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="desk-"))
        desktop = DesktopScreen(Path(folder))
        stack.callback(desktop.stop)
        desktop.start()
        yield desktop
