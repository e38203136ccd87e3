"""The bench of the transport path: STOI falls with what is lost, repair is worth something, the verdict can fail."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.rtp_load.sending import LONGEST
from bench.rtp_load.stimulus import sayings
from bench.transport.__main__ import LEAST, LOSSES, PARTS, main, markdown, plan, report_of
from bench.transport.intelligibility import Heard, heard, stoi, unrepaired
from media.rtp.opus import Decoder
from pipeline.speech import SAMPLE_RATE
from testing.lossy_wire import LossyWire
from testing.resampling import as_float, resampled
from tests.kit.extent import extent

SLOT = SAMPLE_RATE // 50
SAID = extent(12, PARTS)
"""Parts of the sentences, of which one is said."""


def test_sentences_are_found_and_repair_is_worth_something(tmp_path: Path) -> None:
    """A stand-in for the server: libopus' own repair of the packets that the wire of this client let through."""
    stimulus, said = sayings(0, SAID)
    groups = []
    for number, loss in enumerate((0.0, 0.1)):
        decoder, pieces = Decoder(SAMPLE_RATE), []
        fates = LossyWire(loss, calm=0).journey(LONGEST, 1000 + number)[: len(stimulus.packets)]
        for slot, (fate, packet) in enumerate(zip(fates, stimulus.packets, strict=True)):
            if fate is not None:
                if slot and fates[slot - 1] is None:
                    pieces[-1] = decoder.recover(packet, SLOT)
                pieces.append(decoder.decode(packet))
            else:
                pieces.append(bytes(2 * SLOT))
        file = f"{tmp_path}/{number}.npy"
        np.save(file, np.frombuffer(bytes(4000) + b"".join(pieces), np.int16).astype(np.float32))
        groups.append({"loss": loss, "parts": SAID, "recordings": [{"part": 0, "file": file}]})
    found = heard(groups, seed=1)
    assert [one.text for one in found] == [one.text for one in said] * 2
    clean, lossy = found[: len(said)], found[len(said) :]
    assert all(one.stoi > 0.97 and one.stoi == pytest.approx(one.unrepaired, abs=0.01) for one in clean)
    assert all(0.03 < one.lost < 0.2 and one.unrepaired + 0.02 < one.stoi < 1 for one in lossy)
    sound = as_float(resampled(said[0].audio, 48_000))
    assert stoi(sound, sound) == pytest.approx(1.0, abs=1e-6)
    assert stoi(sound, sound[::-1].copy()) < 0.5 and stoi(sound, np.zeros_like(sound)) == 0.0


def test_a_hole_is_silence_without_repair() -> None:
    stimulus, _ = sayings(0, PARTS)
    sound = unrepaired(stimulus.packets[:200], [None if slot == 100 else 0.0 for slot in range(200)])
    assert len(sound) == 200 * SLOT
    assert not sound[100 * SLOT : 101 * SLOT].any() and sound[60 * SLOT : 100 * SLOT].any()


def test_every_loss_has_a_limit_and_the_verdict_can_fail() -> None:
    def found(worst: float) -> list[Heard]:
        return [Heard(loss, "a", score, 0.5, loss) for loss in LOSSES for score in (0.99, worst)]

    assert tuple(LEAST) == LOSSES == (0.0, 0.02, 0.1)
    good, bad = report_of(found(0.96), quick=True), report_of(found(0.6), quick=True)
    assert good["passed"] and not bad["passed"]
    assert good["wires"]["loss 10 %"] == {
        "sentences": 2, "lost": 0.1, "stoi": 0.975, "stoi_p5": 0.96, "stoi_least": 0.96, "unrepaired": 0.5
    }  # fmt: skip
    assert "| loss 2 %  | 2" in markdown(good) and "FAIL" in markdown(bad)


def test_all_wires_are_spoken_over_at_once() -> None:
    phase = plan(3, "/tmp/heard")
    assert [group["loss"] for group in phase["groups"]] == list(LOSSES)
    assert {group["clients"] for group in phase["groups"]} == {PARTS} and phase["seed"] == 3


def test_the_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "0, 2 and 10 % loss" in capsys.readouterr().out
