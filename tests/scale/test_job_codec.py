"""Jobs, results, envelopes and offers come out of the network as they went in, and bytes that are none are refused."""

import pickle
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.context import Context
from pipeline.lanes.envelope import Envelope
from pipeline.lanes.pipe_messages import JobDone, JobFailed
from pipeline.speech import (
    Begun,
    Speech,
    Synthesize,
    Transcribe,
    Transcript,
    Translate,
    Translation,
    Voice,
    Word,
)
from remote.answer import RemoteAnswer
from remote.ask import Ask
from remote.codec import FIELDS, JOBS, LENGTH, RESULTS, Unreadable, decode, encode
from remote.worker_offer import Offer

TEXTS = st.text(st.characters(), max_size=20)  # lone surrogates, too
NUMBERS = st.floats(0, 1)
PCM = st.binary(max_size=8).map(lambda data: data * 2)
MS = st.integers(0, 2**40)
WORDS = st.lists(st.builds(Word, TEXTS, MS, MS, NUMBERS), max_size=2).map(tuple)
TUPLES = st.lists(TEXTS, max_size=2).map(tuple)
SPANS = st.lists(st.tuples(MS, MS), max_size=2).map(tuple)
LIKELY = st.lists(st.tuples(TEXTS, NUMBERS), max_size=2).map(tuple)
FLAGS = st.booleans()
VALUES = st.one_of(
    st.builds(Transcribe, PCM, TEXTS, FLAGS, SPANS, TUPLES, TUPLES, TEXTS),
    st.builds(Translate, TEXTS, TEXTS, TEXTS, TUPLES, st.none() | st.builds(Begun, TEXTS, TEXTS)),
    st.builds(Synthesize, TEXTS, TEXTS, TEXTS, NUMBERS),
    st.builds(Transcript, TEXTS, TEXTS, NUMBERS, FLAGS, FLAGS, WORDS, LIKELY),
    st.builds(Translation, TEXTS, TEXTS, TEXTS, FLAGS, FLAGS),
    st.builds(Speech, PCM),
)


@given(VALUES)
def test_jobs_and_results_come_out_as_they_went_in(value: Any) -> None:
    assert decode(type(value), encode(value)) == value


def test_every_field_of_jobs_and_results_is_sent() -> None:
    for kind in (*JOBS.values(), *RESULTS.values()):
        assert set(FIELDS[kind]) | {"audio", "pcm"} >= set(kind.__dataclass_fields__), kind


def test_a_job_of_the_version_before_is_read() -> None:
    head = b'{"language": "en", "final": true, "voice": [], "candidates": [], "hotwords": []}'
    assert decode(Transcribe, LENGTH.pack(len(head)) + head + b"\0\1") == Transcribe(b"\0\1", "en")
    with pytest.raises(Unreadable):
        decode(Transcribe, encode(Transcribe(b"", "en")).replace(b'"before":""', b'"before":{}'))


@given(st.sampled_from([*JOBS.values(), *RESULTS.values()]), st.binary(max_size=40))
def test_bytes_that_are_nothing_are_refused(kind: type, noise: bytes) -> None:
    for data in (noise, LENGTH.pack(len(noise)) + noise):
        if data != encode(Speech(b"")):
            try:
                decode(kind, data)
            except Unreadable:
                continue
            assert kind is Speech, "only speech has no field that must be there"


@pytest.mark.parametrize(
    "head",
    [
        b"[]",
        b"{}",
        b'{"text": 1, "source": "en", "target": "es", "context": [], "begun": null}',
        b'{"text": "a", "source": "en", "target": "es", "context": "ab", "begun": null}',
        b'{"text": "a", "source": "en", "target": "es", "context": [], "begun": ["a"]}',
        b'{"text": "a", "source": "en", "target": "es", "context": [], "begun": null',
        pickle.dumps({}),
        b"[" * 100_000,
    ],
)
def test_a_translation_of_another_form_is_refused(head: bytes) -> None:
    with pytest.raises(Unreadable):
        decode(Translate, LENGTH.pack(len(head)) + head)


def test_numbers_are_finite_and_samples_whole() -> None:
    for rate in (b"Infinity", b"1e999", b"9" * 400, b"-" + b"9" * 400):
        head = b'{"text": "a", "language": "en", "voice": "", "rate": %s}' % rate
        with pytest.raises(Unreadable):
            decode(Synthesize, LENGTH.pack(len(head)) + head)
    with pytest.raises(Unreadable, match="half a sample"):
        decode(Speech, encode(Speech(b"\0")))


def as_redis_returns(fields: Mapping[str, str | int | float | bytes]) -> dict[bytes, bytes]:
    return {name.encode(): value if isinstance(value, bytes) else str(value).encode() for name, value in fields.items()}


def test_an_envelope_keeps_its_deadline_on_another_machines_clock() -> None:
    context = Context("s1", "ana", "u1", 2, "00ff")
    envelope = Envelope("job", "00aa", deadline=107.5, run_s=5.0, context=context)
    fields = {
        name.encode(): str(value).encode() for name, value in Ask.of(envelope, "me", now=100.0).as_fields().items()
    }
    fields[b"context"] = Ask.of(envelope, "me", now=100.0).as_fields()["context"]  # type: ignore[assignment]
    ask = Ask.of_fields(fields)
    there = ask.envelope("job", entry_ms=50_000, redis_ms=51_000, now=7.0, attempt=2)
    assert (there.deadline, there.run_s, there.context, there.attempt) == (13.5, 5.0, context, 2)
    for name in fields:
        with pytest.raises(Unreadable):
            Ask.of_fields({**fields, name: b"\xff"})
    for name in (b"left", b"run"):
        for span in (b"9" * 400, b"-1"):
            with pytest.raises(Unreadable):
                Ask.of_fields({**fields, name: span})


def test_an_answer_that_can_not_be_read_is_a_failure_of_its_job() -> None:
    answer = RemoteAnswer("00aa", "w1", 1.5, 1, JobDone(Speech(b"\0\0")))
    fields = as_redis_returns(answer.as_fields())
    assert RemoteAnswer.of_fields("tts", fields) == answer
    other = RemoteAnswer.of_fields("mt", fields)
    assert isinstance(other.answer, JobFailed) and other.job == "00aa"
    with pytest.raises(Unreadable):
        RemoteAnswer.of_fields("tts", {})
    for ran in (b"inf", b"nan", b"1e999"):
        with pytest.raises(Unreadable):
            RemoteAnswer.of_fields("tts", {**fields, b"ran": ran})


@pytest.mark.parametrize("ran", [b"nan", b"inf", b"-1", b"1e300", b"3600001"])
def test_an_answer_has_figures_that_a_run_can_have(ran: bytes) -> None:
    """A sum of figures with one that is no number is none for ever."""
    fields = as_redis_returns(RemoteAnswer("00aa", "w1", 1.5, 1, JobFailed("it can't")).as_fields())
    assert RemoteAnswer.of_fields("mt", {**fields, b"ran": b"3600000"}).ran_ms == 3_600_000
    for changed in ({b"ran": ran}, {b"attempt": b"-1"}, {b"attempt": b"9" * 400}, {b"worker": b"w" * 257}):
        with pytest.raises(Unreadable):
            RemoteAnswer.of_fields("mt", {**fields, **changed})


def test_equal_offers_have_one_name() -> None:
    voices = (Voice("a", "en", "Ana", "MIT"),)
    pairs = frozenset({("en", "es"), ("es", "en")})
    offer = Offer("starter", "MIT", "id", frozenset({"en", "es"}), pairs, frozenset(), frozenset(), voices)
    again = Offer.decoded(offer.encoded())
    assert again == offer and again.id == offer.id
    assert Offer("starter", "MIT", "id", frozenset({"en"}), pairs, frozenset(), frozenset(), voices).id != offer.id
    with pytest.raises(Unreadable):
        Offer.decoded(b"{}")
