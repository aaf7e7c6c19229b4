"""Whose faces a generator may learn from: adults only, as far as that can be known.

A store knows where a picture comes from, not how old people are. So a configuration names the collections that hold
adults, and of pictures whose name tells an age (as UTKFace's do: age_gender_race_date) those of minors are left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from catchlight.datasets.faces import Store
from catchlight.datasets.manifest import Sample
from catchlight.detector.errors import DataError

ADULT = 18
_AGED = re.compile(r"(\d{1,3})_[01]_[0-4]_\d{8,}")


@dataclass(frozen=True, slots=True)
class Ages:
    """What is known of the ages in a store.

    Attributes:
        told: Pictures whose name tells an age of `ADULT` or more.
        minors: Pictures left out, because it tells less.
        trusted: Pictures that tell none; that they show adults is what their collection's description says.
    """

    told: int
    minors: int
    trusted: int


def age_of(sample: Sample) -> int | None:
    """The age that the name of a picture tells, in years; None where it tells none.

    Example:
        >>> age_of(Sample("images/utkface/26_1_2_20170116184024662.jpg", "real"))
        26
    """
    found = _AGED.match(PurePosixPath(sample.path).name)
    return int(found[1]) if found else None


def adults(store: Store, sources: tuple[str, ...]) -> tuple[Store, Ages]:
    """The real pictures of some collections, without those of minors.

    Args:
        store: The store.
        sources: Names of collections of adults.

    Raises:
        DataError: No collection is named, or they hold nothing.
    """
    if not sources:
        raise DataError(
            "a generator must be trained on adults only: name the collections that hold none but adults in the "
            "configuration, [data] sources = [...]"
        )
    chosen = store.where(lambda s: s.label == "real" and s.source in sources)
    ages = [age_of(store.samples[i]) for i in chosen]
    kept = [i for i, age in zip(chosen, ages, strict=True) if age is None or age >= ADULT]
    if not kept:
        held = ", ".join(sorted({s.source for s in store.samples if s.label == "real"})) or "none"
        raise DataError(
            f"{store.folder} holds no real face of an adult of {', '.join(sources)}; its collections of real "
            f"faces: {held}"
        )
    told = sum(age is not None and age >= ADULT for age in ages)
    part = replace(store, samples=tuple(store.samples[i] for i in kept), landmarks=store.landmarks[kept])
    return part, Ages(told, len(chosen) - len(kept), len(kept) - told)
