"""A report in MLflow, where it is installed: https://mlflow.org, with its usual settings (MLFLOW_TRACKING_URI)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

EXPERIMENT = "dragoman-quality"


def track(report: Mapping[str, Any], files: Iterable[Path]) -> str:
    """Log engines as parameters, scores as metrics and the files as artifacts. Return the outcome in words."""
    try:
        import mlflow
    except ImportError:
        return "MLflow is not installed: nothing was logged there"
    try:
        mlflow.set_experiment(EXPERIMENT)
        with mlflow.start_run(run_name=str(report["data"])) as run:
            mlflow.log_params({"data": report["data"], "items": report["items"], **report["engines"]})
            mlflow.log_metrics(metrics(report))
            for file in files:
                mlflow.log_artifact(str(file))
            return f"MLflow run {run.info.run_id}"
    except Exception as error:  # noqa: BLE001 - a store that is away, full or refused: the report is on disk already
        return f"MLflow logged nothing: {type(error).__name__}: {str(error).partition(chr(10))[0]}"


def metrics(report: Mapping[str, Any]) -> dict[str, float]:
    """Each score by a name such as `translation.en-es.bleu`."""
    found = {"failures": float(len(report["failures"]))}
    for stage in ("recognition", "translation", "spoken_translation", "intelligibility"):
        for what, values in report[stage].items():
            for name, value in values.items():
                if isinstance(value, int | float):
                    found[f"{stage}.{what}.{name}"] = float(value)
    return found
