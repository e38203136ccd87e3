"""Final segments on their way to the listeners: translated, synthesized, played, told."""
