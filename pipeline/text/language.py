"""Languages as BCP-47 tags: what people call them, and which tags are the same."""

from __future__ import annotations

import re

# The shape of RFC 5646's langtag as far as a call needs it: language, then subtags.
_SHAPE = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,4}"
_TAG = re.compile(_SHAPE)
TAG_PATTERN = f"^{_SHAPE}$"
"""The shape as a regular expression of ECMA-262, for JSON Schemas."""

PROMISED = ("en", "es", "fr", "de", "it", "pt", "ru", "ar", "zh", "ja", "ko", "hi", "tr", "nl", "pl")
"""Primary subtags of the languages that Dragoman promises to interpret. Every table of languages has all of them."""

NATIVE_NAMES = {
    "ar": "العربية",
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fr": "Français",
    "hi": "हिन्दी",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "ru": "Русский",
    "tr": "Türkçe",
    "zh": "中文",
}

ENGLISH_NAMES = {
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "de": "German",
    "it": "Italian",
    "pt": "Portuguese",
    "ru": "Russian",
    "ar": "Arabic",
    "zh": "Chinese",
    "ja": "Japanese",
    "ko": "Korean",
    "hi": "Hindi",
    "tr": "Turkish",
    "nl": "Dutch",
    "pl": "Polish",
}


def is_tag(value: str) -> bool:
    """Return True if `value` is shaped like a BCP-47 language tag (RFC 5646)."""
    return len(value) <= 35 and _TAG.fullmatch(value) is not None


def primary(tag: str) -> str:
    """Return the primary language subtag in lower case: `pt-BR` → `pt`."""
    return tag.partition("-")[0].lower()


def same(one: str, other: str) -> bool:
    """Return True if the primary subtags are equal: nothing is translated then."""
    return primary(one) == primary(other)


def native_name(tag: str) -> str:
    """Return the language's own name, or the tag itself if none is known."""
    return NATIVE_NAMES.get(primary(tag), tag)
