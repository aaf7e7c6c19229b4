"""A face of nobody, drawn by a generative adversarial network, in the picture of a real one.

There is no source person: the generator (`networks.gan`) draws a face from random numbers. One whose pose is near is
bent onto the target's landmarks and joined to the picture as swaps are, so that what tells is the generator's texture
and the seam, not a strange background.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from catchlight.generator import masks
from catchlight.generator.gan import pool
from catchlight.generator.gan.maker import SHIPPED, FaceMaker
from catchlight.generator.hardness import Dial
from catchlight.generator.post import colour
from catchlight.generator.swap import frame
from catchlight.generator.swap.conditions import face_mask, fitting
from catchlight.generator.swap.drawer import Drawn
from catchlight.generator.swap.mesh import bend
from catchlight.generator.swap.paste import Finish, drawn_finish, paste
from catchlight.generator.types import Forgery, Portrait

KINDS, KIND_WEIGHTS = ("whole", "no_forehead"), (0.7, 0.3)  # masks
STRENGTHS = (0.9, 1.0, 1.0, 1.0)  # how much of the inside is replaced


class GanFace:
    """The method as the registry makes it.

    Args:
        network: A compiled generator of `catchlight train-generator gan`, with its pool of faces beside it; the
            one that comes with the package without it.
        hardness: 0 (easy to see: hard seams, the drawn colours) to 1, or None to draw every strength.

    Raises:
        BundleError: The generator or its pool is missing or damaged.
    """

    family = "gan_face"

    def __init__(self, network: str | None = None, hardness: float | None = None) -> None:
        path = Path(network) if network else SHIPPED
        # One thread: a recipe has a process for every core, and sums must not depend on their number.
        self.maker, self.pool = FaceMaker(path, threads=1), pool.load(pool.path_of(path))
        self.dial = Dial(hardness)

    def __call__(self, target: Portrait, source: Portrait | None, rng: np.random.Generator) -> Forgery:
        """Put a face of nobody into ``target``; a source is not used."""
        side = self.maker.side
        landmarks = frame.well_named(target.landmarks)
        by = frame.matrix(landmarks, side)
        shown = frame.cut_by(target.image, landmarks, by, side)
        made = fitting(self._face(self.pool.fitting(landmarks, rng)), shown)
        kind = str(rng.choice(KINDS, p=KIND_WEIGHTS))
        mask = np.minimum(face_mask(shown.landmarks, side), masks.hull(kind, shown.landmarks, side, rng))
        return paste(target.image, Drawn(bend(made, shown.landmarks), mask), shown, by, self._finish(rng))

    def _face(self, position: int) -> Portrait:
        of = self.pool
        noise = self.maker.noise(of.seed, of.numbers[position], of.truncation)
        return Portrait(self.maker(noise[None])[0], of.landmarks[position])

    def _finish(self, rng: np.random.Generator) -> Finish:
        matches = str(rng.choice(list(colour.MATCHES)))
        return drawn_finish(rng, self.dial, matches, STRENGTHS)
