"""One drafted sample -> its files and its rows in the manifest. The bytes follow from draft and store alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from catchlight.datasets import cut, degrade, files, hashes
from catchlight.datasets.faces import Store, open_store
from catchlight.datasets.manifest import Sample
from catchlight.detector import align
from catchlight.detector import landmarks as lm
from catchlight.detector.errors import CatchlightError, ContractError, DataError, MediaError
from catchlight.detector.types import Pixels, Points
from catchlight.generator import registry
from catchlight.generator.plan import Draft
from catchlight.generator.types import Forgery, Mask, Method, Portrait, key

METHODS_KEPT = 64  # methods that a process keeps ready: to make one may mean to load a network
PICTURES_KEPT = (
    8  # decoded pictures of the store that a process keeps: `run` has samples of one face follow each other
)
# Measured at 256 px: OpenCV's default for PNG is twice as fast as any level that is asked for by number.
ENCODINGS = {"png": (".png", ()), "jpeg": (".jpg", (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111))}


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of one draft.

    Attributes:
        id: The draft's.
        real: Row of the real partner.
        fake: Row of the forgery.
        mask: SHA-256 of the mask's file; the rows carry those of the pictures.
    """

    id: str
    real: Sample
    fake: Sample
    mask: str

    @property
    def hashes(self) -> dict[str, str]:
        """SHA-256 of each of its files, by path."""
        return {
            self.real.path: self.real.sha256,
            self.fake.path: self.fake.sha256,
            self.fake.mask: self.mask,
        }


@dataclass(slots=True)
class Maker:
    """Makes samples from one store.

    Attributes:
        store: The real faces.
        index: Path of each sample of the store to its number.
        methods: Those in use.
        pictures: The last ones decoded, by number.
    """

    store: Store
    index: Mapping[str, int] = field(init=False)
    methods: dict[str, Method] = field(default_factory=dict)
    pictures: dict[int, Pixels] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.index = {sample.path: number for number, sample in enumerate(self.store.samples)}

    def make(self, draft: Draft) -> tuple[Made, dict[str, bytes]]:
        """Make one sample in memory.

        Returns:
            Its rows, and the bytes of its files by path.

        Raises:
            DataError: A picture of the store is missing, damaged or not the one of the store's manifest.
            ContractError: The method failed, or did not return a `Forgery`.
        """
        target = Portrait(*self._crop(draft.target, draft))
        source = Portrait(*self._crop(draft.donor, draft)) if draft.donor else None
        forgery = self._forged(draft, target, source)
        members = {"real": forgery.partner(target), "fake": forgery.image}
        pictures = {kind: degrade.apply(picture, draft.history) for kind, picture in members.items()}
        return self._packed(draft, pictures, forgery.mask, target.landmarks)

    def landmarks(self, draft: Draft) -> Points:
        """The landmarks of a sample's pictures, float32 (478, 2)."""
        points = self.store.landmarks[self._number(draft.target)]
        affine = align.matrix(points, draft.side, draft.jitter)
        return np.asarray(points.astype(np.float64) @ affine[:, :2].T + affine[:, 2], np.float32)

    def _crop(self, path: str, draft: Draft) -> tuple[Pixels, Points]:
        number = self._number(path)
        return align.cut(self._picture(number), self.store.landmarks[number], draft.side, draft.jitter)

    def _picture(self, number: int) -> Pixels:
        if number not in self.pictures:
            picture = read_checked(self.store, number)
            if len(self.pictures) >= PICTURES_KEPT:
                del self.pictures[next(iter(self.pictures))]
            self.pictures[number] = picture
        return self.pictures[number]

    def _number(self, path: str) -> int:
        if path not in self.index:
            raise DataError(
                f"store {self.store.folder} has no picture {path!r}; is it the store of this set?"
            )
        return self.index[path]

    def _forged(self, draft: Draft, target: Portrait, source: Portrait | None) -> Forgery:
        try:
            forgery = self._method(draft)(target, source, key(draft.seed, draft.id))
        except CatchlightError:
            raise
        except Exception as error:
            raise ContractError(f"method {draft.method!r} failed on sample {draft.id}: {error!r}") from error
        if not isinstance(forgery, Forgery):
            raise ContractError(
                f"method {draft.method!r} must return a Forgery, received a {type(forgery).__name__}; "
                "see catchlight.generator.testing.check_method"
            )
        return forgery

    def _method(self, draft: Draft) -> Method:
        name = json.dumps([draft.method, draft.options], sort_keys=True, default=str)
        if name not in self.methods:
            if len(self.methods) >= METHODS_KEPT:
                del self.methods[next(iter(self.methods))]
            self.methods[name] = registry.create(draft.method, **draft.options)
        return self.methods[name]

    def _packed(
        self, draft: Draft, pictures: Mapping[str, Pixels], mask: Mask, landmarks: Points
    ) -> tuple[Made, dict[str, bytes]]:
        suffix = ENCODINGS[draft.format][0]
        paths = {kind: f"images/{draft.id[:-3]}/{draft.id}-{kind}{suffix}" for kind in pictures}
        written = {
            paths[kind]: encode(picture, draft.format, draft.quality) for kind, picture in pictures.items()
        }
        mask_path = f"masks/{draft.id[:-3]}/{draft.id}.png"
        written[mask_path] = encode(np.round(mask * 255).astype(np.uint8), "png")
        common = self._row(draft, landmarks)
        rows = {kind: _measured(replace(common, path=path), written[path]) for kind, path in paths.items()}
        donor = self._other_person(draft)
        fake = replace(
            rows["fake"],
            label="fake",
            method=draft.method,
            mask=mask_path,
            donor=donor,
            parameters=draft.parameters_of_fake(paths["real"]),
        )
        return Made(draft.id, rows["real"], fake, hashes.of_bytes(written[mask_path])), written

    def _row(self, draft: Draft, landmarks: Points) -> Sample:
        """What both members of a pair have in common: all that is known of the target."""
        target = self._sample(draft.target)
        involved = [target, *([self._sample(draft.donor)] if draft.donor else [])]
        return replace(
            target,
            label="real",
            method="",
            identity=target.person,
            face_width=round(lm.bounds(landmarks[:468]).width, 1),
            # Of the target these would be wrong: the crop is turned, perhaps mirrored, and has another history.
            sharpness=0.0,
            brightness=0.0,
            yaw=None,
            pitch=None,
            roll=None,
            side_light=None,
            seed=draft.key,
            recipe=draft.recipe,
            parameters=draft.parameters,
            licence="; ".join(sorted({s.licence for s in involved if s.licence})),
            consent="; ".join(sorted({s.consent for s in involved if s.consent})),
        )

    def _other_person(self, draft: Draft) -> str:
        if not draft.donor:
            return ""
        target, donor = (self._sample(path).person for path in (draft.target, draft.donor))
        return donor if donor != target else ""

    def _sample(self, path: str) -> Sample:
        return self.store.samples[self._number(path)]


@lru_cache(maxsize=1)
def _maker_at(faces: Path) -> Maker:
    """The maker of a worker process, which meets one store in its life."""
    return Maker(open_store(faces))


def make_chunk(faces: Path, out: Path, drafts: tuple[Draft, ...], maker: Maker | None = None) -> list[Made]:
    """Make some samples and write their files; what is there is written over.

    Args:
        faces: The store.
        out: Folder of the set.
        drafts: The samples.
        maker: Of that store, where the process has one.

    Raises:
        DataError: A file can't be written, or a picture of the store is unusable; nothing half-written stays.
    """
    maker = maker or _maker_at(faces)
    results = []
    for draft in drafts:
        made, written = maker.make(draft)
        for path, data in written.items():
            files.write(out / path, data)
        results.append(made)
    return results


def read_checked(store: Store, number: int) -> Pixels:
    """A picture of the store, RGB uint8, proven to be the one of its manifest."""
    sample = store.samples[number]
    path = store.folder / sample.path
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"stored picture {path} can't be read: {error.strerror or error}") from error
    if sample.sha256 and hashes.of_bytes(data) != sample.sha256:
        raise DataError(f"stored picture {path} is not the one of the store's manifest; make the store again")
    try:
        return cut.decode(data)
    except MediaError as error:
        raise DataError(f"stored picture {path} is damaged; make the store again") from error


def encode(picture: Pixels, form: str, jpeg: int = 95) -> bytes:
    """Bytes of an RGB picture or a grey mask as ``jpeg`` or ``png``."""
    suffix, flags = ENCODINGS[form]
    if form == "jpeg":
        flags = (*flags, cv2.IMWRITE_JPEG_QUALITY, jpeg)
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR) if picture.ndim == 3 else picture
    ok, data = cv2.imencode(suffix, bgr, flags)
    if not ok:
        raise DataError(f"a picture of shape {picture.shape} can't be encoded as {form}")
    return data.tobytes()


def _measured(row: Sample, data: bytes) -> Sample:
    """The row with the hashes of the stored file."""
    image = cut.decode(data)
    return replace(
        row,
        dhash=hashes.difference_hash(image),
        sha256=hashes.of_bytes(data),
        pixels=hashes.of_pixels(image),
    )
