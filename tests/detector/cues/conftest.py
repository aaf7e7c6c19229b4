"""Truth for the cues: the public-domain photograph, changed by a known amount, seen through the real face finder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector.cues.gather import DENSE, Watch, still
from catchlight.detector.cues.iris import LEFT_LIDS, RIGHT_LIDS
from catchlight.detector.cues.person import Person
from catchlight.detector.faces import FaceFinder
from catchlight.detector.media import Sampling, frames_together, probe
from catchlight.detector.mesh import Mesh
from catchlight.detector.sight import look
from catchlight.detector.timing import Stopwatch
from catchlight.detector.tracks import cast
from catchlight.detector.types import Frame

Image = NDArray[np.uint8]
Points = NDArray[np.float32]
RATE = 25


@dataclass(frozen=True)
class Portrait:
    """A picture with one large face and its landmarks."""

    image: Image
    landmarks: Points


@pytest.fixture(scope="session")
def finder() -> Iterable[FaceFinder]:
    with FaceFinder() as one:
        yield one


@pytest.fixture(scope="session")
def portrait(astronaut: Image, finder: FaceFinder) -> Portrait:
    """The photograph enlarged, so that an iris has 20 px."""
    near = cv2.resize(astronaut[0:290, 80:370], (640, 640), interpolation=cv2.INTER_CUBIC)
    (face,) = finder.find(near)
    return Portrait(near, face.landmarks)


@pytest.fixture(scope="session")
def person_of(finder: FaceFinder) -> Callable[[Image], Person]:
    """The person whom the real face finder sees in a picture."""

    def see(image: Image) -> Person:
        seen = look([Frame(image)], finder, 224, Stopwatch(), thorough=True)
        return still(Frame(image), cast(seen.faces).tracks[0])

    return see


@pytest.fixture(scope="session")
def mesh() -> Mesh:
    return Mesh()


@pytest.fixture(scope="session")
def person_in(finder: FaceFinder, mesh: Mesh) -> Callable[[Path], Person]:
    """The person who is followed through a clip from where the real face finder sees them."""

    def see(path: Path) -> Person:
        with Watch("video", mesh, probe(path).duration) as watch:
            source = frames_together(path, (Sampling("even", 16), DENSE))
            seen = look(watch.passing(source), finder, 224, Stopwatch(), met=watch.meet)
            (track, *_) = cast(seen.faces).tracks
            return watch.people([track])[track.id]

    return see


@pytest.fixture(scope="session")
def watched(finder: FaceFinder, mesh: Mesh) -> Callable[..., Person]:
    """The person in some pictures that follow one another, found in every eighth of them; without a file."""

    def see(images: Sequence[Image], times: NDArray[np.float64] | None = None) -> Person:
        moments = np.arange(len(images)) / 12.5 if times is None else times
        frames = [Frame(image, at, float(moments[at])) for at, image in enumerate(images)]
        with Watch("video", mesh, float(moments[-1])) as watch:
            source = ((frame, (frame.index % 8 == 0, True)) for frame in frames)
            seen = look(watch.passing(source), finder, 224, Stopwatch(), met=watch.meet)
            (track, *_) = cast(seen.faces).tracks
            return watch.people([track])[track.id]

    return see


@pytest.fixture(scope="session")
def encode(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Pictures -> an MP4 of high quality; with sound where samples (float32, 16,000 a second) are given."""
    folder = tmp_path_factory.mktemp("cue clips")

    def write(
        name: str, images: Iterable[Image], rate: int = RATE, sound: NDArray[np.float32] | None = None
    ) -> Path:
        path = folder / name
        with av.open(str(path), "w") as out:
            stream = audio = None
            if sound is not None:
                audio = out.add_stream("aac", rate=16_000, layout="mono")
            for image in images:
                if stream is None:
                    stream = out.add_stream(
                        "libx264", rate=rate, options={"crf": "12", "preset": "ultrafast"}
                    )
                    stream.height, stream.width, stream.pix_fmt = *image.shape[:2], "yuv420p"
                out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            out.mux(stream.encode(None))
            if audio is not None:
                frame = av.AudioFrame.from_ndarray(
                    sound[None].astype(np.float32), format="fltp", layout="mono"
                )
                frame.sample_rate = 16_000
                out.mux([packet for part in (frame, None) for packet in audio.encode(part)])
        return path

    return write


def closed_lids(portrait: Portrait, shares: tuple[float, float]) -> Image:
    """The portrait with the upper lids of the right and the left eye let down by shares of the opening, 0 to 1.

    Column by column, the skin between brow and lid is stretched and the eye below squeezed.
    """
    height, width = portrait.image.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    source = y.copy()
    for lids, share in zip((RIGHT_LIDS, LEFT_LIDS), shares, strict=True):
        upper, lower = portrait.landmarks[list(lids[:9])], portrait.landmarks[[lids[0], *lids[:7:-1]]]
        inside = np.arange(int(upper[:, 0].min()) + 1, int(upper[:, 0].max()))
        top, bottom = (np.interp(inside, *ring[np.argsort(ring[:, 0])].T) for ring in (upper, lower))
        reach = 0.9 * float((bottom - top).max())
        for column, lid, floor in zip(inside, top, bottom, strict=True):
            moved = lid + share * (floor - lid) * 0.98
            ends = [0, lid - reach, moved, floor, height], [0, lid - reach, lid, floor, height]
            source[:, column] = np.interp(y[:, column], *ends)
    return cv2.remap(portrait.image, x, source, cv2.INTER_LINEAR)


@pytest.fixture(scope="session")
def with_lids(portrait: Portrait) -> Callable[[tuple[float, float]], Image]:
    return lambda shares: closed_lids(portrait, shares)


@pytest.fixture(scope="session")
def with_catchlights(portrait: Portrait) -> Callable[..., Image]:
    """The portrait with irises of one dark colour, and one painted highlight in each, placed in iris radii."""

    def paint(
        right: tuple[float, float] | None, left: tuple[float, float] | None, size: float = 0.22
    ) -> Image:
        image = portrait.image.astype(np.float32)
        for ring, place in ((lm.RIGHT_IRIS, right), (lm.LEFT_IRIS, left)):
            points = portrait.landmarks[list(ring)]
            centre, radius = points.mean(axis=0), float(np.hypot(*(points[1] - points[3]))) / 2
            y, x = np.mgrid[0 : image.shape[0], 0 : image.shape[1]]
            disc = np.clip(radius - np.hypot(x - centre[0], y - centre[1]), 0, 1)[..., None]
            image = image * (1 - disc) + np.array((70, 50, 40)) * disc
            if place is not None:
                spot = centre + radius * np.array(place)
                light = np.clip(size * radius - np.hypot(x - spot[0], y - spot[1]) + 0.5, 0, 1)[..., None]
                image = image * (1 - light) + 245 * light
        return image.astype(np.uint8)

    return paint


@pytest.fixture(scope="session")
def blinker(blinking: tuple[Path, tuple[float, ...]], person_in: Callable[[Path], Person]) -> Person:
    """The person of that clip."""
    return person_in(blinking[0])


@pytest.fixture(scope="session")
def blinking(portrait: Portrait, encode: Callable[..., Path]) -> tuple[Path, tuple[float, ...]]:
    """A clip of 9 s with blinks at known times, and a heart beat of 1.2 Hz in the skin."""
    times = (1.5, 3.1, 4.0, 6.6)
    small = Portrait(
        cv2.resize(portrait.image, (400, 400), interpolation=cv2.INTER_AREA), portrait.landmarks * 400 / 640
    )
    hull = cv2.convexHull(small.landmarks[list(lm.FACE_OVAL)]).astype(np.int32)
    mask = cv2.GaussianBlur(cv2.fillConvexPoly(np.zeros((400, 400), np.float32), hull, (1.0,)), (0, 0), 4)[
        ..., None
    ]
    lids = {share: closed_lids(small, (share / 8, share / 8)) for share in range(9)}

    def images() -> Iterable[Image]:
        for number in range(9 * RATE):
            now = number / RATE
            share = max(float(np.clip(1.6 - abs(now - at) / 0.075, 0, 1)) for at in times)
            beat = 1 + mask * np.array((0.005, 0.012, 0.006)) * np.sin(2 * np.pi * 1.2 * now)
            yield np.clip(lids[round(8 * share)] * beat + 0.5, 0, 255).astype(np.uint8)

    return encode("blinking.mp4", images()), times
