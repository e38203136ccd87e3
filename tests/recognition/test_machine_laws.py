"""Laws of the machine, whatever a speaker does and a recogniser answers: no event loop, thousands of histories."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import EngineError
from pipeline.recognition.actions import Action, Conclude, Expect, Finalize, Progress, Show, Wait, Work
from pipeline.recognition.passes import Pass, PassKind, RecognitionOptions
from pipeline.recognition.silence import Stage
from pipeline.speech import Transcript
from tests.kit.extent import extent
from tests.kit.machine_script import Script

MOST_PASSES = len(PassKind) - 1
"""Urgent passes over one silence: the whole and the rest once each, and every second opinion once."""
MOST_STEPS = 60
TEXTS = (
    "I am here.",
    "I am here. You are not.",
    "You are not.",
    "I am",
    "and so",
    "uh",
    "",
    "I am here since noon, yes.",
)


class Laws(Script):
    """A random history of one speaker, held against the laws at every step."""

    def __init__(self, seed: int, *, restarts: bool = False) -> None:
        """`restarts`: the speaker takes back what they said now and then."""
        self.random = Random(seed)
        self.restarts = restarts
        self.taken_back: set[str] = set()
        options = RecognitionOptions(
            first_interim_s=self.random.choice([0.1, 1e9]),
            ahead=self.random.random() < 0.8,
            trim_ms=self.random.choice([400, 8000]),
        )
        super().__init__(options)
        self.begun: list[str] = []
        self.concluded: list[str] = []
        self.final: dict[str, str] = {}
        self.given: dict[str, str] = {}
        self.revisions: Counter[str] = Counter()
        self.worked: set[str] = set()
        self.passes: Counter[tuple[str, int]] = Counter()

    def live(self) -> None:
        for _ in range(self.random.randrange(2, 40)):
            self.something()
            self.work()
        if self.utterance is not None:
            self.end()
        self.answer_held()
        self.work(patiently=True)
        assert sorted(self.concluded) == sorted(self.begun), "each concludes exactly once"
        assert not self.machine.pending and self.machine.next_pass(self.now) is None

    def something(self) -> None:
        """Let the speaker do something, or the engine answer a pass that it was given earlier."""
        self.overload.crowded = self.random.random() < 0.05
        if self.restarts and self.random.random() < 0.15:
            self.start_over()
        kind = self.random.choice(["voice", "voice", "silence", "silence", "answer", "end", "typed", "time"])
        if kind == "voice":
            if self.utterance is None:
                self.begun.append(f"u-{self._count + 1}")
            self.voice(self.random.randrange(20, 900, 20))
        elif kind == "silence" and self.utterance is not None:
            present = self.machine.speaking.silence.stage if self.machine.speaking is not None else Stage.VOICE
            if present < Stage.LATE:
                self.silence(Stage(self.random.randrange(present + 1, Stage.LATE + 1)))
        elif kind == "answer":
            self.answer_held()
        elif kind == "end" and self.utterance is not None and self.random.random() < 0.4:
            self.end()
        elif kind == "typed" and self.random.random() < 0.2:
            self.begun.append(f"u-{self._count + 1}")
            self.typed("Typed text. And more.")
        elif kind == "time":
            self.now += self.random.random()

    def start_over(self) -> None:
        """Take back what was said last, as the interpreter does: also while a pass over it is in hand."""
        for last in self.machine.last_spoken(None):
            if last.id in self.concluded:
                return
            self.taken_back.add(last.id)
            self.machine.start_over(last, self.now)
            if last is self.utterance:
                self.end()

    def work(self, *, patiently: bool = False) -> None:
        """Do what the machine wants, as the loop does; now and then a pass stays in hand for a while."""
        for _ in range(MOST_STEPS):
            if self.held is not None:
                return
            actions = self.machine.due(self.now)
            if actions:
                self.note(actions)
                continue
            wanted = self.machine.next_pass(self.now)
            if wanted is None:
                return
            self.is_lawful(wanted)
            self.held = wanted
            if patiently or self.random.random() < 0.8:
                self.answer_held()
        raise AssertionError("the machine does not come to rest")

    def is_lawful(self, wanted: Pass) -> None:
        assert wanted.utterance not in self.concluded, "no pass after the conclusion"
        assert wanted.utterance == self.machine.pending[0].utterance.id
        assert wanted.job.final == wanted.urgent
        if wanted.urgent:
            self.passes[wanted.utterance, wanted.silence] += 1
            assert self.passes[wanted.utterance, wanted.silence] <= MOST_PASSES
        else:
            assert self.machine.pending[0].end is None, "no interim of what is over"

    def answer_held(self) -> None:
        wanted, self.held = self.held, None
        if wanted is None:
            return
        self.now += self.random.choice([0.0, 0.05, 0.3, 2.0])
        mood = self.random.random()
        if mood < 0.1 and not wanted.urgent:
            self.note(self.machine.refused(wanted, self.now))
        elif mood < 0.2:
            self.note(self.machine.failed(wanted, EngineError("out of order")))
        else:
            transcript = Transcript(
                self.random.choice(TEXTS),
                "en",
                self.random.choice([0.3, 0.6, 0.9]),
                understood=self.random.random() < 0.8,
                certain=self.random.random() < 0.6,
            )
            self.note(self.machine.result(wanted, transcript, self.now))

    def note(self, actions: list[Action]) -> None:
        for action in actions:
            if isinstance(action, Progress):
                continue
            name = action.utterance.id
            assert name not in self.concluded, "nothing after the conclusion"
            match action:
                case Show():
                    final = action.text[: action.final_length]
                    assert final.startswith(self.final.get(name, "")), "final text only grows"
                    assert action.revision == self.revisions[name]
                    self.final[name] = final
                    self.revisions[name] += 1
                case Finalize():
                    assert name not in self.taken_back, "nothing more of it becomes final"
                    self.given[name] = self.given.get(name, "") + "".join(part.text for part in action.segments)
                    assert self.final[name].startswith(self.given[name]), "it is shown before it is delivered"
                case Work():
                    assert name not in self.worked
                    self.worked.add(name)
                case Conclude():
                    assert self.given.get(name, "") == self.final.get(name, ""), "segments tile the text"
                    assert action.has_text == bool(self.given.get(name)) and action.decided_at <= self.now
                    reason = None if action.failure is None else action.failure.reason
                    assert (reason == "start_over") == (name in self.taken_back)
                    self.concluded.append(name)
                case Wait() | Expect():
                    pass


@settings(max_examples=extent(500, 20_000), deadline=None)
@given(st.integers(0, 2**48))
def test_whatever_happens_every_utterance_concludes_once_and_final_text_stays(seed: int) -> None:
    Laws(seed).live()


@settings(max_examples=extent(150, 20_000), deadline=None)
@given(st.integers(0, 2**48))
def test_what_is_taken_back_concludes_once_and_nothing_more_of_it_is_final(seed: int) -> None:
    Laws(seed, restarts=True).live()
