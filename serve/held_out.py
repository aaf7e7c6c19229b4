"""Scores of held-out people, real and forged in every way that the store knows: for calibration.

Photographs count one each, frames of a clip form a track, as in scoring. Half of them go through a drawn
history of compression, because what people drop in does. Forgeries of the generator are made of the held-out
real people, one kind of each per medium. A photograph may be a frame of a clip: of clips of real people and of
tools that training has not seen the middle frame counts as a photograph too. And a collection of stills may be frames
of videos, whose people then count as people on video too.

People also enhance their photographs. Where the store holds copies by restoration networks that leave it a photograph,
one counts as one more photograph of that real person: nobody is replaced in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from math import ceil, log

import numpy as np

from catchlight.datasets import degrade
from catchlight.datasets.batches import cut_sample
from catchlight.datasets.faces import Store
from catchlight.datasets.manifest import Sample
from catchlight.detector.calibration import MAX_MISS, CalibrationSample
from catchlight.detector.errors import DataError
from catchlight.detector.types import MediaKind, Pixels, Scores
from catchlight.generator.donors import ClipPairs, SwapPairs
from catchlight.generator.enhanced import enhanced
from catchlight.generator.methods.face_swap import FaceSwap
from catchlight.generator.methods.local_edit import LocalEdit
from catchlight.generator.methods.reenact import Reenact
from catchlight.generator.networks.restorers import RESTORERS
from catchlight.generator.pairs import BlendPairs, ForgedPairs, ReconstructionPairs, sources
from catchlight.generator.tiers import RECONSTRUCTIONS
from catchlight.generator.types import key

LEAST = 5  # tracks of a kind of medium that make a family
RARE = "rare_tools"
# Media of which not one may be missed to show, with 95 % confidence, that no more than `MAX_MISS` are: 29. With fewer a
# kind of medium is never called real: in a benchmark ``real`` was said of forgeries as often as of real people.
LEAST_UNSEEN = ceil(log(0.05) / log(1 - MAX_MISS))
Score = Callable[[Pixels], Scores]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """One held-out track: its crops, uint8 (n, side, side, 3), and the truth, as of `CalibrationSample`.

    ``source`` is the collection that it, or what it was forged of, comes from.
    """

    crops: Pixels
    label: int
    kind: MediaKind
    group: str
    family: str
    unseen: bool = False
    source: str = ""


def score_held_out(tracks: Sequence[HeldOut] | Iterator[HeldOut], score: Score) -> list[CalibrationSample]:
    """Score tracks with a network; ``score`` takes crops and gives one probability each."""
    return [CalibrationSample(score(t.crops), t.label, t.kind, t.group, t.family, t.unseen) for t in tracks]


def merge_small(tracks: Sequence[HeldOut], least: int = LEAST) -> list[HeldOut]:
    """Forgery families of fewer than ``least`` tracks of a kind become one, called `RARE`.

    Calibration weighs families alike, and resamples them for its intervals; a family of one clip would weigh as
    much as one of a thousand, and its accidents would rule both. Tools that training has not seen stay apart.
    """
    sizes = Counter((track.family, track.kind) for track in tracks if not track.unseen)
    return [
        replace(track, family=RARE)
        if track.label and not track.unseen and sizes[track.family, track.kind] < least
        else track
        for track in tracks
    ]


def unseen_tools(store: Store) -> frozenset[str]:
    """The forgery tools of a store that training has not seen."""
    trained = {sample.method for sample in store.samples if sample.split == "train"}
    return frozenset(
        sample.method for sample in store.samples if sample.label == "fake" and sample.method not in trained
    )


def cleared_kinds(store: Store) -> frozenset[MediaKind]:
    """The kinds of which a store holds enough media by unseen tools to show that few would pass as real."""
    unseen = unseen_tools(store)
    media = {(sample.kind, sample.medium) for sample in store.samples if sample.method in unseen}
    counted = Counter(kind for kind, _ in media)
    return frozenset(kind for kind, number in counted.items() if number >= LEAST_UNSEEN)


def held_out_tracks(
    store: Store,
    side: int,
    seed: int,
    reconstructions: Sequence[str] = (),
    video_collections: Collection[str] = (),
) -> Iterator[HeldOut]:
    """All held-out media of a store, and forgeries made of the real ones.

    Args:
        store: The store; its ``val`` split is used.
        side: Side of the crops.
        seed: Of histories and forgeries.
        reconstructions: Kinds of reconstruction whose pictures the store holds and training did not use.
        video_collections: Collections of stills that are single frames of videos. Networks learn the few collections
            of clips that they are trained on, and who is filmed otherwise looks more forged; so such people count.
    """
    makers, unseen, copies = _makers(store, reconstructions), unseen_tools(store), _enhanced(store)
    # As photographs, where there are forged ones to compare them with.
    frames_count = any(sample.kind == "video" and sample.method in unseen for sample in store.samples)
    for name, indices in _media(store).items():
        rng = key(seed, name)
        sample = store.samples[indices[0]]
        history = degrade.draw(rng) if rng.random() < 0.5 else ()
        crops = [cut_sample(store, index, side, None)[0] for index in indices]
        shown = _track(crops, history, sample)
        if sample.label == "fake":
            shown = replace(shown, label=1, family=sample.method, unseen=sample.method in unseen)
        yield shown
        if frames_count and sample.kind == "video" and (sample.label == "real" or shown.unseen):
            yield _still(shown)
        if copies and sample.kind == "image" and copies.serves(indices[0]):
            drawn = copies.pair_of(indices[0], side, None, key(seed, f"{name}/enhanced")).fake
            yield _track([drawn], history, sample)
        if sample.label == "real" and sample.source in video_collections:
            yield replace(shown, kind="video")
        for family, pairs in makers.items() if sample.label == "real" else ():
            there = [index for index in indices if pairs.serves(index)]
            if there:
                forged = [pairs.pair_of(i, side, None, key(seed, f"{name}/{family}")).fake for i in there]
                yield replace(_track(forged, history, sample), label=1, family=family)


def _still(clip: HeldOut) -> HeldOut:
    """The middle frame as a photograph."""
    middle = len(clip.crops) // 2
    return replace(clip, crops=clip.crops[middle : middle + 1], kind="image", unseen=True)


def _makers(store: Store, kinds: Sequence[str]) -> dict[str, ForgedPairs]:
    """What forges the held-out people; swaps where there are two of them, motion where there are clips."""
    reals, folder = sources(store, "val"), store.folder / RECONSTRUCTIONS
    made: dict[str, ForgedPairs] = {"self_blend": BlendPairs(reals)}
    with suppress(DataError):
        made["face_swap"] = SwapPairs(reals, FaceSwap())
    with suppress(DataError):
        made["local_edit"] = ClipPairs(reals, LocalEdit())
        made["reenactment"] = ClipPairs(reals, Reenact())
    kinds = [kind for kind in kinds if kind not in RESTORERS]  # whole copies by those are no forgeries
    for family, blended in {"reconstruction": False, "reconstruction_blend": True}.items() if kinds else ():
        made[family] = ReconstructionPairs(reals, folder, kinds, blended)
    return made


def _enhanced(store: Store) -> ReconstructionPairs | None:
    """Held-out people as enlarging networks draw them; None where the store holds no such copies."""
    with suppress(DataError):
        return enhanced(store, "val")
    return None


def _media(store: Store) -> dict[str, list[int]]:
    media: dict[str, list[int]] = {}
    for index in store.where(lambda s: s.split == "val"):
        media.setdefault(store.samples[index].medium, []).append(index)
    return media


def _track(crops: list[Pixels], history: degrade.History, sample: Sample) -> HeldOut:
    """Of a real person, until it is said otherwise."""
    shown = np.stack([degrade.apply(crop, history) for crop in crops])
    return HeldOut(shown, 0, sample.kind, sample.person, "", source=sample.source)
