"""Silence that Whisper still gets behind an utterance when it no longer encodes all of its 30 s window.

The same lengths are judged before a model's weights and, where these bear them, run in calls. They were chosen by
`python -m bench.short_windows --choose` (`bench/results/short_windows_chosen.md`): of 876 words as recorded, in noise
and through Opus with a tail of 30 s, margins of 30 to 150 frames heard 106 to 108 wrong altogether, 200 and 300 frames
116 and 110, padding 120. Tails of 20 to 5 s heard 125 to 134 wrong, no tail 3949.
"""

from __future__ import annotations

MARGIN = 100
"""Frames of padding (10 ms each) that are left to the encoder."""
SILENT_TAIL = 3000
"""Frames of encoded silence that the decoder sees behind them: all of 30 s."""
