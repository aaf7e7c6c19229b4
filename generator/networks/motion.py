"""The network that moves a face: dense motion from key points with local affine maps, and what motion can't give.

Each key point comes with an affine map from the driving picture to the source's, so near it the motion is known to
first order. A prior mixes these maps by distance; the network corrects the mixture, adds what no map says, tells where
nothing of the source can be seen (occlusion), and paints there. Untrained, it is a warp by the landmarks.

In small after Siarohin et al., "First Order Motion Model for Image Animation", NeurIPS 2019; key points and maps come
from landmarks (`catchlight.generator.motion.keypoints`), so none have to be learned.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from catchlight.detector.errors import ConfigError
from catchlight.generator.networks import stored

REACH = 0.16  # standard deviation of a key point's influence, in half sides of the picture
# Logit of standing still; a key point's is minus its squared distance, in units of `REACH`, halved.
BACKGROUND = -6.0
PAINTED, STRAY = 0.5, 0.05  # largest change of a painted colour and of the motion that no map tells
CHANNELS = 9  # that come out: picture, warped source, motion, occlusion


@dataclass(frozen=True, slots=True)
class MotionConfig:
    """What a motion network looks like."""

    side: int = 64  # of the pictures, pixels; a multiple of 16
    points: int = 15  # key points; as many as `keypoints.PARTS`
    width: int = 20  # channels of the first level of both parts; the cost grows with its square

    def __post_init__(self) -> None:
        if self.side % 16 or min(self.side // 32, self.points, self.width) < 1:
            raise ConfigError(
                "side must be a multiple of 16, at least 32, points and width at least 1, but "
                f"{self.side}, {self.points} and {self.width} were given."
            )


def build(config: MotionConfig) -> Any:
    """A network with fresh weights.

    Returns:
        A `keras.Model` from source pictures (n, side, side, 3), 0 to 255, maps (n, points, 6), places (n, points, 2),
        both in half sides from the middle, and openings (n, side, side, 1), 0 or 1, of the driving face, to
        (n, side, side, 9): the picture, RGB 0 to 1; the warped source, likewise; where in the source each pixel comes
        from (x, y in half sides from the middle); and how far it can be seen there, 0 to 1.

    Example:
        >>> build(MotionConfig(side=32, width=4)).output_shape
        (None, 32, 32, 9)
    """
    import keras
    from keras import ops

    side, small = config.side, config.side // 2
    source = keras.Input((side, side, 3), name="source")
    maps = keras.Input((config.points, 6), name="maps")
    places = keras.Input((config.points, 2), name="places")
    opening = keras.Input((side, side, 1), name="opening")
    image = keras.layers.Rescaling(1 / 255)(source)

    ways, near = _ways(maps, small, config.points), _near(places, small)
    prior = ops.concatenate([near, ops.zeros_like(near[..., :1]) + BACKGROUND], axis=-1)
    guess = _mixed(ways, prior)
    coarse = keras.layers.AveragePooling2D(2)(image)
    still = ops.convert_to_tensor(grid(small)[None])
    seen = [
        ops.exp(near),
        coarse,
        sampled(coarse, guess),
        guess - still,
        keras.layers.MaxPooling2D(2)(opening),
    ]
    x = _hourglass(ops.concatenate(seen, axis=-1), config.width)
    told = keras.layers.Conv2D(
        config.points + 4, 3, padding="same", kernel_initializer=_small(), name="told"
    )(x)
    motion = _mixed(ways, prior + told[..., : config.points + 1])
    motion = motion + STRAY * ops.tanh(told[..., config.points + 1 : config.points + 3])
    # Mostly seen at first, or it would learn to paint everything before it learns to move.
    visible = ops.sigmoid(told[..., config.points + 3 :] + 2.0)
    larger = keras.layers.UpSampling2D(interpolation="bilinear")
    # What is enlarged is the shift: at the border, enlarged places would end half a pixel too early.
    motion = larger(motion - still) + ops.convert_to_tensor(grid(side)[None])
    visible = larger(visible)

    warped = sampled(image, motion)
    x = _hourglass(ops.concatenate([warped * visible, visible, opening], axis=-1), config.width, halve=True)
    change = keras.layers.Conv2D(3, 3, padding="same", kernel_initializer=_small(), name="change")(x)
    picture = warped + (1 - visible) * PAINTED * ops.tanh(change)
    every = ops.concatenate([picture, warped, motion, visible], axis=-1)
    return keras.Model([source, maps, places, opening], every, name="motion")


def load(path: Path) -> tuple[Any, MotionConfig]:
    """Read a trained network, as `stored.save` wrote it, and its configuration.

    Raises:
        BundleError: The file is missing, damaged, or its weights don't fit its configuration.
    """
    where = "the motion.npz of a run of `catchlight train-generator motion`; restore it, or run that again"
    return stored.load(path, MotionConfig, build, ("motion network", where))


def sampled(image: Any, where: Any) -> Any:
    """Pictures (n, h, w, c) looked at in places (n, y, x, 2), in half sides from the middle; beyond them their border.

    Bilinear (Jaderberg et al., "Spatial Transformer Networks", NeurIPS 2015), in `keras.ops` alone.
    """
    from keras import ops

    height, width, channels = image.shape[1:]
    rows, columns = where.shape[1:3]
    flat = ops.reshape(where, (-1, rows * columns, 2))
    x = ops.clip((flat[..., 0] + 1) * (width / 2) - 0.5, 0, width - 1)
    y = ops.clip((flat[..., 1] + 1) * (height / 2) - 0.5, 0, height - 1)
    left, top = (ops.clip(ops.floor(v), 0, most - 2) for v, most in ((x, width), (y, height)))
    u, v = ops.expand_dims(x - left, -1), ops.expand_dims(y - top, -1)
    corner = ops.cast(top * width + left, "int32")
    # Number of each picture in its batch: a count along it works in every backend, whatever the batch's size.
    number = ops.cumsum(ops.ones_like(corner[:, :1]), axis=0) - 1
    corner = ops.reshape(corner + number * (height * width), (-1,))
    pixels = ops.reshape(image, (-1, channels))

    def at(offset: int) -> Any:
        return ops.reshape(ops.take(pixels, corner + offset, axis=0), (-1, rows * columns, channels))

    above = at(0) * (1 - u) + at(1) * u
    below = at(width) * (1 - u) + at(width + 1) * u
    return ops.reshape(above * (1 - v) + below * v, (-1, rows, columns, channels))


def grid(side: int) -> Any:
    """Where the pixels of a square lie, x and y in half sides from its middle: float32 (side, side, 2)."""
    along = (np.arange(side, dtype=np.float32) + 0.5) * (2 / side) - 1
    return np.stack(np.meshgrid(along, along), axis=-1)


def _ways(maps: Any, side: int, points: int) -> Any:
    """Where each map says that each pixel comes from, and standing still: (n, side, side, points + 1, 2)."""
    from keras import ops

    places = grid(side).reshape(-1, 2)
    column = np.concatenate([places, np.ones((len(places), 1), np.float32)], axis=1).T
    moved = ops.matmul(ops.reshape(maps, (-1, 2 * points, 3)), ops.convert_to_tensor(column[None]))
    moved = ops.transpose(ops.reshape(moved, (-1, points, 2, side * side)), (0, 3, 1, 2))
    moved = ops.reshape(moved, (-1, side, side, points, 2))
    still = ops.zeros_like(moved[..., :1, :]) + ops.convert_to_tensor(grid(side)[None, :, :, None])
    return ops.concatenate([moved, still], axis=3)


def _near(places: Any, side: int) -> Any:
    """How near each pixel is to each key point: minus its squared distance, halved; (n, side, side, points)."""
    from keras import ops

    pixels = ops.convert_to_tensor(grid(side)[None, :, :, None])
    apart = ops.expand_dims(ops.expand_dims(places, 1), 1) - pixels
    return ops.maximum(-0.5 * ops.sum(ops.square(apart / REACH), axis=-1), -20.0)


def _mixed(ways: Any, logits: Any) -> Any:
    from keras import ops

    return ops.sum(ways * ops.expand_dims(ops.softmax(logits, axis=-1), -1), axis=3)


def _hourglass(x: Any, width: int, halve: bool = False) -> Any:
    """Down by 4, or 8 where it begins with a step down, and up again, with skips (Ronneberger et al., MICCAI 2015)."""
    import keras

    first, levels = x, []
    x = _conv(x, width, 5, 2) if halve else _conv(x, width, 3)
    for times in (2, 3):
        levels.append(x)
        x = _conv(_conv(x, times * width, 3, 2), times * width, 3)
    for level in reversed(levels):
        x = keras.layers.Concatenate()([keras.layers.UpSampling2D()(x), level])
        x = _conv(x, level.shape[-1], 3)
    if halve:
        x = keras.layers.Concatenate()([keras.layers.UpSampling2D()(x), first])
        x = _conv(x, max(4, width // 2), 3)
    return x


def _conv(x: Any, channels: int, kernel: int, strides: int = 1) -> Any:
    import keras

    x = keras.layers.Conv2D(
        channels, kernel, strides=strides, padding="same", kernel_initializer="he_normal"
    )(x)
    return keras.layers.LeakyReLU(negative_slope=0.1)(x)


def _small() -> Any:
    import keras

    return keras.initializers.RandomNormal(stddev=1e-3)
