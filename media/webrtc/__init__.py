"""One WebRTC connection: offer, answer, ICE, DTLS-SRTP and SCTP transports."""
