"""How well the detector that comes with the package sees what a trained network makes, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catchlight.datasets.faces import Store
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
