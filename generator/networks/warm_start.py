"""Gives a network to train the weights of a trained one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from catchlight.detector.errors import BundleError, UnknownName
from catchlight.generator.networks import swap
from catchlight.generator.networks.kinds import WEIGHTS
from catchlight.generator.networks.swap import SwapConfig


def shipped(name: str) -> Path:
    """The file of weights that come with the package.

    Raises:
        UnknownName: There are no such.
    """
    names = sorted(path.stem for path in WEIGHTS.glob("encoder*.npz"))
    if name not in names:
        raise UnknownName("weights to start with", name, names)
    return WEIGHTS / f"{name}.npz"


def warm_start(model: Any, network: SwapConfig, start: Path) -> None:
    """Give a network the weights of a trained one.

    A pair takes the encoder of another pair; of an encoder for many people its decoder too, for both people: it draws
    faces already, and becomes one person's soonest. The others take all of their own kind.

    Args:
        model: The network, which `swap.build` made of ``network``.
        network: Its configuration.
        start: Weights of another run.

    Raises:
        BundleError: They can't be read, or the networks differ.
    """
    trained, other = swap.load(start)
    if not _fits(network, other):
        raise BundleError(f"{start} is a network of {other}, which can't start one of {network}")
    try:
        if network.kind != "pair":
            model.set_weights(trained.get_weights())
        for name, origin in _parts(other.kind) if network.kind == "pair" else ():
            model.get_layer(name).set_weights(trained.get_layer(origin).get_weights())
    except ValueError as error:
        raise BundleError(f"{start} does not fit the network to train: {error}") from error


def _fits(network: SwapConfig, other: SwapConfig) -> bool:
    kinds = ("pair", "encoder") if network.kind == "pair" else (network.kind,)
    alike = (other.encoder, other.code) == (network.encoder, network.code)
    # A one-shot network has no layer of fixed size.
    return other.kind in kinds and alike and (network.kind == "one_shot" or other.side == network.side)


def _parts(kind: str) -> list[tuple[str, str]]:
    """What a pair takes from a network of a kind: names of its own layers, and of the others."""
    decoders = [(f"decoder_{person}", "decoder") for person in swap.PEOPLE] if kind == "encoder" else []
    return [("encoder", "encoder"), *decoders]
