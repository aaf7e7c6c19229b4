"""What was measured -> sentences for a person: why a face got its verdict, and what weakens it.

Only measurements are turned into words; nothing here guesses at a forgery's kind or maker. Where nothing could be
measured the reason is a bare code (``no_face``, ``face_too_small``, …) that machines can rely on; the front
doors have a sentence for each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector.calibrate import Judgement
from catchlight.detector.calibration import Calibration, KindCalibration
from catchlight.detector.types import Crop, FaceReport, FrameScore, Media, MediaKind, Points, Track, Verdict

FEW_FRAMES = 8  # of a video; with fewer the interval is wide and one odd frame counts much
LOW_COVERAGE = 0.5  # share of sampled frames with a face that was scored
SMALL_FACE = 80.0  # px; below it swaps and reenactments lose most of their traces
DISAGREEMENT = 0.6  # distance of the 10 % and 90 % quantiles of the frames' probabilities
FEW_BITS = {"image": 0.4, "video": 0.015}  # a pixel; ordinary files lie above, 80 clips all over .025
CONCENTRATED = 1.5  # times the mean heat of the face, from which on a region is named
OUTSIDE = 1.25  # heat of the face against its surroundings, from which on the face as a whole is named

PROBLEMS = {
    "face_too_small": "too small",
    "too_dark": "too dark",
    "too_bright": "overexposed",
    "too_blurred": "too blurred",
}
REGIONS = {
    "the eyes": (lm.LEFT_EYE, lm.RIGHT_EYE, lm.LEFT_IRIS, lm.RIGHT_IRIS, lm.LEFT_BROW, lm.RIGHT_BROW),
    "the mouth": (lm.LIPS,),
    "the nose": (lm.NOSE,),
    "the jaw line": (lm.JAW,),
    "the forehead and hair line": (tuple(sorted(set(lm.FACE_OVAL) - set(lm.JAW))),),
}
WHOLE = "the whole face"
NOUNS = {"image": "photograph", "video": "clip"}

Heatmaps = NDArray[np.float32]


def why_not(crops: Iterable[Crop]) -> str:
    """The code why none of these faces could be judged: their most frequent problem, or ``no_face``."""
    problems = Counter(crop.quality.problem for crop in crops if crop.quality.problem)
    return problems.most_common(1)[0][0] if problems else "no_face"


def of_medium(verdict: Verdict, people: Sequence[FaceReport]) -> tuple[str, ...]:
    """Why a medium got its verdict: the reasons of the most fake of the people who brought it about.

    Args:
        verdict: Of the medium.
        people: All people as reported, measured or not.
    """
    decisive = [face for face in people if face.verdict == verdict]
    if not decisive:
        return ("no_face",)
    first = max(decisive, key=lambda face: -1.0 if face.p_fake is None else face.p_fake)
    who = f"person {first.track + 1}: " if len(people) > 1 and first.p_fake is not None else ""
    return tuple(who + reason for reason in first.reasons)


def of_person(
    frames: Sequence[FrameScore],
    track: Track,
    heatmaps: Heatmaps | None,
    judgement: Judgement,
    kind: MediaKind,
    calibration: Calibration,
) -> tuple[str, ...]:
    """Why a person got the verdict, most important first.

    Args:
        frames: What each crop scored, calibrated.
        track: The person.
        heatmaps: Where in each crop the evidence lies, shape (n, h, w), 0 to 1; None where unknown.
        judgement: The verdict and its interval.
        kind: Of the medium.
        calibration: What judged, for its bounds.
    """
    reasons = []
    if judgement.verdict == "undecided":
        reasons.append(_why_undecided(judgement, calibration.of(kind), kind))
    forged = np.array([frame.p_fake > 0.5 for frame in frames])
    reasons.append(_share(int(forged.sum()), len(frames), kind, judgement.verdict))
    if judgement.real_share is not None and judgement.p_fake > 0.5:
        reasons.append(_among_real(judgement.real_share, calibration.of(kind)))
    if heatmaps is not None and forged.any() and judgement.verdict != "real":
        suspect = [crop for crop, is_forged in zip(track.crops, forged, strict=True) if is_forged]
        reasons += _where(hot_region(suspect, heatmaps[forged]), judgement.verdict)
    return tuple(reasons)


def hot_region(crops: Sequence[Crop], heatmaps: Heatmaps) -> str | None:
    """The part of the face where heat concentrates, over all crops of a person.

    Args:
        crops: The crops.
        heatmaps: Shape (n, h, w), one per crop.

    Returns:
        A name from `REGIONS`, `WHOLE`, or None when the heat is no greater in the face than
        around it.
    """
    heat = Counter[str]()
    for crop, heatmap in zip(crops, heatmaps, strict=True):
        masks = _masks(crop.landmarks * np.float32(heatmap.shape[0] / crop.image.shape[0]), heatmap.shape)
        heat.update({name: float(heatmap[mask].mean()) for name, mask in masks.items() if mask.any()})
    face, around = heat.pop("face"), heat.pop("around")
    name, most = max(heat.items(), key=lambda item: item[1], default=("", 0.0))
    if most > CONCENTRATED * face:
        return name
    return WHOLE if face > OUTSIDE * around else None


def warnings(
    media: Media,
    size: int,
    sampled: int,
    people: Sequence[FaceReport],
    left_out: Sequence[Crop],
    strays: Sequence[Track],
) -> tuple[str, ...]:
    """What weakens the answer on a medium, or was left out of it.

    Args:
        media: The header.
        size: Bytes of the file.
        sampled: Frames looked at.
        people: The people as reported.
        left_out: Faces that could not be judged, where others could.
        strays: What was taken for false detections.
    """
    found = [_compression(media, size), _coverage(media, sampled, people), _left_out(left_out)]
    found += [_stray(track) for track in strays]
    for face in people:
        who = f"person {face.track + 1}: " if len(people) > 1 else ""
        found += [who + sentence for sentence in _of_face(face, media.kind)]
    return tuple(sentence for sentence in found if sentence)


def _why_undecided(judgement: Judgement, fitted: KindCalibration, kind: MediaKind) -> str:
    low, high = judgement.interval
    if low <= 0.5 <= high:
        return (
            f"the evidence is too weak: the 95% interval from {low:.0%} to {high:.0%} includes both answers"
        )
    if judgement.p_fake > 0.5:
        said, bound = _apart(judgement.p_fake, fitted.fake_above)
        return f"{said} is not enough for fake, which begins above {bound}"
    if not fitted.real_below:
        return (
            f"{judgement.p_fake:.1%} leans to real, but this detector calls no {NOUNS[kind]} real: how many "
            "forgeries by tools unknown to it look as real is not known"
        )
    said, bound = _apart(judgement.p_fake, fitted.real_below)
    return f"{said} is not enough for real, which begins below {bound}"


def _apart(p_fake: float, bound: float) -> tuple[str, str]:
    """Both as percentages with as few digits as tell them apart: 97.2% does not look like less than 97.2%."""
    for digits in range(1, 6):
        said, other = f"{p_fake:.{digits}%}", f"{bound:.{digits}%}"
        if said != other:
            break
    return said, other


def _share(forged: int, count: int, kind: MediaKind, verdict: Verdict) -> str:
    """Where nothing is decided faces lean only: "looks forged" is read as a verdict, and many real faces lean so."""
    if verdict == "undecided":
        towards = "a forgery" if forged else "a real face"
        return (
            f"the face leans to {towards}"
            if kind == "image"
            else f"{forged} of {count} frames lean to a forgery"
        )
    if kind == "image":
        return "the face looks more like a forgery" if forged else "the face looks more like a real one"
    if verdict == "real":
        return f"{count - forged} of {count} frames look more like a real face"
    return f"{forged} of {count} frames look more like a forgery"


def _among_real(share: float, fitted: KindCalibration) -> str:
    """How rare such a score is among real people: what a probability means for the one who is judged."""
    among = f"of the {fitted.real_people} real people that it was calibrated on"
    if share * fitted.real_people < 0.5:
        return f"none {among} scores as high"
    return f"{share:.{0 if share > 0.02 else 1}%} {among} score as high"


def _where(region: str | None, verdict: Verdict) -> list[str]:
    if region is None:
        return []
    what = "what looks forged" if verdict == "fake" else "what makes it lean so"
    return [f"{what} {'is spread over' if region == WHOLE else 'lies mostly in'} {region}"]


def _masks(landmarks: Points, shape: tuple[int, ...]) -> dict[str, NDArray[np.bool_]]:
    """Which cells of a heatmap lie in each region, in the ``face`` as a whole, and ``around`` it.

    A cell belongs to the region of the nearest landmark, unless that is further than an eighth of the face.
    """
    oval = cv2.convexHull(landmarks[list(lm.FACE_OVAL)])
    face = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(face, np.rint(oval).astype(np.int32), (1,))
    down, across = np.mgrid[0 : shape[0], 0 : shape[1]] + 0.5
    reach = float(np.ptp(oval[:, 0, 0])) / 8
    distances = np.stack([_distance(across, down, landmarks, groups) for groups in REGIONS.values()])
    owner = np.where(distances.min(axis=0) <= reach, distances.argmin(axis=0), -1)
    regions = {name: owner == number for number, name in enumerate(REGIONS)}
    return regions | {"face": face > 0, "around": face == 0}


def _distance(
    across: NDArray[np.float64], down: NDArray[np.float64], landmarks: Points, groups: Sequence[Sequence[int]]
) -> NDArray[np.float64]:
    points = landmarks[[index for group in groups for index in group]].astype(np.float64)
    squares = (across[..., None] - points[:, 0]) ** 2 + (down[..., None] - points[:, 1]) ** 2
    return np.asarray(np.sqrt(squares.min(axis=-1)))


def _compression(media: Media, size: int) -> str | None:
    frames = 1 if media.kind == "image" else media.frames or round(media.duration * 25)
    bits = 8 * size / max(1, media.width * media.height * frames)
    if bits >= FEW_BITS[media.kind]:
        return None
    return (
        f"strong compression ({bits:.3f} bits a pixel) removes traces; use the original file if there is one"
    )


def _coverage(media: Media, sampled: int, people: Sequence[FaceReport]) -> str | None:
    scored = len({frame.index for face in people for frame in face.frames})
    if media.kind == "image" or not people or scored >= LOW_COVERAGE * sampled:
        return None
    return f"a face was scored in only {scored} of {sampled} sampled frames"


def _left_out(crops: Sequence[Crop]) -> str | None:
    if not crops:
        return None
    problems = Counter(PROBLEMS.get(crop.quality.problem or "", "unusable") for crop in crops)
    parts = ", ".join(f"{count} {problem}" for problem, count in problems.most_common())
    widest = max(crop.quality.width for crop in crops)
    return f"faces that can't be judged were left out: {parts} (the widest is {widest:.0f} px wide)"


def _stray(track: Track) -> str:
    times = " and ".join(f"{crop.time:.1f} s" for crop in track.crops)
    return f"a doubtful face at {times} was taken for a false detection and left out"


def _of_face(face: FaceReport, kind: MediaKind) -> list[str]:
    found: list[str] = []
    if not face.frames:
        return found
    width = float(np.median([frame.box.width for frame in face.frames]))
    if width < SMALL_FACE:
        found.append(f"the face is small ({width:.0f} px wide), so little of it can be examined")
    if kind == "image":
        return found
    if len(face.frames) < FEW_FRAMES:
        found.append(f"scored in few frames ({len(face.frames)})")
    low, high = np.quantile([frame.p_fake for frame in face.frames], [0.1, 0.9])
    if high - low > DISAGREEMENT:
        found.append(f"the frames disagree: a tenth lies below {low:.0%}, a tenth above {high:.0%}")
    return found
