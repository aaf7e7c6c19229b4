import numpy as np
import pytest

from catchlight.generator.gan import trial as trials
from catchlight.generator.gan.distance import kid
from catchlight.generator.gan.features import RandomFeatures

pytestmark = pytest.mark.train


class Model:
    """Called like a generator: one of the faces it holds for each latent, in order; -1 to 1."""

    def __init__(self, faces):
        self.faces = faces

    def __call__(self, noise, training=False):
        return np.resize(self.faces, (len(noise), *self.faces.shape[1:])) / np.float32(127.5) - 1


@pytest.fixture(scope="module")
def trial(hand_drawn):
    return trials.trial(
        hand_drawn(range(40)), hand_drawn(range(100, 130)), RandomFeatures(), latent=4, count=30
    )


def test_good_faces_score_higher_than_noise(trial, hand_drawn):
    good = trial.measure(Model(hand_drawn(range(200, 230))))
    noise = trial.measure(Model(np.random.default_rng(1).integers(0, 255, (30, 32, 32, 3))))
    assert good["score"] > noise["score"]
    assert good["kid"] < 0.1 * noise["kid"]
    assert good["floor"] == trial.floor


def test_faces_learned_by_heart_are_found(trial, hand_drawn):
    picture, found = trial.neighbours(Model(hand_drawn(range(30))))
    assert found.share > 0.9
    assert found.auc < 0.05
    assert picture.shape == (2 * 32, trials.COLUMNS * 32, 3)
    made, known = picture[:32], picture[32:]
    assert np.abs(made.astype(int) - known).mean() < 2


def test_other_people_are_not_taken_for_copies(trial, hand_drawn):
    assert trial.neighbours(Model(hand_drawn(range(300, 330))))[1].share < 0.2


def test_stored_samples_give_the_distance_again(trial, hand_drawn, tmp_path):
    model = Model(hand_drawn(range(200, 230)))
    with np.load(trial.keep_samples(model, tmp_path)) as stored:
        again = kid(stored["made_features"], stored["real_features"])
        assert stored["made"].shape == (30, 32, 32, 3)
        assert str(stored["features"]) == "random_convolutions"
    assert again == pytest.approx(trial.measure(model)["kid"], abs=1e-5)


def test_sheets_have_a_row_for_each_way_and_truncation(by_hand):
    assert trials.walks(by_hand, 1, rows=2).shape == (2 * 32, trials.COLUMNS * 32, 3)
    assert trials.truncations(by_hand, 1, columns=3).shape == (len(trials.TRUNCATIONS) * 32, 3 * 32, 3)


def test_a_way_begins_and_ends_at_its_latents_and_keeps_their_length():
    a, b = np.random.default_rng(1).standard_normal((2, 64)).astype(np.float32)
    assert trials.between(a, b, 0.0) == pytest.approx(a, abs=1e-5)
    assert trials.between(a, b, 1.0) == pytest.approx(b, abs=1e-5)
    lengths = sorted(map(np.linalg.norm, (a, b)))
    assert 0.95 * lengths[0] < np.linalg.norm(trials.between(a, b, 0.5)) < 1.05 * lengths[1]
    assert trials.between(a, a, 0.5) == pytest.approx(a)


def test_a_row_that_is_not_full_is_filled_with_white():
    made = trials.grid(np.zeros((3, 4, 4, 3), np.uint8), 2)
    assert made.shape == (8, 8, 3)
    assert (made[4:, 4:] == 255).all()
