"""What a fitted calibration is: plain numbers that travel as JSON beside the network they belong to.

How they are found and used: `catchlight.detector.calibrate`.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, get_args

import numpy as np

from catchlight.detector.errors import BundleError, UnknownName
from catchlight.detector.types import MediaKind, Scores

SCHEMA = 1
KINDS: tuple[MediaKind, ...] = get_args(MediaKind)
PRIOR = 0.5  # share of fakes that a calibration is fitted for
MAX_FALSE_ALARM = 0.01  # share of real people that may be called fake: it harms a person
MAX_MISS = 0.10  # share of fakes that may be called real


def probability(log_odds: float) -> float:
    """The probability of given log odds, from 0 to 1."""
    return 0.5 * (1 + math.tanh(log_odds / 2))


def log_odds(share: float, clearest: float = 0.0) -> float:
    """The inverse of `probability`; a share nearer to 0 or 1 than ``clearest`` counts as that."""
    kept = min(max(share, clearest), 1 - clearest)
    return math.log(kept / (1 - kept))


@dataclass(frozen=True, slots=True)
class CalibrationSample:
    """The scores of one track whose truth is known.

    Attributes:
        scores: Network scores, one per crop in time order, 0 to 1, shape (n,).
        label: 1 fake, 0 real.
        kind: Of the medium.
        group: The person; all tracks of a person stay together when samples are split or resampled.
        family: The forgery's family, "" for real.
        unseen: The forgery is of a tool that training has not seen, or a real picture to be compared with such.
    """

    scores: Scores
    label: int
    kind: MediaKind
    group: str
    family: str = ""
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class KindCalibration:
    """How scores of one kind of medium become probabilities: log odds of fake = slope * summary + intercept.

    Attributes:
        slope: Above 0, so that a higher score never lowers the probability.
        intercept: Log odds of fake where the network is in doubt.
        replicas: (slope, intercept) fitted on resampled people and families; slope at least 0.
        frame_spread: Typical standard deviation of crops' logits within a track.
        frame_error: Typical standard error of a track's summary that came from the choice of frames.
        real_below: Below this probability a face may be called real; 0 to 0.5, and 0 where none may be.
        fake_above: Above this probability a face may be called fake; 0.5 to 1.
        ece: Expected calibration error, measured on people held out in turn.
        real_people: Real people it was fitted on.
        fake_people: Forged people it was fitted on.
        pooled: There were too few people of this kind, so all kinds were fitted together.
        real_odds: Log odds of fake of the real people's highest tracks, at evenly spaced quantiles from the lowest to
            the highest; none in calibrations of older versions.
    """

    slope: float
    intercept: float
    replicas: tuple[tuple[float, float], ...]
    frame_spread: float
    frame_error: float
    real_below: float
    fake_above: float
    ece: float
    real_people: int
    fake_people: int
    pooled: bool
    real_odds: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        numbers = [self.intercept, *(value for pair in self.replicas for value in pair)]
        rules = {
            "slope must be finite and above 0": 0 < self.slope < math.inf,
            "intercept and replicas must be finite": all(map(math.isfinite, numbers)),
            "replicas must have one or more pairs, slopes at least 0": bool(self.replicas)
            and all(slope >= 0 for slope, _ in self.replicas),
            "frame_spread must be finite and at least 0": 0 <= self.frame_spread < math.inf,
            "frame_error must be finite and at least 0": 0 <= self.frame_error < math.inf,
            "0 <= real_below <= 0.5 <= fake_above <= 1": 0 <= self.real_below <= 0.5 <= self.fake_above <= 1,
            "ece must be from 0 to 1": 0 <= self.ece <= 1,
            "real_odds must be finite and never fall": all(map(math.isfinite, self.real_odds))
            and tuple(sorted(self.real_odds)) == self.real_odds,
            "real_people and fake_people must be at least 1": min(self.real_people, self.fake_people) >= 1,
        }
        broken = [rule for rule, kept in rules.items() if not kept]
        if broken:
            raise BundleError(f"a calibration breaks its rules: {'; '.join(broken)}. Fit it anew.")

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> KindCalibration:
        """Read what `dataclasses.asdict` made of one. Raises KeyError, TypeError, ValueError, BundleError."""
        floats = ("slope", "intercept", "frame_spread", "frame_error", "real_below", "fake_above", "ece")
        pairs = tuple((float(slope), float(intercept)) for slope, intercept in data["replicas"])
        return cls(
            replicas=pairs,
            real_people=int(data["real_people"]),
            fake_people=int(data["fake_people"]),
            pooled=bool(data["pooled"]),
            real_odds=tuple(map(float, data.get("real_odds", ()))),
            **{name: float(data[name]) for name in floats},
        )

    def real_share(self, odds: float) -> float | None:
        """Share of the real people whose log odds of fake are as high, 0 to 1; None where it was not recorded."""
        if not self.real_odds:
            return None
        steps = np.linspace(1.0, 0.0, len(self.real_odds))
        return float(np.interp(odds, self.real_odds, steps, left=1.0, right=0.0))


@dataclass(frozen=True, slots=True)
class Calibration:
    """All that `judge` needs, fitted at a prior of 0.5: as many fakes as real, families of fakes alike.

    Attributes:
        image: For stills.
        video: For clips.
        max_false_alarm: Share of real people that may lie above ``fake_above``.
        max_miss: Share of fakes that may lie below ``real_below``.
    """

    image: KindCalibration
    video: KindCalibration
    max_false_alarm: float = MAX_FALSE_ALARM
    max_miss: float = MAX_MISS

    def __post_init__(self) -> None:
        for name, share in (("max_false_alarm", self.max_false_alarm), ("max_miss", self.max_miss)):
            if not 0 < share < 1:
                raise BundleError(f"{name} of a calibration must be between 0 and 1, received {share}.")

    @property
    def id(self) -> str:
        """Hash of the content: the same numbers have the same id."""
        return _hash(self)

    @property
    def ece(self) -> float:
        """Calibration error of the worse kind."""
        return max(self.image.ece, self.video.ece)

    @property
    def people_needed(self) -> int:
        """Real people that the promise of ``max_false_alarm`` takes; with fewer it is extrapolated."""
        return math.ceil(1 / self.max_false_alarm - 1 - 1e-9)

    def of(self, kind: MediaKind) -> KindCalibration:
        """The calibration of one kind.

        Raises:
            UnknownName: No such kind.
        """
        if kind not in KINDS:
            raise UnknownName("kind of medium", kind, KINDS)
        return self.image if kind == "image" else self.video

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {**self._content(), "id": self.id}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Calibration:
        """Read what `to_dict` wrote.

        Raises:
            BundleError: Of another schema, incomplete, out of range, or changed since it was written.
        """
        try:
            image, video = (KindCalibration.from_dict(data["kinds"][kind]) for kind in ("image", "video"))
            found = cls(image, video, float(data["max_false_alarm"]), float(data["max_miss"]))
            said = (data["schema"], data["prior"], data["id"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            reason = f"no field {error}" if isinstance(error, KeyError) else str(error)
            raise BundleError(f"this is no calibration of schema {SCHEMA}: {reason}. Fit it anew.") from error
        expected = (SCHEMA, PRIOR, found.id)
        if said != expected:
            raise BundleError(
                f"a calibration was changed or is of another version: schema, prior, id must be {expected}, "
                f"received {said}. Fit it anew."
            )
        return found

    def _content(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "prior": PRIOR,
            "max_false_alarm": self.max_false_alarm,
            "max_miss": self.max_miss,
            "kinds": {kind: _plain(self.of(kind)) for kind in KINDS},
        }


def _plain(fitted: KindCalibration) -> dict[str, Any]:
    """Without what was not recorded, so that a calibration of an older version keeps its id."""
    return {name: value for name, value in asdict(fitted).items() if name != "real_odds" or value}


@lru_cache(maxsize=64)
def _hash(calibration: Calibration) -> str:
    """Every report names its calibration, and to write out all the numbers takes milliseconds."""
    text = json.dumps(calibration._content(), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
