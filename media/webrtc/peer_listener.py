"""Methods that a connection calls for what happens on it, and the report that it asks for."""

from __future__ import annotations

from media.rtp.packets import RtpPacket
from media.rtp.statistics import ReportBlock


class PeerListener:
    """Called synchronously on the loop for the events of a connection while it is served; ignores them by itself."""

    def connected(self) -> None:
        """Media and data can be exchanged from now on."""

    def rtp_received(self, packet: RtpPacket, now: float) -> None:
        """A packet of the client's microphone came at loop time `now`."""

    def rtp_over_budget(self, packet: RtpPacket, now: float) -> None:
        """A packet of the client's microphone came at loop time `now` that is one too many: it is not heard."""

    def channel_opened(self) -> None:
        """The subtitles channel is open."""

    def channel_closed(self) -> None:
        """No subtitles channel is open any more, or none ever was."""

    def message_received(self, data: str | bytes) -> None:
        """A message came on the subtitles channel."""

    def reception_report(self) -> ReportBlock | None:
        """Return the report block on the client's microphone; None before its first packet."""
        return None

    def report_failed(self, error: Exception) -> None:
        """A report could not be sent to the client; the connection goes on."""
