"""Weights between those of two networks."""

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError
from catchlight.detector.models import meso
from catchlight.detector.models.mixed import mix

SIDE = 64

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("untraced")]


@pytest.fixture
def two(tmp_path):
    import keras

    models = []
    for number in range(2):
        keras.utils.set_random_seed(number)
        models.append(meso.build(SIDE))
    models[1].save_weights(tmp_path / "other.weights.h5")
    return models[0], models[1].get_weights(), tmp_path / "other.weights.h5"


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_weights_lie_on_the_line_between_both(two, share):
    model, theirs, file = two
    own = model.get_weights()
    mix(model, file, share)
    for found, a, b in zip(model.get_weights(), own, theirs, strict=True):
        np.testing.assert_allclose(found, (1 - share) * a + share * b, atol=1e-7)


def test_what_holds_no_such_weights_is_named(two, tmp_path):
    file = tmp_path / "text.weights.h5"
    file.write_text("no weights")
    with pytest.raises(ConfigError, match=r"text\.weights\.h5 holds no weights of meso"):
        mix(two[0], file, 0.5)
