"""A drawn face into a picture: colours, sharpness and seam matched to what is around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from catchlight.datasets import degrade
from catchlight.detector.types import Pixels
from catchlight.generator.hardness import Dial
from catchlight.generator.methods.self_blend import blend
from catchlight.generator.post import colour
from catchlight.generator.post.edges import feather, grow
from catchlight.generator.swap.conditions import face_mask, uncovered
from catchlight.generator.swap.drawer import Drawn
from catchlight.generator.types import Forgery, Mask, Portrait
from catchlight.generator.warp import Affine

FINE = 1.2  # px; what a Gaussian of this width takes away is fine detail
MOST = 2.0  # strongest unsharp mask: beyond it rings show
MATCHES = {"mean": colour.mean, **colour.MATCHES}
MARGIN = 6  # px around the drawn face that are worked on

INSETS, FEATHERS = (0.0, 0.06), (0.02, 0.14)  # ranges of a finish, in units of the drawn side


@dataclass(frozen=True, slots=True)
class Finish:
    """How a drawn face is joined to its surroundings."""

    inset: float = 0.03  # how far the mask stays inside the face, in units of the drawn side
    feather: float = 0.07  # width of its soft edge, likewise
    colours: str = "mean"  # a name of `MATCHES`, or none to keep those that the network drew
    sharpness: float = 1.0  # share of the way to the sharpness of the surroundings
    strength: float = 1.0  # of the mask


def drawn_finish(rng: np.random.Generator, dial: Dial, colours: str, strengths: Sequence[float]) -> Finish:
    """Draw a finish, as tools differ; the dial's easy end has hard seams, soft faces and the drawn colours.

    Args:
        rng: Where it is drawn from.
        dial: How hard to see.
        colours: As of `Finish`.
        strengths: One of which is drawn.
    """
    return Finish(
        inset=float(rng.uniform(*INSETS)),
        feather=dial.uniform(rng, *FEATHERS, hard="high"),
        colours="none" if dial.fixed(1.0, easy=0.0, hard=1.0) < 0.3 else colours,
        sharpness=dial.uniform(rng, 0.0, 1.0, hard="high"),
        strength=dial.choice(rng, strengths),
    )


def paste(image: Pixels, drawn: Drawn, target: Portrait, by: Affine, finish: Finish = Finish()) -> Forgery:
    """Put a drawn face into the picture that its target was cut from.

    Args:
        image: RGB uint8, shape (height, width, 3).
        drawn: What the network made of ``target``.
        target: The target as `frame.cut_by` cut it from ``image``.
        by: The map by which it was cut.
        finish: How.

    Returns:
        The picture and its mask, of the shape of ``image``; where the mask is 0 nothing changed.
    """
    mask = soft_mask(drawn, target, finish)
    # At the drawn size first: what a network of this size leaves soft is coarser than the picture's finest detail.
    made = sharpened(matched(drawn, target, finish), target.image, mask, finish.sharpness)
    x, y, width, height = reached(by, len(mask), image.shape)
    out, whole = image.copy(), np.zeros(image.shape[:2], np.float32)
    if width <= 0 or height <= 0:
        return Forgery(out, whole)
    # Smooth values from the mask's edge to the frame's: nothing of the frame's border may come through.
    back = np.asarray(cv2.invertAffineTransform(by), np.float64)
    back[:, 2] -= (x, y)
    part, size = out[y : y + height, x : x + width], (width, height)
    inner = cv2.warpAffine(made, back, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    seen = np.clip(np.asarray(cv2.warpAffine(mask, back, size), np.float32), 0, 1)
    inner = sharpened(np.asarray(inner, np.uint8), part, seen, finish.sharpness)
    part[:] = blend(part, inner, seen)
    whole[y : y + height, x : x + width] = seen
    return Forgery(out, whole)


def matched(drawn: Drawn, target: Portrait, finish: Finish) -> Pixels:
    """The drawn face in the target's colours; RGB uint8."""
    if finish.colours == "none":
        return drawn.image
    core = grow(face_mask(target.landmarks, len(drawn.mask)), -0.06 * len(drawn.mask))
    return MATCHES[finish.colours](drawn.image, target.image, core * uncovered(target))


def soft_mask(drawn: Drawn, target: Portrait, finish: Finish) -> Mask:
    """Where the drawn face replaces the target: the network's mask within the landmarks' oval and out of hair."""
    side = len(drawn.mask)
    inside = grow(np.minimum(drawn.mask, uncovered(target)), -finish.inset * side)
    # The frame's own rim stays free, or a face at the border of the picture would end in a hard line.
    inside[[0, -1]] = inside[:, [0, -1]] = 0
    if not inside.any():
        return inside
    return np.asarray(feather(inside, 2 * round(finish.feather * side) + 1) * finish.strength, np.float32)


def sharpened(image: Pixels, like: Pixels, mask: Mask, amount: float) -> Pixels:
    """``image`` as sharp as ``like`` is under the mask: sharpened or softened, ``amount`` 0 to 1 of the way.

    Args:
        image: RGB uint8.
        like: RGB uint8 of the same shape.
        mask: float32, 0 to 1.
        amount: 0 leaves it as it is.
    """
    core = mask > 0.5
    if amount <= 0 or core.sum() < 64:
        return image
    have, want = (_detail(picture, core) for picture in (image, like))
    ratio = want / max(have, 1e-3)
    if ratio > 1:
        return degrade.sharpen(image, amount * min(ratio - 1, MOST), FINE)
    soft = cv2.GaussianBlur(image, (0, 0), FINE)
    return np.asarray(
        cv2.addWeighted(image, 1 - amount * (1 - ratio), soft, amount * (1 - ratio), 0), np.uint8
    )


def reached(by: Affine, side: int, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """The part of a picture that a frame covers: left, top, width and height in pixels."""
    back = cv2.invertAffineTransform(by)
    corners = np.array([[0, 0, 1], [side, 0, 1], [side, side, 1], [0, side, 1]]) @ back.T
    low = np.clip(np.floor(corners.min(axis=0)) - MARGIN, 0, (shape[1], shape[0])).astype(int)
    high = np.clip(np.ceil(corners.max(axis=0)) + MARGIN, 0, (shape[1], shape[0])).astype(int)
    return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])


def _detail(image: Pixels, core: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> float:
    """Standard deviation of a picture's fine detail under a mask, grey levels."""
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return float((luma - cv2.GaussianBlur(luma, (0, 0), FINE))[core].std())
