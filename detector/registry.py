"""Finds detectors by name: built-ins, installed plug-ins, `package.module:factory`, or a bundle's folder.

A detector is any object with `score(crops) -> ndarray`; a factory without arguments makes it. See
`catchlight.detector.testing.check_detector` for the contract, and docs/plugins.md for a whole plug-in.

    # mine.py                                   catchlight detect --detector mine:create clip.mp4
    import numpy as np

    class Blocky:
        def score(self, crops):
            return np.array([float(np.ptp(crop.image) < 64) for crop in crops])

    create = Blocky
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.calibration import Calibration
from catchlight.detector.errors import ConfigError
from catchlight.detector.plugins import Plugins
from catchlight.detector.types import Crop, Scores

BUILT_IN = {
    "mobilenet": "catchlight.detector.runtime:mobilenet",
    "meso": "catchlight.detector.runtime:meso",
}
PLUGINS = Plugins("detector", "catchlight.detectors", BUILT_IN)


class Detector(Protocol):
    """Scores the crops of one person.

    Optional attributes, found by name:

    - ``side: int``: side of the crops it likes, in pixels; 224 without it.
    - ``calibration: Calibration``: how its scores become probabilities. **Without one a report lists the
      scores, but gives no probability and no verdict but ``undecided``**: an uncalibrated number between
      0 and 1 is not a probability, and nobody has measured where its border between real and fake lies.
    - ``bundle: Bundle``: what it was loaded from; names it in the report.
    - ``temporal: bool``: its score of a crop depends on the crops before and after; False without it.
    - ``explain(crops) -> (scores, heatmaps)``: see `Explains`.
    """

    def score(self, crops: Sequence[Crop]) -> Scores:
        """One probability of fake per crop of one track in time order: shape (n,), 0 to 1."""
        ...


@runtime_checkable
class Explains(Protocol):
    """A detector that also says where in each crop its evidence lies."""

    def explain(self, crops: Sequence[Crop]) -> tuple[Scores, NDArray[np.float32] | None]:
        """The scores, and heatmaps as float32 of shape (n, height, width), 0 to 1; None where it has none."""
        ...


@runtime_checkable
class Calibrated(Protocol):
    """A detector whose scores can become probabilities."""

    @property
    def calibration(self) -> Calibration:
        """Fitted on media that the detector was not trained on."""
        ...


def names() -> tuple[str, ...]:
    """The names of all detectors that are installed, sorted."""
    return PLUGINS.names()


def create(name: str) -> Detector:
    """Make the detector of a name.

    Args:
        name: One of `names()`, ``package.module:factory``, or the folder of a bundle.

    Raises:
        UnknownName: No such detector; the message lists the valid names.
        ConfigError: The plug-in can't be imported, or what it makes can't score.
        BundleError: The trained bundle behind the name is missing or damaged.

    Example:
        >>> from catchlight.detector import registry
        >>> registry.create("mobilenet")                # doctest: +SKIP
    """
    if Path(name).is_dir() and name not in names():
        return _from_folder(name)
    detector = PLUGINS.factory(name)()
    if not callable(getattr(detector, "score", None)):
        raise ConfigError(
            f"detector {name!r} makes a {type(detector).__name__}, which has no method score(crops). "
            "See catchlight.detector.registry.Detector."
        )
    return cast(Detector, detector)


def _from_folder(folder: str) -> Detector:
    from catchlight.detector.bundle import load
    from catchlight.detector.runtime import BundleDetector

    return BundleDetector(load(folder))
