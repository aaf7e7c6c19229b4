"""What judges an autoencoder's pictures beside L1 and DSSIM: another judge teaches it other traces.

Patch critic: Isola et al., CVPR 2017, with the least-squares loss of Mao et al., ICCV 2017. Perceptual:
Johnson et al., ECCV 2016, on a network of the user's choice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Critic(Protocol):
    """One more judge in training."""

    weight: float

    def judge(self, made: Any) -> Any:
        """The verdict on pictures (a Keras tensor, RGB 0 to 1) that the autoencoder is trained by."""
        ...

    def learn(self, real: Floats, make: Callable[[], Floats]) -> Floats:
        """The verdict to reach on ``real``; a critic that learns, learns here, from what ``make`` gives."""
        ...

    def loss(self, wanted: Any, verdict: Any) -> Any:
        """How far the verdict is from the wanted one, in `keras.ops`."""
        ...

    def state(self) -> list[Any]:
        """Variables of its own that a checkpoint must hold, the autoencoder's graph aside."""
        ...


class PatchCritic:
    """Tells real from made patches, and learns beside the autoencoder.

    Args:
        weight: Of its verdict in the loss.
        width: Channels of its first layer.
        rate: Adam's learning rate.
    """

    def __init__(self, weight: float = 0.01, width: int = 24, rate: float = 5e-4) -> None:
        import keras

        self.weight = weight
        self.network = _patches(width)
        # The autoencoder sees a frozen twin: one network that is trained in one graph and frozen in another
        # behaves differently in each Keras backend.
        self.twin = _patches(width)
        self.twin.trainable = False
        self.network.compile(keras.optimizers.Adam(rate, beta_1=0.5), "mse", jit_compile=False)
        self.network.optimizer.build(self.network.trainable_variables)

    def judge(self, made: Any) -> Any:
        """The twin's map of verdicts: 1 real, 0 made."""
        return self.twin(made)

    def learn(self, real: Floats, make: Callable[[], Floats]) -> Floats:
        """One step of the critic; the autoencoder shall reach 1 everywhere."""
        both = np.concatenate([real, make()])
        wanted = np.repeat(np.array([1, 0], np.float32), len(real)).reshape(-1, 1, 1, 1)
        side = [-(-n // 4) for n in real.shape[1:3]]
        self.network.train_on_batch(both, np.broadcast_to(wanted, (len(both), *side, 1)).copy())
        self.twin.set_weights(self.network.get_weights())
        return np.ones((len(real), *side, 1), np.float32)

    def loss(self, wanted: Any, verdict: Any) -> Any:
        """Least squares."""
        from keras import ops

        return ops.mean(ops.square(wanted - verdict))

    def state(self) -> list[Any]:
        """The critic that learns, and its optimizer."""
        return [*self.network.variables, *self.network.optimizer.variables]


def _patches(width: int) -> Any:
    import keras

    x = pixels = keras.Input((None, None, 3))
    for channels, strides in ((width, 2), (2 * width, 2), (2 * width, 1)):
        x = keras.layers.Conv2D(channels, 4, strides=strides, padding="same")(x)
        x = keras.layers.LeakyReLU(negative_slope=0.2)(x)
    return keras.Model(pixels, keras.layers.Conv2D(1, 3, padding="same")(x))


class PerceptualCritic:
    """Compares features of a frozen network instead of pixels.

    Args:
        features: `keras.Model` from RGB of shape (n, h, w, 3), 0 to 1, to a map of features.
        weight: Of the L1 distance between features in the loss.
    """

    def __init__(self, features: Any, weight: float = 0.05) -> None:
        self.features, self.weight = features, weight
        self.features.trainable = False

    def judge(self, made: Any) -> Any:
        """The features of what was made."""
        return self.features(made, training=False)

    def learn(self, real: Floats, make: Callable[[], Floats]) -> Floats:
        """The features of the real pictures; nothing is learned."""
        return np.asarray(self.features.predict_on_batch(real), np.float32)

    def loss(self, wanted: Any, verdict: Any) -> Any:
        """L1."""
        from keras import ops

        return ops.mean(ops.abs(wanted - verdict))

    def state(self) -> list[Any]:
        """Nothing beyond the autoencoder's graph."""
        return []


def mobilenet_features(weights: str, layer: str = "block_3_expand_relu") -> Any:
    """Features of MobileNetV2 (Sandler et al., CVPR 2018) at an early layer, for `PerceptualCritic`.

    Args:
        weights: Path of Keras' ImageNet weights without the top, alpha 1.
        layer: Name of the layer; the default has stride 4.

    Returns:
        A `keras.Model` from RGB in 0 to 1.
    """
    import keras

    net = keras.applications.MobileNetV2(input_shape=(224, 224, 3), include_top=False, weights=weights)
    inner = keras.Model(net.input, net.get_layer(layer).output)
    config = inner.get_config()
    config["layers"][0]["config"]["batch_shape"] = (None, None, None, 3)  # fully convolutional: any size
    free = keras.Model.from_config(config)
    free.set_weights(inner.get_weights())
    pixels = keras.Input((None, None, 3))
    return keras.Model(pixels, free(keras.layers.Rescaling(2.0, offset=-1)(pixels)))
