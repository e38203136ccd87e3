"""A report in MLflow, where it is installed: https://mlflow.org, with its usual settings (MLFLOW_TRACKING_URI)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

EXPERIMENT = "dragoman-quality"


def track(report: Mapping[str, Any], files: list[Path]) -> str | None:
    """Log engines as parameters, scores as metrics and the files as artifacts; the run's id, or None without MLflow."""
    try:
        import mlflow
    except ImportError:
        return None
    mlflow.set_experiment(EXPERIMENT)
    with mlflow.start_run(run_name=str(report["data"])) as run:
        mlflow.log_params({"data": report["data"], "items": report["items"], **report["engines"]})
        mlflow.log_metrics(metrics(report))
        for file in files:
            mlflow.log_artifact(str(file))
        return str(run.info.run_id)


def metrics(report: Mapping[str, Any]) -> dict[str, float]:
    """Each score by a name such as `translation.en-es.bleu`."""
    found = {"failures": float(len(report["failures"]))}
    for stage in ("recognition", "translation", "spoken_translation", "intelligibility"):
        for what, values in report[stage].items():
            for name, value in values.items():
                if isinstance(value, int | float):
                    found[f"{stage}.{what}.{name}"] = float(value)
    return found
