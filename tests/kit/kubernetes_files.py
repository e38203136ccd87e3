"""The manifests of deploy/kubernetes: every object, and what the containers of a workload are started with."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.kit.compose_files import of_image

DEPLOY = Path(__file__).parents[2] / "deploy"
Manifest = dict[str, Any]


@cache
def by_file() -> dict[str, list[Manifest]]:
    """Return the objects of each file, by the file's path below deploy/kubernetes."""
    folder = DEPLOY / "kubernetes"
    paths = sorted(folder.rglob("*.yaml"))
    return {str(path.relative_to(folder)): list(yaml.safe_load_all(path.read_text())) for path in paths}


def manifests(*kinds: str) -> dict[str, Manifest]:
    """Return all objects of some kinds, or of all, by kind and name."""
    found = {f"{one['kind']}/{_name(one)}": one for objects in by_file().values() for one in objects}
    return {name: one for name, one in found.items() if not kinds or one["kind"] in kinds}


def _name(one: Manifest) -> str:
    metadata = one["metadata"]
    return str(metadata.get("name") or metadata["generateName"])


def workloads() -> dict[str, Manifest]:
    """Return what runs pods, by kind and name."""
    return manifests("StatefulSet", "Deployment", "Job")


def pod_of(workload: Manifest) -> Manifest:
    """Return the spec of a workload's pods."""
    spec: Manifest = workload["spec"]["template"]["spec"]
    return spec


def labels_of(workload: Manifest) -> dict[str, str]:
    """Return the labels of a workload's pods."""
    labels: dict[str, str] = workload["spec"]["template"]["metadata"]["labels"]
    return labels


def selects(selector: Manifest, labels: dict[str, str]) -> bool:
    """Return True if a selector by labels takes pods with these labels."""
    return all(labels.get(name) == value for name, value in selector.get("matchLabels", {}).items())


def environment(workload: Manifest, secrets: dict[str, dict[str, str]], fields: dict[str, str]) -> dict[str, str]:
    """Return the environment of a workload's container, as Kubernetes makes it.

    `secrets`: values by the secret's name and the key. `fields`: values of the fields of the pod that are referred to.
    Raises KeyError for what is referred to and not there.
    """
    (container,) = pod_of(workload)["containers"]
    found = dict(of_image(container["image"]))
    for source in container.get("envFrom", []):
        if "configMapRef" in source:
            found |= manifests("ConfigMap")[f"ConfigMap/{source['configMapRef']['name']}"]["data"]
        else:
            found |= secrets[source["secretRef"]["name"]]
    for one in container.get("env", []):
        found[one["name"]] = _value(one, found, secrets, fields)
    return found


def _value(one: Manifest, before: dict[str, str], secrets: dict[str, dict[str, str]], fields: dict[str, str]) -> str:
    if "value" in one:
        text: str = one["value"]
        for name, value in before.items():
            text = text.replace(f"$({name})", value)
        return text
    source = one["valueFrom"]
    if "fieldRef" in source:
        return fields[source["fieldRef"]["fieldPath"]]
    return secrets[source["secretKeyRef"]["name"]][source["secretKeyRef"]["key"]]
