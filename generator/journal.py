"""What a run remembers in ``OUT/.catchlight``, so that it can be killed at any moment and go on.

``run.json`` says which run the folder belongs to, and ``journal.jsonl`` has a line for each sample whose files are
written. A line carries its own hash: one that was torn or edited counts as absent.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from catchlight.datasets import files, hashes
from catchlight.datasets.manifest import Sample, told
from catchlight.detector.errors import DataError
from catchlight.generator.make import Made
from catchlight.generator.tree_hash import STATE

RUN, JOURNAL = "run.json", "journal.jsonl"


@dataclass(frozen=True, slots=True)
class Run:
    """Which run a folder belongs to; all but the last three must fit for another run to go on in it.

    Attributes:
        recipe: Name and version.
        fingerprint: Of the recipe's settings.
        faces: Fingerprint of the store.
        program: Version of catchlight, for another one may forge other pixels.
        count: Number of samples.
        store: Where the store lies.
        manifest: SHA-256 of the finished manifest; empty until then.
    """

    recipe: str
    fingerprint: str
    faces: str
    program: str
    count: int
    store: str
    manifest: str = ""


def read_run(out: Path) -> Run | None:
    """What `write_run` wrote; None where no run has begun.

    Raises:
        DataError: The file is damaged.
    """
    path = out / STATE / RUN
    if not path.is_file():
        return None
    try:
        return Run(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise DataError(f"{path} is damaged: {error}; delete {out} and run again") from error


def write_run(out: Path, run: Run) -> None:
    """Write ``run.json``, whole or not at all."""
    files.write(out / STATE / RUN, json.dumps(asdict(run), indent=1).encode())


def read_journal(out: Path) -> dict[str, Made]:
    """Samples by id whose files were written; of two lines about one the later counts."""
    path = out / STATE / JOURNAL
    lines = path.read_bytes().split(b"\n") if path.is_file() else []
    made = (_parsed(line) for line in lines)
    return {each.id: each for each in made if each}


@contextmanager
def journal(out: Path) -> Iterator[Journal]:
    """Open the journal to add to it."""
    path = out / STATE / JOURNAL
    with files.writing(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        yield Journal(path, descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class Journal:
    """An open journal."""

    path: Path
    descriptor: int

    def add(self, made: Sequence[Made]) -> None:
        """Add samples whose files are written.

        Raises:
            DataError: The disk is full.
        """
        # A line break first: after a torn line it ends that one, elsewhere it is an empty line.
        data = b"".join(b"\n" + _line(each) for each in made) + b"\n"
        with files.writing(self.path):
            while data:
                data = data[os.write(self.descriptor, data) :]


def _line(made: Made) -> bytes:
    text = json.dumps(
        {"id": made.id, "mask": made.mask, "real": told(made.real), "fake": told(made.fake)},
        ensure_ascii=True,
    ).encode()
    return hashes.of_bytes(text)[:16].encode() + b" " + text


def _parsed(line: bytes) -> Made | None:
    """The sample of a line; None where the line is not as it was written."""
    digest, _, text = line.partition(b" ")
    if not text or hashes.of_bytes(text)[:16].encode() != digest:
        return None
    table = json.loads(text)
    return Made(table["id"], Sample(**table["real"]), Sample(**table["fake"]), table["mask"])
