"""Word errors and time of a Whisper with its padding to 30 s and without, and the verdict.

Whisper's weights are trained on windows of 30 s. Without the padding a short sentence costs a small part of the time,
but whether it is understood as well depends on the weights, and is to be shown on them. Weights that were trained
without padding bear a margin alone. Others bear it with a silent tail: then the encoder is spared, and the decoder sees
what it is used to.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.engines import EngineError
from pipeline.engines.whisper.model import WINDOW_FRAMES
from pipeline.engines.whisper.options import DecodingOptions
from pipeline.engines.whisper.transcriber import Whisper
from pipeline.speech import Transcribe
from pipeline.text.language import primary
from pipeline.text.word_errors import word_errors
from server.short_windows.material import Clip, NoMaterial, recorded, synthesized, words

MARGINS = (30, 100, 200)
"""Frames of padding (10 ms each) that are tried."""
TAILS = (0, WINDOW_FRAMES)
"""Frames of encoded silence behind them that are tried, in this order: the next only where the last is not borne."""
TOLERANCE = 0.005
"""Share of all words that may be wrong beyond those that are wrong with padding."""
LEAST_WORDS = 150
"""Words below which the material shows nothing."""
MOST_WRONG = 0.5
"""A model that understands less than this of the padded sentences shows nothing on them."""

MAY, MAY_NOT, UNUSABLE = 0, 1, 2
"""Exit statuses: trimming may be switched on; it may not, or not on this evidence; nothing could be checked."""


@dataclass(frozen=True, slots=True)
class Row:
    """Result of one margin; None is the padded encoder. `differ`: sentences that came out other than padded."""

    margin: int | None
    errors: int
    wer: float
    differ: int
    ms: float
    silent_tail: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`margin` and `silent_tail` are those to use where trimming may be switched on; `why` says it in words."""

    may_trim: bool
    margin: int | None
    why: str
    silent_tail: int = 0


def run(
    model: str,
    data: Path | None = None,
    *,
    margins: Sequence[int] = MARGINS,
    tails: Sequence[int] = TAILS,
    language: str | None = None,
    device: str = "cpu",
    compute_type: str | None = None,
    threads: int = 1,
    tolerance: float = TOLERANCE,
    least_words: int = LEAST_WORDS,
    limit: int | None = None,
) -> int:
    """Check the Whisper folder `model` on a folder of WAV files with texts beside them (see `trim_material`), or on
    synthetic speech; `limit` sentences of each language at most. Prints a table, and as the last line one JSON object.
    Returns `MAY`, `MAY_NOT` or `UNUSABLE`."""
    try:
        decoding = DecodingOptions(device=device, compute_type=compute_type, threads=threads)
        whisper = Whisper(model, decoding=decoding)
        clips = _clips(whisper, data, language, limit)
        trial = _Trial(whisper, clips)
        rows = [trial.row(None, 0)]
        for tail in tails:
            rows += [trial.row(margin, tail) for margin in margins]
            if _borne(rows, trial.count, tolerance) is not None:
                break
    except (EngineError, NoMaterial) as error:
        print(f"check-trim: {error}", file=sys.stderr)
        return UNUSABLE
    verdict = judge(rows, trial.count, tolerance=tolerance, least_words=least_words)
    material = "synthesized" if data is None else "recorded"
    languages = sorted({clip.language for clip in clips})
    print(f"{model} on {device}: {len(clips)} {material} sentences, {trial.count} words, in {', '.join(languages)}")
    print(_table(rows))
    print(verdict.why)
    if data is None:
        print("Synthetic voices tell little of people: check on recordings of some before you rely on it.")
    facts = {"model": model, "device": device, "material": material, "languages": languages}
    figures = {"sentences": len(clips), "words": trial.count, "rows": [asdict(row) for row in rows]}
    print(json.dumps({**facts, **figures, **asdict(verdict)}, ensure_ascii=False))
    return MAY if verdict.may_trim else MAY_NOT


def judge(rows: Sequence[Row], count: int, *, tolerance: float = TOLERANCE, least_words: int = LEAST_WORDS) -> Verdict:
    """`rows` begin with the padded encoder's; `count` words were said. The shortest tail and then the smallest margin
    that cost no more errors than `tolerance` allows are the ones. Pure."""
    padded = rows[0]
    if count < least_words:
        return Verdict(False, None, f"Not shown: {count} words are too few, {least_words} are wanted.")
    if padded.wer > MOST_WRONG:
        return Verdict(False, None, f"Not shown: padded as usual, {padded.wer:.0%} of the words are wrong already.")
    row = _borne(rows, count, tolerance)
    if row is None:
        return Verdict(False, None, "Trimming costs words with each of these margins: leave it off.")
    gain = f"{padded.ms / row.ms:.1f} times as fast" if row.ms else "faster"
    tail = f" and a silent_tail of {row.silent_tail}" if row.silent_tail else ""
    return Verdict(
        True,
        row.margin,
        f"Trimming may be switched on with a margin of {row.margin} frames{tail}: {row.errors} of {count} words "
        f"are wrong, {padded.errors} with the padding; {gain}.",
        row.silent_tail,
    )


def _borne(rows: Sequence[Row], count: int, tolerance: float) -> Row | None:
    """Return the cheapest row without more errors than `tolerance` allows."""
    padded, trimmed = rows[0], sorted(rows[1:], key=lambda row: (row.silent_tail, row.margin or 0))
    return next((row for row in trimmed if row.errors - padded.errors <= tolerance * count), None)


def _clips(whisper: Whisper, data: Path | None, language: str | None, limit: int | None) -> list[Clip]:
    if limit is not None and limit < 1:
        raise NoMaterial(f"limit: {limit} sentences of each language are none")
    wanted = {language} if language else whisper.languages
    clips = synthesized(wanted, limit) if data is None else recorded(data, language)
    known = [clip for clip in clips if primary(clip.language) in whisper.languages]
    if not known:
        raise NoMaterial(f"the model knows none of {', '.join(sorted({clip.language for clip in clips}))}")
    taken: Counter[str] = Counter()
    kept = []
    for clip in known:
        taken[clip.language] += 1
        if limit is None or taken[clip.language] <= limit:
            kept.append(clip)
    return kept


class _Trial:
    """Sentences that are recognised in one way after another. All ways are compared with the first one."""

    def __init__(self, whisper: Whisper, clips: Sequence[Clip]) -> None:
        self._whisper = whisper
        self._clips = clips
        self._first: list[str] = []
        self.count = sum(len(words(clip.text, clip.language)) for clip in clips)
        """Number of words in the sentences."""

    def row(self, margin: int | None, tail: int) -> Row:
        """Hear all sentences with that margin and tail. Raises `EngineError` for one that is none."""
        whisper, clips = self._whisper, self._clips
        whisper.margin, whisper.silent_tail = margin, tail
        whisper.warm_up()
        began = time.perf_counter()
        texts = [whisper.transcribe([Transcribe(clip.audio, clip.language)])[0].text for clip in clips]
        seconds = time.perf_counter() - began
        self._first = self._first or texts
        wrong = sum(
            word_errors(words(clip.text, clip.language), words(text, clip.language))
            for clip, text in zip(clips, texts, strict=True)
        )
        differ = sum(one != other for one, other in zip(self._first, texts, strict=True))
        wer = round(wrong / max(1, self.count), 4)
        return Row(margin, wrong, wer, differ, round(seconds / len(clips) * 1000, 1), tail)


def _table(rows: Sequence[Row]) -> str:
    lines = [
        "| margin, frames | silence behind, frames | words wrong | word error rate | sentences that differ "
        "| ms a sentence |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        name = "padded to 30 s" if row.margin is None else str(row.margin)
        lines.append(f"| {name} | {row.silent_tail} | {row.errors} | {row.wer:.1%} | {row.differ} | {row.ms:.1f} |")
    return "\n".join(lines)
