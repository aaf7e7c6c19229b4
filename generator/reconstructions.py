"""The real pictures of a store through autoencoders or restoration networks, stored beside them for training.

Each picture draws its kinds by a key of its own, so the result does not depend on order or interruptions. PNG, so that
no codec marks the copies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from catchlight.datasets.faces import Store
from catchlight.detector.errors import ConfigError, DataError, UnknownName
from catchlight.detector.types import Pixels
from catchlight.generator.methods.reconstruct import Reconstruct
from catchlight.generator.networks.kinds import KINDS, WEIGHTS
from catchlight.generator.networks.restorers import RESTORERS, Restorer
from catchlight.generator.tiers import RECONSTRUCTIONS
from catchlight.generator.types import key

BATCH = 16
STEP = 320  # pictures are padded to a square of a multiple of this, so that one shape is compiled


def make(
    store: Store,
    kinds: Sequence[str] = (),
    each: int = 1,
    seed: int = 1,
    count: int | None = None,
    progress: Callable[[int, str], None] | None = None,
) -> int:
    """Write ``STORE/reconstructions/KIND/PATH.png`` for every real picture; what is there is kept.

    Args:
        store: The store.
        kinds: Kinds of `networks.kinds.KINDS`, all whose weights are there without it; or names of
            `networks.restorers.RESTORERS`.
        each: How many of the kinds each picture goes through.
        seed: Of the draw.
        count: Pictures of each kind at most, drawn from all; None takes all.
        progress: Called with the number made and the kind.

    Returns:
        How many were made now.

    Raises:
        UnknownName: No such kind.
        ConfigError: If ``each`` is more than there are kinds, or a restoration network is not installed.
        DataError: If a file can't be written.
    """
    kinds = tuple(kinds) or tuple(kind for kind in KINDS if (WEIGHTS / f"{kind}.npz").is_file())
    if not 1 <= each <= len(kinds):
        raise ConfigError(f"each must be 1 to {len(kinds)}, the number of kinds, received {each}")
    made = 0
    # What is wrong with any kind is told before an hour's work, not after.
    drawers = {kind: _drawer(kind, seed) for kind in kinds}
    for kind, draw in drawers.items():
        for paths, pictures in _batches(store, _missing(store, kind, kinds, each, seed, count)):
            for path, picture in zip(paths, draw(paths, pictures), strict=True):
                _write(store.folder / RECONSTRUCTIONS / kind / path, picture)
            made += len(paths)
            if progress:
                progress(made, kind)
    return made


def _drawer(kind: str, seed: int) -> Callable[[Sequence[str], Sequence[Pixels]], list[Pixels]]:
    """What draws a batch of pictures, given their paths in the store, anew."""
    if kind not in (*KINDS, *RESTORERS):
        raise UnknownName("kind of reconstruction", kind, (*KINDS, *RESTORERS))
    if kind not in RESTORERS:
        method = Reconstruct(kind)
        return lambda paths, pictures: _through(method, pictures)
    restorer = Restorer(kind)
    return lambda paths, pictures: [
        restorer.restore(picture, restorer.draw(key(seed, f"{kind}/{path}")))
        for path, picture in zip(paths, pictures, strict=True)
    ]


def _missing(
    store: Store, kind: str, kinds: Sequence[str], each: int, seed: int, count: int | None
) -> list[int]:
    """Indices of the real pictures that drew this kind and have not got it yet."""
    chosen = []
    for index in store.where(lambda s: s.label == "real"):
        rng = key(seed, store.samples[index].path)
        if kind in [kinds[i] for i in rng.choice(len(kinds), each, replace=False)]:
            chosen.append((rng.random(), index))
    folder = store.folder / RECONSTRUCTIONS / kind
    return [
        index
        for _, index in sorted(chosen)[:count]
        if not (folder / store.samples[index].path).with_suffix(".png").is_file()
    ]


def _batches(store: Store, indices: Sequence[int]) -> Iterator[tuple[list[str], list[Pixels]]]:
    """Pictures of about one size at a time."""
    by_size: dict[int, list[int]] = {}
    for index in indices:
        by_size.setdefault(_padded(max(store.image(index).shape[:2])), []).append(index)
    for group in by_size.values():
        for start in range(0, len(group), BATCH):
            part = group[start : start + BATCH]
            yield [store.samples[i].path for i in part], [store.image(i) for i in part]


def _padded(side: int) -> int:
    return -(-side // STEP) * STEP


def _through(method: Reconstruct, pictures: Sequence[Pixels]) -> list[Pixels]:
    """A batch, mirrored out to one square and cut back."""
    side = _padded(max(max(picture.shape[:2]) for picture in pictures))
    squares = np.zeros((BATCH, side, side, 3), np.uint8)
    for number, picture in enumerate(pictures):
        height, width = picture.shape[:2]
        squares[number] = np.pad(picture, [(0, side - height), (0, side - width), (0, 0)], "symmetric")
    out = method.reconstruct(squares, batch=BATCH)
    return [made[: p.shape[0], : p.shape[1]] for made, p in zip(out, pictures, strict=False)]


def _write(path: Path, picture: Pixels) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    ok, data = cv2.imencode(
        ".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, 1]
    )
    if not ok:
        raise DataError(f"a picture of shape {picture.shape} can't be encoded as PNG")
    partial = path.with_suffix(".partial")
    try:
        partial.write_bytes(data.tobytes())
        partial.replace(path.with_suffix(".png"))
    except OSError as error:
        raise DataError(
            f"{path} can't be written: {error}; free space and run the same command again"
        ) from error
