"""A trained swap network -> what runs it without TensorFlow: a TFLite file with weights in half precision."""

from __future__ import annotations

from pathlib import Path

from catchlight.generator.networks import swap, tflite
from catchlight.generator.networks.swap import SwapConfig


def compile_swap(weights: Path, out: Path, person: str = "b", side: int | None = None) -> Path:
    """Compile what a run left. Needs TensorFlow, whatever backend trained the network.

    Args:
        weights: The run's ``swap.npz``.
        out: The file to write.
        person: Whose face a pair's network is to draw: ``a`` or ``b``.
        side: Of the faces that it is to take, pixels; as trained without it. A one-shot network, which has no layer of
            fixed size, takes any multiple of 16.

    Raises:
        BundleError: The weights can't be read.
        DataError: The file can't be written.
    """
    model, config = swap.load(weights)
    if side and config.kind == "one_shot":
        config = SwapConfig(config.kind, side, config.encoder, config.code, config.decoder)
        larger = swap.build(config)
        larger.set_weights(model.get_weights())
        model = larger
    shape = (1, config.side, config.side, swap.CHANNELS[config.kind])
    return tflite.write(swap.path(model, config, person), [shape], out)
