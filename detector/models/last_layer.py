"""The last layer, fitted anew on balanced examples after training.

A network learns features of more than what it was asked for, and its last layer weighs them by how often they helped in
training, shortcuts included: most fakes of training were soft, so softness counts as fake. The features are kept and
only the weights of the last layer are fitted again, by logistic regression, on examples where every family weighs the
same and real pictures come soft and sharp too ("Last layer re-training is sufficient for robustness to spurious
correlations", Kirichenko, Izmailov & Wilson, ICLR 2023). It takes minutes where training takes hours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.errors import TrainingError
from catchlight.detector.types import Pixels

STEPS = 300  # of the solver at most; it ends far earlier


@dataclass(frozen=True, slots=True)
class LastLayerConfig:
    """How the last layer is fitted anew; every default is commented."""

    strength: float = (
        0.0  # inverse of the L2 penalty, 0.001 to 0.01 is usual; 0 leaves the layer as it was trained
    )
    batches: int = 100  # batches of forged pairs as drawn, and as many made equally sharp
    stills: float = 0.15  # share of the stored photographs that are shown; of videos all frames are
    # Real faces of each collection by which the surroundings' sharpness is discounted (`surroundings`); 0 does not.
    surroundings: int = 0


@dataclass(frozen=True, slots=True)
class Examples:
    """Some crops of one group; all groups weigh the same, and so do real and fake in each.

    Attributes:
        group: Name of the group, such as ``self_blend``.
        images: uint8, shape (n, side, side, 3).
        labels: 0 or 1, shape (n,).
        weights: Greater than 0, shape (n,); how much each counts within its group.
    """

    group: str
    images: Pixels
    labels: NDArray[np.int64]
    weights: NDArray[np.float64]


def refit(model: Any, examples: Iterable[Examples], strength: float, seed: int = 0) -> None:
    """Fit the weights of the layer ``score`` anew, in place.

    Args:
        model: A `keras.Model` from `zoo.builder`, trained.
        examples: What it is fitted on; held in memory as features only.
        strength: Inverse of the L2 penalty on standardised features, over 0.
        seed: Of the solver.

    Raises:
        TrainingError: If real or fake examples are missing, or a feature is not finite.
    """
    from sklearn.linear_model import LogisticRegression

    layer, read = model.get_layer("score"), reader(model)
    parts = [
        (part.group, np.asarray(read.predict_on_batch(part.images)["features"], np.float32), part)
        for part in examples
    ]
    if not parts:
        raise TrainingError("the last layer has nothing to be fitted on; expected examples, received none")
    features = np.concatenate([found for _, found, _ in parts])
    labels = np.concatenate([part.labels for *_, part in parts])
    groups = np.concatenate([np.full(len(part.labels), group) for group, _, part in parts])
    weights = balanced(groups, labels, np.concatenate([part.weights for *_, part in parts]))
    if len(np.unique(labels)) < 2 or not np.isfinite(features).all():
        raise TrainingError(
            f"the last layer needs real and fake examples with finite features, received labels "
            f"{np.unique(labels).tolist()}; look at the run's log for a loss that is not finite"
        )
    middle, spread = features.mean(0), features.std(0) + 1e-3
    solver = LogisticRegression(C=strength, max_iter=STEPS, random_state=seed)
    solver.fit((features - middle) / spread, labels, sample_weight=weights * len(weights))
    kernel = solver.coef_[0] / spread
    layer.set_weights([kernel[:, None].astype(np.float32), solver.intercept_ - np.float32(kernel @ middle)])


def reader(model: Any) -> Any:
    """A trained network up to its last layer.

    Args:
        model: A `keras.Model` with the layer ``score`` and perhaps ``heatmap``.

    Returns:
        A `keras.Model` with the same input, to what the last layer reads (``features``) and perhaps ``heatmap``.
    """
    import keras

    outputs = {"features": model.get_layer("score").input}
    if "heatmap" in model.output_names:
        outputs["heatmap"] = model.get_layer("heatmap").output
    return keras.Model(model.input, outputs)


def balanced(
    groups: NDArray[np.str_], labels: NDArray[np.int64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Weights by which every group counts the same, and real and fake in it; they sum to 1.

    Example:
        >>> balanced(np.array(["a", "a", "a", "b"]), np.array([0, 0, 1, 1]), np.ones(4)).tolist()
        [0.125, 0.125, 0.25, 0.5]
    """
    made = np.zeros(len(labels))
    names = np.unique(groups)
    for name in names:
        here = groups == name
        for label in (found := np.unique(labels[here])):
            chosen = here & (labels == label)
            made[chosen] = weights[chosen] / weights[chosen].sum() / len(found) / len(names)
    return made
