"""Files that installed packages of others bring, such as weights: found without importing the package, and checked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from catchlight.detector.errors import ConfigError


def packaged(
    package: str, names: Sequence[str], sha256: str, *, missing: str, altered: str
) -> tuple[Path, ...]:
    """Files of an installed package, whose contents are those that are known.

    Args:
        package: Its name in Python.
        names: Of the files, in its folder.
        sha256: Of their contents, one after the other.
        missing: The message where the package is not installed.
        altered: What to do where a file is absent or altered.

    Returns:
        Their paths, in the order of ``names``.

    Raises:
        ConfigError: The package is not installed, or a file in it is absent or altered.

    Example:
        >>> packaged("no_such_package", ["a.bin"], "", missing="run `pip install a`", altered="install it anew")
        Traceback (most recent call last):
        ...
        catchlight.detector.errors.ConfigError: run `pip install a`
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(missing)
    folder = Path(spec.submodule_search_locations[0])
    paths = tuple(folder / name for name in names)
    found = hashlib.sha256(b"".join(path.read_bytes() for path in paths if path.is_file()))
    if found.hexdigest() != sha256:
        raise ConfigError(f"{' or '.join(map(str, paths))} is absent or altered; {altered}")
    return paths
