"""Compiled networks run as they were trained, in float and int8, and refuse what they are not made for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from catchlight.detector.errors import BundleError
from catchlight.detector.runtime import BundleDetector, Network
from catchlight.detector.testing import check_detector, sample_crops


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(3).integers(0, 256, (5, 64, 64, 3)).astype(np.uint8)


def compiled(outputs, optimise=None, images=None):
    """A hand-made network at 8 px: `outputs` maps the mean of the picture, 0 to 1, to what comes out."""
    import tensorflow as tf

    @tf.function(input_signature=[tf.TensorSpec((1, 8, 8, 3), tf.float32)])
    def run(image):
        return outputs(tf.reshape(tf.reduce_mean(image) / 255.0, (1, 1)))

    converter = tf.lite.TFLiteConverter.from_concrete_functions([run.get_concrete_function()])
    if images is not None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: [[image[None].astype(np.float32)] for image in images]
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.uint8
    return converter.convert()


def levels(*values):
    return np.stack([np.full((8, 8, 3), value, np.uint8) for value in values])


@pytest.mark.train
@pytest.mark.parametrize("form", ["float", "int8"])
def test_a_network_gives_one_probability_and_one_heatmap_an_image(networks, images, form):
    network = Network(networks[form])
    scores, heatmaps = network.run(images)
    assert (scores.shape, scores.dtype) == ((5,), np.float64)
    assert (len(heatmaps), heatmaps.ndim, heatmaps.dtype) == (5, 3, np.float32)
    assert np.all((scores >= 0) & (scores <= 1))
    assert np.all((heatmaps >= 0) & (heatmaps <= 1))
    assert len(set(scores)) > 1
    alone = [network.run(image[None])[0][0] for image in images]
    assert alone == scores.tolist()


@pytest.mark.train
def test_no_images_no_scores(networks):
    scores, heatmaps = Network(networks["float"]).run(np.empty((0, 64, 64, 3), np.uint8))
    assert (scores.shape, heatmaps.shape[0]) == ((0,), 0)


@pytest.mark.train
def test_threads_may_share_a_network(networks, images):
    network = Network(networks["float"])
    wanted = network.run(images)[0]
    with ThreadPoolExecutor(4) as pool:
        for scores in pool.map(lambda _: network.run(images)[0], range(12)):
            assert np.array_equal(scores, wanted)


@pytest.mark.train
@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((1, 32, 32, 3), np.uint8),
        np.zeros((64, 64, 3), np.uint8),
        np.zeros((1, 64, 64, 3), np.float32),
    ],
)
def test_images_of_another_kind_are_refused(networks, wrong):
    with pytest.raises(BundleError, match=r"must be uint8 of shape \(n, 64, 64, 3\)"):
        Network(networks["float"]).run(wrong)


def test_bytes_that_are_no_network_are_refused():
    with pytest.raises(BundleError, match="no TFLite network"):
        Network(b"nothing of the kind")


@pytest.mark.train
def test_outputs_are_told_apart_by_shape_and_may_lack_a_heatmap():
    import tensorflow as tf

    network = Network(compiled(lambda mean: mean))
    assert not network.has_heatmap
    scores, heatmaps = network.run(levels(0, 51, 255))
    assert heatmaps is None
    assert scores == pytest.approx([0.0, 0.2, 1.0], abs=1e-6)
    both = Network(compiled(lambda mean: (tf.tile(mean[:, None, None], (1, 2, 3, 1)), mean)))
    assert both.run(levels(51))[1] == pytest.approx(np.full((1, 2, 3), 0.2), abs=1e-6)


@pytest.mark.train
@pytest.mark.filterwarnings("ignore:Statistics for quantized inputs:UserWarning")
def test_quantised_inputs_and_outputs_are_scaled_back():
    rng = np.random.default_rng(5)
    ramp = np.concatenate([levels(0, 255), rng.integers(0, 256, (30, 8, 8, 3)).astype(np.uint8)])
    network = Network(compiled(lambda mean: mean, images=ramp))
    assert network.run(levels(0, 51, 204, 255))[0] == pytest.approx([0.0, 0.2, 0.8, 1.0], abs=0.02)


@pytest.mark.train
@pytest.mark.parametrize("outputs", [lambda mean: 8 * mean - 4, lambda mean: mean / (mean - mean)])
def test_what_is_no_probability_is_an_error_and_not_a_score(outputs):
    with pytest.raises(BundleError, match="must be probabilities from 0 to 1"):
        Network(compiled(outputs)).run(levels(10))


@pytest.mark.train
def test_two_scores_are_refused():
    with pytest.raises(BundleError, match=r"exactly one score of shape \(1, 1\)"):
        Network(compiled(lambda mean: (mean, 1 - mean)))


@pytest.mark.train
def test_a_detector_of_a_bundle_keeps_the_contract(trained):
    detector = BundleDetector(trained)
    assert (detector.side, detector.calibration) == (64, trained.calibration)
    check_detector(detector)


@pytest.mark.train
def test_a_detector_scores_crops_of_any_side(trained):
    detector = BundleDetector(trained, form="int8")
    crops = sample_crops(64)
    large = [replace(c, image=c.image.repeat(2, axis=0).repeat(2, axis=1)) for c in crops]
    assert detector.score(large) == pytest.approx(detector.score(crops), abs=1e-6)
    assert detector.heatmaps(crops).shape == (len(crops), 16, 16)


@pytest.mark.train
def test_a_bundle_that_promises_another_network_is_refused(trained):
    wrong = replace(trained, network=replace(trained.network, side=96))
    with pytest.raises(BundleError, match=r"promises .*96, True.* but its network has .*64, True"):
        BundleDetector(wrong)
