"""Loader of a Whisper model folder for a device, with an encoder that may be spared the padding to 30 s.

Every size and shape is loaded alike (tiny to large-v3, turbo, the distilled ones): what differs, mel bins, languages,
decoder layers, alignment heads, is read from the model.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim
from faster_whisper.feature_extractor import FeatureExtractor
from numpy.typing import NDArray

from pipeline.engines import EngineError

Features = NDArray[np.float32]

WINDOW_FRAMES = 3000
"""Mel frames that an encoder can be given: 30 s where they are 10 ms apart."""
STEP_FRAMES = 50
"""Windows are multiples of it. Not any step will do: CTranslate2 takes an encoding of as many positions (two frames
each) as there are mel bins for features, encodes it once more, and hears garbage."""
SHORTEST_FRAMES = 100

DEVICES = ("cpu", "cuda", "auto")
COMPUTE_TYPES = (
    *("int8", "int8_float32", "int8_float16", "int8_bfloat16", "int16", "float16", "bfloat16", "float32"),
    *("default", "auto"),
)


@dataclass(frozen=True, slots=True)
class Aligned:
    """Stand-in for an encoding: the result that `find_alignment` gave for it already."""

    words: list[list[dict[str, Any]]]


class TrimmedWhisper(WhisperModel):  # type: ignore[misc]
    """A WhisperModel whose encoder sees the utterance, `margin` mel frames of padding (10 ms each, unless the
    folder's hop_length says otherwise), no more; with a margin of None it sees the usual 30 s.

    A decoder ends its text by looking at the silence behind it. Weights that were trained on 30 s miss that silence and
    go round in circles. `silent_tail` gives it back for the price of a copy: what the encoder makes of silence.
    """

    margin: int | None = None
    silent_tail: int = 0
    """Frames of encoded silence that the decoder sees behind a shortened window, 30 s in all at most."""
    _silence: Features | None = None
    """The encoding of 30 s of silence, [1, positions, width]; a position is two frames."""

    def frames(self, window: Features) -> int:
        """Return the number of frames of a window, [mels, 3000], that the encoder sees.

        Trailing columns that are all zero are padding.
        """
        most = int(window.shape[-1])
        if self.margin is None:
            return most
        used = np.flatnonzero(window.any(axis=0))
        wanted = (int(used[-1]) + 1 if used.size else 0) + self.margin
        return min(most, max(SHORTEST_FRAMES, _in_steps(wanted)))

    def positions(self, frames: int) -> int:
        """Return the number of positions that the decoder sees where the encoder sees `frames`."""
        return min(WINDOW_FRAMES, frames + self.silent_tail) // 2

    def show_silence(self, frames: int) -> None:
        """Set `silent_tail`, rounded up to whole steps, and encode the silence if that is not done yet."""
        self.silent_tail = _in_steps(frames)
        if self.silent_tail and self._silence is None:
            sound = np.zeros(WINDOW_FRAMES * self.feature_extractor.hop_length, np.float32)
            mels = pad_or_trim(self.feature_extractor(sound), WINDOW_FRAMES)
            self._silence = _array(self.encode_as_is(mels[np.newaxis])).copy()

    def with_silence(self, encoded: Any) -> Any:
        """Return [windows, positions, width] with the silent tail behind it, cut out at the positions that follow."""
        first = int(encoded.shape[1])
        last = self.positions(2 * first)
        if self._silence is None or last <= first:
            return encoded
        speech = _array(encoded)
        tail = np.broadcast_to(self._silence[:, first:last], (speech.shape[0], last - first, speech.shape[2]))
        return ctranslate2.StorageView.from_array(np.concatenate([speech, tail], axis=1))

    def encode(self, features: Features) -> Any:
        """`features` is [mels, 3000] or [1, mels, 3000]."""
        if features.ndim == 2:
            features = features[np.newaxis]
        return self.with_silence(self.encode_as_is(features[:, :, : self.frames(features[0])]))

    def encode_as_is(self, features: Features) -> Any:
        """Encode [windows, mels, frames] without trimming; a StorageView of [windows, frames / 2, width]."""
        return super().encode(np.ascontiguousarray(features))

    def find_alignment(self, tokenizer: Any, text_tokens: Any, encoder_output: Any, num_frames: Any) -> Any:
        """Return words, tokens, times and probabilities of one window, or of several at once."""
        if isinstance(encoder_output, Aligned):
            return encoder_output.words
        # In less than two frames CTranslate2 aligns nothing, and faster-whisper fails on that.
        return super().find_alignment(tokenizer, text_tokens, encoder_output, np.maximum(num_frames, 2).tolist())


def _in_steps(frames: int) -> int:
    """Return the least multiple of a step that is not below `frames`."""
    return math.ceil(frames / STEP_FRAMES) * STEP_FRAMES


def _array(encoded: Any) -> Features:
    """An encoding as numpy knows it, wherever it lies and whatever its type is there."""
    if encoded.device != "cpu":
        encoded = encoded.to_device(ctranslate2.Device.cpu)
    if encoded.dtype != ctranslate2.DataType.float32:
        encoded = encoded.to(ctranslate2.DataType.float32)
    return np.asarray(encoded)


def load(path: str, *, device: str, compute_type: str | None, threads: int, word_timestamps: bool) -> TrimmedWhisper:
    """The model of a folder, or of a name that faster-whisper knows and this machine's hub cache holds.

    `device` is cpu, cuda or auto; `compute_type` one of CTranslate2's, None for int8 on a CPU and float16 on a GPU.
    Raises `EngineError` that says what is wrong and what would do: no such folder or device, a type that the
    device can't compute, files that are missing.
    """
    device = _device(device)
    compute_type = _compute_type(device, compute_type)
    _require_files(path, word_timestamps)
    try:
        model = TrimmedWhisper(
            path, device=device, compute_type=compute_type, cpu_threads=threads, local_files_only=True
        )
    except (RuntimeError, ValueError, OSError) as error:
        raise EngineError(f"no Whisper model could be loaded from {path!r}: {error}") from error
    if model.feature_extractor.mel_filters.shape[0] != model.model.n_mels:
        # The folder has no preprocessor_config.json, or another model's: the weights know better (80, or 128 since v3).
        model.feature_extractor = FeatureExtractor(**{**model.feat_kwargs, "feature_size": model.model.n_mels})
    # faster-whisper goes on at a timestamp as if frames were always 10 ms apart.
    model.input_stride = round(model.time_precision * model.frames_per_second)
    return model


def _device(device: str) -> str:
    if device not in DEVICES:
        raise EngineError(f"device {device!r} is none of {', '.join(DEVICES)}")
    gpus = ctranslate2.get_cuda_device_count()
    if device == "auto":
        return "cuda" if gpus else "cpu"
    if device == "cuda" and not gpus:
        raise EngineError("device 'cuda': no GPU with a CUDA driver is found here; use device 'cpu'")
    return device


def _compute_type(device: str, wanted: str | None) -> str:
    if wanted is None:
        wanted = "int8" if device == "cpu" else "float16"
    if wanted not in COMPUTE_TYPES:
        raise EngineError(f"compute_type {wanted!r} is none of {', '.join(COMPUTE_TYPES)}")
    supported = ctranslate2.get_supported_compute_types(device)
    if wanted not in ("default", "auto") and wanted not in supported:
        raise EngineError(
            f"compute_type {wanted!r} is not computed by this machine's {device}; "
            f"it computes {', '.join(sorted(supported))}"
        )
    return wanted


def _require_files(path: str, word_timestamps: bool) -> None:
    """faster-whisper would ask the hub for what a folder lacks: say it instead."""
    folder = Path(path)
    if not folder.is_dir():
        if "/" in path or path.startswith("."):
            raise EngineError(f"there is no model folder {path!r}")
        return  # a name: the hub cache is looked into, and nothing is fetched
    for name, what in (("model.bin", "CTranslate2's weights"), ("tokenizer.json", "the tokenizer")):
        if not (folder / name).is_file():
            raise EngineError(
                f"{path!r} has no {name} ({what}): it must be a Whisper folder in CTranslate2's format, as "
                "ct2-transformers-converter --copy_files tokenizer.json preprocessor_config.json makes it"
            )
    if word_timestamps and not _config(folder).get("alignment_heads"):
        raise EngineError(
            f"word_timestamps: {path!r} names no alignment_heads in its config.json; a newer CTranslate2 converts them"
        )


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise EngineError(f"{str(folder)!r} has no readable config.json: {error}") from error
    if not isinstance(config, dict):
        raise EngineError(f"config.json of {str(folder)!r} is no JSON object")
    return config
