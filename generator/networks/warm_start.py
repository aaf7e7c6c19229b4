"""Gives a network to train the weights of a trained one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from catchlight.detector.errors import BundleError
from catchlight.generator.networks import swap
from catchlight.generator.networks.swap import SwapConfig


def warm_start(model: Any, network: SwapConfig, start: Path) -> None:
    """Give a network the weights of a trained one: a pair takes an encoder, the others take all of their own kind.

    Args:
        model: The network, which `swap.build` made of ``network``.
        network: Its configuration.
        start: Weights of another run; for a pair, of a pair or of an encoder for many people.

    Raises:
        BundleError: They can't be read, or the networks differ.
    """
    trained, other = swap.load(start)
    if not _fits(network, other):
        raise BundleError(f"{start} is a network of {other}, which can't start one of {network}")
    given, taken = (trained, model) if network.kind != "pair" else _encoders(trained, model)
    try:
        taken.set_weights(given.get_weights())
    except ValueError as error:
        raise BundleError(f"{start} does not fit the network to train: {error}") from error


def _fits(network: SwapConfig, other: SwapConfig) -> bool:
    kinds = ("pair", "encoder") if network.kind == "pair" else (network.kind,)
    alike = (other.encoder, other.code) == (network.encoder, network.code)
    # A one-shot network has no layer of fixed size.
    return other.kind in kinds and alike and (network.kind == "one_shot" or other.side == network.side)


def _encoders(*models: Any) -> list[Any]:
    return [model.get_layer("encoder") for model in models]
