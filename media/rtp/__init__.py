"""RTP and RTCP: packets, the jitter buffer, receiving, sending, forwarding, Opus."""
