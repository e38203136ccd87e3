"""Final segments on their way to the listeners: translated, synthesized, and played, or skipped where they are late."""
