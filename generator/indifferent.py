"""Real people of the training split who differ by skin, light or handling, which no last layer may go by.

Each is a name that a configuration lists (``indifferent`` in ``[last_layer]``). Two are measured on faces as they are,
and compared within one collection, for collections differ in everything. The others are made, and a face is compared
with itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from catchlight.datasets import degrade
from catchlight.datasets.batches import cut_sample, keyed
from catchlight.datasets.faces import Store
from catchlight.datasets.skin_tone import SkinTone, skin_tone
from catchlight.detector.errors import DataError, UnknownName
from catchlight.detector.models.indifference import LEAST, Varied
from catchlight.detector.types import Pixels
from catchlight.generator.harmless import Handling, grainy

CHUNK = 32  # faces handed on at a time, with all that is made of them
MOST = 400  # faces of each collection; with 60, darkened photographs of the larger ones still rose by .16 spreads

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


HANDLINGS: Mapping[str, Handling] = {
    "dark": lambda crop, rng: _scaled(crop, float(rng.uniform(0.35, 0.8))),
    "bright": lambda crop, rng: _scaled(crop, float(rng.uniform(1.2, 1.6))),
    "warm light": _tinted,
    "black and white": lambda crop, rng: degrade.grey(crop),
    "noise": lambda crop, rng: degrade.noise(crop, float(rng.uniform(3, 12)), float(rng.integers(2**31))),
    "colour noise": grainy,
    "JPEG": lambda crop, rng: degrade.jpeg(crop, float(rng.integers(20, 60))),
    "soft": lambda crop, rng: degrade.blur(crop, float(rng.uniform(0.8, 2.0))),
    "sharp": lambda crop, rng: degrade.sharpen(crop, float(rng.uniform(0.4, 1.2)), 1.0),
    "half size": lambda crop, rng: degrade.resize(crop, float(rng.uniform(0.35, 0.65))),
    "H.264": lambda crop, rng: degrade.h264(crop, float(rng.integers(26, 38))),
}
NAMES = (*TRAITS, *HANDLINGS)


def varied(store: Store, names: Sequence[str], side: int, seed: int) -> Iterator[Varied] | None:
    """Real faces for `detector.models.indifference.directions`, stills and video apart.

    Args:
        store: The store of faces; its training split is shown.
        names: Of `NAMES`.
        side: Of the crops, in pixels.
        seed: All draws follow from it.

    Returns:
        A part at a time; None where no name is given.

    Raises:
        UnknownName: If there is no such name (at once).
        DataError: If the training split has too few real faces (at once).
    """
    for name in names:
        if name not in NAMES:
            raise UnknownName("last_layer.indifferent", name, NAMES)
    if not names:
        return None
    reals = {kind: _reals(store, kind, seed) for kind in ("image", "video")}
    reals = {kind: collections for kind, collections in reals.items() if collections}
    if not reals:
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
            rng = keyed(f"indifferent/{seed}/{kind}/{source}")
            for start in range(0, len(indices), CHUNK):
                part = indices[start : start + CHUNK]
                crops = np.stack([cut_sample(store, index, side, None)[0] for index in part])
                images, amounts = _with_handlings(crops, names, rng)
                named = {f"{kind}/{name}": of_name for name, of_name in amounts.items()}
                yield Varied(images, np.full(len(images), source), named)


def _with_handlings(
    crops: Pixels, names: Sequence[str], rng: np.random.Generator
) -> tuple[Pixels, dict[str, NDArray[np.float64]]]:
    """Faces as they are and then after each handling, and how much of each name there is in each."""
    handlings = [name for name in names if name in HANDLINGS]
    made = [np.stack([HANDLINGS[name](crop, rng) for crop in crops]) for name in handlings]
    tones = [skin_tone(crop) for crop in crops]
    amounts = {}
    for name in names:
        amounts[name] = np.full((1 + len(made), len(crops)), np.nan)
        if name in TRAITS:
            amounts[name][0] = [TRAITS[name](tone) for tone in tones]
        else:
            amounts[name][0], amounts[name][1 + handlings.index(name)] = 0.0, 1.0
    return np.concatenate([crops, *made]), {name: of_name.ravel() for name, of_name in amounts.items()}


def _reals(store: Store, kind: str, seed: int) -> dict[str, list[int]]:
    """Real faces of each collection that has enough of them, in a drawn order."""
    rng, samples = keyed(f"indifferent/{seed}/{kind}"), store.samples
    found: dict[str, list[int]] = {}
    for i in rng.permutation(len(samples)):
        sample = samples[i]
        if (sample.split, sample.label, sample.kind) == ("train", "real", kind):
            found.setdefault(sample.source, []).append(int(i))
    return {source: indices[:MOST] for source, indices in sorted(found.items()) if len(indices) >= LEAST}
