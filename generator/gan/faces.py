"""Faces of nobody on disk: pictures that say what they are, and a row of the folder's manifest for each."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from catchlight.datasets import cut, files, hashes, manifest
from catchlight.datasets.manifest import Sample
from catchlight.detector.errors import ConfigError
from catchlight.detector.types import Pixels
from catchlight.generator.gan.maker import TRUNCATION, FaceMaker
from catchlight.generator.swap.provenance import WHOLLY, described, save_still
from catchlight.generator.tree_hash import file_hash

METHOD = "gan_face"
LABEL = described(METHOD, "face of nobody drawn", WHOLLY)
LARGEST = 1024  # px of a picture that faces may be enlarged to


def write(
    maker: FaceMaker,
    network: Path,
    out: Path,
    count: int,
    seed: int = 1,
    truncation: float = TRUNCATION,
    side: int | None = None,
) -> list[Path]:
    """Draw faces and write them as ``face-SEED-NUMBER.png``; the same arguments give the same pixels.

    Args:
        maker: The generator.
        network: Its file, whose hash goes into the rows.
        out: Folder; other rows of its manifest stay.
        count: Number of faces.
        seed: Of the faces.
        truncation: Share of the latents' spread, above 0 to 1.
        side: Pixels that they are enlarged to; as drawn without it.

    Returns:
        The pictures.

    Raises:
        ConfigError: A number is out of its range.
        DataError: A file can't be written, or the folder's manifest is damaged.
    """
    if side is not None and not maker.side <= side <= LARGEST:
        raise ConfigError(f"side must be {maker.side}, as drawn, to {LARGEST}, received {side}")
    parameters = {"network": file_hash(network), "truncation": truncation}
    rows = []
    with files.exclusive(out):
        for number, image in enumerate(maker.faces(count, seed, truncation)):
            name = f"face-{seed}-{number:04}.png"
            save_still(out / name, enlarged(image, side), LABEL, WHOLLY)
            rows.append(_row(out, name, f"{seed}/{number}", parameters))
        manifest.add(out, rows)
    return [out / row.path for row in rows]


def enlarged(image: Pixels, side: int | None) -> Pixels:
    """A face at another size, RGB uint8; as it is for None."""
    if side is None:
        return image
    return np.asarray(cv2.resize(image, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)


def _row(out: Path, name: str, seed: str, parameters: dict[str, object]) -> Sample:
    data = (out / name).read_bytes()
    image = cut.decode(data)
    return Sample(
        path=name,
        label="fake",
        method=METHOD,
        source="catchlight",
        dhash=hashes.difference_hash(image),
        sha256=hashes.of_bytes(data),
        pixels=hashes.of_pixels(image),
        seed=seed,
        parameters=json.dumps(parameters, sort_keys=True),
        consent="nobody is shown",
    )
