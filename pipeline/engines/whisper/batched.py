"""Batches of windows for Whisper: several people's utterances in one forward pass, each heard as if alone.

faster-whisper's own batches are the pieces of one long recording; ours are different people's sentences. Greedy, at
temperature 0 and without the text of earlier windows: what is left then of `WhisperModel.generate_segments` (1.2) is
done here in rounds, one window of each utterance that is not over in a round. On a GPU a round is encoded and decoded
together. On a CPU it is encoded one by one, which costs the same, and decoded together, which costs less: weights are
read once for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import Segment, Word, get_compression_ratio, get_suppressed_tokens
from faster_whisper.utils import get_end
from numpy.typing import NDArray

from pipeline.engines.whisper.model import WINDOW_FRAMES, Aligned, Features, TrimmedWhisper
from pipeline.engines.whisper.prompt import NO_HINTS, Hints

_LATEST_FIRST_TIMESTAMP = 50  # steps of 20 ms: faster-whisper's `max_initial_timestamp` of 1 s
# `transcribe`'s own defaults: punctuation that belongs to the word after it, or before.
_OPENING, _CLOSING = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"


@dataclass(slots=True)
class Task:
    """One utterance: `audio` is mono float32 at 16 kHz. `languages`: judge which of them is spoken, too."""

    audio: NDArray[np.float32]
    language: str
    hints: Hints = NO_HINTS
    languages: frozenset[str] = frozenset()
    segments: list[Segment] = field(default_factory=list)
    spoken: tuple[tuple[str, float], ...] = ()
    """Of `languages`, (language, probability), the likeliest first. They needn't add up to 1: it may be another."""


@dataclass(slots=True)
class _Progress:
    """Position of a task. `seek` is the frame at which its next window begins."""

    task: Task
    features: Features
    tokenizer: Tokenizer
    most: int
    """Frames of a whole window."""
    seek: int = 0
    spoken_until: float = 0.0

    @property
    def content(self) -> int:
        return int(self.features.shape[-1]) - 1

    @property
    def size(self) -> int:
        """Frames of the window that are not padding."""
        return min(self.most, self.content - self.seek)


@dataclass(slots=True)
class _Window:
    progress: _Progress
    mels: Features
    frames: int
    prompt: list[int]
    encoded: Any = None
    """Of this window alone; None where the round was encoded together."""


class WindowBatch:
    """A recogniser of many utterances at once. `stretch`: by how many mel frames the encoder's view of an
    utterance may be longer than it is alone, so that it is decoded with longer ones; None: by any number.
    `encode_together`: on a CPU, too, where it doesn't pay."""

    def __init__(
        self,
        model: TrimmedWhisper,
        *,
        timestamps: bool,
        word_timestamps: bool,
        suppress_tokens: Sequence[int],
        stretch: int | None,
        encode_together: bool = False,
    ) -> None:
        self._model = model
        self._timestamps = timestamps
        self._word_timestamps = word_timestamps
        # As `transcribe` makes them of the same option; they are the same in every language.
        any_language = Tokenizer(model.hf_tokenizer, False)
        self._suppressed = get_suppressed_tokens(any_language, list(suppress_tokens)) if suppress_tokens else []
        self._stretch = stretch
        # Encodings are put side by side by numpy, which knows neither bfloat16 nor a GPU's memory.
        must = model.model.device != "cpu" or "16" in model.model.compute_type
        self._encodes_together = must or encode_together

    def transcribe(self, tasks: Iterable[Task]) -> None:
        """Fills in the tasks' `segments` and `spoken`."""
        going = [self._begin(task) for task in tasks]
        while going := [one for one in going if one.seek < one.content]:
            for group in self._groups([self._window(one) for one in going]):
                self._hear(group)

    def _begin(self, task: Task) -> _Progress:
        model = self._model
        tokenizer = Tokenizer(
            model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language=task.language
        )
        features = model.feature_extractor
        return _Progress(task, features(task.audio), tokenizer, features.nb_max_frames)

    def _window(self, progress: _Progress) -> _Window:
        start, hints = progress.seek, progress.task.hints
        mels = pad_or_trim(progress.features[:, start : start + progress.size], WINDOW_FRAMES)
        first = hints.initial_prompt if start == 0 else None
        prompt = self._model.get_prompt(
            progress.tokenizer,
            progress.tokenizer.encode(" " + first.strip()) if first else [],
            without_timestamps=not self._timestamps,
            hotwords=hints.hotwords,
        )
        return _Window(progress, mels, self._model.frames(mels), prompt)

    def _groups(self, windows: Sequence[_Window]) -> list[list[_Window]]:
        """Return the windows that may share a pass: prompts of one length, audio of about one length.

        Words are aligned behind one start of the transcript. So with word timestamps windows of one language, too,
        if the encodings can't be told apart.
        """

        def kind(window: _Window) -> tuple[object, ...]:
            apart = self._word_timestamps and self._encodes_together
            return (len(window.prompt), window.progress.task.language if apart else "")

        groups: list[list[_Window]] = []
        for window in sorted(windows, key=lambda window: (*kind(window), -window.frames)):
            longest = groups[-1][0] if groups else None
            alike = longest is not None and kind(longest) == kind(window)
            if longest is None or not alike or not self._reaches(longest.frames - window.frames):
                groups.append([])
            groups[-1].append(window)
        return groups

    def _reaches(self, frames: int) -> bool:
        return self._stretch is None or frames <= self._stretch

    def _hear(self, group: Sequence[_Window]) -> None:
        encoded = self._encode(group)
        self._judge_languages(group, encoded)
        results = self._model.model.generate(
            encoded,
            [window.prompt for window in group],
            beam_size=1,
            max_length=self._model.max_length,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=self._suppressed,
            max_initial_timestamp_index=_LATEST_FIRST_TIMESTAMP,
        )
        splits = [self._split(window, result) for window, result in zip(group, results, strict=True)]
        if self._word_timestamps:
            self._align(group, encoded, [parts for parts, _, _ in splits])
        for window, result, split in zip(group, results, splits, strict=True):
            self._keep(window, result, split)

    def _encode(self, group: Sequence[_Window]) -> Any:
        frames = group[0].frames  # the longest
        if self._encodes_together or len(group) == 1:
            encoded = self._model.encode_as_is(np.stack([window.mels[:, :frames] for window in group]))
            if len(group) == 1:
                group[0].encoded = encoded
            return encoded
        for window in group:
            window.encoded = self._model.encode_as_is(window.mels[np.newaxis, :, :frames])
        return ctranslate2.StorageView.from_array(np.concatenate([np.asarray(window.encoded) for window in group]))

    def _judge_languages(self, group: Sequence[_Window], encoded: Any) -> None:
        asked = [bool(window.progress.task.languages) and window.progress.seek == 0 for window in group]
        if not any(asked) or not self._model.model.is_multilingual:
            return
        for window, wanted, judged in zip(group, asked, self._model.model.detect_language(encoded), strict=True):
            if wanted:
                task = window.progress.task
                likely = ((token[2:-2], float(probability)) for token, probability in judged)
                task.spoken = tuple((code, share) for code, share in likely if code in task.languages)

    def _split(self, window: _Window, result: Any) -> tuple[list[dict[str, Any]], int, bool]:
        """(segments, where the next window begins, whether nothing is said behind the last timestamp)."""
        progress, frame_s = window.progress, self._model.feature_extractor.time_per_frame
        parts: tuple[list[dict[str, Any]], int, bool] = self._model._split_segments_by_timestamps(
            tokenizer=progress.tokenizer,
            tokens=result.sequences_ids[0],
            time_offset=progress.seek * frame_s,
            segment_size=progress.size,
            segment_duration=progress.size * frame_s,
            seek=progress.seek,
        )
        return parts

    def _align(self, group: Sequence[_Window], encoded: Any, segments: Sequence[list[dict[str, Any]]]) -> None:
        """Put `words` into the segments."""
        aligned: list[Any] = [window.encoded for window in group]
        if len(group) > 1 and self._encodes_together:
            first = group[0].progress.tokenizer
            texts = [[token for part in parts for token in part["tokens"] if token < first.eot] for parts in segments]
            sizes = [window.progress.size for window in group]
            aligned = [Aligned([words]) for words in self._model.find_alignment(first, texts, encoded, sizes)]
        for window, parts, where in zip(group, segments, aligned, strict=True):
            progress = window.progress
            self._model.add_word_timestamps(
                [parts], progress.tokenizer, where, progress.size, _OPENING, _CLOSING, progress.spoken_until
            )

    def _keep(self, window: _Window, result: Any, split: tuple[list[dict[str, Any]], int, bool]) -> None:
        """The segments of a window, and where the next one begins."""
        progress, (parts, seek, ends) = window.progress, split
        began, tokens = progress.seek, result.sequences_ids[0]
        if self._word_timestamps:
            ended = get_end(parts)
            if ended is not None:
                progress.spoken_until = ended
                frame_s = self._model.feature_extractor.time_per_frame
                if not ends and ended > began * frame_s:
                    seek = round(ended / frame_s)
        logprob = result.scores[0] * len(tokens) / (len(tokens) + 1)
        ratio = get_compression_ratio(progress.tokenizer.decode(tokens).strip())
        for part in parts:
            text = progress.tokenizer.decode(part["tokens"])
            if part["start"] == part["end"] or not text.strip():
                continue
            progress.task.segments.append(
                Segment(
                    id=len(progress.task.segments) + 1,
                    seek=began,
                    start=part["start"],
                    end=part["end"],
                    text=text,
                    tokens=part["tokens"],
                    avg_logprob=logprob,
                    compression_ratio=ratio,
                    no_speech_prob=result.no_speech_prob,
                    words=[Word(**word) for word in part["words"]] if self._word_timestamps else None,
                    temperature=0.0,
                )
            )
        progress.seek = max(seek, began + 1)  # a model that marks no time passes it all the same
