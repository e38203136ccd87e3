"""The jitter buffer: order, patience at a hole, and what a hostile or restarted sender can't do to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.rtp.jitter_buffer import MAX_HELD, MAX_WAIT, MIN_WAIT, Hole, Item, JitterBuffer, Ready, Restart
from media.rtp.packets import RtpPacket

TICKS = 960


def packet(number: int, ssrc: int = 1, sequence_base: int = 0, timestamp_base: int = 0) -> RtpPacket:
    sequence = (sequence_base + number) & 0xFFFF
    timestamp = (timestamp_base + number * TICKS) & 0xFFFFFFFF
    return RtpPacket(111, sequence, timestamp, ssrc, False, number.to_bytes(4, "big", signed=True))


def number(item: Item) -> int:
    assert isinstance(item, Ready)
    return int.from_bytes(item.packet.payload, "big", signed=True)


def short(items: list[Item]) -> list[object]:
    """Numbers of packets, (count, following) of holes, "restart"."""
    out: list[object] = []
    for item in items:
        match item:
            case Ready():
                out.append(number(item))
            case Hole(count, _, following):
                out.append((count, int.from_bytes(following.payload, "big", signed=True)))
            case Restart():
                out.append("restart")
    return out


def fed(*numbers: int, at: float = 0.0) -> tuple[JitterBuffer, list[object]]:
    buffer, out = JitterBuffer(), []
    for n in numbers:
        out += short(buffer.add(packet(n), at))
    return buffer, out


arrivals = st.lists(
    st.tuples(st.integers(0, 60), st.floats(0, 0.05)), min_size=1, max_size=90
)  # which packet comes next (any order, repeats, losses), and how long after the one before


@given(arrivals, st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.booleans())
def test_whatever_comes_goes_out_in_order_once_and_accounted_for(
    coming: list[tuple[int, float]], sequences: int, timestamps: int, polled: bool
) -> None:
    buffer, now, items = JitterBuffer(), 0.0, list[Item]()
    for n, later in coming:
        now += later
        if polled:
            items += buffer.poll(now)
        items += buffer.add(packet(n, sequence_base=sequences, timestamp_base=timestamps), now)
        assert buffer.depth < MAX_HELD
        assert (buffer.deadline is None) == (buffer.depth == 0)
    while (deadline := buffer.deadline) is not None:
        assert deadline <= now + MAX_WAIT
        now = deadline
        items += buffer.poll(now)
    assert buffer.depth == 0
    ready = [item for item in items if isinstance(item, Ready)]
    times = [item.timestamp for item in ready]
    assert times == sorted(set(times))
    played = [number(item) for item in ready]
    holes = [item for item in items if isinstance(item, Hole)]
    assert len(played) + sum(hole.count for hole in holes) == played[-1] - played[0] + 1
    assert buffer.lost == sum(hole.count for hole in holes)
    assert len(played) + buffer.late + buffer.duplicates == len(coming)
    first = times[0] - played[0] * TICKS
    assert all(item.timestamp == first + number(item) * TICKS for item in ready)
    for position, item in enumerate(items):
        if isinstance(item, Hole):
            following = items[position + 1]
            assert isinstance(following, Ready) and following.packet is item.following


@given(st.permutations(range(1, 4)), st.integers(0, 5))
def test_all_that_arrive_within_their_wait_are_released(order: list[int], lead: int) -> None:
    """Three packets in any order within a few milliseconds, after some in order: none is given up."""
    buffer = JitterBuffer()
    out = [n for i in range(-lead, 1) for n in short(buffer.add(packet(i), i * 0.02))]
    for position, n in enumerate(order):
        out += short(buffer.poll(0.02 + position * 0.003))
        out += short(buffer.add(packet(n), 0.02 + position * 0.003))
    assert out == list(range(-lead, 4))
    assert (buffer.lost, buffer.late) == (0, 0)


def test_in_order_at_once() -> None:
    buffer = JitterBuffer()
    for n in range(5):
        assert short(buffer.add(packet(n), n * 0.3)) == [n]  # however late: nothing is smoothed
    assert buffer.deadline is None


def test_a_hole_makes_later_ones_wait_and_is_given_up_at_the_third() -> None:
    buffer, out = fed(0, 2, 3)
    assert out == [0] and buffer.depth == 2
    assert short(buffer.add(packet(4), 0.0)) == [(1, 2), 2, 3, 4]
    assert buffer.lost == 1


def test_a_packet_that_was_only_reordered_fills_its_hole() -> None:
    buffer, out = fed(0, 2, 3, 1)
    assert out == [0, 1, 2, 3]
    assert buffer.deadline is None and buffer.lost == 0


def test_the_deadline_gives_a_hole_up() -> None:
    buffer, _ = fed(0)
    assert buffer.add(packet(2), 1.0) == []
    assert buffer.deadline == pytest.approx(1.0 + MIN_WAIT)
    assert buffer.poll(1.0 + MIN_WAIT / 2) == []
    assert short(buffer.poll(1.0 + MIN_WAIT)) == [(1, 2), 2]
    assert buffer.poll(9.0) == []


def test_the_wait_grows_with_reordering_up_to_its_bound_and_is_forgotten() -> None:
    buffer, now, n = JitterBuffer(), 0.0, 0
    buffer.add(packet(0), now)
    for _ in range(20):
        now += 1
        buffer.add(packet(n + 2), now)
        buffer.poll(now + MAX_WAIT)
        buffer.add(packet(n + 1), now + MAX_WAIT)
        n += 2
    buffer.add(packet(n + 2), now)
    assert buffer.deadline == pytest.approx(now + MAX_WAIT)
    assert buffer.late == 20
    buffer.add(packet(n + 1), now)
    for calm in range(n + 3, n + 3003):
        buffer.add(packet(calm), now)
    buffer.add(packet(n + 3004), now)
    assert buffer.deadline == pytest.approx(now + MIN_WAIT)


def test_two_holes_wait_one_after_the_other() -> None:
    buffer, _ = fed(0)
    buffer.add(packet(2), 0.0)
    buffer.add(packet(4), 0.001)
    assert short(buffer.poll(MIN_WAIT)) == [(1, 2), 2]
    assert buffer.deadline == pytest.approx(2 * MIN_WAIT)
    assert short(buffer.poll(2 * MIN_WAIT)) == [(1, 4), 4]


def test_duplicates_and_late_ones_are_dropped_and_counted() -> None:
    buffer, out = fed(0, 1, 1, 0, 3, 3)
    assert out == [0, 1]
    assert (buffer.late, buffer.duplicates) == (2, 1)


@pytest.mark.parametrize("jump", [501, 5_000, 0x8000, -101, -5_000])
def test_a_stray_packet_is_swallowed(jump: int) -> None:
    buffer, _ = fed(0, 1)
    assert buffer.add(packet(1 + jump), 0.0) == []
    assert short(buffer.add(packet(2), 0.0)) == [2]
    assert (buffer.lost, buffer.depth) == (0, 0)


@pytest.mark.parametrize("jump", [501, 5_000, -200, -5_000])
def test_a_sender_that_restarts_is_believed_at_its_second_packet(jump: int) -> None:
    buffer, _ = fed(0, 1)
    assert buffer.add(packet(1 + jump), 0.0) == []
    assert short(buffer.add(packet(2 + jump), 0.0)) == ["restart", 2 + jump]
    assert short(buffer.add(packet(3 + jump), 0.0)) == [3 + jump]
    assert buffer.lost == 0


def test_two_strays_that_do_not_follow_each_other_are_no_restart() -> None:
    buffer, _ = fed(0, 1, 5_000, 9_000, 5_002)
    assert short(buffer.add(packet(2), 0.0)) == [2]


def test_a_long_loss_is_a_hole_and_no_restart() -> None:
    buffer, _ = fed(0)
    buffer.add(packet(401), 0.0)
    assert short(buffer.poll(MIN_WAIT)) == [(400, 401), 401]


def test_another_source_is_a_restart() -> None:
    buffer, _ = fed(0, 1, 3)
    assert short(buffer.add(packet(7, ssrc=2), 0.0)) == ["restart", 7]
    assert buffer.deadline is None and buffer.depth == 0
    assert short(buffer.add(packet(8, ssrc=2), 0.0)) == [8]


def test_sequence_numbers_and_timestamps_wrap() -> None:
    buffer = JitterBuffer()
    bases = {"sequence_base": 0xFFFE, "timestamp_base": 0xFFFFFFFF - TICKS}
    items = [item for n in (0, 1, 3, 2, 4) for item in buffer.add(packet(n, **bases), 0.0)]
    assert short(items) == [0, 1, 2, 3, 4]
    times = [item.timestamp for item in items if isinstance(item, Ready)]
    assert [t - times[0] for t in times] == [n * TICKS for n in range(5)]
