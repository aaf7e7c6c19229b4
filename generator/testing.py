"""The contract of a forgery method, ours or a stranger's, to be run from any test framework or none.

    from catchlight.generator.testing import check_method
    check_method("mine:create")              # raises ContractError that names the broken rule

The rules, at 64, 160 and 256 px, with a source and without: the same key gives the same pixels; if anything is
drawn, another key gives others; no randomness but the given generator's is touched; the portraits are left as
they were; the picture is uint8 of the target's shape; the mask is float32 of its height and width, 0 to 1; and
where the mask is 0 the forgery equals the target to the bit, or its own altered copy of the target
(`Forgery.real`), which may differ from the target in light, colour and sharpness, but not in content.

The portraits are drawn here, so no photograph is needed. A method that can't do without a source says so by an
attribute ``needs_source = True``. One with an attribute ``family`` names itself by it in lower case; one whose factory
takes ``hardness`` takes all from 0 to 1, and None, and keeps the rules at each.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector.errors import ContractError
from catchlight.detector.types import Pixels, Points
from catchlight.generator import registry
from catchlight.generator.types import Forgery, Mask, Method, Portrait, key

SIDES = (64, 160, 256)
KEYS = ("a", "b", "c")  # samples forged at each side
HARDNESSES = (0.0, 0.5, 1.0)  # positions of the dial that are tried, at the smallest side
STRAY = 24.0  # grey levels by which a smoothed pixel outside the mask may differ, see `_strays`
SHARE = 0.03  # of the pixels outside the mask that may differ more

# Landmarks -> centre (x, y) and radii of the ellipse that they lie on, in units of the side.
_PARTS: dict[tuple[int, ...], tuple[float, float, float, float]] = {
    lm.NOSE: (0.0, 0.04, 0.035, 0.06),
    lm.LIPS: (0.0, 0.17, 0.08, 0.035),
    lm.RIGHT_EYE: (-0.1, -0.06, 0.045, 0.018),
    lm.LEFT_EYE: (0.1, -0.06, 0.045, 0.018),
    lm.RIGHT_BROW: (-0.1, -0.12, 0.06, 0.012),
    lm.LEFT_BROW: (0.1, -0.12, 0.06, 0.012),
    lm.RIGHT_IRIS: (-0.1, -0.06, 0.016, 0.016),
    lm.LEFT_IRIS: (0.1, -0.06, 0.016, 0.016),
    lm.FACE_OVAL: (0.0, 0.0, 0.25, 0.33),
}
_FIXED = {33: (-0.145, -0.06), 133: (-0.055, -0.06), 362: (0.055, -0.06), 263: (0.145, -0.06),
          61: (-0.08, 0.17), 291: (0.08, 0.17), lm.NOSE_TIP: (0.0, 0.08)}  # fmt: skip


def check_method(method: str | Method | Callable[[], Method]) -> None:
    """Check a forgery method against the public contract.

    Args:
        method: A name for `catchlight.generator.registry.create`, the method itself, or its class. An option
            ``hardness`` is tried for a name and a class; a method that is already made has no such dial left.

    Raises:
        ContractError: A rule is broken; the message says which, and what was received.

    Example:
        >>> from catchlight.generator.methods.self_blend import SelfBlend
        >>> check_method(SelfBlend)
    """
    subject = _made(method)
    _check_family(subject)
    _check_rules(subject, SIDES)
    for hardness in HARDNESSES if _has_dial(method) else ():
        _check_rules(_made(method, hardness=hardness), SIDES[:1])


def _check_rules(subject: Method, sides: Sequence[int]) -> None:
    for side in sides:
        target, other = sample_portrait(side, 1), sample_portrait(side, 2)
        for source in (other,) if getattr(subject, "needs_source", False) else (None, other):
            _check_untouched(subject, target, source)
            for sample in KEYS:
                _check_forgery(subject(target, source, key(0, sample)), target)
            _check_repeatable(subject, target, source)
            _check_keys(subject, target, source)


def sample_portrait(side: int = 256, seed: int = 1) -> Portrait:
    """A drawn face with landmarks in their places, before a background with detail.

    Args:
        side: Height and width in pixels.
        seed: Of pose, colours, background and grain; another seed is another person.

    Returns:
        The portrait; the same for the same arguments.
    """
    rng = key(seed, "portrait")
    size, angle = rng.uniform(0.85, 1.05), rng.uniform(-0.15, 0.15)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * size
    points = (_landmarks() @ turn.T + 0.5 + rng.uniform(-0.04, 0.04, 2)) * side
    landmarks = points.astype(np.float32)
    return Portrait(_drawn(landmarks, side, rng), landmarks)


def _has_dial(method: str | Method | Callable[[], Method]) -> bool:
    if isinstance(method, str):
        return registry.takes(method, "hardness")
    return isinstance(method, type) and registry.accepts(method, "hardness")


def _made(method: str | Method | Callable[[], Method], **options: float) -> Method:
    if isinstance(method, str):
        return registry.create(method, **options)
    made: object = method(**options) if isinstance(method, type) else method
    if not callable(made):
        raise ContractError(
            f"a method must be called with (target, source, rng); received a {type(made).__name__}, "
            "which can't be called."
        )
    return cast(Method, made)  # what a call gives is checked below


def _check_family(method: Method) -> None:
    family = getattr(method, "family", "unnamed")
    if not (isinstance(family, str) and re.fullmatch(r"[a-z][a-z0-9_]*", family)):
        raise ContractError(
            "the attribute family must be a name in lower case, as 'face_swap', under which results are counted; "
            f"received {family!r}."
        )


def _check_repeatable(method: Method, target: Portrait, source: Portrait | None) -> None:
    state, ours = repr(np.random.get_state()), random.getstate()
    first, second = (method(target, source, key(0, KEYS[0])) for _ in range(2))
    if not (np.array_equal(first.image, second.image) and np.array_equal(first.mask, second.mask)):
        raise ContractError(
            "the same key must give the same pixels; two calls with equal generators differed. "
            "Draw everything from rng."
        )
    if repr(np.random.get_state()) != state or random.getstate() != ours:
        raise ContractError(
            "the global generators of numpy.random and random must not be used; draw from rng."
        )


def _check_keys(method: Method, target: Portrait, source: Portrait | None) -> None:
    rng = key(0, KEYS[0])
    fresh = repr(rng.bit_generator.state)
    first = method(target, source, rng)
    if repr(rng.bit_generator.state) == fresh:  # nothing drawn: the method is a function of its portraits
        return
    others = [method(target, source, key(0, sample)) for sample in KEYS[1:]]
    if all(np.array_equal(first.image, other.image) for other in others):
        raise ContractError(
            f"another key must give another picture; keys {', '.join(KEYS)} all gave the same."
        )


def _check_untouched(method: Method, target: Portrait, source: Portrait | None) -> None:
    arrays = [array for face in (target, source) if face for array in (face.image, face.landmarks)]
    before = [array.copy() for array in arrays]
    method(target, source, key(0, KEYS[0]))
    if not all(np.array_equal(old, new) for old, new in zip(before, arrays, strict=True)):
        raise ContractError("a method must leave its portraits as they were; work on a copy of their arrays.")


def _check_forgery(forgery: object, target: Portrait) -> None:
    if not isinstance(forgery, Forgery):
        raise ContractError(
            f"a method must return a Forgery(image, mask); received a {type(forgery).__name__}."
        )
    image, mask, expected = forgery.image, forgery.mask, target.image.shape
    if image.dtype != np.uint8 or image.shape != expected:
        raise ContractError(
            f"the image must be uint8 of shape {expected}; received {image.dtype} {image.shape}."
        )
    if mask.dtype != np.float32 or mask.shape != expected[:2]:
        raise ContractError(
            f"the mask must be float32 of shape {expected[:2]}; received {mask.dtype} {mask.shape}."
        )
    if not np.all((mask >= 0) & (mask <= 1)):
        raise ContractError(f"the mask must be from 0 to 1; received {mask.min()} to {mask.max()}.")
    if not mask.any():
        raise ContractError("the mask must not be empty: a forgery replaces something.")
    real = forgery.partner(target)
    if real.dtype != np.uint8 or real.shape != expected:
        raise ContractError(f"real must be uint8 of shape {expected}; received {real.dtype} {real.shape}.")
    if np.any((image != real)[mask == 0]):
        raise ContractError(
            "where the mask is 0 the forgery must equal the target, or Forgery.real where the method alters the "
            "surroundings too: whatever else tells the two apart, a detector would learn instead of the forgery."
        )
    strays = _strays(real, target.image, mask)
    if strays > SHARE:
        raise ContractError(
            f"where the mask is 0 the target must still be seen; {strays:.1%} of those pixels show something else. "
            "Does the mask cover all that was replaced?"
        )


def _strays(image: Pixels, target: Pixels, mask: Mask) -> float:
    """Share of the pixels outside the mask that show other content than the target.

    Both pictures are smoothed, without looking inside the mask, and the target's colours are fitted to the
    forgery's by one affine map for all pixels. What then still differs by `STRAY` is other content.
    """
    outside = (mask == 0).astype(np.float32)
    chosen = outside > 0
    if chosen.mean() < SHARE:
        return 0.0
    after, before = (_smoothed(picture, outside)[chosen] for picture in (image, target))
    colours = np.column_stack([before, np.ones(len(before), np.float32)])
    fitted = colours @ np.linalg.lstsq(colours, after, rcond=None)[0]
    return float(np.mean(np.abs(after - fitted).max(axis=1) > STRAY))


def _smoothed(picture: Pixels, outside: Mask) -> NDArray[np.float32]:
    sigma = max(2.0, picture.shape[0] / 64)  # resampling by 4, the coarsest of `self_blend`, must vanish
    total = cv2.GaussianBlur(picture.astype(np.float32) * outside[..., None], (0, 0), sigma)
    weight = cv2.GaussianBlur(outside, (0, 0), sigma)
    return np.asarray(total / np.maximum(weight, 1e-3)[..., None], np.float32)


def _landmarks() -> NDArray[np.float64]:
    """All 478 points of a face about the origin: parts on their ellipses, the rest spread over the oval."""
    step = np.arange(lm.COUNT)
    radius, angle = 0.95 * np.sqrt((step + 0.5) / lm.COUNT), step * 2.39996  # the golden angle spreads evenly
    points: NDArray[np.float64] = np.stack(
        [0.25 * radius * np.sin(angle), -0.33 * radius * np.cos(angle)], axis=1
    )
    for names, (x, y, across, down) in _PARTS.items():
        turn = 2 * np.pi * np.arange(len(names)) / len(names)
        points[list(names)] = np.stack([x + across * np.sin(turn), y - down * np.cos(turn)], axis=1)
    for name, place in _FIXED.items():
        points[name] = place
    return points


def _drawn(landmarks: Points, side: int, rng: np.random.Generator) -> Pixels:
    image = _cloud(side, rng, 90.0) + rng.uniform(60, 170, 3).astype(np.float32)
    skin = rng.uniform((170, 120, 95), (230, 180, 150)).astype(np.float32)
    parts = ((lm.FACE_OVAL, skin), (lm.NOSE, skin * 0.9), (lm.LIPS, skin * (0.85, 0.55, 0.6)))
    eyes = [(names, np.full(3, 235, np.float32)) for names in (lm.LEFT_EYE, lm.RIGHT_EYE)]
    dark = [(names, skin * 0.3) for names in (lm.LEFT_BROW, lm.RIGHT_BROW, lm.LEFT_IRIS, lm.RIGHT_IRIS)]
    for names, colour in (*parts, *eyes, *dark):
        corners = cv2.convexHull(landmarks[list(names)]).round().astype(np.int32)
        cv2.fillConvexPoly(image, corners, colour.tolist(), cv2.LINE_AA)
    image = cv2.GaussianBlur(image, (0, 0), side / 256) + _cloud(side, rng, 25.0)
    grain = rng.normal(0, 3, (side, side, 3))
    return np.clip(image + grain, 0, 255).astype(np.uint8)


def _cloud(side: int, rng: np.random.Generator, reach: float) -> NDArray[np.float32]:
    """Smooth colour noise of two scales, up to about ``reach`` grey levels."""
    layers = [rng.uniform(-1, 1, (cells, cells, 3)).astype(np.float32) for cells in (4, 12)]
    grown = [cv2.resize(layer, (side, side), interpolation=cv2.INTER_CUBIC) for layer in layers]
    return np.asarray(reach * (0.6 * grown[0] + 0.4 * grown[1]), np.float32)
