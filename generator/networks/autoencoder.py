"""Small convolutional autoencoders whose decoders leave traces: the networks of `reconstruct`.

A face that goes through a narrow bottleneck and back looks the same to an eye, and carries what every decoder
leaves: the grid of its upsampling, the grain that it can't repeat. Upsampling traces: Odena et al.,
"Deconvolution and Checkerboard Artifacts", Distill 2016; Zhang et al., "Detecting and Simulating Artifacts in
GAN Fake Images", WIFS 2019. PixelShuffle: Shi et al., CVPR 2016. Variational: Kingma & Welling, ICLR 2014.
Denoising: Vincent et al., ICML 2008.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.generator.networks import stored

Decoder = Literal["pixel_shuffle", "transposed", "nearest", "bilinear"]
STATS, OUTPUT = "stats", "output"  # layers that training reads by name


@dataclass(frozen=True, slots=True)
class AutoencoderConfig:
    """What an autoencoder looks like."""

    decoder: Decoder = "pixel_shuffle"  # how a step up is done; the trace's pattern
    stride: int = 8  # pixels to a cell of the bottleneck: 8 or 16
    channels: int = 10  # values in a cell; 10 at stride 8 keep 1 value in 19, as 40 at stride 16 do
    width: int = 32  # channels of the middle layers; the cost grows with its square
    kernel: int = 4  # of transposed convolutions: 3 overlaps unevenly (checkerboard), 4 evenly
    variational: bool = False  # a bottleneck that is drawn in training, its mean in use
    noise: float = 0.0  # standard deviation added to the input in training, in units of full white

    def __post_init__(self) -> None:
        if self.decoder not in get_args(Decoder):
            raise UnknownName("decoder", self.decoder, get_args(Decoder))
        if self.stride not in (8, 16):
            raise ConfigError(f"stride must be 8 or 16, but {self.stride} was given; choose one of them.")
        if min(self.channels, self.width, self.kernel) < 1 or self.noise < 0:
            raise ConfigError(
                "channels, width and kernel must be at least 1 and noise at least 0, but "
                f"{self.channels}, {self.width}, {self.kernel} and {self.noise} were given."
            )


def build(config: AutoencoderConfig) -> Any:
    """The network of a configuration, with fresh weights.

    Args:
        config: What it looks like.

    Returns:
        A `keras.Model` from RGB of shape (n, h, w, 3), 0 to 255, h and w multiples of ``config.stride``, to
        float RGB of the same shape, 0 to 1 and a little beyond.

    Example:
        >>> build(AutoencoderConfig(width=8)).output_shape  # doctest: +SKIP
        (None, None, None, 3)
    """
    import keras

    pixels = keras.Input((None, None, 3), name="pixels")
    x = keras.layers.Rescaling(1 / 127.5, offset=-1)(pixels)
    if config.noise:
        x = keras.layers.GaussianNoise(2 * config.noise)(x)
    x = _bottleneck(_encode(x, config), config)
    x = keras.layers.Rescaling(0.5, offset=0.5, name=OUTPUT)(_decode(x, config))
    return keras.Model(pixels, x, name=f"autoencoder_{config.decoder}")


def _widths(config: AutoencoderConfig) -> list[int]:
    """Channels after each step down, from half the size on."""
    w = config.width
    return [3 * w // 4, 3 * w // 2, 2 * w, 2 * w][: config.stride.bit_length() - 1]


def _encode(x: Any, config: AutoencoderConfig) -> Any:
    for channels in _widths(config):
        x = _conv(x, channels, kernel=4, strides=2)
    return _residual(x)


def _bottleneck(x: Any, config: AutoencoderConfig) -> Any:
    """To ``config.channels`` values a cell; a variational one draws them around a mean in training."""
    import keras

    if not config.variational:
        return keras.layers.Conv2D(config.channels, 1)(x)
    stats = keras.layers.Conv2D(2 * config.channels, 1, name=STATS)(x)
    mean, log_variance = keras.ops.split(stats, 2, axis=-1)
    # GaussianNoise is silent outside training, so the same graph gives the mean in use.
    draw = keras.layers.GaussianNoise(1.0)(keras.ops.zeros_like(mean))
    return mean + draw * keras.ops.exp(0.5 * keras.ops.clip(log_variance, -20.0, 10.0))


def _decode(x: Any, config: AutoencoderConfig) -> Any:
    widths = _widths(config)
    x = _residual(_residual(_conv(x, widths[-1], kernel=3)))
    for channels in reversed(widths[:-1]):
        x = _activate(_up(x, channels, config))
    return _up(x, 3, config)


def _up(x: Any, channels: int, config: AutoencoderConfig) -> Any:
    """Twice the size, to ``channels``, without an activation."""
    import keras

    if config.decoder == "pixel_shuffle":
        x = keras.layers.Conv2D(4 * channels, 3, padding="same")(x)
        return keras.ops.depth_to_space(x, 2, data_format="channels_last")
    if config.decoder == "transposed":
        return keras.layers.Conv2DTranspose(channels, config.kernel, strides=2, padding="same")(x)
    # A convolution before the step keeps the one after it, at four times the cost a channel, narrow.
    x = _conv(x, max(channels, 16), kernel=3) if channels == 3 else x
    x = keras.layers.UpSampling2D(2, interpolation=config.decoder)(x)
    return keras.layers.Conv2D(channels, 3, padding="same")(x)


def _conv(x: Any, channels: int, kernel: int, strides: int = 1) -> Any:
    import keras

    return _activate(keras.layers.Conv2D(channels, kernel, strides=strides, padding="same")(x))


def _residual(x: Any) -> Any:
    import keras

    return x + keras.layers.Conv2D(x.shape[-1], 3, padding="same")(_conv(x, x.shape[-1], kernel=3))


def _activate(x: Any) -> Any:
    import keras

    return keras.layers.LeakyReLU(negative_slope=0.1)(x)


def load(path: Path) -> tuple[Any, AutoencoderConfig]:
    """Read a network that `stored.save` wrote.

    Returns:
        The network and its configuration.

    Raises:
        BundleError: The file is missing, damaged, or its weights don't fit its configuration.
    """
    origin = "a file that `train_kind` wrote; restore it, or train the kind anew"
    return stored.load(path, AutoencoderConfig, build, ("autoencoder", origin))
