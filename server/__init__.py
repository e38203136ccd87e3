"""The process: settings, wiring, the command line. May import everything; nothing imports it."""
