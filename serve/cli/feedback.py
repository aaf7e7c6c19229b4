"""What a training run of networks that make forgeries tells: how it stands, and how well the detector sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from catchlight.datasets.faces import Store
    from catchlight.generator.networks.runs import Measured
    from catchlight.generator.swap.feedback import Seen
    from catchlight.generator.types import Method


def said(store: Store, method: Method) -> str:
    """Let it judge forgeries of held-out people, and say what it made of them."""
    from catchlight.detector import registry
    from catchlight.detector.errors import DataError
    from catchlight.generator.swap.feedback import seen_by

    try:
        return in_words(seen_by(registry.create("mobilenet"), store, method))
    except DataError as error:
        return f"the detector did not judge them: {error}"


def in_words(seen: Seen) -> str:
    """What it made of them."""
    where = (
        f"; its evidence lies in the forged part {seen.where:.2f} times as much as by chance"
        if seen.where
        else ""
    )
    return (
        f"detector mobilenet: AUC {seen.auc:.3f} of {seen.swaps} forgeries against their own originals, "
        f"{seen.sooner:.0%} score higher{where}"
    )


def measured(state: Measured) -> None:
    """Say how the training run of a network that makes forgeries stands, on a line of its own."""
    found = "  ".join(f"{name} {value:.4g}" for name, value in state.found.items())
    click.echo(
        f"step {state.step}  loss {state.loss:.4f}  {found}  {state.speed:.0f} a second  {state.minutes:.1f} min"
        f"{'  best' if state.best else ''}"
    )
