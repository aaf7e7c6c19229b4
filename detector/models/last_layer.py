"""The last layer, fitted anew on balanced examples after training.

A network learns features of more than what it was asked for, and its last layer weighs them by how often they helped in
training, shortcuts included: most fakes of training were soft, so softness counts as fake. The features are kept and
only the weights of the last layer are fitted again, by logistic regression, on examples where every family weighs the
same and real pictures come soft and sharp too ("Last layer re-training is sufficient for robustness to spurious
correlations", Kirichenko, Izmailov & Wilson, ICLR 2023). It takes minutes where training takes hours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.errors import TrainingError
from catchlight.detector.models.indifference import Varied, basis, directions
from catchlight.detector.types import Pixels

AT_ONCE = 64  # crops that a network looks at together, at least; examples come by twos and fours
STEPS = 2000  # of the solver at most; it ends earlier


@dataclass(frozen=True, slots=True)
class LastLayerConfig:
    """How the last layer is fitted anew; every default is commented."""

    strength: float = (
        0.0  # inverse of the L2 penalty, 0.001 to 0.01 is usual; 0 leaves the layer as it was trained
    )
    batches: int = 100  # batches of forged pairs as drawn, and as many made equally sharp
    stills: float = 0.15  # share of the stored photographs that are shown; of videos all frames are
    # Whether copies of real photographs by enlarging networks are shown, as real ones; the store must hold them.
    enhanced: bool = False
    # Whether stored faces are also shown as websites show them (smaller, in WebP), mostly real ones.
    websites: bool = False
    texture: bool = False  # whether it reads the texture that early layers see as well (`texture`)
    chroma: bool = False  # whether it reads the energy of fine chroma as well (`chroma`)
    # What it must not go by, such as "skin tone" and "dark" (`generator.indifferent.NAMES`).
    indifferent: tuple[str, ...] = ()
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
        methods: The forgery method of each, empty for a real one, shape (n,); None where nobody needs to know.
    """

    group: str
    images: Pixels
    labels: NDArray[np.int64]
    weights: NDArray[np.float64]
    methods: NDArray[np.str_] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the last layer reads of examples.

    Attributes:
        features: float32, shape (n, features).
        labels: 0 or 1, shape (n,).
        groups: As of `Examples`, shape (n,); likewise ``weights`` and ``methods``.
    """

    features: NDArray[np.float32]
    labels: NDArray[np.int64]
    groups: NDArray[np.str_]
    weights: NDArray[np.float64]
    methods: NDArray[np.str_]

    def only(self, chosen: NDArray[np.bool_]) -> Reading:
        """Some of them."""
        return Reading(*(getattr(self, field)[chosen] for field in self.__slots__))


def refit(
    model: Any,
    examples: Iterable[Examples],
    strength: float,
    seed: int = 0,
    indifferent: Iterable[Varied] | None = None,
) -> None:
    """Fit the weights of the layer ``score`` anew, in place.

    Args:
        model: A `keras.Model` from `zoo.builder`, trained.
        examples: What it is fitted on; held in memory as features only.
        strength: Inverse of the L2 penalty on standardised features, over 0.
        seed: Of the solver.
        indifferent: Real faces that differ by what it must not go by; None where there is no such thing.

    Raises:
        TrainingError: If real or fake examples are missing, a feature is not finite, or there are too few real faces
            that differ.
    """
    ignored = ignored_by(model, indifferent)
    model.get_layer("score").set_weights(fitted(read_all(model, examples), strength, seed, ignored))


def ignored_by(model: Any, indifferent: Iterable[Varied] | None) -> NDArray[np.float64] | None:
    """Directions of what the last layer reads that it must not go by; arguments and errors as `refit`."""
    return None if indifferent is None else directions(_eyes(model), indifferent)


def read_all(model: Any, examples: Iterable[Examples]) -> Reading:
    """Let a network look at examples; only what its last layer reads of them is kept.

    Raises:
        TrainingError: If there are none.
    """
    read = _eyes(model)
    shown, features, waiting = list[Examples](), list[NDArray[np.float32]](), list[Examples]()
    for part in examples:
        shown.append(replace(part, images=part.images[:0]))
        waiting.append(part)
        if sum(len(each.labels) for each in waiting) >= AT_ONCE:
            features.append(_read(read, waiting))
            waiting = []
    if not shown:
        raise TrainingError("the last layer has nothing to be fitted on; expected examples, received none")
    if waiting:
        features.append(_read(read, waiting))
    blank = [np.full(len(part.labels), "") if part.methods is None else part.methods for part in shown]
    return Reading(
        np.concatenate(features),
        np.concatenate([part.labels for part in shown]),
        np.concatenate([np.full(len(part.labels), part.group) for part in shown]),
        np.concatenate([part.weights for part in shown]),
        np.concatenate(blank),
    )


def _eyes(model: Any) -> Callable[[Pixels], NDArray[np.float32]]:
    read = reader(model)
    return lambda images: np.asarray(read.predict_on_batch(images)["features"], np.float32)


def _read(read: Callable[[Pixels], NDArray[np.float32]], parts: list[Examples]) -> NDArray[np.float32]:
    return read(np.concatenate([part.images for part in parts]))


def fitted(
    shown: Reading, strength: float, seed: int = 0, ignored: NDArray[np.float64] | None = None
) -> list[NDArray[np.float32]]:
    """Kernel, shape (features, 1), and bias, shape (1,), of a last layer fitted on what it reads.

    Args:
        shown: What it reads of examples.
        strength: As of `refit`; likewise ``seed`` and the errors.
        seed: Of the solver.
        ignored: Directions of features that the kernel is orthogonal to, as of `indifference.directions`.
    """
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(shown.labels)) < 2 or not np.isfinite(shown.features).all():
        raise TrainingError(
            f"the last layer needs real and fake examples with finite features, received labels "
            f"{np.unique(shown.labels).tolist()}; look at the run's log for a loss that is not finite"
        )
    weights = balanced(shown.groups, shown.labels, shown.weights)
    middle, spread = shown.features.mean(0), shown.features.std(0) + 1e-3
    away = np.zeros((len(spread), 0)) if ignored is None else basis(ignored, spread)
    solver = LogisticRegression(C=strength, max_iter=STEPS, random_state=seed)
    seen = _without((shown.features - middle) / spread, away)
    solver.fit(seen, shown.labels, sample_weight=weights * len(weights))
    kernel = _without(solver.coef_, away)[0] / spread
    return [kernel[:, None].astype(np.float32), np.float32(solver.intercept_ - kernel @ middle)]


def _without(rows: NDArray[Any], away: NDArray[np.float64]) -> NDArray[Any]:
    """Rows less what of them lies in the span of the columns of ``away``, in their own precision."""
    if not away.size:
        return rows
    return np.asarray(rows - (rows @ away.astype(rows.dtype)) @ away.T.astype(rows.dtype))


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


def reading(model: Any, parts: Sequence[Any], name: str) -> Any:
    """Let the last layer read more.

    Args:
        model: A `keras.Model` with the layer ``score`` and perhaps ``heatmap``.
        parts: Tensors that follow from its input, each of shape (n, numbers).
        name: Of the layer that joins them with what ``score`` read before.

    Returns:
        A `keras.Model` with the same input, outputs and weights, whose layer ``score`` also reads ``parts``; its
        weights for them are 0, so that it says what it said. If it has a layer of this name already, itself.
    """
    import keras
    from keras import layers

    if any(layer.name == name for layer in model.layers):
        return model
    seen = reader(model).output
    judge = layers.Dense(1, activation="sigmoid", dtype="float32", name="score")
    outputs = {"score": judge(layers.Concatenate(name=name)([seen["features"], *parts]))}
    if "heatmap" in seen:
        outputs["heatmap"] = seen["heatmap"]
    kernel, bias = model.get_layer("score").get_weights()
    added = np.zeros((judge.kernel.shape[0] - len(kernel), 1), np.float32)
    judge.set_weights([np.concatenate([kernel, added]), bias])
    return keras.Model(model.input, outputs, name=model.name)


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
