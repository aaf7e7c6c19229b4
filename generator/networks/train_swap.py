"""Trains a swap network: L1 and DSSIM where the face is, eyes and mouth weighted, and the mask; stops by itself.

A run lives in a folder: ``checkpoint.npz`` (all of its state; the one before it in ``checkpoint.previous.npz``),
``log.jsonl``, ``sheet.png``, which shows what it can do by now, and ``swap.npz``, the best network so far. Killed at
any moment, it goes on from the last checkpoint, and ends where an unbroken run ends.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from catchlight.datasets import files
from catchlight.detector.types import Pixels
from catchlight.generator.networks import run_log
from catchlight.generator.networks.swap import SwapConfig
from catchlight.generator.networks.swap_run import BEST, Judge, Measured, Run, TrainConfig
from catchlight.generator.networks.warm_start import shipped, warm_start
from catchlight.generator.swap.lessons import Lessons

SHEET = "sheet.png"
Sheet = Callable[[Any], Pixels]


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
    import keras

    keras.utils.set_random_seed(config.seed)
    with files.exclusive(folder):
        run = Run(network, config, lessons, folder)
        begin = start or (shipped(config.start) if config.start else None)
        if not run.resume() and begin:
            warm_start(run.model, network, begin)
        while not run.over:
            measured = run.stretch(judge)
            if sheet:
                run_log.show(folder / SHEET, sheet(run.model))
            run.keep()
            if report:
                report(measured)
    return folder / BEST
