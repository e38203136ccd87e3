"""The price of traces: for each event, and in a whole call."""
