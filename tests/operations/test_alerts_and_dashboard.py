"""Alert rules and the dashboard name what a server exposes, and nothing else; each check is shown to fail."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import Metric

from tests.kit import documents
from tests.kit.exposition import exposition, families

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy/prometheus/alerts.yml"
CASES = ROOT / "deploy/prometheus/alerts_test.yml"
PROMETHEUS_OWN = {"up"}
"""Metrics that Prometheus makes itself."""
IN_NO_PANEL: dict[str, str] = {}
"""Metric → why no panel shows it."""

NAME = re.compile(r"\b(?:dragoman|process|python)_[a-z0-9_]+|\bup\b")
SELECTOR = re.compile(r"\b([a-z_][a-z0-9_]*)\{([^}]*)\}")
MATCHER = re.compile(r'([a-z_]+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
SET_BY_PROMETHEUS = {"instance", "job", "le"}


@pytest.fixture
async def known() -> Mapping[str, Metric]:
    return families(await exposition())


@cache
def rules() -> tuple[dict[str, Any], ...]:
    return tuple(rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"])


@cache
def dashboard() -> dict[str, Any]:
    loaded = json.loads((ROOT / "deploy/grafana/dragoman.json").read_text())
    assert isinstance(loaded, dict)
    return loaded


def expressions() -> list[str]:
    return [rule["expr"] for rule in rules()] + panel_expressions()


def panel_expressions() -> list[str]:
    return [target["expr"] for panel in dashboard()["panels"] for target in panel.get("targets", [])]


def base(name: str) -> str:
    """Return the family of a histogram's series."""
    return re.sub(r"_(bucket|sum|count)$", "", name)


def unknown(expression: str, known: Mapping[str, Metric]) -> list[str]:
    """Return the metrics of an expression that nobody exposes."""
    return sorted({name for name in NAME.findall(expression) if base(name) not in known} - PROMETHEUS_OWN)


def never_there(expression: str, known: Mapping[str, Metric]) -> Iterator[str]:
    """Yield the labels, and the values of labels, that no series of the metric has: such a selector selects nothing."""
    for name, matchers in SELECTOR.findall(expression):
        if name in PROMETHEUS_OWN:
            continue
        samples = [sample.labels for sample in known[base(name)].samples]
        for label, _, wanted in MATCHER.findall(matchers):
            values = {labels.get(label) for labels in samples}
            if label not in SET_BY_PROMETHEUS:
                yield from (f"{name}: {label}={one}" for one in wanted.split("|") if one not in values)


def test_rules_and_panels_name_metrics_that_exist(known: Mapping[str, Metric]) -> None:
    assert len(expressions()) > 60
    assert [name for one in expressions() for name in unknown(one, known)] == []
    assert unknown("rate(dragoman_tea_total[5m]) / dragoman_rooms", known) == ["dragoman_tea_total"]


def test_rules_and_panels_name_labels_that_exist(known: Mapping[str, Metric]) -> None:
    assert [problem for one in expressions() for problem in never_there(one, known)] == []
    wrong = 'dragoman_utterances_total{outcome=~"failed|lost"} / dragoman_sessions{status="active"}'
    assert list(never_there(wrong, known)) == [
        "dragoman_utterances_total: outcome=lost",
        "dragoman_sessions: status=active",
    ]


def test_every_metric_is_in_a_panel(known: Mapping[str, Metric]) -> None:
    shown = {base(name) for one in panel_expressions() for name in NAME.findall(one)}
    ours = {name for name in known if name.startswith("dragoman_")}
    assert ours - shown == IN_NO_PANEL.keys()


def test_grafana_can_load_the_dashboard() -> None:
    whole = dashboard()
    assert whole["schemaVersion"] >= 36 and whole["title"] and whole["uid"]
    variables = {one["name"]: one for one in whole["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource" and variables["datasource"]["query"] == "prometheus"
    ids = [panel["id"] for panel in whole["panels"]]
    assert len(set(ids)) == len(ids)
    taken: set[tuple[int, int]] = set()
    for panel in whole["panels"]:
        place = panel["gridPos"]
        across, down = (range(place[at], place[at] + place[size]) for at, size in (("x", "w"), ("y", "h")))
        cells = set(itertools.product(across, down))
        assert across.stop <= 24 and not cells & taken, panel["title"]
        taken |= cells
        if panel["type"] == "row":
            continue
        assert panel["title"] and panel["targets"]
        for part in (panel, *panel["targets"]):
            assert part["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


def test_every_rule_has_a_row_in_the_runbook_and_every_row_a_rule() -> None:
    runbook = documents.section((ROOT / "docs/operations.md").read_text(), "## At an alert")
    assert set(re.findall(r"^\| `(\w+)` \|", runbook, re.MULTILINE)) == {rule["alert"] for rule in rules()}
    for rule in rules():
        assert rule["annotations"]["runbook"] == "docs/operations.md#at-an-alert"
        assert rule["labels"]["severity"] in {"critical", "warning"}


def test_every_rule_is_tried_where_it_must_call_and_where_it_must_not() -> None:
    tried: dict[str, set[bool]] = {rule["alert"]: set() for rule in rules()}
    for case in yaml.safe_load(CASES.read_text())["tests"]:
        for expected in case["alert_rule_test"]:
            tried[expected["alertname"]].add(bool(expected["exp_alerts"]))
    assert [name for name, outcomes in tried.items() if outcomes != {True, False}] == []


def promtool(*arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    program = shutil.which("promtool")
    assert program is not None, "promtool is missing: scripts/setup test"
    return subprocess.run(
        [program, *arguments], input=given, capture_output=True, text=True, cwd=RULES.parent, timeout=60
    )


def test_promtool_accepts_the_rules_and_their_cases(tmp_path: Path) -> None:
    checked = promtool("check", "rules", str(RULES))
    assert checked.returncode == 0 and f"{len(rules())} rules found" in checked.stdout, checked.stdout + checked.stderr
    tried = promtool("test", "rules", str(CASES))
    assert tried.returncode == 0 and "SUCCESS" in tried.stdout, tried.stdout + tried.stderr
    (tmp_path / RULES.name).write_text(RULES.read_text().replace("dragoman_ready == 0", "dragoman_ready == 1"))
    (tmp_path / CASES.name).write_text(CASES.read_text())
    assert promtool("test", "rules", str(tmp_path / CASES.name)).returncode == 1


def test_promtool_reads_every_expression_of_a_panel(tmp_path: Path) -> None:
    def checked(*read: str) -> int:
        written = [{"record": f"panel_{number}", "expr": one} for number, one in enumerate(read)]
        (tmp_path / "panels.yml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": written}]}))
        return promtool("check", "rules", str(tmp_path / "panels.yml")).returncode

    assert checked(*panel_expressions()) == 0
    assert checked("sum by (stage) (dragoman_lane_waiting") != 0


async def test_promtool_accepts_the_exposition() -> None:
    page = await exposition()
    checked = promtool("check", "metrics", given=page)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert promtool("check", "metrics", given=page + "dragoman_tea 1\n").returncode != 0
