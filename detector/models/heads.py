"""The two heads that stand on a backbone: one says how fake a face is, the other where.

The score reads three things: what the whole network sees, the texture half way up (stride 16), and the strongest
evidence anywhere on the map, because a forged mouth is a small part of a face. The second head learns the forged
region (LAA-Net, Nguyen et al., CVPR 2024, found that it also makes the score generalise).
"""

from __future__ import annotations

from typing import Any

# keras.applications sets 0.999, which lags so far behind that validation means nothing for the first
# thousands of steps.
BATCH_NORM_MOMENTUM = 0.98


def both(middle: Any, seen: Any) -> dict[str, Any]:
    """Put the heads on a backbone.

    Args:
        middle: Its features at stride 16, a Keras tensor of shape (n, side / 16, side / 16, channels).
        seen: Its last features, likewise at stride 32.

    Returns:
        ``score`` (n, 1), the probability of fake, and ``heatmap`` (n, side / 16, side / 16, 1), 0 to 1.
    """
    from keras import layers

    evidence = layers.Conv2D(64, 1, activation="relu", name="evidence")(middle)
    heatmap = layers.Conv2D(1, 1, activation="sigmoid", dtype="float32", name="heatmap")(evidence)
    pooled = [
        layers.GlobalAveragePooling2D()(seen),
        layers.GlobalAveragePooling2D()(middle),
        layers.GlobalMaxPooling2D()(evidence),
    ]
    features = layers.Dropout(0.3)(layers.Concatenate()(pooled))
    score = layers.Dense(1, activation="sigmoid", dtype="float32", name="score")(features)
    return {"score": score, "heatmap": heatmap}
