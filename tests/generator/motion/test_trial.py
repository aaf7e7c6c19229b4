import numpy as np
import pytest

from catchlight.detector.errors import DataError
from catchlight.generator.motion import trial as trials
from catchlight.generator.motion.moments import Moments


@pytest.fixture(scope="module")
def trial(moving):
    return trials.trial(Moments((moving,), ()))


class Model:
    """Called like the network; draws pictures that it holds."""

    def __init__(self, images):
        self.images = np.stack(images)

    def __call__(self, inputs, training=False):
        return np.concatenate([self.images / 255, np.zeros((*self.images.shape[:3], 6))], axis=-1)


def test_perfect_pictures_leave_no_error_but_that_of_finding_landmarks(trial):
    found = trial.measure(Model([driving.image for _, driving in trial.pairs]))
    assert found["picture"] == 0
    assert found["landmarks"] < 0.4 * found["landmarks_copied"]
    assert found["score"] > 0.8


def test_a_copy_of_the_source_scores_nothing(trial):
    assert trial.measure(Model([source.image for source, _ in trial.pairs]))["score"] == pytest.approx(
        0, abs=0.01
    )


def test_a_warp_is_better_than_a_copy(trial):
    assert trial.warped.picture < 0.6 * trial.copied.picture
    assert trial.warped.face < trial.copied.face


def test_a_picture_without_a_face_counts_as_unmoved(trial):
    blank = trials.errors(trial.pairs, [np.zeros((64, 64, 3), np.uint8)] * len(trial.pairs))
    apart = [(s.landmarks - d.landmarks, np.ptp(d.landmarks[:, 1])) for s, d in trial.pairs]
    still = np.mean([np.sqrt(np.square(shift).sum(axis=1).mean()) / height for shift, height in apart])
    assert blank.landmarks == pytest.approx(still)


def test_the_sheet_has_three_rows(trial):
    sheet = trial.sheet(Model([source.image for source, _ in trial.pairs]))
    assert sheet.shape == (3 * 64, len(trial.pairs) * 64, 3)


def test_clips_in_which_nothing_moves_are_refused(square):
    with pytest.raises(DataError, match="nothing moves"):
        trials.trial(Moments(((square, square),), ()))
    with pytest.raises(DataError, match="two moments"):
        trials.trial(Moments(((square,),), ()))
