"""One face seen twice: all of it and its surroundings, and its inner part from nearer.

A face in a web clip is about 120 px wide, so a crop with surroundings has some 230 px. Shrunk to what the network
reads in a few milliseconds it loses the finest traces, and a crop that keeps them loses the seam, the hair and the jaw.
Both are shown to the same network, one after the other, and the mean of the two logits is the score. The views lie
inside the compiled network: whoever scores hands over one crop.
"""

from __future__ import annotations

from typing import Any

from catchlight.detector.models.last_layer import reader

MULTIPLE = 16  # sides are multiples of the heatmap's stride


def wide_side(side: int, near: float) -> int:
    """Side of the one crop from which both views are taken.

    Args:
        side: What the network reads, in pixels.
        near: Side of the near view as a share of the crop's, 0.4 to 1.

    Example:
        >>> wide_side(160, 0.7)
        224
    """
    return round(side / near / MULTIPLE) * MULTIPLE


def two_views(model: Any, near: float) -> Any:
    """Wrap a trained network so that it sees each crop twice.

    Args:
        model: A `keras.Model` from RGB 0..255, shape (n, side, side, 3), to ``score`` and perhaps ``heatmap``; trained
            with close-ups (`datasets.batches.draw_jitter`).
        near: Side of the near view as a share of the crop's; the crop is so large that the near view keeps its pixels.

    Returns:
        A `keras.Model` from crops of `wide_side` pixels to the same outputs: the mean of both logits as a
        probability, and the heatmap of the whole crop.
    """
    import keras
    from keras import layers

    side = int(model.input_shape[1])
    large = wide_side(side, near)
    margin = (large - side) // 2
    judge, read = model.get_layer("score"), reader(model)
    inputs = keras.Input((large, large, 3), name="image")
    whole = read(layers.Resizing(side, side, interpolation="bilinear")(inputs), training=False)
    close = read(layers.Cropping2D(((margin, large - side - margin),) * 2)(inputs), training=False)
    # The last layer is linear before its sigmoid, so the score of mean features is the mean of the logits.
    seen = {"score": judge(layers.Average()([whole["features"], close["features"]]))}
    if "heatmap" in whole:
        seen["heatmap"] = layers.Identity(name="heatmap")(whole["heatmap"])
    return keras.Model(inputs, seen, name=f"{model.name}_views")
