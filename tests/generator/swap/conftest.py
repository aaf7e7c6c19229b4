"""Fixtures of the swap's tests: drawn people, and a clip of two with sound, made of one public-domain photograph."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from catchlight.datasets import degrade
from catchlight.generator.swap import frame
from catchlight.generator.swap.drawer import Drawer
from catchlight.generator.swap.faces import Faces, stack
from catchlight.generator.swap.reference import references
from catchlight.generator.testing import sample_portrait

TIMES = (0.0, 0.04, 0.08, 0.15, 0.19, 0.27, 0.31, 0.4)  # seconds; no constant rate


@pytest.fixture(scope="session")
def people():
    """Makes drawn faces: a letter is a person, of whom each picture has other light."""
    return drawn_people


@pytest.fixture(scope="session")
def times() -> tuple[float, ...]:
    """When the frames of `clip` are shown."""
    return TIMES


def drawn_people(names: str, side: int = 64, each: int = 4) -> Faces:
    found, who = [], []
    for name in names:
        for number in range(each):
            face = sample_portrait(2 * side, ord(name))
            lit = degrade.tone(face.image, 6 * number, 1.0, 1.0)
            found.append(frame.cut(lit, face.landmarks + number, side))
            who.append(name)
    return stack(found, who)


@pytest.fixture(scope="session")
def drawer() -> Drawer:
    """The network that comes with the package."""
    return Drawer(threads=1)


@pytest.fixture(scope="session")
def photograph(astronaut, tmp_path_factory) -> Path:
    """The astronaut in warm light: the person to put in."""
    path = tmp_path_factory.mktemp("source") / "person.png"
    warm = np.clip(astronaut * np.array([1.0, 0.85, 0.7]), 0, 255).astype(np.uint8)
    cv2.imwrite(str(path), warm[..., ::-1])
    return path


@pytest.fixture(scope="session")
def person(photograph):
    """Her faces as `references` finds them."""
    return references(photograph)


@pytest.fixture(scope="session")
def two_people(astronaut) -> list[np.ndarray]:
    """Frames, RGB uint8, 320 x 640: a large face drifts on the left, a smaller and darker one stands on the right."""
    near = cv2.resize(astronaut[20:260, 110:340], (260, 271))
    far = np.ascontiguousarray(cv2.resize(near, (180, 188))[:, ::-1] // 2)
    frames = []
    for number in range(len(TIMES)):
        image = np.full((320, 640, 3), 90, np.uint8)
        image[20 : 20 + 271, 20 + 2 * number : 280 + 2 * number] = near
        image[100 : 100 + 188, 420:600] = far
        frames.append(image)
    return frames


@pytest.fixture(scope="session")
def clip(two_people, film, tmp_path_factory) -> Path:
    """These frames at odd times, with a tone."""
    return film(tmp_path_factory.mktemp("clip") / "two.mp4", two_people, TIMES, sound=True)
