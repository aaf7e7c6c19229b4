"""Face swap by a network: it draws the source's face with the target's expression, pose and light.

One network for everybody (`networks.swap`, kind ``one_shot``), which comes with the package; or a pair's, trained for
its two people. What it draws goes through the matching of colours, sharpness and seam that a swap of a video goes
through too. Networks of other sizes and finishes draw from one face to the next, as tools differ.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from catchlight.detector.errors import ConfigError
from catchlight.generator import masks
from catchlight.generator.hardness import Dial
from catchlight.generator.post import colour
from catchlight.generator.swap import frame
from catchlight.generator.swap.drawer import ONE_SHOT, Drawer, Drawn
from catchlight.generator.swap.paste import Finish, drawn_finish, paste
from catchlight.generator.types import Forgery, Portrait

KINDS = ("whole", "no_forehead", "components")  # masks within which the network's own is used
KIND_WEIGHTS = (0.6, 0.25, 0.15)
STRENGTHS = (0.85, 1.0, 1.0, 1.0)  # how much of the inside is replaced
KEPT = 0.25  # share whose colours stay as the network drew them


class AutoencoderSwap:
    """The method as the registry makes it.

    Args:
        network: A compiled network; the one that comes with the package without it.
        hardness: 0 (easy to see: hard seams, soft faces, the drawn colours) to 1, or None to draw every strength.

    Raises:
        BundleError: The network is missing or damaged.

    Example:
        >>> from catchlight.generator.testing import sample_portrait
        >>> AutoencoderSwap()(sample_portrait(64, 1), sample_portrait(64, 2), np.random.default_rng(1)).image.shape
        (64, 64, 3)
    """

    family = "autoencoder_swap"
    needs_source = True

    def __init__(self, network: str | None = None, hardness: float | None = None) -> None:
        # One thread: a recipe has a process for every core, and sums must not depend on their number.
        self.drawer = Drawer(Path(network) if network else ONE_SHOT, threads=1)
        self.dial = Dial(hardness)

    def __call__(self, target: Portrait, source: Portrait | None, rng: np.random.Generator) -> Forgery:
        """Put the face of ``source`` into ``target``.

        Raises:
            ConfigError: If there is no source.
        """
        if source is None:
            raise ConfigError("a face swap needs a source: the face to put in")
        finish, kind = self._finish(rng), str(rng.choice(KINDS, p=KIND_WEIGHTS))
        side = self.drawer.side
        landmarks, others = (frame.well_named(face.landmarks) for face in (target, source))
        by = frame.matrix(landmarks, side)
        shown = frame.cut_by(target.image, landmarks, by, side)
        drawn = self.drawer.draw(shown, frame.cut(source.image, others, side))
        part = Drawn(drawn.image, np.minimum(drawn.mask, masks.hull(kind, shown.landmarks, side, rng)))
        return paste(target.image, part, shown, by, finish)

    def _finish(self, rng: np.random.Generator) -> Finish:
        matches = "none" if rng.random() < KEPT else str(rng.choice(list(colour.MATCHES)))
        return drawn_finish(rng, self.dial, matches, STRENGTHS)
