"""An engine that never answers is killed after its timeout; it costs the utterance that it had."""

from __future__ import annotations

import pytest

from tests.kit.engine_faults import survives
from tests.kit.server_process import Server

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]


# One call after the other: calls share the engines, and what waits behind one that hangs and starts anew may on a slow
# machine be late enough to be subtitled only, for that reason and not for this stage's failure.
@pytest.mark.parametrize(
    ("hz", "outcome"),
    [(320, "failed"), (340, "failed"), (360, "subtitles_only")],
    ids=["recognition", "translation", "voice"],
)
async def test_a_stage_hangs(scripted: Server, hz: float, outcome: str) -> None:
    await survives(scripted.url, hz, outcome)
