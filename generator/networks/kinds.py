"""The kinds of autoencoder that reconstructions are made with, and the training of each from scratch.

They differ in decoder, bottleneck or judge, and so in the traces that they leave. Their weights lie in
generator/weights; CARD.md there says what they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.generator.networks import stored
from catchlight.generator.networks.autoencoder import AutoencoderConfig
from catchlight.generator.networks.train_autoencoder import FitConfig, Images, fit

WEIGHTS = Path(__file__).parent.parent / "weights"


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind is made."""

    network: AutoencoderConfig  # what it looks like
    fit: FitConfig = field(default_factory=FitConfig)  # how it is trained
    critic: Literal["patch", "perceptual"] | None = None  # a judge beside L1 and DSSIM


# Four to nine minutes each on one busy core (CARD.md beside the weights has quality by kind).
KINDS: dict[str, Kind] = {
    "ps8": Kind(AutoencoderConfig("pixel_shuffle", 8, 10, 32), FitConfig(steps=2000, seed=1)),
    "tc16": Kind(AutoencoderConfig("transposed", 16, 40, 24), FitConfig(steps=3000, seed=2)),
    "nn8": Kind(AutoencoderConfig("nearest", 8, 12, 24), FitConfig(steps=1200, seed=3)),
    "bl8": Kind(AutoencoderConfig("bilinear", 8, 12, 24), FitConfig(steps=1200, seed=4)),
    "vae8": Kind(AutoencoderConfig("nearest", 8, 16, 24, variational=True), FitConfig(steps=1200, seed=5)),
    "dn8": Kind(AutoencoderConfig("transposed", 8, 12, 24, 3, noise=0.04), FitConfig(steps=1200, seed=6)),
}


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
        DataError: There are no pictures, a picture is not RGB uint8, or a file can't be written.
        TrainingError: The loss is no longer finite, or the checkpoint is damaged or of another run.
    """
    made = named(kind)
    path = weights / f"{kind}.npz"
    # Before the critic is made, so that its first weights are the seed's too.
    _seed(made.fit.seed)
    checkpoint = weights / f".{kind}.checkpoint.partial"
    model = fit(images, made.network, made.fit, _critic(kind, backbone), checkpoint, report)
    stored.save(model, made.network, path)
    return path


def named(name: str) -> Kind:
    """The kind of a name; UnknownName lists the valid ones."""
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
