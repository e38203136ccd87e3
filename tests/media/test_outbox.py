"""Subtitles over channels that come and go: one numbering for ever, nothing lasting lost, holes told."""

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from media.subtitles.kept_messages import KEPT_BYTES, KEPT_MESSAGES, KEPT_SECONDS, Kept, KeptMessages
from media.subtitles.outbox import HANDED_ON_BYTES, HANDED_ON_S, RESUME_WAIT, SubtitlesOutbox
from media.subtitles.server_messages import Message
from tests.operations.fuzz.words import NUMBERS


class Channel:
    """A data channel as the server sees it: `open` false means that nothing gets through."""

    def __init__(self) -> None:
        self.received: list[Message] = []
        self.open = True

    def __call__(self, text: str) -> bool:
        if self.open:
            self.received.append(json.loads(text))
        return self.open

    @property
    def seqs(self) -> list[int]:
        return [message["seq"] for message in self.received]

    @property
    def texts(self) -> list[str]:
        return [message.get("text", message.get("code")) for message in self.received]


class Line:
    """Subtitles with a clock that the test sets."""

    def __init__(self) -> None:
        self.now = 50.0
        self.subtitles = SubtitlesOutbox(lambda: self.now)

    def channel(self, last_seq: int | None = None) -> Channel:
        channel = Channel()
        self.subtitles.open(channel)
        if last_seq is not None:
            self.subtitles.resume(last_seq)
        return channel

    def put(self, *texts: str, final: bool = True) -> None:
        for text in texts:
            self.subtitles.put({"type": "transcription", "text": text, "final": final})

    def wait(self, seconds: float) -> None:
        """Let time pass as the pacer does."""
        for _ in range(round(seconds / 0.02)):
            self.now += 0.02
            self.subtitles.tick()


def test_numbers_rise_by_one_from_one() -> None:
    line = Line()
    channel = line.channel(0)
    line.put("a", "b")
    line.put("c", final=False)
    line.subtitles.put({"type": "status"})
    assert channel.seqs == [1, 2, 3, 4]
    assert channel.received[0] == {"type": "transcription", "text": "a", "final": True, "seq": 1}


def test_what_was_put_before_the_channel_came_is_sent_on_resume() -> None:
    line = Line()
    line.put("a", "b")
    channel = line.channel()
    assert channel.received == []
    line.subtitles.resume(0)
    assert channel.texts == ["a", "b"]


def test_a_new_channel_gets_what_came_after() -> None:
    line = Line()
    first = line.channel(0)
    line.put("a", "b", "c")
    line.subtitles.close(first)
    line.put("d")
    second = line.channel(2)
    line.put("e")
    assert first.texts == ["a", "b", "c"]
    assert list(zip(second.seqs, second.texts, strict=True)) == [(3, "c"), (4, "d"), (5, "e")]


def test_texts_that_are_not_final_are_not_resent() -> None:
    line = Line()
    line.channel(0)
    line.put("a", "b", final=False)
    line.put("c")
    assert line.channel(0).texts == ["c"]


def test_texts_that_are_not_final_and_could_not_be_sent_take_no_number() -> None:
    line = Line()
    line.put("a", final=False)
    channel = line.channel(0)
    line.put("b")
    assert channel.seqs == [1]


def test_a_hole_is_told_and_takes_the_number_of_the_last_that_is_lost() -> None:
    line = Line()
    line.put("a", "b", "c")
    line.now += KEPT_SECONDS + 1
    line.put("d")
    channel = line.channel(1)
    assert list(zip(channel.seqs, channel.texts, strict=True)) == [(3, "gap"), (4, "d")]
    line.put("e")
    assert channel.seqs[-1] == 5
    assert line.channel(3).texts == ["d", "e"]  # who has all that is lost is told of no hole


def test_a_hole_at_the_end_is_told_too() -> None:
    line = Line()
    line.put("a", "b")
    line.now += KEPT_SECONDS + 1
    channel = line.channel(0)
    assert list(zip(channel.seqs, channel.texts, strict=True)) == [(2, "gap")]
    line.put("c")
    assert channel.seqs == [2, 3]


def test_no_more_is_kept_than_promised() -> None:
    line = Line()
    line.put(*(str(n) for n in range(1, KEPT_MESSAGES + 11)))
    channel = line.channel(0)
    assert channel.texts == ["gap", *(str(n) for n in range(11, KEPT_MESSAGES + 11))]
    assert channel.seqs[0] == 10


def test_long_messages_are_kept_by_their_bytes_and_the_hole_is_named() -> None:
    """A participant who is away can have long texts written for them, and costs a bounded memory."""
    line = Line()
    long = "\u4f60" * 20_000  # three bytes each
    count = 2 * KEPT_BYTES // 60_000
    line.put(*(f"{n} {long}" for n in range(1, count + 1)))
    channel = line.channel(0)
    assert channel.texts[0] == "gap" and channel.texts[-1].startswith(f"{count} ")
    assert KEPT_BYTES / 2 < sum(len(text.encode()) for text in channel.texts) <= KEPT_BYTES


def test_bytes_of_what_is_kept_are_counted_through_all_that_happens() -> None:
    kept = KeptMessages()
    half = "x" * (KEPT_BYTES // 2)
    for seq in range(1, 4):
        kept.add(Kept(seq, float(seq), True, half))
    assert [one.seq for one in kept] == [2, 3] and kept.first_seq == 2
    kept.take_back()
    kept.add(Kept(4, 4.0, True, half))
    assert [one.seq for one in kept] == [2, 4]
    kept.discard_old(2.5 + KEPT_SECONDS)
    kept.add(Kept(5, 5.0, True, half))
    assert [one.seq for one in kept] == [4, 5]
    kept.clear()
    assert len(kept) == 0 and kept.first_seq is None
    kept.add(Kept(6, 6.0, True, 3 * half))
    assert [one.seq for one in kept] == [6], "the newest is always kept"
    kept.add(Kept(7, 7.0, True, "short"))
    assert [one.seq for one in kept] == [7]


def test_a_restarted_server_goes_on_from_the_clients_number() -> None:
    line = Line()
    line.put("from before it resumed")
    channel = line.channel(812)
    line.put("a")
    assert list(zip(channel.seqs, channel.texts, strict=True)) == [(813, "gap"), (814, "a")]


def test_a_client_that_never_resumes_is_served_after_a_while() -> None:
    line = Line()
    line.put("a")
    channel = line.channel()
    line.put("b")
    line.wait(RESUME_WAIT - 0.1)
    assert channel.received == []
    line.wait(0.2)
    assert channel.texts == ["a", "b"]
    line.put("c")
    line.wait(5)
    assert channel.seqs == [1, 2, 3]


def test_a_client_that_stops_reading_gets_the_rest_when_it_reads_again() -> None:
    line = Line()
    channel = line.channel(0)
    line.put("a")
    line.wait(10)
    channel.open = False
    line.put("b")
    line.put("interim", final=False)
    line.wait(3)
    line.put("c")
    assert channel.texts == ["a"]
    channel.open = True
    line.wait(0.1)
    line.put("d")
    assert list(zip(channel.seqs, channel.texts, strict=True)) == [(1, "a"), (2, "b"), (3, "c"), (4, "d")]


def test_a_closed_channel_keeps_everything_for_the_next() -> None:
    line = Line()
    first = line.channel(0)
    first.open = False
    line.put("a", "b")
    line.wait(1)
    line.subtitles.close(first)
    line.wait(5)
    assert line.channel(0).texts == ["a", "b"]


def test_an_old_channel_that_closes_late_does_not_shut_the_new_one() -> None:
    line = Line()
    first = line.channel(0)
    second = line.channel(0)
    line.subtitles.close(first)
    line.put("a")
    assert (first.texts, second.texts) == ([], ["a"])


def test_resume_without_a_channel_is_nothing() -> None:
    line = Line()
    line.subtitles.resume(5)
    line.put("a")
    assert line.channel(0).seqs == [1]


actions = st.lists(
    st.sampled_from(["put", "put", "put", "interim", "stall", "unstall", "drop", "come", "tick"]), max_size=60
)


@given(actions)
def test_a_client_that_resumes_by_the_rules_misses_nothing_and_sees_nothing_twice(script: list[str]) -> None:
    line, said, seen, channel = Line(), list[str](), list[Message](), None
    for step, action in enumerate([*script, "drop", "come"]):
        match action:
            case "put":
                said.append(str(step))
                line.put(str(step))
            case "interim":
                line.put("interim", final=False)
            case "stall" | "unstall" if channel is not None:
                channel.open = action == "unstall"
            case "drop" if channel is not None:
                seen += channel.received
                line.subtitles.close(channel)
                channel = None
            case "come" if channel is None:
                channel = line.channel(seen[-1]["seq"] if seen else 0)
            case "tick":
                line.wait(0.06)
    assert channel is not None
    seen += channel.received
    assert [message["text"] for message in seen if message["final"]] == said
    assert all(a["seq"] < b["seq"] for a, b in pairwise(seen))


def test_another_process_goes_on_with_the_numbers_and_with_what_is_unread() -> None:
    line, other = Line(), Line()
    line.channel(0)
    line.put("one")
    line.put("half of", final=False)
    line.put("two", "three")
    other.subtitles.go_on(json.loads(json.dumps(line.subtitles.hand_on())))
    channel = other.channel(1)
    other.put("four")
    assert (channel.texts, channel.seqs) == (["two", "three", "four"], [3, 4, 5]), "and no gap"


def test_who_has_handed_on_sends_nothing_more() -> None:
    line, other = Line(), Line()
    channel = line.channel(0)
    line.put("one")
    handed = line.subtitles.hand_on()
    line.put("half of", final=False)
    line.put("a sentence that took too long")
    late = line.channel(0)
    line.wait(RESUME_WAIT + 0.1)
    assert (channel.texts, late.texts, line.subtitles.is_open) == (["one"], [], False)
    other.subtitles.go_on(handed)
    other.put("two")
    back = other.channel(channel.seqs[-1])
    assert (back.texts, back.seqs) == (["two"], [2]), "the client has no number that the other gives again"


def test_a_gap_is_told_of_what_was_too_old_or_too_much_to_be_handed_on() -> None:
    for texts, wait_s in ((["one", "two"], HANDED_ON_S + 1), (["one", "x" * HANDED_ON_BYTES], 0.0)):
        line, other = Line(), Line()
        line.put(*texts)
        line.now += wait_s
        other.subtitles.go_on(line.subtitles.hand_on())
        channel = other.channel(0)
        other.put("three")
        assert (channel.texts, channel.seqs) == (["gap", "three"], [2, 3])


def test_what_cannot_be_read_of_another_process_is_passed_over() -> None:
    odd = [None, 7, [], [1], ["x", []], [2, [[1, 0.0, "one"]]], [1, [[1, "x", "one"]]], [1, [[1]]], {"a": 1}]
    odd += [[1, [[1, 0.0, text]]] for text in (7, None, "\ud800")] + [[1, [[1, -1, "one"]]], [-1, []]]
    for number in (*map(json.loads, NUMBERS), float("nan")):
        odd += [[number, []], [number, [[number, 0.0, "one"]]], [1, [[1, number, "one"]]]]
    for handed in odd:
        line = Line()
        line.subtitles.go_on(handed)
        channel = line.channel(0)
        line.put("one")
        assert channel.seqs == [1], handed
