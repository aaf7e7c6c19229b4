"""Light from one side is seen, and evened out on request without changing what is even."""

import numpy as np
import pytest

from catchlight.datasets import light
from catchlight.detector import align


def lit(astronaut, face, left, right):
    box = face.box
    ramp = np.interp(np.arange(astronaut.shape[1]), [box.x, box.x + box.width], [left, right])
    return (astronaut * ramp[None, :, None]).astype(np.uint8)


def imbalance(image, face):
    return light.imbalance(*align.cut(image, face.landmarks, 160))


def test_the_brighter_side_is_told(astronaut, astronaut_face):
    plain = imbalance(astronaut, astronaut_face)
    assert imbalance(lit(astronaut, astronaut_face, 1, 0.3), astronaut_face) < plain - 0.1
    assert imbalance(lit(astronaut, astronaut_face, 0.3, 1), astronaut_face) > plain + 0.1
    assert imbalance(np.zeros_like(astronaut), astronaut_face) == 0
    mirrored = astronaut_face.landmarks * (-1, 1) + (astronaut.shape[1] - 1, 0)
    flipped = light.imbalance(np.ascontiguousarray(astronaut[:, ::-1]), mirrored.astype(np.float32))
    assert flipped == pytest.approx(-light.imbalance(astronaut, astronaut_face.landmarks), abs=0.01)


@pytest.mark.parametrize("ramp", [(1, 0.3), (0.3, 1)])
def test_one_sided_light_is_evened_out(astronaut, astronaut_face, ramp):
    image = lit(astronaut, astronaut_face, *ramp)
    even = light.normalise(image, astronaut_face.landmarks)
    assert even.shape == image.shape
    assert even.dtype == np.uint8
    assert abs(imbalance(even, astronaut_face)) < 0.5 * abs(imbalance(image, astronaut_face))


def test_a_dark_face_becomes_as_light_as_a_bright_one(astronaut, astronaut_face):
    box = astronaut_face.box
    inner = (slice(int(box.y), int(box.y + box.height)), slice(int(box.x), int(box.x + box.width)))
    means = [
        light.normalise(lit(astronaut, astronaut_face, share, share), astronaut_face.landmarks)[inner].mean()
        for share in (1.0, 0.5)
    ]
    assert means[1] == pytest.approx(means[0], rel=0.1)


def test_black_stays_black(astronaut, astronaut_face):
    assert light.normalise(np.zeros_like(astronaut), astronaut_face.landmarks).max() == 0
