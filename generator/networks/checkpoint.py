"""The whole state of a training run on disk, so that it can go on after whatever ended it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from catchlight.datasets import files
from catchlight.detector.errors import TrainingError


def keep(
    path: Path, previous: Path | None, identity: str, facts: Mapping[str, float], state: Sequence[Any]
) -> None:
    """Write a checkpoint; the one that was there becomes ``previous``.

    Args:
        path: The file to write; it appears whole or not at all.
        previous: Where the last one goes; None keeps one alone.
        identity: What tells this run from others.
        facts: Numbers of the run, as its step.
        state: Keras variables of model and optimizer.

    Raises:
        DataError: It can't be written. The last one stays.
    """
    arrays = {f"s{i:04}": np.asarray(variable) for i, variable in enumerate(state)}
    with files.whole(path) as partial:
        with partial.open("wb") as file:
            facts_text = np.array(json.dumps(dict(facts)))
            np.savez(file, allow_pickle=False, run=np.array(identity), facts=facts_text, **arrays)
        if previous and path.exists():
            path.replace(previous)


def resume(path: Path, previous: Path | None, identity: str, state: Sequence[Any]) -> dict[str, float] | None:
    """Give the variables the values that a checkpoint holds.

    Returns:
        The run's numbers; None where there is no checkpoint.

    Raises:
        TrainingError: The checkpoint is damaged or of another run.
    """
    found = next((file for file in (path, previous) if file and file.exists()), None)
    if found is None:
        return None
    try:
        with found.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            if str(stored["run"]) != identity:
                raise ValueError("it is of a run with another configuration")
            values = [stored[f"s{i:04}"] for i in range(len(state))]
            facts: dict[str, float] = json.loads(str(stored["facts"]))
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        older = (
            f"; the run then goes on from {previous}"
            if found == path and previous and previous.exists()
            else " to begin anew"
        )
        raise TrainingError(f"can't go on from checkpoint {found}: {error}. Remove it{older}.") from error
    for variable, value in zip(state, values, strict=True):
        variable.assign(value)
    return facts
