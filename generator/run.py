"""Makes a training set from a recipe and a store of real faces. START READING HERE.

    recipe.read      TOML -> Recipe
    plan.plan        Recipe + store -> the list of samples, each with its own random key
    engines.create   who does the work: processes of this machine, or Ray
    make.make_chunk  a few drafts -> their files and rows
    journal          what is made already; so a killed run goes on

The same recipe and store give the same bytes with any number of workers, in any order, after any interruption;
`tree_hash.tree_hash` proves it for a folder and `explain.explain` for one sample.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path

import numpy as np

from catchlight.datasets import files, manifest
from catchlight.datasets.faces import LANDMARKS, Store, open_store
from catchlight.detector.errors import ConfigError, DataError
from catchlight.generator import engines, journal
from catchlight.generator.journal import Run
from catchlight.generator.make import Made, Maker
from catchlight.generator.plan import Draft, plan
from catchlight.generator.recipe import Recipe
from catchlight.generator.tree_hash import STATE, file_hash, of_hashes

CHUNK = 16  # samples at a time: about a quarter of a second, all that a kill can cost a worker


@dataclass(frozen=True, slots=True)
class Result:
    """What a run did.

    Attributes:
        samples: Number of samples in the set, each a forgery and its real partner.
        made: How many were made now; the others were there.
        repaired: How many of them were in the journal, but their files were gone or changed.
        tree: The set's tree hash.
    """

    samples: int
    made: int
    repaired: int
    tree: str


def run(
    recipe: Recipe,
    faces: Path,
    out: Path,
    count: int | None = None,
    workers: int = 1,
    engine: str = "local",
    progress: Callable[[int, str], None] | None = None,
) -> Result:
    """Make a set, or go on making it.

    Writes ``images/``, ``masks/``, ``landmarks.npy`` and ``manifest.csv``: a store, as `catchlight dataset faces`
    makes one.

    Args:
        recipe: What to make.
        faces: Store of real faces; only read.
        out: Folder of the set: new, empty, or of the same recipe.
        count: Number of samples; the recipe's without it. A run may be continued with a larger one.
        workers: Number of processes.
        engine: ``local`` or ``ray``.
        progress: Called with the number of samples that are there and the last one's id.

    Raises:
        ConfigError: An argument or a method's option is wrong.
        DataError: The store can't feed the recipe, the folder is another's or in use, its manifest was edited, or
            the disk is full. What was made stays, and the same call goes on from there.
    """
    if workers < 1 or (count is not None and count < 1):
        raise ConfigError(f"a run needs workers and a count above zero; received {workers} and {count}")
    make = engines.create(engine)
    store = open_store(faces)
    drafts = plan(recipe, store, count)
    check_folder(out)
    with files.exclusive(out / STATE):
        state = _begin(out, _state(recipe, store, len(drafts)))
        known = journal.read_journal(out)
        there = _intact(out, drafts, known)
        # Those of one face after each other, so that a worker decodes it once; the bytes don't depend on it.
        missing = sorted((d for d in drafts if d.id not in there), key=lambda draft: (draft.target, draft.id))
        repaired = sum(draft.id in known for draft in missing)
        with journal.journal(out) as book:
            for made in make(store, out, _chunks(missing), workers):
                book.add(made)
                there |= {each.id: each for each in made}
                if progress:
                    progress(len(there), made[-1].id)
        tree = _finish(out, state, store, drafts, there)
    return Result(len(drafts), len(missing), repaired, tree)


def check_folder(out: Path) -> None:
    """See that a folder is new, empty or a set's; DataError else, for nobody's files are to be mixed with a set's."""
    if out.exists() and not out.is_dir():
        raise DataError(f"{out} is a file; choose a folder")
    if out.is_dir() and not (out / STATE).is_dir() and any(out.iterdir()):
        raise DataError(f"{out} holds files that no recipe made; choose a new or empty folder")


def _state(recipe: Recipe, store: Store, count: int) -> Run:
    version = metadata.version("catchlight")
    return Run(
        recipe.title, recipe.fingerprint, fingerprint(store), version, count, str(store.folder.resolve())
    )


def fingerprint(store: Store) -> str:
    """SHA-256 of a store's rows and landmarks; the rows hold the hashes of its pictures."""
    digest = hashlib.sha256(store.landmarks.tobytes())
    for sample in store.samples:
        digest.update(repr(sorted(asdict(sample).items())).encode())
    return digest.hexdigest()


def _begin(out: Path, state: Run) -> Run:
    """Take the folder for this run, if it is free or of the same one; an edited manifest is nobody's to overwrite."""
    before = journal.read_run(out)
    if before:
        _check_same(out, before, state)
        path = out / manifest.FILENAME
        if before.manifest and path.is_file() and file_hash(path) != before.manifest:
            raise DataError(
                f"{path} was edited after it was written. Move it away or delete it, and run the same command "
                "again: it writes the manifest anew"
            )
    journal.write_run(out, state)
    return state


def _check_same(out: Path, before: Run, now: Run) -> None:
    differences = {
        "recipe": (before.recipe, now.recipe),
        "settings of the recipe": (before.fingerprint[:12], now.fingerprint[:12]),
        "faces": (f"{before.store} ({before.faces[:12]})", f"{now.store} ({now.faces[:12]})"),
        "version of catchlight": (before.program, now.program),
    }
    if before.faces == now.faces:  # the same store may have moved
        del differences["faces"]
    for what, (old, new) in differences.items():
        if old != new:
            raise DataError(f"{out} was begun with another {what}: {old}, not {new}. Choose another folder")
    if before.count > now.count:
        raise DataError(
            f"{out} was begun with {before.count} samples, more than {now.count}; choose another folder"
        )


def _intact(out: Path, drafts: Sequence[Draft], known: Mapping[str, Made]) -> dict[str, Made]:
    """What needs not be made: samples that the journal knows as drafted and whose files have their hashes."""
    fitting = (known[d.id] for d in drafts if d.id in known and known[d.id].real.parameters == d.parameters)
    return {made.id: made for made in fitting if all(_is(out / p, h) for p, h in made.hashes.items())}


def _is(path: Path, expected: str) -> bool:
    return path.is_file() and file_hash(path) == expected


def _chunks(drafts: Sequence[Draft]) -> list[tuple[Draft, ...]]:
    return [tuple(drafts[start : start + CHUNK]) for start in range(0, len(drafts), CHUNK)]


def _finish(out: Path, state: Run, store: Store, drafts: Sequence[Draft], made: Mapping[str, Made]) -> str:
    """Write landmarks and manifest in the list's order, whatever order the samples were made in."""
    hashes = {path: digest for draft in drafts for path, digest in made[draft.id].hashes.items()}
    for path in hashes:
        if not (out / path).is_file():
            raise DataError(f"{out / path} was made, but is not there: do all nodes see the same folder?")
    for stray in out.rglob(".*.partial*"):  # of workers that were killed while they wrote
        stray.unlink(missing_ok=True)
    maker = Maker(store)
    points = np.stack([maker.landmarks(draft) for draft in drafts])
    files.write(out / LANDMARKS, _npy(np.repeat(points, 2, axis=0)))
    rows = [row for draft in drafts for row in (made[draft.id].real, made[draft.id].fake)]
    manifest.write(out / manifest.FILENAME, rows)
    hashes |= {name: file_hash(out / name) for name in (LANDMARKS, manifest.FILENAME)}
    journal.write_run(out, replace(state, manifest=hashes[manifest.FILENAME]))
    return of_hashes(hashes)


def _npy(array: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()
