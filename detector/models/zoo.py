"""The networks that can be trained, by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from catchlight.detector.errors import UnknownName

NETWORKS = {
    "mobilenet": "catchlight.detector.models.mobilenet:build",
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
