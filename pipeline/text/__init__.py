"""Written language: tags, sentence boundaries, glossaries, word errors. Pure."""
