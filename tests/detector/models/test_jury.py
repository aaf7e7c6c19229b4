"""A jury says the mean of what its members say."""

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError
from catchlight.detector.models import meso, mobilenet
from catchlight.detector.models.jury import jury

SIDE = 64

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("untraced")]


def members(builder, sides=(SIDE, SIDE)):
    import keras

    made = []
    for number, side in enumerate(sides):
        keras.utils.set_random_seed(number)
        model = builder(side)
        kernel, bias = model.get_layer("score").get_weights()
        # Networks at random see next to nothing; a bias of its own lets each say something else.
        model.get_layer("score").set_weights([5 * kernel, bias + number])
        made.append(model)
    return made


@pytest.mark.parametrize("builder", [meso.build, mobilenet.build], ids=["meso", "mobilenet"])
def test_the_score_is_the_mean_logit_and_the_heatmap_the_mean(builder):
    both = members(builder)
    crops = np.random.default_rng(1).integers(0, 256, (3, SIDE, SIDE, 3)).astype(np.float32)
    made = jury(both).predict_on_batch(crops)
    said = [member.predict_on_batch(crops) for member in both]
    assert set(made) == set(said[0])
    assert np.abs(_logit(said[0]["score"]) - _logit(said[1]["score"])).max() > 1e-3
    np.testing.assert_allclose(
        _logit(made["score"]), np.mean([_logit(each["score"]) for each in said], axis=0), atol=1e-4
    )
    if "heatmap" in made:
        np.testing.assert_allclose(
            made["heatmap"], np.mean([each["heatmap"] for each in said], axis=0), atol=1e-5
        )


def test_members_must_fit_each_other():
    with pytest.raises(ConfigError, match="one side"):
        jury(members(meso.build, (SIDE, 128)))


def _logit(p):
    return np.log(p) - np.log1p(-p)
