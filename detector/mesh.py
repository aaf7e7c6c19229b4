"""478 landmarks of a face that is known to be there: MediaPipe's attention mesh, run by LiteRT.

Source: Grishchenko et al., "Attention Mesh: High-fidelity Face Mesh Prediction in Real-time", CVPRW 2020. MediaPipe's
own graph takes three times as long around the same network. LiteRT alone can't run the model, because it looks at
lips and eyes a second time through operations of MediaPipe's: it cuts a turned patch out of the network's features.
So the model is parted there into a trunk and its heads, and the patches are cut here. The landmarks agree with
MediaPipe's to 0.02 pixels of the network's input.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector.face_models import MESH, Floats, Runner
from catchlight.detector.types import Box, Pixels, Points

INPUT = 192  # px of the network's input
FEATURES = 48  # px of the features of which patches are cut
PATCH = 16  # px of a patch; the heads count in quarters of them
REACH = 1.5  # side of the square that the network sees, in units of the face, as in MediaPipe
PATCHES_BY, MATRICES_BY, MOVED_BY = (
    b"TransformTensorBilinear",
    b"Landmarks2TransformMatrix",
    b"TransformLandmarks",
)


class Glance(NamedTuple):
    """One face as the network saw it.

    ``landmarks`` are in pixels of the picture, ``image`` is what the network saw, RGB uint8 of shape
    (192, 192, 3), and ``inner`` the landmarks in its pixels.
    """

    landmarks: Points
    image: Pixels
    inner: Points


class Affine(NamedTuple):
    """A map of points: ``turn`` (2, 2), then ``shift`` (2,)."""

    turn: NDArray[np.float64]
    shift: NDArray[np.float64]

    def of(self, points: NDArray[Any]) -> NDArray[np.float64]:
        """The points where the map brings them, float64, shape (n, 2)."""
        return np.asarray(points @ self.turn.T + self.shift, np.float64)


@dataclass(frozen=True, slots=True)
class Patch:
    """Which part of the face a head looks at again: the landmarks around it, and the two that level it."""

    points: tuple[int, ...]
    right: int
    left: int
    scale: tuple[float, float]


class Mesh:
    """Places landmarks on a face near a known place. Not for use by two threads at once.

    Example:
        >>> glance = Mesh().see(image, face.landmarks)                              # doctest: +SKIP
    """

    def __init__(self) -> None:
        self._patches, trunk, heads = _parts()
        self._trunk, self._heads = Runner(trunk), Runner(heads)

    def see(self, image: Pixels, near: Points) -> Glance | None:
        """The landmarks of the face that is near to where it was.

        Args:
            image: RGB uint8, shape (height, width, 3).
            near: Its landmarks a moment ago, float32, shape (478, 2), pixels of ``image``.

        Returns:
            None where there is no face any more.
        """
        across = near[lm.LEFT_EYE_CORNERS[1]] - near[lm.RIGHT_EYE_CORNERS[0]]
        return self.look(image, lm.bounds(near), float(np.arctan2(across[1], across[0])))

    def look(self, image: Pixels, box: Box, angle: float) -> Glance | None:
        """The landmarks of the face at a place, such as where a detector saw one.

        Args:
            image: As of `see`.
            box: Where it may be, pixels of ``image``.
            angle: Of the line through its eyes, radians.

        Returns:
            None where there is no face.
        """
        small, to_picture = _cut(image, box, angle)
        mesh, there, features = self._trunk.run(
            np.multiply(small[None], np.float32(1 / 255), dtype=np.float32)
        )
        if there.item() < 0:
            return None
        inner = np.empty((lm.COUNT, 2))
        inner[:468] = mesh.reshape(468, 3)[:, :2]
        self._refine(inner, features[0])
        return Glance(to_picture.of(inner).astype(np.float32), small, inner.astype(np.float32))

    def _refine(self, inner: NDArray[np.float64], features: Floats) -> None:
        """Lips, eyes and irises by the heads, in place."""
        maps = [_levelled(inner[:468], patch) for patch in self._patches]
        lips, right, right_iris, left, left_iris = self._heads.run(*_patches_of(features, maps))
        parts = ((lips, 0), (right, 1), (right_iris, 1), (left, 2), (left_iris, 2))
        names = [patch.points for patch in self._patches]
        into = (names[0], names[1], lm.RIGHT_IRIS, names[2], lm.LEFT_IRIS)
        for (found, number), points in zip(parts, into, strict=True):
            turn, shift = maps[number]
            # The heads count in quarters of a patch's pixels, and four pixels of the input are one of the features.
            inner[list(points)] = found[0] @ turn.T + 4 * shift


@cache
def _parts() -> tuple[tuple[Patch, ...], bytes, bytes]:
    """The patches, the trunk and the heads; parted once, though each thread that looks has a mesh of its own."""
    model = _model()
    operators = model.subgraphs[0].operators
    named = {
        name: [op for op in operators if model.operatorCodes[op.opcodeIndex].customCode == name]
        for name in (PATCHES_BY, MATRICES_BY, MOVED_BY)
    }
    tensors = {tensor.name: at for at, tensor in enumerate(model.subgraphs[0].tensors)}
    face = [tensors[b"output_mesh_identity"], tensors[b"conv_faceflag"]]
    features = int(named[PATCHES_BY][0].inputs[0])
    trunk = _part(model, operators, [tensors[b"input_1"]], [*face, features])
    cut = [int(op.outputs[0]) for op in named[PATCHES_BY]]
    heads = _part(model, operators, cut, [int(op.inputs[0]) for op in named[MOVED_BY]])
    return tuple(_patch(op) for op in named[MATRICES_BY]), trunk, heads


def _part(model: Any, operators: Sequence[Any], inputs: Sequence[int], outputs: Sequence[int]) -> bytes:
    """The part of a model between some of its tensors, as a TFLite file."""
    import flatbuffers

    graph = model.subgraphs[0]
    graph.operators = _between(operators, inputs, outputs)
    graph.inputs, graph.outputs = np.array(inputs, np.int32), np.array(outputs, np.int32)
    model.signatureDefs = None
    builder = flatbuffers.Builder(1 << 20)
    with _needed_alone(model):
        builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


@contextmanager
def _needed_alone(model: Any) -> Iterator[None]:
    """Weights that a part does not use are left out of it meanwhile: they would be held for nothing."""
    graph = model.subgraphs[0]
    used = {graph.tensors[int(at)].buffer for op in graph.operators for at in op.inputs if at >= 0}
    kept = [buffer.data for buffer in model.buffers]
    for at, buffer in enumerate(model.buffers):
        buffer.data = kept[at] if at in used else None
    try:
        yield
    finally:
        for buffer, data in zip(model.buffers, kept, strict=True):
            buffer.data = data


def _model() -> Any:
    """The model as objects."""
    from ai_edge_litert import schema_py_generated as schema

    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(MESH.path().read_bytes(), 0))


def _patch(operator: Any) -> Patch:
    from flatbuffers import flexbuffers

    options = flexbuffers.Loads(bytes(operator.customOptions))
    scale = (float(options["scale_x"]), float(options["scale_y"]))
    return Patch(
        tuple(options["subset_idxs"]), options["left_rotation_idx"], options["right_rotation_idx"], scale
    )


def _between(operators: Sequence[Any], inputs: Sequence[int], outputs: Sequence[int]) -> list[Any]:
    """The operators that make some tensors of others, in their order."""
    made_by = {int(tensor): at for at, op in enumerate(operators) for tensor in op.outputs}
    needed: set[int] = set()
    waiting = list(outputs)
    while waiting:
        at = made_by.get(waiting.pop())
        if at is not None and at not in needed:
            needed.add(at)
            waiting += [int(tensor) for tensor in operators[at].inputs if int(tensor) not in inputs]
    return [operators[at] for at in sorted(needed)]


def _cut(image: Pixels, box: Box, angle: float) -> tuple[Pixels, Affine]:
    """The square around a face, eyes level, as the network wants it, and the map back to the picture."""
    middle = np.array([box.x + box.width / 2, box.y + box.height / 2], np.float64)
    scale = max(box.width, box.height, 1.0) * REACH / INPUT
    turn = _turned(angle) * scale
    back = Affine(turn, middle - turn @ np.array([INPUT / 2, INPUT / 2]))
    part, shrunk = _shrunk(image, middle, scale)
    affine = np.hstack([shrunk.turn @ turn, shrunk.of(back.shift[None]).T])
    small = cv2.warpAffine(
        part,
        affine,
        (INPUT, INPUT),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(small, np.uint8), back


def _shrunk(image: Pixels, middle: NDArray[np.float64], scale: float) -> tuple[Pixels, Affine]:
    """What is around the face, and the map to it; reduced by area averaging where a warp would jump over pixels."""
    whole = max(1, int(scale))
    reach = scale * INPUT * 0.75  # half the diagonal of the square, and a little
    height, width = image.shape[:2]
    left, top = (
        int(np.clip(value - reach, 0, side - 1)) for value, side in zip(middle, (width, height), strict=True)
    )
    right, bottom = (
        int(np.clip(value + reach, low + 1, side))
        for value, low, side in zip(middle, (left, top), (width, height), strict=True)
    )
    part = image[top:bottom, left:right]
    size = (max(1, part.shape[1] // whole), max(1, part.shape[0] // whole))
    part = part[: max(1, size[1] * whole), : max(1, size[0] * whole)]
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA) if whole > 1 else part
    ratio = 1 / whole
    # Pixel centres: (x) of the picture is (x - left + .5) * ratio - .5 of the small one.
    shift = (0.5 - np.array([left, top])) * ratio - 0.5
    return np.asarray(small, np.uint8), Affine(np.eye(2) * ratio, shift)


def _turned(angle: float) -> NDArray[np.float64]:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _levelled(points: NDArray[np.float64], patch: Patch) -> Affine:
    """The map from a patch's pixels to those of the features."""
    seen = points[list(patch.points)] * (FEATURES / INPUT)
    across = points[patch.left] - points[patch.right]
    turn = _turned(float(np.arctan2(across[1], across[0])))
    middle = (seen.min(axis=0) + seen.max(axis=0)) / 2
    level = (seen - middle) @ turn
    low, high = level.min(axis=0), level.max(axis=0)
    scaled = turn * ((high - low) * patch.scale / PATCH)
    centre = middle + turn @ ((low + high) / 2)
    return Affine(scaled, centre - scaled @ np.array([PATCH / 2, PATCH / 2]))


def _patches_of(features: Floats, maps: Sequence[Affine]) -> list[Floats]:
    """The patches, each of shape (1, 16, 16, channels), by bilinear reading at the middles of pixels."""
    grid = _grid()
    places = (np.concatenate([one.of(grid) for one in maps]) - 0.5).clip(0, FEATURES - 1.001)
    low = places.astype(np.intp)
    across, down = (places - low).astype(np.float32).T[..., None]
    flat = features.reshape(FEATURES * FEATURES, -1)
    corner = low[:, 1] * FEATURES + low[:, 0]
    above, below = (
        flat[start] + (flat[start + 1] - flat[start]) * across for start in (corner, corner + FEATURES)
    )
    return [part.reshape(1, PATCH, PATCH, -1) for part in np.split(above + (below - above) * down, len(maps))]


@cache
def _grid() -> NDArray[np.float64]:
    """The middles of a patch's pixels, shape (256, 2), row by row."""
    y, x = np.mgrid[0:PATCH, 0:PATCH].reshape(2, -1) + 0.5
    return np.stack([x, y], axis=1)
