"""Real people of the training split who differ by skin, light or handling, which no last layer may go by.

Each is a name that a configuration lists (``indifferent`` in ``[last_layer]``). Two are measured on faces as they are,
and compared within one collection, for collections differ in everything. The others are made, and a face is compared
with itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from catchlight.datasets import degrade
from catchlight.datasets.batches import cut_sample, keyed
from catchlight.datasets.faces import Store
from catchlight.datasets.skin_tone import SkinTone, skin_tone
from catchlight.detector.errors import DataError, UnknownName
from catchlight.detector.models.indifference import LEAST, Varied
from catchlight.detector.types import Pixels
from catchlight.generator.harmless import Handling

CHUNK = 64  # crops handed on at a time
MEASURED, MADE = 600, 60  # faces of each collection at most: as they are, and with and without each handling

TRAITS: Mapping[str, Callable[[SkinTone], float]] = {
    "skin tone": lambda skin: skin.angle,
    "lightness": lambda skin: skin.lightness,
}


def _scaled(crop: Pixels, gains: Sequence[float] | float) -> Pixels:
    return np.asarray(np.clip(crop * np.asarray(gains), 0, 255), np.uint8)


def _tinted(crop: Pixels, rng: np.random.Generator) -> Pixels:
    """As in the light of a bulb."""
    warmth = float(rng.uniform(1.05, 1.25))
    return _scaled(crop, (warmth, 1.0, 1 / warmth))


def _grainy(crop: Pixels, rng: np.random.Generator) -> Pixels:
    return degrade.grain(crop, float(rng.uniform(3, 12)), float(rng.integers(2**31)))


HANDLINGS: Mapping[str, Handling] = {
    "dark": lambda crop, rng: _scaled(crop, float(rng.uniform(0.35, 0.8))),
    "bright": lambda crop, rng: _scaled(crop, float(rng.uniform(1.2, 1.6))),
    "warm light": _tinted,
    "black and white": lambda crop, rng: degrade.grey(crop),
    "noise": lambda crop, rng: degrade.noise(crop, float(rng.uniform(3, 12)), float(rng.integers(2**31))),
    "colour noise": _grainy,
    "JPEG": lambda crop, rng: degrade.jpeg(crop, float(rng.integers(20, 60))),
}
NAMES = (*TRAITS, *HANDLINGS)


def varied(store: Store, names: Sequence[str], side: int, seed: int) -> Iterator[Varied]:
    """Real faces for `detector.models.indifference.directions`, stills and video apart.

    Args:
        store: The store of faces; its training split is shown.
        names: Of `NAMES`.
        side: Of the crops, in pixels.
        seed: All draws follow from it.

    Raises:
        UnknownName: If there is no such name (at once).
        DataError: If the training split has too few real faces (at once).
    """
    for name in names:
        if name not in NAMES:
            raise UnknownName("last_layer.indifferent", name, NAMES)
    reals = {kind: _reals(store, kind, seed) for kind in ("image", "video")}
    reals = {kind: collections for kind, collections in reals.items() if collections}
    if names and not reals:
        raise DataError(
            f"no collection of the training split has {LEAST} real faces, by which to measure what the last layer "
            "shall be indifferent to; add photographs or clips of real people, or empty `indifferent`"
        )
    return _varied(store, reals, names, side, seed)


def _varied(
    store: Store, reals: Mapping[str, Mapping[str, list[int]]], names: Sequence[str], side: int, seed: int
) -> Iterator[Varied]:
    for kind, collections in reals.items():
        for source, indices in collections.items():
            if traits := [name for name in names if name in TRAITS]:
                yield from _as_they_are(store, kind, source, indices[:MEASURED], traits, side)
            for name in names:
                if name in HANDLINGS:
                    rng = keyed(f"indifferent/{seed}/{kind}/{source}/{name}")
                    yield from _handled(
                        store, f"{kind}/{name}", source, indices[:MADE], HANDLINGS[name], side, rng
                    )


def _as_they_are(
    store: Store, kind: str, source: str, indices: Sequence[int], traits: Sequence[str], side: int
) -> Iterator[Varied]:
    for crops in _crops(store, indices, side):
        tones = [skin_tone(crop) for crop in crops]
        for name in traits:
            amounts = np.array([TRAITS[name](tone) for tone in tones])
            yield Varied(f"{kind}/{name}", crops, np.full(len(crops), source), amounts)


def _handled(
    store: Store,
    name: str,
    source: str,
    indices: Sequence[int],
    handle: Handling,
    side: int,
    rng: np.random.Generator,
) -> Iterator[Varied]:
    for crops in _crops(store, indices, side):
        after = np.stack([handle(crop, rng) for crop in crops])
        amounts = np.repeat([0.0, 1.0], len(crops))
        yield Varied(name, np.concatenate([crops, after]), np.full(len(amounts), source), amounts)


def _crops(store: Store, indices: Sequence[int], side: int) -> Iterator[Pixels]:
    for start in range(0, len(indices), CHUNK):
        yield np.stack([cut_sample(store, i, side, None)[0] for i in indices[start : start + CHUNK]])


def _reals(store: Store, kind: str, seed: int) -> dict[str, list[int]]:
    """Real faces of each collection that has enough of them, in a drawn order."""
    rng, samples = keyed(f"indifferent/{seed}/{kind}"), store.samples
    found: dict[str, list[int]] = {}
    for i in rng.permutation(len(samples)):
        sample = samples[i]
        if (sample.split, sample.label, sample.kind) == ("train", "real", kind):
            found.setdefault(sample.source, []).append(int(i))
    return {source: indices for source, indices in sorted(found.items()) if len(indices) >= LEAST}
