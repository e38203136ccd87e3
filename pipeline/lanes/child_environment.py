"""Environment of an engine's process: variables by an allow-list, and the keys of that engine alone.

A server hands each lane the environment of its engine (`LocalLane.environment`). Programs without a server (benches,
the contract's command, tests) hand none, and the engine gets what is allowed of their own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from pipeline.engines.registry import EngineSpec, entries, key_variables

NAMES = frozenset((
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TERM", "TMPDIR", "TMP", "TEMP",
    "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "LD_PRELOAD", "PYTHONUTF8", "PYTHONIOENCODING",
    "PYTHONWARNINGS", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED",
    "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR",
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    "DO_NOT_TRACK", "HF_HUB_DISABLE_TELEMETRY",
    "HF_HOME", "HF_HUB_CACHE", "HF_ENDPOINT", "TRANSFORMERS_CACHE", "TTS_HOME", "COQUI_TOS_AGREED",
))  # fmt: skip
"""Variables by name. None of them holds a secret of ours: `HF_TOKEN` is not among them."""
PREFIXES = ("LC_", "CUDA_", "NVIDIA_", "OMP_", "OPENBLAS_", "MKL_", "KMP_", "CT2_", "ORT_", "MALLOC_", "ESPEAK_")
"""Variables by the beginning of their name: locale, graphics card, numeric libraries, memory allocator."""


def allowed(environment: Mapping[str, str], spec: EngineSpec) -> dict[str, str]:
    """Return the variables of `environment` that this engine may see: the allow-list, and its own keys."""
    own = key_variables(spec)
    return {
        name: value for name, value in environment.items() if name in NAMES or name in own or name.startswith(PREFIXES)
    }


def of_engine(spec: EngineSpec, environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of this engine's process.

    It is the `environment` that a server handed down, without the keys of other engines. If none was handed down, it
    is what is `allowed` of this process's own.
    """
    if environment is None:
        return allowed(os.environ, spec)
    others = {key for entry in entries().values() for key in entry.keys} - set(key_variables(spec))
    return {name: value for name, value in environment.items() if name not in others}
