"""All cues of all people in a medium: gathers once, lets every meter look, and holds the values against real people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from catchlight.detector.cues import normal
from catchlight.detector.cues.follow import PEOPLE
from catchlight.detector.cues.gather import Watch
from catchlight.detector.cues.person import Person, absent
from catchlight.detector.cues.registry import Meter
from catchlight.detector.cues.sound import read_sound
from catchlight.detector.cues.usual import TRUSTED, outside
from catchlight.detector.errors import ContractError
from catchlight.detector.types import Cue, Media, Track

SURE = 100  # people behind a range from which on a value outside it is told: two of them lie beyond each end

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


def is_dense(media: Media, meters: Mapping[str, Meter]) -> bool:
    """Whether any cue asks for landmarks between the sampled frames, which a still has none of."""
    return media.kind == "video" and any(getattr(meter, "temporal", False) for meter in meters.values())


def of_medium(path: Path, tracks: Sequence[Track], meters: Mapping[str, Meter], watch: Watch) -> Found:
    """Measure all cues of all people.

    Args:
        path: The medium, for its sound.
        tracks: Its people, the most prominent first.
        meters: Name to meter.
        watch: What watched it while it was read.

    Raises:
        ContractError: A plug-in gave something that is no cue.
    """
    reasons = {track.id: why for track in tracks if (why := watch.why or _why_not(track))}
    measured = [track for track in tracks if track.id not in reasons]
    reasons |= {
        track.id: f"only the {PEOPLE} most prominent people are measured" for track in measured[PEOPLE:]
    }
    people = _people(path, measured[:PEOPLE], meters, watch)
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


def _people(
    path: Path, tracks: Sequence[Track], meters: Mapping[str, Meter], watch: Watch
) -> dict[int, Person]:
    """What was seen of some people, with the sound if any cue wants it."""
    people = watch.people(tracks) if tracks and meters else {}
    times = [time for person in people.values() for time in person.times.tolist()]
    if times and max(times) > 0 and any(getattr(meter, "sound", False) for meter in meters.values()):
        sound = read_sound(path, min(times), max(times))
        return {number: replace(person, sound=sound) for number, person in people.items()}
    return people


def _why_not(track: Track) -> str:
    """Why a person can't be measured; empty when they can."""
    problems = [crop.quality.problem for crop in track.crops if crop.quality.problem]
    if not problems and track.crops:
        return ""
    return problems[0].replace("_", " ") if problems else "no face was seen"
