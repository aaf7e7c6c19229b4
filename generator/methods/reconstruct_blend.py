"""Reconstruction blended in: a face after a small decoder, put into its own picture as a swap's face is.

A swap's network draws the inside of the face alone; around it the picture is as the camera took it. So a decoder's
traces end at a seam, and half of the insides differ in light, colour and sharpness too, as after a colour match that
was not perfect. The steps are those of `self_blend` with a source; training draws the same pairs from stored
reconstructions (`pairs.ReconstructionPairs`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from catchlight.generator.methods.reconstruct import Reconstruct
from catchlight.generator.methods.self_blend import SelfBlend
from catchlight.generator.networks.kinds import WEIGHTS
from catchlight.generator.types import Forgery, Portrait


class ReconstructBlend:
    """The method as the registry makes it.

    Args:
        kind: A name of `kinds.KINDS`, the autoencoder.
        mask: A mask kind of `masks.KINDS`, or None to draw one for each face.
        weights: Folder of the kinds' `.npz` files.
        hardness: 0 (easy to see: strong traces, strong alterations, hard seams) to 1, or None to draw every strength.

    Raises:
        UnknownName: No such kind.
        BundleError: Its weights are missing or damaged.

    Example:
        >>> face = Portrait(np.zeros((64, 64, 3), np.uint8), np.zeros((478, 2), np.float32))
        >>> ReconstructBlend("ps8", mask="mouth")(face, None, np.random.default_rng(1))  # doctest: +SKIP
    """

    def __init__(
        self,
        kind: str = "ps8",
        mask: str | None = None,
        weights: Path = WEIGHTS,
        hardness: float | None = None,
    ) -> None:
        self.decoder, self.blend = Reconstruct(kind, weights, hardness), SelfBlend(mask, hardness)
        self.family = f"reconstruct_blend_{kind}"

    def __call__(self, target: Portrait, source: Portrait | None, rng: np.random.Generator) -> Forgery:
        """Blend ``target`` with itself after the decoder; a source is not used."""
        decoded = self.decoder(target, None, rng).image
        return self.blend(target, Portrait(decoded, target.landmarks), rng)
