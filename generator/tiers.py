"""Tiers of training: real -> self-blend -> swap -> reconstruction -> motion -> other parties' fakes.

Shares are configuration.

Self-blends alone teach "inconsistent" and call generated people more real than photographs; the other tiers mend
that (docs/training.md). A tier that the store can't feed is an error, never silently left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from catchlight.datasets.batches import KnownPairs, PairSource, Tier, batch
from catchlight.datasets.faces import Store
from catchlight.detector.errors import DataError, UnknownName
from catchlight.detector.train import ValidationSet
from catchlight.generator import registry
from catchlight.generator.donors import WITHIN_CLIP, ClipPairs, SwapPairs
from catchlight.generator.harmless import HarmlessPairs
from catchlight.generator.levelled import LevelledPairs
from catchlight.generator.networks.restorers import RESTORERS
from catchlight.generator.pairs import BlendPairs, MadePairs, ReconstructionPairs, sources

RECONSTRUCTIONS = "reconstructions"
UNFORGED = ("harmless",)  # tiers without a forgery, of which validation has nothing to measure


@dataclass(frozen=True, slots=True)
class TierConfig:
    """What a batch is made of; every default is commented."""

    pairs: Mapping[str, int] = field(default_factory=lambda: {"self_blend": 16})  # tier to pairs of a batch
    weights: Mapping[str, float] = field(default_factory=dict)  # collection of real people to its weight
    known_weights: Mapping[str, float] = field(default_factory=dict)  # the same for partners of known fakes
    easy: float = (
        0.0  # share of self-blends in training that are easy to see; validation keeps the full range
    )
    levelled: float = 0.0  # share of pairs whose members are made equally sharp (generator/levelled.py)
    held_out_kinds: tuple[str, ...] = ()  # kinds of autoencoder that only validation shows
    video_collections: tuple[
        str, ...
    ] = ()  # of single frames of videos; calibration counts them as video, too
    histories: float = 1.0  # factor on the probability of each degradation that a pair goes through, 0 to 1
    websites: float = 0.0  # probability that a website shows a pair at the end, before that factor
    grain: float = 0.0  # probability that a camera in the dark adds noise of each channel, before that factor
    validation_batches: int = 4  # batches of held-out people for each epoch's validation

    def __post_init__(self) -> None:
        for name in self.pairs:
            if name not in TIERS:
                raise UnknownName("tier", name, TIERS)


def training_tiers(store: Store, config: TierConfig) -> tuple[Tier, ...]:
    """The tiers of a batch, from the training split.

    Raises:
        DataError: If the store has nothing for a tier.
    """
    return _tiers(store, config, "train")


def validation_set(store: Store, config: TierConfig, side: int, seed: int) -> ValidationSet:
    """Held-out people in every tier, the held-out kinds of autoencoder included, degraded like training."""
    tiers = _tiers(store, config, "val")
    images, labels, families = [], [], []
    for number in range(config.validation_batches):
        shown = f"validation/{seed}/{number}"
        inputs, targets = batch(tiers, side, shown, config.histories, config.websites, config.grain)
        images.append(inputs)
        labels.append(targets["score"][:, 0].astype(np.int64))
        families += [tier.name for tier in tiers for _ in range(2 * tier.pairs)]
    return ValidationSet(np.concatenate(images), np.concatenate(labels), np.array(families))


def _tiers(store: Store, config: TierConfig, split: str) -> tuple[Tier, ...]:
    made = [
        Tier(name, count, LevelledPairs(TIERS[name](store, config, split), config.levelled))
        for name, count in config.pairs.items()
        if count > 0 and not (split == "val" and name in UNFORGED)
    ]
    if not made:
        raise DataError("no tier has any pairs; set [tiers.pairs] in the configuration")
    return tuple(made)


def _blends(store: Store, config: TierConfig, split: str) -> PairSource:
    return BlendPairs(sources(store, split, config.weights), easy=config.easy if split == "train" else 0.0)


def _harmless(store: Store, config: TierConfig, split: str) -> PairSource:
    return HarmlessPairs(sources(store, split, config.weights))


def _forged(name: str) -> Callable[[Store, TierConfig, str], PairSource]:
    """What makes a tier of a forgery method; it is given what its kind of method needs."""

    def make(store: Store, config: TierConfig, split: str) -> PairSource:
        method, reals = registry.create(name), sources(store, split, config.weights)
        if name in WITHIN_CLIP:
            return ClipPairs(reals, method)
        return (
            SwapPairs(reals, method) if getattr(method, "needs_source", False) else MadePairs(reals, method)
        )

    return make


def _reconstructions(restored: bool, blended: bool) -> Callable[[Store, TierConfig, str], PairSource]:
    """What makes a tier of stored copies, by networks of our own or (``restored``) of other parties."""

    def make(store: Store, config: TierConfig, split: str) -> PairSource:
        folder = store.folder / RECONSTRUCTIONS
        present = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
        present = [kind for kind in present if (kind in RESTORERS) == restored]
        held_out = [kind for kind in present if kind in config.held_out_kinds]
        kinds = held_out if split == "val" and held_out else [k for k in present if k not in held_out]
        if not kinds:
            wanted = "".join(f" --kind {kind}" for kind in RESTORERS) if restored else ""
            raise DataError(
                f"{folder} holds nothing for this tier; run `catchlight generate reconstruct --faces "
                f"{store.folder}{wanted}`"
            )
        return ReconstructionPairs(sources(store, split, config.weights), folder, kinds, blended)

    return make


def _known(kind: str) -> Callable[[Store, TierConfig, str], PairSource]:
    def make(store: Store, config: TierConfig, split: str) -> PairSource:
        chosen = [i for i, s in enumerate(store.samples) if s.kind == kind and s.split == split]
        fakes = [i for i in chosen if store.samples[i].label == "fake"]
        reals = [i for i in chosen if store.samples[i].label == "real"]
        return KnownPairs(store, fakes, reals, config.known_weights)

    return make


TIERS: dict[str, Callable[[Store, TierConfig, str], PairSource]] = {
    "self_blend": _blends,
    "harmless": _harmless,
    "face_swap": _forged("face_swap"),
    "autoencoder_swap": _forged("autoencoder_swap"),
    "gan_face": _forged("gan_face"),
    "reenactment": _forged("reenact"),
    "motion": _forged("motion"),
    "local_edit": _forged("local_edit"),
    "reconstruction": _reconstructions(restored=False, blended=False),
    "reconstruction_blend": _reconstructions(restored=False, blended=True),
    "restoration": _reconstructions(restored=True, blended=False),
    "restoration_blend": _reconstructions(restored=True, blended=True),
    "known_images": _known("image"),
    "known_frames": _known("video"),
}
