"""Recognition by tables: what a speaker does, which passes that asks for, and what their transcripts change.

Each row is an event with the lines that must follow it, in order, and nothing else (`tests.kit.machine_script`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pytest

from pipeline.recognition.passes import PassKind, RecognitionOptions
from pipeline.recognition.utterance import BYTES_PER_MS
from tests.kit.machine_script import NO_INTERIMS, Script

Rows = Sequence[tuple[str, Sequence[str]]]

FIRST = ("whole: I am here.", "wait", "show |I am here.", "expect I am here.")
UNSURE = ("whole?: I am here.", "wait", "show |I am here.", "expect I am here.")
SPOKEN = ("progress", "show I am here.|", "work", "finalize I am here.")
NOTHING_MORE = ("show at last I am here.|", "expect None", "conclude None")

TABLES: dict[str, Rows] = {
    "a certain sentence that two passes gave is final at the soft end": [
        ("voice 600", ()),
        ("pause", FIRST),
        ("soft end", ("confirm: I am here.", *SPOKEN)),
        ("late", ()),
        ("end", NOTHING_MORE),
    ],
    "a slow recogniser is believed at once": [
        ("voice 600", ()),
        ("pause", ("whole slow: I am here.", *FIRST[1:])),
        ("soft end", SPOKEN),
        ("end", NOTHING_MORE),
    ],
    "a sentence that comes out differently waits for the end": [
        ("voice 600", ()),
        ("pause", FIRST),
        ("soft end", ("confirm: I am there.",)),
        ("late", ()),
        ("end", ("show at last I am there.|", "work", "finalize I am there.", "conclude")),
    ],
    "a sentence that is not certain is heard with another lead, and is final when silence is late": [
        ("voice 600", ()),
        ("pause", UNSURE),
        ("soft end", ()),
        ("late", ("confirm?: I am here.", "retry?@0.5: I am there.", *SPOKEN)),
        ("end", NOTHING_MORE),
    ],
    "a number at the end is final when silence is late": [
        ("voice 600", ()),
        ("pause", ("whole: I have 600.", "wait", "show |I have 600.", "expect I have 600.")),
        ("soft end", ()),
        ("late", ("confirm: I have 600.", "progress", "show I have 600.|", "work", "finalize I have 600.")),
        ("end", ("show at last I have 600.|", "expect None", "conclude None")),
    ],
    "a number behind which its unit stands is final as soon as any word": [
        ("voice 600", ()),
        ("pause", ("whole: I have 15 minutes.", "wait", "show |I have 15 minutes.", "expect I have 15 minutes.")),
        ("soft end", ("confirm: I have 15 minutes.", "progress", "show I have 15 minutes.|", "work",
                      "finalize I have 15 minutes.")),
        ("end", ("show at last I have 15 minutes.|", "expect None", "conclude None")),
    ],
    "the beginning of a value waits for the rest, whatever mark ends it": [
        ("voice 600", ()),
        ("pause", ("whole: It is half past.", "wait on", "show |It is half past.", "expect It is half past.")),
        ("soft end", ()),
        ("late", ()),
        ("voice 400", ()),
        ("pause", ("whole@0.7: It is half past two.", "rest: Two.", "wait", "show |It is half past two.",
                   "expect It is half past two.")),
        ("end", ("show at last It is half past two.|", "work", "finalize It is half past two.", "conclude")),
    ],
    "a number that is another once more is heard was not final": [
        ("voice 600", ()),
        ("pause", ("whole: I have 6000.", "wait", "show |I have 6000.", "expect I have 6000.")),
        ("soft end", ()),
        ("voice 400", ()),
        ("pause", ("whole@0.7: I have 600 of them.", "rest: Of them.", "wait", "show |I have 600 of them.",
                   "expect I have 600 of them.")),
        ("soft end", ("confirm: I have 600 of them.", "progress", "show I have 600 of them.|", "work",
                      "finalize I have 600 of them.")),
        ("end", ("show at last I have 600 of them.|", "expect None", "conclude None")),
    ],
    "a number that goes on is one": [
        ("voice 600", ()),
        ("pause", ("whole: I have one hundred.", "wait", "show |I have one hundred.", "expect I have one hundred.")),
        ("soft end", ()),
        ("voice 400", ()),
        ("pause", ("whole@0.7: I have 101.", "rest: And one.", "wait", "show |I have 101.", "expect I have 101.")),
        ("voice 400", ()),
        ("pause", ("whole@0.7: I have 101 of them.", "rest: Of them.", "wait", "show |I have 101 of them.",
                   "expect I have 101 of them.")),
        ("end", ("show at last I have 101 of them.|", "work", "finalize I have 101 of them.", "conclude")),
    ],
    "what may go on a number is heard again when silence is late": [
        ("voice 600", ()),
        ("pause", ("whole: I have 8000.", "wait", "show |I have 8000.", "expect I have 8000.")),
        ("voice 400", ()),
        ("pause", ("whole?@0.7: I have 8000.", "rest?@0.4: Size.", "wait", "expect I have 8000.")),
        ("soft end", ()),
        ("voice 400", ()),
        ("pause", ("whole@0.8: I have 8500.", "rest: 500.", "wait", "show |I have 8500.", "expect I have 8500.")),
        ("soft end", ()),
        ("late", ("confirm: I have 8500.", "progress", "show I have 8500.|", "work", "finalize I have 8500.")),
        ("end", ("show at last I have 8500.|", "expect None", "conclude None")),
    ],
    "what may go on a number, and does not, is a sentence when silence is late": [
        ("voice 600", ()),
        ("pause", ("whole: I have 8000.", "wait", "show |I have 8000.", "expect I have 8000.")),
        ("voice 400", ()),
        ("pause", ("whole?@0.7: I have 8000.", "rest?@0.4: Size.", "wait", "expect I have 8000.")),
        ("soft end", ()),
        ("late", ("whole?@0.7: I have 8000.", "rest?@0.4: Size.", "wait", "progress", "show I have 8000.|", "work",
                  "finalize I have 8000.", "show I have 8000.| Size.", "expect Size.", "confirm?@0.4: Size.",
                  "retry?@0.3: Size.", "progress", "show I have 8000. Size.|", "finalize Size.")),
        ("end", ("show at last I have 8000. Size.|", "expect None", "conclude None")),
    ],
    "what may go on a number is heard again at the end": [
        ("voice 600", ()),
        ("pause", ("whole: I have 8000.", "wait", "show |I have 8000.", "expect I have 8000.")),
        ("voice 400", ()),
        ("pause", ("whole?@0.7: I have 8000.", "rest: 500.", "wait", "expect I have 8000.")),
        ("end", ("work", "whole?@0.7: I have 8000.", "rest: 500.", "progress", "show I have 8000.|",
                 "finalize I have 8000.", "show at last I have 8000. 500.|", "finalize 500.", "conclude")),
    ],
    "the beginning of a number is no end before the end of all": [
        ("voice 600", ()),
        ("pause", ("whole: It is half past.", "wait on", "show |It is half past.", "expect It is half past.")),
        ("soft end", ()),
        ("late", ()),
        ("end", ("show at last It is half past.|", "work", "finalize It is half past.", "conclude")),
    ],
    "the more certain of two opinions holds": [
        ("voice 600", ()),
        ("pause", UNSURE),
        ("late", ("confirm?: I am here.", "retry?@0.7: I am there.", "progress", "show I am there.|", "work",
                  "finalize I am there.")),
        ("end", ("show at last I am there.|", "expect None", "conclude None")),
    ],
    "words that are no sentence wait for the end": [
        ("voice 600", ()),
        ("pause", ("whole: I am", "wait", "show |I am", "expect I am")),
        ("soft end", ()),
        ("late", ()),
        ("end", ("show at last I am|", "work", "finalize I am", "conclude")),
    ],
    "an end without a silence before it asks for one pass": [
        ("voice 600", ()),
        ("end", ("work", "whole: I am here.", "show at last I am here.|", "finalize I am here.", "conclude")),
    ],
    "a failure in a silence is reported once, at the end": [
        ("voice 600", ()),
        ("pause", ("whole!: out of order", "do not wait")),
        ("soft end", ()),
        ("end", ("fail out of order", "expect None", "conclude stt")),
    ],
    "after a failure, voice that goes on is heard anew": [
        ("voice 600", ()),
        ("pause", ("whole!: out of order", "do not wait")),
        ("voice 400", ()),
        ("pause", FIRST),
        ("end", ("show at last I am here.|", "work", "finalize I am here.", "conclude")),
    ],
    "a second opinion that fails leaves the first": [
        ("voice 600", ()),
        ("pause", UNSURE),
        ("end", ("retry!: out of memory", "show at last I am here.|", "work", "finalize I am here.", "conclude")),
    ],
    "nothing is refused before it was heard with its pauses and with another lead": [
        ("voice 600", ()),
        ("pause", ("whole~: I am", "wait", "expect None")),
        ("end", ("with_pauses~: I am", "retry_in_vain~: I am", "expect None", "conclude not_understood")),
    ],
    "words that only another lead shows are final": [
        ("voice 600", ()),
        ("end", ("work", "whole~: I am", "with_pauses~: I am", "retry_in_vain@0.8: I am here.",
                 "show at last I am here.|", "finalize I am here.", "conclude")),
    ],
    "a slow recogniser is not asked a third time": [
        ("voice 600", ()),
        ("end", ("work", "whole~: I am", "with_pauses slow~: I am", "expect None", "conclude not_understood")),
    ],
    "silence is no text": [
        ("voice 600", ()),
        ("end", ("work", "whole~: ", "expect None", "conclude None")),
    ],
    "noise is heard by no engine": [
        ("voice 80", ()),
        ("pause", ()),
        ("end", ("expect None", "conclude None")),
    ],
    "a transcript whose silence was broken tells nothing of the present one": [
        ("voice 600", ()),
        ("pause", ("whole...",)),
        ("voice 300", ()),
        ("answer", ("answer: I am here.",)),
        ("pause", ("whole: I am here now.", "rest~: now", "wait", "show |I am here now.", "expect I am here now.")),
        ("end", ("show at last I am here now.|", "work", "finalize I am here now.", "conclude")),
    ],
    "a transcript that comes after the end is the end's": [
        ("voice 600", ()),
        ("pause", ("whole...",)),
        ("end", ()),
        ("answer", ("answer: I am here.", "show at last I am here.|", "work", "finalize I am here.", "conclude")),
    ],
    "a confirmation whose silence was broken changes nothing": [
        ("voice 600", ()),
        ("pause", FIRST),
        ("soft end", ("confirm...",)),
        ("voice 300", ()),
        ("answer", ("answer: I am there.",)),
        ("pause", ("whole: I am here. You are", "rest: You are", "wait", "progress", "show I am here.|", "work",
                   "finalize I am here.", "show I am here.| You are", "expect You are")),
        ("end", ("show at last I am here. You are|", "finalize You are", "conclude")),
    ],
    "two sentences that are heard apart as they are together close the first": [
        ("voice 600", ()),
        ("pause", UNSURE),
        ("voice 600", ()),
        ("pause", ("whole?: I am here. You are not.", "rest?: You are not.", "wait", "progress", "show I am here.|",
                   "work", "finalize I am here.", "show I am here.| You are not.", "expect You are not.")),
        ("end", ("retry~: You", "show at last I am here. You are not.|", "finalize You are not.", "conclude")),
    ],
    "a guess of an end is taken back where both together are another sentence": [
        ("voice 600", ()),
        ("pause", ("whole?: We went home.", "wait", "show |We went home.", "expect We went home.")),
        ("voice 600", ()),
        ("pause", ("whole?: We went home with them.", "rest?: With them.", "wait", "show |We went home with them.",
                   "expect We went home with them.")),
        ("end", ("retry~: We", "show at last We went home with them.|", "work", "finalize We went home with them.",
                 "conclude")),
    ],
    "the end of a word is no sentence of its own": [
        ("voice 600", ()),
        ("pause", FIRST),
        ("voice 120", ()),
        ("pause", ("whole: I am here.", "rest?: What", "wait", "expect I am here.")),
        ("soft end", SPOKEN),
        ("end", NOTHING_MORE),
    ],
    "what follows a final sentence and is certain alone stands alone": [
        ("voice 600", ()),
        ("pause", FIRST),
        ("soft end", ("confirm: I am here.", *SPOKEN)),
        ("voice 600", ()),
        ("pause", ("rest: You are not.", "wait", "progress", "show I am here.| You are not.", "expect You are not.")),
        ("soft end", ("confirm: You are not.", "progress", "show I am here. You are not.|", "finalize You are not.")),
        ("end", ("show at last I am here. You are not.|", "expect None", "conclude None")),
    ],
    "what follows a final sentence and makes no sense alone is heard with it": [
        ("voice 600", ()),
        ("pause", FIRST),
        ("soft end", ("confirm: I am here.", *SPOKEN)),
        ("voice 600", ()),
        ("pause", ("rest~: since", "whole: I am here since noon.", "wait", "show I am here.| since noon.",
                   "expect since noon.")),
        ("end", ("show at last I am here. since noon.|", "finalize since noon.", "conclude")),
    ],
    "a cough behind a certain sentence costs only itself": [
        ("voice 600", ()),
        ("pause", FIRST),
        ("voice 300", ()),
        ("pause", ("whole~: I am uh", "rest~: uh", "wait", "expect None")),
        ("end", ("with_pauses~: I am uh", "retry_in_vain~: uh", "progress", "show I am here.|", "work",
                 "finalize I am here.", "show at last I am here.|", "expect None", "conclude not_understood")),
    ],
    "an engine that fails behind a certain sentence costs only the rest": [
        ("voice 600", ()),
        ("pause", FIRST),
        ("voice 300", ()),
        ("pause", ("whole!: out of order", "do not wait")),
        ("end", ("fail out of order", "progress", "show I am here.|", "work", "finalize I am here.",
                 "show at last I am here.|", "expect None", "conclude stt")),
    ],
    "typed text waits for the sentence that is being said": [
        ("voice 600", ()),
        ("typed Hello.", ()),
        ("pause", FIRST),
        ("end", ("show at last I am here.|", "work", "finalize I am here.", "conclude",
                 "show at last Hello.|", "finalize Hello.", "conclude")),
    ],
}  # fmt: skip

INTERIMS: dict[str, Rows] = {
    "an interim is shown, and what two agree on behind a mark is final": [
        ("voice 600", ()),
        ("interim", ("interim: I am here. You", "show |I am here. You", "expect I am here.")),
        ("voice 320", ("interim: I am here. You are", "show I am here.| You are", "work", "finalize I am here.",
                       "expect None")),
        ("end", ("whole: I am here. You are not.", "show at last I am here. You are not.|", "finalize You are not.",
                 "conclude")),
    ],
    "an interim that is refused or fails costs nothing": [
        ("voice 600", ()),
        ("interim", ("interim!busy: ",)),
        ("voice 600", ()),
        ("end", ("work", "whole: I am here.", "show at last I am here.|", "finalize I am here.", "conclude")),
    ],
    "no interim is made in a silence": [
        ("voice 600", ()),
        ("interim", ("interim!: out of order",)),
        ("pause", FIRST),
        ("interim", ()),
        ("voice 300", ("interim~: uh",)),
        ("end", ("work", "whole: I am here.", "rest~: ", "show at last I am here.|", "finalize I am here.",
                 "conclude")),
    ],
    "an interim that comes after the end is forgotten": [
        ("voice 600", ()),
        ("interim", ("interim...",)),
        ("end", ()),
        ("answer", ("answer: I was", "work", "whole: I am here.", "show at last I am here.|", "finalize I am here.",
                    "conclude")),
    ],
    "what follows a certain sentence is heard together with it: a mark with words behind it, twice, ends it": [
        ("voice 600", ()),
        ("pause", FIRST),
        ("voice 600", ("interim: I am here. And", "expect I am here.")),
        ("voice 600", ("interim: I am here. And you are", "progress", "show I am here.| And you are", "work",
                       "finalize I am here.", "expect None")),
        ("end", ("whole: And you are not.", "show at last I am here. And you are not.|",
                 "finalize And you are not.", "conclude")),
    ],
    "a mark that is gone with words behind it ended nothing": [
        ("voice 600", ()),
        ("pause", FIRST),
        ("voice 600", ("interim: I am here to hear you", "show |I am here to hear you", "expect None")),
        ("end", ("work", "whole: I am here to hear you.", "rest: to hear you.", "show at last I am here to hear you.|",
                 "finalize I am here to hear you.", "conclude")),
    ],
    "a mark that the interim before did not have is believed when silence is late": [
        ("voice 600", ()),
        ("interim", ("interim: I am here", "show |I am here", "expect None")),
        ("pause", ("whole slow: I am here.", *FIRST[1:])),
        ("soft end", ()),
        ("late", SPOKEN),
        ("end", NOTHING_MORE),
    ],
    "a mark that the interim before had is believed at once": [
        ("voice 600", ()),
        ("interim", ("interim: I am here.", "show |I am here.", "expect I am here.")),
        ("pause", ("whole slow: I am here.", "wait", "expect I am here.")),
        ("soft end", SPOKEN),
        ("end", NOTHING_MORE),
    ],
    "what follows a mark that the interim before did not have takes it back": [
        ("voice 600", ()),
        ("interim", ("interim: The purpose of it", "show |The purpose of it", "expect None")),
        ("pause", ("whole slow: The purpose of it.", "wait", "show |The purpose of it.", "expect The purpose of it.")),
        ("soft end", ()),
        ("voice 600", ("interim: The purpose of it is to hear you", "show |The purpose of it is to hear you",
                       "expect None")),
        ("end", ("work", "whole slow: The purpose of it is to hear you.", "rest: Is to hear you.",
                 "show at last The purpose of it is to hear you.|", "finalize The purpose of it is to hear you.",
                 "conclude")),
    ],
    "a quick recogniser that gives the mark twice is believed at the soft end": [
        ("voice 600", ()),
        ("interim", ("interim: I am here", "show |I am here", "expect None")),
        ("pause", FIRST),
        ("soft end", ("confirm: I am here.", *SPOKEN)),
        ("end", NOTHING_MORE),
    ],
    "where a pass stops at a certain sentence, three words alone behind it close it": [
        ("voice 600", ()),
        ("pause", FIRST),
        ("voice 600", ("interim: I am here.",)),
        ("voice 600", ("interim: And you are", "progress", "show I am here.|", "work", "finalize I am here.",
                       "show I am here.| And you are", "expect None")),
        ("end", ("whole: And you are not.", "show at last I am here. And you are not.|", "finalize And you are not.",
                 "conclude")),
    ],
}  # fmt: skip

WITH_INTERIMS = RecognitionOptions(first_interim_s=0.6, interim_every_s=0.3)


def run(rows: Rows, options: RecognitionOptions) -> None:
    script = Script(options)
    for event, lines in rows:
        script.event(event)
        for line in lines:
            script.expect(line)
        assert script.waits(), f"after {event!r}: {script.done or script.machine.next_pass(script.now)}"
    assert not script.machine.pending


@pytest.mark.parametrize("name", TABLES)
def test_final_passes(name: str) -> None:
    run(TABLES[name], NO_INTERIMS)


@pytest.mark.parametrize("name", INTERIMS)
def test_interims(name: str) -> None:
    run(INTERIMS[name], WITH_INTERIMS)


def test_a_machine_shows_its_state_to_a_debugger() -> None:
    script = Script()
    assert repr(script.machine) == "<Machine idle>"
    script.event("voice 600")
    script.event("pause")
    script.expect("whole: I am here.")
    assert repr(script.machine) == "<Machine 1 pending, u-1: PAUSE 0, FINAL, 'I am here.'>"


def test_both_runs_of_a_question_hear_the_same_though_voice_goes_on_between_them() -> None:
    """A word said between them would be heard in the rest, and once more in the window that begins behind it."""
    script = Script()
    for event, lines in (("voice 600", ()), ("pause", UNSURE), ("voice 600", ()), ("pause", ("whole...",))):
        script.event(event)
        for line in lines:
            script.expect(line)
    whole = script.held
    script.event("voice 300")
    script.expect("answer?: I am here. You are not.")
    rest = script.machine.next_pass(script.now)
    assert whole is not None and rest is not None and rest.kind is PassKind.REST
    assert rest.edge_media_ms == whole.edge_media_ms
    assert rest.job.audio and whole.job.audio.endswith(rest.job.audio)
    assert rest.job.voice[-1][1] * BYTES_PER_MS <= len(rest.job.audio), "the voice in it, and no later one"


def test_a_pass_is_told_the_words_before_what_it_hears() -> None:
    """A window behind a final sentence begins in the middle of what is said; so does the rest behind a candidate."""
    script = Script()
    told = partial(told_by, script)
    assert told("voice 600") == []
    assert told("pause", *FIRST) == ["whole: "]
    assert told("soft end", "confirm: I am here.", *SPOKEN) == ["confirm: "], "its words are in the window"
    assert told("voice 600") == []
    shown = "show I am here.| You are not.", "expect You are not."
    assert told("pause", "rest: You are not.", "wait", "progress", *shown) == ["rest: I am here."]
    assert told("soft end", "confirm: You are not.") == ["confirm: I am here."]
    for _ in range(3):
        assert script.next_action() is not None
    assert told("end", "show at last I am here. You are not.|", "expect None", "conclude None") == []
    assert told("voice 600") == []
    whole = "whole?: Or are you?", "wait", "show |Or are you?", "expect Or are you?"
    assert told("pause", *whole) == ["whole: I am here. You are not."], "the utterance before it"


def test_words_in_the_window_are_not_told_though_another_pass_wrote_them_otherwise() -> None:
    script = Script(WITH_INTERIMS)
    told = partial(told_by, script)
    told("voice 600")
    told("interim", "interim: I am ninety five. You", "show |I am ninety five. You", "expect I am ninety five.")
    told("voice 320", "interim: I am ninety five. You are", "show I am ninety five.| You are", "work",
         "finalize I am ninety five.", "expect None")  # fmt: skip
    shown = "wait", "show I am ninety five.| You are not.", "expect You are not."
    assert told("pause", "whole: I am 95. You are not.", *shown) == ["whole: "]
    spoken = "progress", "show I am ninety five. You are not.|", "finalize You are not."
    assert told("soft end", "confirm: I am 95. You are not.", *spoken) == ["confirm: "]
    told("voice 600")
    assert told("end", "rest~: since", "whole: I am 95. You are not since noon.") == [
        "rest: I am ninety five. You are not.",
        "whole: ",
    ]


def test_a_clause_that_is_final_behind_a_sentence_is_in_the_window() -> None:
    script = Script(WITH_INTERIMS)
    told = partial(told_by, script)
    told("voice 600")
    told("pause", *FIRST)
    told("soft end", "confirm: I am here.", *SPOKEN)
    told("voice 600", "interim?: You are not here. And", "show I am here.| You are not here. And")
    told("voice 320", "interim?: You are not here. And he", "progress",
         "show I am here. You are not here.| And he", "finalize You are not here.")  # fmt: skip
    assert told("end", "whole: You are not here. And he is.") == ["whole: I am here."]


def told_by(script: Script, event: str, *lines: str) -> list[str]:
    """Let an event happen, with the lines that follow it. Returns the words before each pass, behind its kind."""
    script.event(event)
    found = []
    for line in lines:
        if line.partition(":")[0].rstrip("?~") in tuple(PassKind) and script.next_action() is None:
            wanted = script.machine.next_pass(script.now)
            found += [] if wanted is None else [f"{wanted.kind}: {wanted.job.before}"]
        script.expect(line)
    return found
