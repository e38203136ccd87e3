"""Recognition passes over the window of an utterance: when there is one, over which audio, and which one is right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from pipeline.engines.whisper.silence_removal import EDGE_MS
from pipeline.lanes.lane import Lane
from pipeline.recognition.hallucination import invented
from pipeline.recognition.stable_text import StabilityOptions, key, later, words_of
from pipeline.recognition.utterance import SentenceCandidate, Utterance
from pipeline.speech import SAMPLE_RATE, Transcribe, Transcript, Word

_WORD_MS = 220  # of voice: hardly a word is shorter
_NEAR_MS = 100  # of silence before voice, where a second opinion is asked
_BYTES_PER_MS = SAMPLE_RATE // 1000 * 2


@dataclass(frozen=True, slots=True)
class RecognitionOptions:
    """When recognition hears a speaker who has not ended; times in seconds unless the name says otherwise."""

    first_interim: float = 0.2
    interim_every: float = 0.24
    """At most so often; `duty` and the load make it less."""
    duty: float = 0.35
    """The share of the time that one speaker's interims may keep an engine busy."""
    interim_longest: float = 12.0
    """Beyond this many seconds of unsettled audio no interim is recognised: it would only delay the final."""
    trim_ms: int = 8_000
    """From this length of window on, audio is dropped up to the last settled word, and not only in pauses."""
    ahead: bool = True
    """Whether the work of an end begins with the pause before it."""
    least_voice_ms: int = 100
    """A window with less voice than this is noise, and no engine sees it."""
    stands_alone: int = 3
    """Words after a pause that must be understood by themselves for what was before it to be a sentence."""
    confirm_within_ms: float = 80.0
    """A recogniser that is as quick as this is asked twice before a soft end, and wherever it is not certain; a slower
    one is believed at once."""
    timeout: float = 10.0
    settling: StabilityOptions = field(default_factory=StabilityOptions)


@dataclass(frozen=True, slots=True)
class BoundaryVerdict:
    """What was said since all was settled, and what that makes of a pause within the window."""

    heard: Transcript
    closes: bool = False
    """The sentence before the pause was one: `heard` is what follows it."""
    reaches: bool = False
    """The sentence before the pause was not over there, but is now: what followed was the end of its last word."""
    again: Sequence[Word] | None = None
    """Words at the beginning of `heard` that are settled already; None: as before."""


class Recognition:
    """The lane of a recogniser, as one speaker uses it. Raises what `Lane.do` raises."""

    def __init__(self, stt: Lane[Transcribe, Transcript], passes: RecognitionOptions, now: Callable[[], float]) -> None:
        self._stt = stt
        self._passes = passes
        self._now = now
        self.quick = True
        """Whether the last urgent pass was, so that there is time for another."""

    async def pass_over(
        self, utterance: Utterance, start_ms: int = 0, *, urgent: bool = True, shorten: bool = True
    ) -> Transcript:
        """Recognise the window from `start_ms` on, or after so much silence before it (negative); `shorten`: an engine
        may leave out long silence. What can't have been said in so much voice is not understood."""
        began = self._now()
        audio = bytes(max(0, -start_ms) * _BYTES_PER_MS) + utterance.audio[max(0, start_ms) * _BYTES_PER_MS :]
        sentence = utterance.sentence
        again_ms = sentence.until_ms if sentence is not None and sentence.settled else 0
        voiced_ms = min(utterance.voiced_ms + again_ms, len(audio) / _BYTES_PER_MS)
        voice = utterance.voice_from(start_ms) if shorten else ()
        candidates = utterance.candidates if urgent else ()
        job = Transcribe(audio, utterance.language, final=urgent, voice=voice, candidates=candidates)
        heard = await self._stt.do(job, timeout=self._passes.timeout, urgent=urgent)
        if urgent:
            self.quick = (self._now() - began) * 1000 <= self._passes.confirm_within_ms
        if heard.understood and invented(heard.text, utterance.language, voiced_ms):
            return replace(heard, understood=False, spoken=())
        return heard

    async def more_certain(self, utterance: Utterance, heard: Transcript) -> Transcript:
        """`heard`, or a second opinion that is more certain: the same window with hardly any silence before it, or
        with more where there is hardly any, which may well be heard otherwise."""
        voice = utterance.voice_from(0)
        lead_ms = voice[0][0] if voice else 0
        start_ms = lead_ms - (_NEAR_MS if lead_ms >= 2 * _NEAR_MS else EDGE_MS)
        other = await self.pass_over(utterance, start_ms)
        if not other.understood or other.confidence <= heard.confidence:
            return heard
        return replace(later(other, start_ms), spoken=heard.spoken)

    async def best(self, utterance: Utterance) -> BoundaryVerdict:
        """Recognise all that is not settled, as if this were the end."""
        sentence = utterance.sentence
        if sentence is None or sentence.voiced_at == utterance.voiced_at:
            return BoundaryVerdict(await self.pass_over(utterance))
        if sentence.settled:
            return await self._rest_or_whole(utterance, sentence)
        return await self._whole_or_rest(utterance, sentence)

    async def _whole_or_rest(self, utterance: Utterance, sentence: SentenceCandidate) -> BoundaryVerdict:
        """A pause in the window seemed to end a sentence. It did, if both together are heard just as each alone is, if
        each is understood better than both are together, or if both are no more than the sentence: a recogniser may
        stop at its end. It did not if what followed is shorter than a word and the pass over both, which says no more
        than the sentence, is certain."""
        whole = await self.pass_over(utterance)
        rest = await self.pass_over(utterance, sentence.until_ms)
        parts = min(sentence.heard.confidence, rest.confidence)
        longer = len(words_of(whole, 0)) > len(words_of(sentence.heard, 0))
        revised = longer or _is_its_last_word(whole, sentence.heard, rest)
        part = not revised and _is_shorter_than_a_word(utterance, sentence) and (whole.certain or not rest.certain)
        covered = whole.understood and (revised or part or _ends_with(sentence.heard, rest))
        apart = not covered or parts > whole.confidence or _are(whole, sentence.heard, rest)
        if _clear(rest) and apart and not (part and whole.certain):
            return BoundaryVerdict(rest, closes=True)
        return BoundaryVerdict(whole, reaches=covered and part)

    async def _rest_or_whole(self, utterance: Utterance, sentence: SentenceCandidate) -> BoundaryVerdict:
        """A sentence was settled, and then more was said: is it understood alone, or as the end of that sentence?"""
        rest = await self.pass_over(utterance, sentence.until_ms)
        if _clear(rest) and rest.certain:
            return BoundaryVerdict(rest, closes=True)
        whole = await self.pass_over(utterance)
        again = words_of(sentence.heard, sentence.until_ms)
        more = len(words_of(whole, 0)) - len(again)
        better = more > 0 and (not _clear(rest) or whole.confidence > rest.confidence)
        if whole.understood and (better or (more == 0 and whole.certain and not _clear(rest))):
            return BoundaryVerdict(whole, again=again)
        return BoundaryVerdict(rest, closes=True) if _clear(rest) else BoundaryVerdict(rest, again=())


def _are(whole: Transcript, sentence: Transcript, rest: Transcript) -> bool:
    """Whether the whole is a sentence and its rest, word for word and mark for mark."""
    both = [key(word) for one in (sentence, rest) for word in words_of(one, 0)]
    return [key(word) for word in words_of(whole, 0)] == both


def _is_its_last_word(whole: Transcript, sentence: Transcript, rest: Transcript) -> bool:
    """Whether what was said after the pause is the end of the sentence's last word, which is another than was guessed
    ("diez", and then "cuar-to")."""
    heard, before = ([key(word)[0] for word in words_of(one, 0)] for one in (whole, sentence))
    return len(words_of(rest, 0)) <= 1 and len(heard) == len(before) and heard[-1:] != before[-1:]


def _is_shorter_than_a_word(utterance: Utterance, sentence: SentenceCandidate) -> bool:
    """Whether what was said after the pause may be no more than the end of a word with a stop in it ("no-che"), guessed
    before it was over."""
    return sum(until - since for since, until in utterance.voice_from(sentence.until_ms)) < _WORD_MS


def _ends_with(heard: Transcript, rest: Transcript) -> bool:
    """Whether the rest is the end of the sentence again, whose last word was guessed before it was over."""
    said, again = ([key(word)[0] for word in words_of(one, 0)] for one in (heard, rest))
    return said[-len(again) :] == again


def _clear(heard: Transcript) -> bool:
    return heard.understood and bool(heard.text.strip())
