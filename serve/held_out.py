"""Scores of held-out people, real and forged in every way that the store knows: for calibration.

Photographs count one each, frames of a clip form a track, as in scoring. Half of them go through a drawn
history of compression, because what people drop in does. Forgeries of the generator are made of the held-out
real people, one kind of each per medium.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from catchlight.datasets import degrade
from catchlight.datasets.batches import cut_sample
from catchlight.datasets.faces import Store
from catchlight.detector.calibration import CalibrationSample
from catchlight.detector.types import MediaKind, Pixels, Scores
from catchlight.generator.methods.self_blend import SelfBlend
from catchlight.generator.pairs import ReconstructionPairs, sources
from catchlight.generator.tiers import RECONSTRUCTIONS
from catchlight.generator.types import Portrait, key

LEAST = 5  # tracks of a kind of medium that make a family
RARE = "rare_tools"
Score = Callable[[Pixels], Scores]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """One held-out track: its crops, uint8 (n, side, side, 3), and the truth."""

    crops: Pixels
    label: int
    kind: MediaKind
    group: str
    family: str


def score_held_out(tracks: Sequence[HeldOut] | Iterator[HeldOut], score: Score) -> list[CalibrationSample]:
    """Score tracks with a network; ``score`` takes crops and gives one probability each."""
    return [CalibrationSample(score(t.crops), t.label, t.kind, t.group, t.family) for t in tracks]


def merge_small(tracks: Sequence[HeldOut], least: int = LEAST) -> list[HeldOut]:
    """Forgery families of fewer than ``least`` tracks of a kind become one, called `RARE`.

    Calibration weighs families alike, and resamples them for its intervals; a family of one clip would weigh as
    much as one of a thousand, and its accidents would rule both.
    """
    sizes = Counter((track.family, track.kind) for track in tracks)
    return [
        replace(track, family=RARE) if track.label and sizes[track.family, track.kind] < least else track
        for track in tracks
    ]


def held_out_tracks(
    store: Store, side: int, seed: int, reconstructions: Sequence[str] = ()
) -> Iterator[HeldOut]:
    """All held-out media of a store, and forgeries made of the real ones.

    Args:
        store: The store; its ``val`` split is used.
        side: Side of the crops.
        seed: Of histories and forgeries.
        reconstructions: Kinds of autoencoder whose pictures the store holds and training did not use.
    """
    decoders = _decoders(store, reconstructions)
    for name, indices in _media(store).items():
        rng = key(seed, name)
        sample = store.samples[indices[0]]
        history = degrade.draw(rng) if rng.random() < 0.5 else ()
        portraits = [Portrait(*cut_sample(store, index, side, None)) for index in indices]
        real = _track([p.image for p in portraits], history, sample.kind, sample.person)
        if sample.label == "fake":
            yield replace(real, label=1, family=sample.method)
            continue
        yield real
        blends = [SelfBlend()(portrait, None, key(seed, f"{name}/blend")).image for portrait in portraits]
        yield replace(_track(blends, history, sample.kind, sample.person), label=1, family="self_blend")
        for family, pairs in decoders.items():
            there = [index for index in indices if index in pairs.files]
            if there:
                crops = [pairs.pair_of(i, side, None, key(seed, f"{name}/{family}")).fake for i in there]
                yield replace(_track(crops, history, sample.kind, sample.person), label=1, family=family)


def _decoders(store: Store, kinds: Sequence[str]) -> dict[str, ReconstructionPairs]:
    """The held-out kinds of autoencoder, whole and blended in; none where no kind is named."""
    folder = store.folder / RECONSTRUCTIONS
    reals = sources(store, "val")
    families = {"reconstruction": False, "reconstruction_blend": True} if kinds else {}
    return {name: ReconstructionPairs(reals, folder, kinds, blended) for name, blended in families.items()}


def _media(store: Store) -> dict[str, list[int]]:
    media: dict[str, list[int]] = {}
    for index in store.where(lambda s: s.split == "val"):
        media.setdefault(store.samples[index].medium, []).append(index)
    return media


def _track(crops: list[Pixels], history: degrade.History, kind: MediaKind, group: str) -> HeldOut:
    return HeldOut(np.stack([degrade.apply(crop, history) for crop in crops]), 0, kind, group, "")
