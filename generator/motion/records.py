"""What is written beside a reenacted face: a report in JSON, and a row of the folder's manifest."""

from __future__ import annotations

import json
from pathlib import Path

from catchlight.datasets import files, manifest
from catchlight.datasets.manifest import Sample
from catchlight.detector import media
from catchlight.generator.motion.clip import LABEL, METHOD, Reenacted
from catchlight.generator.swap import scene
from catchlight.generator.tree_hash import file_hash

SCHEMA = 1


def record(made: Reenacted, network: Path) -> Path:
    """Write report and row; an older row of the same file goes.

    Args:
        made: What `clip.reenact` did.
        network: The compiled network that moved.

    Returns:
        The report's file: the output's name, ending in .json.

    Raises:
        DataError: It can't be written, or the folder's manifest is damaged.
    """
    paths = {"source": made.source, "driving": made.driving, "network": network, "out": made.out}
    hashes = {name: file_hash(path) for name, path in paths.items()}
    report = made.out.with_suffix(".json")
    facts = {
        "schema": SCHEMA,
        "label": LABEL,
        **{name: {"path": str(path), "sha256": hashes[name]} for name, path in paths.items()},
        "kind": made.options.kind,
        "side": made.options.side,
        "people": made.people.split("; "),
        "frames": made.frames,
        "held": list(made.held),
        "cpu_seconds": made.seconds,
    }
    with files.whole(report) as partial:
        partial.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    manifest.add(made.out.parent, [_row(made, hashes)])
    return report


def _row(made: Reenacted, hashes: dict[str, str]) -> Sample:
    parameters = {
        "source": str(made.source), "driving": str(made.driving), "network": hashes["network"],
        "kind": made.options.kind, "side": made.options.side,
    }  # fmt: skip
    return Sample(
        path=made.out.name,
        label="fake",
        method=METHOD,
        source="catchlight",
        clip=made.driving.stem,
        kind=media.probe(made.out, scene.LIMITS).kind,
        sha256=hashes["out"],
        donor=made.source.stem,
        parameters=json.dumps(parameters, sort_keys=True),
    )
