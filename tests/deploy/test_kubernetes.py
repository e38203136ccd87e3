"""The manifests without a cluster: they are what Kubernetes and KEDA know, hardened, and fit the program they run."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import kubernetes_validate
import pytest
import yaml

from server import settings
from server.cli.commands import parser
from server.settings import Settings
from signaling.http.operations import OPERATIONS
from signaling.sessions.live_sessions import READERS_END_S, ROOM_CLOSING_S
from tests.kit.compose_files import FILLED_IN, PASSWORDS
from tests.kit.kubernetes_files import (
    DEPLOY,
    Manifest,
    by_file,
    environment,
    labels_of,
    manifests,
    pod_of,
    selects,
    workloads,
)
from turn.__main__ import from_environment

ROOT = DEPLOY.parent
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
KUBERNETES = "1.30", "1.37"
"""The oldest version that the manifests are for, and the newest of the schemas."""
OURS = {"dragoman": "server", "dragoman-node": "node", "dragoman-turn": "turn"}
"""Images of ours, and the stage of the Dockerfile that each is."""
ELSEWHERE = {"redis-ca"}
"""ConfigMaps that the operator makes, as the secrets."""
KINDS = "stt", "mt", "tts"
SECRETS = {
    "node": {
        "DRAGOMAN_SECRET": FILLED_IN["DRAGOMAN_SECRET"],
        "DRAGOMAN_DATABASE_URL": "postgresql+asyncpg://dragoman:password@db.example.org/dragoman?ssl=require",
        "DRAGOMAN_METRICS_TOKEN": "3" * 64,
    },
    "relay": {"DRAGOMAN_TURN_SECRET": FILLED_IN["DRAGOMAN_TURN_SECRET"]},
    "redis-password": {"node": PASSWORDS["REDIS_NODE_PASSWORD"]},
    "redis-passwords": {kind: PASSWORDS[f"REDIS_{kind.upper()}_PASSWORD"] for kind in ("node", *KINDS)},
}
"""Secrets that the operator makes, as docs/several-machines.md says."""
EPHEMERAL = 32768, 60999
"""Linux's net.ipv4.ip_local_port_range, from which VXLAN and Geneve take their source ports."""
FIELDS = {"status.hostIP": "10.0.0.11", "metadata.name": "node-0"}
each_workload = pytest.mark.parametrize("workload", workloads().values(), ids=workloads().keys())


def started(name: str) -> dict[str, str]:
    """Return the environment of a workload."""
    return environment(workloads()[name], SECRETS, FIELDS)


def container_of(workload: Manifest) -> Manifest:
    (container,) = pod_of(workload)["containers"]
    found: Manifest = container
    return found


@pytest.fixture(scope="module", autouse=True)
def _schemas_are_read_once() -> None:
    from kubernetes_validate import utils

    utils.schema_contents = cache(utils.schema_contents)


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("file", [name for name in by_file() if name != "scaling.yaml"])
def test_kubernetes_knows_every_field(file: str, version: str) -> None:
    for one in by_file()[file]:
        assert kubernetes_validate.validate(one, version, strict=True) == version


def test_a_field_that_kubernetes_does_not_know_is_found() -> None:
    wrong = copy.deepcopy(workloads()["StatefulSet/node"])
    pod_of(wrong)["terminationGracePeriod"] = 60
    with pytest.raises(kubernetes_validate.ValidationError, match="terminationGracePeriod"):
        kubernetes_validate.validate(wrong, KUBERNETES[0], strict=True)


def scaled() -> dict[str, Manifest]:
    return manifests("ScaledObject")


def keda() -> Any:
    return jsonschema_rs.validator_for(json.loads((Path(__file__).parent / "keda.schema.json").read_text()))


@pytest.mark.parametrize("kind", KINDS)
def test_keda_scales_each_kind_of_workers(kind: str) -> None:
    one = scaled()[f"ScaledObject/worker-{kind}"]
    keda().validate(one)
    spec, target = one["spec"], workloads()[f"Deployment/worker-{kind}"]
    assert spec["scaleTargetRef"] == {"name": target["metadata"]["name"]}
    assert one["metadata"]["namespace"] == target["metadata"]["namespace"]
    assert "replicas" not in target["spec"], "an apply would undo what KEDA has decided"
    assert 2 <= spec["minReplicaCount"] < spec["maxReplicaCount"]
    autoscaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "as-keda-makes-it"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", **spec["scaleTargetRef"]},
            "minReplicas": spec["minReplicaCount"],
            "maxReplicas": spec["maxReplicaCount"],
            **spec["advanced"]["horizontalPodAutoscalerConfig"],
        },
    }
    kubernetes_validate.validate(autoscaler, KUBERNETES[0], strict=True)


def test_a_field_that_keda_does_not_know_is_found() -> None:
    wrong = copy.deepcopy(scaled()["ScaledObject/worker-stt"])
    wrong["spec"]["triggers"][0]["metadata"]["treshold"] = "2"
    with pytest.raises(jsonschema_rs.ValidationError, match="treshold"):
        keda().validate(wrong)


@each_workload
def test_a_pod_has_few_rights(workload: Manifest) -> None:
    pod, container = pod_of(workload), container_of(workload)
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False  # variables of a Service could be taken for settings
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] >= 100
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not {"hostPID", "hostIPC", "shareProcessNamespace", "initContainers"} & pod.keys()
    assert not any("hostPath" in volume for volume in pod["volumes"])


@each_workload
def test_a_pod_takes_no_more_than_its_share(workload: Manifest) -> None:
    resources = container_of(workload)["resources"]
    assert {"cpu", "memory"} <= resources["requests"].keys()
    assert "memory" in resources["limits"]
    for volume in pod_of(workload)["volumes"]:
        assert "emptyDir" not in volume or "sizeLimit" in volume["emptyDir"]


def test_the_machines_network_is_for_media_alone() -> None:
    on_it = {name for name, one in workloads().items() if pod_of(one).get("hostNetwork")}
    assert on_it == {"StatefulSet/node", "Deployment/relay"}
    for name in on_it:
        one = workloads()[name]
        assert one["metadata"]["namespace"] == "dragoman-media"
        assert pod_of(one)["dnsPolicy"] == "ClusterFirstWithHostNet"
        (alone,) = pod_of(one)["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        assert selects(alone["labelSelector"], labels_of(one)), "two of them would want the same ports"
    level = "pod-security.kubernetes.io/enforce"
    levels = {name: one["metadata"]["labels"][level] for name, one in manifests("Namespace").items()}
    assert levels == {"Namespace/dragoman": "restricted", "Namespace/dragoman-media": "privileged"}


def test_ports_on_a_machine_do_not_collide() -> None:
    node = settings.read(started("StatefulSet/node"))
    relay = from_environment(started("Deployment/relay"), "/run/coturn")
    assert node.media_ports is not None
    assert node.media_ports[1] < relay.relay_ports[0]
    assert len({node.port, relay.listening_port, relay.tls_listening_port}) == 3


def test_the_machines_rules_are_of_the_same_ports_and_networks() -> None:
    rules = (DEPLOY / "nftables/kubernetes.nft").read_text()
    node = settings.read(started("StatefulSet/node"))
    relay = from_environment(started("Deployment/relay"), "/run/coturn")
    assert node.media_ports is not None
    media, relayed = ("{}-{}".format(*ports) for ports in (node.media_ports, relay.relay_ports))
    assert f"define HTTP = {node.port}\ndefine RELAY_PORTS = {relayed}\n" in rules
    assert f"define OPEN = {{ {media}, {relay.listening_port}, $RELAY_PORTS }}" in rules
    assert relay.relay_ports[0] > EPHEMERAL[1], "an overlay's datagrams would be taken for a relay's"
    networks = re.search(r"define CLUSTER = \{ (\S+), (\S+) \}", rules)
    assert networks is not None
    assert set(networks.groups()) == set(started("StatefulSet/node")["DRAGOMAN_TRUSTED_PROXIES"].split(","))


@each_workload
def test_an_image_is_pinned(workload: Manifest) -> None:
    name, _, tag = container_of(workload)["image"].partition(":")
    ours = name.removeprefix("registry.example.org/")
    if ours == name:
        assert name in {"valkey/valkey", "nginxinc/nginx-unprivileged"}
        assert re.fullmatch(r"\d+\.\d+\.\d+", tag)
        return
    assert tag == VERSION
    assert re.search(rf"^FROM \S+ AS {OURS[ours]}$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


@each_workload
def test_what_it_runs_is_a_command(workload: Manifest) -> None:
    container = container_of(workload)
    if re.search(r"/dragoman(-node)?:", container["image"]):
        assert container["command"][0] == "dragoman"
        parser().parse_args(container["command"][1:])  # ends the process where it is none


def test_secrets_are_referred_to_and_nowhere_written() -> None:
    assert manifests("Secret") == {}
    for workload in workloads().values():
        for one in container_of(workload).get("env", []):
            if re.search("SECRET|PASSWORD|TOKEN|DATABASE_URL", one["name"]):
                assert "secretKeyRef" in one["valueFrom"]
    for one in manifests("ConfigMap").values():
        assert [name for name in one["data"] if re.search("SECRET|PASSWORD|TOKEN|KEY|DATABASE", name)] == []


def test_what_an_operator_makes_is_told() -> None:
    text = (ROOT / "docs/several-machines.md").read_text()
    for workload in workloads().values():
        pod, container = pod_of(workload), container_of(workload)
        named = {one["secret"]["secretName"] for one in pod["volumes"] if "secret" in one}
        named |= {one["secretRef"]["name"] for one in container.get("envFrom", []) if "secretRef" in one}
        named |= {
            one["valueFrom"]["secretKeyRef"]["name"]
            for one in container.get("env", [])
            if "secretKeyRef" in one.get("valueFrom", {})
        }
        for name in named:
            assert re.search(rf"create secret \w+ {name} ", text), name
    for name in ELSEWHERE:
        assert f"create configmap {name} " in text


def test_the_commands_come_in_an_order_that_works() -> None:
    """A job for models before the claim would wait for a volume that nobody has asked for."""
    text = (ROOT / "docs/several-machines.md").read_text()
    commands = (
        "create -f deploy/kubernetes/jobs/schema.yaml",
        "apply -k deploy\n",
        "create -f deploy/kubernetes/jobs/models.yaml",
    )
    places = [text.index(f"kubectl {command}") for command in commands]
    assert places == sorted(places)
    for kind in ("ConfigMap/worker", "PersistentVolumeClaim/models"):
        assert kind in manifests(), "what the job needs is among what is applied"


def test_a_node_takes_its_settings() -> None:
    given = started("StatefulSet/node")
    read = settings.read(given)
    assert (read.node, read.host, read.node_url) == ("node-0", "10.0.0.11", "http://10.0.0.11:8080")
    assert read.mode == "production"
    assert (read.stt, read.mt, read.tts) == ("redis", "redis", "redis")
    assert read.redis_url == (
        f"rediss://node:{PASSWORDS['REDIS_NODE_PASSWORD']}@redis.dragoman.svc.cluster.local:6379"
        "?ssl_ca_certs=/etc/dragoman/redis-ca/ca.crt"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_takes_its_settings_and_no_password_but_its_own(kind: str) -> None:
    workload = workloads()[f"Deployment/worker-{kind}"]
    given = started(f"Deployment/worker-{kind}")
    read = settings.read(given)
    assert container_of(workload)["command"] == ["dragoman", "worker", f"--{kind}"]
    assert (read.redis_url or "").startswith(f"rediss://{kind}:{PASSWORDS[f'REDIS_{kind.upper()}_PASSWORD']}@")
    assert not any(value in given.values() for name, value in SECRETS["redis-passwords"].items() if name != kind)


@pytest.mark.parametrize("job", ["Job/models-", "Job/schema-"])
def test_a_job_takes_its_settings(job: str) -> None:
    settings.read(started(job))


def test_the_relay_takes_its_settings() -> None:
    assert from_environment(started("Deployment/relay"), "/run/coturn").realm == "example.org"


def test_redis_knows_the_users_that_come() -> None:
    users = set(re.findall(r"^user (\w+) on", (DEPLOY / "redis/users.acl").read_text(), re.MULTILINE))
    assert users == {"node", *KINDS}
    given = {name.removesuffix("_PASSWORD").lower() for name in started("Deployment/redis") if "PASSWORD" in name}
    assert given == users


def test_each_probe_asks_for_what_is_there() -> None:
    asked = set()
    for workload in workloads().values():
        container = container_of(workload)
        ports = {port["name"] for port in container.get("ports", [])}
        for name in ("startupProbe", "livenessProbe", "readinessProbe"):
            probe = container.get(name, {})
            if "httpGet" in probe:
                asked.add(probe["httpGet"]["path"])
            where = probe.get("httpGet") or probe.get("tcpSocket")
            assert where is None or where["port"] in ports
    assert asked == {"/health", "/ready"}
    assert asked <= {one.path for one in OPERATIONS if one.method == "GET" and not one.refusals}


def test_a_node_that_takes_nobody_is_not_restarted() -> None:
    node = container_of(workloads()["StatefulSet/node"])
    assert node["livenessProbe"]["httpGet"]["path"] == "/health"
    assert node["readinessProbe"]["httpGet"]["path"] == "/ready"


def test_there_is_time_to_end() -> None:
    given = Settings()
    drain_s = 2 * (given.shutdown_seconds + ROOM_CLOSING_S) + READERS_END_S
    node = pod_of(workloads()["StatefulSet/node"])
    assert "lifecycle" not in container_of(workloads()["StatefulSet/node"]), "SIGTERM is the drain"
    assert node["terminationGracePeriodSeconds"] >= drain_s
    runs_s = 2 * max(given.stt_timeout, given.mt_timeout, given.tts_timeout)
    for kind in KINDS:
        assert pod_of(workloads()[f"Deployment/worker-{kind}"])["terminationGracePeriodSeconds"] >= runs_s
    nginx = workloads()["Deployment/nginx"]
    hook_s = container_of(nginx)["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod_of(nginx)["terminationGracePeriodSeconds"] > hook_s


def test_a_drain_of_machines_takes_one_after_the_other() -> None:
    budgets = manifests("PodDisruptionBudget")
    several = {name for name, one in workloads().items() if one["kind"] != "Job" and one["spec"].get("replicas") != 1}
    covered = {
        name
        for name in several
        for budget in budgets.values()
        if budget["metadata"]["namespace"] == workloads()[name]["metadata"]["namespace"]
        and selects(budget["spec"]["selector"], labels_of(workloads()[name]))
    }
    assert covered == several
    assert len(budgets) == len(several)
    for budget in budgets.values():
        assert budget["spec"]["maxUnavailable"] == 1
        assert "minAvailable" not in budget["spec"]


def test_each_node_has_an_address_that_nginx_knows() -> None:
    node, conf = workloads()["StatefulSet/node"], (DEPLOY / "kubernetes/nginx.conf").read_text()
    pods = [f"{node['metadata']['name']}-{number}" for number in range(node["spec"]["replicas"])]
    services = manifests("Service")
    for pod in pods:
        spec = services[f"Service/{pod}"]["spec"]
        assert spec["selector"] == {"statefulset.kubernetes.io/pod-name": pod}
        assert spec["publishNotReadyAddresses"] is True
        assert f"/ws/{pod} dragoman_{pod.replace('-', '_')};" in conf
    assert services["Service/node"]["spec"]["publishNotReadyAddresses"] is True, "Prometheus looks there"
    hosts = set(re.findall(r"server (\S+) ", conf))
    assert hosts == {f"{pod}.dragoman-media.svc.cluster.local:8080" for pod in pods}


def test_services_lead_to_ports_of_their_pods() -> None:
    for service in manifests("Service").values():
        selector = {name: value for name, value in service["spec"]["selector"].items() if "/" not in name}
        found = [
            one
            for one in workloads().values()
            if one["metadata"]["namespace"] == service["metadata"]["namespace"]
            and selects({"matchLabels": selector or {"app": "node"}}, labels_of(one))
        ]
        assert len(found) == 1
        ports = {port["name"] for port in container_of(found[0])["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports


def test_policies_let_through_what_is_needed_and_nothing_else() -> None:
    policies = {name.partition("/")[2]: one["spec"] for name, one in manifests("NetworkPolicy").items()}
    assert policies.pop("nothing") == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert {port["port"] for port in policies.pop("names")["egress"][0]["ports"]} == {53}
    inside = {labels_of(one)["app"]: one for one in workloads().values() if not pod_of(one).get("hostNetwork")}
    del inside["schema"]  # in the other namespace
    assert policies.keys() == inside.keys()
    for name, policy in policies.items():
        assert policy["podSelector"] == {"matchLabels": {"app": name}}
        opened = {port["port"] for rule in policy.get("ingress", []) for port in rule["ports"]}
        ports = {port["containerPort"] for port in container_of(inside[name]).get("ports", [])}
        assert opened == ({6379} if name == "redis" else ports)
    assert "ingress" not in policies["worker"]
    assert policies["worker"]["egress"][0]["to"] == [{"podSelector": {"matchLabels": {"app": "redis"}}}]


@each_workload
def test_each_mount_is_of_something(workload: Manifest) -> None:
    pod, container = pod_of(workload), container_of(workload)
    assert {one["name"] for one in container["volumeMounts"]} == {one["name"] for one in pod["volumes"]}
    made = {one.partition("/")[2] for one in manifests("ConfigMap")} | {one["name"] for one in generated()}
    for volume in pod["volumes"]:
        if "configMap" in volume:
            assert volume["configMap"]["name"] in made | ELSEWHERE
        if "persistentVolumeClaim" in volume:
            claim = volume["persistentVolumeClaim"]["claimName"]
            assert f"PersistentVolumeClaim/{claim}" in manifests("PersistentVolumeClaim")


def kustomization() -> Manifest:
    loaded: Manifest = yaml.safe_load((DEPLOY / "kustomization.yaml").read_text())
    return loaded


def generated() -> list[Manifest]:
    found: list[Manifest] = kustomization()["configMapGenerator"]
    return found


def test_the_kustomization_has_all_files() -> None:
    listed = {path.removeprefix("kubernetes/") for path in kustomization()["resources"]}
    assert listed == {name for name in by_file() if not name.startswith("jobs/")}
    for one in generated():
        for path in one["files"]:
            assert (DEPLOY / path).is_file()
