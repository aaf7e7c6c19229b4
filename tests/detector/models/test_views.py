"""Two views of one crop: the mean of what the network says of each."""

import numpy as np
import pytest

from catchlight.detector.models import meso, mobilenet
from catchlight.detector.models.views import two_views, wide_side

SIDE = 64


@pytest.mark.parametrize(("side", "near", "expected"), [(160, 0.7, 224), (160, 1.0, 160), (192, 0.75, 256)])
def test_the_near_view_keeps_the_pixels_of_the_crop(side, near, expected):
    assert wide_side(side, near) == expected


@pytest.mark.train
@pytest.mark.usefixtures("untraced")
@pytest.mark.parametrize("builder", [meso.build, mobilenet.build], ids=["meso", "mobilenet"])
def test_the_score_is_the_mean_logit_of_both_views(builder):
    import cv2
    import keras

    keras.utils.set_random_seed(1)
    model = builder(SIDE)
    seen = two_views(model, 0.7)
    large = wide_side(SIDE, 0.7)
    crops = np.random.default_rng(1).integers(0, 256, (4, large, large, 3)).astype(np.uint8)
    crops = np.stack([cv2.GaussianBlur(crop, (0, 0), 3) for crop in crops])
    start = (large - SIDE) // 2
    near = crops[:, start : start + SIDE, start : start + SIDE]
    wide = np.stack([cv2.resize(crop.astype(np.float32), (SIDE, SIDE)) for crop in crops])
    logits = [_logit(model.predict(view, verbose=0)["score"]) for view in (wide, near)]
    made = seen.predict(crops, verbose=0)
    np.testing.assert_allclose(_logit(made["score"]), np.mean(logits, axis=0), atol=2e-3)
    if "heatmap" in made:
        np.testing.assert_allclose(made["heatmap"], model.predict(wide, verbose=0)["heatmap"], atol=2e-3)
    assert set(made) == set(model.output_names)


def _logit(p):
    return np.log(p) - np.log1p(-p)
