"""Warp artefact: the face loses detail, its surroundings lose none, and nothing moves."""

import cv2
import numpy as np

from catchlight.generator.methods.warp_artifact import WarpArtifact
from catchlight.generator.types import key


def detail(image, where):
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_32F)[where].var())


def test_the_face_is_softer_and_the_rest_is_left_to_the_bit(portrait):
    for seed in range(6):
        made = WarpArtifact("whole")(portrait, None, key(seed, "a"))
        core = made.mask > 0.99
        assert detail(made.image, core) < 0.7 * detail(portrait.image, core)
        assert np.array_equal(made.image[made.mask == 0], portrait.image[made.mask == 0])


def test_the_face_stays_where_it_was(portrait):
    made = WarpArtifact("whole", hardness=1.0)(portrait, None, key(1, "a"))
    before, after = (
        cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(np.float32) for p in (portrait.image, made.image)
    )
    (dx, dy), _ = cv2.phaseCorrelate(before * made.mask, after * made.mask)
    assert abs(dx) < 0.15
    assert abs(dy) < 0.15


def test_a_source_changes_nothing(portrait, relit):
    one, two = (WarpArtifact()(portrait, source, key(1, "a")) for source in (None, relit))
    assert np.array_equal(one.image, two.image)
