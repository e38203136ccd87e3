"""Old name of `pipeline.engine_contract`, for one version."""

from pipeline.deprecated_names import moved

__getattr__ = moved(__name__, "pipeline.engine_contract")
