"""Media -> store: wide crops with their landmarks, the input of generator and trainer.

A store is a folder: ``images/`` (JPEG), ``landmarks.npy`` (float32, shape (n, 478, 2), pixels of the stored
picture, in the manifest's order) and ``manifest.csv``. The crops are wide, so that training can jitter the
geometry and a forgery can move a mask; `align` cuts the network's crop from them.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.datasets import manifest, split
from catchlight.datasets.layouts import folders, indexed
from catchlight.datasets.layouts.item import Item
from catchlight.datasets.manifest import Sample
from catchlight.detector import align, media, quality
from catchlight.detector import landmarks as lm
from catchlight.detector.errors import DataError, MediaError
from catchlight.detector.faces import FaceFinder
from catchlight.detector.types import Face, Frame, Pixels, Points

LANDMARKS = "landmarks.npy"


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


@dataclass(frozen=True, slots=True)
class Rejection:
    """A picture that did not enter the store, and why."""

    path: str
    reason: str


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
    progress: Callable[[int, str], None] | None = None,
) -> tuple[Store, tuple[Rejection, ...]]:
    """Find the faces of folders of media and store them, split by person.

    Args:
        sources: Folders in one of the layouts.
        out: The store's folder; it may exist.
        config: How.
        progress: Called with the number of stored faces and the current path.

    Returns:
        The store, and what was rejected.

    Raises:
        DataError: If a source is missing or nothing usable was found.
    """
    config = config or StoreConfig()
    rows: list[Sample] = []
    points: list[Points] = []
    rejected: list[Rejection] = []
    names: set[str] = set()
    with FaceFinder() as finder:
        for item in _items(sources):
            found, reason = _faces_of(item, finder, config)
            if reason:
                rejected.append(Rejection(str(item.path), reason))
            for number, (image, landmarks, index) in enumerate(found):
                rows.append(_store(item, image, landmarks, index, out, config, names))
                points.append(landmarks)
                if progress and number == 0:
                    progress(len(rows), item.path.name)
    if not rows:
        raise DataError(f"no usable face in {', '.join(map(str, sources))}; first reasons: {rejected[:3]}")
    samples = split.assign(rows, validation=config.validation, held_out=config.held_out)
    _save_array(out / LANDMARKS, np.stack(points))
    manifest.write(out / manifest.FILENAME, samples)
    return open_store(out), tuple(rejected)


def _items(sources: Sequence[Path]) -> Iterator[Item]:
    for source in sources:
        if not source.is_dir():
            raise DataError(f"source {source} is not a folder")
        layout = indexed if indexed.matches(source) else folders
        yield from layout.items(source)


def _faces_of(
    item: Item, finder: FaceFinder, config: StoreConfig
) -> tuple[list[tuple[Pixels, Points, int]], str]:
    """The main face of each frame: (wide crop, landmarks in it, frame index), or the reason for none."""
    reason = ""
    found = []
    try:
        for frame in _frames(item, config):
            faces = finder.find(frame.image)
            reason = _problem(frame, faces, config)
            if not reason:
                image, landmarks = _wide(frame.image, faces[0], config)
                found.append((image, landmarks, frame.index))
    except MediaError as error:
        reason = str(error)
    return found, "" if found else reason or "no frame"


def _frames(item: Item, config: StoreConfig) -> Iterable[Frame]:
    if item.data is None:
        return media.frames(item.path, media.Sampling("even", config.frames))
    image = cv2.imdecode(np.frombuffer(item.data, np.uint8), cv2.IMREAD_COLOR)
    if image is None:
        raise MediaError(f"{item.path} can't be decoded")
    return [Frame(np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8))]


def _problem(frame: Frame, faces: Sequence[Face], config: StoreConfig) -> str:
    if not faces:
        return "no face"
    crop, landmarks = align.cut(frame.image, faces[0].landmarks, 160)
    measured = quality.measure(crop, landmarks, faces[0])
    if measured.problem:
        return measured.problem
    return "" if measured.width >= config.min_width else "face_too_small"


def _wide(image: Pixels, face: Face, config: StoreConfig) -> tuple[Pixels, Points]:
    """Cut ``reach`` times the face, inside the picture only, and shrink it to the stored side."""
    side = config.reach * max(face.box.width, face.box.height)
    x, y = face.box.x + face.box.width / 2, face.box.y + face.box.height / 2
    height, width = image.shape[:2]
    left, top = max(0, round(x - side / 2)), max(0, round(y - side / 2))
    right, bottom = min(width, round(x + side / 2)), min(height, round(y + side / 2))
    part, points = image[top:bottom, left:right], face.landmarks - np.array([left, top], np.float32)
    scale = config.side / max(part.shape[:2])
    if scale < 1:
        size = (round(part.shape[1] * scale), round(part.shape[0] * scale))
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
        points = points * scale
    return part, points.astype(np.float32)


def _store(
    item: Item,
    image: Pixels,
    landmarks: Points,
    index: int,
    out: Path,
    config: StoreConfig,
    names: set[str],
) -> Sample:
    """Write one picture and return its row; small pictures keep their own bytes, and so their own history."""
    video = bool(item.clip) or (item.data is None and media.probe(item.path).kind == "video")
    name = _name(item, f"__{index}" if item.data is None and video else "", names)
    untouched = item.data is not None and _size(item.data) == image.shape[:2]
    data = item.data if untouched and item.data else _encode(image, config.jpeg)
    path = out / f"{name}.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    crop, points = align.cut(image, landmarks, 160)
    measured = quality.measure(crop, points, Face(lm.bounds(landmarks[:468]), landmarks, 1.0))
    sample = Sample(path=f"{name}.jpg", label=item.label, method=item.method, source=item.source)
    return replace(
        sample,
        identity=item.identity,
        clip=item.clip or (item.path.stem if video else ""),
        kind="video" if video else "image",
        face_width=round(measured.width, 1),
        sharpness=round(measured.sharpness, 2),
        brightness=round(measured.brightness, 1),
        inside=round(align.inside(image, landmarks, 160), 3),
        dhash=difference_hash(image),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _name(item: Item, frame: str, names: set[str]) -> str:
    """A name that no other picture of the store has; data sets call their files alike in every folder."""
    # The source is a stranger's text and becomes a folder; it must not lead out of the store.
    source = re.sub(r"^\.+|[^\w.+ -]", "_", item.source) or "media"
    first = name = f"images/{source}/{item.path.stem}{frame}"
    number = 2
    while name in names:
        name, number = f"{first}-{number}", number + 1
    names.add(name)
    return name


def difference_hash(image: Pixels) -> str:
    """64-bit difference hash of an RGB picture, hexadecimal; near-duplicates differ by few bits."""
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(luma, (9, 8), interpolation=cv2.INTER_AREA)
    bits = (small[:, 1:] > small[:, :-1]).flatten()
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"


def _size(data: bytes) -> tuple[int, int]:
    from PIL import Image

    with Image.open(io.BytesIO(data)) as picture:
        return picture.height, picture.width


def _encode(image: Pixels, jpeg: int) -> bytes:
    ok, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, jpeg])
    if not ok:
        raise DataError(f"a picture of shape {image.shape} can't be encoded as JPEG")
    return bytes(data)


def _save_array(path: Path, array: NDArray[np.float32]) -> None:
    partial = path.with_name(f".{path.stem}.partial.npy")
    np.save(partial, array)
    partial.replace(path)
