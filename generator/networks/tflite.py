"""Keras models -> what runs them without TensorFlow: TFLite with weights in half precision."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from catchlight.datasets import files
from catchlight.detector.quiet import quiet_native_logs


def compiled(model: Any, shapes: Sequence[tuple[int, ...]]) -> bytes:
    """Compile a model for inputs of fixed shapes. Needs TensorFlow, as Keras' backend.

    Args:
        model: A `keras.Model`.
        shapes: Of its inputs, the batch included.
    """
    import keras
    import tensorflow as tf

    with quiet_native_logs(), tempfile.TemporaryDirectory() as folder:
        signature = [keras.InputSpec(shape=shape, dtype="float32") for shape in shapes]
        signature = [signature] if len(signature) > 1 else signature
        model.export(folder, format="tf_saved_model", verbose=False, input_signature=signature)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
        return bytes(converter.convert())


def write(model: Any, shapes: Sequence[tuple[int, ...]], out: Path) -> Path:
    """Compile a model, as `compiled` does, into a file; the file.

    Raises:
        DataError: It can't be written.
    """
    data = compiled(model, shapes)
    with files.whole(out) as partial:
        partial.write_bytes(data)
    return out
