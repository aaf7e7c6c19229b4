"""Reconstruction: a picture that went through a small autoencoder, paired with its own real one.

The two show the same person, pose, light and codec; only a decoder's traces tell them apart, so a detector has
nothing else to learn. Each kind differs in decoder, bottleneck or judge, leaves other traces, and is a family
of its own. Used whole, and as the inside of a blend (`self_blend` with a source).

    weights of all kinds lie beside the code (generator/weights, float16); CARD.md there says what they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from catchlight.detector.errors import ConfigError, DataError, UnknownName
from catchlight.detector.types import Pixels
from catchlight.generator.networks import autoencoder
from catchlight.generator.networks.autoencoder import AutoencoderConfig
from catchlight.generator.networks.train_autoencoder import FitConfig, Images, fit
from catchlight.generator.types import Forgery, Portrait

WEIGHTS = Path(__file__).parent.parent / "weights"
MULTIPLE = 16  # the largest stride; pictures are padded to it by reflection


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind is made."""

    network: AutoencoderConfig  # what it looks like
    fit: FitConfig = field(default_factory=FitConfig)  # how it is trained
    critic: Literal["patch", "perceptual"] | None = None  # a judge beside L1 and DSSIM


# Two lanes of one core each train all of them in a quarter of an hour.
KINDS: dict[str, Kind] = {
    "ps8": Kind(AutoencoderConfig("pixel_shuffle", 8, 10, 32), FitConfig(steps=2000, seed=1)),
    "tc16": Kind(AutoencoderConfig("transposed", 16, 40, 24, kernel=4), FitConfig(steps=3000, seed=2)),
    "nn8": Kind(AutoencoderConfig("nearest", 8, 12, 24), FitConfig(steps=1800, seed=3)),
    "bl8": Kind(AutoencoderConfig("bilinear", 8, 12, 24), FitConfig(steps=1800, seed=4)),
    "vae8": Kind(AutoencoderConfig("nearest", 8, 16, 24, variational=True), FitConfig(steps=1800, seed=5)),
    "dn8": Kind(AutoencoderConfig("transposed", 8, 12, 24, kernel=3, noise=0.04), FitConfig(steps=2200, seed=6)),
    "adv8": Kind(AutoencoderConfig("pixel_shuffle", 8, 8, 24), FitConfig(steps=1800, seed=7), "patch"),
    "per8": Kind(AutoencoderConfig("transposed", 8, 16, 24, kernel=4), FitConfig(steps=1500, seed=8), "perceptual"),
}


class Reconstruct:
    """The method as the registry makes it.

    Args:
        kind: A name of `KINDS`.
        weights: Folder of the kinds' `.npz` files.

    Raises:
        UnknownName: No such kind.
        BundleError: Its weights are missing or damaged.

    Example:
        >>> faces = np.zeros((2, 100, 120, 3), np.uint8)
        >>> Reconstruct("ps8").reconstruct(faces).shape  # doctest: +SKIP
        (2, 100, 120, 3)
    """

    def __init__(self, kind: str, weights: Path = WEIGHTS) -> None:
        _kind(kind)
        self.kind, self.family = kind, f"reconstruct_{kind}"
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
            images: RGB uint8 of shape (n, h, w, 3), each side at least 8; a memory map is read batch by batch.
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
        pads = [(0, 0), (0, -height % MULTIPLE), (0, -width % MULTIPLE), (0, 0)]
        made = self._model.predict_on_batch(np.pad(images, pads, "symmetric").astype(np.float32))
        made = made[:, :height, :width]
        return np.clip(np.rint(made * 255), 0, 255).astype(np.uint8)


def train_kind(
    kind: str,
    images: Images,
    weights: Path = WEIGHTS,
    backbone: Path | None = None,
    report: Callable[[int, float], None] | None = None,
) -> Path:
    """Train a kind from scratch and write its weights; goes on where an interrupted run stopped.

    Args:
        kind: A name of `KINDS`.
        images: Real faces, as `train_autoencoder.fit` takes them.
        weights: Folder to write to; the checkpoint lies there too until the end.
        backbone: MobileNetV2's ImageNet weights without the top, for kinds with the perceptual critic.
        report: Called with (step, loss).

    Returns:
        The file of weights; the old one stays until the new one is whole.

    Raises:
        UnknownName: No such kind.
        ConfigError: The kind needs ``backbone`` and none was given.
        DataError: There are no pictures, or a picture is not RGB uint8.
        TrainingError: The loss is no longer finite, or the checkpoint is damaged or of another run.
    """
    made = _kind(kind)
    path = weights / f"{kind}.npz"
    # Before the critic is made, so that its first weights are the seed's too.
    _seed(made.fit.seed)
    checkpoint = weights / f".{kind}.checkpoint.partial"
    model = fit(images, made.network, made.fit, _critic(kind, backbone), checkpoint, report)
    autoencoder.save(model, made.network, path)
    return path


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise UnknownName("kind of reconstruction", name, KINDS)
    return KINDS[name]


def _seed(seed: int) -> None:
    import keras

    keras.utils.set_random_seed(seed)


def _critic(kind: str, backbone: Path | None) -> Any:
    from catchlight.generator.networks import critics

    if KINDS[kind].critic == "patch":
        return critics.PatchCritic()
    if KINDS[kind].critic is None:
        return None
    if backbone is None or not backbone.is_file():
        raise ConfigError(
            f"{kind} is trained with MobileNetV2's features, but {backbone} is no file of its weights; "
            "give the path of the ImageNet weights without the top."
        )
    return critics.PerceptualCritic(critics.mobilenet_features(str(backbone)))


def _check(images: Pixels, out: Pixels) -> None:
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3 or min(images.shape[1:3]) < 8:
        raise DataError(
            "images must be RGB uint8 of shape (n, h, w, 3) with sides of at least 8 pixels, "
            f"but got {images.dtype} {images.shape}."
        )
    if out.shape != images.shape or out.dtype != np.uint8:
        raise DataError(f"out must be uint8 of shape {images.shape}, but got {out.dtype} {out.shape}.")
