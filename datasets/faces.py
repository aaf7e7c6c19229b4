"""Media -> store: wide crops with their landmarks, the input of generator and trainer.

A store is a folder: ``images/`` (JPEG), ``landmarks.npy`` (float32, shape (n, 478, 2), pixels of the stored
picture, in the manifest's order), ``manifest.csv``, and ``rejected.csv`` with what is not in it and why. The crops
are wide, so that training can jitter the geometry and a forgery can move a mask; `align` cuts the network's crop
from them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.datasets import compose, cut, files, hashes, manifest, rejections
from catchlight.datasets.journal import FOLDER, Journal
from catchlight.datasets.layouts import folders, indexed
from catchlight.datasets.layouts.item import Item
from catchlight.datasets.manifest import Sample
from catchlight.datasets.rejections import Rejection
from catchlight.detector import media
from catchlight.detector.errors import DataError
from catchlight.detector.faces import FaceFinder
from catchlight.detector.types import Pixels

LANDMARKS = compose.LANDMARKS
FORMAT = 1  # of what a run leaves for the next one; another one can't go on with it
Progress = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """How a store is made; every default is commented."""

    side: int = 320  # a stored picture's longest side: enough for a crop of 256 px at MARGIN 1.5
    reach: float = 2.2  # side of a wide crop in units of the face's larger side
    frames: int = 16  # frames of each clip, evenly spaced: more of one person teaches little
    jpeg: int = 95  # quality of crops cut from larger media; small pictures are stored as they are
    min_width: float = 48.0  # px; narrower faces teach blur
    validation: float = 0.15  # share of people held out
    held_out: tuple[str, ...] = ()  # forgery methods seen in validation only
    identity: folders.Identity = "none"  # whether a folder names the person; an index names them itself
    keep_duplicates: bool = False  # they weigh one picture twice and tell nothing new
    normalise_light: bool = False  # pictures as they are: a detector meets them as they are
    licence: str = ""  # of all media whose data set states none
    consent: str = ""  # likewise


@dataclass(frozen=True, slots=True)
class Store:
    """A store opened for reading.

    Attributes:
        folder: Where it lies.
        samples: The manifest's rows.
        landmarks: float32, shape (n, 478, 2), one entry a sample.
    """

    folder: Path
    samples: tuple[Sample, ...]
    landmarks: NDArray[np.float32]

    def image(self, index: int) -> Pixels:
        """The stored picture: RGB uint8, shape (height, width, 3)."""
        return read_image(self.folder / self.samples[index].path)

    def where(self, keep: Callable[[Sample], bool]) -> list[int]:
        """Indices of the samples for which ``keep`` holds."""
        return [index for index, sample in enumerate(self.samples) if keep(sample)]


def read_image(path: Path) -> Pixels:
    """Read one stored picture as RGB uint8; DataError when it is missing or damaged."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise DataError(f"stored picture {path} is missing or damaged; make the store again")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def open_store(folder: Path) -> Store:
    """Open a store; DataError says what is missing or does not fit together."""
    samples = manifest.read(folder)
    file = folder / LANDMARKS
    if not file.is_file():
        raise DataError(f"{folder} has no {LANDMARKS}; it was interrupted: run the same command again")
    landmarks = np.load(file)
    if landmarks.shape != (len(samples), 478, 2):
        raise DataError(f"{file}: expected shape ({len(samples)}, 478, 2), received {landmarks.shape}")
    return Store(folder, samples, landmarks.astype(np.float32))


def make_store(
    sources: Sequence[Path],
    out: Path,
    config: StoreConfig | None = None,
    progress: Progress | None = None,
) -> tuple[Store, tuple[Rejection, ...]]:
    """Find the faces of folders of media and store them, split by person.

    What a run has finished, the next one with the same settings does not do again, whatever ended the first; a store
    that is complete is opened as it is. Media that it does not hold yet are added, and then it is the store that all
    sources at once would have made: duplicates and splits follow from all of them. Nothing is taken away but the old
    state of media that have changed.

    Args:
        sources: Folders in one of the layouts.
        out: The store's folder; it may exist.
        config: How.
        progress: Called after each medium with the number of faces so far and the medium's name.

    Returns:
        The store, and what was rejected.

    Raises:
        DataError: If a source is missing or holds no media, nothing usable was found, ``out`` holds a store of
            another making or of other settings, can't be written, or is being written by another run.
    """
    config = config or StoreConfig()
    with files.exclusive(out), _journal(out, config) as journal:
        keys = _record(sources, out, config, journal, progress)
        if journal.finished() != _digest(keys):
            journal.enrol(keys)
            compose.write(out, config, journal, keys)
            journal.finish(_digest(keys))
    return open_store(out), rejections.read(out)


def _journal(out: Path, config: StoreConfig) -> Journal:
    if (out / manifest.FILENAME).exists() and not (out / FOLDER).exists():
        raise DataError(f"{out} holds a store that is not of this command's making; choose another folder")
    return Journal(out, {"format": FORMAT, **asdict(config)})


def _items(sources: Sequence[Path], config: StoreConfig) -> Iterator[Item]:
    for source in sources:
        if not source.is_dir():
            raise DataError(f"source {source} is not a folder")
        if indexed.matches(source):
            yield from indexed.items(source)
        else:
            yield from folders.items(source, config.identity)


def _record(
    sources: Sequence[Path], out: Path, config: StoreConfig, journal: Journal, progress: Progress | None
) -> list[str]:
    """Have every medium in the journal; the keys of all that the store is made of, in order."""
    keys: dict[str, str] = {}
    members = _members(out, journal)
    names = {row.path for entry in journal.entries.values() for row in entry.rows}
    faces = len(names)
    with ExitStack() as stack:
        finder: FaceFinder | None = None
        for item in _items(sources, config):
            key = _key(item)
            if key not in keys and key not in journal.entries:
                finder = finder or stack.enter_context(FaceFinder())
                faces += _add(item, key, finder, out, config, journal, names)
            keys[key] = str(item.path)
            if progress:
                progress(faces, item.path.name)
    if not keys:
        raise DataError(
            f"no photograph and no clip in {', '.join(map(str, sources))}; expected files like .jpg, .mp4"
        )
    seen = {Path(medium).resolve() for medium in keys.values()}
    # A medium that has changed has another key, and takes the place of its old state.
    before = {key: m for key, m in members.items() if key in keys or Path(m).resolve() not in seen}
    lost = [medium for key, medium in before.items() if key not in journal.entries]
    if lost:
        raise DataError(
            f"{out} has lost pictures of {len(lost)} media, {lost[0]} first; give the folder of those as a source too, "
            "and they are stored again"
        )
    return list(before | keys)


def _members(out: Path, journal: Journal) -> dict[str, str]:
    members = journal.members()
    if journal.finished() and not members:
        raise DataError(
            f"{out} was finished by a version that kept no record of it, so nothing can be added; it can be read as it "
            "is. Make a new one of all sources in another folder"
        )
    return members


def _key(item: Item) -> str:
    """Names a medium with all that is said of it, and its state."""
    if item.data is not None:
        state = hashes.of_bytes(item.data)
    elif item.path.is_file():
        facts = item.path.stat()
        state = f"{facts.st_size} {facts.st_mtime_ns}"
    else:
        state = "absent"
    said = (item.label, item.method, item.source, item.identity, item.clip, item.licence, item.consent)
    return _digest([str(item.path.resolve()), state, *said])


def _digest(texts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode(errors="surrogateescape")).hexdigest()


def _add(
    item: Item,
    key: str,
    finder: FaceFinder,
    out: Path,
    config: StoreConfig,
    journal: Journal,
    names: set[str],
) -> int:
    """Store the faces of one medium and record it; how many they are."""
    found, reason = cut.faces_of(item, finder, config)
    clip = bool(found) and item.data is None and media.probe(item.path).kind == "video"
    first = Sample(
        path="",
        label=item.label,
        method=item.method,
        source=item.source,
        identity=item.identity,
        clip=item.clip or (item.path.stem if clip else ""),
        kind="video" if clip or item.clip else "image",
        licence=item.licence or config.licence,
        consent=item.consent or config.consent,
    )
    rows = []
    for wide in found:
        data = cut.encode(item, wide, config)
        path = _name(item, f"__{wide.index}" if clip else "", names)
        with files.whole(out / path) as partial:
            partial.write_bytes(data)
        rows.append(cut.measure(replace(first, path=path), wide, data))
    journal.add(key, str(item.path), rows, [(wide.landmarks, wide.index) for wide in found], reason)
    return len(rows)


def _name(item: Item, frame: str, names: set[str]) -> str:
    """A name that no other picture of the store has; data sets call their files alike in every folder."""
    # The source is a stranger's text and becomes a folder; it must not lead out of the store.
    source = re.sub(r"^\.+|[^\w.+ -]", "_", item.source) or "media"
    stem = re.sub(r"[\\\x00-\x1f]", "_", item.path.stem)
    first = name = f"images/{source}/{stem}{frame}"
    number = 2
    while f"{name}.jpg" in names:
        name, number = f"{first}-{number}", number + 1
    names.add(f"{name}.jpg")
    return f"{name}.jpg"
