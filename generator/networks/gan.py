"""The two networks that play against each other until faces of nobody come out: generator and discriminator.

The generator grows 4 x 4 cells to the picture by nearest upsampling and convolution (no transposed ones, which leave a
checkerboard), with gated units and skip-layer excitation: coarse maps weigh the channels of fine ones. The
discriminator has no normalisation, so it judges each picture by itself. In small after Liu et al., "Towards Faster and
Stabilized GAN Training for High-fidelity Few-shot Image Synthesis", ICLR 2021.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catchlight.detector.errors import ConfigError
from catchlight.generator.networks import stored
from catchlight.generator.networks.augment import augmentation_inputs, augmented

FIRST = 4  # cells a side where the generator begins


@dataclass(frozen=True, slots=True)
class GanConfig:
    """What generator and discriminator look like."""

    side: int = 64  # of the faces, pixels; 32, 64, 128 or 256
    latent: int = 128  # random numbers that a face is made from
    generator: int = 64  # channels of its first levels; the cost grows with the square
    discriminator: int = 16  # channels of its first level, likewise

    def __post_init__(self) -> None:
        if (
            self.side not in (32, 64, 128, 256)
            or min(self.latent, self.discriminator) < 1
            or self.generator < 8
        ):
            raise ConfigError(
                "side must be 32, 64, 128 or 256, generator at least 8, latent and discriminator at least 1, but "
                f"{self.side}, {self.generator}, {self.latent} and {self.discriminator} were given."
            )


def generator(config: GanConfig) -> Any:
    """A generator with fresh weights.

    Returns:
        A `keras.Model` from standard normal latents (n, latent) to RGB (n, side, side, 3), -1 to 1.

    Example:
        >>> generator(GanConfig(side=32, latent=8, generator=8)).output_shape
        (None, 32, 32, 3)
    """
    import keras

    latent = keras.Input((config.latent,), name="latent")
    width = config.generator
    x = keras.layers.Dense(FIRST * FIRST * 2 * width, use_bias=False)(latent)
    x = _gated(keras.layers.Reshape((FIRST, FIRST, 2 * width))(x))
    levels = {FIRST: x}
    side = FIRST
    while side < config.side:
        side *= 2
        x = _finest(x, _width(side, config)) if side == config.side else _grown(x, _width(side, config))
        if side // 8 in levels and side > 16:
            x = _excited(x, levels[side // 8])
        levels[side] = x
    picture = keras.layers.Conv2D(3, 3, padding="same", activation="tanh", name="picture")(x)
    return keras.Model(latent, picture, name="generator")


def load(path: Path) -> tuple[Any, GanConfig]:
    """Read a trained generator, as `stored.save` wrote it, and its configuration.

    Raises:
        BundleError: The file is missing, damaged, or its weights don't fit its configuration.
    """
    where = "the generator.npz of a run of `catchlight train-generator gan`; restore it, or run that again"
    return stored.load(path, GanConfig, generator, ("generator", where))


def discriminator(config: GanConfig, name: str = "judge") -> Any:
    """A discriminator with fresh weights and a name of its own.

    Returns:
        A `keras.Model` from RGB (n, side, side, 3), -1 to 1, to logits (n, 1): above 0 is real.
    """
    import keras

    pixels = keras.Input((config.side, config.side, 3))
    x = _active(_conv(pixels, config.discriminator, 4, 2))
    width, side = config.discriminator, config.side // 2
    while side > FIRST:
        width, side = min(2 * width, 7 * config.discriminator), side // 2
        x = _shrunk(x, width)
    x = _active(_conv(_active(_conv(x, width, 3)), width, 4, 4))
    return keras.Model(pixels, keras.layers.Dense(1)(keras.layers.Flatten()(x)), name=name)


def game(maker: Any, judge: Any, twin: Any, config: GanConfig) -> Any:
    """Both networks in one graph, so that one step trains both and the generator draws once for them.

    Args:
        maker: A generator.
        judge: A discriminator, which learns.
        twin: Another one, frozen, of the same weights: the way by which the generator learns. One network that is
            trained and frozen in one graph behaves differently in each Keras backend.
        config: What they look like.

    Returns:
        A `keras.Model` from latents, real pictures, the same ones shaken, and `augment.draw` for the real and for the
        made ones, to logits of shape (4 n, 1): the judge's of real, made and shaken ones, then the twin's of the made
        ones. Only the judge learns from the first three parts, only the generator from the last.
    """
    import keras
    from keras import ops

    latent = keras.Input((config.latent,), name="noise")
    real, shaken = (keras.Input((config.side, config.side, 3), name=name) for name in ("real", "shaken"))
    changes = [augmentation_inputs(config.side, name) for name in ("real", "made")]
    seen_real, seen_shaken = (augmented(pixels, *changes[0]) for pixels in (real, shaken))
    made = augmented(maker(latent), *changes[1])
    logits = judge(ops.concatenate([seen_real, ops.stop_gradient(made), seen_shaken], axis=0))
    every = ops.concatenate([logits, twin(made)], axis=0)
    return keras.Model([latent, real, shaken, *changes[0], *changes[1]], every, name="game")


def _width(side: int, config: GanConfig) -> int:
    """Channels at a level: all up to 8 px, then fewer, as pixels grow more."""
    shares = {8: 1.0, 16: 3 / 4, 32: 3 / 8, 64: 3 / 16, 128: 1 / 8, 256: 1 / 12}
    return max(2, round(config.generator * shares[side]))


def _grown(x: Any, channels: int) -> Any:
    import keras

    x = keras.layers.UpSampling2D(interpolation="nearest")(x)
    return _gated(keras.layers.Conv2D(2 * channels, 3, padding="same", use_bias=False)(x))


def _finest(x: Any, channels: int) -> Any:
    """As `_grown`, but plain: most of the time goes where most of the pixels are."""
    import keras

    x = keras.layers.UpSampling2D(interpolation="nearest")(x)
    return _active(_conv(x, channels, 3))


def _gated(x: Any) -> Any:
    """Normalised, and half of the channels opened by the other half (Dauphin et al., ICML 2017)."""
    import keras

    x = keras.layers.BatchNormalization(momentum=0.9)(x)
    half = x.shape[-1] // 2
    return x[..., :half] * keras.ops.sigmoid(x[..., half:])


def _excited(fine: Any, coarse: Any) -> Any:
    import keras

    pooled = (
        keras.layers.AveragePooling2D(coarse.shape[1] // FIRST)(coarse) if coarse.shape[1] > FIRST else coarse
    )
    x = keras.layers.Conv2D(fine.shape[-1], FIRST, activation="silu")(pooled)
    return fine * keras.layers.Conv2D(fine.shape[-1], 1, activation="sigmoid")(x)


def _shrunk(x: Any, channels: int) -> Any:
    """Half the size, by strided convolutions beside a mere mean, so that gradients always have a short way."""
    import keras

    long = _active(_conv(_active(_conv(x, channels, 4, 2)), channels, 3))
    short = _conv(keras.layers.AveragePooling2D(2)(x), channels, 1)
    return (long + short) * 0.7071


def _conv(x: Any, channels: int, kernel: int, strides: int = 1) -> Any:
    import keras

    return keras.layers.Conv2D(
        channels, kernel, strides=strides, padding="same", kernel_initializer="he_normal"
    )(x)


def _active(x: Any) -> Any:
    import keras

    return keras.layers.LeakyReLU(negative_slope=0.2)(x)
