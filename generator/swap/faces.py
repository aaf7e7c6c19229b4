"""The faces that a swap network learns from, cut once and held in memory: a picture of 128 px takes 49 kB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catchlight.datasets.faces import Store
from catchlight.detector.errors import DataError
from catchlight.detector.types import Pixels
from catchlight.generator.swap import frame
from catchlight.generator.types import Portrait


@dataclass(frozen=True, slots=True)
class Faces:
    """Faces as `frame.cut` gives them.

    Attributes:
        images: RGB uint8, shape (n, side, side, 3).
        landmarks: float32, shape (n, 478, 2), pixels of the images.
        people: Who is in each picture.
    """

    images: Pixels
    landmarks: NDArray[np.float32]
    people: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.images)

    @property
    def side(self) -> int:
        """Height and width of the pictures, pixels."""
        return int(self.images.shape[1])

    def portrait(self, index: int) -> Portrait:
        """One of them."""
        return Portrait(self.images[index], self.landmarks[index])

    def of(self, indices: Sequence[int]) -> Faces:
        """Some of them, copied."""
        chosen = list(indices)
        return Faces(self.images[chosen], self.landmarks[chosen], tuple(self.people[i] for i in chosen))

    def groups(self) -> dict[str, list[int]]:
        """Who is there, and in which pictures."""
        found: dict[str, list[int]] = {}
        for index, person in enumerate(self.people):
            found.setdefault(person, []).append(index)
        return found


def gather(
    store: Store, side: int, sources: Sequence[str] = (), split: str = "train", min_width: float = 80.0
) -> Faces:
    """The real faces of a store.

    Args:
        store: The store.
        side: Of the pictures to cut, pixels.
        sources: Collections to take; all without it.
        split: ``train`` or ``val``.
        min_width: Narrower faces (pixels of the stored picture) are left out: they would teach blur.

    Raises:
        DataError: There is none.
    """
    chosen = store.where(
        lambda s: (
            s.label == "real"
            and s.split == split
            and s.face_width >= min_width
            and (not sources or s.source in sources)
        )
    )
    if not chosen:
        held = ", ".join(sorted({s.source for s in store.samples if s.label == "real"})) or "none"
        raise DataError(
            f"{store.folder} holds no real face of split {split!r}, at least {min_width:g} px wide, "
            f"of {', '.join(sources) or 'any collection'}; its collections of real faces: {held}"
        )
    return stack(
        [frame.cut(store.image(i), store.landmarks[i], side) for i in chosen],
        [store.samples[i].person for i in chosen],
    )


def stack(portraits: Sequence[Portrait], people: Sequence[str]) -> Faces:
    """Single faces of one size as `Faces`."""
    return Faces(
        np.stack([p.image for p in portraits]), np.stack([p.landmarks for p in portraits]), tuple(people)
    )
