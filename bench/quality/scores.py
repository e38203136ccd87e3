"""Word errors, BLEU, chrF and TER.

Words are compared without case and punctuation, in Unicode's compatible composition (NFKC); nothing else is made
equal: "3" is not "three". Languages without spaces are scored in characters. BLEU (Papineni et al. 2002) and chrF
(Popović 2015) are sacrebleu's, as is TER (Snover et al. 2006), the share of edits: 0 is perfect, and it may pass 100.
Their signatures are kept with the scores: numbers compare only under the same one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from pipeline.text.language import primary
from pipeline.text.segmenter import unspaced

_TOKENIZERS = {"zh": "zh", "ja": "char", "ko": "char", "th": "char"}
"""sacrebleu's, where its usual one would not find the words. Its own for Japanese and Korean need MeCab."""


def plain(text: str) -> str:
    """Lower-case words with one space between them."""
    kept = (
        char if unicodedata.category(char)[0] in "LMN" else "" if char in "'’" else " "
        for char in unicodedata.normalize("NFKC", text).casefold()
    )  # fmt: skip
    return " ".join("".join(kept).split())


def recognition(said: Sequence[str], heard: Sequence[str], language: str) -> dict[str, Any]:
    """The share of words (`wer`) and of characters (`cer`) that are wrong, over all texts together; `error` is the
    one that counts in this language. None where nothing was said."""
    import jiwer

    pairs = [(plain(one), plain(other)) for one, other in zip(said, heard, strict=True)]
    pairs = [(one, other) for one, other in pairs if one]
    if not pairs:
        return {"texts": 0, "wer": None, "cer": None, "error": None}
    wanted, found = [one for one, _ in pairs], [other for _, other in pairs]
    wer = float(jiwer.wer(wanted, found))
    cer = float(jiwer.cer([one.replace(" ", "") for one in wanted], [other.replace(" ", "") for other in found]))
    error = cer if unspaced(language) else wer
    return {"texts": len(pairs), "wer": round(wer, 4), "cer": round(cer, 4), "error": round(error, 4)}


def translation(wanted: Sequence[str], told: Sequence[str], target: str) -> dict[str, Any]:
    """BLEU, chrF (0 to 100) and TER (0 and more) of these translations, one reference each. None without any."""
    import sacrebleu

    if not wanted:
        return {"texts": 0, "bleu": None, "chrf": None, "ter": None}
    tokenizer = _TOKENIZERS.get(primary(target), "13a")
    bleu = sacrebleu.BLEU(tokenize=tokenizer, effective_order=False)
    chrf = sacrebleu.CHRF()
    ter = sacrebleu.TER()
    found, references = list(told), [list(wanted)]
    edited, references_of_edits = ([_for_edits(text, target) for text in texts] for texts in (told, wanted))
    return {
        "texts": len(found),
        "bleu": round(bleu.corpus_score(found, references).score, 2),
        "chrf": round(chrf.corpus_score(found, references).score, 2),
        "ter": round(ter.corpus_score(edited, [references_of_edits]).score, 2),
        "signatures": [str(one.get_signature()) for one in (bleu, chrf, ter)],
    }


def _for_edits(text: str, language: str) -> str:
    """Return a text with a space behind each unit that one edit changes: a word, or a character."""
    return " ".join("".join(text.split())) if unspaced(language) else text
