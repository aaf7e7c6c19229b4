"""The contract of a cue, ours or a stranger's, to be run from any test framework or none.

    from catchlight.detector.cues.testing import check_cue
    check_cue("blush:Blush")                  # raises ContractError that names the broken rule

The rules: whatever the person, a cue is measured or says in words why not, and never raises; a measured one has a
finite value, a unit, a line for a person and a quality from 0 to 1; the same person gives the same cue; nothing of
the person is changed; and the mirrored person gives the same value. The people are made here: noise, flats and a
drawn face at all sizes, with closed eyes, in profile, in black and white, at 5 frames a second, unevenly, over cuts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import cv2
import numpy as np

from catchlight.detector import landmarks as lm
from catchlight.detector.cues import registry
from catchlight.detector.cues.face_model import mean_face, mirrored
from catchlight.detector.cues.measure import fault
from catchlight.detector.cues.person import Look, Person, Sound
from catchlight.detector.cues.registry import Meter
from catchlight.detector.errors import ContractError
from catchlight.detector.types import Cue, Pixels, Points

TOLERANCE = (
    0.02  # of a value, between a person and their mirror image: pixels of masks fall a little differently
)


def check_cue(cue: str | Meter | Callable[[], Meter]) -> None:
    """Check a cue against the public contract.

    Args:
        cue: A name for `catchlight.detector.cues.registry.create`, a factory, or the meter itself.

    Raises:
        ContractError: A rule is broken; the message says which, on whom, and what was received.

    Example:
        >>> from catchlight.detector.cues.person import absent
        >>> class Never:
        ...     unit = "none"
        ...     def measure(self, person):
        ...         return absent("it is never seen")
        >>> check_cue(Never)
    """
    meter = _made(cue)
    for who, person in sample_people():
        before = [array.copy() for array in _arrays(person)]
        first = _measured(meter, who, person)
        if _measured(meter, who, person) != first:
            raise ContractError(
                f"the same person ({who}) must give the same cue; received another the second time."
            )
        if not all(np.array_equal(a, b) for a, b in zip(before, _arrays(person), strict=True)):
            raise ContractError(f"measure(person) must leave the person ({who}) as it was; work on copies.")
        _check_mirrored(meter, who, person, first)


def sample_people() -> Iterator[tuple[str, Person]]:
    """Invented people, good and bad, each with a word on what is odd about them; always the same."""
    for who, person in _people():
        yield who, _copied(person)


@cache
def _people() -> tuple[tuple[str, Person], ...]:
    return tuple(_invented())


def _copied(person: Person) -> Person:
    """The person with pixels and numbers of their own, since a broken cue may write to them."""
    arrays = {name: getattr(person, name).copy() for name in ("times", "landmarks", "scenes", "skin", "eyes")}
    looks = tuple(
        replace(look, image=look.image.copy(), landmarks=look.landmarks.copy()) for look in person.looks
    )
    return replace(person, **arrays, looks=looks)


def _invented() -> Iterator[tuple[str, Person]]:
    face = drawn_person(seconds=9.0)
    yield "a clip of 9 s", face
    yield "a photograph", _photograph(face)
    yield "nobody", _cut(face, 0)
    yield "one sample", _cut(face, 1)
    yield "two samples", _cut(face, 2)
    yield "without pictures", replace(face, looks=())
    yield "5 frames a second", drawn_person(seconds=9.0, rate=5.0)
    yield "an uneven rate", replace(face, times=face.times + 0.03 * np.sin(np.arange(len(face.times)) * 7))
    yield "cuts", replace(face, scenes=(np.arange(len(face.times)) // 9).astype(np.intp))
    yield "a tiny face", drawn_person(seconds=9.0, width=24.0)
    yield "a large face", _photograph(drawn_person(seconds=0.2, width=500.0))
    yield "closed eyes", drawn_person(seconds=9.0, open_eyes=0.05)
    yield "hidden eyes", replace(face, eyes=np.zeros((len(face.times), 2), np.float32))
    yield "in profile", drawn_person(seconds=9.0, yaw=80.0)
    yield "black and white", _recoloured(face, lambda image: np.repeat(image[..., 1:2], 3, axis=2))
    for level in (0, 255):
        yield f"all {level}", _recoloured(face, lambda image, level=level: np.full_like(image, level))  # type: ignore[misc]
    noise = np.random.default_rng(0)
    yield "noise", _recoloured(face, lambda image: noise.integers(0, 256, image.shape, np.uint8))
    yield "half outside the picture", _half_outside(face)
    yield (
        "all landmarks in one point",
        replace(
            face,
            landmarks=np.full_like(face.landmarks, 50),
            looks=tuple(replace(look, landmarks=np.full_like(look.landmarks, 50)) for look in face.looks),
        ),
    )
    yield (
        "with sound",
        replace(face, sound=Sound(np.abs(np.sin(np.arange(600) / 5)).astype(np.float32) / 2, 50.0)),
    )
    yield "with silence", replace(face, sound=Sound(np.zeros(600, np.float32), 50.0))


def drawn_person(
    seconds: float, rate: float = 12.5, width: float = 150.0, yaw: float = 0.0, open_eyes: float = 1.0
) -> Person:
    """The average face, drawn, which breathes, speaks and blinks every three seconds.

    Args:
        seconds: Length of the clip.
        rate: Samples a second.
        width: Of the face in pixels.
        yaw: Turn of the head in degrees.
        open_eyes: Factor on the opening of the lids.
    """
    times = np.arange(0, seconds, 1 / rate)
    points = np.stack([_landmarks(time, width, yaw, open_eyes) for time in times])
    beat = np.array([1.0, 2.0, 0.7]) * 0.4 * np.sin(2 * np.pi * 1.2 * times)[:, None]
    skin = (np.array([200.0, 150.0, 130.0]) + beat).astype(np.float32)
    side = int(width * 2.2)
    looks = tuple(
        Look(_drawing(points[at], side), points[at], float(times[at]))
        for at in np.linspace(0, len(times) - 1, 3).astype(int)
    )
    return Person("video", times, points, np.zeros(len(times), np.intp), skin, looks)


def _landmarks(time: float, width: float, yaw: float, open_eyes: float) -> Points:
    model = mean_face().copy()
    blink = 1 - 0.9 * np.exp(-((((time % 3.0) - 1.5) / 0.06) ** 2))
    for upper, lower in (
        ((160, 158), (144, 153)),
        ((387, 385), (373, 380)),
        ((159,), (145,)),
        ((386,), (374,)),
    ):
        for top, bottom in zip(upper, lower, strict=True):
            middle = (model[top] + model[bottom]) / 2
            for point in (top, bottom):
                model[point] = middle + (model[point] - middle) * blink * open_eyes
    model[[14, 17, 87, 317], 1] += 0.1 * (1 + np.sin(5 * time))
    angle = np.radians(yaw)
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    flat = (model @ turn.T)[:, :2] * width / 2.25
    sway = width * np.array([0.02 * np.sin(time), 0.01 * np.cos(0.7 * time)])
    return np.asarray(flat + width * 1.1 + sway, np.float32)


def _drawing(points: Points, side: int) -> Pixels:
    """The face in the colours of skin, with eyes, highlights and a mouth, over a grey wall, with grain."""
    image = np.full((side, side, 3), (96, 104, 112), np.uint8)
    for ring, colour in (
        (lm.FACE_OVAL, (205, 160, 135)),
        (lm.RIGHT_EYE, (235, 232, 228)),
        (lm.LEFT_EYE, (235, 232, 228)),
        (lm.LIPS, (170, 90, 90)),
    ):
        cv2.fillConvexPoly(image, cv2.convexHull(points[list(ring)]).astype(np.int32), colour)
    for iris in (lm.RIGHT_IRIS, lm.LEFT_IRIS):
        centre, radius = (
            points[list(iris)].mean(axis=0),
            float(np.hypot(*(points[iris[1]] - points[iris[3]]))) / 2,
        )
        cv2.circle(image, tuple(int(v) for v in centre), max(1, int(radius)), (80, 60, 45), -1)
        cv2.circle(
            image, tuple(int(v) for v in centre - radius / 8), max(1, int(radius / 4)), (250, 250, 250), -1
        )
    grain = np.random.default_rng(1).normal(0, 9, image.shape[:2])[..., None]
    return np.clip(image + grain, 0, 255).astype(np.uint8)


def _photograph(person: Person) -> Person:
    return replace(_cut(person, 1), kind="image", looks=person.looks[:1])


def _cut(person: Person, count: int) -> Person:
    parts = {name: getattr(person, name)[:count] for name in ("times", "landmarks", "scenes", "skin", "eyes")}
    return replace(person, **parts, looks=person.looks[:count])


def _recoloured(person: Person, change: Callable[[Pixels], Pixels]) -> Person:
    looks = tuple(replace(look, image=np.ascontiguousarray(change(look.image))) for look in person.looks)
    skin = np.stack([look.image.reshape(-1, 3).mean(axis=0) for look in looks]).mean(axis=0)
    return replace(
        person, looks=looks, skin=np.repeat(skin[None], len(person.times), axis=0).astype(np.float32)
    )


def _half_outside(person: Person) -> Person:
    half = person.looks[0].image.shape[1] // 2
    away = np.array([half, 0], np.float32)
    looks = tuple(
        replace(look, image=np.ascontiguousarray(look.image[:, half:]), landmarks=look.landmarks - away)
        for look in person.looks
    )
    return replace(person, looks=looks)


def _mirror(person: Person) -> Person:
    looks = tuple(
        replace(
            look,
            image=np.ascontiguousarray(look.image[:, ::-1]),
            landmarks=mirrored(look.landmarks, look.image.shape[1]),
        )
        for look in person.looks
    )
    return replace(
        person, landmarks=mirrored(person.landmarks, 640.0), eyes=person.eyes[:, ::-1].copy(), looks=looks
    )


def _made(cue: str | Meter | Callable[[], Meter]) -> Meter:
    if isinstance(cue, str):
        return registry.create(cue)
    if isinstance(cue, type) or not callable(getattr(cue, "measure", None)):
        if not callable(cue):
            raise ContractError(f"a cue must have a method measure(person); {type(cue).__name__} has none.")
        return _made(cue())
    return cue  # type: ignore[return-value]  # it has the method; what that gives is checked below


def _measured(meter: Meter, who: str, person: Person) -> Cue:
    try:
        cue = meter.measure(person)
    except Exception as error:
        raise ContractError(f"measure(person) must never raise; on {who} it raised {error!r}.") from error
    problem = fault(cue)
    if problem:
        raise ContractError(f"a cue {problem}; on {who} it gave {cue!r}.")
    if cue.status == "ok" and cue.unit != meter.unit:
        raise ContractError(
            f"a cue's unit must be its meter's, {meter.unit!r}; on {who} it was {cue.unit!r}."
        )
    return cue


def _arrays(person: Person) -> list[np.ndarray[tuple[int, ...], np.dtype[np.generic]]]:
    looks = [array for look in person.looks for array in (look.image, look.landmarks)]
    return [person.times, person.landmarks, person.scenes, person.skin, person.eyes, *looks]


def _check_mirrored(meter: Meter, who: str, person: Person, straight: Cue) -> None:
    other = _measured(meter, f"{who}, mirrored", _mirror(person))
    same = other.status == straight.status
    if straight.value is not None and other.value is not None:
        same = abs(other.value - straight.value) <= max(
            TOLERANCE * abs(straight.value), getattr(meter, "tolerance", 0.0)
        )
    if not same:
        raise ContractError(
            f"a mirrored person ({who}) must give the same cue; received {straight!r}, mirrored {other!r}. "
            "Compare sides without naming one of them."
        )
