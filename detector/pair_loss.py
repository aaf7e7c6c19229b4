"""A loss for pairs: the forged one above its own real picture, and all real pictures at one level.

Cross-entropy wants a clear real picture as far below zero as a clear forgery is above it, and one that is too degraded
to tell at zero. A network then learns how well it could see as much as what it saw: a forgery of a kind that it does
not know, in a clear picture, falls below real people in bad ones. Here the real pictures are the level from which a
score is measured, whatever their quality, and a score rises by evidence of forgery alone. The ranking is RankNet's
(Burges et al., "Learning to rank using gradient descent", ICML 2005); that real pictures alone define what is normal
is the idea of one-class losses (Ruff et al., "Deep semi-supervised anomaly detection", ICLR 2020).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

EPSILON = 1e-6  # probabilities nearer to 0 or 1 than this have no logit in float32


def anchored(weight: float) -> Callable[[Any, Any], Any]:
    """The loss of one batch of pairs, neighbours in it.

    Args:
        weight: Of the squared logits of real pictures, over 0; about 0.25.

    Returns:
        A function of labels (2 n, 1), 0 and 1 in each pair (or 0 twice, of two real pictures, which have no rank),
        and probabilities (2 n, 1), for `keras.Model.compile`; its value is a scalar.

    Example:
        >>> import numpy as np
        >>> pairs = np.array([[0.0], [1.0]])
        >>> loss = anchored(0.25)
        >>> bool(loss(pairs, np.array([[0.5], [0.9]])) < loss(pairs, np.array([[0.1], [0.5]])))
        True
    """
    from keras import ops

    def loss(labels: Any, probabilities: Any) -> Any:
        clipped = ops.clip(ops.cast(probabilities, "float32"), EPSILON, 1 - EPSILON)
        logits = ops.reshape(ops.log(clipped) - ops.log1p(-clipped), (-1, 2))
        fake = ops.reshape(ops.cast(labels, "float32"), (-1, 2))
        forged = ops.max(fake, axis=1)
        rise = ops.sum(logits * (2 * fake - 1), axis=1)
        ranks = ops.sum(forged * ops.softplus(-rise)) / (ops.sum(forged) + EPSILON)
        level = ops.sum(ops.square(logits) * (1 - fake)) / (ops.sum(1 - fake) + EPSILON)
        return ranks + weight * level

    return loss
