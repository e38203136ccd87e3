"""Shared by tests, benches and the training of the bundled models: a clock, speech, words, figures. Not installed."""
