"""Fixtures shared by all tests: public-domain faces, generated media, and the optional development data."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from catchlight.datasets import manifest
from catchlight.datasets.faces import Store, StoreConfig, make_store, open_store
from catchlight.detector.faces import FaceFinder
from catchlight.detector.types import Face

ROOT = Path(__file__).parent.parent
LONG = ("train", "slow")  # marks of long tests, the longest first


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with long tests begin first: begun last, one of them keeps one process busy while the others idle."""
    counts = Counter(item.path for item in items)
    marks = {(item.path, mark.name) for item in items for mark in item.iter_markers()}

    def place(item: pytest.Item) -> tuple[list[bool], int, Path]:
        return [(item.path, mark) not in marks for mark in LONG], -counts[item.path], item.path

    items.sort(key=place)


@pytest.fixture(scope="module")
def untraced() -> Iterator[None]:
    """TensorFlow does each operation as it comes: a few steps of a tiny network cost less than tracing them."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def traced(untraced: None) -> Iterator[None]:
    """In a module that is otherwise `untraced`, a test of many steps, which runs as users' trainings do."""
    import tensorflow as tf

    tf.config.run_functions_eagerly(False)
    yield
    tf.config.run_functions_eagerly(True)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The development data, found by CATCHLIGHT_DATA or beside the repository; tests skip without it."""
    folder = Path(os.environ.get("CATCHLIGHT_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("development data is absent; set CATCHLIGHT_DATA to its folder to run this test")
    return folder


@pytest.fixture(scope="session")
def astronaut() -> NDArray[np.uint8]:
    """Eileen Collins, NASA, public domain: RGB uint8 of shape (512, 512, 3) with one face."""
    from skimage.data import astronaut

    return np.asarray(astronaut(), np.uint8)


@pytest.fixture(scope="session")
def astronaut_face(astronaut: NDArray[np.uint8]) -> Face:
    """The astronaut's face as MediaPipe finds it."""
    with FaceFinder() as finder:
        (face,) = finder.find(astronaut)
    return face


@pytest.fixture(scope="session")
def media_folder(astronaut: NDArray[np.uint8], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photographs and clips made of the one photograph, as ``real/`` and ``fake/METHOD/``; one has no face."""
    folder = tmp_path_factory.mktemp("media")
    near, mirrored = astronaut[:300, 80:380], np.ascontiguousarray(astronaut[:360, ::-1])
    stills = {
        "real/plain": astronaut,
        "real/near": near,
        "real/mirrored": mirrored,
        "real/empty": astronaut[350:],
    }
    stills |= {f"fake/tool/{i}": cv2.GaussianBlur(near, (0, 0), 1 + 0.3 * i) for i in range(2)}
    for name, image in stills.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{name}.jpg", quality=95)
    for name, shift in (("real/walk", 0), ("real/stand", 30), ("fake/tool/walk", 5), ("fake/tool/wave", 20)):
        _drifting_clip(folder / f"{name}.mp4", near, shift)
    return folder


def _drifting_clip(path: Path, image: NDArray[np.uint8], shift: int) -> None:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10, options={"crf": "20"})
        stream.width, stream.height, stream.pix_fmt = 256, 256, "yuv420p"
        for number in range(8):
            left = min(shift + number, image.shape[1] - 256)
            part = np.ascontiguousarray(image[20:276, left : left + 256])
            out.mux(stream.encode(av.VideoFrame.from_ndarray(part, format="rgb24")))
        out.mux(stream.encode(None))


@pytest.fixture(scope="session")
def face_store(media_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store of those media, with each label and kind on both sides of the split.

    They show one person, whom `split.assign` rightly keeps on one side; so the sides are dealt out here.
    """
    out = tmp_path_factory.mktemp("store")
    made, _ = make_store([media_folder], out, StoreConfig(frames=2, keep_duplicates=True))
    seen: Counter[tuple[str, str]] = Counter()
    samples = []
    for sample in made.samples:
        seen[sample.label, sample.kind] += 1
        samples.append(replace(sample, split="val" if seen[sample.label, sample.kind] % 2 else "train"))
    manifest.write(out / manifest.FILENAME, samples)
    return open_store(out)


@pytest.fixture
def with_copies(tmp_path: Path) -> Callable[[Store, str], Store]:
    """A store with a white copy of each real picture, as if a network of some kind had drawn it anew."""

    def make(store: Store, kind: str) -> Store:
        (tmp_path / "images").symlink_to(store.folder / "images")
        for index in store.where(lambda s: s.label == "real"):
            path = (tmp_path / "reconstructions" / kind / store.samples[index].path).with_suffix(".png")
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), np.full_like(store.image(index), 240))
        return replace(store, folder=tmp_path)

    return make


@pytest.fixture(scope="session")
def untrained_motion(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A compiled motion network with first weights, which is a warp by landmarks."""
    import keras

    from catchlight.generator.motion.training import compile_motion
    from catchlight.generator.networks import motion, stored
    from catchlight.generator.networks.motion import MotionConfig

    keras.utils.set_random_seed(1)
    config = MotionConfig(side=64, width=4)
    folder = tmp_path_factory.mktemp("motion")
    stored.save(motion.build(config), config, folder / "motion.npz")
    return compile_motion(folder / "motion.npz", folder / "motion.tflite")


@pytest.fixture(scope="session")
def untrained_gan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A compiled generator of faces with first weights, and a pool of drawn faces' landmarks beside it."""
    import keras

    from catchlight.generator.gan import pool
    from catchlight.generator.gan.training import compile_generator
    from catchlight.generator.networks import gan, stored
    from catchlight.generator.networks.gan import GanConfig
    from catchlight.generator.swap import frame
    from catchlight.generator.testing import sample_portrait

    keras.utils.set_random_seed(1)
    config = GanConfig(side=32, latent=8, generator=8, discriminator=4)
    folder = tmp_path_factory.mktemp("generator")
    stored.save(gan.generator(config), config, folder / "generator.npz")
    path = compile_generator(folder / "generator.npz", folder / "gan.tflite")
    faces = [sample_portrait(2 * config.side, seed) for seed in range(5)]
    landmarks = np.stack([frame.cut(f.image, f.landmarks, config.side).landmarks for f in faces])
    pool.save(pool.Pool(1, 0.8, (0, 1, 2, 3, 7), landmarks, 1.0), pool.path_of(path))
    return path
