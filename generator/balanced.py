"""Balanced examples from the training split, for fitting a network's last layer (`detector.models.last_layer`).

Of four kinds: forged pairs of every tier, as drawn and made equally sharp; the stored faces themselves, of every
clip and tool alike much, each as it is, softened, sharpened and with noise, so that neither sharpness nor noise tells
anything; and, where asked for, stored faces as websites show them, of real people above all, and real photographs that
went through an enlarging network, as real ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain

import numpy as np

from catchlight.datasets.batches import batch, cut_sample, keyed
from catchlight.datasets.degrade import apply, blur, jpeg, of_website, resize, sharpen
from catchlight.datasets.faces import Store
from catchlight.datasets.manifest import Sample
from catchlight.detector.models.last_layer import Examples, LastLayerConfig
from catchlight.detector.types import Pixels
from catchlight.generator.enhanced import enhanced
from catchlight.generator.harmless import grainy
from catchlight.generator.pairs import ReconstructionPairs
from catchlight.generator.tiers import TierConfig, training_tiers

CHUNK = 64  # crops handed on at a time
SENT_PEOPLE, SENT_FAKES = 2200, 1200  # stored faces that are shown as websites show them
LEVELLED = (0.0, 0.6)  # shares of pairs made equally sharp: as forgeries are, and as they might be


def _noisy(crop: Pixels) -> Pixels:
    """The same for the same crop."""
    return grainy(crop, np.random.default_rng(int(crop[::8, ::8].astype(np.int64).sum())))


VIEWS: dict[str, Callable[[Pixels], Pixels]] = {
    "plain": lambda crop: crop,
    "soft": lambda crop: blur(crop, 1.4),
    "sharp": lambda crop: sharpen(crop, 0.6, 1.0),
    "noisy": _noisy,
}


def examples(
    store: Store, tiers: TierConfig, config: LastLayerConfig, side: int, seed: int
) -> Iterator[Examples]:
    """All examples for the last layer, from the training split.

    Args:
        store: The store of faces.
        tiers: As for training.
        config: How many.
        side: Of the crops, in pixels.
        seed: All draws follow from it.

    Raises:
        DataError: If enhanced photographs are asked for and the store holds none (at once), or it has nothing for a
            tier (at the first example).
    """
    # What a store lacks is told at once: the last layer is fitted after hours of training.
    copies = enhanced(store, "train") if config.enhanced else None
    return chain(
        _pairs(store, tiers, config.batches, side, seed),
        _faces(store, config.stills, side, seed),
        _on_websites(store, side, seed) if config.websites else (),
        _enhanced(copies, side, seed) if copies else (),
    )


def real_faces(store: Store, each: int, side: int, seed: int) -> Iterator[Pixels]:
    """Real faces of the training split, equally many of every collection, softened and compressed by chance.

    Args:
        store: The store of faces.
        each: Of a collection, at most.
        side: Of the crops, in pixels.
        seed: All draws follow from it.

    Yields:
        Parts of uint8, shape (n, side, side, 3).
    """
    rng = keyed(f"real faces/{seed}")
    collections: dict[str, list[int]] = {}
    for i, sample in enumerate(store.samples):
        if sample.split == "train" and sample.label == "real":
            collections.setdefault(sample.source, []).append(i)
    for known in collections.values():
        shown = rng.permutation(known)[:each]
        for start in range(0, len(shown), CHUNK):
            crops = [cut_sample(store, int(i), side, None)[0] for i in shown[start : start + CHUNK]]
            yield np.stack([_handled(crop, rng) for crop in crops])


def _handled(crop: Pixels, rng: np.random.Generator) -> Pixels:
    """A crop as it is, or from a poor camera, or shrunk on its way."""
    way = rng.random()
    if way < 0.25:
        return crop
    if way < 0.5:
        return resize(crop, float(rng.uniform(0.3, 1.0)))
    soft = blur(crop, float(rng.uniform(0.3, 2.0)))
    return jpeg(soft, float(rng.integers(30, 90))) if way < 0.75 else soft


def _pairs(store: Store, tiers: TierConfig, batches: int, side: int, seed: int) -> Iterator[Examples]:
    for share in LEVELLED:
        drawn = training_tiers(store, replace(tiers, levelled=share))
        names = np.array([tier.name for tier in drawn for _ in range(2 * tier.pairs)])
        for number in range(batches):
            shown = f"last layer/{seed}/{share}/{number}"
            images, targets = batch(drawn, side, shown, tiers.histories, tiers.websites, tiers.grain)
            labels = targets["score"][:, 0].astype(np.int64)
            for name in np.unique(names):
                here = names == name
                yield Examples(f"{name}/{share}", images[here], labels[here], np.ones(here.sum()))


def _faces(store: Store, stills: float, side: int, seed: int) -> Iterator[Examples]:
    """Stored faces; each clip of a tool weighs the same, and tools by the root of how many clips they have."""
    rng, samples = keyed(f"last layer/{seed}/stills"), store.samples
    shown = [
        i
        for i, sample in enumerate(samples)
        if sample.split == "train" and (sample.kind == "video" or rng.random() < stills)
    ]
    frames = Counter(_clip(samples[i]) for i in shown)
    clips = Counter(method for method, _ in frames)
    for kind in ("video", "image"):
        chosen = [i for i in shown if samples[i].kind == kind]
        for start in range(0, len(chosen), CHUNK):
            part = chosen[start : start + CHUNK]
            crops = [cut_sample(store, i, side, None)[0] for i in part]
            labels = np.array([samples[i].label == "fake" for i in part], np.int64)
            weights = np.array([1 / frames[c := _clip(samples[i])] / clips[c[0]] ** 0.5 for i in part])
            methods = np.array([samples[i].method for i in part])
            for view, change in VIEWS.items():
                shown_so = np.stack([change(crop) for crop in crops])
                yield Examples(f"{kind}/{view}", shown_so, labels, weights, methods)


def _on_websites(store: Store, side: int, seed: int) -> Iterator[Examples]:
    """Two groups of real people alone, for what a website does is nobody's forgery, and one of fakes as well.

    The first two alone would teach that a website clears whom it shows.
    """
    rng = keyed(f"last layer/{seed}/websites")
    people = store.where(lambda sample: sample.split == "train" and sample.label == "real")
    fakes = store.where(lambda sample: sample.split == "train" and sample.label == "fake")
    for number in range(3):
        shown = list(rng.permutation(people)[:SENT_PEOPLE])
        shown += list(rng.permutation(fakes)[:SENT_FAKES]) if number == 2 else []
        for start in range(0, len(shown), CHUNK):
            part = [store.samples[i] for i in shown[start : start + CHUNK]]
            crops = [cut_sample(store, int(i), side, None)[0] for i in shown[start : start + CHUNK]]
            yield Examples(
                f"websites/{number}",
                np.stack([apply(crop, of_website(rng)) for crop in crops]),
                np.array([sample.label == "fake" for sample in part], np.int64),
                np.ones(len(part)),
                np.array([sample.method for sample in part]),
            )


def _enhanced(copies: ReconstructionPairs, side: int, seed: int) -> Iterator[Examples]:
    """One group, all of it real: what an enlarging network leaves on a face is nobody's forgery."""
    shown = sorted(copies.files)
    for start in range(0, len(shown), CHUNK):
        part = shown[start : start + CHUNK]
        drawn = [copies.pair_of(i, side, None, keyed(f"enhanced/{seed}/{i}")).fake for i in part]
        yield Examples(
            "enhanced",
            np.stack(drawn),
            np.zeros(len(part), np.int64),
            np.ones(len(part)),
            np.full(len(part), ""),
        )


def _clip(sample: Sample) -> tuple[str, str]:
    """Method and clip of a face; a photograph is a clip of its own."""
    return sample.method, sample.clip or sample.path
