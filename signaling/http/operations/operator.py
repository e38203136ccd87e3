"""Operations for the operator alone, which a server has only with DRAGOMAN_OPERATOR_TOKEN."""

from __future__ import annotations

from pipeline.text.translation_checks.verdict import Doubt, HeldReason
from signaling.http.operations.calls import LANGUAGE
from signaling.http.operations.row import Access, Answer, Operation
from signaling.http.operator.bodies import LONGEST_TEXT, MOST_SOUNDS, MOST_TEXTS
from signaling.refusal import Code
from signaling.websocket.client_messages import LONGEST_ID
from wire.json_schema import Schema, array, boolean, lenient, number, one_of, record, text

_ENGINES = (Code.AT_CAPACITY, Code.ENGINE_FAILED, Code.NOT_FOUND)
"""`not_found`: this server has no operator's calls, or no such voice."""
_TEXT = text(longest=LONGEST_TEXT, shortest=1, format="visible")
_SOUND = text(contentEncoding="base64", contentMediaType="audio/wav")


def _one_or_more(schema: Schema, most: int) -> Schema:
    return {"anyOf": [schema, array(schema, fewest=1, most=most)]}


TRANSLATE = Operation(
    "POST",
    "/api/v1/translate",
    "Translate texts",
    {
        200: Answer(
            "a translation of each text",
            record(
                {
                    "translations": array(
                        record(
                            {"text": text()},
                            {"held": one_of(HeldReason), "unsure": array(one_of(Doubt), fewest=1)},
                            title="TranslatedText",
                        )
                    )
                },
                title="TranslatedTexts",
            ),
        )
    },
    (Code.UNSUPPORTED_PAIR, *_ENGINES),
    Access.OPERATOR,
    record({"text": _one_or_more(_TEXT, MOST_TEXTS), "source": LANGUAGE, "target": LANGUAGE}, title="TranslateRequest"),
    group="operator",
)
SYNTHESIZE = Operation(
    "POST",
    "/api/v1/synthesize",
    "Speak texts",
    {
        200: Answer(
            "a WAV file of each text: mono, 16 bit, 24 kHz",
            record(
                {"speech": array(record({"audio": _SOUND, "durationMs": number()}, title="SpokenText"))},
                title="SpokenTexts",
            ),
        )
    },
    (Code.UNSUPPORTED_LANGUAGE, *_ENGINES),
    Access.OPERATOR,
    record(
        {"text": _one_or_more(_TEXT, MOST_SOUNDS), "language": LANGUAGE},
        lenient({"voice": text(longest=LONGEST_ID)}),
        title="SynthesizeRequest",
    ),
    group="operator",
)
TRANSCRIBE = Operation(
    "POST",
    "/api/v1/transcribe",
    "Recognise recordings: WAV files of 16 bit, at most 20 s each",
    {
        200: Answer(
            "the text of each recording",
            record(
                {
                    "transcripts": array(
                        record(
                            {"text": text(), "language": text(), "confidence": number(), "understood": boolean()},
                            title="TranscribedSound",
                        )
                    )
                },
                title="TranscribedSounds",
            ),
        )
    },
    (Code.UNSUPPORTED_LANGUAGE, *_ENGINES),
    Access.OPERATOR,
    record({"audio": _one_or_more(_SOUND, MOST_SOUNDS), "language": LANGUAGE}, title="TranscribeRequest"),
    group="operator",
)

ROWS = (TRANSLATE, SYNTHESIZE, TRANSCRIBE)
