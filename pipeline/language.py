"""Old name of `pipeline.text.language`, for one version."""

from pipeline.deprecated_names import moved

__getattr__ = moved(__name__, "pipeline.text.language")
