"""The networks of face swaps: one decoder for each of two people, or one decoder for everybody.

`pair`: an encoder that two people share, and a decoder for each. What the encoder keeps of a face is expression, pose
and light, because it must serve both decoders; the other person's decoder then draws their face with that expression.
`encoder`: that encoder with one decoder, for faces of many people; pairs start with what it learned (`warm_start`).
`one_shot`: an encoder-decoder that is shown a photograph of the person to put in, bent onto the target's landmarks,
and of the target no more than its coarse light and the insides of eyes and mouth (`conditions`). Nothing else of the
target goes in, so whose face comes out is the photograph's doing; it serves people that it never met.

Both draw RGB and a mask. PixelShuffle: Shi et al., CVPR 2016. Skips: Ronneberger et al., "U-Net", MICCAI 2015.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.generator.networks import stored

Kind = Literal["pair", "one_shot", "encoder"]
PEOPLE = ("a", "b")  # of a pair; what its decoders are called
CHANNELS = {"pair": 3, "encoder": 3, "one_shot": 8}  # that go in
ORIGIN = "the swap.npz of a run of `catchlight train-generator autoencoder`; restore it, or run that again"
STEPS = 4  # halvings from the picture to the code


@dataclass(frozen=True, slots=True)
class SwapConfig:
    """What a swap network looks like."""

    kind: Kind = "pair"
    side: int = 64  # of the faces that go in and come out, pixels; a multiple of 16
    encoder: int = 32  # channels after the first step down; the cost grows with its square
    code: int = 128  # values that are kept of a whole face
    decoder: int = 32  # channels before the last step up, likewise

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise UnknownName("kind of swap network", self.kind, get_args(Kind))
        if self.side % 16 or min(self.side // 32, self.encoder, self.code, self.decoder) < 1:
            raise ConfigError(
                "side must be a multiple of 16, at least 32, encoder and code at least 1 and decoder at least 4, but "
                f"{self.side}, {self.encoder}, {self.code} and {self.decoder} were given."
            )


def build(config: SwapConfig) -> Any:
    """The network of a configuration, with fresh weights.

    Args:
        config: What it looks like.

    Returns:
        A `keras.Model`. `pair`: from two batches of RGB, one of each person, to two of RGB and mask; its layers
        ``encoder``, ``decoder_a`` and ``decoder_b`` are models, of which `path` makes the way of a swap. `encoder`:
        from RGB to RGB and mask; its layers are ``encoder`` and ``decoder``. `one_shot`: from `conditions` to RGB and
        mask. What goes in has shape (n, side, side, channels), 0 to 255; what comes out (n, side, side, 4), 0 to 1,
        RGB of a one-shot network a little beyond.

    Example:
        >>> build(SwapConfig(side=32, encoder=4, code=8, decoder=4)).output_shape  # doctest: +SKIP
        [(None, 32, 32, 4), (None, 32, 32, 4)]
    """
    return {"pair": _pair, "one_shot": _one_shot, "encoder": _alone}[config.kind](config)


def load(file: Path) -> tuple[Any, SwapConfig]:
    """Read a network that `stored.save` wrote.

    Returns:
        The network, as `build` describes it, and its configuration.

    Raises:
        BundleError: The file is missing, damaged, or its weights don't fit its configuration.
    """
    return stored.load(file, SwapConfig, build, ("swap network", ORIGIN))


def path(model: Any, config: SwapConfig, person: str = "b") -> Any:
    """The part of a network that makes a swap.

    Args:
        model: What `build` made of ``config``.
        config: Its configuration.
        person: Whose face a pair's decoder draws: ``a`` or ``b``.

    Returns:
        A `keras.Model` of one input and one output, which shares the weights.

    Raises:
        UnknownName: A pair has no such person.
    """
    import keras

    if config.kind != "pair":
        return model
    if person not in PEOPLE:
        raise UnknownName("person of a pair", person, PEOPLE)
    pixels = keras.Input((config.side, config.side, 3), name="pixels")
    return keras.Model(pixels, model.get_layer(f"decoder_{person}")(model.get_layer("encoder")(pixels)))


def _pair(config: SwapConfig) -> Any:
    import keras

    shape = (config.side, config.side, 3)
    inputs = [keras.Input(shape, name=f"pixels_{person}") for person in PEOPLE]
    encoder = _encoder(config)
    decoders = [_decoder(config, encoder.output_shape[1:], f"decoder_{person}") for person in PEOPLE]
    outputs = [decode(encoder(pixels)) for decode, pixels in zip(decoders, inputs, strict=True)]
    return keras.Model(inputs, outputs, name="pair")


def _alone(config: SwapConfig) -> Any:
    import keras

    pixels, encoder = keras.Input((config.side, config.side, 3), name="pixels"), _encoder(config)
    decoder = _decoder(config, encoder.output_shape[1:], "decoder")
    return keras.Model(pixels, decoder(encoder(pixels)), name="alone")


def _encoder(config: SwapConfig) -> Any:
    import keras

    pixels = keras.Input((config.side, config.side, 3))
    x = _steps_down(pixels, config)[-1]
    cells = config.side // 2**STEPS
    code = keras.layers.Dense(config.code)(keras.layers.Flatten()(x))
    x = _activate(keras.layers.Dense(cells * cells * 2 * config.encoder)(code))
    x = keras.layers.Reshape((cells, cells, 2 * config.encoder))(x)
    return keras.Model(pixels, _up(x, 4 * config.encoder), name="encoder")


def _decoder(config: SwapConfig, shape: tuple[int, ...], name: str) -> Any:
    import keras

    code = keras.Input(shape)
    x = _residual(_up(code, 2 * config.decoder))
    x = _up(_up(x, config.decoder), config.decoder // 2)
    return keras.Model(code, _picture(x), name=name)


def _one_shot(config: SwapConfig) -> Any:
    import keras

    shown = keras.Input((config.side, config.side, CHANNELS["one_shot"]), name="conditions")
    *skips, x = _steps_down(shown, config)
    # Of the whole face, wherever it lies: without a layer of fixed size, the same weights serve faces of any size.
    code = _activate(keras.layers.Dense(config.code)(keras.layers.GlobalAveragePooling2D()(x)))
    x = _activate(x + keras.layers.Reshape((1, 1, x.shape[-1]))(keras.layers.Dense(x.shape[-1])(code)))
    widths = (2 * config.decoder, 4 * config.decoder // 3, config.decoder)
    for width, skip in zip(widths, reversed(skips), strict=True):
        x = keras.layers.Concatenate()([_up(x, width), skip])
    # The bent photograph itself joins before the last layer: no step down has blurred it.
    x = keras.layers.Concatenate()([_up(x, config.decoder // 3), _scaled(shown)])
    change = keras.layers.Conv2D(3, 3, padding="same", kernel_initializer=_small())(x)
    mask = keras.layers.Conv2D(1, 3, padding="same", activation="sigmoid")(x)
    # It draws what has to change in the bent photograph: untrained, it shows that.
    image = _of_white(shown[..., :3]) + change
    return keras.Model(shown, keras.layers.Concatenate(name="picture")([image, mask]), name="one_shot")


def _steps_down(pixels: Any, config: SwapConfig) -> list[Any]:
    widths = (config.encoder, 2 * config.encoder, 4 * config.encoder, 4 * config.encoder)
    x, levels = _scaled(pixels), []
    for level, width in enumerate(widths):
        x = _conv(x, width, kernel=5 if level == 0 else 3, strides=2)
        levels.append(x)
    return levels


def _scaled(pixels: Any) -> Any:
    import keras

    return keras.layers.Rescaling(1 / 127.5, offset=-1)(pixels)


def _of_white(pixels: Any) -> Any:
    import keras

    return keras.layers.Rescaling(1 / 255)(pixels)


def _small() -> Any:
    import keras

    return keras.initializers.RandomNormal(stddev=1e-3)


def _picture(x: Any) -> Any:
    import keras

    return keras.layers.Conv2D(4, 3, padding="same", activation="sigmoid", name="picture")(x)


def _up(x: Any, channels: int) -> Any:
    """Twice the size by PixelShuffle."""
    import keras

    x = keras.layers.Conv2D(4 * channels, 3, padding="same")(x)
    return _activate(keras.ops.depth_to_space(x, 2, data_format="channels_last"))


def _residual(x: Any) -> Any:
    import keras

    return _activate(x + keras.layers.Conv2D(x.shape[-1], 3, padding="same")(_conv(x, x.shape[-1], kernel=3)))


def _conv(x: Any, channels: int, kernel: int, strides: int = 1) -> Any:
    import keras

    return _activate(keras.layers.Conv2D(channels, kernel, strides=strides, padding="same")(x))


def _activate(x: Any) -> Any:
    import keras

    return keras.layers.LeakyReLU(negative_slope=0.1)(x)
