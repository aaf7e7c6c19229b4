"""Reconstruction: a picture that went through a small autoencoder, paired with its own real one.

The two show the same person, pose, light and codec; only a decoder's traces tell them apart, so a detector
has nothing else to learn. Each kind (`networks.kinds`) leaves other traces and is a family of its own. Whole here;
`reconstruct_blend` puts it into the face as a swap does.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from catchlight.detector.errors import DataError
from catchlight.detector.types import Pixels
from catchlight.generator.hardness import Dial
from catchlight.generator.networks import autoencoder, kinds
from catchlight.generator.networks.kinds import WEIGHTS
from catchlight.generator.post import colour
from catchlight.generator.types import Forgery, Portrait

MULTIPLE = 16  # the largest stride; pictures are padded to it by reflection
BORDER = 8  # reflected around, then cut off: zero padding in the network marks the outermost pixels
EASY = 3.0  # factor on a decoder's traces at hardness 0


class Reconstruct:
    """The method as the registry makes it.

    Args:
        kind: A name of `kinds.KINDS`.
        weights: Folder of the kinds' `.npz` files.
        hardness: 0 (what the decoder changed is shown `EASY` times as strong) to 1 and None (as the decoder made it).

    Raises:
        UnknownName: No such kind.
        BundleError: Its weights are missing or damaged.

    Example:
        >>> faces = np.zeros((2, 100, 120, 3), np.uint8)
        >>> Reconstruct("ps8").reconstruct(faces).shape  # doctest: +SKIP
        (2, 100, 120, 3)
    """

    def __init__(self, kind: str = "ps8", weights: Path = WEIGHTS, hardness: float | None = None) -> None:
        kinds.named(kind)
        self.kind, self.family = kind, f"reconstruct_{kind}"
        self.strength = Dial(hardness).fixed(1.0, easy=EASY, hard=1.0)
        self._model, self.config = autoencoder.load(weights / f"{kind}.npz")

    def __call__(self, target: Portrait, source: Portrait | None, rng: np.random.Generator) -> Forgery:
        """The whole of ``target`` (or of ``source``, if given) through the autoencoder; nothing is random."""
        image = self.reconstruct((source or target).image[None])[0]
        return Forgery(image, np.ones(image.shape[:2], np.float32))

    def reconstruct(
        self,
        images: Pixels,
        out: Pixels | None = None,
        batch: int = 16,
        report: Callable[[int], None] | None = None,
    ) -> Pixels:
        """Pictures through the autoencoder, a batch at a time.

        Args:
            images: RGB uint8 of shape (n, h, w, 3), each side at least 8; a memory map will do.
            out: Array of that shape to write to, a memory map too; a new one if None.
            batch: Pictures at a time.
            report: Called with the number of pictures done after each batch.

        Returns:
            RGB uint8, shape and order of ``images``.

        Raises:
            DataError: ``images`` is not of that type and shape, or ``out`` is not of its shape.
        """
        out = np.empty(images.shape, np.uint8) if out is None else out
        _check(images, out)
        for start in range(0, len(images), batch):
            out[start : start + batch] = self._through(images[start : start + batch])
            if report:
                report(min(start + batch, len(images)))
        return out

    def _through(self, images: Pixels) -> Pixels:
        height, width = images.shape[1:3]
        pads = [(0, 0), *((BORDER, BORDER + -n % MULTIPLE) for n in (height, width)), (0, 0)]
        pixels = np.pad(images, pads, "symmetric").astype(np.float32)
        # Not `predict`: it gives up static sizes after a few of them, and bilinear upsampling needs them.
        made = np.asarray(self._model(pixels, training=False), np.float32)
        made = made[:, BORDER : BORDER + height, BORDER : BORDER + width]
        return np.stack(
            [self._shown(a, colour.coarse(b, a)) for a, b in zip(images, made * 255, strict=True)]
        )

    def _shown(self, original: Pixels, made: Pixels) -> Pixels:
        if self.strength == 1:
            return made
        shown = cv2.addWeighted(made, self.strength, original, 1 - self.strength, 0)
        return np.asarray(shown, np.uint8)


def _check(images: Pixels, out: Pixels) -> None:
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3 or min(images.shape[1:3]) < 8:
        raise DataError(
            "images must be RGB uint8 of shape (n, h, w, 3) with sides of at least 8 pixels, "
            f"but got {images.dtype} {images.shape}."
        )
    if out.shape != images.shape or out.dtype != np.uint8:
        raise DataError(f"out must be uint8 of shape {images.shape}, but got {out.dtype} {out.shape}.")
