"""Reports on the interpreter's speech come while it is played: long sentences in chunks, one of which fails, or
finds its listener away, or is interrupted. On a virtual clock, through the call's own participants."""

import pytest

from testing.virtual_clock import virtually
from tests.kit.call_without_network import Tongue, Unwired

LONG = "This is the first half of what I had to tell you now, and this is the second half of what I had to tell."
FIRST, SECOND = (
    "THIS IS THE FIRST HALF OF WHAT I HAD TO TELL YOU NOW,",
    " AND THIS IS THE SECOND HALF OF WHAT I HAD TO TELL.",
)


@virtually
async def test_a_sentence_whose_rest_can_not_be_spoken_waits_for_its_turn() -> None:
    """The second chunk of the second text fails while the first text is heard."""
    async with Unwired(Tongue(spoken_s=2.0, fails=2)) as call:
        call.ann_types("One.")
        call.ann_types(LONG)
        await call.passes(5.0)
        assert call.heard == ["ONE.", FIRST] and call.heard_s == 4.0
        assert call.told == [
            (0.0, "start", 0, None),
            (2.0, "end", 0, None),
            (2.0, "spoken", None, None),
            (2.1, "start", 0, None),
            (4.1, "end", 0, None),
            (4.1, "spoken", None, None),
        ]


@virtually
async def test_a_sentence_that_does_not_fit_what_is_kept_for_the_absent_is_dropped_whole() -> None:
    """8 s of it are queued when the other 8 s don't fit; nothing is told of it when they are back."""
    async with Unwired(Tongue(spoken_s=8.0)) as call:
        call.bob.connection = None
        call.ann_types(LONG)
        await call.passes(1.0)
        over = [(0.0, "skipped", 0, "behind"), (0.0, "subtitles_only", None, "behind")]
        assert call.told == over and call.bob.backlog_ms == 0
        call.here(call.bob)
        await call.passes(10.0)
        assert call.told == over and call.heard == []
        call.ann_types("Two.")
        await call.passes(10.0)
        assert call.heard == ["TWO."]


@virtually
async def test_a_sentence_in_whose_middle_they_go_away_goes_on_to_where_it_was_cut() -> None:
    """2 s of its first chunk were heard; the second comes while they are away, and is too long to be kept."""
    async with Unwired(Tongue(spoken_s=15.5, made_s={1: 3.0})) as call:
        call.ann_types(LONG)
        await call.passes(2.0)
        call.bob.connection = None
        await call.passes(2.0)
        assert call.told == [(0.0, "start", 0, None)]
        call.here(call.bob)
        await call.passes(20.0)
        assert call.heard == [FIRST] and call.heard_s == 15.5
        assert call.told[1:] == [(17.5, "end", 0, None), (17.5, "spoken", None, None)]


@pytest.mark.parametrize("made_s", [0.0, 2.0])
@virtually
async def test_who_takes_the_word_hears_no_more_of_what_they_interrupted(made_s: float) -> None:
    """Neither the rest of the sentence nor the one behind it, whether they are queued by then or still being made; what
    is said afterwards is heard from its beginning."""
    async with Unwired(Tongue(spoken_s=1.0, made_s={1: made_s, 2: made_s}), barge_in=True) as call:
        call.ann_types(f"{LONG} And so on.")
        await call.passes(0.5)
        call.bob_says("Espera.")
        await call.passes(6.0)
        assert call.heard == [FIRST] and 0.4 < call.heard_s < 0.6
        told = call.told
        assert [event[1:] for event in told] == [
            ("start", 0, None),
            ("end", 0, None),
            ("skipped", 1, "interrupted"),
            ("spoken", None, None),
        ]
        assert told[1][0] == 0.5, "it ends when it falls silent"
        call.ann_types("I am done.")
        await call.passes(4.0)
        assert call.heard == [FIRST, "I AM DONE."]


@virtually
async def test_a_sentence_is_interrupted_where_it_waits_for_its_rest_too() -> None:
    async with Unwired(Tongue(spoken_s=1.0, made_s={1: 3.0}), barge_in=True) as call:
        call.ann_types(LONG)
        await call.passes(2.0)
        call.bob_says("Espera.")
        call.bob_says("Espera un", 1)
        await call.passes(4.0)
        assert call.heard == [FIRST]
        assert call.told == [(0.0, "start", 0, None), (3.0, "end", 0, None), (3.0, "spoken", None, None)]
        assert call.bob.interruptions == 1, "the word is theirs already"


@virtually
async def test_what_was_interrupted_before_it_began_is_told_to_be() -> None:
    """Its utterance has no other sentence: nothing of it was spoken."""
    async with Unwired(Tongue(spoken_s=2.0), barge_in=True) as call:
        call.ann_types("One.")
        call.ann_types("Two.")
        await call.passes(1.0)
        call.bob_says("Espera.")
        assert [event[1:] for event in call.told] == [
            ("start", 0, None),
            ("end", 0, None),
            ("spoken", None, None),
            ("skipped", 0, "interrupted"),
            ("subtitles_only", None, "interrupted"),
        ]
