import numpy as np
import pytest

from catchlight.detector.errors import BundleError, DataError
from catchlight.generator.gan import pool
from catchlight.generator.gan.pool import Pool
from catchlight.generator.swap import frame


class Photographs:
    """Called like a `FaceMaker`: a photograph for positive latents, its background for others."""

    latent, side = 4, 128

    def __init__(self, images):
        self.images = images

    def noise(self, seed, number, truncation):
        return np.full(4, seed * (1 if number % 2 == 0 else -1) * truncation, np.float32)

    def __call__(self, noise):
        return np.stack([self.images[0 if n[0] > 0 else 1] for n in noise])


@pytest.fixture(scope="module")
def maker(astronaut, astronaut_face):
    face = frame.cut(astronaut, astronaut_face.landmarks, 128)
    return Photographs([face.image, np.full((128, 128, 3), 90, np.uint8)]), face.landmarks


def test_faces_are_found_where_they_are_and_blanks_are_left_out(maker):
    made = pool.make(maker[0], tried=4)
    assert made.numbers == (0, 2)
    assert made.share == 0.5
    assert np.abs(made.landmarks - maker[1]).mean() < 2


def test_a_generator_of_no_faces_is_refused(maker):
    blank = Photographs(maker[0].images[1:] * 2)
    with pytest.raises(DataError, match="in 0% of 4 faces .* train it for longer"):
        pool.make(blank, tried=4)


def test_what_was_stored_comes_back(maker, tmp_path):
    made = Pool(3, 0.7, (1, 5), np.stack([maker[1], maker[1] + 1]), 0.4)
    pool.save(made, tmp_path / "gan.faces.npz")
    again = pool.load(tmp_path / "gan.faces.npz")
    assert (again.seed, again.truncation, again.numbers, again.share) == (3, 0.7, (1, 5), 0.4)
    assert again.landmarks == pytest.approx(made.landmarks, abs=0.1)


def test_damage_is_named(tmp_path):
    path = tmp_path / "gan.faces.npz"
    path.write_bytes(b"PK no")
    with pytest.raises(BundleError, match="no faces of a generator can be read"):
        pool.load(path)
    np.savez(path, drawn=np.zeros(3), numbers=np.arange(2), landmarks=np.zeros((1, 478, 2)))
    with pytest.raises(BundleError, match="2 faces with landmarks of shape"):
        pool.load(path)


def test_a_face_of_a_like_turn_is_chosen(maker):
    turned = maker[1] + np.where(np.arange(478)[:, None] == 1, [12, 0], [0, 0]).astype(np.float32)
    of = Pool(1, 0.8, (0, 1), np.stack([maker[1], turned]), 1.0)
    assert {of.fitting(points, np.random.default_rng(1)) for points in (turned, turned + 3)} == {1}
    assert of.fitting(maker[1], np.random.default_rng(1)) == 0
