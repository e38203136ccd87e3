"""A speaker and the recognition machine, without an event loop: events in, passes and actions out, as lines of text.

A line is either a pass with its answer (`whole: I am here.`) or an action (`show I am here.`). Behind a pass's kind:
`?` its answer is not certain, `~` not understood, `!` the engine fails, `!busy` the lane refuses; `@0.7` is its
confidence, and ` slow` makes the pass take 0.3 s. `whole...` begins a pass that a later event `answer...` answers.
"""

from __future__ import annotations

import re

from pipeline.errors import EngineError
from pipeline.hearing.endpointer import Patience
from pipeline.overload import OverloadLadder
from pipeline.recognition.actions import Action, Conclude, Expect, Fail, Finalize, Progress, Show, Wait, Work
from pipeline.recognition.machine import Machine
from pipeline.recognition.passes import Pass, PassKind, RecognitionOptions
from pipeline.recognition.silence import Stage
from pipeline.recognition.utterance import Utterance
from pipeline.recognition.voice_origin import VoiceOrigin
from pipeline.speech import FRAME_BYTES, FRAME_MS, Frame, Transcript

STAGES = {"pause": Stage.PAUSE, "soft end": Stage.SOFT_END, "late": Stage.LATE}
SILENCE_MS = {Stage.VOICE: 0, Stage.PAUSE: 100, Stage.SOFT_END: 240, Stage.LATE: 700}
WAITS = {Patience.SHORT: "do not wait", Patience.WORDS: "wait", Patience.BEGUN: "wait on"}
VOICED = b"\x01" * FRAME_BYTES
NO_INTERIMS = RecognitionOptions(first_interim_s=1e9)
_KINDS = "|".join(PassKind)
_PASS = re.compile(rf"(?:({_KINDS})|answer)( slow)?(!busy|[?~!])?(?:@([\d.]+))?(: .*|\.\.\.)")


class Script:
    """One speaker whose machine is asked what it wants after each event."""

    def __init__(self, options: RecognitionOptions = NO_INTERIMS) -> None:
        self.now = 100.0
        self.media_ms = 1000
        self.loads: list[str] = []
        self.overload = OverloadLadder(lambda level, lag_ms, message: self.loads.append(level))
        self.machine = Machine(options, self.overload, VoiceOrigin())
        self.utterance: Utterance | None = None
        self.held: Pass | None = None
        self.done: list[str] = []
        """Actions that were asked for and not yet expected."""
        self._count = 0

    # events

    def event(self, name: str) -> None:
        """Let one event happen: `voice 400`, `pause`, `soft end`, `late`, `end`, `interim`, `typed Hello.`"""
        word, _, rest = name.partition(" ")
        if name in STAGES:
            self.silence(STAGES[name])
        elif word == "voice":
            self.voice(int(rest))
        elif word == "end":
            self.end()
        elif word == "interim":
            self.machine.speaker.interim_at = self.now
        elif word == "typed":
            self.typed(rest)
        else:
            assert word.startswith("answer"), name

    def voice(self, ms: int) -> None:
        """Say something for `ms`."""
        for _ in range(ms // FRAME_MS):
            frame = Frame(self.media_ms, VOICED)
            if self.utterance is None:
                self.utterance = Utterance(self._name(), "ann", "en", self.media_ms, self.now)
                self.machine.begin(self.utterance, (), self.now, self.now)
            self.utterance.grow(frame)
            self.utterance.voice(frame, self.now)
            self.machine.voice()
            self._pass_by()

    def silence(self, stage: Stage) -> None:
        """Be silent until the silence has come to a stage."""
        assert self.utterance is not None
        while self.media_ms - self.utterance.end_ms < SILENCE_MS[stage]:
            self.utterance.grow(Frame(self.media_ms))
            self._pass_by()
        self.machine.silent(stage)

    def end(self) -> None:
        """End the utterance."""
        assert self.utterance is not None
        self.machine.end(self.utterance, self.now)
        self.utterance = None

    def typed(self, text: str) -> None:
        """Type a text."""
        utterance = Utterance(self._name(), "ann", "en", self.media_ms, self.now, text)
        self.machine.begin(utterance, (), self.now, self.now)
        self.machine.end(utterance, self.now)

    def _pass_by(self) -> None:
        self.media_ms += FRAME_MS
        self.now += FRAME_MS / 1000

    def _name(self) -> str:
        self._count += 1
        return f"u-{self._count}"

    # what the machine wants

    def expect(self, line: str) -> None:
        """Hold the machine's next wish against a line; a pass is answered as the line says."""
        found = _PASS.fullmatch(line)
        if found is None:
            assert self.next_action() == line
            return
        kind, slow, mark, confidence, text = found.groups()
        if kind is None:
            wanted, self.held = self.held, None
            assert wanted is not None
        else:
            assert self.next_action() is None, f"{line} was expected, and not {self.done}"
            wanted = self.machine.next_pass(self.now)
            assert wanted is not None and wanted.kind == kind, f"{line} was expected, and not {wanted and wanted.kind}"
        if text == "...":
            self.held = wanted
            return
        self.now += 0.3 if slow else 0.0
        usual = {"?": 0.6, "~": 0.3}.get(mark or "", 0.9)
        self.answer(wanted, mark or "", text.removeprefix(": "), float(confidence or usual))

    def answer(self, wanted: Pass, mark: str, text: str, confidence: float) -> None:
        """Give the machine what became of a pass."""
        if mark == "!busy":
            actions = self.machine.refused(wanted, self.now)
        elif mark == "!":
            actions = self.machine.failed(wanted, EngineError(text))
        else:
            transcript = Transcript(text, "en", confidence, understood=mark != "~", certain=not mark)
            actions = self.machine.result(wanted, transcript, self.now)
        self.done += map(line_of, actions)

    def next_action(self) -> str | None:
        if not self.done:
            self.done += map(line_of, self.machine.due(self.now))
        return self.done.pop(0) if self.done else None

    def waits(self) -> bool:
        """Return True if the machine wants nothing until the next event."""
        if self.held is not None:
            return True
        return not self.done and not self.machine.due(self.now) and self.machine.next_pass(self.now) is None


def line_of(action: Action) -> str:
    """Return an action as a line."""
    match action:
        case Work():
            return "work"
        case Show():
            stable = f"{action.text[: action.final_length]}|{action.text[action.final_length :]}"
            return f"{'show at last' if action.final else 'show'} {stable}"
        case Finalize():
            return "finalize " + "/".join(part.text.strip() for part in action.segments)
        case Expect():
            return f"expect {action.text}"
        case Wait():
            return WAITS[action.patience]
        case Progress():
            return "progress"
        case Fail():
            return f"fail {action.error}"
        case Conclude(failure=None):
            return "conclude"
        case Conclude():
            assert action.failure is not None
            return f"conclude {action.failure.reason}"
