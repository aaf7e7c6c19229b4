"""A trained Keras network -> the compiled networks of a bundle: float (half-precision weights) and int8.

Needs TensorFlow, whatever backend trained the network; scoring needs neither (see `runtime`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.quiet import quiet_native_logs
from catchlight.detector.types import Pixels

CALIBRATION_IMAGES = 300  # crops by which the ranges of int8 activations are set


def to_tflite(model: Any, representative: Pixels | None = None) -> dict[str, bytes]:
    """Compile a network.

    Args:
        model: A `keras.Model` from RGB 0..255 to ``score`` and perhaps ``heatmap``.
        representative: Crops as the network will see them, uint8, shape (n, side, side, 3); they set the ranges of
            the int8 activations. None leaves out that form.

    Returns:
        ``float`` and ``int8``: the files' bytes. Input and outputs are float32 in both.
    """
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "saved"
        model.export(str(saved), format="tf_saved_model", verbose=False)
        ranges = {"float": None} if representative is None else {"float": None, "int8": representative}
        return {form: _convert(saved, images) for form, images in ranges.items()}


def _convert(saved: Path, representative: Pixels | None) -> bytes:
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_saved_model(str(saved))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if representative is None:
        converter.target_spec.supported_types = [tf.float16]
    else:
        step = max(1, len(representative) // CALIBRATION_IMAGES)
        converter.representative_dataset = lambda: _samples(representative[::step])
    with quiet_native_logs():
        return bytes(converter.convert())


def _samples(images: Pixels) -> Iterator[list[NDArray[np.float32]]]:
    for image in images[:CALIBRATION_IMAGES]:
        yield [image[None].astype(np.float32)]
