"""Old name of `pipeline.engines.registry`, for one version."""

from pipeline.deprecated_names import moved

__getattr__ = moved(__name__, "pipeline.engines.registry", {"Gathering": "Batching"})
