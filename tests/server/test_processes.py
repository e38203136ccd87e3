"""Several processes at one port: what is divided among them, how settings reach them, and one page of figures."""

from __future__ import annotations

import asyncio
import signal
import socket
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from nodes.rooms_in_memory import RoomsInMemory
from server.cli.commands import run
from server.cli.doctor import examine_processes
from server.processes import parent
from server.processes.figures import together
from server.processes.parent import HUNG_S, LAST_S, Processes
from server.processes.place import hand_over, names_of, received, share_of
from server.settings import BadSetting, Settings, read
from storage.sqlite import SqliteSessions
from tests.kit.exposition import exposition, families

PAGE = """# HELP dragoman_rooms Rooms
# TYPE dragoman_rooms gauge
dragoman_rooms 2.0
# HELP dragoman_ends_total Ends
# TYPE dragoman_ends_total counter
dragoman_ends_total{step="lost {1}"} 3.0
"""


def test_sessions_and_engines_are_divided_and_each_process_has_one() -> None:
    whole = Settings(processes=3, sessions=100, stt_processes=7, tts_processes=1)
    share = share_of(whole)
    assert (share.sessions, share.stt_processes, share.mt_processes, share.tts_processes) == (34, 3, 1, 1)
    assert replace(share, sessions=100, stt_processes=7) == whole


def test_settings_reach_a_process_whole() -> None:
    settings = Settings(processes=2, secret="s" * 40, data=Path("/srv/dragoman"), media_ports=(1, 2))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        hand_over(ours, settings)
        assert received(theirs) == settings
        ours.close()
        with pytest.raises(EOFError):
            received(theirs)


def test_a_page_for_all_has_every_sample_once_for_each_process() -> None:
    page = together(
        {"p2": PAGE, "p1": PAGE + "# HELP more More\n# TYPE more gauge\nmore 1.0\n"}, {"p1": 1, "p2": 4, "p3": 2}
    )
    found = {one.name: one.samples for one in text_string_to_metric_families(page)}
    assert [(one.labels, one.value) for one in found["dragoman_rooms"]] == [({"process": n}, 2.0) for n in ("p1", "p2")]
    assert {tuple(one.labels.items()) for one in found["dragoman_ends"]} == {
        (("process", name), ("step", "lost {1}")) for name in ("p1", "p2")
    }
    assert [one.labels for one in found["more"]] == [{"process": "p1"}]
    assert [one.value for one in found["dragoman_process_up"]] == [1.0, 1.0, 0.0]
    assert [one.value for one in found["dragoman_process_starts"]] == [1.0, 4.0, 2.0]
    assert page.count("# TYPE dragoman_rooms") == 1


async def test_no_metric_has_the_label_of_processes_already() -> None:
    labels = [sample.labels for family in families(await exposition()).values() for sample in family.samples]
    assert {one["process"] for one in labels} == {"p1"}


@pytest.mark.parametrize("wrong", ["0", "65", "two"])
def test_a_number_that_is_none_of_processes_is_named(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["serve", "--processes", wrong]) == 2
    assert "--processes" in capsys.readouterr().err
    with pytest.raises(BadSetting, match="DRAGOMAN_PROCESSES"):
        read({"DRAGOMAN_PROCESSES": wrong})


def test_processes_are_for_a_machine_alone() -> None:
    node = {
        "DRAGOMAN_NODE": "a",
        "DRAGOMAN_REDIS_URL": "redis://127.0.0.1",
        "DRAGOMAN_SECRET": "s" * 40,
        "DRAGOMAN_PUBLIC_URL": "https://call.example",
        "DRAGOMAN_ACCOUNTS": "false",
        "DRAGOMAN_NODE_URL": "http://10.0.0.1:8080",
    }
    assert read(node).node == "a"
    with pytest.raises(BadSetting, match="DRAGOMAN_PROCESSES"):
        read({**node, "DRAGOMAN_PROCESSES": "2"})


def test_names_are_those_of_the_documents() -> None:
    assert names_of(3) == ["p1", "p2", "p3"]


def test_doctor_warns_of_more_processes_than_cores() -> None:
    assert not examine_processes(2, 4).remedy
    assert "DRAGOMAN_PROCESSES to 4" in examine_processes(5, 4).remedy


class FirstLost(Processes):
    """Two processes that were ready. The parent's step for p1 fails the first time; the second time all end."""

    tries = 0

    async def _run(self, name: str) -> int:
        if name == "p1":
            self.tries += 1
            if self.tries == 1:
                raise ExceptionGroup("of its tasks", [ValueError("a defect")])
            self._stop.set_result(signal.SIGTERM)
        await asyncio.shield(self._stop)
        return 0


async def test_a_defect_with_one_process_ends_no_other(caplog: pytest.LogCaptureFixture) -> None:
    rooms = RoomsInMemory(SqliteSessions(":memory:"), 1000, lambda: 0)
    stop: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    processes = FirstLost(Settings(processes=2), [], rooms, "http://127.0.0.1", stop)
    processes._ready |= {"p1", "p2"}
    async with asyncio.timeout(10):
        assert await processes.run() == 0
    assert processes.tries == 2 and "a defect" in caplog.text


@pytest.mark.parametrize("leaves", [True, False])
async def test_a_process_that_hangs_is_killed_though_it_may_have_left(
    leaves: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parent, "LOOK_S", 0.01)
    now_ms, settings = [0], Settings(processes=1, shutdown_seconds=100)
    rooms = RoomsInMemory(SqliteSessions(":memory:"), 10**9, lambda: now_ms[0])
    stop: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    processes = Processes(settings, [], rooms, "http://127.0.0.1", stop)
    hanging = await asyncio.create_subprocess_exec("sleep", "60")
    ending = asyncio.create_task(processes._end_hung("p1", hanging))
    try:
        rooms.beat("p1", "token", "{}", 4000)
        last_s = settings.shutdown_seconds + LAST_S if leaves else HUNG_S
        if leaves:
            rooms.leave("p1", "token")
        now_ms[0] = int(last_s * 1000) - 1
        await asyncio.sleep(0.1)
        assert not ending.done()
        now_ms[0] += 1
        async with asyncio.timeout(10):
            await ending
            assert await hanging.wait() == -signal.SIGKILL
    finally:
        ending.cancel()
        if hanging.returncode is None:
            hanging.kill()
            await hanging.wait()


async def test_nothing_is_imported_from_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "server").mkdir()
    (tmp_path / "server/__init__.py").write_text("")
    (tmp_path / "server/one_process.py").write_text("raise SystemExit(42)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(parent, "hand_over", lambda ours, settings: ours.shutdown(socket.SHUT_WR))
    rooms = RoomsInMemory(SqliteSessions(":memory:"), 1000, lambda: 0)
    stop: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    assert await Processes(Settings(), [], rooms, "http://127.0.0.1", stop)._run("p1") == 1, "it got no settings"
