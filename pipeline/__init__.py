"""Speech in, speech out: knows no network, no WebRTC and no HTTP, and imports nothing else of ours."""

from pipeline import no_telemetry as no_telemetry
