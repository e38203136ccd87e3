"""Tables of what models wrap around a translation: tokens, tags, prefaces, labels, notes. Pure.

All of them run on the event loop, over texts that nobody vouches for. None takes longer than a text's length asks for:
blanks are few there (`wrappers.mended`), and other runs of one sign have a bound.
"""

from __future__ import annotations

import re

from pipeline.text.translation_checks.model_talk import table


def _any(names: str) -> str:
    """Return the expression for any of the names, which are parted by spaces."""
    return f"(?:{'|'.join(names.split())})"


_LANGUAGES = _any(
    "english spanish french german italian portuguese russian arabic chinese japanese korean hindi turkish dutch "
    "polish inglés español castellano francés alemán anglais espagnol français allemand italien englisch "
    "spanisch französisch deutsch italienisch portugiesisch inglês espanhol francês alemão português inglese spagnolo "
    "francese tedesco italiano portoghese русский العربية 中文 日本語 한국어 हिन्दी türkçe nederlands polski"
)
_ANSWER = _any("answer output response result reply respuesta réponse antwort resposta risposta")
_NOTE = _any(
    r"note nb n\.b\. notas? remarque hinweis anmerkung observação obs osservazione explanation explicación explication "
    r"erklärung explicação spiegazione literal(?:ly)? alternative(?:ly|s)? alternativ(?:a|as|en|amente)? opmerking "
    "uwaga примечание 注 注意 注释 備考 참고 ملاحظة टिप्पणी"
)
_MANNER = _any(
    r"formal informal polite casual literally feminine masculine masculino femenino depending\son dependiendo "
    "pronounced pronunciation pinyin romaji romani[sz]ation"
)
_TAGS = _any(
    "translation translated translated_text text output answer final_answer final result response reply target say "
    "p b i u em strong span div br code blockquote li ul ol html body"
)
_COLON, _MARKS = "[:：]", r"\W{0,3}"

UNKNOWN = table(r"<unk>|\[UNK\]|<0x[0-9A-F]{2}>|[⁇\ufffd]+")
"""Signs in the place of words that the model's vocabulary lacks."""
EMPTY_THOUGHT = re.compile(r"^\s*<(think|thinking)>\s*</\1>\s*", re.IGNORECASE)
BEGIN = table(r"^(?:\s*(?:<s>|<bos>|<\|begin_of_text\|>|<\|startoftext\|>|\[BOS\]))+\s*")
END = table(
    r"(?:\s*(?:</s>|<\|(?:im_end|eot_id|end|endoftext|return|end_of_text|eom_id)\|>|<eos>|<end_of_turn>|\[EOS\]))+\s*$"
)
FENCE = table(
    r"^\s*(`{3,8}|~{3,8})(?![`~])(?:(?:json|text|txt|plaintext|plain|markdown|md|html|xml)\b|[a-z-]{2,12}(?=\n))?\s*(.*?)\s*\1\s*$"
)
TAG = table(rf"</?{_TAGS}(?:\s[^<>]{{0,60}})?\s*/?>")
PREFACE = re.compile(r"^[^:：\n]{0,140}[:：][*_\s]*")
CUE = table(
    r"""
    ^\W*(?:sure|certainly|of course|absolutely|okay|ok|great|here)\b.{0,80}\b(?:is|are|you go)\b
    ^\W*here(?:'s|’s)\b
    """
)
"""An English preface that does not speak of translating. Wrapper only where the target is another language."""
LABEL = table(
    rf"""
    ^\W*(?:(?:in|en|auf|em)\s)?{_LANGUAGES}(?:\s?\([^()]{{1,30}}\))?{_MARKS}{_COLON}{_MARKS}\s*(?=\w|[¿¡])
    ^\W*{_ANSWER}{_MARKS}{_COLON}{_MARKS}\s*(?=\w|[¿¡])
    """
)
LABELLED = table(rf"(?:^|[\s.!?。]){_MARKS}{_LANGUAGES}(?:\s?\([^()]{{1,30}}\))?{_MARKS}{_COLON}{_MARKS}\s*")
ARROW = re.compile(r"\s*(?:→|=>|->|⇒|⟶)\s*")
ASSENT = table(r"^(?:sure(?: thing)?|certainly|of course|absolutely|happy to help)\s*[!,.]+\s*")
PARTING = table(
    r"\s*(?:let me know (?:if|whether)|is there anything else|i hope (?:this|that) helps|hope this helps|feel free to|"
    r"would you like me to|do you need (?:any|more|another))\b[^\n]*$"
)
NOTE = table(rf"(?:(?<=[.!?…。！？»”\")\]*])\s*|\n\s*)[*_(\[（]{{0,6}}{_NOTE}[*_]{{0,4}}\s*{_COLON}.*$")
BRACKETED_NOTE = table(rf"\s*[(\[（][^()\[\]（）]*(?:\b{_NOTE}\s*[:：,]|\b{_MANNER}\b)[^()\[\]（）]*[)\]）]")
ROMANISED = re.compile(r"\s*[(（](?P<latin>(?=[^()（）]*[a-zA-Z])[^()（）]*)[)）][.。]?\s*$")
ITEM = re.compile(r"(?:^|\n|(?<=[.!?。！？:：\"”»])\s)\s*(?:(?P<number>\d{1,2})[.)]|[-*•])\s+")
SAID_ITEM = re.compile(r"\d{1,2}[.)]\s|[-*•]\s")
RULE = re.compile(r"\n\s*(?:-{3,}|\*{3,}|_{3,})\s*(?:\n|$)")
BLANKS = re.compile(r"[^\S\n]{2,}")
EMPTY_LINES = re.compile(r"\n\s*\n")
LINE_ENDS = re.compile(r"[\t\n\r\v\f\x1c-\x1f\x85\u2028\u2029]+")
QUOTES = ('""', "“”", "„“", "„”", "«»", "»«", "「」", "『』", "''", "‘’", "‚‘", "``")
QUOTING = "\"“„«»「『'‘‚`"
