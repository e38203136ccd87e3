"""Batches of windows for Whisper: several people's utterances in one forward pass, each heard as if alone.

faster-whisper's own batches are the pieces of one long recording; ours are different people's sentences. At
temperature 0 and without the text of earlier windows: what is left then of `WhisperModel.generate_segments` (1.2) is
done here in rounds, one window of each utterance that is not over in a round. On a GPU a round is encoded and decoded
together. On a CPU it is encoded one by one, which costs the same, and decoded together, which costs less: weights are
read once for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import ctranslate2
import numpy as np
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import Segment, Word, get_compression_ratio, get_suppressed_tokens
from faster_whisper.utils import get_end

from pipeline.engines.whisper.model import WINDOW_FRAMES, Aligned, TrimmedWhisper
from pipeline.engines.whisper.second_opinion import USUAL, Guard, most_tokens, says_again
from pipeline.engines.whisper.windows import Progress, Task, Window, WindowText

_LATEST_FIRST_TIMESTAMP = 50  # steps of 20 ms: faster-whisper's `max_initial_timestamp` of 1 s
# `transcribe`'s own defaults: punctuation that belongs to the word after it, or before.
_OPENING, _CLOSING = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"


class WindowBatch:
    """A recogniser of many utterances at once. `stretch`: by how many mel frames the encoder's view of an
    utterance may be longer than it is alone, so that it is decoded with longer ones; None: by any number. `beam`:
    texts that the decoder follows side by side. `encode_together`: on a CPU, too, where it doesn't pay. `guard` judges
    the texts of shortened windows with a silent tail."""

    def __init__(
        self,
        model: TrimmedWhisper,
        *,
        timestamps: bool,
        word_timestamps: bool,
        suppress_tokens: Sequence[int],
        stretch: int | None,
        beam: int = 1,
        encode_together: bool = False,
        guard: Guard = USUAL,
    ) -> None:
        self._model = model
        self._beam = beam
        self._timestamps = timestamps
        self._word_timestamps = word_timestamps
        # As `transcribe` makes them of the same option; they are the same in every language.
        any_language = Tokenizer(model.hf_tokenizer, False)
        self._suppressed = get_suppressed_tokens(any_language, list(suppress_tokens)) if suppress_tokens else []
        self._stretch = stretch
        self._guard = guard
        # Encodings are put side by side by numpy, which knows neither bfloat16 nor a GPU's memory.
        must = model.model.device != "cpu" or "16" in model.model.compute_type
        self._encodes_together = must or encode_together

    def transcribe(self, tasks: Iterable[Task]) -> None:
        """Fills in the tasks' `segments`, `spoken` and `doubted`."""
        going = [self._begin(task) for task in tasks]
        while going := [one for one in going if one.seek < one.content]:
            for group in self._groups([self._window(one) for one in going]):
                self._hear(group)

    def _begin(self, task: Task) -> Progress:
        model = self._model
        tokenizer = Tokenizer(
            model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language=task.language
        )
        features = model.feature_extractor
        return Progress(task, features(task.audio), tokenizer, features.nb_max_frames)

    def _window(self, progress: Progress) -> Window:
        start = progress.seek
        mels = pad_or_trim(progress.features[:, start : start + progress.size], WINDOW_FRAMES)
        before = progress.task.hints.before if start == 0 else ()
        return Window(progress, mels, self._model.frames(mels), self._prompt(progress, before), before)

    def _prompt(self, progress: Progress, before: tuple[int, ...]) -> list[int]:
        hints, encode = progress.task.hints, progress.tokenizer.encode
        first = encode(" " + hints.initial_prompt.strip()) if hints.initial_prompt and progress.seek == 0 else []
        prompt: list[int] = self._model.get_prompt(
            progress.tokenizer,
            [*first, *before],
            without_timestamps=not self._timestamps,
            hotwords=hints.hotwords,
        )
        return prompt

    def _groups(self, windows: Sequence[Window]) -> list[list[Window]]:
        """Return the windows that may share a pass: prompts of one length, audio of about one length.

        Words are aligned behind one start of the transcript. So with word timestamps windows of one language, too,
        if the encodings can't be told apart.
        """

        def kind(window: Window) -> tuple[object, ...]:
            apart = self._word_timestamps and self._encodes_together
            return (len(window.prompt), window.progress.task.language if apart else "")

        groups: list[list[Window]] = []
        for window in sorted(windows, key=lambda window: (*kind(window), -window.frames)):
            longest = groups[-1][0] if groups else None
            alike = longest is not None and kind(longest) == kind(window)
            if longest is None or not alike or not self._reaches(longest, window):
                groups.append([])
            groups[-1].append(window)
        return groups

    def _reaches(self, longest: Window, window: Window) -> bool:
        return (
            self._stretch is None
            or longest.frames - window.frames <= self._stretch
            or (not self._encodes_together and self._same_to_the_decoder(longest, window))
        )

    def _same_to_the_decoder(self, one: Window, other: Window) -> bool:
        """True if both have as many positions. A silent tail fills them up, so nothing need be stretched."""
        return self._model.positions(one.frames) == self._model.positions(other.frames)

    def _hear(self, group: Sequence[Window]) -> None:
        encoded = self._encode(group)
        self._judge_languages(group, encoded)
        results = self._model.model.generate(
            encoded,
            [window.prompt for window in group],
            beam_size=self._beam,
            max_length=self._max_length(group),
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=self._suppressed,
            max_initial_timestamp_index=_LATEST_FIRST_TIMESTAMP,
        )
        texts = [self._text(window, result) for window, result in zip(group, results, strict=True)]
        if self._word_timestamps:
            self._align(group, encoded, [text.parts for text in texts])
        again = []
        for window, text in zip(group, texts, strict=True):
            doubted, final = self._doubts(window, text), window.progress.task.final
            if doubted and final:
                again.append(self._by_itself(window, WINDOW_FRAMES))
            elif window.before and (doubted or self._copies(window, text)):
                again.append(self._by_itself(window, window.frames))
            else:
                window.progress.task.doubted |= doubted
                self._keep(window, text)
        for window in again:
            self._hear([window])

    def _copies(self, window: Window, text: WindowText) -> bool:
        """Return True if a text repeats the words before its window. Decoding leaves its timestamps out."""
        task, decode = window.progress.task, window.progress.tokenizer.decode
        return says_again(decode(list(window.before)), decode(text.tokens), task.language)

    def _by_itself(self, window: Window, frames: int) -> Window:
        """Return a window without the words before it, of which the encoder sees `frames`."""
        return replace(window, prompt=self._prompt(window.progress, ()), before=(), frames=frames, encoded=None)

    def _is_guarded(self, window: Window) -> bool:
        return self._model.silent_tail > 0 and window.frames < WINDOW_FRAMES

    def _doubts(self, window: Window, text: WindowText) -> bool:
        return self._is_guarded(window) and self._guard.doubts(
            len(text.tokens), self._most_tokens(window), text.logprob, text.compression, text.no_speech
        )

    def _most_tokens(self, window: Window) -> int:
        """Return the number of tokens that may be written for a window, as if it were alone."""
        whole: int = self._model.max_length
        most = min(whole // 2, whole - len(window.prompt))
        if not self._is_guarded(window):
            return most
        seconds = float(window.progress.size * self._model.feature_extractor.time_per_frame)
        return min(most, most_tokens(seconds))

    def _max_length(self, group: Sequence[Window]) -> int:
        """Return CTranslate2's bound: it writes no more than half of it, nor more than the prompt leaves of it."""
        most = max(map(self._most_tokens, group))
        whole: int = self._model.max_length
        return min(whole, max(2 * most, len(group[0].prompt) + most))

    def _encode(self, group: Sequence[Window]) -> Any:
        model, longest = self._model, group[0]
        if self._encodes_together or len(group) == 1:
            mels = np.stack([window.mels[:, : longest.frames] for window in group])
            encoded = model.with_silence(model.encode_as_is(mels))
            if len(group) == 1:
                longest.encoded = encoded
            return encoded
        for window in group:
            frames = window.frames if self._same_to_the_decoder(longest, window) else longest.frames
            window.encoded = model.with_silence(model.encode_as_is(window.mels[np.newaxis, :, :frames]))
        return ctranslate2.StorageView.from_array(np.concatenate([np.asarray(window.encoded) for window in group]))

    def _judge_languages(self, group: Sequence[Window], encoded: Any) -> None:
        asked = [bool(window.progress.task.languages) and window.progress.seek == 0 for window in group]
        if not any(asked) or not self._model.model.is_multilingual:
            return
        for window, wanted, judged in zip(group, asked, self._model.model.detect_language(encoded), strict=True):
            if wanted:
                task = window.progress.task
                likely = ((token[2:-2], float(probability)) for token, probability in judged)
                task.spoken = tuple((code, share) for code, share in likely if code in task.languages)

    def _text(self, window: Window, result: Any) -> WindowText:
        progress, frame_s = window.progress, self._model.feature_extractor.time_per_frame
        tokens: list[int] = result.sequences_ids[0]
        parts, seek, ends = self._model._split_segments_by_timestamps(
            tokenizer=progress.tokenizer,
            tokens=tokens,
            time_offset=progress.seek * frame_s,
            segment_size=progress.size,
            segment_duration=progress.size * frame_s,
            seek=progress.seek,
        )
        logprob = result.scores[0] * len(tokens) / (len(tokens) + 1)
        ratio = get_compression_ratio(progress.tokenizer.decode(tokens).strip())
        return WindowText(tokens, logprob, ratio, result.no_speech_prob, parts, seek, ends)

    def _align(self, group: Sequence[Window], encoded: Any, segments: Sequence[list[dict[str, Any]]]) -> None:
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

    def _keep(self, window: Window, text: WindowText) -> None:
        """The segments of a window, and where the next one begins."""
        progress, seek = window.progress, text.seek
        began = progress.seek
        if self._word_timestamps:
            ended = get_end(text.parts)
            if ended is not None:
                progress.spoken_until = ended
                frame_s = self._model.feature_extractor.time_per_frame
                if not text.ends and ended > began * frame_s:
                    seek = round(ended / frame_s)
        for part in text.parts:
            words = progress.tokenizer.decode(part["tokens"])
            if part["start"] == part["end"] or not words.strip():
                continue
            progress.task.segments.append(
                Segment(
                    id=len(progress.task.segments) + 1,
                    seek=began,
                    start=part["start"],
                    end=part["end"],
                    text=words,
                    tokens=part["tokens"],
                    avg_logprob=text.logprob,
                    compression_ratio=text.compression,
                    no_speech_prob=text.no_speech,
                    words=[Word(**word) for word in part["words"]] if self._word_timestamps else None,
                    temperature=0.0,
                )
            )
        progress.seek = max(seek, began + 1)  # a model that marks no time passes it all the same
