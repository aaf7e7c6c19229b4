"""Trains a motion network on pairs of moments: from one and the motion to the other, it has to draw the other.

Pyramid L1 and DSSIM, where the face is above all, and L1 of the warped source alone, so that motion does what motion
can. The loss on features of the original (Johnson et al., ECCV 2016) is left out for its cost; that of equivariance has
nothing to teach, because key points come from landmarks. How a run goes on and ends is that of `runs`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from catchlight.generator.networks import motion, runs, stored
from catchlight.generator.networks.motion import MotionConfig
from catchlight.generator.networks.runs import Course, Judge, Measured, Run, Sheet
from catchlight.generator.networks.train_autoencoder import ssim

BEST = "motion.npz"
LEVELS = 3  # of the pyramid
WARPED, DSSIM, AROUND = 0.5, 0.3, 0.2  # weights: of the warped source's L1, of DSSIM, of what is no face
Floats = NDArray[np.float32]
Batch = tuple[
    list[Floats], Floats
]  # what `motion.build` takes; RGB 0 to 1 and importance that it should give


class Lessons(Protocol):
    """Where a run has its pairs from."""

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """So many pairs."""
        ...


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
    runs.go(lambda: _Practice(network, course, lessons, folder), course.seed, folder, judge, sheet, report)
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


class _Practice(Run):
    """A run of one network."""

    def __init__(self, network: MotionConfig, course: Course, lessons: Lessons, folder: Path) -> None:
        import keras

        super().__init__(course, folder, [asdict(network)])
        self.network, self.lessons, self.net = network, lessons, motion.build(network)
        optimizer = keras.optimizers.Adam(course.rate, beta_1=0.5, beta_2=0.99, global_clipnorm=1.0)
        self.net.compile(optimizer, motion_loss, jit_compile=runs.jit())
        optimizer.build(self.net.trainable_variables)

    @property
    def model(self) -> Any:
        return self.net

    def learn(self, rng: np.random.Generator) -> float:
        inputs, wanted = self.lessons.batch(rng, self.course.batch)
        self.net.optimizer.learning_rate = self.course.rate_at(self.step)
        loss = float(np.ravel(self.net.train_on_batch(inputs, wanted))[0])
        self.net.reset_metrics()
        return loss

    def save(self) -> None:
        stored.save(self.net, self.network, self.folder / BEST)

    def state(self) -> list[Any]:
        return [*self.net.variables, *self.net.optimizer.variables]
