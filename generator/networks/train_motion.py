"""Trains a motion network on pairs of moments: from one and the motion to the other, it has to draw the other.

Pyramid L1 and DSSIM, where the face is above all, and L1 of the warped source alone, so that motion does what motion
can. The loss on features of the original (Johnson et al., ECCV 2016) is left out for its cost; that of equivariance has
nothing to teach, because key points come from landmarks. How a run goes on and ends is that of `runs`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from catchlight.generator.networks import motion, runs
from catchlight.generator.networks.motion import MotionConfig
from catchlight.generator.networks.practice import Lessons, Practice
from catchlight.generator.networks.runs import Course, Judge, Measured, Sheet
from catchlight.generator.networks.train_autoencoder import ssim

BEST = "motion.npz"
LEVELS = 3  # of the pyramid
WARPED, DSSIM, AROUND = 0.5, 0.3, 0.2  # weights: of the warped source's L1, of DSSIM, of what is no face


def train(
    network: MotionConfig,
    course: Course,
    lessons: Lessons,
    folder: Path,
    judge: Judge,
    sheet: Sheet | None = None,
    report: Callable[[Measured], None] | None = None,
) -> Path:
    """Train a motion network, or go on with a run that was interrupted.

    Args:
        network: What to train.
        course: For how long.
        lessons: What it practises on.
        folder: Of the run.
        judge: Measures a network; its ``score`` decides the stop.
        sheet: Draws what the network can do, RGB uint8.
        report: Called with each measurement.

    Returns:
        The file of the best network.

    Raises:
        TrainingError: The loss is no longer finite, or the checkpoint is damaged or of another run.
        DataError: Something can't be written. The run goes on from its last checkpoint.
    """
    runs.go(
        lambda: Practice(course, folder, network, motion.build(network), motion_loss, lessons, BEST),
        course.seed,
        folder,
        judge,
        sheet,
        report,
    )
    return folder / BEST


def motion_loss(wanted: Any, made: Any) -> Any:
    """Of what `motion.build` gives, against RGB 0 to 1 and `conditions.importance`, (n, side, side, 4)."""
    from keras import ops

    weights, image, picture = wanted[..., 3:] + AROUND, wanted[..., :3], made[..., :3]
    loss = WARPED * ops.sum(weights * ops.abs(image - made[..., 3:6])) / (3 * ops.sum(weights))
    loss = loss + DSSIM * ops.mean(1 - ssim(image, picture)) / 2
    for level in range(LEVELS):
        loss = loss + ops.sum(weights * ops.abs(image - picture)) / (3 * ops.sum(weights)) / LEVELS
        if level < LEVELS - 1:
            image, picture, weights = (ops.average_pool(x, 2, strides=2) for x in (image, picture, weights))
    return loss
