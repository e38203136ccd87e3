"""Figures by which KEDA counts workers: Prometheus understands them, and they are what is in the streams of Redis."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from remote.connection import connect
from remote.keys import Keys
from remote.lane import RemoteLane
from tests.kit.exposition import exposition, families
from tests.kit.kubernetes_files import manifests
from tests.kit.moved_clock import until
from tests.kit.redis_server import running_redis
from tests.kit.remote_workers import GatedTranslator, lane_to, phrase, worker_here

KINDS = "stt", "mt", "tts"
FIGURES = {
    'dragoman_lane_waiting{instance="a",stage="KIND"}': "7",
    'dragoman_lane_waiting{instance="b",stage="KIND"}': "4",
    'dragoman_lane_running{instance="a",stage="KIND"}': "2",
    'dragoman_lane_running{instance="b",stage="KIND"}': "1",
    'dragoman_lane_oldest_wait_seconds{instance="a",stage="KIND"}': "0.25",
    'dragoman_lane_oldest_wait_seconds{instance="b",stage="KIND"}': "1.5",
    'dragoman_lane_waiting{instance="a",stage="other"}': "100",
    'dragoman_lane_oldest_wait_seconds{instance="a",stage="other"}': "100",
}
"""Those of two servers, and of a stage that is not asked for."""
LAG, AGE = 14.0, 1.5


def queries() -> dict[tuple[str, str], str]:
    """Return what KEDA asks Prometheus for, by kind of workers and name of the trigger."""
    return {
        (name.rpartition("-")[2], trigger["name"]): trigger["metadata"]["query"]
        for name, one in manifests("ScaledObject").items()
        for trigger in one["spec"]["triggers"]
    }


def test_prometheus_finds_what_two_servers_tell(tmp_path: Path) -> None:
    assert queries().keys() == {(kind, name) for kind in KINDS for name in ("lag", "age")}
    tests: list[dict[str, Any]] = []
    for (kind, name), query in queries().items():
        series = [{"series": one.replace("KIND", kind), "values": value} for one, value in FIGURES.items()]
        wanted = {
            "expr": query,
            "eval_time": "0m",
            "exp_samples": [{"labels": "{}", "value": LAG if name == "lag" else AGE}],
        }
        tests.append({"interval": "1m", "input_series": series, "promql_expr_test": [wanted]})
    (tmp_path / "tests.yml").write_text(yaml.safe_dump({"rule_files": [], "tests": tests}))
    promtool = shutil.which("promtool")
    assert promtool is not None
    done = subprocess.run([promtool, "test", "rules", tmp_path / "tests.yml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


async def test_servers_have_these_figures() -> None:
    known = families(await exposition())
    for (kind, _), query in queries().items():
        for name, stage in re.findall(r'(dragoman_\w+)\{stage="(\w+)"\}', query):
            assert stage == kind
            assert stage in {sample.labels["stage"] for sample in known[name].samples}


async def test_the_lag_is_the_number_of_jobs_in_the_streams(tmp_path: Path) -> None:
    engine, keys = GatedTranslator(), Keys("mt")

    def told(*lanes: RemoteLane[Any, Any]) -> int:
        return sum(one.waiting + one.running for one in (lane.readings() for lane in lanes))

    with running_redis(tmp_path) as redis:
        client = connect(redis.url)
        async with worker_here(redis.url, engine), lane_to(redis.url) as a, lane_to(redis.url) as b:
            async with asyncio.TaskGroup() as group:
                for number, lane in enumerate((a, b, a, b, a)):
                    group.create_task(lane.do(phrase(str(number))))
                await until(lambda: bool(engine.order) and told(a, b) == 5)
                (offer,) = a._roster.workers
                streams = [keys.jobs(offer, urgent=urgent) for urgent in (True, False)]
                async with asyncio.timeout(60):
                    while sum([await client.xlen(one) for one in streams]) != 5:  # noqa: ASYNC110
                        await asyncio.sleep(0.01)
                assert max(lane.readings().oldest_wait_s for lane in (a, b)) > 0
                engine.gate.set()
            assert told(a, b) == 0 == sum([await client.xlen(one) for one in streams])
        await client.aclose()


@pytest.mark.parametrize("kind", KINDS)
def test_numbers_stay_where_no_figure_is_known(kind: str) -> None:
    """A Prometheus that has lost its targets must not take workers away in mid-call."""
    for trigger in manifests("ScaledObject")[f"ScaledObject/worker-{kind}"]["spec"]["triggers"]:
        assert trigger["metadata"]["ignoreNullValues"] == "false"
