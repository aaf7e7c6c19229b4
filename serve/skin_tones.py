"""Whether a detector judges real people by how light their skin appears.

Every held-out real person is put in a band of skin tone as the pictures show it (`datasets.skin_tone`), and compared
with people of the same collection, for a collection of one country's celebrities and one of a car's camera differ in
far more than skin. A detector that is fair has shifts about 0 and the same share called fake in every band.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catchlight.datasets.skin_tone import BANDS, band_of, skin_tone
from catchlight.detector.calibrate import judge
from catchlight.detector.calibration import KINDS, Calibration, CalibrationSample, log_odds
from catchlight.detector.metrics import Estimate, mean
from catchlight.detector.types import MediaKind
from catchlight.serve.false_alarms import CLEAREST, MOST, refuse_over
from catchlight.serve.held_out import HeldOut

LEAST = 8  # people of a collection, below which its mean says nothing
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class ByTone:
    """What a detector says of the real people of one band.

    Attributes:
        band: A name in `BANDS`.
        kind: Of the media.
        people: How many there are.
        accused: How many of them were called fake in any of their media.
        shift: By how much their log-odds of fake exceed the mean of their collections, in standard deviations
            within collections; None where no collection has enough people.
    """

    band: str
    kind: MediaKind
    people: int
    accused: int
    shift: Estimate | None


def measure(
    tracks: Sequence[HeldOut], scored: Sequence[CalibrationSample], calibration: Calibration, seed: int = 0
) -> tuple[ByTone, ...]:
    """Compare held-out real people by skin tone.

    Args:
        tracks: Held-out media; forged ones are passed over.
        scored: The same with their scores, in the same order.
        calibration: Of the detector.
        seed: Of the intervals, which resample people.

    Returns:
        A line for each kind of medium and each band in which there is somebody.
    """
    people: dict[tuple[MediaKind, str], list[_Shown]] = defaultdict(list)
    for track, sample in zip(tracks, scored, strict=True):
        if not track.label:
            people[track.kind, track.group].append(_shown(track, sample, calibration))
    return tuple(
        line
        for kind in KINDS
        for line in _of_kind(kind, [_one(shown) for (k, _), shown in people.items() if k == kind], seed)
    )


def refuse(found: Sequence[ByTone], most: float = MOST) -> None:
    """Raise where too many real people of a band are called fake.

    Raises:
        TrainingError: If a share is over ``most`` and that is not one person alone.
    """
    refuse_over(
        [(f"{line.band}, {line.kind}", line.accused, line.people) for line in found],
        most,
        "of one skin tone fake",
        "List skin tone and lightness in `indifferent` of [last_layer], or show it more such people",
    )


def table(found: Iterable[ByTone]) -> str:
    """As Markdown, for a card."""
    rows = [
        "| skin as it appears | kind | real people | called fake | log-odds above their collection, in spreads |",
        "|---" * 5 + "|",
    ]
    rows += [
        f"| {one.band} | {one.kind} | {one.people} | {one.accused} | {_told(one.shift)} |" for one in found
    ]
    return "\n".join(rows)


def _told(shift: Estimate | None) -> str:
    return f"{shift.value:+.2f} [{shift.low:+.2f}, {shift.high:+.2f}]" if shift else ""


@dataclass(frozen=True, slots=True)
class _Shown:
    """One medium of a person, or a person: where from, angle of the skin, log-odds, and whether called fake."""

    source: str
    angle: float
    odds: float
    accused: bool


def _shown(track: HeldOut, sample: CalibrationSample, calibration: Calibration) -> _Shown:
    said = judge(sample.scores, track.kind, calibration)
    angle = float(np.median([skin_tone(crop).angle for crop in track.crops]))
    return _Shown(track.source, angle, log_odds(said.p_fake, CLEAREST), said.verdict == "fake")


def _one(shown: Sequence[_Shown]) -> _Shown:
    """A person, from all their media."""
    angle, odds = (float(np.mean([getattr(one, name) for one in shown])) for name in ("angle", "odds"))
    return _Shown(shown[0].source, angle, odds, any(one.accused for one in shown))


def _of_kind(kind: MediaKind, people: Sequence[_Shown], seed: int) -> list[ByTone]:
    bands = np.array([band_of(one.angle) for one in people])
    sizes = Counter(one.source for one in people)
    known = np.array([sizes[one.source] >= LEAST for one in people], bool)
    excess = _excess(people, known)
    lines = []
    for band in BANDS:
        here = bands == band
        if here.any():
            accused = sum(one.accused for one, inside in zip(people, here, strict=True) if inside)
            shift = (
                mean(excess[here & known], seed=seed, resamples=RESAMPLES) if (here & known).any() else None
            )
            lines.append(ByTone(band, kind, int(here.sum()), accused, shift))
    return lines


def _excess(people: Sequence[_Shown], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Log-odds above the mean of a person's collection, in spreads within collections."""
    odds, sources = np.array([one.odds for one in people]), np.array([one.source for one in people])
    for source in np.unique(sources):
        odds[sources == source] -= odds[sources == source].mean()
    spread = odds[known].std() if known.any() else 0.0
    return np.asarray(odds / max(spread, 1e-9))
