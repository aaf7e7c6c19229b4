"""Between two networks: the weights of one that was trained on from another, mixed with those of that other.

Training on with other parties' forgeries teaches what they look like, and the people and rooms in which they were shown
as well. On the straight line between the weights before and after lie networks that keep more of what held before and
have most of what was learned (WiSE-FT, Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022). It costs
nothing when scoring, where two networks side by side (`jury`) take twice the time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from catchlight.detector.errors import ConfigError


def mix(model: Any, other: Path, share: float) -> None:
    """Move the weights of a network towards those of another, in place.

    Args:
        model: A `keras.Model` from `zoo.builder`.
        other: Weights of the same network, from which it was trained on; far apart ones have nothing between them.
        share: Of the other, 0 to 1.

    Raises:
        ConfigError: If the file holds no weights of this network.
    """
    own = model.get_weights()
    try:
        model.load_weights(str(other))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{other} holds no weights of {model.name}: {error}") from error
    pairs = zip(own, model.get_weights(), strict=True)
    model.set_weights([(1 - share) * mine + share * theirs for mine, theirs in pairs])
