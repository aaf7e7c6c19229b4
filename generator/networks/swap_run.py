"""One training run of a swap network: its state, and what it does between two measurements."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from catchlight.detector.errors import ConfigError, TrainingError
from catchlight.generator.networks import checkpoint, run_log, stored
from catchlight.generator.networks.swap import SwapConfig, build
from catchlight.generator.networks.swap_loss import likeness, swap_loss
from catchlight.generator.swap.lessons import Batch, Lessons

CHECKPOINT, PREVIOUS, LOG, BEST = "checkpoint.npz", "checkpoint.previous.npz", "log.jsonl", "swap.npz"
Judge = Callable[[Any], dict[str, float]]


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """How a swap network is trained."""

    steps: int = 20_000  # at most; the run stops earlier where the held-out faces gain nothing
    batch: int = 16  # faces of each person in a step
    rate: float = 5e-4  # Adam's first learning rate
    last_rate: float = 5e-5  # and its last, after `steps`, along a cosine
    dssim: float = 0.5  # weight of DSSIM beside L1
    mask: float = 0.1  # weight of the mask's L1
    every: int = 250  # steps from one measurement, sheet and checkpoint to the next
    patience: int = 8  # measurements without a gain after which it stops
    gain: float = 0.001  # of the score, below which a measurement is no gain
    minutes: float = 0.0  # after which it stops too; 0 never. Wall clock, summed over all its parts
    start: str = ""  # weights that come with the package to begin with, by name; from scratch without
    seed: int = 1  # of first weights and of all that is drawn

    def __post_init__(self) -> None:
        if min(self.steps, self.batch, self.every, self.patience) < 1 or min(self.rate, self.last_rate) <= 0:
            raise ConfigError(
                "steps, batch, every and patience must be at least 1 and the rates above 0, but "
                f"{self.steps}, {self.batch}, {self.every}, {self.patience}, {self.rate:g} and {self.last_rate:g} "
                "were given."
            )


@dataclass(frozen=True, slots=True)
class Measured:
    """How a run stands.

    Attributes:
        step: Steps done.
        loss: Mean of the steps since the last measurement.
        psnr: Of the held-out faces, dB, within the face.
        ssim: Likewise, of luma.
        extra: What the run's own judge measured, as identity and expression of held-out swaps.
        images: Faces a second that were trained on since the last measurement.
        cpu: CPU seconds that a thousand of them took.
        minutes: Wall clock of the run, all its parts.
        score: What decides the stop: SSIM plus whatever the judge adds.
        best: Whether no earlier measurement scored as high.
    """

    step: int
    loss: float
    psnr: float
    ssim: float
    extra: dict[str, float]
    images: float
    cpu: float
    minutes: float
    score: float
    best: bool


class Run:
    """A run, from its first step or from its last checkpoint.

    Args:
        network: What to train.
        config: How.
        lessons: What it practises on.
        folder: Where it keeps what it makes.
    """

    def __init__(self, network: SwapConfig, config: TrainConfig, lessons: Lessons, folder: Path) -> None:
        import keras

        self.network, self.config, self.lessons, self.folder = network, config, lessons, folder
        self.model = build(network)
        optimizer = keras.optimizers.Adam(config.rate, beta_1=0.5, beta_2=0.99, global_clipnorm=1.0)
        self.model.compile(optimizer, swap_loss(config.dssim, config.mask), jit_compile=False)
        optimizer.build(self.model.trainable_variables)
        self.held = lessons.held_out()
        self.identity = json.dumps([asdict(network), {**asdict(config), "minutes": 0.0}])
        self.step, self.best, self.since, self.minutes = 0, -math.inf, 0, 0.0

    @property
    def over(self) -> bool:
        """Whether it has come to its end."""
        config = self.config
        spent = config.minutes > 0 and self.minutes >= config.minutes
        return self.step >= config.steps or self.since >= config.patience or spent

    def stretch(self, judge: Judge | None) -> Measured:
        """Train until the next measurement, and make it."""
        wall, cpu, before = time.monotonic(), time.process_time(), self.step
        losses = []
        while self.step < min(self.config.steps, before + self.config.every):
            losses.append(self._learn())
            self.step += 1
        wall, cpu = time.monotonic() - wall, time.process_time() - cpu
        self.minutes += wall / 60
        count = len(losses) * self.config.batch * len(self.held[0])
        extra = judge(self.model) if judge else {}
        psnr, alike = self._alike()
        score = alike + extra.get("score", 0.0)
        gained = score > self.best + self.config.gain
        self.since = 0 if gained else self.since + 1
        best = score > self.best
        self.best = max(self.best, score) if gained else self.best
        measured = Measured(
            self.step, float(np.mean(losses)), psnr, alike, extra, count / wall, 1000 * cpu / count, self.minutes,
            score, best,
        )  # fmt: skip
        if best:
            stored.save(self.model, self.network, self.folder / BEST)
        run_log.add(self.folder / LOG, asdict(measured))
        return measured

    def _learn(self) -> float:
        # A generator for each step: a resumed run sees the batches that an unbroken one sees.
        inputs, wanted = self.lessons.batch(
            np.random.default_rng([self.config.seed, self.step]), self.config.batch
        )
        self.model.optimizer.learning_rate = _rate(self.step, self.config)
        loss = float(np.ravel(self.model.train_on_batch(_one(inputs), _one(wanted)))[0])
        self.model.reset_metrics()
        if not math.isfinite(loss):
            raise TrainingError(
                f"the loss is {loss} at step {self.step}; lower the rate ({self.config.rate:g}). The run's last "
                f"checkpoint and its best network are kept in {self.folder}."
            )
        return loss

    def _alike(self) -> tuple[float, float]:
        found = [
            likeness(wanted, made)
            for wanted, made in zip(self.held[1], predicted(self.model, self.held), strict=True)
        ]
        psnr, alike = np.mean(found, axis=0)
        return float(psnr), float(alike)

    def keep(self) -> None:
        """Write a checkpoint."""
        facts = {"step": self.step, "best": self.best, "since": self.since, "minutes": self.minutes}
        checkpoint.keep(self.folder / CHECKPOINT, self.folder / PREVIOUS, self.identity, facts, self._state())

    def resume(self) -> bool:
        """Take over what an interrupted run left; False where there is none."""
        facts = checkpoint.resume(
            self.folder / CHECKPOINT, self.folder / PREVIOUS, self.identity, self._state()
        )
        if facts is None:
            (self.folder / LOG).unlink(missing_ok=True)
            return False
        self.step, self.since = int(facts["step"]), int(facts["since"])
        self.best, self.minutes = facts["best"], facts["minutes"]
        run_log.cut(self.folder / LOG, self.step)
        return True

    def _state(self) -> list[Any]:
        return [*self.model.variables, *self.model.optimizer.variables]


def predicted(model: Any, batch: Batch, size: int = 32) -> list[Any]:
    """What a network makes of a batch's inputs: a list of float32 arrays, one for each of its outputs."""
    count = len(batch[0][0])
    parts = []
    for at in range(0, count, size):
        made = model(
            [x[at : at + size] for x in batch[0]] if len(batch[0]) > 1 else batch[0][0][at : at + size],
            training=False,
        )
        parts.append([np.asarray(part) for part in (made if isinstance(made, list) else [made])])
    return [np.concatenate(of_one) for of_one in zip(*parts, strict=True)]


def _one(values: list[Any]) -> Any:
    return values if len(values) > 1 else values[0]


def _rate(step: int, config: TrainConfig) -> float:
    along = 0.5 * (1 + math.cos(math.pi * step / config.steps))
    return config.last_rate + (config.rate - config.last_rate) * along
