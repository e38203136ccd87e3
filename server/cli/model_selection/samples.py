"""A sentence in each promised language, spoken by espeak-ng, on which engines are tried."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

import av
import numpy as np

from pipeline.engines import Synthesizer
from pipeline.engines.registry import EngineSpec, make
from pipeline.speech import SAMPLE_RATE, VOICE_RATE, Synthesize

SENTENCES = {
    "ar": "صباح الخير، أود حجز طاولة لشخصين الليلة من فضلك.",
    "de": "Guten Morgen, ich hätte gern einen Tisch für zwei heute Abend.",
    "en": "Good morning, I would like a table for two tonight, please.",
    "es": "Buenos días, quisiera una mesa para dos esta noche, por favor.",
    "fr": "Bonjour, je voudrais une table pour deux ce soir, s'il vous plaît.",
    "hi": "नमस्ते, मुझे आज रात दो लोगों के लिए एक मेज़ चाहिए।",
    "it": "Buongiorno, vorrei un tavolo per due stasera, per favore.",
    "ja": "おはようございます、今夜二人の席をお願いします。",
    "ko": "안녕하세요, 오늘 저녁 두 명 자리를 예약하고 싶습니다.",
    "nl": "Goedemorgen, ik wil graag een tafel voor twee vanavond.",
    "pl": "Dzień dobry, poproszę stolik dla dwóch osób na dziś wieczór.",
    "pt": "Bom dia, gostaria de uma mesa para dois hoje à noite, por favor.",
    "ru": "Доброе утро, мне нужен столик на двоих сегодня вечером.",
    "tr": "Günaydın, bu akşam iki kişilik bir masa istiyorum lütfen.",
    "zh": "早上好，我想订今晚两个人的桌子。",
}


def language_among(languages: Collection[str], wanted: Collection[str] = ("en",)) -> str:
    """One that we have a sentence in: of those that are wanted, if it can be."""
    known = sorted(set(languages) & set(SENTENCES))
    return next((tag for tag in wanted if tag in known), known[0] if known else min(languages, default="en"))


def pair_among(pairs: Collection[tuple[str, str]], wanted: Collection[str] = ("en", "es")) -> tuple[str, str]:
    """One of these (source, target): between languages that are wanted, if it can be."""
    return min(pairs, key=lambda pair: (pair[0] not in wanted, pair[1] not in wanted, pair))


def spoken(language: str) -> bytes:
    """The sentence by espeak-ng: mono s16 at `SAMPLE_RATE`. Raises EngineError where espeak-ng is missing."""
    voice = cast(Synthesizer, make(EngineSpec("tts", "espeak")))
    (speech,) = voice.synthesize([Synthesize(SENTENCES.get(language, SENTENCES["en"]), language)])
    frame = av.AudioFrame.from_ndarray(np.frombuffer(speech.pcm, np.int16)[np.newaxis], format="s16", layout="mono")
    frame.sample_rate = VOICE_RATE
    resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
    return b"".join(part.to_ndarray().tobytes() for given in (frame, None) for part in resampler.resample(given))
