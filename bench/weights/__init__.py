"""Makes models with random weights and true architecture, to measure their time, not their words.

They also take the paths through their libraries that real ones take.

`whisper(size, folder)`, `opus(folder)`, `m2m100(folder)` and `nllb(folder)` make a folder as a real model's: weights
in CTranslate2's format, quantised to int8 as a server would have them, vocabularies, tokenizer, and the files that
our engines read. A folder that is there already is left as it is. With `tiny=True` it has the family's architecture,
special tokens and files, but a few narrow layers and a small vocabulary, and is made in a fraction of a second.
`says` is how many tokens each answer has.

The weights decide nothing about time except by their sizes, which are the published ones (see each file).
"""

from bench.weights.translation import M2M100, NLLB, OPUS, m2m100, nllb, opus
from bench.weights.whisper import WHISPER, prompt, specials, whisper
from bench.weights.whisper import Size as WhisperSize

__all__ = ["M2M100", "NLLB", "OPUS", "WHISPER", "WhisperSize", "m2m100", "nllb", "opus", "prompt", "specials",
           "whisper"]  # fmt: skip
