"""Trains a swap network: L1 and DSSIM where the face is, eyes and mouth weighted, and the mask; stops by itself.

A run lives in a folder: ``checkpoint.npz`` (all of its state; the one before it in ``checkpoint.previous.npz``),
``log.jsonl``, ``sheet.png``, which shows what it can do by now, and ``swap.npz``, the best network so far. Killed at
any moment, it goes on from the last checkpoint, and ends where an unbroken run ends.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from catchlight.datasets import files
from catchlight.detector.errors import BundleError, ConfigError, TrainingError
from catchlight.detector.types import Pixels
from catchlight.generator.networks import checkpoint, swap_files
from catchlight.generator.networks.swap import SwapConfig, build
from catchlight.generator.networks.swap_loss import likeness, swap_loss
from catchlight.generator.swap.lessons import Batch, Lessons

CHECKPOINT, PREVIOUS, LOG, SHEET, BEST = (
    "checkpoint.npz",
    "checkpoint.previous.npz",
    "log.jsonl",
    "sheet.png",
    "swap.npz",
)


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


Judge = Callable[[Any], dict[str, float]]
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
        start: Weights (``swap.npz`` of another run) to begin with; of a pair, only the encoder is taken.

    Returns:
        The file of the best network.

    Raises:
        TrainingError: The loss is no longer finite, or the checkpoint is damaged or of another run.
        BundleError: ``start`` can't be read or does not fit.
        DataError: Something can't be written. The run goes on from its last checkpoint.
    """
    import keras

    keras.utils.set_random_seed(config.seed)
    with files.exclusive(folder):
        run = _Run(network, config, lessons, folder)
        if not run.resume() and start:
            warm_start(run.model, network, start)
        while not run.over:
            measured = run.stretch(judge)
            if sheet:
                _write_png(folder / SHEET, sheet(run.model))
            run.keep()
            if report:
                report(measured)
    return folder / BEST


def warm_start(model: Any, network: SwapConfig, start: Path) -> None:
    """Give a network the weights of a trained one: all of a one-shot network's, a pair's encoder.

    Raises:
        BundleError: They can't be read, or the networks differ.
    """
    trained, other = swap_files.load(start)
    fits = (other.kind, other.encoder, other.code) == (network.kind, network.encoder, network.code)
    if not fits or (network.kind == "pair" and other.side != network.side):
        raise BundleError(f"{start} is a network of {other}, which can't start one of {network}")
    try:
        if network.kind == "pair":
            model.get_layer("encoder").set_weights(trained.get_layer("encoder").get_weights())
        else:
            model.set_weights(trained.get_weights())
    except ValueError as error:
        raise BundleError(f"{start} does not fit the network to train: {error}") from error


class _Run:
    """One run's state, and what it does between two measurements."""

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
            swap_files.save(self.model, self.network, self.folder / BEST)
        _log(self.folder / LOG, measured)
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
        _cut_log(self.folder / LOG, self.step)
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


def _log(path: Path, measured: Measured) -> None:
    with files.writing(path), path.open("a") as file:
        file.write(json.dumps(asdict(measured)) + "\n")


def _cut_log(path: Path, step: int) -> None:
    """Leave out what an interrupted run measured after its last checkpoint; it is measured again."""
    if not path.exists():
        return
    lines = [line for line in path.read_text().splitlines() if _step_of(line) <= step]
    with files.whole(path) as partial:
        partial.write_text("".join(f"{line}\n" for line in lines))


def _step_of(line: str) -> float:
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):  # the line that a kill cut off
        return math.inf


def _write_png(path: Path, image: Pixels) -> None:
    from PIL import Image

    with files.whole(path) as partial:
        Image.fromarray(image).save(partial)
