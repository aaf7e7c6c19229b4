"""The heads: what the score reads, and that the map has the backbone's cells."""

import numpy as np
import pytest

from catchlight.detector.models import heads

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("untraced")]


@pytest.fixture(scope="module")
def model():
    import keras

    middle, seen = keras.Input((4, 4, 8), name="middle"), keras.Input((2, 2, 16), name="seen")
    return keras.Model([middle, seen], heads.both(middle, seen))


def test_the_map_has_a_cell_for_each_of_the_middle(model):
    made = model.predict_on_batch([np.ones((3, 4, 4, 8)), np.ones((3, 2, 2, 16))])
    assert made["heatmap"].shape == (3, 4, 4, 1)
    assert made["score"].shape == (3, 1)


def test_the_score_reads_both_and_the_strongest_evidence(model):
    assert model.get_layer("score").input.shape == (None, 16 + 8 + 64)
    middle, seen = np.zeros((1, 4, 4, 8)), np.zeros((1, 2, 2, 16))
    nothing = model.predict_on_batch([middle, seen])["score"]
    here, there, whole = middle.copy(), middle.copy(), seen + 1
    here[0, 0, 0], there[0, 3, 2] = 5, 5
    scores = [float(model.predict_on_batch([m, seen])["score"][0, 0]) for m in (here, there)]
    assert scores[0] == pytest.approx(scores[1], abs=1e-6)  # wherever it lies
    assert scores[0] != pytest.approx(float(nothing[0, 0]), abs=1e-4)
    assert model.predict_on_batch([middle, whole])["score"] != pytest.approx(nothing, abs=1e-4)
