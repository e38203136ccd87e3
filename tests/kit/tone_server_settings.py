"""Settings of a server that interprets tones."""

from __future__ import annotations

from tests.kit.server_process import UNLIMITED

SECRET = "a key that the tests know to sign what has expired"
FOR_TONES = UNLIMITED | {"DRAGOMAN_MODELS": "scripted", "DRAGOMAN_VAD": "loudness", "DRAGOMAN_SECRET": SECRET}
SHIFT = 2000.0
"""Hertz that the scripted interpreter adds."""
SHIFTED_TONES = FOR_TONES | {"DRAGOMAN_TTS": f'scripted:{{"shift_hz": {SHIFT}}}'}
