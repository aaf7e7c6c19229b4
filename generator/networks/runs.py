"""What training runs have in common: they measure, stop by themselves, keep all of their state, and go on from there.

A run lives in a folder: ``checkpoint.npz`` (the one before it in ``checkpoint.previous.npz``), ``log.jsonl``,
``sheet.png``, which shows what it can do by now, and the best network so far. Killed at any moment, it goes on from the
last checkpoint, and ends where an unbroken run ends.
"""

from __future__ import annotations

import json
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from catchlight.datasets import files
from catchlight.detector.errors import ConfigError, TrainingError
from catchlight.detector.types import Pixels
from catchlight.generator.networks import checkpoint, run_log

CHECKPOINT, PREVIOUS, LOG, SHEET = "checkpoint.npz", "checkpoint.previous.npz", "log.jsonl", "sheet.png"
Judge = Callable[[Any], dict[str, float]]
Sheet = Callable[[Any], Pixels]


@dataclass(frozen=True, slots=True)
class Course:
    """How long a run goes on, and how fast it learns."""

    steps: int = 20_000  # at most; the run stops earlier where the held-out measure gains nothing
    batch: int = 16  # faces, or pairs of them, in a step
    rate: float = 5e-4  # Adam's first learning rate
    last_rate: float = 1e-4  # and its last, after `steps`, along a cosine
    every: int = 500  # steps from one measurement, sheet and checkpoint to the next
    patience: int = 12  # measurements without a gain after which it stops
    gain: float = 0.01  # of the score, below which a measurement is no gain
    minutes: float = 0.0  # after which it stops too; 0 never. Wall clock, summed over all its parts
    seed: int = 1  # of first weights and of all that is drawn

    def __post_init__(self) -> None:
        if min(self.steps, self.batch, self.every, self.patience) < 1 or min(self.rate, self.last_rate) <= 0:
            raise ConfigError(
                "steps, batch, every and patience must be at least 1 and the rates above 0, but "
                f"{self.steps}, {self.batch}, {self.every}, {self.patience}, {self.rate:g} and {self.last_rate:g} "
                "were given."
            )

    def rate_at(self, step: int) -> float:
        """The learning rate of a step."""
        along = 0.5 * (1 + math.cos(math.pi * step / self.steps))
        return self.last_rate + (self.rate - self.last_rate) * along


@dataclass(frozen=True, slots=True)
class Measured:
    """How a run stands.

    Attributes:
        step: Steps done.
        seen: Faces or pairs in them.
        loss: Mean of the steps since the last measurement.
        score: What decides the stop, the higher the better.
        found: What the judge measured.
        speed: Faces or pairs a second since the last measurement.
        cpu: CPU seconds that a thousand of them took.
        minutes: Wall clock of the run, all its parts.
        best: Whether no earlier measurement scored as high.
    """

    step: int
    seen: int
    loss: float
    score: float
    found: dict[str, float]
    speed: float
    cpu: float
    minutes: float
    best: bool


class Run(ABC):
    """A run, from its first step or from its last checkpoint.

    Args:
        course: How long.
        folder: Where it keeps what it makes.
        identity: What tells it from others: with another one, its checkpoint does not serve.
    """

    def __init__(self, course: Course, folder: Path, identity: Sequence[dict[str, Any]]) -> None:
        self.course, self.folder = course, folder
        self.identity = json.dumps([*identity, {**asdict(course), "minutes": 0.0}])
        self.step, self.best, self.since, self.minutes = 0, -math.inf, 0, 0.0

    @property
    @abstractmethod
    def model(self) -> Any:
        """The network that is judged and kept."""

    @property
    def per_step(self) -> int:
        """Faces, or pairs of them, that one step sees."""
        return self.course.batch

    def begin(self) -> None:  # noqa: B027
        """Done before the first step of a run that has no checkpoint."""

    @abstractmethod
    def learn(self) -> float:
        """One step, all of whose randomness comes from `draws`; its loss."""

    @abstractmethod
    def save(self) -> None:
        """Write the network as the best so far."""

    @abstractmethod
    def state(self) -> list[Any]:
        """All Keras variables that the next step depends on."""

    @property
    def over(self) -> bool:
        """Whether it has come to its end."""
        spent = self.course.minutes > 0 and self.minutes >= self.course.minutes
        return self.step >= self.course.steps or self.since >= self.course.patience or spent

    def stretch(self, judge: Judge) -> Measured:
        """Train until the next measurement, and make it; ``score`` of what the judge finds decides the stop."""
        wall, cpu, before = time.monotonic(), time.process_time(), self.step
        losses = []
        while self.step < min(self.course.steps, before + self.course.every):
            losses.append(self._step())
        wall, cpu = time.monotonic() - wall, time.process_time() - cpu
        self.minutes += wall / 60
        found = judge(self.model)
        score, seen = found["score"], self.per_step * len(losses)
        best = score > self.best
        gained = score > self.best + self.course.gain
        self.since = 0 if gained else self.since + 1
        self.best = score if gained else self.best
        if best:
            self.save()
        measured = Measured(
            self.step, self.step * self.per_step, float(np.mean(losses)), score,
            {name: value for name, value in found.items() if name != "score"},
            seen / wall, 1000 * cpu / seen, self.minutes, best,
        )  # fmt: skip
        run_log.add(self.folder / LOG, asdict(measured))
        return measured

    def draws(self, step: int) -> np.random.Generator:
        """Of one step alone, so that a resumed run draws what an unbroken one draws."""
        return np.random.default_rng([self.course.seed, step])

    def _step(self) -> float:
        loss = self.learn()
        if not math.isfinite(loss):
            raise TrainingError(
                f"the loss is {loss} at step {self.step}; lower the rate ({self.course.rate:g}). The run's last "
                f"checkpoint and its best network are kept in {self.folder}."
            )
        self.step += 1
        return loss

    def keep(self) -> None:
        """Write a checkpoint."""
        facts = {"step": self.step, "best": self.best, "since": self.since, "minutes": self.minutes}
        checkpoint.keep(self.folder / CHECKPOINT, self.folder / PREVIOUS, self.identity, facts, self.state())

    def resume(self) -> None:
        """Take over what an interrupted run left; begin where there is nothing."""
        facts = checkpoint.resume(
            self.folder / CHECKPOINT, self.folder / PREVIOUS, self.identity, self.state()
        )
        if facts is None:
            (self.folder / LOG).unlink(missing_ok=True)
            self.begin()
            return
        self.step, self.since = int(facts["step"]), int(facts["since"])
        self.best, self.minutes = facts["best"], facts["minutes"]
        run_log.cut(self.folder / LOG, self.step)


def go(
    begin: Callable[[], Run],
    seed: int,
    folder: Path,
    judge: Judge,
    sheet: Sheet | None = None,
    report: Callable[[Measured], None] | None = None,
) -> None:
    """Bring a run to its end, from wherever it stands.

    Args:
        begin: Makes the run in its first state.
        seed: Of its first weights.
        folder: Of the run, for this process alone meanwhile.
        judge: Measures the network.
        sheet: Draws what it can do, RGB uint8.
        report: Called with each measurement.

    Raises:
        TrainingError: The loss is no longer finite, or the checkpoint is damaged or of another run.
        DataError: Something can't be written. The run goes on from its last checkpoint.
    """
    import keras

    keras.utils.set_random_seed(seed)
    with files.exclusive(folder):
        run = begin()
        run.resume()
        while not run.over:
            measured = run.stretch(judge)
            if sheet:
                run_log.show(folder / SHEET, sheet(run.model))
            run.keep()
            if report:
                report(measured)


def jit() -> bool:
    """Whether steps are compiled by XLA: on CPUs that is far slower, but JAX knows no other way."""
    import keras

    return bool(keras.backend.backend() == "jax")
