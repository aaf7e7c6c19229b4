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
from catchlight.detector.calibration import KINDS, Calibration, log_odds
from catchlight.detector.errors import TrainingError
from catchlight.detector.types import MediaKind, Pixels, Scores
from catchlight.serve.held_out import HeldOut

MOST = 0.05  # share of people whom one handling may make look forged; as they are it is 1 %
CLEAREST = 1e-9  # probability that log-odds are taken of, at least; and at most 1 less it
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
    refuse_over(
        [(f"{line.handling}, {line.kind}", line.accused, line.people) for line in found],
        most,
        "fake whose media were only handled",
        "Show it real people so, in training or to its last layer",
    )


def refuse_over(counts: Iterable[tuple[str, int, int]], most: float, whom: str, remedy: str) -> None:
    """Raise where too many of some real people are called fake.

    Args:
        counts: For each group its name, how many of it were called fake, and how many there are.
        most: Share of a group that may be; one person alone always may.
        whom: Goes on with "this detector would call too many real people".
        remedy: What to do, as a sentence without its stop.

    Raises:
        TrainingError: If a group has more.
    """
    over = [(name, accused, people) for name, accused, people in counts if accused > max(1, most * people)]
    if over:
        told = "; ".join(f"{name}: {accused} of {people}" for name, accused, people in over)
        raise TrainingError(
            f"this detector would call too many real people {whom} ({told}); expected at most {most:.0%}. No bundle "
            f"was written. {remedy}"
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
        odds = np.array([log_odds(each.p_fake, CLEAREST) for each in said])
        before = before if len(before) else odds
        accused = sum(each.verdict == "fake" for each in said)
        shift = float((odds - before).mean() / max(before.std(), 1e-9))
        lines.append(FalseAlarms(name, kind, len(people), accused, shift))
    return lines
