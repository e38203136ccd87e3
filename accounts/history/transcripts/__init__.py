"""A call's history as a file: WebVTT, SubRip, plain text, JSON. Pure."""
