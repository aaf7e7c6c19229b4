"""What is written beside a swapped medium: a report in JSON, and a row of the folder's manifest."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from catchlight.datasets import files, manifest
from catchlight.datasets.manifest import Sample
from catchlight.detector import media
from catchlight.generator.swap import scene
from catchlight.generator.swap.clip import METHOD, Swapped
from catchlight.generator.swap.judge import REASONS
from catchlight.generator.swap.provenance import described
from catchlight.generator.tree_hash import file_hash

SCHEMA = 1


def record(made: Swapped, network: Path, source: Path | None) -> Path:
    """Write report and row.

    Args:
        made: What `clip.swap` did.
        network: The compiled network that drew.
        source: Where the person comes from; None for a pair's network.

    Returns:
        The report's file: the output's name, ending in .json.

    Raises:
        DataError: It can't be written, or the folder's manifest is damaged.
    """
    report, hashes = made.out.with_suffix(".json"), _Hashes.of(made, network)
    with files.whole(report) as partial:
        partial.write_text(
            json.dumps(_facts(made, network, source, hashes), indent=1) + "\n", encoding="utf-8"
        )
    manifest.add(made.out.parent, [_row(made, source, hashes)])
    return report


@dataclass(frozen=True, slots=True)
class _Hashes:
    """SHA-256 of the files of a swap."""

    target: str
    network: str
    out: str

    @classmethod
    def of(cls, made: Swapped, network: Path) -> _Hashes:
        return cls(file_hash(made.target), file_hash(network), file_hash(made.out))


def _facts(made: Swapped, network: Path, source: Path | None, hashes: _Hashes) -> dict[str, object]:
    """The report: what was made of what, how good each frame is, and which stayed as they were."""
    return {
        "schema": SCHEMA,
        "label": described(METHOD),
        "target": {"path": str(made.target), "sha256": hashes.target},
        "source": {"path": str(source) if source else "", "face": made.origin},
        "network": {"path": str(network), "sha256": hashes.network},
        "out": {"path": str(made.out), "sha256": hashes.out},
        "mask": str(made.mask) if made.mask else "",
        "people": made.people.split("; "),
        "frames": len(made.frames),
        "swapped": made.swapped,
        "kept": [{**asdict(note), "why": REASONS[note.kept]} for note in made.frames if note.kept],
        "quality": [note.quality for note in made.frames],
        "flicker": {"after": made.flicker[0], "before": made.flicker[1]},
        "cpu_seconds": made.seconds,
    }


def _row(made: Swapped, source: Path | None, hashes: _Hashes) -> Sample:
    parameters = {"target": str(made.target), "source": str(source or ""), "network": hashes.network}
    swapped = [note.quality for note in made.frames if not note.kept]
    return Sample(
        path=made.out.name,
        label="fake",
        method=METHOD,
        source="catchlight",
        clip=made.target.stem,
        kind=media.probe(made.out, scene.LIMITS).kind,
        sha256=hashes.out,
        donor=source.stem if source else "",
        mask=made.mask.name if made.mask else "",
        parameters=json.dumps({**parameters, "quality": round(float(np.mean(swapped)), 3)}, sort_keys=True),
    )
