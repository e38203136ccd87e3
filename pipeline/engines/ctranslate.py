"""Text to text by CTranslate2 and SentencePiece: one model folder, described by a small file beside it.

`translation.json` in the folder says how the model wants to be asked:

    {"pairs": [["en", "es"], ["es", "en"]],   which (source, target) it knows
     "prefix": [">>{code}<<"],                tokens before the source's own, `code` being the target's
     "suffix": [],                            tokens after them
     "codes": {"es": "spa"},                  the model's names of languages, where not the subtag itself
     "source_pieces": "source.spm",           SentencePiece models, in the folder
     "target_pieces": "source.spm",
     "one_sentence": true}                    trained on single sentences: text is split, and joined again
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ctranslate2
import sentencepiece

from pipeline.engines import EngineError
from pipeline.language import primary
from pipeline.speech import Phrase, Translation

# After a sentence's end mark and its closing quotes, where space and something like a beginning follow.
_SENTENCE_END = re.compile(r"(?<=[.!?…。！？])[\"'”’»)\]]*\s+(?=\S)|(?<=[。！？])(?=\S)")
_LONGEST = 200  # pieces of one sentence, on either side


def sentences(text: str) -> list[str]:
    """The sentences of a text, stripped; a text without end marks is one sentence, blank text none."""
    cuts = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
    parts = (text[start:end].strip() for start, end in itertools.pairwise(cuts))
    return [part for part in parts if part]


class CTranslate:
    """A `Translator`. All sentences of all jobs go through the model as one batch."""

    def __init__(
        self,
        path: str,
        *,
        device: str = "cpu",
        compute_type: str = "int8",
        threads: int = 1,
        beam: int = 1,
    ) -> None:
        folder = Path(path)
        told = json.loads((folder / "translation.json").read_text("utf-8"))
        self.pairs = frozenset((source, target) for source, target in told["pairs"])
        self._codes: dict[str, str] = told.get("codes", {})
        self._prefix: list[str] = told.get("prefix", [])
        self._suffix: list[str] = told.get("suffix", [])
        self._split: bool = told.get("one_sentence", False)
        self._beam = beam
        self._source = sentencepiece.SentencePieceProcessor(model_file=str(folder / told["source_pieces"]))
        self._target = sentencepiece.SentencePieceProcessor(model_file=str(folder / told["target_pieces"]))
        self._model = ctranslate2.Translator(
            path, device=device, compute_type=compute_type, intra_threads=threads, inter_threads=1
        )

    def warm_up(self) -> None:
        """The first run allocates; nobody should wait for that."""
        source, target = min(self.pairs)
        self.translate([Phrase("One.", source, target)])

    def translate(self, jobs: Sequence[Phrase]) -> Sequence[Translation]:
        asked = [self._sentences(job) for job in jobs]
        flat = [pieces for sentence in asked for pieces in sentence]
        told = iter(self._batch(flat))
        return [
            Translation(" ".join(next(told) for _ in sentence), job.source, job.target)
            for job, sentence in zip(jobs, asked, strict=True)
        ]

    def _sentences(self, job: Phrase) -> list[list[str]]:
        """The job's sentences, each as the tokens that the model is given."""
        source, target = primary(job.source), primary(job.target)
        if (source, target) not in self.pairs:
            raise EngineError(f"the translator doesn't know {job.source} → {job.target}")
        prefix = [token.format(code=self._codes.get(target, target)) for token in self._prefix]
        text = job.text.encode("utf-8", "replace").decode()  # a lone surrogate is no character
        texts = sentences(text) if self._split else [text.strip()]
        return [[*prefix, *self._pieces(text), *self._suffix] for text in texts if text]

    def _pieces(self, text: str) -> list[str]:
        pieces: list[str] = self._source.encode(text, out_type=str)[:_LONGEST]
        return pieces

    def _batch(self, sources: list[list[str]]) -> list[str]:
        if not sources:
            return []
        results: list[Any] = self._model.translate_batch(
            sources, beam_size=self._beam, max_decoding_length=_LONGEST, max_batch_size=32
        )
        return [str(self._target.decode(result.hypotheses[0])).strip() for result in results]
