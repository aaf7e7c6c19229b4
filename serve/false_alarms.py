"""How many held-out real people a detector would call fake after handling that forges nobody.

Who owns a poor camera, works at night or prints in black and white is no forger. AUC on media as they are does not show
what handling does: a detector that rose in all of them called most photographs with noise fake. So a bundle tells
it in its card, and one that accuses too many is not made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from catchlight.datasets import degrade
from catchlight.detector.calibrate import judge
from catchlight.detector.calibration import KINDS, Calibration
from catchlight.detector.errors import TrainingError
from catchlight.detector.types import MediaKind, Pixels, Scores
from catchlight.serve.held_out import HeldOut

MOST = 0.05  # share of people whom one handling may make look forged; as they are it is 1 %
PEOPLE, FRAMES = 200, 4  # of each kind of medium, and of each clip, at most


HANDLINGS: Mapping[str, Callable[[Pixels], Pixels]] = {
    "as they are": lambda crop: crop,
    "soft": lambda crop: degrade.blur(crop, 1.4),
    "sharp": lambda crop: degrade.sharpen(crop, 1.0, 1.0),
    "half size": lambda crop: degrade.resize(crop, 0.5),
    "noise": lambda crop: degrade.noise(crop, 8.0, 1.0),
    "colour noise": lambda crop: degrade.grain(crop, 10.0, 1.0),
    "JPEG at 30": lambda crop: degrade.jpeg(crop, 30),
    "dark": lambda crop: (crop * 0.5).astype(np.uint8),
    "black and white": degrade.grey,
}


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """What one handling does to real people.

    Attributes:
        handling: Its name.
        kind: Of the media.
        people: How many were judged.
        accused: How many of them were called fake.
        shift: Mean change of their log-odds of fake, in standard deviations among them as they are.
    """

    handling: str
    kind: MediaKind
    people: int
    accused: int
    shift: float


def measure(
    tracks: Iterable[HeldOut],
    score: Callable[[Pixels], Scores],
    calibration: Calibration,
    handlings: Mapping[str, Callable[[Pixels], Pixels]] = HANDLINGS,
) -> tuple[FalseAlarms, ...]:
    """Judge held-out real people after each handling, one medium a person.

    Args:
        tracks: Held-out media, as of `held_out.held_out_tracks`; forged ones are passed over.
        score: Takes crops and gives one probability each.
        calibration: Of the detector.
        handlings: By name; the first is what shifts are measured from.

    Returns:
        A line for each kind of medium that there is and each handling.

    Raises:
        DataError: If a score is no probability.
    """
    people = _people(tracks)
    return tuple(
        line
        for kind in KINDS
        if people[kind]
        for line in _of_kind(people[kind], score, calibration, handlings)
    )


def refuse(found: Sequence[FalseAlarms], most: float = MOST) -> None:
    """Raise where a handling makes too many real people look forged.

    Raises:
        TrainingError: If a share is over ``most`` and that is not one person alone.
    """
    over = [line for line in found if line.accused > max(1, most * line.people)]
    if over:
        told = "; ".join(f"{one.handling}, {one.kind}: {one.accused} of {one.people}" for one in over)
        raise TrainingError(
            f"this detector would call too many real people fake whose media were only handled ({told}); expected "
            f"at most {most:.0%}. No bundle was written. Show it real people so, in training or to its last layer"
        )


def table(found: Sequence[FalseAlarms]) -> str:
    """As Markdown, for a card."""
    rows = [
        "| handling | kind | real people | called fake | shift of log-odds, in spreads |",
        "|---" * 5 + "|",
    ]
    rows += [
        f"| {one.handling} | {one.kind} | {one.people} | {one.accused} | {one.shift:+.2f} |" for one in found
    ]
    return "\n".join(rows)


def _people(tracks: Iterable[HeldOut]) -> dict[MediaKind, list[HeldOut]]:
    """The first medium of each real person, and a few frames of it spread over its length."""
    found: dict[MediaKind, dict[str, HeldOut]] = {kind: {} for kind in KINDS}
    for track in tracks:
        if not track.label and len(found[track.kind]) < PEOPLE:
            shown = np.unique(np.linspace(0, len(track.crops) - 1, FRAMES).round().astype(int))
            found[track.kind].setdefault(track.group, replace(track, crops=track.crops[shown]))
    return {kind: list(people.values()) for kind, people in found.items()}


def _of_kind(
    people: Sequence[HeldOut],
    score: Callable[[Pixels], Scores],
    calibration: Calibration,
    handlings: Mapping[str, Callable[[Pixels], Pixels]],
) -> list[FalseAlarms]:
    kind, before, lines = people[0].kind, np.zeros(0), []
    for name, handle in handlings.items():
        said = [judge(score(np.stack([handle(c) for c in one.crops])), kind, calibration) for one in people]
        p_fake = np.clip([each.p_fake for each in said], 1e-9, 1 - 1e-9)
        odds = np.log(p_fake / (1 - p_fake))
        before = before if len(before) else odds
        accused = sum(each.verdict == "fake" for each in said)
        shift = float((odds - before).mean() / max(before.std(), 1e-9))
        lines.append(FalseAlarms(name, kind, len(people), accused, shift))
    return lines
