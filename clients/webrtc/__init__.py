"""Media of one client below a call: peer connections by aiortc, relays, and the packets of each voice."""
