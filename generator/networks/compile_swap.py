"""A trained swap network -> what runs it without TensorFlow: a TFLite file with weights in half precision."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from catchlight.datasets import files
from catchlight.detector.quiet import quiet_native_logs
from catchlight.generator.networks import swap
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
    data = _tflite(swap.path(model, config, person), config)
    with files.whole(out) as partial:
        partial.write_bytes(data)
    return out


def _tflite(model: Any, config: SwapConfig) -> bytes:
    import keras
    import tensorflow as tf

    shape = (1, config.side, config.side, swap.CHANNELS[config.kind])
    with quiet_native_logs(), tempfile.TemporaryDirectory() as folder:
        signature = [keras.InputSpec(shape=shape, dtype="float32")]
        model.export(folder, format="tf_saved_model", verbose=False, input_signature=signature)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
        return bytes(converter.convert())
