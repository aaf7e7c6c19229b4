"""A trained network on disk: one `.npz` of float16 weights and the configuration; it holds no code."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from catchlight.datasets import files
from catchlight.detector.errors import BundleError, ConfigError

Config = TypeVar("Config")


def save(model: Any, config: Any, path: Path) -> None:
    """Write a network's weights and configuration; an old file stays until the new one is whole.

    Args:
        model: A `keras.Model`.
        config: The dataclass that describes it.
        path: The file, ending in ``.npz``.

    Raises:
        DataError: It can't be written.
    """
    arrays = {f"w{i:03}": np.asarray(w, np.float16) for i, w in enumerate(model.get_weights())}
    with files.whole(path) as partial, partial.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, config=np.array(json.dumps(asdict(config))), **arrays)


def load(
    path: Path, described: Callable[..., Config], build: Callable[[Config], Any], what: tuple[str, str]
) -> tuple[Any, Config]:
    """Read what `save` wrote.

    Args:
        path: The file.
        described: The class of its configuration.
        build: Makes the network of a configuration.
        what: For messages: what the file should hold, and where such a file comes from.

    Returns:
        The network, with its weights in float32, and its configuration.

    Raises:
        BundleError: The file is missing, damaged, or its weights don't fit its configuration.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            config = described(**json.loads(str(stored["config"])))
            weights = [stored[name].astype(np.float32) for name in sorted(stored.files) if name[0] == "w"]
        if not all(np.isfinite(w).all() for w in weights):
            raise ValueError("weights that are not finite")
        model = build(config)
        model.set_weights(weights)
    except (OSError, EOFError, KeyError, TypeError, ValueError, ConfigError, zipfile.BadZipFile) as error:
        raise BundleError(f"no {what[0]} can be read from {path}: {error}. Expected {what[1]}.") from error
    return model, config
