"""A medium -> wide crops of its main face with landmarks, or the reason why there is none."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from catchlight.datasets import hashes, light, pose
from catchlight.datasets.layouts.item import Item
from catchlight.datasets.manifest import Sample
from catchlight.detector import align, media, quality
from catchlight.detector import landmarks as lm
from catchlight.detector.errors import DataError, MediaError
from catchlight.detector.types import Face, Frame, Pixels, Points

if TYPE_CHECKING:
    from catchlight.datasets.faces import StoreConfig
    from catchlight.detector.faces import FaceFinder

CROP = 160  # side in pixels of the aligned crop that quality is measured on
OUTSIDE = "the face lies outside the picture for the most part"


@dataclass(frozen=True, slots=True)
class Wide:
    """A wide crop: RGB uint8, landmarks float32 (478, 2) in its pixels, and the index of its frame."""

    image: Pixels
    landmarks: Points
    index: int


def faces_of(item: Item, finder: FaceFinder, config: StoreConfig) -> tuple[list[Wide], str]:
    """The main face of each frame of a medium.

    Returns:
        The wide crops, and the reason when there is none: a code of `quality`, ``no face``, or what is wrong with
        the file.
    """
    reason = ""
    found = []
    try:
        for frame in _frames(item, config):
            faces = finder.find(frame.image)
            reason = _problem(frame, faces, config)
            if not reason:
                found.append(_wide(frame, faces[0], config))
    except MediaError as error:
        reason = str(error)
    return found, "" if found else reason or "no frame"


def encode(item: Item, wide: Wide, config: StoreConfig) -> bytes:
    """The file to store; a small picture keeps its own bytes, and so its own history."""
    image = wide.image
    whole = item.data is not None and not config.normalise_light and _size(item.data) == image.shape[:2]
    if item.data and whole:
        return item.data
    flags = [cv2.IMWRITE_JPEG_QUALITY, config.jpeg]
    ok, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), flags)
    if not ok:
        raise DataError(f"a picture of shape {image.shape} can't be encoded as JPEG")
    return bytes(data)


def measure(sample: Sample, wide: Wide, data: bytes) -> Sample:
    """The row with everything that is measured: quality, pose, light and hashes of what is stored."""
    crop, points = align.cut(wide.image, wide.landmarks, CROP)
    measured = quality.measure(crop, points, Face(lm.bounds(wide.landmarks[:468]), wide.landmarks, 1.0))
    turned = pose.measure(wide.landmarks)
    return replace(
        sample,
        face_width=round(measured.width, 1),
        sharpness=round(measured.sharpness, 2),
        brightness=round(measured.brightness, 1),
        inside=round(align.inside(wide.image, wide.landmarks, CROP), 3),
        yaw=round(turned.yaw, 1),
        pitch=round(turned.pitch, 1),
        roll=round(turned.roll, 1),
        side_light=round(light.imbalance(crop, points), 3),
        dhash=hashes.difference_hash(wide.image),
        sha256=hashes.of_bytes(data),
        pixels=hashes.of_pixels(decode(data)),
    )


def decode(data: bytes) -> Pixels:
    """Decode a picture's bytes as RGB uint8; MediaError when they are none."""
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if image is None:
        raise MediaError("the picture can't be decoded")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)


def _frames(item: Item, config: StoreConfig) -> Iterable[Frame]:
    if item.data is None:
        return media.frames(item.path, media.Sampling("even", config.frames))
    return [Frame(decode(item.data))]


def _problem(frame: Frame, faces: Sequence[Face], config: StoreConfig) -> str:
    if not faces:
        return "no face"
    middle = faces[0].landmarks.mean(axis=0)
    if (middle < 0).any() or (middle >= frame.image.shape[1::-1]).any():
        return OUTSIDE
    crop, landmarks = align.cut(frame.image, faces[0].landmarks, CROP)
    measured = quality.measure(crop, landmarks, faces[0])
    if measured.problem:
        return measured.problem
    return "" if measured.width >= config.min_width else "face_too_small"


def _wide(frame: Frame, face: Face, config: StoreConfig) -> Wide:
    """Cut ``reach`` times the face, inside the picture only, and shrink it to the stored side."""
    side = config.reach * max(face.box.width, face.box.height)
    x, y = face.box.x + face.box.width / 2, face.box.y + face.box.height / 2
    height, width = frame.image.shape[:2]
    left, top = max(0, round(x - side / 2)), max(0, round(y - side / 2))
    right, bottom = min(width, round(x + side / 2)), min(height, round(y + side / 2))
    part, points = frame.image[top:bottom, left:right], face.landmarks - np.array([left, top], np.float32)
    scale = config.side / max(part.shape[:2])
    if scale < 1:
        size = (round(part.shape[1] * scale), round(part.shape[0] * scale))
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
        points = points * scale
    points = points.astype(np.float32)
    return Wide(light.normalise(part, points) if config.normalise_light else part, points, frame.index)


def _size(data: bytes) -> tuple[int, int]:
    from PIL import Image

    with Image.open(io.BytesIO(data)) as picture:
        return picture.height, picture.width
