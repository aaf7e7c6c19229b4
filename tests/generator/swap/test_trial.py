from dataclasses import replace

import numpy as np
import pytest

from catchlight.generator.swap import identity
from catchlight.generator.swap.drawer import Drawn
from catchlight.generator.swap.trial import SHARE, one_shot_trial, pair_trial


def shows(which):
    """What a perfect or a useless network would draw: the sources, or the targets, as they are."""

    def draw(_model, sources, targets):
        chosen = sources if which == "source" else targets
        return [Drawn(p.image, np.ones(p.image.shape[:2], np.float32)) for p in chosen]

    return draw


def test_sources_are_others_than_their_targets(people):
    faces = people("abc", 64)
    trial = one_shot_trial(faces, 6, 1, None)
    names = {image.tobytes(): name for image, name in zip(faces.images, faces.people, strict=True)}
    who = [[names[p.image.tobytes()] for p in portraits] for portraits in (trial.sources, trial.targets)]
    assert len(who[0]) == 6
    assert all(a != b for a, b in zip(*who, strict=True))


def test_identity_is_told_by_other_pictures_of_the_people(people):
    likeness = identity.fit(people("ab", 64, 10))
    pair = pair_trial(people("a", 64, 8), people("b", 64, 8), 4, likeness)
    assert len(pair.targets) == len(pair.sources) == len(pair.others) == 4
    assert pair.identity([p.image for p in pair.targets]) == 0
    assert pair.identity([p.image for p in pair.sources]) == 1
    assert all(
        (target.image != other).any() for target, (_, other) in zip(pair.targets, pair.others, strict=True)
    )


def test_the_sheet_shows_four_rows(people):
    trial = one_shot_trial(people("abc", 64), 5, 1, None)
    sheet = replace(trial, draw=shows("source")).sheet(None)
    assert sheet.shape == (4 * 68, 5 * 64, 3)


@pytest.mark.parametrize("which", ["source", "target"])
def test_measurements_lie_in_their_range(which, people):
    trial = one_shot_trial(people("abc", 64), 3, 1, identity.fit(people("abcd", 64)))
    found = replace(trial, draw=shows(which)).measure(None)
    assert set(found) == {"expression", "identity", "score"}
    assert all(-1 <= value <= 1 for value in found.values())


def test_between_two_people_movement_counts_and_shape_does_not(people, monkeypatch):
    trial = pair_trial(people("a", 64, 8), people("b", 64, 8), 4, None)
    values = {"expression_kept": -1.0, "movement_kept": 0.5, "mouth_kept": 0.7}
    for name, value in values.items():
        monkeypatch.setattr(f"catchlight.generator.swap.trial.{name}", lambda *_, value=value: value)
    found = replace(trial, draw=shows("source")).measure(None)
    assert found == {"expression": -1.0, "movement": 0.5, "mouth": 0.7, "score": pytest.approx(SHARE * 0.6)}
