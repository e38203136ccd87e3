"""Puts the sentence ends of what was said into a text that was heard: the same words, other sentences. Pure."""

from __future__ import annotations

from bench.sentence_ends.places import Token, matches, tokens

_MARKS = ".!?…,;:"
_QUOTES = "\"'”’)"


def with_true_ends(heard: str, said: str) -> str:
    """Return the words of `heard` with the sentence marks of `said`, and with no other ones.

    Where `heard` has a sentence mark and `said` a comma, a comma stands. Marks within sentences stay as they are heard.
    A word behind an end begins with a capital. One behind a mark that goes is written as in `said`, or small.
    """
    words = _marked(heard)
    own = _marked(said)
    places = matches([token.word for _, token in words], [token.word for _, token in own])
    found: list[str] = []
    begins, went = True, False
    for n, (raw, token) in enumerate(words):
        behind = places[n + 1] if n + 1 < len(words) else len(own)
        crossed = own[max(0, places[n]) : behind] if places[n] >= 0 else []
        ends = n + 1 == len(words) or any(other.mark == "." for _, other in crossed)
        text = _begun(raw) if begins else _within(raw, own[places[n]]) if went else raw
        went = token.mark == "." and not ends
        if ends and token.mark != ".":
            text = text.rstrip(_MARKS) + "."
        elif went:
            text = text.rstrip(_MARKS + _QUOTES) + ("," if any(other.mark == "," for _, other in crossed[:1]) else "")
        begins = ends
        found.append(text)
    return " ".join(found)


def _marked(text: str) -> list[tuple[str, Token]]:
    """Return the words of a text as they are written, each with its word and mark."""
    found: list[tuple[str, Token]] = []
    for raw in text.split():
        alone = tokens(f"x {raw}")
        if len(alone) == 2:
            found.append((raw, alone[1]))
        elif found and alone[0].mark:
            found[-1] = found[-1][0] + raw, Token(found[-1][1].word, alone[0].mark)
    return found


def _begun(raw: str) -> str:
    return raw[:1].upper() + raw[1:]


def _within(raw: str, own: tuple[str, Token]) -> str:
    """Return a word in the middle of a sentence: as it was said there, or small if that was another word."""
    written, token = own
    if token.word == tokens(raw)[0].word:
        return written[:1] + raw[1:]
    return raw[:1].lower() + raw[1:]
