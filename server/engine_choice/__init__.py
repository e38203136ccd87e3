"""Choice of engines from settings and from installed models."""
