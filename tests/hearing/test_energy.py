"""The energy of a frame: the sum of its squares, whatever the frames before it were."""

import numpy as np
import pytest

from pipeline.hearing.energy import Energy


@pytest.mark.parametrize("samples", [1, 319, 320, 321, 960])
def test_energy_is_the_sum_of_squares(samples: int) -> None:
    energy, chance = Energy(320), np.random.default_rng(7)
    for amplitude in (1, 300, 32_767):
        pcm = chance.integers(-amplitude - 1, amplitude, samples, np.int16, endpoint=True)
        assert energy.of(pcm.tobytes()) == pytest.approx(float(np.square(pcm.astype(np.float64)).sum()), rel=1e-5)


def test_a_frame_leaves_nothing_behind() -> None:
    energy = Energy(320)
    energy.of(b"\xff\x7f" * 320)
    assert energy.of(bytes(640)) == 0.0 and energy.of(b"") == 0.0
