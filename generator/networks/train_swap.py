"""Trains a swap network: L1 and DSSIM where the face is, eyes and mouth weighted, and the mask; stops by itself.

How a run goes on and ends is that of `runs`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from catchlight.generator.networks import runs
from catchlight.generator.networks.practice import Practice, unpacked
from catchlight.generator.networks.runs import Course, Judge, Measured, Sheet
from catchlight.generator.networks.swap import SwapConfig, build
from catchlight.generator.networks.swap_loss import likeness, swap_loss
from catchlight.generator.networks.warm_start import shipped, warm_start
from catchlight.generator.swap.lessons import Batch, Lessons

BEST = "swap.npz"


@dataclass(frozen=True, slots=True)
class TrainConfig(Course):
    """How a swap network is trained; ``batch`` is of faces of each person."""

    last_rate: float = 5e-5
    every: int = 250
    patience: int = 8
    gain: float = 0.001
    dssim: float = 0.5  # weight of DSSIM beside L1
    mask: float = 0.1  # weight of the mask's L1
    start: str = ""  # weights that come with the package to begin with, by name; from scratch without


def train(
    network: SwapConfig,
    config: TrainConfig,
    lessons: Lessons,
    folder: Path,
    judge: Judge | None = None,
    sheet: Sheet | None = None,
    report: Callable[[Measured], None] | None = None,
    start: Path | None = None,
) -> Path:
    """Train a swap network, or go on with a run that was interrupted.

    Args:
        network: What to train.
        config: How.
        lessons: What it practises on.
        folder: Of the run.
        judge: Measures held-out swaps of the network; its ``score`` is added to the SSIM that decides the stop.
        sheet: Draws what the network can do, RGB uint8.
        report: Called with each measurement.
        start: Weights to begin with (``swap.npz`` of another run), of which a pair takes the encoder; without it those
            that ``config.start`` names.

    Returns:
        The file of the best network.

    Raises:
        TrainingError: The loss is no longer finite, or the checkpoint is damaged or of another run.
        BundleError: ``start`` can't be read or does not fit.
        UnknownName: ``config.start`` is no name of weights that come with the package.
        DataError: Something can't be written. The run goes on from its last checkpoint.
    """
    first = start or (shipped(config.start) if config.start else None)
    runs.go(
        lambda: _Swaps(network, config, lessons, folder, first),
        config.seed,
        folder,
        judged(lessons, judge),
        sheet,
        report,
    )
    return folder / BEST


def judged(lessons: Lessons, judge: Judge | None) -> Judge:
    """Measures a network by PSNR (dB) and SSIM (of luma) of held-out faces, both within the face.

    The score is SSIM plus that of ``judge``, where there is one, whose other findings are told too.
    """
    held = lessons.held_out()

    def measure(model: Any) -> dict[str, float]:
        extra = judge(model) if judge else {}
        alike = [likeness(wanted, made) for wanted, made in zip(held[1], predicted(model, held), strict=True)]
        psnr, ssim = (float(value) for value in np.mean(alike, axis=0))
        return {"psnr": psnr, "ssim": ssim, **extra, "score": ssim + extra.get("score", 0.0)}

    return measure


def predicted(model: Any, batch: Batch, size: int = 32) -> list[Any]:
    """What a network makes of a batch's inputs: a list of float32 arrays, one for each of its outputs."""
    count = len(batch[0][0])
    parts = []
    for at in range(0, count, size):
        made = model(unpacked([x[at : at + size] for x in batch[0]]), training=False)
        parts.append([np.asarray(part) for part in (made if isinstance(made, list) else [made])])
    return [np.concatenate(of_one) for of_one in zip(*parts, strict=True)]


class _Swaps(Practice):
    """A run that may begin with other weights, and whose steps see the faces of several people."""

    def __init__(
        self, network: SwapConfig, config: TrainConfig, lessons: Lessons, folder: Path, start: Path | None
    ) -> None:
        loss = swap_loss(config.dssim, config.mask)
        super().__init__(config, folder, network, build(network), loss, lessons, BEST)
        self.start, self.people = start, len(lessons.held_out()[0])

    @property
    def per_step(self) -> int:
        return self.course.batch * self.people

    def begin(self) -> None:
        if self.start:
            warm_start(self.net, self.network, self.start)
