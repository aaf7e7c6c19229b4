"""EfficientNet-Lite0 with two heads: shapes, size, and weights from a file of PyTorch."""

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError
from catchlight.detector.models import efficientnet_lite, torch_file, zoo

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("untraced")]


@pytest.fixture(scope="module")
def model():
    return efficientnet_lite.build(64)


@pytest.fixture
def stored(model):
    """Weights as PyTorch calls and lays them, drawn anew."""
    rng = np.random.default_rng(5)
    kept = {}
    for layer in model.layers:
        if not layer.weights or layer.name in ("evidence", "heatmap", "score"):
            continue
        name = efficientnet_lite._torch_name(layer.name)
        if layer.name.endswith("_bn"):
            for part in efficientnet_lite.NORM:
                kept[f"{name}.{part}"] = rng.uniform(0.5, 1.5, layer.weights[0].shape).astype(np.float32)
        else:
            axes = (2, 3, 0, 1) if layer.name.endswith("_depthwise") else (3, 2, 0, 1)
            shape = [layer.weights[0].shape[axis] for axis in axes]
            kept[f"{name}.weight"] = rng.normal(size=shape).astype(np.float32)
    return kept


def test_it_gives_a_score_and_a_map(model):
    images = np.random.default_rng(1).integers(0, 256, (2, 64, 64, 3)).astype(np.uint8)
    made = model.predict_on_batch(images)
    assert made["score"].shape == (2, 1)
    assert made["heatmap"].shape == (2, 4, 4, 1)
    assert all(((values >= 0) & (values <= 1)).all() for values in made.values())


def test_the_backbone_has_the_size_that_its_authors_tell(model):
    heads = sum(model.get_layer(name).count_params() for name in ("evidence", "heatmap", "score"))
    # 4.65 million with the classifier of 1,000 kinds, which has 1.28 million.
    assert model.count_params() - heads == pytest.approx(4.65e6 - 1.281e6, rel=0.02)


def test_weights_of_the_backbone_are_loaded(tmp_path, torch_save, stored):
    torch_save(tmp_path / "lite0.pth", stored)
    loaded = efficientnet_lite.build(64, tmp_path / "lite0.pth")
    pointwise = loaded.get_layer("block_5_expand").get_weights()[0]
    np.testing.assert_array_equal(pointwise[0, 0], stored["_blocks.5._expand_conv.weight"][:, :, 0, 0].T)
    depthwise = loaded.get_layer("block_5_depthwise").get_weights()[0]
    np.testing.assert_array_equal(
        depthwise[..., 0].transpose(2, 0, 1), stored["_blocks.5._depthwise_conv.weight"][:, 0]
    )
    variance = loaded.get_layer("head_bn").get_weights()[3]
    np.testing.assert_array_equal(variance, stored["_bn1.running_var"])


def test_imagenets_weights_have_a_place_in_every_layer():
    path = zoo.imagenet("efficientnet_lite0")
    kernel = efficientnet_lite.build(64, path).get_layer("stem").get_weights()[0]
    stored = torch_file.read(path)["_conv_stem.weight"]
    np.testing.assert_array_equal(kernel, stored.transpose(2, 3, 1, 0))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda kept: kept.pop("_blocks.5._bn1.bias"), "holds no '_blocks.5._bn1.bias'"),
        (lambda kept: kept.update({"_bn1.bias": np.ones(7, np.float32)}), "another size of the network"),
    ],
    ids=["a layer absent", "a layer of another size"],
)
def test_weights_of_another_network_are_refused(tmp_path, torch_save, stored, change, why):
    change(stored)
    torch_save(tmp_path / "other.pth", stored)
    with pytest.raises(ConfigError, match=why):
        efficientnet_lite.build(64, tmp_path / "other.pth")
