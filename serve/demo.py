"""Material for the demonstration: one real photograph, two forgeries made from it, and a clip made from it.

The photograph is `skimage.data.astronaut`: Eileen Collins, NASA, public domain. It comes with a package; nothing is
downloaded. The clip shows the photograph as a moving camera would, so it is real material too.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from catchlight.detector import align
from catchlight.detector.errors import ConfigError, DataError
from catchlight.detector.faces import FaceFinder
from catchlight.detector.types import Pixels
from catchlight.generator.methods.gan_face import GanFace
from catchlight.generator.methods.self_blend import SelfBlend
from catchlight.generator.types import Method, Portrait, key

SECONDS, RATE, SIZE = 4, 25, (640, 480)
SEED = 7


def make(folder: Path) -> tuple[Path, ...]:
    """Write the demonstration's media.

    Args:
        folder: Where to; made when absent.

    Returns:
        The paths: ``real-photograph.jpg``, ``forged-photograph.jpg`` (the face blended with itself),
        ``nobody-photograph.jpg`` (a face of nobody in its place), ``real-clip.mp4``.

    Raises:
        ConfigError: If scikit-image, which carries the photograph, is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    picture = photograph()
    stills = {
        folder / "real-photograph.jpg": picture,
        folder / "forged-photograph.jpg": forge(picture, SelfBlend("whole"), SEED),
        folder / "nobody-photograph.jpg": forge(picture, GanFace(), SEED),
    }
    for path, image in stills.items():
        Image.fromarray(image).save(path, quality=92)
    _write_clip(folder / "real-clip.mp4", picture)
    return *stills, folder / "real-clip.mp4"


def forge(image: Pixels, method: Method, seed: int) -> Pixels:
    """Forge the largest face of a picture, in its place and at its size.

    Args:
        image: RGB uint8, shape (height, width, 3).
        method: One that needs no other picture.
        seed: The forgery follows from it.

    Returns:
        RGB uint8 of the same shape, equal to ``image`` outside the forged region.

    Raises:
        DataError: If the picture shows no face.
    """
    with FaceFinder() as finder:
        faces = finder.find(image)
    if not faces:
        raise DataError("there is no face to forge in this picture; choose one with a visible face")
    side = 256
    affine = align.matrix(faces[0].landmarks, side)
    crop, points = align.cut(image, faces[0].landmarks, side)
    forgery = method(Portrait(crop, points), None, key(seed, "demo"))
    return _paste(image, crop, forgery.image, affine)


def _paste(image: Pixels, before: Pixels, after: Pixels, affine: align.Matrix) -> Pixels:
    """Add what the forgery changed in the crop to the picture, so that nothing else is resampled."""
    change = after.astype(np.float32) - before.astype(np.float32)
    size = (image.shape[1], image.shape[0])
    back = cv2.warpAffine(change, affine, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return np.clip(image.astype(np.float32) + np.asarray(back, np.float32) + 0.5, 0, 255).astype(np.uint8)


def photograph() -> Pixels:
    """The public-domain photograph, RGB uint8 of shape (512, 512, 3); ConfigError without scikit-image."""
    try:
        from skimage.data import astronaut
    except ImportError as error:
        message = "the demonstration needs scikit-image: pip install 'catchlight[demo]'"
        raise ConfigError(message) from error
    return np.asarray(astronaut(), np.uint8)


def _write_clip(path: Path, photograph: Pixels) -> None:
    """The photograph through a camera that drifts and zooms, as H.264."""
    import av

    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"crf": "20", "g": "25"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for number in range(SECONDS * RATE):
            frame = av.VideoFrame.from_ndarray(_view(photograph, number / (SECONDS * RATE)), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def _view(photograph: Pixels, phase: float) -> Pixels:
    width, height = SIZE
    swing = np.sin(2 * np.pi * phase)
    scale = 1.6 + 0.15 * swing
    affine = np.asarray(cv2.getRotationMatrix2D((222.0, 130.0), 3.0 * swing, scale), np.float64)
    affine[:, 2] += (width / 2 - 222 + 12 * swing, height / 2 - 130)
    view = cv2.warpAffine(photograph, affine, SIZE, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(view[:height, :width], np.uint8)
