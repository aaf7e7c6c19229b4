import numpy as np
import pytest

from catchlight.detector.errors import BundleError
from catchlight.generator.motion.animator import Animator
from catchlight.generator.networks.kinds import WEIGHTS
from catchlight.generator.types import Portrait

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def animator(untrained):
    return Animator(untrained)


def off(one, other):
    return np.abs(one.astype(int) - other)[8:-8, 8:-8].mean()


def test_landmarks_that_stay_keep_the_picture(animator, square):
    assert off(animator.move(square, square.landmarks), square.image) < 3


def test_the_face_comes_to_lie_where_its_landmarks_are(animator, moving):
    made = animator.move(moving[0], moving[4].landmarks)
    assert off(made, moving[4].image) < 0.6 * off(moving[0].image, moving[4].image)


def test_a_large_source_keeps_its_detail(animator, square):
    """The motion is applied to the source as it is, not to the small picture that the network sees."""
    noise = np.random.default_rng(1).integers(0, 255, (256, 256, 3), dtype=np.uint8)
    large = Portrait(noise, (square.landmarks + 0.5) * 4 - 0.5)
    made = animator.move(large, large.landmarks)
    assert made.shape == (256, 256, 3)
    assert made.std() > 0.7 * noise.std()


def test_another_network_is_refused():
    with pytest.raises(BundleError, match="no compiled motion network: it takes .*train-generator motion"):
        Animator(WEIGHTS / "one_shot.tflite")
