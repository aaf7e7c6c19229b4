"""What a cue measured, drawn on what it looked at, so that a person can check it with their own eyes."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector.cues import blink, catchlight, iris, light, mouth, pose, pulse, regions
from catchlight.detector.cues.face_model import rotation
from catchlight.detector.cues.person import Look, Person
from catchlight.detector.types import Cue, Pixels, Points

GREEN, RED, YELLOW, GREY, WHITE = (
    (90, 220, 120),
    (255, 90, 80),
    (255, 205, 70),
    (150, 150, 150),
    (255, 255, 255),
)
PLOT = (420, 150)  # width and height in px
FACE = 300  # px
EYE = 3  # times that enlarged eyes are enlarged once more


def draw(name: str, cue: Cue, person: Person) -> Pixels | None:
    """A picture of one measurement.

    Args:
        name: Of the cue.
        cue: What was measured.
        person: What it was measured on.

    Returns:
        RGB uint8; None where the cue was not measured, or has no picture.
    """
    if cue.status != "ok" or name not in DRAWN:
        return None
    return DRAWN[name](cue, person)


def _sharpest(person: Person) -> Look | None:
    """The picture with the largest face and open eyes."""

    def worth(look: Look) -> float:
        opened = min(float(blink.aspect(look.landmarks[None], eye)[0]) for eye in (blink.RIGHT, blink.LEFT))
        return regions.eye_distance(look.landmarks) * min(opened, 0.25)

    return max(person.looks, key=worth, default=None)


def _eyes(cue: Cue, person: Person, rims: bool) -> Pixels | None:
    """Both eyes of the typical picture, enlarged, with highlights (green) or iris and corners' level (yellow)."""
    pairs = [eyes for eyes in (iris.both(look) for look in person.looks) if not isinstance(eyes, str)]
    if not rims:
        pairs = [eyes for eyes in pairs if all(catchlight.highlights(eye).any() for eye in eyes)]
    if not pairs:
        return None
    tiles = []
    for eye in pairs[len(pairs) // 2]:
        size = iris.SIZE * EYE
        tile = np.asarray(cv2.resize(eye.image, (size, size), interpolation=cv2.INTER_CUBIC), np.uint8)
        if rims:
            middle = (size // 2, size // 2)
            cv2.circle(tile, middle, int(iris.DIAMETER * EYE / 2), YELLOW, 1, cv2.LINE_AA)
            cv2.drawMarker(tile, middle, YELLOW, cv2.MARKER_CROSS, 14, 1)
        else:
            spots = cv2.resize(
                catchlight.highlights(eye).astype(np.uint8), (size, size), interpolation=cv2.INTER_LINEAR
            )
            cv2.drawContours(
                tile, cv2.findContours(spots, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)[0], -1, GREEN, 1
            )
        tiles.append(tile)
    return np.hstack(tiles)


def _highlights(cue: Cue, person: Person) -> Pixels | None:
    return _eyes(cue, person, rims=False)


def _irises(cue: Cue, person: Person) -> Pixels | None:
    return _eyes(cue, person, rims=True)


def _on_face(paint: Callable[[Pixels, Points, Cue], None]) -> Callable[[Cue, Person], Pixels | None]:
    """Draws on the largest face, brought to one size."""

    def drawn(cue: Cue, person: Person) -> Pixels | None:
        look = _sharpest(person)
        if look is None:
            return None
        look = look.part(0.3, 0.4)
        scale = FACE / look.image.shape[1]
        size = (FACE, max(1, round(look.image.shape[0] * scale)))
        image = np.asarray(cv2.resize(look.image, size, interpolation=cv2.INTER_AREA), np.uint8)
        paint(image, (look.landmarks * np.float32(scale)).astype(np.float32), cue)
        return image

    return drawn


def _ring(image: Pixels, points: Points, colour: tuple[int, int, int], thickness: int = 1) -> None:
    cv2.polylines(
        image, [np.round(points * 16).astype(np.int32)], True, colour, thickness, cv2.LINE_AA, shift=4
    )


def _seam(image: Pixels, points: Points, cue: Cue) -> None:
    outline = points[list(lm.FACE_OVAL)]
    middle = outline.mean(axis=0)
    _ring(image, outline, GREY)
    _ring(image, (outline - middle) * np.float32(cue.details["place"]) + middle, YELLOW, 2)


def _skin(image: Pixels, points: Points, cue: Cue) -> None:
    for ring in light.INNER:
        _ring(image, points[list(ring)], GREEN)
    _ring(image, points[list(regions.FOREHEAD)], YELLOW)


def _tones(image: Pixels, points: Points, cue: Cue) -> None:
    _skin(image, points, cue)
    down, chin = points[lm.CHIN] - points[lm.FOREHEAD], points[list(light.NECK)]
    lower, upper = (chin + down * np.float32(share) for share in (light.NECK_FROM, light.NECK_TO))
    _ring(image, np.vstack([lower, upper[::-1]]), YELLOW)


def _mouth(image: Pixels, points: Points, cue: Cue) -> None:
    _ring(image, points[list(mouth.INNER)], YELLOW)
    for lids in (iris.RIGHT_LIDS, iris.LEFT_LIDS):
        _ring(image, points[list(lids)], GREEN)


def _pose(image: Pixels, points: Points, cue: Cue) -> None:
    start = points[lm.NOSE_TIP]
    for of, colour in ((pose.OUTER, YELLOW), (pose.CENTRAL, GREEN)):
        # Rows are the picture's axes in the face's own, whose last one points away from the camera.
        end = start - rotation(points, of)[:2, 2] * FACE * 0.6
        cv2.arrowedLine(image, _pixel(start), _pixel(end), colour, 2, cv2.LINE_AA, tipLength=0.2)


def _trembling(image: Pixels, points: Points, cue: Cue) -> None:
    for name, ring in (("outline", lm.FACE_OVAL), ("nose", lm.NOSE)):
        for point in points[list(ring)]:
            radius = max(1, round(cue.details[name] * regions.eye_distance(points) / 1000 * 3))
            cv2.circle(image, _pixel(point), radius, YELLOW, 1, cv2.LINE_AA)


def _pixel(point: NDArray[np.float32]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


def _blinks(cue: Cue, person: Person) -> Pixels:
    """How far the eyes are closed over time; green marks are blinks."""
    plot = np.full((PLOT[1], PLOT[0], 3), 24, np.uint8)
    start, span = float(person.times[0]), max(float(np.ptp(person.times)), 1e-3)
    for part in person.stretches():
        times, points = person.times[part], person.landmarks[part]
        if len(times) >= 5:
            ratios = np.stack([blink.aspect(points, blink.RIGHT), blink.aspect(points, blink.LEFT)])
            closed = (1 - ratios / blink.open_level(times, ratios)).mean(axis=0)
            _curve(plot, (times - start) / span, closed)
    for dip in blink.blinks(person):
        cv2.circle(plot, _place(plot, (dip.time - start) / span, dip.depth), 5, GREEN, 1, cv2.LINE_AA)
    return plot


def _spectrum(cue: Cue, person: Person) -> Pixels | None:
    """Power of the skin's colour by beats a minute, 42 to 240; the green line is the strongest."""
    part = max(person.stretches(), key=lambda one: float(np.ptp(person.times[one])))
    signal, rate = pulse.chrominance(person.times[part], person.skin[part].astype(np.float64))
    frequencies = np.linspace(*pulse.BAND, 200)
    waves = np.exp(-2j * np.pi * frequencies[:, None] * np.arange(len(signal)) / rate)
    power = np.abs(waves @ (signal * np.hanning(len(signal)))) ** 2
    plot = np.full((PLOT[1], PLOT[0], 3), 24, np.uint8)
    share = (cue.details["beats_per_minute"] / 60 - pulse.BAND[0]) / (pulse.BAND[1] - pulse.BAND[0])
    cv2.line(plot, _place(plot, share, 0), _place(plot, share, 1), GREEN, 1)
    _curve(plot, np.linspace(0, 1, 200), power / max(float(power.max()), 1e-12))
    return plot


def _curve(plot: Pixels, across: NDArray[np.float64], up: NDArray[np.float64]) -> None:
    points = np.array([_place(plot, float(x), float(y)) for x, y in zip(across, up, strict=True)], np.int32)
    cv2.polylines(plot, [points], False, WHITE, 1, cv2.LINE_AA)


def _place(plot: Pixels, across: float, up: float) -> tuple[int, int]:
    height, width = plot.shape[:2]
    return round(6 + across * (width - 12)), round(height - 8 - float(np.clip(up, -0.05, 1)) * (height - 16))


DRAWN: dict[str, Callable[[Cue, Person], Pixels | None]] = {
    "blink": _blinks,
    "catchlight": _highlights,
    "eyes": _irises,
    "pose": _on_face(_pose),
    "jitter": _on_face(_trembling),
    "seam": _on_face(_seam),
    "light": _on_face(_tones),
    "texture": _on_face(_skin),
    "mouth": _on_face(_mouth),
    "pulse": _spectrum,
}
CAPTIONS = {
    "blink": "How far the eyes are closed over time; circles are blinks.",
    "catchlight": "The right and the left eye; green outlines what was taken for a highlight.",
    "eyes": "The right and the left eye; the circle is the iris as found.",
    "pose": "Where the middle of the face (green) and its outline (yellow) look.",
    "jitter": "Three times the trembling of each point.",
    "seam": "The line of the strongest step of colour (yellow) and the outline (grey). An eye just sees 2.3 ΔE.",
    "light": "Inner skin (green) and the skin it is compared with (yellow). An eye just sees 2.3 ΔE.",
    "texture": "Inner skin (green) and the skin it is compared with (yellow). An octave less is half the detail.",
    "mouth": "The inner mouth (yellow) and the eyes (green). An octave less is half the detail.",
    "pulse": "Strength of each rhythm of the skin's colour, 42 to 240 a minute.",
}
