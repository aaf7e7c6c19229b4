"""Which frames of a clip can be swapped well, and how strongly: the others are left as they were, with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from catchlight.detector.types import Crop, Points, Quality
from catchlight.generator.swap.reference import FAR, Reference, apart
from catchlight.generator.swap.steady import Placed

RAMP = 3  # frames over which a swap comes and goes beside frames that are left alone
TURNED = 0.85  # turn of a head, as `Quality.turn`, beyond which one half is all there is
UNSTEADY = 0.05  # jitter, in units of the face's height, at which the landmarks are wrong
INSIDE = 0.8  # share of the landmarks that must lie in the picture
BRIDGED = 0.7  # factor on the quality of a frame whose face only its neighbours tell

REASONS = {
    "no_face": "the person is not seen",
    "face_too_small": "the face is too small",
    "too_dark": "the face is too dark",
    "too_bright": "the face is too bright",
    "too_blurred": "the face is too blurred",
    "outside": "the face leaves the picture",
    "turned_away": "the head is turned away",
    "unlike_pose": "no photograph of the source shows the head turned so",
    "unsteady": "the landmarks jump",
    "poor": "the quality is under the least that was asked for",
}


@dataclass(frozen=True, slots=True)
class FrameNote:
    """What becomes of one frame.

    Attributes:
        index: Its number in the clip, from 0.
        time: Seconds.
        quality: 0 to 1; 0 where there is no face.
        kept: Why it is left as it was, a key of `REASONS`; empty where it is swapped.
    """

    index: int
    time: float
    quality: float
    kept: str = ""


def judged(
    times: Sequence[float],
    placed: Sequence[Placed | None],
    crops: Mapping[int, Crop],
    source: Reference | None,
    size: tuple[int, int],
    least: float,
) -> list[FrameNote]:
    """Judge each frame.

    Args:
        times: Seconds of each frame.
        placed: Where the face is in each.
        crops: The person's crops by number of frame.
        source: The face to put in; None for a pair's network.
        size: Width and height of the frames.
        least: Quality under which a frame is left as it was.
    """
    notes, last = [], None
    for number, (time, place) in enumerate(zip(times, placed, strict=True)):
        crop = crops.get(number)
        last = crop.quality if crop else last
        if place is None or last is None:
            notes.append(FrameNote(number, time, 0.0, "no_face"))
            continue
        far = apart(source.face, place.landmarks) if source else 0.0
        quality = _quality(place, last, far)
        reason = _reason(place, last, far, size) or ("poor" if quality < least else "")
        notes.append(FrameNote(number, time, round(quality, 3), reason))
    return notes


def strengths(notes: Sequence[FrameNote], cuts: Sequence[int] = ()) -> list[float]:
    """How strongly each frame is swapped, 0 to 1: it comes and goes over `RAMP` frames, but at cuts.

    Example:
        >>> strengths([FrameNote(0, 0.0, 0.0, "no_face"), FrameNote(1, 0.04, 0.9), FrameNote(2, 0.08, 0.9)])
        [0.0, 0.25, 0.5]
    """
    away, found = len(notes) + RAMP, []
    for order in (range(len(notes)), range(len(notes) - 1, -1, -1)):
        distance, one_way = away, {}
        for number in order:
            # Read forwards a shot begins at its cut, read backwards the frame before it does.
            if (number if order.step > 0 else number + 1) in cuts:
                distance = away
            distance = 0 if notes[number].kept else distance + 1
            one_way[number] = distance
        found.append(one_way)
    return [min(1.0, min(way[n] for way in found) / (RAMP + 1)) for n in range(len(notes))]


def hopeless(notes: Sequence[FrameNote]) -> str:
    """Why no frame can be swapped, in words."""
    reasons = Counter(note.kept for note in notes)
    said = "; ".join(f"{REASONS[reason]} in {count}" for reason, count in reasons.most_common())
    return f"none of {len(notes)} frames can be swapped: {said}"


def _quality(place: Placed, seen: Quality, far: float) -> float:
    steadiness = max(0.0, 1 - 0.5 * place.jitter / UNSTEADY)
    return seen.score * steadiness * max(0.0, 1 - 0.5 * far / FAR) * (BRIDGED if place.bridged else 1.0)


def _reason(place: Placed, seen: Quality, far: float, size: tuple[int, int]) -> str:
    if seen.problem:
        return seen.problem
    if _inside(place.landmarks, size) < INSIDE:
        return "outside"
    if seen.turn > TURNED:
        return "turned_away"
    if far > FAR:
        return "unlike_pose"
    return "unsteady" if place.jitter > UNSTEADY else ""


def _inside(landmarks: Points, size: tuple[int, int]) -> float:
    within = (landmarks >= 0) & (landmarks < np.array(size, np.float32))
    return float(within.all(axis=1).mean())
