"""The condition on which a participant who has said everything leaves."""

from __future__ import annotations

QUIET_S = 2.5
"""Without voice or text for this time, nothing more is expected."""


def may_leave(
    now: float,
    *,
    clips: int,
    clips_end: float | None,
    stay: float,
    linger: float,
    last_activity: float,
    all_ended: bool,
    mine_ended: int,
) -> bool:
    """True if all our clips are interpreted and nothing has come for a while, or the time is over.

    All times are s after the pairing. `clips_end`: end of the last clip, None while unknown. `stay`: earliest time to
    leave. `linger`: longest stay after `clips_end` and `stay`. `last_activity`: time of the last voice or text.
    `all_ended`: true if no utterance is open. `mine_ended`: number of our utterances that have ended.

    A clip that makes no utterance (noise, two clips in one utterance) costs the whole `linger`. A participant without
    clips and without `stay` stays until the partner leaves.
    """
    if clips_end is None or now < max(clips_end, stay) or not (clips or stay):
        return False
    if now > max(clips_end, stay) + linger:
        return True
    return all_ended and mine_ended >= clips and now - max(clips_end, last_activity) > QUIET_S
