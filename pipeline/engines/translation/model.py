"""One translation model by CTranslate2 and SentencePiece: texts in, texts out, as one batch."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import ctranslate2
import sentencepiece

from pipeline.engines import EngineError
from pipeline.engines.translation.carrying_on import going_on
from pipeline.engines.translation.model_description import Asking, Description, Pair
from pipeline.speech import Begun
from pipeline.text.segmenter import joined, sentences

_LONGEST = 160
"""Pieces of one source. Longer ones are cut between words: the models were trained on sentences, and some of them
know no more than 512 positions."""
_BATCH = 32
_WITHOUT_SPACES = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Letters of scripts that put no space between words: Thai, Lao, Burmese, Khmer, kana, ideographs."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A text to be translated; the languages are primary subtags. `begun`: the sentence that it goes on."""

    text: str
    source: str
    target: str
    begun: Begun | None = None


@dataclass(frozen=True, slots=True)
class _Source:
    """A sentence's pieces, and how they are asked."""

    pieces: list[str]
    asking: Asking
    begun: tuple[str, ...] = ()
    """Pieces of the translation that is carried on."""

    @property
    def target_prefix(self) -> list[str]:
        """Tokens that the translation is made to begin with; they are no part of it."""
        return [*self.asking.target_prefix, *self.begun]

    @property
    def tokens(self) -> list[str]:
        return [*self.asking.prefix, *self.pieces, *self.asking.suffix]

    @property
    def most(self) -> int:
        """Tokens of its translation at most: 64, 128, 256, 512. Whatever is longer goes round in circles."""
        return 64 << max(0, (24 + 2 * len(self.pieces) - 1).bit_length() - 6)


class TextModel:
    """The texts of a batch may be of any pairs that the model knows.

    A translation is what it would be alone: sources are only padded to a common length, which the library masks, and
    a runaway translation is cut where it would have been cut alone.
    """

    def __init__(
        self,
        description: Description,
        *,
        device: str = "cpu",
        compute_type: str = "int8",
        threads: int = 1,
        beam: int = 1,
    ) -> None:
        self.description = description
        self._beam = beam
        self._source = _load(description.source_pieces)
        self._target = _load(description.target_pieces)
        try:
            self._model = ctranslate2.Translator(
                str(description.folder),
                device=device,
                compute_type=compute_type,
                intra_threads=threads,
                inter_threads=1,
            )
        except (RuntimeError, ValueError) as error:
            raise EngineError(f"{description.folder} can't be loaded: {error}") from None
        self._identity = f"{compute_type} {beam} {_fingerprint(description)}"

    @property
    def pairs(self) -> frozenset[Pair]:
        return frozenset(self.description.asking)

    @property
    def identity(self) -> str:
        """Differs where translations may differ: the files, and how they are run."""
        return self._identity

    def translate(self, asked: Sequence[Asked]) -> list[str]:
        """One translation for each text, in order; a blank text's is blank.

        Where a text goes on a sentence, its translation goes on behind that of the sentence's beginning. It is blank
        where the model can't do that.
        """
        whole: list[_Source] = []
        parts: list[int] = []
        for one in asked:
            cut = self._sources(one)
            whole += cut
            parts.append(len(cut))
        translated = iter(self._batch(whole))
        return [_together([next(translated) for _ in range(n)], one) for n, one in zip(parts, asked, strict=True)]

    def _sources(self, asked: Asked) -> list[_Source]:
        """Return what a text is asked as; nothing where it goes on a sentence that is too long to be asked whole."""
        asking = self.description.asking[asked.source, asked.target]
        texts = sentences(asked.text, asked.source) if self.description.one_sentence else [asked.text.strip()]
        begun: tuple[str, ...] = ()
        if asked.begun is not None and texts:
            texts = [joined([asked.begun.said, texts[0]], asked.source), *texts[1:]]
            pieces = self._target.encode(asked.begun.translated, out_type=str)
            begun = tuple(piece for piece in pieces if piece not in self.description.special)
        cut = [self._pieces(text) for text in texts if text]
        if begun and len(cut[0]) > 1:
            return []
        sources = [_Source(pieces, asking) for text in cut for pieces in text]
        return [replace(sources[0], begun=begun), *sources[1:]] if begun else sources

    def _pieces(self, text: str) -> list[list[str]]:
        """Return a text as the model's pieces, cut where it is too long. No word of it becomes a control token."""
        found = self._source.encode(text, out_type=str)
        pieces = [piece for piece in found if piece not in self.description.special]
        cut: list[list[str]] = []
        while len(pieces) > _LONGEST:
            starts = (n for n in range(_LONGEST, _LONGEST // 2, -1) if pieces[n].startswith("▁"))
            end = next(starts, _LONGEST)
            cut.append(pieces[:end])
            pieces = pieces[end:]
        return [*cut, pieces] if pieces else cut

    def _batch(self, sources: list[_Source]) -> list[str]:
        """One run of the library, and one for each limit where beams are compared: what is best depends on it."""
        texts = [""] * len(sources)
        limits = {source.most for source in sources}
        for limits_of_run in [limits] if self._beam == 1 else [{limit} for limit in sorted(limits)]:
            numbers = [n for n, source in enumerate(sources) if source.most in limits_of_run]
            for n, text in zip(numbers, self._run([sources[n] for n in numbers]), strict=True):
                texts[n] = text
        return texts

    def _run(self, sources: list[_Source]) -> list[str]:
        if not sources:
            return []
        results: list[Any] = self._model.translate_batch(
            [source.tokens for source in sources],
            target_prefix=[source.target_prefix for source in sources],
            beam_size=self._beam,
            max_decoding_length=max(source.most for source in sources),
            max_input_length=0,
            max_batch_size=_BATCH,
        )
        return [self._text(result.hypotheses[0], source) for result, source in zip(results, sources, strict=True)]

    def _text(self, tokens: list[str], source: _Source) -> str:
        prefix = list(source.asking.target_prefix)
        if tokens[: len(prefix)] != prefix:
            raise EngineError(f"the model began with {tokens[:1]} and not with {prefix}")
        start = len(source.target_prefix)  # a piece of it that the model does not know comes back as another
        kept = [token for token in tokens[start : source.most] if token not in self.description.special]
        text = str(self._target.decode(kept)).strip()
        if not source.begun:
            return text
        return "" if kept[:1] and _amid_a_word(kept[0]) else going_on(text)


def _together(texts: Sequence[str], asked: Asked) -> str:
    """Return the translations of a text's parts as one. Blank where the first was to carry one on, and could not."""
    if asked.begun is not None and not (texts and texts[0]):
        return ""
    return joined(texts, asked.target)


def _amid_a_word(piece: str) -> bool:
    """Return True if a piece is the rest of a Latin or similar word, whose beginning somebody has heard."""
    return piece[:1].isalpha() and not _WITHOUT_SPACES.match(piece)


def _load(file: object) -> Any:
    try:
        return sentencepiece.SentencePieceProcessor(model_file=str(file))
    except (OSError, RuntimeError) as error:
        raise EngineError(f"{file} is no SentencePiece model: {error}") from None


def _fingerprint(description: Description) -> str:
    """Return a hash of the names, sizes and times of a folder's files: reading gigabytes would keep a call waiting."""
    digest = hashlib.sha256()
    for file in sorted(description.folder.resolve().iterdir()):
        status = file.stat()
        digest.update(f"{file} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]
