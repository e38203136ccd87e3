"""Decides when a participant who has said everything may leave."""

from __future__ import annotations

QUIET = 2.5  # s without voice or text before we believe that nothing more will come


def may_leave(
    now: float,
    *,
    clips: int,
    said: float | None,
    stay: float,
    linger: float,
    last_sign: float,
    settled: bool,
    mine_ended: int,
) -> bool:
    """Whether all that we said is interpreted and nothing has come for a while, or the time is over.

    All times are s after the pairing: `said` is the end of the last clip (None while that is not fixed),
    `stay` the earliest time to leave, `linger` the longest stay after that, `last_sign` when voice or
    text came last. `settled`: no utterance is open; `mine_ended`: how many of ours are over. A clip that
    makes no utterance (noise, a pair run together) costs the whole `linger`. Without clips and without
    `stay` we are a mere listener, who stays until the partner leaves.
    """
    if said is None or now < max(said, stay) or not (clips or stay):
        return False
    if now > max(said, stay) + linger:
        return True
    return settled and mine_ended >= clips and now - max(said, last_sign) > QUIET
