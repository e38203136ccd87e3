"""The demo's dialogue: a hotel's guest in English, its receptionist in Spanish.

Both voices and all sentences are kept out of the training of the bundled models. The sentences were chosen
for a dialogue that makes sense and is understood; they are no sample of what the models can do.
"""

from __future__ import annotations

import subprocess
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TEMPO = "155"  # words per minute: a person who talks to a stranger


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and in `translation` its right translation, word for word."""

    text: str
    translation: str


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    language: str
    voice: str
    sentences: tuple[Sentence, ...]


GUEST = Person(
    "Guest",
    "en",
    "en-us+m5",
    (
        Sentence("My name is David and I am from Berlin.", "Me llamo David y soy de Berlín."),
        Sentence("I would like an orange juice, please.", "Quisiera un jugo de naranja, por favor."),
        Sentence("Excuse me, where is the embassy?", "Disculpe, ¿dónde está la embajada?"),
        Sentence("I have an appointment on Monday at eight twenty.", "Tengo una cita el lunes a las ocho y veinte."),
        Sentence("I want to visit the museum next week.", "Quiero visitar el museo la próxima semana."),
        Sentence("A table for two people, please.", "Una mesa para dos personas, por favor."),
    ),
)
RECEPTIONIST = Person(
    "Receptionist",
    "es",
    "es+f5",
    (
        Sentence("La habitación cuesta sesenta y cinco euros por noche.", "The room costs sixty five euros per night."),
        Sentence("El desayuno es a las nueve y veinte.", "Breakfast is at nine twenty."),
        Sentence("El hotel está al lado del banco.", "The hotel is next to the bank."),
        Sentence("El tren sale a las cinco y media.", "The train leaves at five thirty."),
        Sentence("La iglesia está al lado del parque.", "The church is next to the park."),
        Sentence("Son cincuenta y dos euros.", "That is fifty two euros."),
    ),
)


def record(person: Person, folder: Path) -> list[Path]:
    """Write each sentence of a person as a WAV file, by espeak-ng."""
    files = []
    for number, sentence in enumerate(person.sentences):
        file = folder / f"{person.language}-{number + 1}.wav"
        command = ["espeak-ng", "-v", person.voice, "-s", TEMPO, "--stdin", "-w", str(file)]
        subprocess.run(command, input=sentence.text.encode(), check=True, timeout=30)
        files.append(file)
    return files


def seconds(file: Path) -> float:
    """Return the length of a WAV file."""
    with wave.open(str(file), "rb") as opened:
        return opened.getnframes() / opened.getframerate()


def schedule(
    first: Sequence[float], second: Sequence[float], *, begin: float, pause: float
) -> tuple[list[float], list[float]]:
    """Return for each person the seconds after the pairing at which each sentence begins, given the sentences' lengths.

    The people take turns, each waiting until the other's sentence has been interpreted. The last sentences of both are
    said at the same time.
    """
    starts: tuple[list[float], list[float]] = [], []
    now = begin
    for number in range(len(first)):
        together = number == len(first) - 1
        for who, lengths in enumerate((first, second)):
            starts[who].append(now)
            if not together:
                now += 2 * lengths[number] + pause
    return starts
