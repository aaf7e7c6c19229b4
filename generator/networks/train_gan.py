"""Trains a generator against a discriminator; stops by itself where its faces come no nearer to held-out real ones.

What is kept as ``generator.npz`` is the moving average of the generator's weights, which draws better than any of them.
How a run goes on and ends is that of `runs`.

Logistic loss: Goodfellow et al., NeurIPS 2014. Its gradient penalty on real pictures (R1: Mescheder et al., ICML 2018)
is taken by a difference instead of a derivative of a derivative, which needs no code for a single backend: Lin et al.,
"Diffusion Adversarial Post-Training", ICML 2025. Moving average: Yazıcı et al., ICLR 2019.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.errors import ConfigError
from catchlight.detector.types import Pixels
from catchlight.generator.networks import augment, gan, runs, stored
from catchlight.generator.networks.gan import GanConfig
from catchlight.generator.networks.runs import Course, Judge, Measured, Run, Sheet

BEST = "generator.npz"
SHAKE = 0.05  # noise by which real pictures are shaken for the penalty, of a range of 2


@dataclass(frozen=True, slots=True)
class Rules:
    """What generator and discriminator play by."""

    penalty: float = 0.3  # R1's weight: how steep the discriminator may be at real pictures
    average: float = 0.998  # share of the moving average that a step keeps

    def __post_init__(self) -> None:
        if self.penalty < 0 or not 0 <= self.average < 1:
            raise ConfigError(
                f"penalty must be at least 0 and average from 0 to below 1, but {self.penalty:g} and "
                f"{self.average:g} were given."
            )


def train(
    network: GanConfig,
    rules: Rules,
    course: Course,
    faces: Pixels,
    folder: Path,
    judge: Judge,
    sheet: Sheet | None = None,
    report: Callable[[Measured], None] | None = None,
) -> Path:
    """Train a generator, or go on with a run that was interrupted.

    Args:
        network: What to train.
        rules: By what.
        course: For how long.
        faces: Real ones, RGB uint8, shape (n, side, side, 3), all aligned alike; each is seen in a mirror too.
        folder: Of the run.
        judge: Measures a generator; its ``score`` decides the stop.
        sheet: Draws what the generator can do, RGB uint8.
        report: Called with each measurement.

    Returns:
        The file of the best generator.

    Raises:
        TrainingError: The loss is no longer finite, or the checkpoint is damaged or of another run.
        DataError: Something can't be written. The run goes on from its last checkpoint.
    """
    runs.go(lambda: _Game(network, rules, course, faces, folder), course.seed, folder, judge, sheet, report)
    return folder / BEST


def drawn(model: Any, noise: NDArray[np.float32], batch: int = 50) -> Pixels:
    """The faces of latents: RGB uint8, shape (n, side, side, 3)."""
    parts = [np.asarray(model(noise[i : i + batch], training=False)) for i in range(0, len(noise), batch)]
    return np.asarray(np.clip(np.concatenate(parts) * 127.5 + 128, 0, 255), np.uint8)


class _Game(Run):
    """A run of two networks against each other."""

    def __init__(self, network: GanConfig, rules: Rules, course: Course, faces: Pixels, folder: Path) -> None:
        import keras

        super().__init__(course, folder, [asdict(network), asdict(rules)])
        self.network, self.rules, self.faces = network, rules, faces
        self.maker, self.kept = gan.generator(network), gan.generator(network)
        self.judge, self.twin = (gan.discriminator(network, name) for name in ("judge", "twin"))
        self.twin.trainable = False
        self.kept.set_weights(self.maker.get_weights())
        self.twin.set_weights(self.judge.get_weights())
        self.game = gan.game(self.maker, self.judge, self.twin, network)
        optimizer = keras.optimizers.Adam(course.rate, beta_1=0.5, beta_2=0.99)
        self.game.compile(optimizer, _loss(rules.penalty, course.batch), jit_compile=runs.jit())
        optimizer.build(self.game.trainable_variables)

    @property
    def model(self) -> Any:
        return self.kept

    def learn(self) -> float:
        rng = self.draws(self.step)
        self.game.optimizer.learning_rate = self.course.rate_at(self.step)
        wanted = np.zeros((4 * self.course.batch, 1), np.float32)  # the loss knows which part wants what
        loss = float(np.ravel(self.game.train_on_batch(self._batch(rng), wanted))[0])
        self.game.reset_metrics()
        self.twin.set_weights(self.judge.get_weights())
        self._average()
        return loss

    def _batch(self, rng: np.random.Generator) -> list[NDArray[np.float32]]:
        count, side = self.course.batch, self.network.side
        chosen = self.faces[rng.integers(len(self.faces), size=count)]
        mirrored = rng.random(count) < 0.5
        chosen = np.where(mirrored[:, None, None, None], chosen[:, :, ::-1], chosen)
        real = chosen.astype(np.float32) / 127.5 - 1
        shaken = real + SHAKE * rng.standard_normal(real.shape, np.float32)
        noise = rng.standard_normal((count, self.network.latent), np.float32)
        return [noise, real, shaken, *augment.draw(rng, count, side), *augment.draw(rng, count, side)]

    def _average(self) -> None:
        # Slower from the start on, or the first, empty weights would weigh for long.
        keep = min(self.rules.average, (1 + self.step) / (10 + self.step))
        pairs = zip(self.kept.get_weights(), self.maker.get_weights(), strict=True)
        self.kept.set_weights([new + keep * (old - new) for old, new in pairs])

    def save(self) -> None:
        stored.save(self.kept, self.network, self.folder / BEST)

    def state(self) -> list[Any]:
        networks = (self.maker, self.judge, self.twin, self.kept)
        return [v for each in (*networks, self.game.optimizer) for v in each.variables]


def _loss(penalty: float, count: int) -> Callable[[Any, Any], Any]:
    """Of both networks; `gan.game` sees to it that each learns from its own part."""
    from keras import ops

    # With n standard normal, (D(x + s n) - D(x))² is s² times the squared gradient, in the mean.
    weight = penalty / (2 * SHAKE**2)

    def loss(_wanted: Any, logits: Any) -> Any:
        real, made, shaken, fooled = (logits[i * count : (i + 1) * count] for i in range(4))
        judging = ops.mean(ops.softplus(-real)) + ops.mean(ops.softplus(made))
        return judging + weight * ops.mean(ops.square(shaken - real)) + ops.mean(ops.softplus(-fooled))

    return loss
