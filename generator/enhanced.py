"""Photographs of real people that went through an enlarging network: nobody is replaced in them, so they are real.

People enhance their photographs, and programs do it unasked. To a detector that has only seen what networks draw as
forgeries, the traces of one look like a forgery's. So such copies, where the store holds them, are shown as real: to
the last layer (`generator.balanced`) and to calibration (`serve.held_out`).
"""

from __future__ import annotations

from catchlight.datasets.faces import Store
from catchlight.detector.errors import DataError
from catchlight.generator.networks.restorers import RESTORERS
from catchlight.generator.pairs import ReconstructionPairs, sources
from catchlight.generator.tiers import RECONSTRUCTIONS

# Copies by the others look like drawings; whoever shows one shows no photograph any more.
PHOTOGRAPHIC = tuple(kind for kind, network in RESTORERS.items() if network.photographic)


def enhanced(store: Store, split: str) -> ReconstructionPairs:
    """The real pictures of one split that have such copies, each as a pair with its copy.

    Args:
        store: The store.
        split: ``train`` or ``val``.

    Raises:
        DataError: If there are none, or the split has no real picture.
    """
    reals, folder = sources(store, split), store.folder / RECONSTRUCTIONS
    try:
        return ReconstructionPairs(reals, folder, PHOTOGRAPHIC, blended=False)
    except DataError as error:
        wanted = " ".join(f"--kind {kind}" for kind in PHOTOGRAPHIC)
        raise DataError(
            f"{folder} holds no enhanced photographs of split {split!r}; run `make restorers`, then "
            f"`catchlight generate reconstruct --faces {store.folder} {wanted}`"
        ) from error
