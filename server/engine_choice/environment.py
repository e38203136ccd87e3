"""The environment of an engine's process: an allow-list, so that a new secret of ours reaches no engine by itself."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from pipeline.engines.registry import EngineSpec, find
from server.settings import PREFIX

ALLOWED = (
    "PATH",  # commands, such as espeak-ng, and a Python by its name
    "HOME",  # caches of libraries, and ~ in paths
    "USER",  # torch names its cache folder by it
    "LANG", "LANGUAGE", "LC_*",  # the encoding of texts and file names
    "TZ",
    "TMPDIR", "TEMP", "TMP", "XDG_*",  # folders to write in
    "LD_LIBRARY_PATH", "LD_PRELOAD",  # libraries of CUDA; another allocator
    "MALLOC_*",
    "PYTHON*", "VIRTUAL_ENV",
    "CUDA_*", "NVIDIA_*", "CUDNN_*", "CUBLAS_*", "HIP_*", "ROCR_*",  # which GPU, and how
    "OMP_*", "OPENBLAS_*", "MKL_*", "KMP_*", "GOMP_*", "BLIS_*", "NUMEXPR_*",  # threads of matrix libraries
    "CT2_*", "ORT_*", "TORCH_*", "PYTORCH_*", "TTS_*", "COQUI_*",  # the engines' own libraries
    "ESPEAK_*",
    "HF_HOME", "HF_HUB_*", "TRANSFORMERS_*", "TOKENIZERS_*",  # not HF_*: HF_TOKEN is a secret
    "SSL_CERT_*", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",  # whom an engine on another machine is believed to be
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
    "http_proxy", "https_proxy", "all_proxy", "no_proxy",
)  # fmt: skip
"""Names of variables that every engine is given; `*` stands for any end of a name."""

_ALLOWED = re.compile("|".join(re.escape(name).replace(r"\*", ".*") for name in ALLOWED))
_KEY_OPTION = "key_variable"
"""The option in which an engine's settings name the variable that holds its key."""


def engine_environment(spec: EngineSpec, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables that the process of this engine gets.

    These are the allowed ones, and the keys that the engine's entry in the registry or its options name. A setting
    of ours is never among them. Raises EngineError for an engine that the registry doesn't know.
    """
    keys = {*find(spec).keys, str(spec.options.get(_KEY_OPTION, ""))}
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith(PREFIX) and (name in keys or _ALLOWED.fullmatch(name))
    }
