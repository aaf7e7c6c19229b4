"""All cues of all people in a medium: gathers once, lets every meter look, and holds the values against real people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from catchlight.detector.cues import normal
from catchlight.detector.cues.follow import Meshes
from catchlight.detector.cues.gather import still, watch
from catchlight.detector.cues.person import Person, absent
from catchlight.detector.cues.registry import Meter
from catchlight.detector.cues.sound import read_sound
from catchlight.detector.errors import ContractError, MediaError
from catchlight.detector.media import Limits, frames
from catchlight.detector.types import Cue, Media, Track

PEOPLE = 3  # the most prominent; each more costs as much again
SURE = 100  # people behind a range from which on a value outside it is told: two of them lie beyond each end
TRUSTED = 0.4  # quality from which on a value outside the normal range is told as a reason

Cues = dict[str, Cue]


@dataclass(frozen=True, slots=True)
class Found:
    """The cues of a medium, and what they were measured on.

    Attributes:
        cues: Track id to cue name to measurement.
        people: Track id to what the cues looked at; only of people who were measured.
    """

    cues: dict[int, Cues]
    people: dict[int, Person]


def of_medium(
    path: Path,
    media: Media,
    tracks: Sequence[Track],
    meters: Mapping[str, Meter],
    meshes: Meshes,
    limits: Limits,
) -> Found:
    """Measure all cues of all people.

    Args:
        path: The medium.
        media: Its header.
        tracks: Its people, the most prominent first.
        meters: Name to meter.
        meshes: What follows faces.
        limits: What is refused, and how long decoding may take.

    Raises:
        ContractError: A plug-in gave something that is no cue.
    """
    usable = [track for track in tracks if track.crops and not any(c.quality.problem for c in track.crops)]
    measured = usable[:PEOPLE]
    people: dict[int, Person] = {}
    reasons = {track.id: _why_not(track) for track in tracks if track not in measured}
    try:
        if measured and meters:
            people = _people(path, media, measured, meters, meshes, limits)
    except MediaError as error:
        reasons |= {
            track.id: f"the file could not be read a second time ({error.code})" for track in measured
        }
    cues = {}
    for track in tracks:
        if track.id in people:
            cues[track.id] = {
                name: of_person(name, meter, people[track.id]) for name, meter in meters.items()
            }
        else:
            cues[track.id] = {name: absent(reasons[track.id]) for name in meters}
    return Found(cues, people)


def of_person(name: str, meter: Meter, person: Person) -> Cue:
    """Measure one cue and hold it against real people.

    Raises:
        ContractError: The meter gave something that is no cue.
    """
    cue = meter.measure(person)
    problem = fault(cue)
    if problem:
        raise ContractError(
            f"cue {name!r} {problem}; received {cue!r}. Check it with catchlight.detector.cues.testing.check_cue."
        )
    usual = normal.ranges().get(name)
    if cue.status != "ok" or cue.normal is not None or usual is None:
        return cue
    if person.kind == "video" and person.seconds < getattr(meter, "judged_from", 0.0):
        return cue
    return replace(cue, normal=(usual.low, usual.high))


def fault(cue: object) -> str | None:
    """What is wrong with a measurement, in words; None when nothing is."""
    if not isinstance(cue, Cue):
        return "must measure a Cue"
    if cue.status == "not_applicable":
        return (
            None
            if cue.reason and cue.value is None
            else "must say why it is not applicable, and give no value"
        )
    if cue.status != "ok" or cue.value is None or not cue.unit or not cue.note:
        return "must give value, unit and note where its status is ok"
    numbers = [cue.value, *cue.details.values(), *(cue.normal or ()), *(cue.interval or ())]
    if not all(math.isfinite(number) for number in numbers):
        return "must give finite numbers"
    if cue.quality is None or not 0 <= cue.quality <= 1:
        return "must give a quality from 0 to 1"
    return None


def reasons(cues: Mapping[str, Cue], meters: Mapping[str, Meter]) -> tuple[str, ...]:
    """Sentences on the cues that lie outside what is usual; they never change a verdict."""
    told = []
    for name, cue in cues.items():
        side = outside(cue)
        words = getattr(meters[name], side, "") if side else ""
        if words and cue.normal and (cue.quality or 0.0) >= TRUSTED and _is_sure(name):
            usual = f"usual in real people {cue.normal[0]:.3g} to {cue.normal[1]:.3g}"
            told.append(f"{words} ({cue.value:.3g} {cue.unit}, {usual})")
    return tuple(told)


def _is_sure(name: str) -> bool:
    """Whether enough people stand behind a range for its ends to be known; the literature's are taken as they are."""
    known = normal.ranges().get(name)
    return known is None or known.people == 0 or known.people >= SURE


def outside(cue: Cue) -> str:
    """``low`` or ``high`` where a value, with all of its interval, lies outside the normal range; else empty."""
    if cue.status != "ok" or cue.value is None or cue.normal is None:
        return ""
    low, high = cue.interval or (cue.value, cue.value)
    if high < cue.normal[0]:
        return "low"
    return "high" if low > cue.normal[1] else ""


def _people(
    path: Path,
    media: Media,
    tracks: Sequence[Track],
    meters: Mapping[str, Meter],
    meshes: Meshes,
    limits: Limits,
) -> dict[int, Person]:
    if media.kind == "image":
        (frame,) = frames(path, limits=limits)
        return {track.id: still(frame, track) for track in tracks}
    people, (start, stop) = watch(path, tracks, meshes.take(len(tracks)), limits, media.duration)
    if any(getattr(meter, "sound", False) for meter in meters.values()):
        sound = read_sound(path, start, stop)
        people = [replace(person, sound=sound) for person in people]
    return {track.id: person for track, person in zip(tracks, people, strict=True)}


def _why_not(track: Track) -> str:
    problems = [crop.quality.problem for crop in track.crops if crop.quality.problem]
    if problems:
        return problems[0].replace("_", " ")
    return f"only the {PEOPLE} most prominent people are measured"
