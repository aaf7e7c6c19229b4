"""Re-makes one sample of a set from its row alone, and proves that it is the one on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from catchlight.datasets import hashes, manifest
from catchlight.datasets.faces import open_store
from catchlight.datasets.manifest import Sample
from catchlight.detector.errors import DataError
from catchlight.generator import journal
from catchlight.generator.engines import make_again
from catchlight.generator.plan import Draft, from_row
from catchlight.generator.tree_hash import file_hash


@dataclass(frozen=True, slots=True)
class Proof:
    """One file of a sample: SHA-256 as the manifest states it, as it lies on disk, and as it was made again.

    Masks have no hash in the manifest; ``stated`` is then empty.
    """

    path: str
    stated: str
    stored: str
    again: str

    @property
    def fits(self) -> bool:
        """Whether all that is known of the file is one and the same."""
        return {self.stated or self.again, self.stored} == {self.again}


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a sample was made, and whether making it again gave the same bytes."""

    draft: Draft
    fake: Sample
    proofs: tuple[Proof, ...]

    @property
    def fits(self) -> bool:
        """Whether every file fits."""
        return all(proof.fits for proof in self.proofs)


def explain(out: Path, sample: str, faces: Path | None = None) -> Explanation:
    """Make one sample again, in memory; nothing is written.

    Args:
        out: Folder of a finished set.
        sample: The sample's id, as ``000123`` or ``123``, or the path of one of its files in the manifest.
        faces: The store that it was made from; where the run found it without it.

    Raises:
        DataError: There is no such sample, its row does not say how it was made, or the store is not there.
    """
    real, fake = _rows(manifest.read(out), sample, out)
    draft = from_row(fake)
    made, files = make_again(open_store(faces or _store_of(out)), draft)
    stated = {real.path: real.sha256, fake.path: fake.sha256, fake.mask: ""}
    expected = (made.real.path, made.fake.path, made.fake.mask)
    proofs = (
        Proof(path, stated[path], _stored(out / path), hashes.of_bytes(files[again]))
        for path, again in zip(stated, expected, strict=True)
    )
    return Explanation(draft, fake, tuple(proofs))


def _rows(samples: Sequence[Sample], sample: str, out: Path) -> tuple[Sample, Sample]:
    """The real and the fake row of a sample."""
    wanted = sample.zfill(6) if sample.isdecimal() else sample
    ids = {row.seed.partition("/")[2] for row in samples if sample in (row.path, row.mask)} | {wanted}
    found = {row.label: row for row in samples if row.seed.partition("/")[2] in ids}
    if set(found) != {"real", "fake"}:
        known = sorted({row.seed.partition("/")[2] for row in samples if row.seed})
        range_ = f"{known[0]} to {known[-1]}" if known else "none that a recipe made"
        raise DataError(f"{out} has no sample {sample!r}; it has {range_}")
    return found["real"], found["fake"]


def _store_of(out: Path) -> Path:
    state = journal.read_run(out)
    if not state or not Path(state.store).is_dir():
        where = f"no longer in {state.store}" if state else f"not named in {out}"
        raise DataError(f"the store that the set was made from is {where}; say where it is with --faces")
    return Path(state.store)


def _stored(path: Path) -> str:
    return file_hash(path) if path.is_file() else "no such file"
