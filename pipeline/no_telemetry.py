"""Keeps libraries from sending anything about this machine to their makers: set before any of them is imported."""

from __future__ import annotations

import os

# ONNX Runtime (1.32) keeps a database of events in ~/.cache/Microsoft, and sends them to its maker, from its import on.
SWITCHES = {"ORT_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}

os.environ.update(SWITCHES)
