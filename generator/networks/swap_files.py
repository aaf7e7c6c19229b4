"""A trained swap network on disk: one `.npz` of float16 weights and the configuration; it holds no code."""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from catchlight.datasets import files
from catchlight.detector.errors import BundleError, ConfigError
from catchlight.generator.networks.swap import SwapConfig, build


def save(model: Any, config: SwapConfig, path: Path) -> None:
    """Write a network's weights and configuration; an old file stays until the new one is whole.

    Raises:
        DataError: It can't be written.
    """
    arrays = {f"w{i:03}": np.asarray(w, np.float16) for i, w in enumerate(model.get_weights())}
    with files.whole(path) as partial, partial.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, config=np.array(json.dumps(asdict(config))), **arrays)


def load(path: Path) -> tuple[Any, SwapConfig]:
    """Read what `save` wrote.

    Returns:
        The network, as `swap.build` describes it, and its configuration.

    Raises:
        BundleError: The file is missing, damaged, or its weights don't fit its configuration.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            config = SwapConfig(**json.loads(str(stored["config"])))
            weights = [stored[name].astype(np.float32) for name in sorted(stored.files) if name[0] == "w"]
        if not all(np.isfinite(w).all() for w in weights):
            raise ValueError("weights that are not finite")
        model = build(config)
        model.set_weights(weights)
    except (OSError, EOFError, KeyError, TypeError, ValueError, ConfigError, zipfile.BadZipFile) as error:
        raise BundleError(
            f"no swap network can be read from {path}: {error}. Expected the swap.npz of a run of "
            "`catchlight train-generator autoencoder`; restore it, or run that again."
        ) from error
    return model, config
