"""Numbers of a human voice in a call with real weights: said twice, lost, changed."""
